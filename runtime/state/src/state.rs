//! The state itself: versions over a store, with a layer of what is not flushed yet.

use crate::error::{StateError, StoreError};
use crate::layer::{Layer, Live};
use crate::node::{Child, Leaf, Load, Node, NodeId};
use crate::record::{Meta, Version};
use crate::store::{Batch, Counts, Store};
use crate::update::{Change, Output, Update};
use crate::view::View;
use playfair_types::Fr;
use playfair_types::limits::VALUE_BYTES_MAX;
use playfair_types::state::StateKey;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A batch of writes; `None` removes a key.
pub type Changes = BTreeMap<StateKey, Option<Vec<u8>>>;

/// Longest note of a version, bytes.
pub const NOTE_BYTES_MAX: usize = 4096;

/// The chain's state: the newest version, the retained ones, and the only way to make another.
///
/// All methods take `&self`; share it behind an [`Arc`]. Reads (`get`, views) go on while another thread commits,
/// flushes or prunes, and wait for these only while a finished result is put in place. Commits, flushes, prunes and
/// `root_of` wait for each other, and hash on rayon's threads: do not call them from tasks that run there, which could
/// wait for themselves.
///
/// What is not flushed is in memory, some 200 bytes for each changed key and level of the tree; flush as often as a
/// crash may cost, and prune as often.
pub struct State {
    pub(crate) shared: Arc<Shared>,
}

/// What a state and its views have in common. Locks are taken in the order of the fields.
pub(crate) struct Shared {
    pub(crate) store: Box<dyn Store>,
    /// Held by who changes anything.
    pub(crate) writer: Mutex<Writer>,
    /// How many views each version has; pruning leaves these versions.
    pub(crate) views: Mutex<BTreeMap<u64, usize>>,
    pub(crate) live: RwLock<Live>,
}

pub(crate) struct Writer {
    /// The counter of the next new node.
    pub(crate) next: u64,
}

/// A flush that was begun, see [`State::freeze`]. Until it is written nothing is pruned, and no other can begin.
#[must_use = "nothing is durable before it is written"]
pub struct Flush {
    shared: Arc<Shared>,
    batch: Batch,
    version: u64,
}

impl Flush {
    /// The newest version in it.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Writes it.
    ///
    /// # Errors
    /// As [`State::flush`].
    pub fn write(self) -> Result<(), StateError> {
        self.shared.store.write(&self.batch)?;
        let base = self.shared.store.read()?;
        self.shared.live_mut().flushed(self.version, base);
        Ok(())
    }
}

impl fmt::Debug for Flush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flush")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let live = self.shared.live();
        f.debug_struct("State")
            .field("version", &live.newest.0)
            .field("root", &live.newest.1.root.hash)
            .finish_non_exhaustive()
    }
}

// A lock is poisoned when a thread panics while it holds it. What they guard is changed by plain moves that do not
// panic half-way, after all that may fail is done; so the content is sound and the poison is ignored.
impl Shared {
    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn views(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn live_mut(&self) -> RwLockWriteGuard<'_, Live> {
        self.live.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Load for Shared {
    fn load(&self, id: NodeId) -> Result<Node, StateError> {
        let base = {
            let live = self.live();
            if let Some(node) = live.unflushed(id) {
                return Ok(node.clone());
            }
            live.base.clone()
        };
        crate::layer::load_stored(&*base, id)
    }
}

impl State {
    /// Opens the state at the last flushed version. In an empty store that is version 0: no keys, root 0, empty note.
    ///
    /// # Errors
    /// [`StateError::Store`], also for an unknown format; [`StateError::Damaged`];
    /// [`StateError::ImportUnfinished`].
    pub fn open(store: impl Store) -> Result<Self, StateError> {
        let base = store.read()?;
        let mut layer = Layer::default();
        let mut next = 1;
        let mut older = BTreeMap::new();
        let mut flushed = None;
        let newest = match base.meta()? {
            None => {
                layer.versions.insert(0);
                (0, Version::empty())
            }
            Some(meta) => {
                let meta = Meta::decode(&meta)?;
                if meta.importing {
                    return Err(StateError::ImportUnfinished);
                }
                next = meta.next;
                for (number, record) in base.versions()? {
                    let version = Version::decode(number, &record)?;
                    if version.bound > next {
                        return Err(StateError::Damaged("a version is newer than its store"));
                    }
                    older.insert(number, version);
                }
                let newest = older.pop_last().ok_or(StateError::Damaged("it has no version"))?;
                flushed = Some(newest.0);
                newest
            }
        };
        let live = Live {
            base,
            frozen: None,
            layer,
            newest,
            older,
            flushed,
        };
        Ok(Self {
            shared: Arc::new(Shared {
                store: Box::new(store),
                writer: Mutex::new(Writer { next }),
                views: Mutex::default(),
                live: RwLock::new(live),
            }),
        })
    }

    /// The newest version's root; 0 without keys.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.shared.live().newest.1.root.hash
    }

    /// The newest version: the number of commits that led to it, counted from the store's beginning or import.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.shared.live().newest.0
    }

    /// The newest version that a crash cannot lose; `None` before the first flush.
    #[must_use]
    pub fn flushed_version(&self) -> Option<u64> {
        self.shared.live().flushed
    }

    /// All versions that can be read, in ascending order.
    #[must_use]
    pub fn versions(&self) -> Vec<u64> {
        let live = self.shared.live();
        live.older.keys().copied().chain([live.newest.0]).collect()
    }

