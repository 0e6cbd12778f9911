//! A simulated disk: it forgets what was not synced, tears writes, fills up, and fails on request.

use crate::common::Random;
use redb::StorageBackend;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

/// Bytes that are written whole or not at all.
const SECTOR_BYTES: usize = 512;

/// What happens at a certain operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The power goes: this operation and all later ones fail.
    PowerOff,
    /// This operation alone fails.
    Once(ErrorKind),
}

/// What a power failure leaves of writes since the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nothing of them.
    All,
    /// Any of them, some torn.
    Some,
    /// All of them: the process died, not the machine.
    None,
}

/// A disk with one file. Clones are the same disk.
#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    synced: Vec<u8>,
    now: Vec<u8>,
    /// Changes since the last sync.
    pending: Vec<Operation>,
    /// Writes, resizes and syncs so far.
    operations: u64,
    fault: Option<(u64, Fault)>,
    off: bool,
    capacity: Option<u64>,
}

#[derive(Clone, Debug)]
enum Operation {
    Write(usize, Vec<u8>),
    Resize(usize),
}

impl Operation {
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

impl Disk {
    pub(crate) fn new(image: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            synced: image.clone(),
            now: image,
            ..Inner::default()
        })))
    }

    /// With `fault` at the operation with this number.
    pub(crate) fn with_fault(image: Vec<u8>, at: u64, fault: Fault) -> Self {
        let disk = Self::new(image);
        disk.inner().fault = Some((at, fault));
        disk
    }

    pub(crate) fn set_capacity(&self, bytes: Option<u64>) {
        self.inner().capacity = bytes;
    }

    pub(crate) fn operations(&self) -> u64 {
        self.inner().operations
    }

    /// The file after a power failure now.
    pub(crate) fn crash(&self, loss: Loss, random: &mut Random) -> Vec<u8> {
        let inner = self.inner();
        if loss == Loss::None {
            return inner.now.clone();
        }
        let mut image = inner.synced.clone();
        if loss == Loss::All {
            return image;
        }
        for operation in &inner.pending {
            match (random.below(3), operation) {
                (0, _) => {}
                (1, Operation::Write(offset, data)) => {
                    for (sector, data) in data.chunks(SECTOR_BYTES).enumerate() {
                        if random.below(2) == 0 {
                            Operation::Write(offset + sector * SECTOR_BYTES, data.to_vec()).apply(&mut image);
                        }
                    }
                }
                _ => operation.apply(&mut image),
            }
        }
        image
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }
}

impl Inner {
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

    fn change(&mut self, operation: Operation) -> Result<()> {
        let end = match &operation {
            Operation::Write(offset, data) => offset + data.len(),
            Operation::Resize(length) => *length,
        };
        let was_on = !self.off;
        let begun = self.begin();
        if begun.is_err() && !(was_on && self.off) {
            return begun;
        }
        if self
            .capacity
            .is_some_and(|capacity| end as u64 > capacity && end > self.now.len())
        {
            return Err(ErrorKind::StorageFull.into());
        }
        // The power may go in the middle of a write, so that a part of it arrives.
        operation.apply(&mut self.now);
        self.pending.push(operation);
        begun
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        let inner = self.inner();
        inner.check_power()?;
        Ok(inner.now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let inner = self.inner();
        inner.check_power()?;
        let offset = offset as usize;
        let data = inner.now.get(offset..offset + out.len());
        out.copy_from_slice(data.ok_or(ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.inner().change(Operation::Resize(length as usize))
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        self.inner()
            .change(Operation::Write(offset as usize, data.to_vec()))
    }

    fn sync_data(&self) -> Result<()> {
        let mut inner = self.inner();
        inner.begin()?;
        let Inner { synced, pending, .. } = &mut *inner;
        for operation in pending.drain(..) {
            operation.apply(synced);
        }
        Ok(())
    }
}
