//! A chain in one file: what another node needs to go on with it.
//!
//! ```text
//! file     "playfair chain\n\0" 16 | format u32 = 1 | parts | 0 u8
//! part     kind u8 | chunks, each: length u32 > 0, bytes | 0 u32 | check u32
//! 1        chain.json, one chunk
//! 2        the committee's key as in committee.key, one chunk; only if it was asked for
//! 3        a module, in chunks; one part for each
//! 4        a base, in chunks (see `playfair_storage::base`)
//! 5        the blocks after it, one a chunk, as the tape log has them
//! 6        verifying keys, one a chunk: digest 32 | key
//! 7        the proven history's envelopes, one a chunk
//! ```
//! Numbers are big-endian. *Check* is CRC-32 of the kind and everything in the chunks. Parts come in this order; only 2 and 3 may be
//! missing. Nothing follows the end, so a file that was cut short is found.
//!
//! The base is the block before the end of the proven history, if its state is still kept: then proofs go on where they are. Else it is the
//! last block, and what is not proven by then never will be.
//!
//! **How could one cheat?** Not with blocks or state: certificates and roots are checked by who restores. Envelopes must fit the blocks, and
//! whoever restores hands in who verifies them ([`ProofCheck`]).

mod read;
mod restore;

pub use restore::{ProofCheck, Restored, restore};

use crate::chain::{Chain, Readers};
use crate::error::HostError;
use crate::{Host, keys};
use playfair_storage::base;
use playfair_storage::history::History;
use playfair_storage::log::Body;
use playfair_storage::proofs::Proofs;
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Weak};

pub(crate) const FORMAT: u32 = 1;
pub(crate) const MAGIC: &[u8; 16] = b"playfair chain\n\0";
/// Longest chunk, bytes.
pub(crate) const CHUNK_BYTES_MAX: usize = 32 << 20;
/// Bytes of a chunk where they are ours to choose.
const CHUNK_BYTES: usize = 1 << 20;

/// Kinds of parts.
pub(crate) mod kind {
    pub(crate) const END: u8 = 0;
    pub(crate) const RECORD: u8 = 1;
    pub(crate) const KEY: u8 = 2;
    pub(crate) const MODULE: u8 = 3;
    pub(crate) const BASE: u8 = 4;
    pub(crate) const BLOCKS: u8 = 5;
    pub(crate) const KEYS: u8 = 6;
    pub(crate) const PROOFS: u8 = 7;
}

/// The parts of a snapshot, going out.
struct Parts<W>(W);

impl<W: Write> Parts<W> {
    /// A part of chunks that `fill` hands over.
    fn part<E: From<io::Error>>(
        &mut self,
        kind: u8,
        fill: impl FnOnce(&mut dyn FnMut(&[u8]) -> io::Result<()>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut crc = crc32fast::Hasher::new();
        crc.update(&[kind]);
        self.0.write_all(&[kind])?;
        fill(&mut |chunk| {
            let length = u32::try_from(chunk.len()).ok();
            let length = length.filter(|_| (1..=CHUNK_BYTES_MAX).contains(&chunk.len()));
            let length = length.ok_or_else(|| io::Error::other("a chunk that is empty or too long"))?;
            crc.update(chunk);
            self.0.write_all(&length.to_be_bytes())?;
            self.0.write_all(chunk)
        })?;
        self.0.write_all(&[0; 4])?;
        Ok(self.0.write_all(&crc.finalize().to_be_bytes())?)
    }

    /// A part of bytes.
    fn bytes(&mut self, kind: u8, bytes: &[u8]) -> io::Result<()> {
        self.part(kind, |put| bytes.chunks(CHUNK_BYTES).try_for_each(put))
    }
}

/// Hands what is written to it on, in chunks.
struct Chunked<'a>(&'a mut dyn FnMut(&[u8]) -> io::Result<()>);

impl Write for Chunked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let now = bytes.get(..CHUNK_BYTES).unwrap_or(bytes);
        if !now.is_empty() {
            (self.0)(now)?;
        }
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Ends the writing when the chain is closed: nobody could open it again while its files are read.
struct WhileOpen<'a, W> {
    chain: &'a Chain,
    history: Weak<History>,
    out: W,
}

