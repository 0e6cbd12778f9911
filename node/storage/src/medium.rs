//! A file of a disk as the medium of a redb database, in pages with checksums.
//!
//! redb reads its own pages without comparing anything, and some damaged ones make it panic where a panic ends the process. So each
//! page lies in the file with a checksum, and one that is not what was written is an error before redb sees it.
//!
//! ```text
//! page n at n * 4,104:   data 4,096 | CRC-32 of n (u64) and data, u32 | "page"
//! ```
//! A page that was never written is zeros and is not to be read. Page 0 is redb's header, the only page that it writes over in
//! place, part by part, with checksums of its own: there is no checksum beside it, since a torn write must not take it away.

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

/// Bytes of a page as the database sees it.
const PAGE: usize = 4_096;
/// And as it lies in the file.
const STORED: usize = PAGE + 8;
const MARK: &[u8; 4] = b"page";

fn checksum(page: u64, data: &[u8]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&page.to_be_bytes());
    crc.update(data);
    crc.finalize().to_be_bytes()
}

/// The data of a stored page.
fn check(page: u64, stored: &[u8]) -> io::Result<&[u8]> {
    let damaged = || {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("page {page} of the database is damaged"),
        )
    };
    let (data, tail) = stored.split_at_checked(PAGE).ok_or_else(damaged)?;
    let whole = page == 0 || tail == [checksum(page, data), *MARK].concat();
    if whole { Ok(data) } else { Err(damaged()) }
}

impl<F: DiskFile> Medium<F> {
    /// The stored pages that hold `length` bytes from `offset` on: the first one, and their bytes.
    fn stored(&self, offset: u64, length: usize) -> io::Result<(u64, Vec<u8>)> {
        let first = offset / PAGE as u64;
        let last = (offset + length.max(1) as u64 - 1) / PAGE as u64;
        let mut bytes = vec![0; usize::try_from(last - first + 1).unwrap_or(0) * STORED];
        self.0.read(first * STORED as u64, &mut bytes)?;
        Ok((first, bytes))
    }
}

impl<F: DiskFile> StorageBackend for Medium<F> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len()? / STORED as u64 * PAGE as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (first, stored) = self.stored(offset, out.len())?;
        let mut skip = (offset % PAGE as u64) as usize;
        let mut rest = out;
        for (page, stored) in (first..).zip(stored.chunks_exact(STORED)) {
            let data = check(page, stored)?.get(skip..).unwrap_or_default();
            let (now, later) = rest.split_at_mut(data.len().min(rest.len()));
            now.copy_from_slice(data.get(..now.len()).unwrap_or_default());
            (rest, skip) = (later, 0);
        }
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length.div_ceil(PAGE as u64) * STORED as u64)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let first = offset / PAGE as u64;
        let mut skip = (offset % PAGE as u64) as usize;
        let pages = (skip + data.len()).div_ceil(PAGE);
        let mut out = Vec::with_capacity(pages * STORED);
        let mut rest = data;
        for page in (first..).take(pages) {
            let (now, later) = rest.split_at_checked(PAGE - skip).unwrap_or((rest, &[]));
            let mut whole = [0; PAGE];
            if now.len() < PAGE {
                // A part of a page: the rest is what it was, or zeros in a page that never was.
                let (_, stored) = self.stored(page * PAGE as u64, PAGE)?;
                if stored.iter().any(|byte| *byte != 0) {
                    whole.copy_from_slice(check(page, &stored)?);
                }
            }
            if let Some(part) = whole.get_mut(skip..skip + now.len()) {
                part.copy_from_slice(now);
            }
            out.extend_from_slice(&whole);
            out.extend_from_slice(&checksum(page, &whole));
            out.extend_from_slice(MARK);
            (rest, skip) = (later, 0);
        }
        self.0.write(first * STORED as u64, &out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folder::Folder;

    fn medium(name: &str) -> (Folder, Medium<std::fs::File>) {
        let path = std::env::temp_dir().join(format!("playfair-medium-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        let folder = Folder::new(path).unwrap();
        let medium = Medium::open(&folder, "file").unwrap();
        (folder, medium)
    }

    #[test]
    fn what_is_written_is_read_wherever_it_begins() {
        let (folder, medium) = medium("whole");
        let mut model = vec![0u8; 40 * PAGE];
        medium.set_len(model.len() as u64).unwrap();
        assert_eq!(medium.len().unwrap(), model.len() as u64);
        // Every page is written once, then parts of them.
        medium.write(0, &model).unwrap();
        let mut number = 1u64;
        for _ in 0..300 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let at = (number >> 33) as usize % (model.len() - 3 * PAGE);
            let length = (number >> 20) as usize % (3 * PAGE);
            let data: Vec<u8> = (0..length).map(|n| (n as u64 ^ number) as u8).collect();
            medium.write(at as u64, &data).unwrap();
            model[at..at + length].copy_from_slice(&data);
            let mut found = vec![0; length];
            medium.read(at as u64, &mut found).unwrap();
            assert!(found == data);
        }
        let mut found = vec![0; model.len()];
        medium.read(0, &mut found).unwrap();
        assert!(found == model);
        std::fs::remove_dir_all(folder.path()).unwrap();
    }

    #[test]
    fn what_was_not_written_is_an_error() {
        let (folder, medium) = medium("damage");
        medium.set_len(4 * PAGE as u64).unwrap();
        medium.write(0, &[7; 3 * PAGE]).unwrap();
        let read = |page: u64| medium.read(page * PAGE as u64 + 5, &mut [0; 9]);
        assert!(read(1).is_ok() && read(2).is_ok());
        assert_eq!(
            read(3).unwrap_err().kind(),
            io::ErrorKind::InvalidData,
            "never written"
        );
        // A flipped bit, a page of zeros, another page's content.
        let stored = |page: usize| {
            let mut bytes = vec![0; STORED];
            medium.0.read((page * STORED) as u64, &mut bytes).unwrap();
            bytes
        };
        let good = stored(1);
        let mut flipped = good.clone();
        flipped[100] ^= 1;
        for bad in [flipped, vec![0; STORED], stored(2), vec![7; STORED]] {
            medium.0.write(STORED as u64, &bad).unwrap();
            assert_eq!(read(1).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
        medium.0.write(STORED as u64, &good).unwrap();
        assert!(read(1).is_ok());
        std::fs::remove_dir_all(folder.path()).unwrap();
    }
}
