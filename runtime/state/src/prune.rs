//! Letting old versions go, and with them the nodes that no other version has.
//!
//! Each version has a list of nodes that go when it goes: those that its successor did not take over, so it is the last
//! to have them. When it goes, the retained version before it is the last to have those that existed then already,
//! which their ids tell: nodes up to a version have counters below its *bound*. Those move to that version's list; the
//! others are freed. So every entry is looked at once for each version that it outlives, and a version pinned for long
//! costs nothing while its successors go.

use crate::error::StateError;
use crate::node::NodeId;
use crate::record::{Version, decode_garbage};
use crate::state::State;
use crate::store::StoreView;
use std::collections::BTreeMap;

/// What pruning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Versions that are gone.
    pub versions: usize,
    /// Nodes that are gone; those that were flushed leave the store with the next flush.
    pub nodes: usize,
}

impl State {
    /// Lets all versions below `before` go, except the newest, the pinned ones and those with a [`crate::View`]. They
    /// cannot be read from now on; the store follows with the next flush. While a [`crate::Flush`] is being written, nothing goes.
    ///
    /// # Errors
    /// [`StateError::Store`], [`StateError::Damaged`]. No version is gone then.
    pub fn prune(&self, before: u64) -> Result<Pruned, StateError> {
        let _writer = self.shared.writer();
        let (base, gone) = {
            let views = self.shared.views();
            let mut live = self.shared.live_mut();
            // The lists that go with versions are being written.
            if live.frozen.is_some() {
                return Ok(Pruned::default());
            }
            let goes = |number: u64, version: &Version| !version.pinned && !views.contains_key(&number);
            let older = &mut live.older;
            let gone: BTreeMap<u64, Version> = older
                .extract_if(..before, |number, version| goes(*number, version))
                .collect();
            (live.base.clone(), gone)
        };
        // Reading takes a while; readers go on meanwhile, but find no version that is to go.
        let lists = gone
            .iter()
            .map(|(number, version)| garbage(&*base, *number, version));
        let lists: Vec<Vec<NodeId>> = match lists.collect() {
            Ok(lists) => lists,
            Err(error) => {
                self.shared.live_mut().older.extend(gone);
                return Err(error);
            }
        };
        let mut pruned = Pruned {
            versions: gone.len(),
            nodes: 0,
        };
        let mut live = self.shared.live_mut();
        let live = &mut *live;
        for ((number, version), ids) in gone.into_iter().zip(lists) {
            live.layer.versions.insert(number);
            if version.lists > 0 {
                live.layer.lists.push((number, version.lists));
            }
            let mut heir = live.older.range_mut(..number).next_back();
            let bound = heir.as_ref().map_or(0, |(_, heir)| heir.bound);
            let (kept, freed): (Vec<NodeId>, Vec<NodeId>) =
                ids.into_iter().partition(|id| id.counter() < bound);
            if let Some((heir_number, heir)) = &mut heir
                && !kept.is_empty()
            {
                heir.garbage.extend(kept);
                live.layer.versions.insert(**heir_number);
            }
            pruned.nodes += freed.len();
            for id in freed {
                // A node that was never flushed needs no removal from the store.
                if live.layer.nodes.remove(&id).is_none() {
                    live.layer.removed.push(id);
                }
            }
        }
        Ok(pruned)
    }

    /// Makes pruning leave `version` until it is unpinned; for boundaries of segments that are not final yet. Durable
    /// with the next flush. Pinning twice is pinning once.
    ///
    /// # Errors
    /// [`StateError::UnknownVersion`].
    pub fn pin(&self, version: u64) -> Result<(), StateError> {
        self.set_pinned(version, true)
    }

    /// Takes [`Self::pin`] back; the version goes with the next prune that reaches it.
    ///
    /// # Errors
    /// [`StateError::UnknownVersion`].
    pub fn unpin(&self, version: u64) -> Result<(), StateError> {
        self.set_pinned(version, false)
    }

    /// The pinned versions in ascending order.
    #[must_use]
    pub fn pinned(&self) -> Vec<u64> {
        let live = self.shared.live();
        let newest = std::iter::once((&live.newest.0, &live.newest.1));
        let all = live.older.iter().chain(newest);
        all.filter(|(_, version)| version.pinned)
            .map(|(number, _)| *number)
            .collect()
    }

    fn set_pinned(&self, version: u64, pinned: bool) -> Result<(), StateError> {
        let _writer = self.shared.writer();
        let mut live = self.shared.live_mut();
        let newest = live.newest.0;
        let record = live.version_mut(version);
        let record = record.ok_or(StateError::UnknownVersion { version, newest })?;
        if record.pinned != pinned {
            record.pinned = pinned;
            live.layer.versions.insert(version);
        }
        Ok(())
    }
}

/// The nodes that go with a version.
fn garbage(base: &dyn StoreView, number: u64, version: &Version) -> Result<Vec<NodeId>, StateError> {
    let mut ids = version.garbage.clone();
    if version.lists > 0 {
        for record in base.garbage(number)? {
            ids.append(&mut decode_garbage(number, &record)?);
        }
    }
    Ok(ids)
}