impl<W: Write> Write for WhileOpen<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let now = self
            .chain
            .readers()
            .map(|readers| Arc::downgrade(&readers.history));
        if !now.is_some_and(|now| Weak::ptr_eq(&now, &self.history)) {
            return Err(io::Error::other(
                "the chain was closed meanwhile: try again when it is open",
            ));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Host {
    /// Writes the snapshot of an open chain as it is now. It goes on meanwhile. Blocks.
    ///
    /// # Errors
    /// [`HostError::Status`] while the chain is not open or has no block beyond genesis; [`HostError::Snapshot`] when something cannot be
    /// read or written.
    pub fn snapshot(&self, chain: &Chain, with_key: bool, out: impl Write) -> Result<(), HostError> {
        let readers = chain.readers();
        let readers = readers.ok_or(HostError::Status("the chain is not open: resume it first"))?;
        if readers.last() == 0 {
            return Err(HostError::Status(
                "the chain has no block beyond genesis: there is nothing to keep yet",
            ));
        }
        let out = WhileOpen {
            chain,
            history: Arc::downgrade(&readers.history),
            out,
        };
        let mut parts = Parts(BufWriter::with_capacity(CHUNK_BYTES, out));
        self.write_parts(chain, &readers, with_key, &mut parts)
            .map_err(|why| HostError::Snapshot(why.0))?;
        let end = parts.0.write_all(&[kind::END]).and_then(|()| parts.0.flush());
        end.map_err(|error| HostError::Snapshot(error.to_string()))
    }

    fn write_parts<W: Write>(
        &self,
        chain: &Chain,
        readers: &Readers,
        with_key: bool,
        parts: &mut Parts<W>,
    ) -> Result<(), Why> {
        let record = chain.record();
        let tip = readers.proofs.tip();
        let proven = tip.boundary.filter(|_| record.settings.prove);
        let before = proven
            .map(|end| end.height.saturating_sub(1))
            .filter(|at| *at > 0);
        // After the tip was read: proofs that come meanwhile may be of later blocks, and are not kept.
        let last = readers.last();
        let version = match before.map(|height| readers.at(height)) {
            Some(Ok(version)) => version,
            _ => readers.at(last)?,
        };
        let from = version.header.after.height;
        let block = |height: u64| -> Result<_, Why> {
            let block = readers.history.block(height)?;
            block.ok_or_else(|| Why(format!("block {height} is not kept any more")))
        };

        parts.0.write_all(MAGIC)?;
        parts.0.write_all(&FORMAT.to_be_bytes())?;
        parts.bytes(kind::RECORD, record.to_json()?.as_bytes())?;
        if with_key {
            let key = keys::load(&self.chain_folder(chain))?;
            parts.bytes(kind::KEY, keys::text(&key).as_bytes())?;
        }
        let mut modules = BTreeSet::from([record.genesis.params.module]);
        for height in from..=last {
            modules.insert(block(height)?.header.after.module);
        }
        for module in modules {
            parts.bytes(kind::MODULE, &self.modules().bytes(&module)?)?;
        }
        let base = block(from)?;
        parts.part(kind::BASE, |put| {
            base::write_to(Chunked(put), &base, &version.view).map_err(Why::from)
        })?;
        drop(version);
        parts.part(kind::BLOCKS, |put| {
            for height in from + 1..=last {
                put(&Body::of(&*block(height)?).encode())?;
            }
            Ok::<_, Why>(())
        })?;
        write_proofs(&readers.proofs, tip.frames(), parts)
    }
}

/// The proofs up to a frame of the tape, and their keys.
fn write_proofs<W: Write>(proofs: &Proofs, end: u64, parts: &mut Parts<W>) -> Result<(), Why> {
    let mut firsts = Vec::new();
    let mut vks = BTreeSet::new();
    let mut frame = 0;
    while frame < end {
        let listed = proofs.list(frame, 256)?;
        let Some(last) = listed.last() else { break };
        frame = last.end_frame;
        for proof in listed.iter().filter(|proof| proof.end_frame <= end) {
            firsts.push(proof.first_frame);
            vks.insert(fr_to_bytes(&proof.vk));
        }
    }
    parts.part(kind::KEYS, |put| {
        for digest in vks {
            let named = fr_from_bytes(&digest);
            if let Some(key) = named.map(|digest| proofs.key(digest)).transpose()?.flatten() {
                put(&[&digest[..], &key].concat())?;
            }
        }
        Ok::<_, Why>(())
    })?;
    parts.part(kind::PROOFS, |put| {
        for first in firsts {
            let bytes = proofs.bytes(first)?;
            put(&bytes.ok_or_else(|| Why("a proof is gone".to_owned()))?)?;
        }
        Ok::<_, Why>(())
    })
}

/// Why there is no snapshot.
struct Why(String);

impl<E: std::error::Error> From<E> for Why {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}
