//! A chain on this machine: its state machine over wasmtime, its state tree, and the headers that tie them together.
//!
//! A chain applies *blocks*: a block record and the records after it, or the genesis record alone. Decoding, signed
//! messages and signatures of a block are computed on all cores; execution is one record after the other, as the
//! history is. The root is computed once a block. A block that breaks the tape changes nothing.

use crate::engine::Wasmtime;
use core::fmt;
use playfair_abi::export::Export;
use playfair_machine::engine::Engine;
use playfair_machine::error::{Broken, Error, Fault};
use playfair_machine::prepared::Prepared;
use playfair_machine::query::{Answer, query};
use playfair_machine::world::StateRead;
use playfair_machine::{Applied, Judgement, Machine, Pending};
use playfair_state::{State, StateError};
use playfair_types::bounded::U48;
use playfair_types::codec::DecodeError;
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::receipt::Invalid;
use playfair_types::rules::Upgrade;
use playfair_types::segment::Boundary;
use playfair_types::state::StateKey;
use playfair_types::tape::frame::FRAME_BYTES;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::tape::record_frames;
use playfair_types::{Decode, Encode, inclusion};
use rayon::prelude::*;
use std::sync::Arc;

/// Records that one thread reads together.
const READ_CHUNK: usize = 32;

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
    /// Its records.
    pub records: Vec<Prepared>,
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
        self.execute(prepared)
    }

    /// Begins a block that is made of records one by one. Nothing is changed unless it is sealed.
    pub fn begin(&mut self) -> Building<'_> {
        Building {
            before: *self.machine.boundary(),
            chain: Some(self),
            records: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Verifies every record's signature against the key that the state names now, on all cores.
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn verify(&mut self, records: &mut [Prepared]) -> Result<(), Fault> {
        let keys = self.machine.expected_keys(records)?;
        verify_parallel(records, &keys);
        Ok(())
    }

    /// See [`Machine::judge`].
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn judge(&mut self, record: &Prepared, time_ms: U48) -> Result<Judgement, Fault> {
        self.machine.judge(record, time_ms)
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
                done(self.execute(current)?);
                return Ok(());
            };
            let mut prepared = self.prepare(next.as_ref())?;
            let keys = self.machine.expected_keys(&prepared)?;
            // A thread of its own, not a rayon task: the state commits with rayon, which must not happen inside a task.
            let block = std::thread::scope(|scope| {
                scope.spawn(|| verify_parallel(&mut prepared, &keys));
                self.execute(current)
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
        let chunks = slices.par_chunks(READ_CHUNK);
        let prepared: Vec<_> = chunks
            .map(|records| Prepared::read_each(chain_id, records.iter().copied()))
            .collect();
        let numbered = prepared.into_iter().flatten().enumerate();
        numbered
            .map(|(record, result)| result.map_err(|broken| ChainError::Broken { record, broken }))
            .collect()
    }

    fn execute(&mut self, prepared: Vec<Prepared>) -> Result<Block, ChainError> {
        let mut building = self.begin();
        for record in prepared {
            building.append(record)?;
        }
        building.seal()
    }

    /// Goes back to the last block. When the state cannot be read, the machine refuses everything further.
    fn forget(&mut self, boundary: Boundary) {
        let (engine, chain_id) = (self.machine.engine().clone(), self.machine.chain_id());
        let base = committed(&self.state);
        match Machine::open(engine.clone(), chain_id, boundary, base) {
            Ok(machine) => self.machine = machine,
            Err(_) => self.machine.poison(),
        }
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

    /// Whether something happens in blocks without calls: the module has a tick, and gas for it.
    ///
    /// # Errors
    /// [`Fault::UnknownModule`].
    pub fn ticks(&self) -> Result<bool, Fault> {
        let gas = self.machine.params().tick_gas;
        Ok(gas > 0 && self.machine.engine().has(&self.boundary().module, Export::Tick)?)
    }

    /// The upgrade that is announced after the last block.
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn announced(&mut self) -> Result<Option<Upgrade>, Fault> {
        self.machine.announced()
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

/// What the state keeps beside the version that a block has made: its header, with a zero in place of the root that comes of
/// committing.
#[must_use]
pub fn note(header: &Header) -> Vec<u8> {
    let mut header = *header;
    header.after.state_root = Fr::default();
    header.encode()
}

/// A block that is being made. Dropped without [`Building::seal`], it leaves the chain as it was.
pub struct Building<'c> {
    /// Always there, but after sealing.
    chain: Option<&'c mut Chain>,
    before: Boundary,
    records: Vec<Prepared>,
    pending: Vec<Pending>,
}

impl Building<'_> {
    /// Applies the next record.
    ///
    /// # Errors
    /// [`ChainError::Broken`] when it may not stand here: it is not in the block. [`ChainError::Fault`] when the block
    /// cannot go on.
    pub fn append(&mut self, record: Prepared) -> Result<&Pending, ChainError> {
        let pending = self.run(|machine| machine.append(&record))?;
        Ok(self.push(record, pending))
    }

    /// Applies the next record unless it is an invalid call: then it is handed back with the reason, and is not in the
    /// block.
    ///
    /// # Errors
    /// As [`Building::append`].
    pub fn offer(&mut self, record: Prepared) -> Result<Result<&Pending, (Prepared, Invalid)>, ChainError> {
        match self.run(|machine| machine.offer(&record))? {
            Ok(pending) => Ok(Ok(self.push(record, pending))),
            Err(reason) => Ok(Err((record, reason))),
        }
    }

    /// Ends the block: hashes its receipts, commits what its records changed, and makes the header. The state keeps its [`note`].
    ///
    /// # Errors
    /// [`ChainError::State`]: there is no block then.
    pub fn seal(mut self) -> Result<Block, ChainError> {
        let Some(chain) = &mut self.chain else {
            return Err(Fault::Poisoned.into());
        };
        let applied = chain.machine.complete(std::mem::take(&mut self.pending))?;
        let bytes: Vec<&[u8]> = self.records.iter().map(Prepared::bytes).collect();
        let receipts: Vec<Vec<u8>> = applied.iter().map(|done| done.receipt.encode()).collect();
        let mut header = Header {
            chain_id: chain.machine.chain_id(),
            parent: chain.digest,
            tape_before: self.before.tape.value,
            records: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            after: *chain.machine.boundary(),
            calls_root: inclusion::root(&bytes),
            receipts_root: inclusion::root(&receipts),
        };
        let root = chain.state.commit(chain.machine.changes(), &note(&header))?;
        header.after.state_root = root;
        chain.digest = header.digest();
        let base = committed(&chain.state);
        chain.machine.settle(base, root);
        self.chain = None;
        Ok(Block {
            header,
            records: std::mem::take(&mut self.records),
            applied,
        })
    }

    /// How many records it has: the next one's place.
    #[must_use]
    pub fn records(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    /// The upgrade that is announced, as the records so far leave it.
    ///
    /// # Errors
    /// [`Fault`] when the state cannot be read.
    pub fn announced(&mut self) -> Result<Option<Upgrade>, Fault> {
        match &mut self.chain {
            Some(chain) => chain.machine.announced(),
            None => Ok(None),
        }
    }

    fn run<T>(
        &mut self,
        apply: impl FnOnce(&mut Machine<Wasmtime>) -> Result<T, Error>,
    ) -> Result<T, ChainError> {
        let record = self.records.len();
        let chain = self.chain.as_mut().ok_or(Fault::Poisoned)?;
        apply(&mut chain.machine).map_err(|error| match error {
            Error::Fault(fault) => fault.into(),
            Error::Broken(broken) => ChainError::Broken { record, broken },
        })
    }

    fn push(&mut self, record: Prepared, pending: Pending) -> &Pending {
        self.records.push(record);
        self.pending.push(pending);
        let last = self.pending.len() - 1;
        &self.pending[last]
    }
}

impl Drop for Building<'_> {
    fn drop(&mut self) {
        if let Some(chain) = self.chain.take() {
            chain.forget(self.before);
        }
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
