//! The root of a whole map, by its definition. The reference that every faster tree is compared with.

use super::{StateKey, leaf};
use crate::crypto::field::Fr;
use crate::hash::node;
use crate::limits::STATE_KEY_BITS;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

/// The state root of a map from keys to value hashes.
#[must_use]
pub fn root(map: &BTreeMap<StateKey, Fr>) -> Fr {
    let leaves: Vec<(StateKey, Fr)> = map.iter().map(|(key, value)| (*key, leaf(key, *value))).collect();
    subtree(&leaves, 0)
}

/// The hash of the subtree at `level` that holds exactly these leaves, sorted by key, all with the same first `level`
/// bits. Recursion is at most [`STATE_KEY_BITS`] deep.
pub(crate) fn subtree(leaves: &[(StateKey, Fr)], level: usize) -> Fr {
    match leaves {
        [] => Fr::ZERO,
        [(_, leaf)] => *leaf,
        // Keys in a map differ, so two leaves part before the bits run out.
        _ if level >= STATE_KEY_BITS => Fr::ZERO,
        _ => {
            let (left, right) = leaves.split_at(leaves.partition_point(|(key, _)| !key.bit(level)));
            node(subtree(left, level + 1), subtree(right, level + 1))
        }
    }
}
