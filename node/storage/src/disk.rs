//! What storage needs of a disk.
//!
//! A disk is one flat folder of files. The promises are a real file system's, and no stronger:
//! - what was written may be read at once, and is lost with the power unless it was synced;
//! - unsynced writes may arrive in any order, or in parts;
//! - a file's name is lost with the power unless the folder was synced after it was made, renamed or removed;
//! - after a failed sync nobody knows what arrived: who gets an error closes the file and reads again.

use std::fmt::Debug;
use std::io;

/// A folder of files.
pub trait Disk: Clone + Debug + Send + Sync + 'static {
    /// An open file.
    type File: DiskFile;

    /// The names of all files, in any order.
    ///
    /// # Errors
    /// As the system gives them, here and in all other methods.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Opens a file that is there.
    ///
    /// # Errors
    /// `NotFound` when it is not.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Makes an empty file.
    ///
    /// # Errors
    /// `AlreadyExists` when there is one.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// Gives a file another name, in place of the file that has it.
    ///
    /// # Errors
    /// As the system gives them.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound` when it is not there.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes names durable.
    ///
    /// # Errors
    /// As the system gives them.
    fn sync(&self) -> io::Result<()>;
}

/// An open file.
#[allow(clippy::len_without_is_empty)] // A file's length is asked for, never its emptiness.
pub trait DiskFile: Debug + Send + Sync + 'static {
    /// Its length, bytes.
    ///
    /// # Errors
    /// As the system gives them, here and in all other methods.
    fn len(&self) -> io::Result<u64>;

    /// Fills `out` from `offset` on.
    ///
    /// # Errors
    /// `UnexpectedEof` when the file is shorter.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()>;

    /// Writes all of `data` at `offset`; the file grows as needed.
    ///
    /// # Errors
    /// `StorageFull` when there is no room; a part may have been written.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()>;

    /// Cuts the file, or lengthens it by zeros.
    ///
    /// # Errors
    /// As the system gives them.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// Makes this the only handle of the file that may lock it, until it is dropped.
    ///
    /// # Errors
    /// When another handle has it.
    fn lock(&self) -> io::Result<()>;

    /// Makes content and length durable.
    ///
    /// # Errors
    /// As the system gives them; then nobody knows what arrived.
    fn sync(&self) -> io::Result<()>;
}
