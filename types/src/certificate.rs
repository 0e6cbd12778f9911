//! Certificate: the sequencer set's signature over a block, in the bytes of simplex consensus.
//!
//! A committee of one and a committee of a hundred produce the same bytes: a BLS12-381 threshold signature (signatures
//! in G1, keys in G2) over a simplex *finalize* vote.
//!
//! ```text
//! proposal     epoch varint | view varint | parent view varint | payload 32       (payload = block digest)
//! signed       varint(length of namespace) | namespace | proposal
//! namespace    "playfair/1/" | ordering id 32 | "_FINALIZE"
//! certificate  proposal | signature 48                                            (83 bytes while numbers are small)
//! ```
//!
//! The ordering id names what the committee orders: the chain id when it orders one chain.
//! Varints are LEB128, least significant group first, and must be minimal. The signature scheme is
//! `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_`; verifying it needs pairings and lives in the light client.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::field::{Fr, fr_to_bytes};
use alloc::vec::Vec;

/// A simplex finalization: what was agreed, and the committee's signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Which committee; grows by one at each handover.
    pub epoch: u64,
    /// The round in which the block was agreed.
    pub view: u64,
    /// The round of its parent, below `view`.
    pub parent_view: u64,
    /// The block's digest, see [`crate::header::Header::digest`].
    pub payload: [u8; 32],
    /// A compressed point of G1.
    pub signature: [u8; 48],
}

impl Certificate {
    /// The bytes that the committee signs.
    #[must_use]
    pub fn signed_bytes(&self, ordering_id: Fr) -> Vec<u8> {
        let mut out = namespaced(ordering_id, b"_FINALIZE");
        self.write_proposal(&mut out);
        out
    }

    /// The bytes that the committee signs for the seed of a block whose parent was agreed in this certificate's parent
    /// view: the round alone, as commonware's threshold VRF does.
    #[must_use]
    pub fn seed_bytes(&self, ordering_id: Fr) -> Vec<u8> {
        let mut out = namespaced(ordering_id, b"_SEED");
        write_varint(&mut out, self.epoch);
        write_varint(&mut out, self.parent_view);
        out
    }

    fn write_proposal(&self, out: &mut Vec<u8>) {
        write_varint(out, self.epoch);
        write_varint(out, self.view);
        write_varint(out, self.parent_view);
        out.extend_from_slice(&self.payload);
    }
}

/// A sequencer committee: whose threshold signature makes a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committee {
    /// Its number; the first committee of a chain is 0.
    pub epoch: u64,
    /// Its threshold key: a compressed point of G2.
    pub public_key: [u8; 96],
    /// How many members it has, at least 1.
    pub members: u16,
    /// How many of them sign, more than two thirds.
    pub threshold: u16,
}

/// One committee hands over to the next: the old one says where it stopped. Fresh keys each time; sharing the old key
/// anew would leave whoever had it with the whole of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handover {
    /// Who hands over.
    pub old: Committee,
    /// The last height that the old committee certifies. A certificate of its epoch above this is evidence against it.
    pub last_height: u64,
    /// Digest of that block: the parent of the new committee's first.
    pub last_digest: [u8; 32],
    /// Who takes over; its epoch is one more.
    pub new: Committee,
    /// The old committee's signature over [`Handover::signed_bytes`].
    pub signature: [u8; 48],
}

impl Handover {
    /// The bytes that the old committee signs.
    #[must_use]
    pub fn signed_bytes(&self, ordering_id: Fr) -> Vec<u8> {
        let mut out = namespaced(ordering_id, b"_HANDOVER");
        self.write_content(&mut out);
        out
    }

    fn write_content(&self, out: &mut Vec<u8>) {
        self.old.encode_to(out);
        Writer::new(out).u64(self.last_height).bytes(&self.last_digest);
        self.new.encode_to(out);
    }
}

impl Encode for Handover {
    fn encode_to(&self, out: &mut Vec<u8>) {
        self.write_content(out);
        out.extend_from_slice(&self.signature);
    }
}

impl Decode for Handover {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let old = Committee::read(reader)?;
        let (last_height, last_digest) = (reader.u64("last height")?, reader.array("last digest")?);
        let new = Committee::read(reader)?;
        if old.epoch.checked_add(1) != Some(new.epoch) {
            return Err(DecodeError::NonCanonical("committee epoch"));
        }
        Ok(Self {
            old,
            last_height,
            last_digest,
            new,
            signature: reader.array("signature")?,
        })
    }
}

/// `varint(length) | namespace` for one ordering and one purpose.
fn namespaced(ordering_id: Fr, purpose: &[u8]) -> Vec<u8> {
    let mut namespace = b"playfair/1/".to_vec();
    namespace.extend_from_slice(&fr_to_bytes(&ordering_id));
    namespace.extend_from_slice(purpose);
    let mut out = Vec::with_capacity(namespace.len() + 96);
    write_varint(&mut out, namespace.len() as u64);
    out.extend_from_slice(&namespace);
    out
}

fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push(value as u8);
}

fn read_varint(reader: &mut Reader<'_>, what: &'static str) -> Result<u64, DecodeError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = reader.u8(what)?;
        let group = u64::from(byte & 0x7f);
        // The tenth group holds one bit.
        if shift == 63 && byte > 1 {
            return Err(DecodeError::NonCanonical(what));
        }
        value |= group << shift;
        if byte & 0x80 == 0 {
            // A last group of zero is a longer spelling of the same number.
            let minimal = group != 0 || shift == 0;
            return if minimal {
                Ok(value)
            } else {
                Err(DecodeError::NonCanonical(what))
            };
        }
    }
    Err(DecodeError::NonCanonical(what))
}

impl Encode for Certificate {
    fn encode_to(&self, out: &mut Vec<u8>) {
        self.write_proposal(out);
        out.extend_from_slice(&self.signature);
    }
}

impl Decode for Certificate {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let epoch = read_varint(reader, "epoch")?;
        let view = read_varint(reader, "view")?;
        let parent_view = read_varint(reader, "parent view")?;
        if parent_view >= view {
            return Err(DecodeError::NonCanonical("parent view"));
        }
        Ok(Self {
            epoch,
            view,
            parent_view,
            payload: reader.array("payload")?,
            signature: reader.array("signature")?,
        })
    }
}

impl Encode for Committee {
    fn encode_to(&self, out: &mut Vec<u8>) {
        Writer::new(out)
            .u64(self.epoch)
            .bytes(&self.public_key)
            .u16(self.members)
            .u16(self.threshold);
    }
}

impl Decode for Committee {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (epoch, public_key) = (reader.u64("committee epoch")?, reader.array("committee key")?);
        let (members, threshold) = (reader.u16("members")?, reader.u16("threshold")?);
        // n >= 3f + 1 members tolerate f faults; n - f sign.
        let quorum = members.checked_sub(1).map(|less| members - less / 3);
        if quorum != Some(threshold) {
            return Err(DecodeError::NonCanonical("threshold"));
        }
        Ok(Self {
            epoch,
            public_key,
            members,
            threshold,
        })
    }
}
