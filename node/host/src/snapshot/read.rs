//! The parts of a snapshot, coming in. Everything is bounded: at most one chunk is in memory.

use super::{CHUNK_BYTES_MAX, FORMAT, MAGIC};
use crate::error::HostError;
use std::io::{self, Read};

/// A snapshot that is read.
pub(super) struct Reader<R>(pub(super) R);

/// A part that is read; its chunks one after the other, and its check at their end.
pub(super) struct Part<'a, R> {
    input: &'a mut R,
    crc: crc32fast::Hasher,
    left: usize,
    ended: bool,
}

fn refused(what: impl Into<String>) -> HostError {
    HostError::Snapshot(what.into())
}

fn cut(error: io::Error) -> HostError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => refused("the file ends too early: get it again"),
        _ => refused(error.to_string()),
    }
}

impl<R: Read> Reader<R> {
    /// Reads the beginning.
    pub(super) fn begin(&mut self) -> Result<(), HostError> {
        let mut head = [0; 20];
        self.0.read_exact(&mut head).map_err(cut)?;
        let format = head
            .strip_prefix(MAGIC)
            .and_then(|rest| Some(u32::from_be_bytes(*rest.first_chunk()?)));
        match format {
            Some(FORMAT) => Ok(()),
            Some(found) => Err(refused(format!(
                "it has format {found}, this program knows {FORMAT}: use the program that wrote it"
            ))),
            None => Err(refused("the file is no snapshot of a chain")),
        }
    }

    /// The next part's kind.
    pub(super) fn kind(&mut self) -> Result<u8, HostError> {
        let mut kind = [0];
        self.0.read_exact(&mut kind).map_err(cut)?;
        Ok(kind[0])
    }

    /// The part of a kind that was just read.
    pub(super) fn part(&mut self, kind: u8) -> Part<'_, R> {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&[kind]);
        Part {
            input: &mut self.0,
            crc,
            left: 0,
            ended: false,
        }
    }

    /// All of a part that has at most so many bytes.
    pub(super) fn bytes(&mut self, kind: u8, limit: usize) -> Result<Vec<u8>, HostError> {
        let mut part = self.part(kind);
        let mut bytes = Vec::new();
        while let Some(chunk) = part.chunk()? {
            if bytes.len() + chunk.len() > limit {
                return Err(refused("a part is longer than such parts are"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    /// Nothing follows.
    pub(super) fn end(&mut self) -> Result<(), HostError> {
        match self.0.read(&mut [0]).map_err(cut)? {
            0 => Ok(()),
            _ => Err(refused("something follows its end")),
        }
    }
}

impl<R: Read> Part<'_, R> {
    /// The next chunk; none at the end, when all that came checks.
    pub(super) fn chunk(&mut self) -> Result<Option<Vec<u8>>, HostError> {
        let length = self.length().map_err(cut)?;
        if length == 0 {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        self.input.read_exact(&mut bytes).map_err(cut)?;
        self.crc.update(&bytes);
        Ok(Some(bytes))
    }

    /// The next chunk's length; 0 at the end.
    fn length(&mut self) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let mut word = [0; 4];
        self.input.read_exact(&mut word)?;
        let length = u32::from_be_bytes(word) as usize;
        if length > CHUNK_BYTES_MAX {
            return Err(io::Error::other("a chunk is too long: the file is damaged"));
        }
        if length == 0 {
            self.ended = true;
            self.input.read_exact(&mut word)?;
            if self.crc.clone().finalize() != u32::from_be_bytes(word) {
                return Err(io::Error::other("a part is damaged: get the file again"));
            }
        }
        Ok(length)
    }
}

impl<R: Read> Read for Part<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            self.left = self.length()?;
        }
        let most = out.len().min(self.left);
        let out = out.get_mut(..most).unwrap_or_default();
        let count = self.input.read(out)?;
        if count == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.crc.update(out.get(..count).unwrap_or_default());
        self.left -= count;
        Ok(count)
    }
}
