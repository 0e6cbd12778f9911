//! A file of a disk, read or written from the beginning to the end.

use crate::disk::DiskFile;
use std::io::{self, ErrorKind, Read, Write};

/// A file that is written.
pub(super) struct Writing<'a, F> {
    file: &'a F,
    at: u64,
    goes_on: &'a dyn Fn() -> bool,
}

impl<'a, F: DiskFile> Writing<'a, F> {
    /// From its beginning; it fails once `goes_on` says no.
    pub(super) fn new(file: &'a F, goes_on: &'a dyn Fn() -> bool) -> Self {
        Self { file, at: 0, goes_on }
    }
}

impl<F: DiskFile> Write for Writing<'_, F> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        if !(self.goes_on)() {
            return Err(io::Error::new(ErrorKind::TimedOut, "nobody wants it any more"));
        }
        self.file.write(self.at, data)?;
        self.at += data.len() as u64;
        Ok(data.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that is read.
pub(super) struct Reading<'a, F> {
    file: &'a F,
    at: u64,
}

impl<'a, F: DiskFile> Reading<'a, F> {
    pub(super) fn new(file: &'a F, at: u64) -> Self {
        Self { file, at }
    }
}

impl<F: DiskFile> Read for Reading<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = self.file.len()?.saturating_sub(self.at);
        let count = out.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.file
            .read(self.at, out.get_mut(..count).unwrap_or_default())?;
        self.at += count as u64;
        Ok(count)
    }
}
