//! What a chain's thread lets go: old versions of the state, and, if its operator says so, old blocks.

use super::serving::Serving;
use crate::kept;
use playfair_sequencer::{Halt, Keep};
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Time from a chain's opening to its first look at what can go, ms.
pub(super) const BEGIN_MS: u64 = 1_000;
/// Time between two bases at least, ms.
const REST_MS: u64 = 1_000;
/// What stays free of a disk when a base is written, beside the room for the base, bytes.
const RESERVE_BYTES: u64 = 64 << 20;
/// Time before a base is tried again that could not be written, ms.
const KEEP_AGAIN_MS: u64 = 60_000;

impl Serving<'_> {
    /// Lets the past go that is not to be kept: what takes long on another thread.
    pub(super) fn keep_up(&mut self, now_ms: u64) -> Result<(), Halt> {
        match self.keeper.ended() {
            Some(Ok(base)) => {
                self.sequencer.upkept(base);
                self.keep_ms = now_ms.saturating_add(REST_MS);
            }
            // The chain goes on without: what came before stays.
            Some(Err(error @ Halt::Base(_))) => self.keep_later(now_ms, &error),
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
        if work.has_base() && !self.has_room() {
            self.keep_later(now_ms, &"there is no room for it: make room on the disk");
            return Ok(());
        }
        let chain = Arc::clone(&self.driver.chain);
        let done = move || drop(chain.ask(|_| {}));
        let started = self.keeper.start(&self.driver.chain.record().name, work, done);
        if let Err(error) = started {
            self.keep_later(now_ms, &format_args!("no thread could be made: {error}"));
        }
        Ok(())
    }

    /// Tries again after a while; blocks stay meanwhile that could go.
    fn keep_later(&mut self, now_ms: u64, why: &dyn Display) {
        let name = self.driver.chain.record().name;
        tracing::error!(chain = %name, error = %why, "no base: blocks stay that could go");
        self.keep_ms = now_ms.saturating_add(KEEP_AGAIN_MS);
    }

    /// Whether a base can be written without taking the room that other files need. It is smaller than the state's own file.
    fn has_room(&self) -> bool {
        let folder = &self.driver.path;
        let needed = std::fs::metadata(folder.join("state.redb")).map_or(0, |file| file.len());
        rustix::fs::statvfs(folder).is_ok_and(|disk| {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            free >= needed.saturating_add(RESERVE_BYTES)
        })
    }

    /// The first block that somebody needs: of a chain that is to be proven, the one in which the proven history ends, and the one
    /// before it.
    fn needed_from(&self) -> u64 {
        if !self.prove {
            return u64::MAX;
        }
        let Some(tip) = self.driver.chain.readers().map(|readers| readers.proofs.tip()) else {
            return 0;
        };
        if !kept::goes_on(self.sequencer.history(), &tip) {
            return u64::MAX;
        }
        tip.boundary.map_or(0, |end| end.height.saturating_sub(1))
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
