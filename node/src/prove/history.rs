//! A history block by block, with the state before and after each: what segments are cut from.

use anyhow::Result;
use playfair_proofs_prover::segment::Segment;
use playfair_proofs_prover::state::Source;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::{Block, Chain};
use playfair_runtime::local::Start;
use playfair_state::{MemoryStore, State, View};
use playfair_types::Encode;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::state::StateKey;
use playfair_types::state::proof::StateProof;
use std::sync::Arc;

/// A version of a chain's state, as hints need it.
pub struct Version(View);

impl Source for &Version {
    fn root(&self) -> Fr {
        self.0.root()
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.0.get(key).ok().flatten()
    }

    fn prove(&self, key: &StateKey) -> Option<StateProof> {
        self.0.prove(&[*key]).ok()
    }
}

/// A block with what is around it.
pub struct Step {
    /// Boundary before.
    pub before: Boundary,
    /// Boundary after.
    pub after: Boundary,
    /// Work of its records.
    pub work: u64,
    /// Number of its records.
    pub records: u64,
    /// Their bytes.
    pub tape: Vec<u8>,
    /// The state before.
    pub old: Version,
    /// The state after.
    pub new: Version,
}

/// The history of a local chain.
pub struct History {
    /// The chain.
    pub chain_id: Fr,
    /// Its blocks; the genesis record is the first.
    pub steps: Vec<Step>,
}

impl History {
    /// Replays `blocks` (genesis first) on a new chain that starts as `start` says.
    ///
    /// # Errors
    /// When a block breaks the tape, or the engine or the state fails.
    pub fn replay(engine: Wasmtime, start: &Start, blocks: &[Vec<u8>]) -> Result<Self> {
        let genesis = start.genesis();
        let state = Arc::new(State::open(MemoryStore::new())?);
        let chain_id = genesis.chain_id();
        let before = Before {
            boundary: Boundary::before_genesis(chain_id, genesis.params.module),
            state: Version(state.newest()),
        };
        let (mut chain, block) = Chain::create(engine, state, &genesis)?;
        let mut steps = vec![before.then(&chain, &block, genesis.encode())];
        for bytes in blocks.iter().skip(1) {
            let before = Before::block(&chain);
            let block = chain.apply(bytes)?;
            steps.push(before.then(&chain, &block, bytes.clone()));
        }
        Ok(Self { chain_id, steps })
    }
}

/// A chain before a block.
pub struct Before {
    boundary: Boundary,
    state: Version,
}

impl Before {
    /// A chain before its next block.
    #[must_use]
    pub fn block(chain: &Chain) -> Self {
        Self {
            boundary: *chain.boundary(),
            state: Version(chain.state().newest()),
        }
    }

    /// The block that `chain` has applied since: its records' bytes are `tape`.
    #[must_use]
    pub fn then(self, chain: &Chain, block: &Block, tape: Vec<u8>) -> Step {
        let after = Self::block(chain);
        Step {
            before: self.boundary,
            after: after.boundary,
            work: block.applied.iter().map(|done| done.work).sum(),
            records: block.applied.len() as u64,
            tape,
            old: self.state,
            new: after.state,
        }
    }
}

/// Consecutive blocks as one segment; `None` for no block.
#[must_use]
pub fn segment(steps: &[Step], chain_id: Fr, payout: L1Address) -> Option<Segment> {
    let (first, last) = (steps.first()?, steps.last()?);
    Some(Segment {
        inputs: SegmentInputs {
            chain_id,
            payout,
            work: steps.iter().map(|step| step.work).sum(),
            before: first.before,
            after: last.after,
        },
        records: steps.iter().map(|step| step.records).sum(),
        tape: steps.iter().flat_map(|step| step.tape.iter().copied()).collect(),
    })
}
