//! The three uses of Poseidon, and the tag of each.
//!
//! - **node**: [`node`] is `poseidon2`, used for the inner nodes of trees and for nothing else. Leaves are `poseidon5`
//!   outputs, so a leaf can never pass for a node: they come from different permutations.
//! - **hash**: [`hash`] absorbs a list four elements at a time with `poseidon5`. The first input of the first block is
//!   the tag with the list's length in its low 64 bits, so that uses never collide with each other, no list is a
//!   prefix of another, and nothing can be appended to a hashed list.
//! - **absorb**: [`absorb`] extends an accumulator by exactly four elements (a frame, or a receipt). Accumulators are
//!   *meant* to be extended; they start from a tagged [`hash`] of the chain id and travel with their length.
//!
//! All of it is circomlib's Poseidon with capacity 0, so `poseidon-lite`, circomlibjs and poseidon-solidity compute
//! the same values.

use crate::crypto::field::{Fr, pack24};
use crate::crypto::poseidon::{poseidon2, poseidon5};
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, PrimeField};

/// What a hash is for. The tag's number is the big-endian integer of its ASCII name, shifted left by 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tag {
    /// An account id from its first key: `(Ax, Ay)`.
    Account,
    /// An account id from an L1 address: `(address)`.
    AccountL1,
    /// A call's signed message.
    Call,
    /// A chain id: `(l1 chain id, settlement, genesis hash, salt)`.
    Chain,
    /// An event: `(topic, 24-byte limbs of data)`; the length is that of the data in bytes.
    Event,
    /// A call's list of events: `(previous, event)`.
    Events,
    /// A genesis hash: 31-byte limbs; the length is in bytes.
    Genesis,
    /// The inbox accumulator's start: `(chain id)`.
    Inbox,
    /// A user key of the state: 24-byte limbs; the length is in bytes.
    Key,
    /// A leaf of the state tree: `(key, value hash)`.
    Leaf,
    /// The outbox accumulator's start: `(chain id)`.
    Outbox,
    /// A call's return value or revert message: 24-byte limbs; the length is in bytes.
    Output,
    /// Block randomness: `(chain id, height, seed)`.
    Random,
    /// The receipts accumulator's start: `(chain id)`.
    Receipts,
    /// A system key of the state: `(kind, id, index)`.
    System,
    /// The tape accumulator's start: `(chain id)`.
    Tape,
    /// A value of the state: 24-byte limbs; the length is in bytes.
    Value,
    /// A verifying key's digest.
    VerifyingKey,
}

impl Tag {
    /// Every tag, in order of name.
    pub const ALL: [Self; 18] = [
        Self::Account,
        Self::AccountL1,
        Self::Call,
        Self::Chain,
        Self::Event,
        Self::Events,
        Self::Genesis,
        Self::Inbox,
        Self::Key,
        Self::Leaf,
        Self::Outbox,
        Self::Output,
        Self::Random,
        Self::Receipts,
        Self::System,
        Self::Tape,
        Self::Value,
        Self::VerifyingKey,
    ];

    /// The ASCII name that makes the tag's number, at most 23 bytes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "playfair/1/account",
            Self::AccountL1 => "playfair/1/account-l1",
            Self::Call => "playfair/1/call",
            Self::Chain => "playfair/1/chain",
            Self::Event => "playfair/1/event",
            Self::Events => "playfair/1/events",
            Self::Genesis => "playfair/1/genesis",
            Self::Inbox => "playfair/1/inbox",
            Self::Key => "playfair/1/key",
            Self::Leaf => "playfair/1/leaf",
            Self::Outbox => "playfair/1/outbox",
            Self::Output => "playfair/1/output",
            Self::Random => "playfair/1/random",
            Self::Receipts => "playfair/1/receipts",
            Self::System => "playfair/1/system",
            Self::Tape => "playfair/1/tape",
            Self::Value => "playfair/1/value",
            Self::VerifyingKey => "playfair/1/vk",
        }
    }

    /// The first input of the first block: the name's number times 2^64, plus `length`. Below 2^248.
    #[must_use]
    pub fn with_length(self, length: u64) -> Fr {
        let mut bytes = self.name().as_bytes().to_vec();
        bytes.extend_from_slice(&length.to_be_bytes());
        // At most 23 + 8 = 31 bytes: below the modulus, so nothing is reduced.
        Fr::from_be_bytes_mod_order(&bytes)
    }
}

