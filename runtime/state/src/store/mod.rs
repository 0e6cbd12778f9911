//! Where the state lies: a few tables of records, read at a point in time and written atomically.
//!
//! A store knows nothing of trees. It keeps records that [`crate::State`] encodes, and promises one thing: a
//! [`Batch`] is there as a whole or not at all, and once `write` has returned it is there for good.

pub mod fence;
mod memory;
mod redb;

pub use self::memory::MemoryStore;
pub use self::redb::{CACHE_BYTES_DEFAULT, RedbStore};

use crate::error::StoreError;
use playfair_types::state::StateKey;
use std::sync::Arc;

/// A place for the state's records.
pub trait Store: Send + Sync + 'static {
    /// The records as the last write left them.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    fn read(&self) -> Result<Arc<dyn StoreView>, StoreError>;

    /// Makes all of `batch` durable, or none of it.
    ///
    /// # Errors
    /// [`StoreError`]; the store may then have to be opened again.
    fn write(&self, batch: &Batch) -> Result<(), StoreError>;
}

/// The records of a store. A view may, but need not, keep showing records that later writes remove: who reads a
/// retained version does not depend on it.
pub trait StoreView: Send + Sync {
    /// The record about the store itself.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read, as in all of these.
    fn meta(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// A node of the tree.
    ///
    /// # Errors
    /// As [`Self::meta`].
    fn node(&self, id: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// The newest version's leaf for a key, with its id: the index entry and its node, read together.
    ///
    /// # Errors
    /// As [`Self::meta`]; [`StoreError::Damaged`] when the index names a node that is not there.
    fn leaf(&self, key: &StateKey) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// The versions' records in ascending order.
    ///
    /// # Errors
    /// As [`Self::meta`].
    fn versions(&self) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;

    /// The lists of nodes that go when `version` goes.
    ///
    /// # Errors
    /// As [`Self::meta`].
    fn garbage(&self, version: u64) -> Result<Vec<Vec<u8>>, StoreError>;

    /// How many nodes and index entries there are.
    ///
    /// # Errors
    /// As [`Self::meta`].
    fn counts(&self) -> Result<Counts, StoreError>;
}

/// How many records a store has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Nodes of all versions.
    pub nodes: u64,
    /// Keys of the newest version.
    pub keys: u64,
}

/// Records to put, or to remove, by their places.
pub type Records<K> = Vec<(K, Option<Vec<u8>>)>;

/// One atomic write. Each list is in ascending order of what it names.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The record about the store itself.
    pub meta: Vec<u8>,
    /// New nodes.
    pub nodes: Vec<(u64, Vec<u8>)>,
    /// Nodes that go.
    pub removed: Vec<u64>,
    /// The newest version's leaf of each key; `None` where it has none.
    pub index: Vec<(StateKey, Option<u64>)>,
    /// Versions' records; `None` removes one.
    pub versions: Records<u64>,
    /// Lists of nodes that go when a version goes, by version and number; `None` removes one.
    pub garbage: Records<(u64, u32)>,
}

impl<S: Store + ?Sized> Store for Arc<S> {
    fn read(&self) -> Result<Arc<dyn StoreView>, StoreError> {
        (**self).read()
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        (**self).write(batch)
    }
}
