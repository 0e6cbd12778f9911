//! Proof envelope: a segment proof as it travels.
//!
//! ```text
//! "PFPF" | version u8 = 1 | VK digest 32 | segment inputs | proof length u16 | proof
//! ```
//!
//! The proof's bytes are halo2's (SHPLONK over BN254, Poseidon transcript); their exact length follows from the VK and
//! the verifier demands it. A proof's bytes are never an identity: what it proves is its inputs.

use crate::bounded::Bytes;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::field::Fr;
use crate::limits::PROOF_BYTES_MAX;
use crate::segment::SegmentInputs;
use alloc::vec::Vec;

/// A segment proof with what it claims to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofEnvelope {
    /// Which verifying key it is for.
    pub vk: Fr,
    /// What it proves.
    pub inputs: SegmentInputs,
    /// The proof.
    pub proof: Bytes<PROOF_BYTES_MAX>,
}

const MAGIC: [u8; 4] = *b"PFPF";
const VERSION: u8 = 1;

impl Encode for ProofEnvelope {
    fn encode_to(&self, out: &mut Vec<u8>) {
        Writer::new(out).bytes(&MAGIC).u8(VERSION).field(&self.vk);
        self.inputs.encode_to(out);
        Writer::new(out).bytes16(&self.proof);
    }
}

impl Decode for ProofEnvelope {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_magic(MAGIC)?;
        reader.expect_u8("envelope version", VERSION)?;
        Ok(Self {
            vk: reader.field("VK digest")?,
            inputs: SegmentInputs::read(reader)?,
            proof: Bytes::read16(reader, "proof")?,
        })
    }
}
