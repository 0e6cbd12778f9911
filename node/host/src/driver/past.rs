//! What a chain's thread lets go: old versions of the state, and, if its operator says so, old blocks.

use super::serving::Serving;
use playfair_sequencer::{Halt, Keep};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Time before a base is tried again that could not be written, ms.
const KEEP_AGAIN_MS: u64 = 60_000;

impl Serving<'_> {
    /// Lets the past go that is not to be kept: what takes long on another thread.
    pub(super) fn keep_up(&mut self, now_ms: u64) -> Result<(), Halt> {
        match self.keeper.ended() {
            Some(Ok(base)) => self.sequencer.upkept(base),
            // The chain goes on without: what came before stays.
            Some(Err(error @ Halt::Base(_))) => {
                let name = self.driver.chain.record().name;
                tracing::error!(chain = %name, %error, "no base: blocks stay that could go");
                self.keep_ms = now_ms.saturating_add(KEEP_AGAIN_MS);
            }
            Some(Err(halt)) => return Err(halt),
            None => {}
        }
        if self.keep_blocks == 0 || !self.keeper.is_idle() {
            return Ok(());
        }
        let keep = Keep {
            blocks: self.keep_blocks,
            from: self.needed_from(),
        };
        if !self.sequencer.trim(keep)? {
            // The rest at the next turn, after the calls that have come.
            let _ = self.driver.chain.ask(|_| {});
        }
        if now_ms < self.keep_ms {
            return Ok(());
        }
        let Some(work) = self.sequencer.upkeep(keep)? else {
            return Ok(());
        };
        let chain = Arc::clone(&self.driver.chain);
        let done = move || drop(chain.ask(|_| {}));
        let started = self.keeper.start(&self.driver.chain.record().name, work, done);
        if let Err(error) = started {
            tracing::warn!(%error, "no thread could be made: blocks stay that could go");
            self.keep_ms = now_ms.saturating_add(KEEP_AGAIN_MS);
        }
        Ok(())
    }

    /// The first block that somebody needs: of a chain that is to be proven, the one in which the proven history ends, and the one
    /// before it.
    fn needed_from(&self) -> u64 {
        if !self.prove {
            return u64::MAX;
        }
        let tip = self.driver.chain.readers().map(|readers| readers.proofs.tip());
        let proven = tip
            .and_then(|tip| tip.boundary)
            .map_or(0, |boundary| boundary.height);
        proven.saturating_sub(1)
    }

    /// Lets old versions of the state go. There is one a block, without gaps.
    pub(super) fn prune(&self) -> Result<(), Halt> {
        let state = self.sequencer.state();
        let height = self.sequencer.last().height();
        let keep_from = self.driver.chain.keep_from.load(Ordering::Relaxed);
        let unproven = height.saturating_sub(keep_from).min(self.retain_unproven);
        let before = state.version().saturating_sub(self.retain.max(unproven));
        state.prune(before).map_err(Halt::State)?;
        Ok(())
    }
}
