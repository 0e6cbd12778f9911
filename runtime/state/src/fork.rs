//! Versions that are in no store: a view with changes, and with changes over these.
//!
//! **Statement.** A fork that was made of a view by batches of changes has the root, the values and the proofs that a
//! state would have which committed the same batches on that view's version.
//!
//! Forks of one view share one heap of nodes, to which each adds what it changed: nodes are immutable and their ids are
//! never used twice, as in the store. The heap lives as long as any of its forks. Ids of the heap lie where no store's
//! counter gets to, so that an id says by itself where its node is; nothing here takes the writer's lock or writes to
//! the store, and the view keeps its version from being pruned.

use crate::error::StateError;
use crate::node::{Child, Kind, Load, Node, NodeId};
use crate::prove::prove;
use crate::state::{Changes, changes_list};
use crate::update::{Output, Update, check_level};
use crate::view::View;
use playfair_types::Fr;
use playfair_types::state::StateKey;
use playfair_types::state::proof::StateProof;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The counter of the first node of a heap. A store that made a node each nanosecond would take a century to get here.
const FIRST: u64 = 1 << 62;

/// A version in memory, for reading, on any thread. Cheap to clone.
#[derive(Clone)]
pub struct Fork {
    heap: Arc<Heap>,
    root: Child,
    keys: u64,
}

/// The nodes that forks of one view have made.
struct Heap {
    /// What is below; nothing for forks of the state without keys.
    base: Option<View>,
    nodes: RwLock<HashMap<NodeId, Node>>,
    next: AtomicU64,
}

impl Heap {
    fn new(base: Option<View>) -> Arc<Self> {
        Arc::new(Self {
            base,
            nodes: RwLock::default(),
            next: AtomicU64::new(FIRST),
        })
    }
}

impl Load for Heap {
    fn load(&self, id: NodeId) -> Result<Node, StateError> {
        if id.counter() >= FIRST {
            // A panic elsewhere cannot leave the map half changed: extending it is all that happens under the lock.
            let nodes = self.nodes.read().unwrap_or_else(PoisonError::into_inner);
            let node = nodes.get(&id).cloned();
            return node.ok_or(StateError::Damaged("a tree node has an id that no store gives"));
        }
        match &self.base {
            Some(view) => view.shared.load(id),
            None => Err(StateError::Damaged("a tree node below nothing")),
        }
    }
}

impl fmt::Debug for Fork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fork")
            .field("root", &self.root.hash)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl From<View> for Fork {
    /// A fork without changes.
    fn from(view: View) -> Self {
        Self {
            root: view.root,
            keys: view.len(),
            heap: Heap::new(Some(view)),
        }
    }
}

impl Default for Fork {
    /// A fork of the state without keys.
    fn default() -> Self {
        Self {
            heap: Heap::new(None),
            root: Child::default(),
            keys: 0,
        }
    }
}

impl Fork {
    /// This version with `changes`. Hashes on rayon's threads when there are many.
    ///
    /// # Errors
    /// [`StateError::ValueTooLong`], [`StateError::Store`], [`StateError::Damaged`].
    pub fn with(&self, changes: &Changes) -> Result<Self, StateError> {
        let list = changes_list(changes)?;
        let mut output = Output::default();
        let update = Update {
            loader: &*self.heap,
            next: &self.heap.next,
        };
        let root = update.apply(self.root, 0, &list, &mut output)?;
        let mut nodes = self.heap.nodes.write().unwrap_or_else(PoisonError::into_inner);
        nodes.extend(output.nodes);
        drop(nodes);
        Ok(Self {
            heap: Arc::clone(&self.heap),
            root,
            keys: self.keys.saturating_add_signed(output.grown),
        })
    }

    /// Its root; 0 without keys.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.root.hash
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.keys
    }

    /// Whether it has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// How many nodes it and its relatives keep in memory.
    #[must_use]
    pub fn heap_nodes(&self) -> u64 {
        self.heap.next.load(Ordering::Relaxed) - FIRST
    }

    /// Its value of `key`, found along the tree.
    ///
    /// # Errors
    /// As [`View::get`].
    pub fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        get(&*self.heap, self.root, key)
    }

    /// The proof of what it has, or has not, for each of `keys`: as [`View::prove`].
    ///
    /// # Errors
    /// As [`View::prove`].
    pub fn prove(&self, keys: &[StateKey]) -> Result<StateProof, StateError> {
        prove(&*self.heap, self.root, keys)
    }
}

/// The value of `key` in the tree with this root.
pub(crate) fn get(loader: &impl Load, root: Child, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
    let mut at = root;
    let mut level = 0;
    loop {
        match at.kind() {
            Kind::Empty => return Ok(None),
            Kind::Leaf => {
                let leaf = loader.leaf(at.id)?;
                return Ok((leaf.key == *key).then(|| leaf.value.to_vec()));
            }
            Kind::Inner => {
                check_level(level)?;
                let (left, right) = loader.inner(at.id)?;
                at = if key.bit(level) { right } else { left };
                level += 1;
            }
        }
    }
}
