//! One file of the log.

use super::entry::{Entry, HEAD_BYTES};
use super::{Body, LogError, Salt};
use crate::disk::{Disk, DiskFile};
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use std::collections::VecDeque;

/// The format of log files.
pub(super) const FORMAT: u32 = 1;
const MAGIC: &[u8; 16] = b"playfair tape\n\0\0";
pub(super) const HEADER_BYTES: usize = 80;
/// A file is lengthened by this much at a time.
const GROW_BYTES: u64 = 1 << 20;
/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// What a file says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) salt: Salt,
    pub(super) chain_id: Fr,
    pub(super) first: u64,
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&FORMAT.to_be_bytes());
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&fr_to_bytes(&self.chain_id));
        out.extend_from_slice(&self.first.to_be_bytes());
        out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
        out
    }

    /// The header that `found` is, if it is the one of this chain and height.
    fn read(found: &[u8], chain_id: Fr, first: u64) -> Option<Self> {
        let salt = salt_in(found)?;
        let header = Self {
            salt,
            chain_id,
            first,
        };
        (header.encode() == found).then_some(header)
    }
}

/// `00000000000000000000.tape`
pub(super) fn name(first: u64) -> String {
    format!("{first:020}.tape")
}

/// The first height of the file with this name, if it is one of a log.
pub(super) fn first_of(file: &str) -> Option<u64> {
    let digits = file.strip_suffix(".tape").filter(|digits| digits.len() == 20)?;
    let first = digits.parse().ok()?;
    (name(first) == file).then_some(first)
}

/// The salt that a file's first bytes say, whatever else they are.
pub(super) fn salt_in(bytes: &[u8]) -> Option<Salt> {
    bytes.get(20..)?.first_chunk().copied()
}

/// Removes a file, durably.
pub(super) fn remove<D: Disk>(disk: &D, first: u64) -> Result<(), LogError> {
    disk.remove(&name(first)).map_err(LogError::io("remove a file"))?;
    disk.sync().map_err(LogError::io("sync the folder"))
}

/// An open file.
#[derive(Debug)]
pub(super) struct LogFile<F> {
    file: F,
    header: Header,
    /// Where the next entry goes.
    end: u64,
    /// The file's length.
    length: u64,
}

/// What a walk over a file's entries has found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan {
    /// The height after the last entry that checks.
    pub(super) next: u64,
    /// Where that entry ends.
    pub(super) end: u64,
    /// Where the entries begin that no later one calls safe.
    pub(super) doubt: u64,
    /// Whether what follows is no zeros.
    pub(super) torn: bool,
}

impl<F: DiskFile> LogFile<F> {
    pub(super) fn create<D: Disk<File = F>>(disk: &D, header: &Header) -> Result<Self, LogError> {
        Self::create_as(disk, &name(header.first), header)
    }

    /// A new file under another name than its own.
    pub(super) fn create_as<D: Disk<File = F>>(
        disk: &D,
        name: &str,
        header: &Header,
    ) -> Result<Self, LogError> {
        let file = disk.create(name).map_err(LogError::io("make a file"))?;
        file.write(0, &header.encode())
            .map_err(LogError::io("write a header"))?;
        let mut log = Self {
            file,
            header: *header,
            end: HEADER_BYTES as u64,
            length: HEADER_BYTES as u64,
        };
        log.grow(log.end)?;
        log.sync()?;
        disk.sync().map_err(LogError::io("sync the folder"))?;
        Ok(log)
    }

