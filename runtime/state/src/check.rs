//! Looking at every node: whether the store still says what was written to it.

use crate::error::StateError;
use crate::node::{Child, Kind, Load, Node, NodeId};
use crate::state::State;
use crate::update::check_level;
use playfair_types::Fr;
use playfair_types::hash::node;
use playfair_types::state::{StateKey, leaf, value_hash};
use std::collections::HashMap;

/// The nodes seen, with the hashes that they were found to have.
struct Walk<'a> {
    state: &'a State,
    seen: HashMap<NodeId, Fr>,
    /// Whether it is the newest version's tree, whose leaves the index names.
    newest: bool,
    leaves: u64,
}

impl State {
    /// Reads every node of every retained version, hashes it again, and compares it with its parent, its place and the
    /// index; after a flush also counts that the store holds nothing else. Returns how many nodes there are.
    ///
    /// For operators and tests: it takes a minute and 100 MB for a million keys, and commits wait for it.
    ///
    /// # Errors
    /// [`StateError::Damaged`] names the first contradiction; [`StateError::Store`].
    pub fn check(&self) -> Result<u64, StateError> {
        let _writer = self.shared.writer();
        let (roots, keys, flushed, base) = {
            let live = self.shared.live();
            let (newest, older) = (&live.newest.1, live.older.values().rev());
            let roots: Vec<Child> = [newest]
                .into_iter()
                .chain(older)
                .map(|version| version.root)
                .collect();
            (roots, newest.keys, live.is_flushed(), live.base.clone())
        };
        let mut walk = Walk {
            state: self,
            seen: HashMap::new(),
            newest: true,
            leaves: 0,
        };
        for root in roots {
            walk.subtree(root, &mut StateKey([0; 31]), 0)?;
            if walk.newest && walk.leaves != keys {
                return Err(StateError::Damaged("another number of keys than counted"));
            }
            walk.newest = false;
        }
        let nodes = walk.seen.len() as u64;
        if flushed {
            let stored = base.counts()?;
            if stored.nodes != nodes {
                return Err(StateError::Damaged("nodes that no version has"));
            }
            if stored.keys != keys {
                return Err(StateError::Damaged("another number of keys in the index"));
            }
        }
        Ok(nodes)
    }
}

impl Walk<'_> {
    /// The subtree below the first `level` bits of `place`, whose other bits are 0.
    fn subtree(&mut self, at: Child, place: &mut StateKey, level: usize) -> Result<(), StateError> {
        if at.kind() == Kind::Empty {
            return match at.hash == Fr::default() {
                true => Ok(()),
                false => Err(StateError::Damaged("an empty subtree with a hash")),
            };
        }
        if let Some(hash) = self.seen.get(&at.id) {
            return match *hash == at.hash {
                true => Ok(()),
                false => Err(StateError::Damaged("two hashes for one node")),
            };
        }
        let hash = match self.state.shared.load(at.id)? {
            Node::Leaf(found) => {
                self.leaves += 1;
                if found.key.common_bits(place) < level {
                    return Err(StateError::Damaged("a leaf where its key does not lead"));
                }
                if self.newest && self.state.indexed(&found.key)?.map(|(id, _)| id) != Some(at.id) {
                    return Err(StateError::Damaged("a leaf that the index does not name"));
                }
                if value_hash(&found.value) != found.value_hash {
                    return Err(StateError::Damaged("a value that has another hash"));
                }
                leaf(&found.key, found.value_hash)
            }
            Node::Inner(left, right) => {
                check_level(level)?;
                self.subtree(left, place, level + 1)?;
                set_bit(place, level, true);
                self.subtree(right, place, level + 1)?;
                set_bit(place, level, false);
                if let (Kind::Empty, Kind::Empty | Kind::Leaf) | (Kind::Leaf, Kind::Empty) =
                    (left.kind(), right.kind())
                {
                    return Err(StateError::Damaged("a tree that is not in its compact form"));
                }
                node(left.hash, right.hash)
            }
        };
        if hash != at.hash {
            return Err(StateError::Damaged("a node that has another hash"));
        }
        self.seen.insert(at.id, hash);
        Ok(())
    }
}

fn set_bit(key: &mut StateKey, level: usize, to: bool) {
    if let Some(byte) = key.0.get_mut(level / 8) {
        let bit = 0x80 >> (level % 8);
        *byte = if to { *byte | bit } else { *byte & !bit };
    }
}