/// An inner node of a tree: `poseidon2(left, right)`.
#[must_use]
pub fn node(left: Fr, right: Fr) -> Fr {
    poseidon2(left, right)
}

/// Extends an accumulator by four elements: `poseidon5(acc, x0, x1, x2, x3)`.
#[must_use]
pub fn absorb(acc: Fr, block: &[Fr; 4]) -> Fr {
    let [x0, x1, x2, x3] = *block;
    poseidon5(&[acc, x0, x1, x2, x3])
}

/// Hashes a list of elements under `tag`; its length is the number of elements.
#[must_use]
pub fn hash(tag: Tag, elements: &[Fr]) -> Fr {
    hash_with_length(tag, elements.len() as u64, elements)
}

/// Hashes bytes under `tag` as 24-byte little-endian limbs (three guest words each); its length is in bytes.
#[must_use]
pub fn hash_bytes24(tag: Tag, bytes: &[u8]) -> Fr {
    hash_with_length(tag, bytes.len() as u64, &pack24(bytes))
}

/// Hashes `elements` under `tag` with an explicit `length`. The number of elements must be a function of `tag` and
/// `length`; every caller in this crate says which.
pub(crate) fn hash_with_length(tag: Tag, length: u64, elements: &[Fr]) -> Fr {
    let mut acc = tag.with_length(length);
    let mut rest = elements;
    // An empty list is one block of zeros: the tag still passes through the permutation.
    loop {
        let (block, next) = rest.split_at(rest.len().min(4));
        let mut padded = [Fr::ZERO; 4];
        for (slot, element) in padded.iter_mut().zip(block) {
            *slot = *element;
        }
        acc = absorb(acc, &padded);
        rest = next;
        if rest.is_empty() {
            return acc;
        }
    }
}

/// Packs bytes into 31-byte big-endian limbs, the last one filled with zero bytes on the right.
#[must_use]
pub fn pack31(bytes: &[u8]) -> Vec<Fr> {
    bytes
        .chunks(31)
        .map(|chunk| {
            let mut limb = [0u8; 31];
            for (slot, byte) in limb.iter_mut().zip(chunk) {
                *slot = *byte;
            }
            Fr::from_be_bytes_mod_order(&limb)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;

    #[test]
    fn tags_are_distinct_short_and_sorted() {
        let names: BTreeSet<_> = Tag::ALL.iter().map(|tag| tag.name()).collect();
        assert_eq!(names.len(), Tag::ALL.len());
        assert!(
            Tag::ALL
                .iter()
                .all(|tag| tag.name().len() <= 23 && tag.name().is_ascii())
        );
        assert!(Tag::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
    }

    #[test]
    fn lengths_separate_padded_lists() {
        let one = hash(Tag::Value, &[Fr::from(7u64)]);
        let two = hash(Tag::Value, &[Fr::from(7u64), Fr::ZERO]);
        let bytes = [hash_bytes24(Tag::Value, &[7]), hash_bytes24(Tag::Value, &[7, 0])];
        assert_ne!(one, two);
        assert_ne!(bytes[0], bytes[1]);
        assert_ne!(hash(Tag::Value, &[]), hash(Tag::Key, &[]));
    }

    #[test]
    fn five_elements_take_two_blocks() {
        let xs: Vec<Fr> = (1..=5u64).map(Fr::from).collect();
        let first = absorb(Tag::Call.with_length(5), &[xs[0], xs[1], xs[2], xs[3]]);
        assert_eq!(
            hash(Tag::Call, &xs),
            absorb(first, &[xs[4], Fr::ZERO, Fr::ZERO, Fr::ZERO])
        );
    }
}