    /// Opens the file that starts at height `first`. Its end is not known before it is scanned.
    pub(super) fn open<D: Disk<File = F>>(disk: &D, first: u64, chain_id: Fr) -> Result<Self, LogError> {
        let file = disk.open(&name(first)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => LogError::Missing { height: first },
            _ => LogError::io("open a file")(error),
        })?;
        let length = file.len().map_err(LogError::io("read a file"))?;
        let mut found = vec![0; HEADER_BYTES.min(usize::try_from(length).unwrap_or(HEADER_BYTES))];
        file.read(0, &mut found).map_err(LogError::io("read a header"))?;
        let Some(header) = Header::read(&found, chain_id, first) else {
            return Err(Self::wrong_header(&file, length, &found, first));
        };
        Ok(Self {
            file,
            header,
            end: HEADER_BYTES as u64,
            length,
        })
    }

    /// What to make of a header that is not the one expected.
    fn wrong_header(file: &F, length: u64, found: &[u8], first: u64) -> LogError {
        if let Some([a, b, c, d]) = found.get(16..20)
            && found.starts_with(MAGIC)
            && let Some((said, check)) = found.split_last_chunk()
            && crc32fast::hash(said) == u32::from_be_bytes(*check)
        {
            // Somebody's, blocks or none: it is not ours to remove.
            let format = u32::from_be_bytes([*a, *b, *c, *d]);
            if format != FORMAT {
                return LogError::Format { found: format };
            }
            return LogError::OtherChain { first };
        }
        // The header and the zeros after it are synced before the first entry is written.
        let mut rest = vec![0; usize::try_from(length.min(GROW_BYTES)).unwrap_or(0)];
        if let Err(error) = file.read(0, &mut rest) {
            return LogError::io("read a header")(error);
        }
        if rest.iter().skip(HEADER_BYTES).all(|byte| *byte == 0) && length <= HEADER_BYTES as u64 + GROW_BYTES
        {
            return LogError::Unfinished { first };
        }
        LogError::NotALog { first }
    }

    /// What the log's checks begin with.
    pub(super) fn salt(&self) -> Salt {
        self.header.salt
    }

    /// Where the next entry goes.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    pub(super) fn append(&mut self, entry: &[u8]) -> Result<(), LogError> {
        let end = self.end + entry.len() as u64;
        self.grow(end + HEAD_BYTES as u64)?;
        self.file
            .write(self.end, entry)
            .map_err(LogError::io("write a block"))?;
        self.end = end;
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), LogError> {
        self.file.sync().map_err(LogError::io("sync"))
    }

    /// Makes room up to `end`, by zeros that are really written: a hole could still find the disk full.
    fn grow(&mut self, end: u64) -> Result<(), LogError> {
        while self.length < end {
            let zeros = vec![0; GROW_BYTES as usize];
            self.file
                .write(self.length, &zeros)
                .map_err(LogError::io("make room"))?;
            self.length += GROW_BYTES;
        }
        Ok(())
    }

    /// Walks over all entries.
    ///
    /// # Errors
    /// [`LogError::Damaged`] when an entry does not check that was safe.
    pub(super) fn scan(&self) -> Result<Scan, LogError> {
        let mut next = self.header.first;
        let mut end = HEADER_BYTES as u64;
        let mut open: VecDeque<(u64, u64)> = VecDeque::new();
        let mut chunks = Chunks::new(&self.file, self.length);
        while let Some((entry, _)) = self.entry(&mut chunks, end, next)? {
            while open.front().is_some_and(|(height, _)| *height < entry.durable) {
                open.pop_front();
            }
            open.push_back((next, end));
            next += 1;
            end += HEAD_BYTES as u64 + u64::from(entry.length);
        }
        let rest = self.rest(end)?;
        let torn = rest.iter().any(|byte| *byte != 0);
        if torn && entries_in(&rest, &self.header.salt).any(|(entry, _)| entry.durable > next) {
            return Err(LogError::Damaged {
                height: next,
                what: "its bytes do not check",
            });
        }
        Ok(Scan {
            next,
            end,
            doubt: open.front().map_or(end, |(_, offset)| *offset),
            torn,
        })
    }

    /// Hands the entries below height `until` to `block`, in order, until it says stop.
    pub(super) fn read<E: From<LogError>>(
        &self,
        until: u64,
        mut block: impl FnMut(u64, Body) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut end = HEADER_BYTES as u64;
        let mut chunks = Chunks::new(&self.file, self.length);
        for height in self.header.first..until {
            let damaged = |what| LogError::Damaged { height, what };
            let (entry, body) = self
                .entry(&mut chunks, end, height)?
                .ok_or_else(|| damaged("its bytes do not check"))?;
            let body = Body::decode(&body).ok_or_else(|| damaged("it is no block"))?;
            if !block(height, body)? {
                break;
            }
            end += HEAD_BYTES as u64 + u64::from(entry.length);
        }
        Ok(())
    }

    /// The entry of this height at `offset`, if it checks.
    fn entry(
        &self,
        chunks: &mut Chunks<'_, F>,
        offset: u64,
        height: u64,
    ) -> Result<Option<(Entry, Vec<u8>)>, LogError> {
        let Some(head) = chunks.get(offset, HEAD_BYTES)? else {
            return Ok(None);
        };
        let entry = Entry::decode(head.first_chunk().unwrap_or(&[0; HEAD_BYTES]));
        if entry.height != height || !entry.is_plausible(&self.header.salt) {
            return Ok(None);
        }
        let body = chunks.get(offset + HEAD_BYTES as u64, entry.length as usize)?;
        Ok(body
            .filter(|body| entry.checks(&self.header.salt, body))
            .map(|body| (entry, body.to_vec())))
    }

    /// What follows the entries.
    pub(super) fn rest(&self, end: u64) -> Result<Vec<u8>, LogError> {
        let length = self.length.saturating_sub(end);
        let mut rest = vec![0; usize::try_from(length).unwrap_or(0)];
        self.file
            .read(end, &mut rest)
            .map_err(LogError::io("read a file"))?;
        Ok(rest)
    }

    /// Makes what a scan has found the truth: takes away what follows the entries and is no zeros, and writes again what may
    /// be in the system's memory only, because a sync of it failed. Tells how many bytes were taken away.
    pub(super) fn settle(&mut self, scan: &Scan) -> Result<u64, LogError> {
        self.end = scan.end;
        let mut torn = 0;
        if scan.torn {
            torn = self.length - scan.end;
            self.file
                .set_len(scan.end)
                .map_err(LogError::io("cut off a torn write"))?;
            self.length = scan.end;
        }
        // The header too: the sync of a new file may be the one that failed.
        self.file
            .write(0, &self.header.encode())
            .map_err(LogError::io("write a header again"))?;
        let doubt = usize::try_from(scan.end - scan.doubt).unwrap_or(usize::MAX);
        let mut tail = vec![0; doubt];
        self.file
            .read(scan.doubt, &mut tail)
            .map_err(LogError::io("read a file"))?;
        self.file
            .write(scan.doubt, &tail)
            .map_err(LogError::io("write a block again"))?;
        self.grow(scan.end + HEAD_BYTES as u64)?;
        self.sync()?;
        Ok(torn)
    }
}

