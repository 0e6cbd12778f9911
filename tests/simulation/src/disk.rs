//! A simulated folder of files.
//!
//! It keeps what a program sees apart from what would be left after a loss of power. Writes since a file's last sync may be
//! there afterwards, or in part, or not at all, in any combination; so may a change of length; changes of names come back
//! in the order in which they were made, up to some point. A sync that fails drops what it should have written: the
//! program still sees it, and a second sync says that all is well, as real systems do.

use crate::random::Random;
use playfair_storage::{Disk, DiskFile};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes that are written whole or not at all.
const SECTOR_BYTES: usize = 512;

/// What happens at a certain operation that changes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The power goes: this operation and all later ones fail.
    PowerOff,
    /// This operation alone fails; a sync then loses what it was to write.
    Once(ErrorKind),
}

/// What a loss of power leaves of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Nothing.
    All,
    /// Any of it, some torn.
    Some,
    /// All of it: the process died, not the machine. What was not synced may still go with a later loss.
    None,
}

/// A folder. Clones are the same folder.
#[derive(Clone, Debug, Default)]
pub struct SimDisk(Arc<Mutex<Inner>>);

/// A file of it.
#[derive(Debug)]
pub struct SimFile {
    disk: SimDisk,
    inode: u64,
    /// Whether the lock is this handle's.
    locked: AtomicBool,
}

impl Drop for SimFile {
    fn drop(&mut self) {
        if self.locked.load(Ordering::Relaxed) {
            self.disk.inner().locks.remove(&self.inode);
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Inner {
    files: BTreeMap<u64, File>,
    names: BTreeMap<String, u64>,
    synced_names: BTreeMap<String, u64>,
    /// What the names were after each change since the last sync.
    pending_names: Vec<BTreeMap<String, u64>>,
    inodes: u64,
    /// Changes and syncs so far.
    operations: u64,
    fault: Option<(u64, Fault)>,
    locks: BTreeSet<u64>,
    /// Reads so far, and the one from which on all fail.
    reads: u64,
    bad_reads: Option<u64>,
    off: bool,
    capacity: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct File {
    now: Vec<u8>,
    synced: Vec<u8>,
    pending: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write(usize, Vec<u8>),
    Resize(usize),
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write(offset, data) => {
                let end = offset + data.len();
                file.resize(file.len().max(end), 0);
                file[*offset..end].copy_from_slice(data);
            }
            Self::Resize(length) => file.resize(*length, 0),
        }
    }
}

impl SimDisk {
    /// An empty folder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets `fault` happen at the operation with this number, counted from now.
    pub fn fail_at(&self, after: u64, fault: Fault) {
        let mut inner = self.inner();
        let at = inner.operations + after;
        inner.fault = Some((at, fault));
    }

    /// Lets all reads fail after so many more.
    pub fn fail_reads_after(&self, after: u64) {
        let mut inner = self.inner();
        inner.bad_reads = Some(inner.reads + after);
    }

    /// Nothing will fail from now on.
    pub fn heal(&self) {
        let mut inner = self.inner();
        inner.fault = None;
        inner.bad_reads = None;
        inner.capacity = None;
    }

    /// Bounds the length of all files together; `None` for no bound.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        self.inner().capacity = bytes;
    }

    /// Changes and syncs so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.inner().operations
    }

    /// Bytes of all files.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.inner().used()
    }

    /// The folder that is left after a loss of power now.
    #[must_use]
    pub fn crash(&self, loss: Loss, random: &mut Random) -> Self {
        let mut inner = self.inner().clone();
        inner.fault = None;
        inner.bad_reads = None;
        inner.locks.clear();
        inner.off = false;
        inner.capacity = None;
        if loss == Loss::None {
            // The system goes on: what it has not written, it may still lose.
            return Self(Arc::new(Mutex::new(inner)));
        }
        inner.names = match loss {
            Loss::None | Loss::All => inner.synced_names.clone(),
            Loss::Some => {
                let kept = random.below(inner.pending_names.len() as u64 + 1) as usize;
                let last = inner.pending_names.into_iter().take(kept).next_back();
                last.unwrap_or(inner.synced_names)
            }
        };
        inner.synced_names = inner.names.clone();
        inner.pending_names = Vec::new();
        for file in inner.files.values_mut() {
            let left = file.left(loss, random);
            *file = File {
                now: left.clone(),
                synced: left,
                pending: Vec::new(),
            };
        }
        Self(Arc::new(Mutex::new(inner)))
    }

    /// A copy of the folder, with nothing pending.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = self.crash(Loss::None, &mut Random::new(0));
        {
            let mut inner = copy.inner();
            inner.synced_names = inner.names.clone();
            inner.pending_names.clear();
            for file in inner.files.values_mut() {
                file.synced = file.now.clone();
                file.pending.clear();
            }
        }
        copy
    }

    /// The bytes of a file.
    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let inner = self.inner();
        let inode = inner.names.get(name)?;
        Some(inner.files[inode].now.clone())
    }

    /// Damages a file behind everybody's back, durably.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut inner = self.inner();
        let inode = inner.names[name];
        let file = inner.files.get_mut(&inode).expect("a named file");
        change(&mut file.now);
        file.synced = file.now.clone();
        file.pending.clear();
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no thread panics while it holds the lock")
    }
}

