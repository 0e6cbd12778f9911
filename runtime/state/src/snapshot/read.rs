//! Importing a snapshot.

use super::build::Builder;
use super::{BLOCK_BYTES, ENTRY_HEAD_BYTES, HEADER_BYTES, Header, PAYLOAD_BYTES_MAX, SnapshotError};
use crate::checksum::crc32;
use crate::error::StateError;
use crate::node::{Child, Leaf, Node, NodeId};
use crate::record::{Meta, Version};
use crate::state::{NOTE_BYTES_MAX, State};
use crate::store::{Batch, Store};
use playfair_types::Fr;
use playfair_types::limits::VALUE_BYTES_MAX;
use playfair_types::state::{StateKey, leaf, value_hash};
use rayon::prelude::*;
use std::io::{self, Read};
use std::sync::Arc;

/// From this many bytes of new records on, an import writes them; it holds some 32 MiB at a time.
const WRITE_BYTES: usize = 16 << 20;

impl State {
    /// Fills an empty `store` from a snapshot of `expected_root` ([`crate::snapshot`] has the format), as `version` with
    /// `note`, durably: the versions after it count on from there. Memory is bounded whatever the snapshot says, and so is the store: keys are counted.
    ///
    /// # Errors
    /// [`StateError::NotEmpty`], [`StateError::NoteTooLong`], and [`SnapshotError::Root`] for another root in the header,
    /// with the store untouched. [`StateError::Snapshot`] and [`StateError::Store`] later leave a store that refuses to
    /// open ([`StateError::ImportUnfinished`]): delete it.
    pub fn import(
        store: impl Store,
        input: &mut impl Read,
        expected_root: Fr,
        version: u64,
        note: &[u8],
    ) -> Result<Self, StateError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(StateError::NoteTooLong { length: note.len() });
        }
        if store.read()?.meta()?.is_some() {
            return Err(StateError::NotEmpty);
        }
        let mut header = [0; HEADER_BYTES];
        read_exact(input, &mut header)?;
        let header = Header::decode(&header)?;
        if header.root != expected_root {
            return Err(SnapshotError::Root.into());
        }
        let mut import = Import::new(&store);
        import.write(true)?;
        let mut blocks = Blocks::default();
        let mut payload = Vec::with_capacity(PAYLOAD_BYTES_MAX);
        while blocks.next(input, &mut payload)? {
            import.block(&blocks.entries(&payload, header.keys)?)?;
        }
        if blocks.keys != header.keys {
            return Err(SnapshotError::Count.into());
        }
        import.finish(&header, version, note)?;
        Self::open(store)
    }
}

/// Reads a snapshot of `expected_root` and compares everything but what its keys and values come to.
///
/// # Errors
/// [`SnapshotError`].
pub fn check(input: &mut impl Read, expected_root: Fr) -> Result<(), SnapshotError> {
    let mut header = [0; HEADER_BYTES];
    read_exact(input, &mut header)?;
    let header = Header::decode(&header)?;
    if header.root != expected_root {
        return Err(SnapshotError::Root);
    }
    let mut blocks = Blocks::default();
    let mut payload = Vec::with_capacity(PAYLOAD_BYTES_MAX);
    while blocks.next(input, &mut payload)? {
        blocks.entries(&payload, header.keys)?;
    }
    match blocks.keys == header.keys {
        true => Ok(()),
        false => Err(SnapshotError::Count),
    }
}

fn read_exact(input: &mut impl Read, bytes: &mut [u8]) -> Result<(), SnapshotError> {
    Ok(input.read_exact(bytes)?)
}

/// The blocks read so far.
#[derive(Default)]
struct Blocks {
    number: u64,
    keys: u64,
    last_key: Option<StateKey>,
    /// A block shorter than a full one has been read, so none may follow.
    short: bool,
}