/// Every entry in `bytes` that checks, wherever it begins.
pub(super) fn entries_in<'a>(bytes: &'a [u8], salt: &'a Salt) -> impl Iterator<Item = (Entry, &'a [u8])> {
    (0..bytes.len()).filter_map(move |at| {
        let (head, after) = bytes.get(at..)?.split_first_chunk()?;
        let entry = Entry::decode(head);
        // A length is the cheapest thing to look at, and zeros are most of what there is.
        if !entry.is_plausible(salt) {
            return None;
        }
        let body = after.get(..entry.length as usize)?;
        entry.checks(salt, body).then_some((entry, body))
    })
}

/// A file read in large pieces.
struct Chunks<'a, F> {
    file: &'a F,
    length: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl<'a, F: DiskFile> Chunks<'a, F> {
    fn new(file: &'a F, length: u64) -> Self {
        Self {
            file,
            length,
            start: 0,
            bytes: Vec::new(),
        }
    }

    /// `count` bytes from `offset` on; `None` past the end.
    fn get(&mut self, offset: u64, count: usize) -> Result<Option<&[u8]>, LogError> {
        if offset + count as u64 > self.length {
            return Ok(None);
        }
        let inside = offset
            .checked_sub(self.start)
            .is_some_and(|at| at + count as u64 <= self.bytes.len() as u64);
        if !inside {
            let left = usize::try_from(self.length - offset).unwrap_or(usize::MAX);
            self.bytes.resize(left.min(count.max(CHUNK_BYTES)), 0);
            self.start = offset;
            self.file
                .read(offset, &mut self.bytes)
                .map_err(LogError::io("read a file"))?;
        }
        let at = (offset - self.start) as usize;
        Ok(self.bytes.get(at..at + count))
    }
}
