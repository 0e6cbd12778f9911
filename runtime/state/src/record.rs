//! The store's records beside the tree's nodes.
//!
//! ```text
//! meta      "playfair state\n\0" 16 | format u32 | importing u8 | next node counter u64 | checksum
//! version   root hash 32 | root id 8 | counter bound 8 | keys u64 | pinned u8 | garbage lists u32 | note ... | checksum
//! garbage   node ids 8 each, ascending | checksum
//! ```
//! Little-endian, except hashes. The index has no record of its own: it maps a key to the raw id of its leaf.

use crate::NOTE_BYTES_MAX;
use crate::error::{StateError, StoreError};
use crate::node::{Child, NodeId, seal, unseal};
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use std::sync::Arc;

/// The version of everything that a store holds.
pub(crate) const FORMAT: u32 = 1;
const MAGIC: &[u8; 16] = b"playfair state\n\0";
/// Most ids in one garbage list; 32 KiB.
pub(crate) const GARBAGE_IDS_MAX: usize = 4096;

/// The record about the store itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    /// Whether an import has begun and not finished.
    pub(crate) importing: bool,
    /// The counter of the next new node.
    pub(crate) next: u64,
}

impl Meta {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.push(self.importing.into());
        out.extend_from_slice(&self.next.to_le_bytes());
        seal(0, &mut out);
        out
    }

    pub(crate) fn decode(record: &[u8]) -> Result<Self, StateError> {
        let damaged = StateError::Damaged("its own record does not match its checksum");
        let Some((found, rest)) = record
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk())
        else {
            return Err(damaged);
        };
        let found = u32::from_le_bytes(*found);
        if found != FORMAT {
            return Err(StoreError::Format { found, known: FORMAT }.into());
        }
        let body = unseal(0, record).and_then(|_| rest.split_last_chunk::<4>());
        let Some(([importing @ (0 | 1), next @ ..], _)) = body else {
            return Err(damaged);
        };
        let next = next.try_into().map_err(|_| damaged)?;
        Ok(Self {
            importing: *importing == 1,
            next: u64::from_le_bytes(next),
        })
    }
}

/// A retained version.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) root: Child,
    /// All its nodes have counters below this; all that later versions add have not.
    pub(crate) bound: u64,
    /// How many keys it has.
    pub(crate) keys: u64,
    /// Whether pruning leaves it.
    pub(crate) pinned: bool,
    /// Nodes that go when it goes: how many lists of them are in the store ...
    pub(crate) lists: u32,
    /// ... and those that are not yet.
    pub(crate) garbage: Vec<NodeId>,
    pub(crate) note: Arc<[u8]>,
}

impl Version {
    /// What a new store begins with: no keys.
    pub(crate) fn empty() -> Self {
        Self {
            root: Child::default(),
            bound: 1,
            keys: 0,
            pinned: false,
            lists: 0,
            garbage: Vec::new(),
            note: Arc::default(),
        }
    }

    /// With `lists` garbage lists in the store.
    pub(crate) fn encode(&self, version: u64, lists: u32) -> Vec<u8> {
        let mut out = fr_to_bytes(&self.root.hash).to_vec();
        out.extend_from_slice(&self.root.id.raw().to_le_bytes());
        out.extend_from_slice(&self.bound.to_le_bytes());
        out.extend_from_slice(&self.keys.to_le_bytes());
        out.push(self.pinned.into());
        out.extend_from_slice(&lists.to_le_bytes());
        out.extend_from_slice(&self.note);
        seal(version, &mut out);
        out
    }

    pub(crate) fn decode(version: u64, record: &[u8]) -> Result<Self, StateError> {
        unseal(version, record)
            .and_then(Self::decode_body)
            .ok_or(StateError::Damaged("a version does not match its checksum"))
    }

    fn decode_body(body: &[u8]) -> Option<Self> {
        let (hash, rest) = body.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (bound, rest) = rest.split_first_chunk()?;
        let (keys, rest) = rest.split_first_chunk()?;
        let (pinned, rest) = rest.split_first()?;
        let (lists, note) = rest.split_first_chunk()?;
        (*pinned < 2 && note.len() <= NOTE_BYTES_MAX).then_some(Self {
            root: Child {
                hash: fr_from_bytes(hash)?,
                id: NodeId::from_raw(u64::from_le_bytes(*id)),
            },
            bound: u64::from_le_bytes(*bound),
            keys: u64::from_le_bytes(*keys),
            pinned: *pinned == 1,
            lists: u32::from_le_bytes(*lists),
            garbage: Vec::new(),
            note: note.into(),
        })
    }
}

/// A garbage list of `version`, which has at most [`GARBAGE_IDS_MAX`] ids.
pub(crate) fn encode_garbage(version: u64, ids: &[NodeId]) -> Vec<u8> {
    let mut out: Vec<u8> = ids.iter().flat_map(|id| id.raw().to_le_bytes()).collect();
    seal(version, &mut out);
    out
}

pub(crate) fn decode_garbage(version: u64, record: &[u8]) -> Result<Vec<NodeId>, StateError> {
    let damaged = || StateError::Damaged("a list of old nodes does not match its checksum");
    let (ids, []) = unseal(version, record).ok_or_else(damaged)?.as_chunks() else {
        return Err(damaged());
    };
    Ok(ids
        .iter()
        .map(|id| NodeId::from_raw(u64::from_le_bytes(*id)))
        .collect())
}
