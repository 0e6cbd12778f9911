//! The tape log: every sealed block's records and certificate, in the order of heights, in files that only grow.
//!
//! ```text
//! file     name = first height, 20 digits, ".tape"
//!          "playfair tape\n\0\0" 16 | format u32 = 1 | salt 16 | chain id 32 | first height u64 | check u32
//!          then entries, then zeros
//! entry    length u32 of the body | check u32 | height u64 | durable u64 | head check u32 | body
//! body     certificate length u8 | certificate | records, each whole
//! ```
//! Integers are big-endian. *Check* is CRC-32 (IEEE) of everything in the header before it, or of salt, length, height,
//! durable and body. The salt is random and the same in all files of a log: without it, a player could sign a call whose
//! payload looks like an entry; *head check* is the CRC of salt and head, so that nobody signs a payload either of which each
//! byte must be tried as the beginning of a long entry. *Durable* is the number of heights that the disk had confirmed when the entry was written: whoever
//! finds an entry that says so knows that all heights below were once safe. A file is lengthened by zeros ahead of its
//! entries, so that writing a block need not change a length, and room is there before a block is made; a length of 0
//! ends the entries. Genesis has no certificate.
//!
//! **Promise.** [`TapeLog::append`] and then [`TapeLog::sync`] without an error: the block survives any loss of power. An
//! error poisons the log: nobody knows what arrived, so it must be opened again, and what it then holds is the truth.
//!
//! **Opening.** The last file is read whole. It ends at the first entry that does not check. If nothing after it says
//! *durable* above its height, it is a torn write that nobody has heard of, and is cut off. If something does, a block
//! that was acknowledged is damaged: [`LogError::Damaged`]; [`repair`] puts copies in its place. Entries that no later one
//! calls safe are written and synced again: a system whose sync has failed may show what its disk does not have.
//!
//! **How could one cheat?** Checks find damage, not lies: whoever can write to the folder can write any history, and is
//! found out by the certificates in it, which other people hold too.

mod entry;
mod error;
mod file;
mod repair;

pub use entry::{BODY_BYTES_MAX, Body};
pub use error::LogError;
pub use repair::{Repaired, repair};

use crate::disk::Disk;
use entry::Entry;
use file::{Header, LogFile};
use playfair_types::crypto::field::Fr;

/// What makes a log's checks its own.
pub type Salt = [u8; 16];

/// A file takes no further entry when it is this long, bytes, unless something else is said.
pub const FILE_BYTES: u64 = 64 << 20;

/// The log of one chain.
#[derive(Debug)]
pub struct TapeLog<D: Disk> {
    disk: D,
    chain_id: Fr,
    /// First heights of all files, ascending; the last one is `last`'s.
    files: Vec<u64>,
    last: LogFile<D::File>,
    /// The height of the next entry.
    next: u64,
    /// Heights below this are safe.
    durable: u64,
    poisoned: bool,
    file_bytes: u64,
}

/// What opening a log has found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Bytes of a torn write that were cut off.
    pub torn_bytes: u64,
}

impl<D: Disk> TapeLog<D> {
    /// Makes the log of a chain, which begins with height `first`.
    ///
    /// # Errors
    /// [`LogError::Io`] also when there is a file in the way.
    pub fn create(disk: D, chain_id: Fr, first: u64, salt: Salt) -> Result<Self, LogError> {
        let header = Header {
            salt,
            chain_id,
            first,
        };
        let last = LogFile::create(&disk, &header)?;
        Ok(Self::new(disk, chain_id, vec![first], last, first))
    }

    /// Opens the log of a chain, if there is one.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when an entry that was safe is not what it was, [`LogError::NotALog`], [`LogError::OtherChain`],
    /// [`LogError::Format`]; nothing has changed then.
    pub fn open(disk: D, chain_id: Fr) -> Result<Option<(Self, Found)>, LogError> {
        let mut files = names(&disk)?;
        while let Some(start) = files.last().copied() {
            let mut last = match LogFile::open(&disk, start, chain_id) {
                // A new file's name may be older than its header: nothing was written to it then.
                Err(LogError::Unfinished { .. }) => {
                    file::remove(&disk, start)?;
                    files.pop();
                    continue;
                }
                opened => opened?,
            };
            let scan = last.scan()?;
            // The process that made or repaired the file may have ended before its name was safe.
            disk.sync().map_err(LogError::io("sync the folder"))?;
            let torn_bytes = last.settle(&scan)?;
            let log = Self::new(disk, chain_id, files, last, scan.next);
            return Ok(Some((log, Found { torn_bytes })));
        }
        Ok(None)
    }

