//! A chain made again in memory, from its blocks: views of versions that the node's state has pruned.

use playfair_runtime::Wasmtime;
use playfair_runtime::chain::{Chain, ChainError};
use playfair_state::{Fork, MemoryStore, State, StateError, View};
use playfair_types::header::Header;
use playfair_types::tape::{Record, Step, step};
use playfair_types::{codec::Reader, tape::genesis::GenesisRecord};
use std::fmt;
use std::sync::Arc;

/// Blocks between two cleanings of what older versions have left.
const PRUNED_EACH: u64 = 64;

/// Why a chain could not be made again.
#[derive(Debug)]
pub enum ReplicaError {
    /// The first block is no genesis record alone.
    NotGenesis,
    /// A block does not do what the chain's records may.
    Chain(ChainError),
    /// The state in memory failed.
    State(StateError),
    /// A block comes to another end than its header says: it is damaged, or this build has a bug.
    Differs {
        /// Its height.
        height: u64,
    },
}

impl fmt::Display for ReplicaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGenesis => f.write_str("a history begins with a genesis record alone in its block"),
            Self::Chain(error) => error.fmt(f),
            Self::State(error) => error.fmt(f),
            Self::Differs { height } => write!(
                f,
                "block {height}, executed again, does not come to what its header says: it is damaged, or this build has a bug"
            ),
        }
    }
}

impl std::error::Error for ReplicaError {}

impl From<ChainError> for ReplicaError {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

impl From<StateError> for ReplicaError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// A chain in memory, which takes as much of it as the state has keys.
pub struct Replica {
    engine: Wasmtime,
    chain: Option<Chain>,
}

impl Replica {
    /// Before genesis. The engine has the chain's modules.
    #[must_use]
    pub fn new(engine: Wasmtime) -> Self {
        Self { engine, chain: None }
    }

    /// After a block, of which this is the state in memory with its header for a note.
    ///
    /// # Errors
    /// [`ReplicaError::Chain`] when the state holds no chain.
    pub fn after(engine: Wasmtime, state: State) -> Result<Self, ReplicaError> {
        let chain = Chain::open(engine.clone(), Arc::new(state))?;
        Ok(Self {
            engine,
            chain: Some(chain),
        })
    }

    /// Executes the next block, genesis first: its header, and its records' bytes one after the other. After an error it is of
    /// no use.
    ///
    /// # Errors
    /// [`ReplicaError`].
    pub fn apply(&mut self, header: &Header, tape: &[u8]) -> Result<(), ReplicaError> {
        let block = match &mut self.chain {
            Some(chain) => chain.apply(tape)?,
            None => {
                let state = Arc::new(State::open(MemoryStore::new())?);
                let genesis = genesis(tape).ok_or(ReplicaError::NotGenesis)?;
                let (chain, block) = Chain::create(self.engine.clone(), state, &genesis)?;
                self.chain = Some(chain);
                block
            }
        };
        if block.header != *header {
            let height = header.after.height;
            return Err(ReplicaError::Differs { height });
        }
        if let Some(chain) = &self.chain
            && header.after.height.is_multiple_of(PRUNED_EACH)
        {
            let state = chain.state();
            state.prune(state.version())?;
            state.flush()?;
        }
        Ok(())
    }

    /// The state after the last block, as [`crate::Segmenter::feed`] wants it before the next.
    #[must_use]
    pub fn state(&self) -> Fork {
        match &self.chain {
            Some(chain) => Fork::from(chain.state().newest()),
            None => Fork::default(),
        }
    }

    /// A view of it; none before genesis.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.chain.as_ref().map(|chain| chain.state().newest())
    }
}

/// The genesis record, if it is all there is.
fn genesis(tape: &[u8]) -> Option<GenesisRecord> {
    let mut reader = Reader::new(tape);
    match step(&mut reader).ok()?.0 {
        Step::Record(Record::Genesis(genesis)) if reader.remaining() == 0 => Some(*genesis),
        _ => None,
    }
}
