//! What has been committed and not flushed, over what the store holds.

use crate::error::StateError;
use crate::node::{Child, Load, Node, NodeId};
use crate::record::{GARBAGE_IDS_MAX, Meta, Version, encode_garbage};
use crate::store::{Batch, StoreView};
use crate::update::Output;
use playfair_types::state::StateKey;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Changes that the store does not have yet.
#[derive(Default)]
pub(crate) struct Layer {
    pub(crate) nodes: HashMap<NodeId, Node>,
    pub(crate) index: HashMap<StateKey, Option<NodeId>>,
    /// Stored nodes that no version needs any more.
    pub(crate) removed: Vec<NodeId>,
    /// Versions whose record changed, or that are gone.
    pub(crate) versions: BTreeSet<u64>,
    /// Stored garbage lists that are gone, with their versions.
    pub(crate) lists: Vec<(u64, u32)>,
}

impl Layer {
    /// Every change comes with one to a version.
    pub(crate) fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }
}

/// All that readers see. Changed only by who holds the writer's lock.
pub(crate) struct Live {
    pub(crate) base: Arc<dyn StoreView>,
    /// What a flush is writing; newer than the base.
    pub(crate) frozen: Option<Layer>,
    /// Newer than that.
    pub(crate) layer: Layer,
    /// The newest version, which is never pruned.
    pub(crate) newest: (u64, Version),
    /// The other retained ones.
    pub(crate) older: BTreeMap<u64, Version>,
    pub(crate) flushed: Option<u64>,
}

impl Live {
    pub(crate) fn version(&self, version: u64) -> Option<&Version> {
        let (newest, record) = &self.newest;
        if version == *newest {
            return Some(record);
        }
        self.older.get(&version)
    }

    pub(crate) fn version_mut(&mut self, version: u64) -> Option<&mut Version> {
        let (newest, record) = &mut self.newest;
        if version == *newest {
            return Some(record);
        }
        self.older.get_mut(&version)
    }

    /// Puts a new version on top. `next` is the counter after its nodes.
    pub(crate) fn push(&mut self, root: Child, next: u64, note: &[u8], output: Output) {
        let (number, newest) = &self.newest;
        let version = Version {
            root,
            bound: next,
            keys: newest.keys.saturating_add_signed(output.grown),
            pinned: false,
            lists: 0,
            garbage: Vec::new(),
            note: note.into(),
        };
        let number = number + 1;
        let (old_number, mut old) = std::mem::replace(&mut self.newest, (number, version));
        self.layer.versions.insert(number);
        if !output.stale.is_empty() {
            old.garbage = output.stale;
            self.layer.versions.insert(old_number);
        }
        self.older.insert(old_number, old);
        self.layer.nodes.extend(output.nodes);
        self.layer.index.extend(output.index);
    }

    /// All that a flush writes.
    pub(crate) fn batch(&self, next: u64) -> Batch {
        let layer = &self.layer;
        let mut batch = Batch {
            meta: Meta {
                importing: false,
                next,
            }
            .encode(),
            nodes: layer
                .nodes
                .iter()
                .map(|(id, node)| (id.raw(), node.encode(*id)))
                .collect(),
            removed: layer.removed.iter().map(|id| id.raw()).collect(),
            index: layer
                .index
                .iter()
                .map(|(key, id)| (*key, id.map(NodeId::raw)))
                .collect(),
            ..Batch::default()
        };
        batch.nodes.sort_unstable_by_key(|(id, _)| *id);
        batch.removed.sort_unstable();
        batch.index.sort_unstable_by_key(|(key, _)| *key);
        for (version, lists) in &layer.lists {
            batch
                .garbage
                .extend((0..*lists).map(|list| ((*version, list), None)));
        }
        for number in &layer.versions {
            let Some(version) = self.version(*number) else {
                batch.versions.push((*number, None));
                continue;
            };
            let mut ids = version.garbage.clone();
            ids.sort_unstable();
            let mut lists = version.lists;
            for ids in ids.chunks(GARBAGE_IDS_MAX) {
                batch
                    .garbage
                    .push(((*number, lists), Some(encode_garbage(*number, ids))));
                lists = lists.saturating_add(1);
            }
            batch
                .versions
                .push((*number, Some(version.encode(*number, lists))));
        }
        batch.garbage.sort_unstable_by_key(|(place, _)| *place);
        batch
    }

    /// Sets the layer aside while its batch is written; a new one begins.
    pub(crate) fn freeze(&mut self) {
        let layer = std::mem::take(&mut self.layer);
        for number in &layer.versions {
            if let Some(version) = self.version_mut(*number) {
                let lists = std::mem::take(&mut version.garbage)
                    .len()
                    .div_ceil(GARBAGE_IDS_MAX);
                version.lists = version
                    .lists
                    .saturating_add(u32::try_from(lists).unwrap_or(u32::MAX));
            }
        }
        self.frozen = Some(layer);
    }

    /// After the batch is written: what was set aside is in `base`.
    pub(crate) fn flushed(&mut self, version: u64, base: Arc<dyn StoreView>) {
        self.frozen = None;
        self.base = base;
        self.flushed = Some(version);
    }

    /// The node of this id, if the store need not have it.
    pub(crate) fn unflushed(&self, id: NodeId) -> Option<&Node> {
        let node = self.layer.nodes.get(&id);
        node.or_else(|| self.frozen.as_ref()?.nodes.get(&id))
    }

    /// Where the index says that a key's leaf is, if the store need not know: `Some(None)` for a key without a value.
    pub(crate) fn unflushed_index(&self, key: &StateKey) -> Option<Option<NodeId>> {
        let id = self.layer.index.get(key);
        id.or_else(|| self.frozen.as_ref()?.index.get(key)).copied()
    }

    /// Whether everything is in the store.
    pub(crate) fn is_flushed(&self) -> bool {
        self.layer.is_empty() && self.frozen.is_none()
    }
}

impl Load for Live {
    fn load(&self, id: NodeId) -> Result<Node, StateError> {
        match self.unflushed(id) {
            Some(node) => Ok(node.clone()),
            None => load_stored(&*self.base, id),
        }
    }
}

/// A node that must be in the store.
pub(crate) fn load_stored(base: &dyn StoreView, id: NodeId) -> Result<Node, StateError> {
    let record = base.node(id.raw())?;
    Node::decode(id, &record.ok_or(StateError::Damaged("a tree node is missing"))?)
}
