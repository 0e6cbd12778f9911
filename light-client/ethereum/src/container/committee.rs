//! Sync committees and what they sign with.

use crate::Preset;
use crate::error::Malformed;
use crate::ssz::{self, Reader, Root};
use alloc::vec::Vec;

/// The keys of a sync committee, compressed, in the order of the bits that say who signed. A validator may be in it
/// several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncCommittee {
    /// As many as the preset says.
    pub pubkeys: Vec<[u8; 48]>,
    /// Their sum.
    pub aggregate_pubkey: [u8; 48],
}

impl SyncCommittee {
    pub(crate) fn fixed(preset: &Preset) -> usize {
        preset.committee_size.saturating_add(1).saturating_mul(48)
    }

    pub(crate) fn read(preset: &Preset, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            pubkeys: reader.arrays(preset.committee_size)?,
            aggregate_pubkey: reader.array()?,
        })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        self.pubkeys.iter().for_each(|key| out.extend(key));
        out.extend(self.aggregate_pubkey);
    }

    /// `hash_tree_root`.
    pub fn root(&self) -> Root {
        let key_root = |key: &[u8; 48]| ssz::root_of_bytes(key, 1);
        let keys: Vec<Root> = self.pubkeys.iter().map(key_root).collect();
        // A power of two of keys.
        let depth = keys.len().checked_ilog2().unwrap_or_default();
        ssz::node(&ssz::root(keys, depth), &key_root(&self.aggregate_pubkey))
    }
}

/// Who of a sync committee signed, and the sum of their signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncAggregate {
    /// A bit for each key, the lowest of the first byte for the first.
    pub bits: Vec<u8>,
    /// The signature.
    pub signature: [u8; 96],
}

impl SyncAggregate {
    pub(crate) fn fixed(preset: &Preset) -> usize {
        (preset.committee_size / 8).saturating_add(96)
    }

    pub(crate) fn read(preset: &Preset, reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            bits: reader.bytes(preset.committee_size / 8)?.to_vec(),
            signature: reader.array()?,
        })
    }

    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        out.extend(&self.bits);
        out.extend(self.signature);
    }

    /// How many signed.
    pub fn participants(&self) -> u64 {
        self.bits.iter().map(|byte| u64::from(byte.count_ones())).sum()
    }

    /// Who signed, one by one.
    pub(crate) fn marks(&self) -> Vec<bool> {
        let bits_of = |byte: &u8| {
            let byte = *byte;
            (0..8u32).map(move |bit| (byte >> bit) & 1 == 1)
        };
        self.bits.iter().flat_map(bits_of).collect()
    }
}
