//! Block header: what a certificate signs. It carries the whole boundary after the block, so that a certificate and a
//! proof that speak of the same place can be compared field by field.
//!
//! ```text
//! version u8 = 1 | chain id 32 | parent digest 32 | tape accumulator before the block 32 | records u32
//! | boundary after the block 298 | calls root 32 | receipts root 32
//! ```
//!
//! The digest, which certificates call the payload, is `SHA-256("playfair/1/block" | header)`.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::field::Fr;
use crate::segment::Boundary;
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// A block header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The chain.
    pub chain_id: Fr,
    /// Digest of the header before; zero for the genesis block.
    pub parent: [u8; 32],
    /// The tape accumulator before the block's first record.
    pub tape_before: Fr,
    /// How many records the block has, its block record included.
    pub records: u32,
    /// Everything after the block's last record.
    pub after: Boundary,
    /// [`crate::inclusion::root`] over the bytes of the block's records, its block record included.
    pub calls_root: [u8; 32],
    /// [`crate::inclusion::root`] over the block's encoded receipts, as many as records.
    pub receipts_root: [u8; 32],
}

const VERSION: u8 = 1;

impl Header {
    /// The block's digest.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut sha = Sha256::new();
        sha.update(b"playfair/1/block");
        sha.update(self.encode());
        sha.finalize().into()
    }
}

impl Encode for Header {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u8(VERSION)
            .field(&self.chain_id)
            .bytes(&self.parent)
            .field(&self.tape_before)
            .u32(self.records);
        self.after.encode_to(out);
        Writer::new(out)
            .bytes(&self.calls_root)
            .bytes(&self.receipts_root);
    }
}

impl Decode for Header {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("header version", VERSION)?;
        let (chain_id, parent) = (reader.field("chain id")?, reader.array("parent")?);
        let (tape_before, records) = (reader.field("tape before")?, reader.u32("records")?);
        if records == 0 {
            return Err(DecodeError::NonCanonical("records"));
        }
        let after = Boundary::read(reader)?;
        let (calls_root, receipts_root) = (reader.array("calls root")?, reader.array("receipts root")?);
        Ok(Self {
            chain_id,
            parent,
            tape_before,
            records,
            after,
            calls_root,
            receipts_root,
        })
    }
}
