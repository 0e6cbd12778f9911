//! A chain on this machine: its state machine over wasmtime, its state tree, and the headers that tie them together.
//!
//! A chain applies *blocks*: a block record and the records after it, or the genesis record alone. Decoding, signed
//! messages and signatures of a block are computed on all cores; execution is one record after the other, as the
//! history is. The root is computed once a block. A block that breaks the tape changes nothing.

use crate::engine::Wasmtime;
use core::fmt;
use playfair_machine::error::{Broken, Error, Fault};
use playfair_machine::prepared::Prepared;
use playfair_machine::query::{Answer, query};
use playfair_machine::world::StateRead;
use playfair_machine::{Applied, Machine};
use playfair_state::{State, StateError};
use playfair_types::codec::DecodeError;
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::segment::Boundary;
use playfair_types::state::StateKey;
use playfair_types::tape::frame::FRAME_BYTES;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::tape::record_frames;
use playfair_types::{Decode, Encode, inclusion};
use rayon::prelude::*;
use std::sync::Arc;

/// Signatures that one thread verifies together: enough for the batch to pay off.
const VERIFY_CHUNK: usize = 64;

/// A chain between two blocks.
pub struct Chain {
    machine: Machine<Wasmtime>,
    state: Arc<State>,
    /// Digest of the last header; zero before genesis.
    digest: [u8; 32],
}

/// A block that was applied.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its header.
    pub header: Header,
    /// What each of its records did, in order.
    pub applied: Vec<Applied>,
}

/// Why a chain could not go on.
#[derive(Debug)]
pub enum ChainError {
    /// Record number `record` of the block breaks the tape. The chain is as before the block.
    Broken {
        /// Counted from 0.
        record: usize,
        /// Why.
        broken: Broken,
    },
    /// The machine's surroundings failed.
    Fault(Fault),
    /// The state failed.
    State(StateError),
    /// The stored note is not one that this version writes: rebuild the state from the tape.
    Note(DecodeError),
    /// The state has a chain already.
    NotEmpty,
    /// The state has no chain.
    Empty,
}

impl Chain {
    /// Starts a chain in an empty state by applying its genesis record.
    ///
    /// # Errors
    /// [`ChainError::NotEmpty`], or why the genesis could not be applied.
    pub fn create(
        engine: Wasmtime,
        state: Arc<State>,
        genesis: &GenesisRecord,
    ) -> Result<(Self, Block), ChainError> {
        if state.version() != 0 || !state.is_empty() {
            return Err(ChainError::NotEmpty);
        }
        let mut chain = Self {
            machine: Machine::new(engine, genesis.chain_id(), genesis.params.module),
            state,
            digest: [0; 32],
        };
        let block = chain.apply(&genesis.encode())?;
        Ok((chain, block))
    }

    /// Opens the chain that a state holds.
    ///
    /// # Errors
    /// [`ChainError::Empty`], or why it could not be opened.
    pub fn open(engine: Wasmtime, state: Arc<State>) -> Result<Self, ChainError> {
        if state.version() == 0 {
            return Err(ChainError::Empty);
        }
        let mut header = Header::decode(&state.note()).map_err(ChainError::Note)?;
        header.after.state_root = state.root();
        let base = committed(&state);
        Ok(Self {
            machine: Machine::open(engine, header.chain_id, header.after, base)?,
            state,
            digest: header.digest(),
        })
    }

    /// Applies a block's records: their bytes, one after the other.
    ///
    /// # Errors
    /// [`ChainError`]; after [`ChainError::Broken`] the chain is as before.
    pub fn apply(&mut self, records: &[u8]) -> Result<Block, ChainError> {
        let mut prepared = self.prepare(records)?;
        self.verify(&mut prepared)?;
        self.execute(&prepared)
    }

    /// Applies blocks one after the other; the next one's decoding and signatures overlap with the execution of this one.
    /// `done` sees every block.
    ///
    /// # Errors
    /// As [`Chain::apply`], at the first block that fails.
    pub fn replay<B: AsRef<[u8]>>(
        &mut self,
        blocks: impl IntoIterator<Item = B>,
        mut done: impl FnMut(Block),
    ) -> Result<(), ChainError> {
        let mut blocks = blocks.into_iter();
        let Some(first) = blocks.next() else { return Ok(()) };
        let mut current = self.prepare(first.as_ref())?;
        self.verify(&mut current)?;
        loop {
            let Some(next) = blocks.next() else {
                done(self.execute(&current)?);
                return Ok(());
            };
            let mut prepared = self.prepare(next.as_ref())?;
            let keys = self.machine.expected_keys(&prepared)?;
            // A thread of its own, not a rayon task: the state commits with rayon, which must not happen inside a task.
            let block = std::thread::scope(|scope| {
                scope.spawn(|| verify_parallel(&mut prepared, &keys));
                self.execute(&current)
            });
            done(block?);
            current = prepared;
        }
    }

    /// Reads a block's records on all cores.
    fn prepare(&self, records: &[u8]) -> Result<Vec<Prepared>, ChainError> {
        let slices = split(records).map_err(|(record, error)| ChainError::Broken {
            record,
            broken: Broken::Format(error),
        })?;
        let chain_id = self.machine.chain_id();
        let read = slices.par_iter().with_min_len(16);
        let prepared: Vec<_> = read.map(|bytes| Prepared::read(chain_id, bytes)).collect();
        let numbered = prepared.into_iter().enumerate();
        numbered
            .map(|(record, result)| result.map_err(|broken| ChainError::Broken { record, broken }))
            .collect()
    }