impl Blocks {
    /// Reads the next block's payload; false at the end.
    fn next(&mut self, input: &mut impl Read, payload: &mut Vec<u8>) -> Result<bool, SnapshotError> {
        self.number += 1;
        let block = self.number;
        let mut word = [0; 4];
        read_exact(input, &mut word)?;
        let length = u32::from_be_bytes(word) as usize;
        if length > PAYLOAD_BYTES_MAX || (self.short && length > 0) {
            return Err(SnapshotError::Block { block });
        }
        self.short = length < BLOCK_BYTES;
        payload.resize(length, 0);
        read_exact(input, payload)?;
        read_exact(input, &mut word)?;
        if crc32(block, payload) != u32::from_be_bytes(word) {
            return Err(SnapshotError::Checksum { block });
        }
        if length > 0 {
            return Ok(true);
        }
        loop {
            match input.read(&mut word[..1]) {
                Ok(0) => return Ok(false),
                Ok(_) => return Err(SnapshotError::Trailing),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SnapshotError::Io(error)),
            }
        }
    }

    /// The entries of a payload.
    fn entries<'a>(
        &mut self,
        payload: &'a [u8],
        keys: u64,
    ) -> Result<Vec<(StateKey, &'a [u8])>, SnapshotError> {
        let malformed = || SnapshotError::Block { block: self.number };
        let mut entries = Vec::with_capacity(payload.len() / ENTRY_HEAD_BYTES);
        let mut rest = payload;
        while !rest.is_empty() {
            if payload.len() - rest.len() >= BLOCK_BYTES {
                return Err(malformed());
            }
            let (key, tail) = rest.split_first_chunk().ok_or_else(malformed)?;
            let (length, tail) = tail.split_first_chunk().ok_or_else(malformed)?;
            let length = usize::from(u16::from_be_bytes(*length));
            if length > VALUE_BYTES_MAX || length > tail.len() {
                return Err(malformed());
            }
            let (value, tail) = tail.split_at(length);
            let key = StateKey(*key);
            if self.last_key.is_some_and(|last| last >= key) {
                return Err(SnapshotError::Order);
            }
            self.last_key = Some(key);
            self.keys += 1;
            if self.keys > keys {
                return Err(SnapshotError::Count);
            }
            entries.push((key, value));
            rest = tail;
        }
        Ok(entries)
    }
}

/// The tree under construction.
struct Import<'a, S> {
    store: &'a S,
    builder: Builder,
    /// The counter of the next new node.
    next: u64,
    nodes: Vec<(NodeId, Node)>,
    index: Vec<(StateKey, Option<u64>)>,
    bytes: usize,
}

impl<'a, S: Store> Import<'a, S> {
    fn new(store: &'a S) -> Self {
        Self {
            store,
            builder: Builder::default(),
            next: 1,
            nodes: Vec::new(),
            index: Vec::new(),
            bytes: 0,
        }
    }

    fn block(&mut self, entries: &[(StateKey, &[u8])]) -> Result<(), StateError> {
        let hash = |(key, value): &(StateKey, &[u8])| {
            let value_hash = value_hash(value);
            (value_hash, leaf(key, value_hash))
        };
        let hashes: Vec<(Fr, Fr)> = entries.par_iter().map(hash).collect();
        for ((key, value), (value_hash, hash)) in entries.iter().zip(hashes) {
            let id = NodeId::take(&mut self.next, true);
            let made = Leaf {
                key: *key,
                value_hash,
                value: (*value).into(),
            };
            self.bytes += 200 + value.len();
            self.nodes.push((id, Node::Leaf(Arc::new(made))));
            self.index.push((*key, Some(id.raw())));
            let before = self.nodes.len();
            let child = Child { hash, id };
            self.builder.push(*key, child, &mut self.next, &mut self.nodes);
            self.bytes += 100 * (self.nodes.len() - before);
            if self.bytes >= WRITE_BYTES {
                self.write(true)?;
            }
        }
        Ok(())
    }

    fn batch(&mut self, importing: bool) -> Batch {
        let nodes = std::mem::take(&mut self.nodes);
        self.bytes = 0;
        Batch {
            meta: Meta {
                importing,
                next: self.next,
            }
            .encode(),
            nodes: nodes
                .iter()
                .map(|(id, node)| (id.raw(), node.encode(*id)))
                .collect(),
            index: std::mem::take(&mut self.index),
            ..Batch::default()
        }
    }

    fn write(&mut self, importing: bool) -> Result<(), StateError> {
        let batch = self.batch(importing);
        Ok(self.store.write(&batch)?)
    }

    /// Closes the tree; only if it has the right root does the store become one that opens.
    fn finish(mut self, header: &Header, number: u64, note: &[u8]) -> Result<(), StateError> {
        let builder = std::mem::take(&mut self.builder);
        let root = builder.finish(&mut self.next, &mut self.nodes);
        if root.hash != header.root {
            return Err(SnapshotError::Root.into());
        }
        let version = Version {
            root,
            bound: self.next,
            keys: header.keys,
            note: note.into(),
            ..Version::empty()
        };
        let mut batch = self.batch(false);
        batch.versions = vec![(number, Some(version.encode(number, 0)))];
        Ok(self.store.write(&batch)?)
    }
}