    /// How many keys the newest version has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.shared.live().newest.1.keys
    }

    /// Whether the newest version has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The newest version's note.
    #[must_use]
    pub fn note(&self) -> Arc<[u8]> {
        self.shared.live().newest.1.note.clone()
    }

    /// How many records the store holds: those of flushed versions.
    ///
    /// # Errors
    /// [`StateError::Store`].
    pub fn stored(&self) -> Result<Counts, StateError> {
        let base = self.shared.live().base.clone();
        Ok(base.counts()?)
    }

    /// The newest version's value of `key`. It is looked up in an index, not along the tree: two reads of the store.
    ///
    /// # Errors
    /// [`StateError::Store`], [`StateError::Damaged`].
    pub fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        let leaf = self.indexed(key)?;
        Ok(leaf.map(|(_, leaf)| leaf.value.to_vec()))
    }

    /// The newest version's leaf of `key` by the index, with its id.
    pub(crate) fn indexed(&self, key: &StateKey) -> Result<Option<(NodeId, Arc<Leaf>)>, StateError> {
        let base = {
            let live = self.shared.live();
            match live.unflushed_index(key) {
                Some(None) => return Ok(None),
                // What is new in the index is so because its leaf is.
                Some(Some(id)) => match live.unflushed(id) {
                    Some(Node::Leaf(leaf)) => return Ok(Some((id, leaf.clone()))),
                    _ => return Err(StateError::Damaged("a new leaf is missing")),
                },
                None => live.base.clone(),
            }
        };
        let Some((id, record)) = base.leaf(key)? else {
            return Ok(None);
        };
        let id = NodeId::from_raw(id);
        match Node::decode(id, &record)? {
            Node::Leaf(leaf) if leaf.key == *key => Ok(Some((id, leaf))),
            _ => Err(StateError::Damaged("the index names another key's leaf")),
        }
    }

    /// Makes the next version: the newest with `changes`, and with `note`, which is the caller's (such as the block and
    /// the place on the tape that it stands for). Returns its root.
    ///
    /// It is in memory until [`Self::flush`]. A version is made even if nothing changes.
    ///
    /// # Errors
    /// [`StateError::ValueTooLong`], [`StateError::NoteTooLong`], [`StateError::Store`], [`StateError::Damaged`]. There
    /// is no new version then.
    pub fn commit(&self, changes: &Changes, note: &[u8]) -> Result<Fr, StateError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(StateError::NoteTooLong { length: note.len() });
        }
        let mut writer = self.shared.writer();
        let (root, next, output) = self.update(&writer, changes)?;
        self.shared.live_mut().push(root, next, note, output);
        writer.next = next;
        Ok(root.hash)
    }

    /// The root that [`Self::commit`] would return, without making a version.
    ///
    /// # Errors
    /// As [`Self::commit`].
    pub fn root_of(&self, changes: &Changes) -> Result<Fr, StateError> {
        let writer = self.shared.writer();
        Ok(self.update(&writer, changes)?.0.hash)
    }

    /// The newest tree with `changes`, the next node counter, and what to add and take away.
    fn update(&self, writer: &Writer, changes: &Changes) -> Result<(Child, u64, Output), StateError> {
        let list = changes_list(changes)?;
        let next = AtomicU64::new(writer.next);
        let mut output = Output::default();
        // Only holders of the writer's lock and finished flushes change what is behind this guard, so it keeps hardly
        // anybody waiting.
        let live = self.shared.live();
        let update = Update {
            loader: &*live,
            next: &next,
        };
        let root = update.apply(live.newest.1.root, 0, &list, &mut output)?;
        Ok((root, next.load(Ordering::Relaxed), output))
    }

    /// Makes all versions up to the newest durable, and all pruning done so far, in one atomic write. After a crash the
    /// state opens at the last flushed version.
    ///
    /// # Errors
    /// [`StateError::Store`]. What was flushed before is safe. A store that failed must be opened again, and then has
    /// the version of the last flush, or of this one if only its answer was lost; until then new values can be read from
    /// memory, and old ones as far as the store still gives them.
    pub fn flush(&self) -> Result<(), StateError> {
        match self.freeze()? {
            Some(flush) => flush.write(),
            None => Ok(()),
        }
    }

    /// Begins a flush that another thread can write while this one goes on committing. Nothing if everything is durable.
    ///
    /// # Errors
    /// [`StoreError::Closed`] while an earlier one has not been written.
    pub fn freeze(&self) -> Result<Option<Flush>, StateError> {
        let writer = self.shared.writer();
        let mut live = self.shared.live_mut();
        if live.frozen.is_some() {
            return Err(StoreError::Closed.into());
        }
        if live.layer.is_empty() {
            return Ok(None);
        }
        let batch = live.batch(writer.next);
        live.freeze();
        Ok(Some(Flush {
            shared: Arc::clone(&self.shared),
            batch,
            version: live.newest.0,
        }))
    }

    /// A view of a retained version.
    ///
    /// # Errors
    /// [`StateError::UnknownVersion`].
    pub fn at(&self, version: u64) -> Result<View, StateError> {
        View::open(&self.shared, version)
    }

    /// A view of the newest retained version with this root. Looks through the retained versions one by one.
    ///
    /// # Errors
    /// [`StateError::UnknownRoot`].
    pub fn at_root(&self, root: Fr) -> Result<View, StateError> {
        View::open_root(&self.shared, root)
    }

    /// A view of the newest version.
    #[must_use]
    pub fn newest(&self) -> View {
        View::open_newest(&self.shared)
    }
}

/// A batch as the tree takes it.
pub(crate) fn changes_list(changes: &Changes) -> Result<Vec<Change<'_>>, StateError> {
    let mut list = Vec::with_capacity(changes.len());
    for (key, value) in changes {
        let value = value.as_deref();
        let length = value.map_or(0, <[u8]>::len);
        if length > VALUE_BYTES_MAX {
            return Err(StateError::ValueTooLong { key: *key, length });
        }
        list.push((key, value));
    }
    Ok(list)
}
