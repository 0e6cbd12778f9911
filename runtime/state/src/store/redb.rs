//! The state in one file, kept by redb.
//!
//! **Durability.** Every write is one redb transaction with immediate durability, so a returned write is on the disk.
//! It commits in two phases, and saves the allocator's state (redb's *quick repair*): the first phase writes and syncs
//! all pages, the second changes one bit that says which of two headers counts. The one-phase commit would save a sync
//! and lean on checksums to find a torn commit, but then opening after a crash walks the whole file, which a chain with
//! gigabytes of state cannot wait for.
//!
//! **Cache.** redb's default is a gigabyte; here it is a parameter. Dirty pages beyond it spill to the file during a
//! transaction.
//!
//! **Room.** The file does not shrink by itself; pruned records make room for later ones.
//!
//! **One opener.** redb locks the file; a second opener gets [`StoreError::InUse`].
//!
//! **Damage.** redb compares its own checksums only in a full repair, and every call into it is fenced ([`super::fence`]).
//! Records carry their own checksums, so what is read is what was written. What damage can do unseen is to hide an entry
//! of the index, so that [`crate::State::get`] finds no value; [`crate::State::check`] finds that.

use super::fence::{Failure, fenced};
use super::{Batch, Counts, Store, StoreView};
use crate::error::StoreError;
use playfair_types::state::StateKey;
use redb::{
    Builder, Database, Durability, ReadOnlyTable, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    StorageBackend, TableDefinition, TableHandle,
};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The cache size to use without a reason for another one, bytes.
pub const CACHE_BYTES_DEFAULT: usize = 64 << 20;

const META: TableDefinition<'_, (), &[u8]> = TableDefinition::new("meta");
const NODES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("nodes");
const INDEX: TableDefinition<'_, &[u8; 31], u64> = TableDefinition::new("index");
const VERSIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("versions");
const GARBAGE: TableDefinition<'_, (u64, u32), &[u8]> = TableDefinition::new("garbage");
const TABLES: [&str; 5] = ["meta", "nodes", "index", "versions", "garbage"];

/// A file with the state.
pub struct RedbStore {
    /// Always there, but while dropping.
    database: Option<Database>,
}

impl Drop for RedbStore {
    fn drop(&mut self) {
        // Closing writes, and so can meet damage; there is nobody left to tell, and nothing flushed is at stake.
        let database = self.database.take();
        fenced(|| {
            drop(database);
            Ok(())
        })
        .ok();
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").finish_non_exhaustive()
    }
}

impl RedbStore {
    /// Opens the store in the file at `path`; makes it if there is none. `cache_bytes` bounds redb's page cache, see
    /// [`CACHE_BYTES_DEFAULT`].
    ///
    /// # Errors
    /// [`StoreError::InUse`] when the file is open elsewhere, [`StoreError::NotAStore`] when it is another kind of
    /// file, [`StoreError::Damaged`], [`StoreError::NoSpace`], [`StoreError::Io`].
    pub fn open(path: impl AsRef<Path>, cache_bytes: usize) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let store = Self::with(|builder| builder.set_cache_size(cache_bytes).create(path))?;
        sync_folder(path).map_err(StoreError::Io)?;
        Ok(store)
    }

    /// Opens a store on another medium than a file, such as a simulated disk.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_backend(backend: impl StorageBackend, cache_bytes: usize) -> Result<Self, StoreError> {
        Self::with(|builder| builder.set_cache_size(cache_bytes).create_with_backend(backend))
    }

    fn with<E: Into<redb::Error>>(
        open: impl FnOnce(&mut Builder) -> Result<Database, E>,
    ) -> Result<Self, StoreError> {
        fenced(|| {
            let database = open(&mut Builder::new()).map_err(Into::into)?;
            if !is_new(&database)? {
                return Ok(Self {
                    database: Some(database),
                });
            }
            let transaction = begin(&database)?;
            transaction.open_table(META)?;
            transaction.open_table(NODES)?;
            transaction.open_table(INDEX)?;
            transaction.open_table(VERSIONS)?;
            transaction.open_table(GARBAGE)?;
            transaction.commit()?;
            Ok(Self {
                database: Some(database),
            })
        })
    }

    fn database(&self) -> Result<&Database, Failure> {
        self.database.as_ref().ok_or(Failure(StoreError::Closed))
    }
}

