//! The state: a map from keys to values, and the tree whose root commits to it.
//!
//! The tree is a *compact sparse Merkle tree* over 248-bit keys: at each level the next bit of the key, most
//! significant first, chooses left (0) or right (1). A subtree without keys is 0. A subtree with exactly one key *is*
//! that key's leaf, at whatever level it stands alone. Every other subtree is the node of its two halves.
//!
//! So the root is a function of the live map and of nothing else: not of the order of writes, of blocks, of segments
//! or of deletions. Why this tree and not an indexed one: docs/FORMATS.md, "Why this tree".

mod key;
pub mod params;
pub mod proof;
pub mod tree;

pub use key::{StateKey, SystemKey};

use crate::crypto::field::Fr;
use crate::hash::{Tag, hash, hash_bytes24};

/// Hash of a value: its bytes as 24-byte limbs, with their length. The empty value is a value; absence is not.
#[must_use]
pub fn value_hash(value: &[u8]) -> Fr {
    hash_bytes24(Tag::Value, value)
}

/// A leaf: `hash(Leaf; key, value hash)`.
#[must_use]
pub fn leaf(key: &StateKey, value_hash: Fr) -> Fr {
    hash(Tag::Leaf, &[key.to_field(), value_hash])
}

#[cfg(test)]
mod tests;
