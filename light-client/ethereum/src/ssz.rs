//! Simple Serialize (consensus-specs, `ssz/simple-serialize.md`), as much as light clients need: fixed fields read in
//! order, variable parts behind offsets, Merkle roots of containers. Written by hand for a handful of containers: a
//! general library would be larger than all of them.
//!
//! Reading is strict: offsets are the only ones that writing gives, every byte belongs to something, and no length is
//! trusted before it was compared with the bytes that are there.

use crate::error::Malformed;
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// A Merkle root, a hash, 32 bytes of anything.
pub type Root = [u8; 32];

pub(crate) const ZERO: Root = [0; 32];

/// The bytes of an offset.
pub(crate) const OFFSET: usize = 4;

/// Bytes that are read from the front.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(*array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Malformed> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Malformed> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// So many arrays of one size.
    pub(crate) fn arrays<const N: usize>(&mut self, count: usize) -> Result<Vec<[u8; N]>, Malformed> {
        let bytes = self.bytes(count.checked_mul(N).ok_or(Malformed::Short)?)?;
        Ok(bytes.as_chunks().0.to_vec())
    }

    pub(crate) fn offset(&mut self) -> Result<usize, Malformed> {
        usize::try_from(self.u32()?).map_err(|_| Malformed::Offset)
    }

    /// Says that nothing may be left.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        match self.rest {
            [] => Ok(()),
            _ => Err(Malformed::Long),
        }
    }
}

/// The variable parts of a container, given its fixed part's length and its offsets in order: the first begins where
/// the fixed part ends, each ends where the next begins, the last ends with the bytes.
pub(crate) fn parts<const N: usize>(
    bytes: &[u8],
    fixed: usize,
    offsets: [usize; N],
) -> Result<[&[u8]; N], Malformed> {
    let mut parts: [&[u8]; N] = [&[]; N];
    let mut end = bytes.len();
    for (part, offset) in parts.iter_mut().zip(offsets).rev() {
        *part = bytes.get(offset..end).ok_or(Malformed::Offset)?;
        end = offset;
    }
    match end == fixed {
        true => Ok(parts),
        false => Err(Malformed::Offset),
    }
}

/// Writes the offset of a part that begins after so many bytes.
pub(crate) fn put_offset(out: &mut Vec<u8>, offset: usize) {
    // What is written here has some tens of kilobytes.
    out.extend(u32::try_from(offset).unwrap_or(u32::MAX).to_le_bytes());
}

/// SHA-256 of two nodes.
pub(crate) fn node(left: &Root, right: &Root) -> Root {
    Sha256::new()
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root over a power of two of leaves: those given, then zeros up to `2^depth` (`merkleize`).
pub(crate) fn root(mut leaves: Vec<Root>, depth: u32) -> Root {
    let mut zero = ZERO;
    for _ in 0..depth {
        leaves = level_above(&leaves, &zero);
        zero = node(&zero, &zero);
    }
    leaves.first().copied().unwrap_or(zero)
}

/// The branch from one of the leaves of such a tree up to its root.
pub(crate) fn branch(mut leaves: Vec<Root>, depth: u32, mut place: usize) -> Vec<Root> {
    let mut zero = ZERO;
    let mut branch = Vec::new();
    for _ in 0..depth {
        branch.push(leaves.get(place ^ 1).copied().unwrap_or(zero));
        leaves = level_above(&leaves, &zero);
        zero = node(&zero, &zero);
        place >>= 1;
    }
    branch
}

/// The nodes above these.
fn level_above(nodes: &[Root], zero: &Root) -> Vec<Root> {
    let above = |pair: &[Root]| match pair {
        [left, right] => node(left, right),
        [left] => node(left, zero),
        _ => *zero,
    };
    nodes.chunks(2).map(above).collect()
}

/// The leaf of a number.
pub(crate) fn leaf_u64(number: u64) -> Root {
    leaf(&number.to_le_bytes())
}

/// The leaf of up to 32 bytes, filled up with zeros.
pub(crate) fn leaf(bytes: &[u8]) -> Root {
    let mut leaf = ZERO;
    for (to, from) in leaf.iter_mut().zip(bytes) {
        *to = *from;
    }
    leaf
}

/// The root of a byte vector of `2^depth` leaves.
pub(crate) fn root_of_bytes(bytes: &[u8], depth: u32) -> Root {
    root(bytes.chunks(32).map(leaf).collect(), depth)
}

/// Where a generalized index lies: its depth, and its place from the left within it.
fn place(index: u64) -> (usize, u64) {
    let depth = index.checked_ilog2().unwrap_or_default();
    let place = index.saturating_sub(1u64 << depth);
    (usize::try_from(depth).unwrap_or_default(), place)
}

/// The root that a branch leads to from a leaf at a generalized index, unless the branch is of another depth. A branch
/// that is longer by zeros in front counts as the one behind them (`is_valid_normalized_merkle_branch`).
pub(crate) fn root_of_branch(leaf: Root, branch: &[Root], index: u64) -> Option<Root> {
    let (depth, mut place) = place(index);
    let (extra, branch) = branch.split_at_checked(branch.len().checked_sub(depth)?)?;
    if extra.iter().any(|node| *node != ZERO) {
        return None;
    }
    let mut root = leaf;
    for other in branch {
        root = match place & 1 {
            0 => node(&root, other),
            _ => node(other, &root),
        };
        place >>= 1;
    }
    Some(root)
}

/// The length of a branch at a generalized index.
pub(crate) fn depth(index: u64) -> usize {
    place(index).0
}

#[cfg(test)]
mod tests;