    fn verify(&mut self, prepared: &mut [Prepared]) -> Result<(), Fault> {
        let keys = self.machine.expected_keys(prepared)?;
        verify_parallel(prepared, &keys);
        Ok(())
    }

    fn execute(&mut self, prepared: &[Prepared]) -> Result<Block, ChainError> {
        let before = *self.machine.boundary();
        let mut applied = Vec::with_capacity(prepared.len());
        for (record, prepared) in prepared.iter().enumerate() {
            match self.machine.apply(prepared) {
                Ok(done) => applied.push(done),
                Err(Error::Fault(fault)) => return Err(fault.into()),
                Err(Error::Broken(broken)) => {
                    self.restore(before)?;
                    return Err(ChainError::Broken { record, broken });
                }
            }
        }
        self.commit(before, prepared, applied)
    }

    /// Commits what the records changed, and makes the header. The state keeps the header as its version's note, with a
    /// zero in place of the root that comes of committing.
    fn commit(
        &mut self,
        before: Boundary,
        prepared: &[Prepared],
        applied: Vec<Applied>,
    ) -> Result<Block, ChainError> {
        let records: Vec<&[u8]> = prepared.iter().map(Prepared::bytes).collect();
        let receipts: Vec<Vec<u8>> = applied.iter().map(|done| done.receipt.encode()).collect();
        let mut header = Header {
            chain_id: self.machine.chain_id(),
            parent: self.digest,
            tape_before: before.tape.value,
            records: u32::try_from(records.len()).unwrap_or(u32::MAX),
            after: *self.machine.boundary(),
            calls_root: inclusion::root(&records),
            receipts_root: inclusion::root(&receipts),
        };
        header.after.state_root = Fr::default();
        let root = self.state.commit(self.machine.changes(), &header.encode())?;
        header.after.state_root = root;
        self.digest = header.digest();
        self.machine.settle(committed(&self.state), root);
        Ok(Block { header, applied })
    }

    fn restore(&mut self, boundary: Boundary) -> Result<(), Fault> {
        let (engine, chain_id) = (self.machine.engine().clone(), self.machine.chain_id());
        self.machine = Machine::open(engine, chain_id, boundary, committed(&self.state))?;
        Ok(())
    }

    /// Asks the module's `query` about the state after the last block.
    ///
    /// # Errors
    /// [`Fault`] when the state or the engine failed.
    pub fn query(&self, entry: u8, payload: &[u8]) -> Result<Answer, Fault> {
        let (machine, state) = (&self.machine, committed(&self.state));
        query(
            machine.engine(),
            machine.chain_id(),
            machine.boundary(),
            state,
            entry,
            payload,
        )
    }

    /// The boundary after the last block.
    #[must_use]
    pub fn boundary(&self) -> &Boundary {
        self.machine.boundary()
    }

    /// The state machine, for what it can tell.
    #[must_use]
    pub fn machine(&self) -> &Machine<Wasmtime> {
        &self.machine
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Digest of the last header.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// Verifies every record's signature against its key, on all cores.
fn verify_parallel(prepared: &mut [Prepared], keys: &[Option<PublicKey>]) {
    let records = prepared.par_chunks_mut(VERIFY_CHUNK);
    let chunks = records.zip(keys.par_chunks(VERIFY_CHUNK));
    chunks.for_each(|(records, keys)| Prepared::verify_batch(records, keys));
}

/// The records of a block, or the number of the one that is none.
fn split(mut tape: &[u8]) -> Result<Vec<&[u8]>, (usize, DecodeError)> {
    let mut records = Vec::new();
    while !tape.is_empty() {
        let here = records.len();
        let first: &[u8; FRAME_BYTES] = tape
            .first_chunk()
            .ok_or((here, DecodeError::UnexpectedEnd("frame")))?;
        let length = record_frames(first).map_err(|error| (here, error))? * FRAME_BYTES;
        let (record, rest) = tape
            .split_at_checked(length)
            .ok_or((here, DecodeError::UnexpectedEnd("record")))?;
        records.push(record);
        tape = rest;
    }
    Ok(records)
}

/// The newest version of the state, for a machine. Only the chain commits to it, and it settles the machine then.
struct Committed(Arc<State>);

impl StateRead for Committed {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        self.0.get(key).map_err(|error| error.to_string())
    }
}

fn committed(state: &Arc<State>) -> Arc<dyn StateRead> {
    Arc::new(Committed(Arc::clone(state)))
}

impl From<Fault> for ChainError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StateError> for ChainError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { record, broken } => {
                write!(f, "record {record} of the block breaks the tape: {broken}")
            }
            Self::Fault(fault) => fault.fmt(f),
            Self::State(error) => error.fmt(f),
            Self::Note(error) => write!(
                f,
                "the state's note does not decode ({error}): rebuild the state from the tape"
            ),
            Self::NotEmpty => f.write_str("the state holds a chain already: open it, or use another folder"),
            Self::Empty => f.write_str("the state holds no chain: create one"),
        }
    }
}

impl core::error::Error for ChainError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Broken { broken, .. } => Some(broken),
            Self::Fault(fault) => Some(fault),
            Self::State(error) => Some(error),
            Self::Note(error) => Some(error),
            Self::NotEmpty | Self::Empty => None,
        }
    }
}