/// Makes sure that a power failure does not take a new file's name away.
fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere folders cannot be opened, and need not be.
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Whether nothing was ever written; a file with other tables is none of ours.
fn is_new(database: &Database) -> Result<bool, Failure> {
    let names: BTreeSet<String> = {
        let transaction = database.begin_read()?;
        transaction
            .list_tables()?
            .map(|table| table.name().to_owned())
            .collect()
    };
    if !names.is_empty() && names != TABLES.map(str::to_owned).into() {
        return Err(Failure(StoreError::NotAStore));
    }
    Ok(names.is_empty())
}

fn begin(database: &Database) -> Result<redb::WriteTransaction, Failure> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_quick_repair(true);
    Ok(transaction)
}

impl Store for RedbStore {
    fn read(&self) -> Result<Arc<dyn StoreView>, StoreError> {
        fenced(|| {
            let transaction = self.database()?.begin_read()?;
            Ok(Arc::new(View {
                meta: transaction.open_table(META)?,
                nodes: transaction.open_table(NODES)?,
                index: transaction.open_table(INDEX)?,
                versions: transaction.open_table(VERSIONS)?,
                garbage: transaction.open_table(GARBAGE)?,
            }) as Arc<dyn StoreView>)
        })
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        fenced(|| {
            let transaction = begin(self.database()?)?;
            transaction.open_table(META)?.insert((), batch.meta.as_slice())?;
            {
                let mut nodes = transaction.open_table(NODES)?;
                for id in &batch.removed {
                    nodes.remove(id)?;
                }
                for (id, record) in &batch.nodes {
                    nodes.insert(id, record.as_slice())?;
                }
                let mut index = transaction.open_table(INDEX)?;
                for (key, id) in &batch.index {
                    match id {
                        Some(id) => index.insert(&key.0, id)?,
                        None => index.remove(&key.0)?,
                    };
                }
                let mut versions = transaction.open_table(VERSIONS)?;
                for (version, record) in &batch.versions {
                    match record {
                        Some(record) => versions.insert(version, record.as_slice())?,
                        None => versions.remove(version)?,
                    };
                }
                let mut garbage = transaction.open_table(GARBAGE)?;
                for (place, record) in &batch.garbage {
                    match record {
                        Some(record) => garbage.insert(place, record.as_slice())?,
                        None => garbage.remove(place)?,
                    };
                }
            }
            transaction.commit()?;
            Ok(())
        })
    }
}

/// The tables at one moment. It holds a read transaction, so redb keeps the pages it needs.
struct View {
    meta: ReadOnlyTable<(), &'static [u8]>,
    nodes: ReadOnlyTable<u64, &'static [u8]>,
    index: ReadOnlyTable<&'static [u8; 31], u64>,
    versions: ReadOnlyTable<u64, &'static [u8]>,
    garbage: ReadOnlyTable<(u64, u32), &'static [u8]>,
}

impl StoreView for View {
    fn meta(&self) -> Result<Option<Vec<u8>>, StoreError> {
        fenced(|| Ok(self.meta.get(())?.map(|record| record.value().to_vec())))
    }

    fn node(&self, id: u64) -> Result<Option<Vec<u8>>, StoreError> {
        fenced(|| Ok(self.nodes.get(id)?.map(|record| record.value().to_vec())))
    }

    fn leaf(&self, key: &StateKey) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        fenced(|| {
            let Some(id) = self.index.get(&key.0)?.map(|id| id.value()) else {
                return Ok(None);
            };
            match self.nodes.get(id)? {
                Some(record) => Ok(Some((id, record.value().to_vec()))),
                None => Err(Failure(StoreError::Damaged(
                    "an indexed leaf is missing".to_owned(),
                ))),
            }
        })
    }

    fn versions(&self) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        fenced(|| {
            let mut all = Vec::new();
            for entry in self.versions.iter()? {
                let (version, record) = entry?;
                all.push((version.value(), record.value().to_vec()));
            }
            Ok(all)
        })
    }

    fn garbage(&self, version: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        fenced(|| {
            let mut all = Vec::new();
            for entry in self.garbage.range((version, 0)..=(version, u32::MAX))? {
                all.push(entry?.1.value().to_vec());
            }
            Ok(all)
        })
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        fenced(|| {
            Ok(Counts {
                nodes: self.nodes.len()?,
                keys: self.index.len()?,
            })
        })
    }
}
