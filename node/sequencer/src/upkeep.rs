//! Letting the past go: bases are written, and what lies below them is pruned.
//!
//! ```text
//! genesis ─── pruned ─── base ─── at least Keep::blocks ─── base ─── fewer than that ─── last block
//!                          └─ the first block that is kept
//! ```
//! A base is written when the newest one is as far behind as blocks are to be kept. Then everything below the base before it goes. So
//! there are two bases most of the time, at least as many blocks as were asked for, and whatever of the files is lost is made again from
//! the first base, or from the second if the first one is damaged.
//!
//! **Order**, and what an opening finds that comes after each step:
//!
//! 1. the base is written under another name, synced, read back: a draft, which the next one removes;
//! 2. it gets its name, synced: one more base; nothing rests on it before it is there for good;
//! 3. the history lets go what is below the base before it, in steps, each of which says where it begins now: a history that begins
//!    between genesis, or the first base, and the next one, and a log that has more, which is what a log may have;
//! 4. the log's files below it are removed, the oldest first: the same, with a log that has less, and never less than what follows that
//!    base;
//! 5. bases below it are removed: nothing rests on them any more.
//!
//! Each step is done only when those before it are, and found undone is done again. 1 to 3 take long and need nobody: they are
//! [`Upkeep::write`], for another thread. 4 and 5 are [`Sequencer::trim`].

use crate::Sequencer;
use crate::answer::Halt;
use crate::certify::Certify;
use playfair_state::View;
use playfair_storage::base;
use playfair_storage::history::History;
use playfair_storage::{Disk, Sealed};
use std::sync::Arc;

/// Blocks that the history lets go at once.
const PRUNED_EACH: u64 = 256;
/// Files of the log that are removed at once.
const FILES_EACH: usize = 8;

/// What is kept of a chain's past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How many blocks at least; 0 for all.
    pub blocks: u64,
    /// The first height that somebody needs, however old it is.
    pub from: u64,
}

/// Bases to write and history to prune, on another thread.
#[must_use = "nothing is kept or goes before it is written"]
pub struct Upkeep<D> {
    disk: D,
    history: Arc<History>,
    /// A block that becomes a base, and the state after it.
    base: Option<(Arc<Sealed>, View)>,
    /// Heights below this go.
    prune: u64,
}

impl<D: Disk, C: Certify> Sequencer<D, C> {
    /// The first height that is kept.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.history.first()
    }

    /// What is to be done beside making blocks, if anything is. Only one at a time: hand what came of it to
    /// [`Sequencer::upkept`] before asking again.
    ///
    /// # Errors
    /// [`Halt::Log`] after a halt.
    pub fn upkeep(&self, keep: Keep) -> Result<Option<Upkeep<D>>, Halt> {
        self.check_running()?;
        let height = self.last.height();
        let newest = self.bases.last().copied();
        let far = keep.blocks > 0 && height.saturating_sub(newest.unwrap_or(0)) >= keep.blocks;
        // A third one only if the first one can go.
        let free = self.bases.len() < 2 || newest.is_some_and(|newest| newest <= keep.from);
        let base = (far && free && height > 0).then(|| (Arc::clone(&self.last), self.chain.state().newest()));
        let prune = match (&base, newest) {
            (Some(_), Some(newest)) if newest <= keep.from => newest,
            _ => self.pruned_below(keep),
        };
        // What is not on the disk yet goes when it is, so that nothing there is left without what it stands on.
        let state = self.chain.state().flushed_version().unwrap_or(0);
        let prune = prune.min(self.history.flushed()).min(state.saturating_sub(1));
        let is_due = base.is_some() || self.history.first() < prune;
        Ok(is_due.then(|| Upkeep {
            disk: self.disk.clone(),
            history: Arc::clone(&self.history),
            base,
            prune,
        }))
    }

    /// Takes note of a base that was written.
    pub fn upkept(&mut self, base: Option<u64>) {
        self.bases.extend(base);
    }

    /// Removes files of the log and bases that nothing rests on any more, a few at a time; whether that was all.
    ///
    /// # Errors
    /// [`Halt::Log`], [`Halt::Base`].
    pub fn trim(&mut self, keep: Keep) -> Result<bool, Halt> {
        self.check_running()?;
        let below = self.pruned_below(keep);
        if self.history.first() < below {
            return Ok(true);
        }
        if !self.log.prune(below, FILES_EACH).map_err(Halt::Log)? {
            return Ok(false);
        }
        while let [first, _, ..] = self.bases[..]
            && first < below
        {
            base::remove(&self.disk, first)?;
            self.bases.remove(0);
        }
        Ok(true)
    }

    /// Heights below this may go now: those below the base before the newest.
    fn pruned_below(&self, keep: Keep) -> u64 {
        match self.bases[..] {
            // Also when more are to be kept than once were.
            [.., before, _]
                if keep.blocks > 0
                    && before <= keep.from
                    && self.last.height().saturating_sub(before) >= keep.blocks =>
            {
                before
            }
            _ => 0,
        }
    }
}

impl<D: Disk> Upkeep<D> {
    /// Whether a base is to be written.
    #[must_use]
    pub fn has_base(&self) -> bool {
        self.base.is_some()
    }

    /// Does it, as long as `goes_on` says so. Tells the height of the base that was written.
    ///
    /// # Errors
    /// [`Halt::Base`] when there is no base: the chain can go on without. [`Halt::State`], [`Halt::History`] when what it was to
    /// be made of is damaged.
    pub fn write(self, goes_on: &dyn Fn() -> bool) -> Result<Option<u64>, Halt> {
        let written = match &self.base {
            Some((block, state)) => {
                base::write(&self.disk, block, state, goes_on)?;
                Some(block.height())
            }
            None => None,
        };
        while goes_on() {
            let left = self.history.prune(self.prune, PRUNED_EACH);
            if left.map_err(Halt::History)? == 0 {
                break;
            }
        }
        Ok(written)
    }
}
