//! Merkle trees over lists of byte strings (a block's calls, a block's receipts), as RFC 9162 section 2.1 defines them
//! with SHA-256: leaf = `SHA-256(0x00 | bytes)`, node = `SHA-256(0x01 | left | right)`, the empty list is `SHA-256("")`.
//!
//! No circuit computes these roots; every browser can check them with its own SHA-256.

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// A proof that an item is in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    /// The item's place, below `count`.
    pub index: u32,
    /// Items in the list.
    pub count: u32,
    /// Siblings from the leaf upwards; exactly as many as `index` and `count` need.
    pub path: Vec<[u8; 32]>,
}

const PATH_MAX: usize = 32;

fn leaf(item: &[u8]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update([0]);
    sha.update(item);
    sha.finalize().into()
}

fn node(left: &[u8; 32], right: &[u8; 32]) -> [u8; 32] {
    let mut sha = Sha256::new();
    sha.update([1]);
    sha.update(left);
    sha.update(right);
    sha.finalize().into()
}

/// The root of a list.
#[must_use]
pub fn root<T: AsRef<[u8]>>(items: &[T]) -> [u8; 32] {
    let leaves: Vec<[u8; 32]> = items.iter().map(|item| leaf(item.as_ref())).collect();
    root_of(&leaves)
}

fn root_of(leaves: &[[u8; 32]]) -> [u8; 32] {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root_of(left), &root_of(right))
        }
    }
}

/// The largest power of two below `count`, for `count >= 2`.
fn split(count: usize) -> usize {
    // Halved first: the power of two above the largest count would not fit where words have 32 bits.
    count.div_ceil(2).next_power_of_two()
}

impl InclusionProof {
    /// The proof for the item at `index`, or `None` when there is no such item.
    #[must_use]
    pub fn new<T: AsRef<[u8]>>(items: &[T], index: u32) -> Option<Self> {
        let count = u32::try_from(items.len()).ok()?;
        items.get(index as usize)?;
        let leaves: Vec<[u8; 32]> = items.iter().map(|item| leaf(item.as_ref())).collect();
        let (mut path, mut rest, mut at) = (Vec::new(), leaves.as_slice(), index as usize);
        while rest.len() > 1 {
            let middle = split(rest.len());
            let (left, right) = rest.split_at(middle);
            if at < middle {
                path.push(root_of(right));
                rest = left;
            } else {
                path.push(root_of(left));
                rest = right;
                at -= middle;
            }
        }
        path.reverse();
        Some(Self { index, count, path })
    }

    /// Whether `item` is at `index` of a list of `count` items with this root. `root` and `count` come from a header:
    /// with a count of the prover's choice, one path can stand for several places.
    #[must_use]
    pub fn verify(&self, root: &[u8; 32], count: u32, item: &[u8]) -> bool {
        let Some(turns) = turns(self.index, self.count).filter(|_| self.count == count) else {
            return false;
        };
        if turns.len() != self.path.len() {
            return false;
        }
        let total = turns
            .iter()
            .zip(&self.path)
            .fold(leaf(item), |below, (is_right, sibling)| {
                if *is_right {
                    node(sibling, &below)
                } else {
                    node(&below, sibling)
                }
            });
        total == *root
    }
}

/// From the leaf upwards, whether the item is in the right half; `None` for an index outside the list.
fn turns(index: u32, count: u32) -> Option<Vec<bool>> {
    let (mut at, mut count) = (index as usize, count as usize);
    if at >= count {
        return None;
    }
    let mut turns = Vec::new();
    while count > 1 {
        let middle = split(count);
        let right = at >= middle;
        turns.push(right);
        (at, count) = if right {
            (at - middle, count - middle)
        } else {
            (at, middle)
        };
    }
    turns.reverse();
    Some(turns)
}

impl Encode for InclusionProof {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u32(self.index)
            .u32(self.count)
            .u8(u8::try_from(self.path.len()).unwrap_or(u8::MAX));
        for sibling in &self.path {
            w.bytes(sibling);
        }
    }
}

impl Decode for InclusionProof {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (index, count) = (reader.u32("index")?, reader.u32("count")?);
        let length = usize::from(reader.u8("path length")?);
        check_limit("path length", length, PATH_MAX)?;
        if turns(index, count).is_none_or(|turns| turns.len() != length) {
            return Err(DecodeError::NonCanonical("path length"));
        }
        let mut path = Vec::with_capacity(length);
        for _ in 0..length {
            path.push(reader.array("sibling")?);
        }
        Ok(Self { index, count, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn every_item_of_every_small_list_is_proven_and_no_other() {
        for count in 0..=20u8 {
            let items: Vec<Vec<u8>> = (0..count).map(|item| vec![item]).collect();
            let root = root(&items);
            assert_eq!(InclusionProof::new(&items, u32::from(count)), None);
            for index in 0..count {
                let proof = InclusionProof::new(&items, u32::from(index)).expect("in the list");
                assert!(proof.verify(&root, u32::from(count), &[index]));
                assert!(!proof.verify(&root, u32::from(count), &[index.wrapping_add(1)]));
                assert!(!proof.verify(&root, u32::from(count) + 1, &[index]));
                assert_eq!(InclusionProof::decode(&proof.encode()), Ok(proof.clone()));
                let moved = InclusionProof {
                    index: u32::from(index) ^ 1,
                    ..proof.clone()
                };
                assert!(
                    !moved.verify(&root, u32::from(count), &[index]),
                    "{index} of {count} moved"
                );
            }
        }
    }

    #[test]
    fn a_count_of_ones_own_does_not_move_an_item() {
        let items = [[1u8], [2], [3]];
        let root = root(&items);
        let forged = InclusionProof {
            index: 1,
            count: 2,
            path: vec![node(&leaf(&[1]), &leaf(&[2]))],
        };
        assert!(forged.verify(&root, 2, &[3]), "the path itself is right");
        assert!(!forged.verify(&root, 3, &[3]), "but the header's count is not");
    }

    #[test]
    fn every_count_has_its_middle_where_words_have_32_bits_too() {
        for count in (2..5_000).chain([1 << 31, (1 << 31) + 1, u32::MAX as usize]) {
            let middle = split(count);
            assert_eq!(middle as u64, (count as u64).next_power_of_two() / 2, "{count}");
            assert!(middle < count && u32::try_from(middle).is_ok());
        }
        assert_eq!(
            turns(u32::MAX - 1, u32::MAX).map(|turns| turns.len()),
            Some(31 + 1)
        );
    }

    #[test]
    fn a_node_is_no_leaf() {
        let items = [[1u8], [2], [3], [4]];
        let root = root(&items);
        let mut inner = leaf(&[1]).to_vec();
        inner.extend(leaf(&[2]));
        let forged = InclusionProof {
            index: 0,
            count: 2,
            path: vec![node(&leaf(&[3]), &leaf(&[4]))],
        };
        assert!(!forged.verify(&root, 2, &inner));
        assert!(!forged.verify(&root, 4, &inner));
    }
}
