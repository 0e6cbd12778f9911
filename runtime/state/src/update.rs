//! One batch of changes to the tree.
//!
//! A batch goes down from the root, split at each level by the next bit of its keys; only subtrees that a changed key
//! enters are read. Old nodes on the way are noted as stale, new ones are made on the way back, and nothing is changed
//! in place. Large halves go to two tasks at once, each reading and hashing its part. A subtree in which nothing
//! changed (a value written equal, a removal of an absent key) stays the same node.

use crate::error::StateError;
use crate::node::{Child, Kind, Leaf, Load, Node, NodeId};
use playfair_types::hash::node;
use playfair_types::limits::STATE_KEY_BITS;
use playfair_types::state::{StateKey, leaf, value_hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// From this many changed keys on, two halves are worth two tasks: some 100 microseconds of hashing each.
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
    Kept(&'a StateKey, Child),
    New(&'a StateKey, &'a [u8]),
}

impl Item<'_> {
    fn key(&self) -> &StateKey {
        match self {
            Self::Kept(key, _) | Self::New(key, _) => key,
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
        if changes.is_empty() {
            return Ok(at);
        }
        match at.kind() {
            Kind::Empty => {
                let items: Vec<Item<'_>> = changes.iter().filter_map(new_item).collect();
                out.grown += items.len() as i64;
                self.build(level, &items, out)
            }
            Kind::Leaf => self.apply_to_leaf(at, level, changes, out),
            Kind::Inner => {
                check_level(level)?;
                let (left, right) = self.loader.inner(at.id)?;
                let (left_changes, right_changes) =
                    changes.split_at(changes.partition_point(|(key, _)| !key.bit(level)));
                let (new_left, new_right) = fork(
                    changes.len(),
                    out,
                    |out| self.apply(left, level + 1, left_changes, out),
                    |out| self.apply(right, level + 1, right_changes, out),
                )?;
                if (new_left.id, new_right.id) == (left.id, right.id) {
                    return Ok(at);
                }
                out.stale.push(at.id);
                Ok(match (new_left.kind(), new_right.kind()) {
                    (Kind::Empty, Kind::Empty | Kind::Leaf) => new_right,
                    (Kind::Leaf, Kind::Empty) => new_left,
                    _ => self.join(new_left, new_right, out),
                })
            }
        }
    }

    fn apply_to_leaf(
        &self,
        at: Child,
        level: usize,
        changes: &[Change<'_>],
        out: &mut Output,
    ) -> Result<Child, StateError> {
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
                        *item = Item::Kept(&old.key, at);
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
                items.insert(place, Item::Kept(&old.key, at));
            }
        }
        out.grown += items.len() as i64 - 1;
        self.build(level, &items, out)
    }

    /// The subtree at `level` of exactly these leaves, sorted by key.
    fn build(&self, level: usize, items: &[Item<'_>], out: &mut Output) -> Result<Child, StateError> {
        match items {
            [] => Ok(Child::default()),
            [Item::Kept(_, child)] => Ok(*child),
            [Item::New(key, value)] => {
                let value_hash = value_hash(value);
                let child = Child {
                    hash: leaf(key, value_hash),
                    id: self.name(true),
                };
                out.index.push((**key, Some(child.id)));
                let made = Leaf {
                    key: **key,
                    value_hash,
                    value: (*value).into(),
                };
                out.nodes.push((child.id, Node::Leaf(Arc::new(made))));
                Ok(child)
            }
            _ => {
                check_level(level)?;
                let (left, right) = items.split_at(items.partition_point(|item| !item.key().bit(level)));
                let (left, right) = fork(
                    items.len(),
                    out,
                    |out| self.build(level + 1, left, out),
                    |out| self.build(level + 1, right, out),
                )?;
                Ok(self.join(left, right, out))
            }
        }
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

/// Both halves of a subtree, at once if it has many changed keys.
fn fork(
    keys: usize,
    out: &mut Output,
    left: impl FnOnce(&mut Output) -> Result<Child, StateError> + Send,
    right: impl FnOnce(&mut Output) -> Result<Child, StateError> + Send,
) -> Result<(Child, Child), StateError> {
    if keys < FORK_KEYS {
        return Ok((left(out)?, right(out)?));
    }
    let mut right_out = Output::default();
    let (left, right) = rayon::join(|| left(out), || right(&mut right_out));
    out.append(right_out);
    Ok((left?, right?))
}
