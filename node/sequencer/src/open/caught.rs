//! Executing what the log has beyond the state.

use super::OpenError;
use crate::seal;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::{Block, Chain};
use playfair_state::State;
use playfair_storage::history::History;
use playfair_storage::log::{Body, LogError, TapeLog};
use playfair_storage::{Disk, Sealed};
use playfair_types::Encode;
use playfair_types::certificate::Certificate;
use playfair_types::tape::genesis::GenesisRecord;
use std::sync::Arc;

/// Blocks that are read from the log together.
const BATCH: usize = 256;
/// Blocks between two checkpoints while catching up.
const CHECKPOINT: usize = 16 * BATCH;

/// A chain that has executed what its log has beyond its state.
pub(super) struct Caught<'a> {
    pub(super) chain: Chain,
    history: &'a Arc<History>,
    pub(super) last: Arc<Sealed>,
    /// Blocks that were executed.
    pub(super) blocks: u64,
}

impl<'a> Caught<'a> {
    pub(super) fn up<D: Disk>(
        engine: &Wasmtime,
        state: Arc<State>,
        log: &mut TapeLog<D>,
        history: &'a Arc<History>,
        genesis: &GenesisRecord,
    ) -> Result<Self, OpenError> {
        let mut caught = match state.version() {
            0 => Self::create(engine, state, log, history, genesis)?,
            _ => Self::open(engine, state, history)?,
        };
        caught.catch_up(log)?;
        Ok(caught)
    }

    fn create<D: Disk>(
        engine: &Wasmtime,
        state: Arc<State>,
        log: &mut TapeLog<D>,
        history: &'a Arc<History>,
        genesis: &GenesisRecord,
    ) -> Result<Self, OpenError> {
        let body = Body {
            certificate: None,
            records: genesis.encode(),
        };
        let mut same = log.next() == 0;
        if !same {
            log.read(0, |_, found| {
                same = found == body;
                Ok::<_, LogError>(false)
            })?;
        }
        if !same {
            return Err(OpenError::OtherGenesis);
        }
        let (chain, block) = Chain::create(engine.clone(), state, genesis)?;
        // Only a genesis that can be executed is written down.
        if log.next() == 0 {
            log.append(&body)?;
            log.sync()?;
        }
        let (sealed, _) = seal::seal(block, None, 0);
        let last = Arc::new(sealed);
        // The first checkpoint writes the history, then the state; there may have been no time for that.
        if history.next() == 0 {
            history.push(Arc::clone(&last))?;
        }
        Ok(Self {
            chain,
            history,
            last,
            blocks: 0,
        })
    }

    fn open(engine: &Wasmtime, state: Arc<State>, history: &'a Arc<History>) -> Result<Self, OpenError> {
        let chain = Chain::open(engine.clone(), state)?;
        let height = chain.boundary().height;
        let last = history.block(height)?;
        let last = last.ok_or(OpenError::Lost { height })?;
        Ok(Self {
            chain,
            history,
            last,
            blocks: 0,
        })
    }

    fn catch_up<D: Disk>(&mut self, log: &TapeLog<D>) -> Result<(), OpenError> {
        let mut batch: Vec<(u64, Body)> = Vec::with_capacity(BATCH);
        let from = self.chain.boundary().height + 1;
        if from < log.next() {
            log.read(from, |height, body| {
                batch.push((height, body));
                if batch.len() == BATCH {
                    self.execute(std::mem::take(&mut batch))?;
                }
                Ok::<_, OpenError>(true)
            })?;
        }
        self.execute(batch)
    }

    fn execute(&mut self, batch: Vec<(u64, Body)>) -> Result<(), OpenError> {
        let mut done: Vec<Block> = Vec::with_capacity(batch.len());
        let (heights, bodies): (Vec<u64>, Vec<Body>) = batch.into_iter().unzip();
        let certificates: Vec<Option<Certificate>> = bodies.iter().map(|body| body.certificate).collect();
        let tapes = bodies.into_iter().map(|body| body.records);
        self.chain.replay(tapes, |block| done.push(block))?;
        for ((height, certificate), block) in heights.into_iter().zip(certificates).zip(done) {
            let certified =
                certificate.is_some_and(|certificate| certificate.payload == block.header.digest());
            if !certified || block.header.after.height != height {
                return Err(OpenError::Diverged { height });
            }
            let (sealed, _) = seal::seal(block, certificate, self.last.work);
            self.last = Arc::new(sealed);
            self.blocks += 1;
            // The history may have it: it is written before the state.
            if height >= self.history.next() {
                self.history.push(Arc::clone(&self.last))?;
            }
            if self.blocks.is_multiple_of(CHECKPOINT as u64) {
                self.history.flush()?;
                self.chain.state().flush()?;
            }
        }
        Ok(())
    }
}
