//! One batch of changes to the tree.
//!
//! A batch goes down from the root, split at each level by the next bit of its keys; only subtrees that a changed key
//! enters are read. Old nodes on the way are noted as stale, new ones are made, and nothing is changed in place. Large
//! halves go to two tasks at once. What a task is left with becomes a [`Draft`]: its shape first, then its hashes together. A subtree in
//! which nothing changed (a value written equal, a removal of an absent key) stays the same node.

use crate::draft::{Draft, Part};
use crate::error::StateError;
use crate::node::{Child, Kind, Load, Node, NodeId};
use playfair_types::hash::node;
use playfair_types::limits::STATE_KEY_BITS;
use playfair_types::state::StateKey;
use std::sync::atomic::{AtomicU64, Ordering};

/// From this many changed keys on for each that is hashed at a time, two halves are worth two tasks: some 100 microseconds of hashing
/// each, and lanes that are full.
const FORK_KEYS: usize = 8;

/// A key with its new value, or its removal.
pub(crate) type Change<'a> = (&'a StateKey, Option<&'a [u8]>);

/// What a batch makes and unmakes.
#[derive(Debug, Default)]
pub(crate) struct Output {
    pub(crate) nodes: Vec<(NodeId, Node)>,
    pub(crate) stale: Vec<NodeId>,
    /// The leaves of the changed keys; `None` where one is gone.
    pub(crate) index: Vec<(StateKey, Option<NodeId>)>,
    /// Keys more than before, less keys fewer.
    pub(crate) grown: i64,
}

impl Output {
    fn append(&mut self, mut other: Self) {
        self.nodes.append(&mut other.nodes);
        self.stale.append(&mut other.stale);
        self.index.append(&mut other.index);
        self.grown += other.grown;
    }
}

/// Reads the old tree and names new nodes.
pub(crate) struct Update<'a, L> {
    pub(crate) loader: &'a L,
    /// The counter of the next new node.
    pub(crate) next: &'a AtomicU64,
}

/// A leaf on its way to its place: one that is there already, or one to make.
#[derive(Clone, Copy)]
enum Item<'a> {
    Kept(StateKey, Child),
    New(&'a StateKey, &'a [u8]),
}

impl Item<'_> {
    fn key(&self) -> &StateKey {
        match self {
            Self::Kept(key, _) => key,
            Self::New(key, _) => key,
        }
    }
}

