//! The stored tree: immutable nodes that several versions share.
//!
//! A node's id is a counter's value, shifted left by one; the low bit says that it is a leaf, so that a parent knows
//! what its halves are without reading them. Ids are never reused: a node that a later version made has a greater id
//! than every node of earlier versions, which is how pruning knows who shares what (see [`crate::prune`]).
//!
//! ```text
//! inner   left id 8 | right id 8 | left hash 32 | right hash 32 | checksum 4
//! leaf    key 31 | value hash 32 | value ... | checksum 4
//! ```
//! Ids and checksums are little-endian, the checksum covers the id; a half without keys has id 0 and hash 0.
//! A leaf's record does not tell its level, so it moves up and down the tree without being written again.

use crate::checksum::crc32;
use crate::error::StateError;
use playfair_types::Fr;
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use playfair_types::limits::VALUE_BYTES_MAX;
use playfair_types::state::StateKey;
use std::sync::Arc;

/// The name of a stored node; 0 names the subtree without keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(u64);

impl NodeId {
    pub(crate) const fn new(counter: u64, leaf: bool) -> Self {
        Self(counter << 1 | leaf as u64)
    }

    /// The next id, where nothing else makes nodes.
    pub(crate) fn take(next: &mut u64, leaf: bool) -> Self {
        let counter = *next;
        *next += 1;
        Self::new(counter, leaf)
    }

    pub(crate) const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    pub(crate) const fn raw(self) -> u64 {
        self.0
    }

    pub(crate) const fn counter(self) -> u64 {
        self.0 >> 1
    }
}

/// What stands at a place of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Empty,
    Leaf,
    Inner,
}

/// A subtree as its parent knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) hash: Fr,
    pub(crate) id: NodeId,
}

impl Child {
    pub(crate) const fn kind(&self) -> Kind {
        match self.id.raw() {
            0 => Kind::Empty,
            raw if raw & 1 == 1 => Kind::Leaf,
            _ => Kind::Inner,
        }
    }
}

/// A key with its value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) key: StateKey,
    pub(crate) value_hash: Fr,
    pub(crate) value: Box<[u8]>,
}

/// A stored node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    Inner(Child, Child),
    Leaf(Arc<Leaf>),
}

/// Where nodes are read from: the unflushed layer over the store.
pub(crate) trait Load: Sync {
    /// The node with this id. That a tree refers to a node which is not there is damage.
    fn load(&self, id: NodeId) -> Result<Node, StateError>;

    fn inner(&self, id: NodeId) -> Result<(Child, Child), StateError> {
        match self.load(id)? {
            Node::Inner(left, right) => Ok((left, right)),
            Node::Leaf(_) => Err(StateError::Damaged("a leaf where an inner node belongs")),
        }
    }

    fn leaf(&self, id: NodeId) -> Result<Arc<Leaf>, StateError> {
        match self.load(id)? {
            Node::Leaf(leaf) => Ok(leaf),
            Node::Inner(..) => Err(StateError::Damaged("an inner node where a leaf belongs")),
        }
    }
}

impl Node {
    pub(crate) fn encode(&self, id: NodeId) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Inner(left, right) => {
                out.reserve_exact(84);
                out.extend_from_slice(&left.id.raw().to_le_bytes());
                out.extend_from_slice(&right.id.raw().to_le_bytes());
                out.extend_from_slice(&fr_to_bytes(&left.hash));
                out.extend_from_slice(&fr_to_bytes(&right.hash));
            }
            Self::Leaf(leaf) => {
                out.reserve_exact(67 + leaf.value.len());
                out.extend_from_slice(&leaf.key.0);
                out.extend_from_slice(&fr_to_bytes(&leaf.value_hash));
                out.extend_from_slice(&leaf.value);
            }
        }
        seal(id.raw(), &mut out);
        out
    }

    pub(crate) fn decode(id: NodeId, bytes: &[u8]) -> Result<Self, StateError> {
        let damaged = || StateError::Damaged("a tree node does not match its checksum");
        let body = unseal(id.raw(), bytes).ok_or_else(damaged)?;
        let node = match id.raw() & 1 {
            1 => decode_leaf(body).map(|leaf| Self::Leaf(Arc::new(leaf))),
            _ => decode_inner(body).map(|(left, right)| Self::Inner(left, right)),
        };
        node.ok_or_else(damaged)
    }
}

fn decode_inner(body: &[u8]) -> Option<(Child, Child)> {
    let (left_id, rest) = body.split_first_chunk()?;
    let (right_id, rest) = rest.split_first_chunk()?;
    let (left_hash, rest) = rest.split_first_chunk()?;
    let (right_hash, []) = rest.split_first_chunk()? else {
        return None;
    };
    let child = |id: &[u8; 8], hash: &[u8; 32]| {
        let (id, hash) = (NodeId(u64::from_le_bytes(*id)), fr_from_bytes(hash)?);
        Some(Child { hash, id })
    };
    Some((child(left_id, left_hash)?, child(right_id, right_hash)?))
}

fn decode_leaf(body: &[u8]) -> Option<Leaf> {
    let (key, rest) = body.split_first_chunk()?;
    let (value_hash, value) = rest.split_first_chunk()?;
    (value.len() <= VALUE_BYTES_MAX).then_some(Leaf {
        key: StateKey(*key),
        value_hash: fr_from_bytes(value_hash)?,
        value: value.into(),
    })
}

/// Appends the checksum of the record with number `place`.
pub(crate) fn seal(place: u64, record: &mut Vec<u8>) {
    let crc = crc32(place, record);
    record.extend_from_slice(&crc.to_le_bytes());
}

/// The record without its checksum, if that is right.
pub(crate) fn unseal(place: u64, record: &[u8]) -> Option<&[u8]> {
    let (body, crc) = record.split_last_chunk()?;
    (crc32(place, body) == u32::from_le_bytes(*crc)).then_some(body)
}
