//! Linear memory as host functions see it: whole words, bounds checked before anything is read or written.

use super::Ended;
use playfair_types::receipt::Trap;

/// A module's linear memory.
pub trait Memory {
    /// Its size in bytes; 0 for a module without memory.
    fn size(&self) -> u64;
    /// Reads `to.len()` bytes at `from`. Called only inside the size.
    fn read(&self, from: u32, to: &mut [u8]);
    /// Writes bytes at `to`. Called only inside the size.
    fn write(&mut self, to: u32, from: &[u8]);
}

impl Memory for &mut [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, from: u32, to: &mut [u8]) {
        if let Some(bytes) = range(from, to.len()).and_then(|range| self.get(range)) {
            to.copy_from_slice(bytes);
        }
    }

    fn write(&mut self, to: u32, from: &[u8]) {
        if let Some(bytes) = range(to, from.len()).and_then(|range| self.get_mut(range)) {
            bytes.copy_from_slice(from);
        }
    }
}

fn range(start: u32, length: usize) -> Option<core::ops::Range<usize>> {
    let start = usize::try_from(start).ok()?;
    Some(start..start.checked_add(length)?)
}

pub(super) const BAD_ARGUMENT: Ended = Ended::Trapped(Trap::HostArgument);

/// A range of memory that was found to be aligned and inside.
#[derive(Clone, Copy)]
pub(super) struct Span {
    at: u32,
    length: usize,
}

impl Span {
    /// `length` bytes at `at`: aligned, inside, and at most `limit`.
    pub(super) fn new(memory: &dyn Memory, at: u32, length: u32, limit: usize) -> Result<Self, Ended> {
        let bytes = usize::try_from(length).map_err(|_| BAD_ARGUMENT)?;
        let end = u64::from(at) + u64::from(length);
        if !at.is_multiple_of(8) || bytes > limit || end > memory.size() {
            return Err(BAD_ARGUMENT);
        }
        Ok(Self { at, length: bytes })
    }

    /// As [`Span::new`], for a length that the function fixes.
    pub(super) fn fixed(memory: &dyn Memory, at: u32, length: u32) -> Result<Self, Ended> {
        Self::new(memory, at, length, usize::MAX)
    }

    pub(super) const fn length(self) -> usize {
        self.length
    }

    pub(super) fn read(self, memory: &dyn Memory) -> Vec<u8> {
        let mut bytes = vec![0; self.length];
        memory.read(self.at, &mut bytes);
        bytes
    }

    pub(super) fn array<const N: usize>(self, memory: &dyn Memory) -> [u8; N] {
        let mut bytes = [0; N];
        memory.read(self.at, &mut bytes);
        bytes
    }

    /// Writes bytes and fills their last word with zeros. A span's size is a multiple of 8 wherever this is used, or
    /// memory's is: memory is whole pages.
    pub(super) fn write(self, memory: &mut dyn Memory, bytes: &[u8]) {
        memory.write(self.at, bytes);
        let tail = bytes.len().next_multiple_of(8) - bytes.len();
        let (zeros, end) = ([0u8; 8], u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        if let (Some(zeros), Some(at)) = (zeros.get(..tail), self.at.checked_add(end)) {
            memory.write(at, zeros);
        }
    }
}
