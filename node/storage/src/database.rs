//! A redb database on a medium, behind the fence: some damage makes redb panic, and closing writes.

use playfair_state::StoreError;
use playfair_state::store::fence::{Failure, fenced};
use redb::{Builder, Durability, StorageBackend, WriteTransaction};

/// The database of one file.
pub(crate) struct Database(Option<redb::Database>);

impl Drop for Database {
    fn drop(&mut self) {
        // Closing writes, and so can meet damage; nothing flushed is at stake.
        let database = self.0.take();
        fenced(|| {
            drop(database);
            Ok(())
        })
        .ok();
    }
}

impl Database {
    /// Opens or makes it. `prepare` makes the tables, in a transaction that is then committed.
    pub(crate) fn open<T>(
        medium: impl StorageBackend,
        cache_bytes: usize,
        prepare: impl FnOnce(&WriteTransaction) -> Result<T, Failure>,
    ) -> Result<(Self, T), StoreError> {
        fenced(|| {
            let database = Builder::new()
                .set_cache_size(cache_bytes)
                .create_with_backend(medium)?;
            let transaction = begin(&database)?;
            let prepared = prepare(&transaction)?;
            transaction.commit()?;
            Ok((Self(Some(database)), prepared))
        })
    }

    /// Reads.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&redb::Database) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        fenced(|| read(self.get()?))
    }

    /// Writes durably, all or nothing.
    pub(crate) fn write<T>(
        &self,
        write: impl FnOnce(&WriteTransaction) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        fenced(|| {
            let transaction = begin(self.get()?)?;
            let written = write(&transaction)?;
            transaction.commit()?;
            Ok(written)
        })
    }

    fn get(&self) -> Result<&redb::Database, Failure> {
        self.0.as_ref().ok_or(Failure(StoreError::Closed))
    }
}

/// As the state's store: two phases, and no walk over the whole file after a crash.
fn begin(database: &redb::Database) -> Result<WriteTransaction, Failure> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_quick_repair(true);
    Ok(transaction)
}