impl File {
    /// What is left of it.
    fn left(&self, loss: Loss, random: &mut Random) -> Vec<u8> {
        let mut image = self.synced.clone();
        if loss == Loss::All {
            return image;
        }
        for change in &self.pending {
            match (random.below(3), change) {
                (0, _) => {}
                (1, Change::Write(offset, data)) => {
                    for (sector, data) in data.chunks(SECTOR_BYTES).enumerate() {
                        if random.one_in(2) {
                            Change::Write(offset + sector * SECTOR_BYTES, data.to_vec()).apply(&mut image);
                        }
                    }
                }
                _ => change.apply(&mut image),
            }
        }
        image
    }
}

impl Inner {
    fn used(&self) -> u64 {
        self.files.values().map(|file| file.now.len() as u64).sum()
    }

    /// Counts an operation, and says whether it fails.
    fn begin(&mut self) -> Result<()> {
        let number = self.operations;
        self.operations += 1;
        match self.fault {
            Some((at, Fault::PowerOff)) if at == number => self.off = true,
            Some((at, Fault::Once(kind))) if at == number => return Err(kind.into()),
            _ => {}
        }
        self.check_power()
    }

    fn check_power(&self) -> Result<()> {
        if self.off {
            return Err(Error::other("the power is off"));
        }
        Ok(())
    }

    fn change(&mut self, inode: u64, change: Change) -> Result<()> {
        let was_on = !self.off;
        let begun = self.begin();
        // The power may go in the middle of a write, so that a part of it arrives.
        if begun.is_err() && !(was_on && self.off) {
            return begun;
        }
        let used = self.used();
        let file = self.files.get_mut(&inode).ok_or(ErrorKind::NotFound)?;
        let end = match &change {
            Change::Write(offset, data) => offset + data.len(),
            Change::Resize(length) => *length,
        };
        let grows = end.saturating_sub(file.now.len()) as u64;
        if grows > 0 && self.capacity.is_some_and(|capacity| used + grows > capacity) {
            return Err(ErrorKind::StorageFull.into());
        }
        change.apply(&mut file.now);
        file.pending.push(change);
        begun
    }

    fn named(&mut self, change: impl FnOnce(&mut BTreeMap<String, u64>) -> Result<()>) -> Result<()> {
        self.begin()?;
        change(&mut self.names)?;
        self.pending_names.push(self.names.clone());
        Ok(())
    }
}

impl Disk for SimDisk {
    type File = SimFile;

    fn list(&self) -> Result<Vec<String>> {
        let inner = self.inner();
        inner.check_power()?;
        Ok(inner.names.keys().cloned().collect())
    }

    fn open(&self, name: &str) -> Result<SimFile> {
        let inner = self.inner();
        inner.check_power()?;
        let inode = *inner.names.get(name).ok_or(ErrorKind::NotFound)?;
        Ok(SimFile {
            disk: self.clone(),
            inode,
            locked: AtomicBool::new(false),
        })
    }

    fn create(&self, name: &str) -> Result<SimFile> {
        let mut inner = self.inner();
        let inode = inner.inodes;
        inner.named(|names| {
            if names.contains_key(name) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            names.insert(name.to_owned(), inode);
            Ok(())
        })?;
        inner.inodes += 1;
        inner.files.insert(inode, File::default());
        Ok(SimFile {
            disk: self.clone(),
            inode,
            locked: AtomicBool::new(false),
        })
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        self.inner().named(|names| {
            let inode = names.remove(from).ok_or(ErrorKind::NotFound)?;
            names.insert(to.to_owned(), inode);
            Ok(())
        })
    }

    fn remove(&self, name: &str) -> Result<()> {
        self.inner().named(|names| {
            names.remove(name).ok_or(ErrorKind::NotFound)?;
            Ok(())
        })
    }

    fn sync(&self) -> Result<()> {
        let mut inner = self.inner();
        inner.begin()?;
        inner.synced_names = inner.names.clone();
        inner.pending_names.clear();
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> Result<u64> {
        let inner = self.disk.inner();
        inner.check_power()?;
        Ok(inner.files[&self.inode].now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let mut inner = self.disk.inner();
        inner.check_power()?;
        inner.reads += 1;
        if inner.bad_reads.is_some_and(|from| inner.reads > from) {
            return Err(Error::other("a bad sector"));
        }
        let offset = offset as usize;
        let data = inner.files[&self.inode].now.get(offset..offset + out.len());
        out.copy_from_slice(data.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        let change = Change::Write(offset as usize, data.to_vec());
        self.disk.inner().change(self.inode, change)
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.disk
            .inner()
            .change(self.inode, Change::Resize(length as usize))
    }

    fn lock(&self) -> Result<()> {
        if !self.disk.inner().locks.insert(self.inode) {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.locked.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn sync(&self) -> Result<()> {
        let mut inner = self.disk.inner();
        let begun = inner.begin();
        let off = inner.off;
        let file = inner.files.get_mut(&self.inode).ok_or(ErrorKind::NotFound)?;
        if off {
            return begun;
        }
        let pending = std::mem::take(&mut file.pending);
        begun?;
        for change in pending {
            change.apply(&mut file.synced);
        }
        Ok(())
    }
}
