//! A file of a disk as the medium of a redb database.

use crate::disk::{Disk, DiskFile};
use redb::StorageBackend;
use std::io;

/// A database's file. Two databases on one file destroy it, if only by closing: so it is locked, and who opens a chain again
/// while somebody still reads what the last one left is refused.
#[derive(Debug)]
pub struct Medium<F>(F);

impl<F: DiskFile> Medium<F> {
    /// The file `name` of `disk`; it is made if there is none, and its name is durable.
    ///
    /// # Errors
    /// When it cannot be opened or made, or another one has it.
    pub fn open<D: Disk<File = F>>(disk: &D, name: &str) -> io::Result<Self> {
        match disk.open(name) {
            Ok(file) => {
                file.lock()?;
                Ok(Self(file))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let file = disk.create(name)?;
                file.lock()?;
                disk.sync()?;
                Ok(Self(file))
            }
            Err(error) => Err(error),
        }
    }
}

impl<F: DiskFile> StorageBackend for Medium<F> {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