impl<L: Load> Update<'_, L> {
    /// The subtree at `level` after `changes`, which are sorted by key and all lead to it.
    pub(crate) fn apply(
        &self,
        at: Child,
        level: usize,
        changes: &[Change<'_>],
        out: &mut Output,
    ) -> Result<Child, StateError> {
        if changes.len() < FORK_KEYS * playfair_lanes::width() {
            let mut draft = Draft::default();
            let root = self.draft(at, level, changes, &mut draft, out)?;
            return Ok(draft.finish(root, |leaf| self.name(leaf), out));
        }
        check_level(level)?;
        let (left, right) = self.halves(at, level)?;
        let (left_changes, right_changes) = parted(changes, level);
        let mut right_out = Output::default();
        let (new_left, new_right) = rayon::join(
            || self.apply(left, level + 1, left_changes, out),
            || self.apply(right, level + 1, right_changes, &mut right_out),
        );
        out.append(right_out);
        let (new_left, new_right) = (new_left?, new_right?);
        if (new_left.id, new_right.id) == (left.id, right.id) {
            return Ok(at);
        }
        if at.kind() == Kind::Inner {
            out.stale.push(at.id);
        }
        Ok(match (new_left.kind(), new_right.kind()) {
            (Kind::Empty, Kind::Empty | Kind::Leaf) => new_right,
            (Kind::Leaf, Kind::Empty) => new_left,
            _ => self.join(new_left, new_right, out),
        })
    }

    /// What stands below a place; a leaf alone stands in its half.
    fn halves(&self, at: Child, level: usize) -> Result<(Child, Child), StateError> {
        match at.kind() {
            Kind::Empty => Ok((Child::default(), Child::default())),
            Kind::Leaf if self.loader.leaf(at.id)?.key.bit(level) => Ok((Child::default(), at)),
            Kind::Leaf => Ok((at, Child::default())),
            Kind::Inner => self.loader.inner(at.id),
        }
    }

    /// As [`Self::apply`], without names and hashes.
    fn draft<'c>(
        &self,
        at: Child,
        level: usize,
        changes: &[Change<'c>],
        draft: &mut Draft<'c>,
        out: &mut Output,
    ) -> Result<Part, StateError> {
        if changes.is_empty() {
            return Ok(Part::Kept(at));
        }
        match at.kind() {
            Kind::Empty => {
                let items: Vec<Item<'_>> = changes.iter().filter_map(new_item).collect();
                out.grown += items.len() as i64;
                build(level, &items, draft)
            }
            Kind::Leaf => self.draft_at_leaf(at, level, changes, draft, out),
            Kind::Inner => {
                check_level(level)?;
                let (left, right) = self.loader.inner(at.id)?;
                let (left_changes, right_changes) = parted(changes, level);
                let new_left = self.draft(left, level + 1, left_changes, draft, out)?;
                let new_right = self.draft(right, level + 1, right_changes, draft, out)?;
                if new_left.is(&left) && new_right.is(&right) {
                    return Ok(Part::Kept(at));
                }
                out.stale.push(at.id);
                Ok(match (new_left.kind(), new_right.kind()) {
                    (Kind::Empty, Kind::Empty | Kind::Leaf) => new_right,
                    (Kind::Leaf, Kind::Empty) => new_left,
                    _ => draft.join(level, new_left, new_right),
                })
            }
        }
    }

    fn draft_at_leaf<'c>(
        &self,
        at: Child,
        level: usize,
        changes: &[Change<'c>],
        draft: &mut Draft<'c>,
        out: &mut Output,
    ) -> Result<Part, StateError> {
        let old = self.loader.leaf(at.id)?;
        let mut items: Vec<Item<'_>> = changes.iter().filter_map(new_item).collect();
        match changes.binary_search_by_key(&&old.key, |(key, _)| *key) {
            Ok(found)
                if changes
                    .get(found)
                    .is_some_and(|(_, value)| *value == Some(&*old.value)) =>
            {
                for item in &mut items {
                    if *item.key() == old.key {
                        *item = Item::Kept(old.key, at);
                    }
                }
            }
            Ok(found) => {
                out.stale.push(at.id);
                if changes.get(found).is_some_and(|(_, value)| value.is_none()) {
                    out.index.push((old.key, None));
                }
            }
            Err(_) => {
                let place = items.partition_point(|item| *item.key() < old.key);
                items.insert(place, Item::Kept(old.key, at));
            }
        }
        out.grown += items.len() as i64 - 1;
        build(level, &items, draft)
    }

    fn join(&self, left: Child, right: Child, out: &mut Output) -> Child {
        let child = Child {
            hash: node(left.hash, right.hash),
            id: self.name(false),
        };
        out.nodes.push((child.id, Node::Inner(left, right)));
        child
    }

    fn name(&self, leaf: bool) -> NodeId {
        NodeId::new(self.next.fetch_add(1, Ordering::Relaxed), leaf)
    }
}

/// The subtree at `level` of exactly these leaves, sorted by key.
fn build<'c>(level: usize, items: &[Item<'c>], draft: &mut Draft<'c>) -> Result<Part, StateError> {
    match items {
        [] => Ok(Part::Kept(Child::default())),
        [Item::Kept(_, child)] => Ok(Part::Kept(*child)),
        [Item::New(key, value)] => Ok(draft.leaf(key, value)),
        _ => {
            check_level(level)?;
            let (left, right) = items.split_at(items.partition_point(|item| !item.key().bit(level)));
            let left = build(level + 1, left, draft)?;
            let right = build(level + 1, right, draft)?;
            Ok(draft.join(level, left, right))
        }
    }
}

/// Changes of the left half and of the right one.
fn parted<'s, 'c>(changes: &'s [Change<'c>], level: usize) -> (&'s [Change<'c>], &'s [Change<'c>]) {
    changes.split_at(changes.partition_point(|(key, _)| !key.bit(level)))
}

fn new_item<'a>((key, value): &Change<'a>) -> Option<Item<'a>> {
    value.map(|value| Item::New(key, value))
}

/// Two different keys part before their bits run out, so a node below the last bit is not ours.
pub(crate) fn check_level(level: usize) -> Result<(), StateError> {
    if level >= STATE_KEY_BITS {
        return Err(StateError::Damaged("a tree deeper than its keys"));
    }
    Ok(())
}
