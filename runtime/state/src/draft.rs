//! A subtree that is being made: its shape first, then all its hashes.
//!
//! A node's hash waits for those of its halves only. So values are hashed together, then leaves, then inner nodes level by level from
//! the deepest upwards: nodes of one level never contain each other.

use crate::node::{Child, Kind, Leaf, Node, NodeId};
use crate::update::Output;
use playfair_lanes::{leaves, nodes, values};
use playfair_types::state::StateKey;
use std::cmp::Reverse;
use std::sync::Arc;

/// A part of the subtree: what was there before, or a new node by its number.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Kept(Child),
    Leaf(usize),
    Inner(usize),
}

impl Part {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Kept(child) => child.kind(),
            Self::Leaf(_) => Kind::Leaf,
            Self::Inner(_) => Kind::Inner,
        }
    }

    /// Whether it is the node that was there before.
    pub(crate) fn is(&self, before: &Child) -> bool {
        matches!(self, Self::Kept(child) if child.id == before.id)
    }
}

/// New nodes without names and hashes.
#[derive(Default)]
pub(crate) struct Draft<'a> {
    leaves: Vec<(&'a StateKey, &'a [u8])>,
    inner: Vec<Joint>,
}

/// An inner node of a level.
struct Joint {
    level: usize,
    left: Part,
    right: Part,
}

impl<'a> Draft<'a> {
    /// A new leaf.
    pub(crate) fn leaf(&mut self, key: &'a StateKey, value: &'a [u8]) -> Part {
        self.leaves.push((key, value));
        Part::Leaf(self.leaves.len() - 1)
    }

    /// A new inner node.
    pub(crate) fn join(&mut self, level: usize, left: Part, right: Part) -> Part {
        self.inner.push(Joint { level, left, right });
        Part::Inner(self.inner.len() - 1)
    }

    /// Makes the nodes, and says what became of `root`.
    pub(crate) fn finish(self, root: Part, name: impl Fn(bool) -> NodeId, out: &mut Output) -> Child {
        let mut made = Made {
            leaves: self.make_leaves(&name, out),
            inner: vec![Child::default(); self.inner.len()],
        };
        let mut order: Vec<(usize, &Joint)> = self.inner.iter().enumerate().collect();
        order.sort_by_key(|(_, joint)| Reverse(joint.level));
        for row in order.chunk_by(|(_, a), (_, b)| a.level == b.level) {
            let halves = |(_, joint): &(usize, &Joint)| [made.child(joint.left), made.child(joint.right)];
            let pairs: Vec<[Child; 2]> = row.iter().map(halves).collect();
            let hashes: Vec<_> = pairs.iter().map(|pair| pair.map(|child| child.hash)).collect();
            for (((number, _), [left, right]), hash) in row.iter().zip(pairs).zip(nodes(&hashes)) {
                let id = name(false);
                out.nodes.push((id, Node::Inner(left, right)));
                if let Some(slot) = made.inner.get_mut(*number) {
                    *slot = Child { hash, id };
                }
            }
        }
        made.child(root)
    }

    fn make_leaves(&self, name: &impl Fn(bool) -> NodeId, out: &mut Output) -> Vec<Child> {
        let value_hashes = values(self.leaves.iter().map(|(_, value)| *value));
        let keys = self.leaves.iter().map(|(key, _)| *key);
        let hashes = leaves(keys.zip(value_hashes.iter().copied()));
        let parts = self.leaves.iter().zip(value_hashes).zip(hashes);
        let made = parts.map(|(((key, value), value_hash), hash)| {
            let id = name(true);
            let leaf = Leaf {
                key: **key,
                value_hash,
                value: (*value).into(),
            };
            out.index.push((**key, Some(id)));
            out.nodes.push((id, Node::Leaf(Arc::new(leaf))));
            Child { hash, id }
        });
        made.collect()
    }
}

/// What became of a draft's nodes, by their numbers.
struct Made {
    leaves: Vec<Child>,
    inner: Vec<Child>,
}

impl Made {
    fn child(&self, part: Part) -> Child {
        let made = match part {
            Part::Kept(child) => return child,
            Part::Leaf(number) => self.leaves.get(number),
            Part::Inner(number) => self.inner.get(number),
        };
        made.copied().unwrap_or_default()
    }
}
