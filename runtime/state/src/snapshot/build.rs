//! The tree of a sorted stream of leaves, with one path in memory.
//!
//! A leaf stands one level below the longest prefix it shares with a neighbour. Once the next leaf is known, all
//! subtrees on the leaf's way that the next leaf does not enter are complete: they are joined upwards, each with the
//! left half that waits at its level, or with an empty one. What remains is the left half of the node where the two
//! part, and waits there.

use crate::node::{Child, Node, NodeId};
use playfair_types::hash::node;
use playfair_types::state::StateKey;

#[derive(Default)]
pub(super) struct Builder {
    /// Left halves that wait for their right ones, with the levels of their nodes, which increase.
    waiting: Vec<(usize, Child)>,
    last: Option<Pending>,
}

/// A leaf whose right neighbour is not known yet.
struct Pending {
    key: StateKey,
    child: Child,
    /// The bits that it shares with its left neighbour, if it has one.
    shared: Option<usize>,
}

impl Builder {
    /// The next leaf, with a greater key than all before. New nodes count on from `next` and go to `nodes`.
    pub(super) fn push(
        &mut self,
        key: StateKey,
        child: Child,
        next: &mut u64,
        nodes: &mut Vec<(NodeId, Node)>,
    ) {
        let shared = self.last.as_ref().map(|last| last.key.common_bits(&key));
        if let Some(level) = shared
            && let Some(half) = self.close(Some(level), next, nodes)
        {
            self.waiting.push((level, half));
        }
        self.last = Some(Pending { key, child, shared });
    }

    /// The root's subtree.
    pub(super) fn finish(mut self, next: &mut u64, nodes: &mut Vec<(NodeId, Node)>) -> Child {
        self.close(None, next, nodes).unwrap_or_default()
    }

    /// The last leaf's subtree below the node at level `parting`, or the whole tree.
    fn close(
        &mut self,
        parting: Option<usize>,
        next: &mut u64,
        nodes: &mut Vec<(NodeId, Node)>,
    ) -> Option<Child> {
        let Pending {
            key,
            mut child,
            shared,
        } = self.last.take()?;
        // Levels of nodes above the leaf, below the parting.
        let top = parting.map_or(0, |level| level + 1);
        let depth = shared.max(parting).map_or(0, |level| level + 1);
        for level in (top..depth).rev() {
            let left = self
                .waiting
                .pop_if(|(waiting, _)| *waiting == level)
                .map(|(_, left)| left);
            let (left, right) = match left {
                Some(left) => (left, child),
                None if key.bit(level) => (Child::default(), child),
                None => (child, Child::default()),
            };
            child = Child {
                hash: node(left.hash, right.hash),
                id: NodeId::take(next, false),
            };
            nodes.push((child.id, Node::Inner(left, right)));
        }
        Some(child)
    }
}