    fn new(disk: D, chain_id: Fr, files: Vec<u64>, last: LogFile<D::File>, next: u64) -> Self {
        Self {
            disk,
            chain_id,
            files,
            last,
            next,
            durable: next,
            poisoned: false,
            file_bytes: FILE_BYTES,
        }
    }

    /// With files that end at this length instead of [`FILE_BYTES`].
    #[must_use]
    pub fn with_file_bytes(mut self, bytes: u64) -> Self {
        self.file_bytes = bytes;
        self
    }

    /// The first height that the log on a disk holds, by the names of its files, whatever they are.
    ///
    /// # Errors
    /// [`LogError::Io`].
    pub fn first_on(disk: &D) -> Result<Option<u64>, LogError> {
        Ok(names(disk)?.first().copied())
    }

    /// The first height that the log holds.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.files.first().copied().unwrap_or(self.next)
    }

    /// The height of the next entry.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Writes the next block. It is not safe before [`TapeLog::sync`].
    ///
    /// # Errors
    /// [`LogError::Poisoned`] after an earlier error; [`LogError::NoSpace`], [`LogError::Io`] poison the log.
    pub fn append(&mut self, body: &Body) -> Result<(), LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        self.poisoned = true;
        if self.last.end() >= self.file_bytes {
            // What the old file holds must be safe before anything can be found after it.
            self.last.sync()?;
            self.durable = self.next;
            let header = Header {
                salt: self.last.salt(),
                chain_id: self.chain_id,
                first: self.next,
            };
            self.last = LogFile::create(&self.disk, &header)?;
            self.files.push(self.next);
        }
        let entry = Entry::encode(&self.last.salt(), self.next, self.durable, body)?;
        self.last.append(&entry)?;
        self.next += 1;
        self.poisoned = false;
        Ok(())
    }

    /// Makes every appended block safe.
    ///
    /// # Errors
    /// As [`TapeLog::append`].
    pub fn sync(&mut self) -> Result<(), LogError> {
        if self.poisoned {
            return Err(LogError::Poisoned);
        }
        self.poisoned = true;
        self.last.sync()?;
        self.durable = self.next;
        self.poisoned = false;
        Ok(())
    }

    /// Hands the blocks from height `from` on to `block`, in order, until there are no more or `block` says stop.
    ///
    /// # Errors
    /// [`LogError::Pruned`] below the first height, [`LogError::Damaged`], [`LogError::Missing`]; and what `block` says.
    pub fn read<E: From<LogError>>(
        &self,
        from: u64,
        mut block: impl FnMut(u64, Body) -> Result<bool, E>,
    ) -> Result<(), E> {
        if from < self.first() {
            return Err(LogError::Pruned { first: self.first() }.into());
        }
        let starts = self
            .files
            .partition_point(|start| *start <= from)
            .saturating_sub(1);
        for (place, start) in self.files.iter().enumerate().skip(starts) {
            let until = self.files.get(place + 1).copied().unwrap_or(self.next);
            let file = LogFile::open(&self.disk, *start, self.chain_id)?;
            let mut stopped = false;
            file.read(until, |height, body| {
                if height < from {
                    return Ok(true);
                }
                let goes_on = block(height, body)?;
                stopped = !goes_on;
                Ok::<_, E>(goes_on)
            })?;
            if stopped {
                break;
            }
        }
        Ok(())
    }

    /// Removes files that hold only heights below `height`, at most `count` of them; whether there were no more. The last file
    /// always stays.
    ///
    /// # Errors
    /// [`LogError::Io`]; some files may be gone.
    pub fn prune(&mut self, height: u64, count: usize) -> Result<bool, LogError> {
        for _ in 0..count {
            let [first, second, ..] = self.files[..] else {
                return Ok(true);
            };
            if second > height {
                return Ok(true);
            }
            // Oldest first, each durably: a gap must never appear.
            file::remove(&self.disk, first)?;
            self.files.remove(0);
        }
        Ok(false)
    }
}

/// First heights of the files on a disk, ascending.
fn names<D: Disk>(disk: &D) -> Result<Vec<u64>, LogError> {
    let all = disk.list().map_err(LogError::io("list the folder"))?;
    let mut files: Vec<u64> = all.iter().filter_map(|name| file::first_of(name)).collect();
    files.sort_unstable();
    Ok(files)
}
