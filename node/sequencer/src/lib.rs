//! One chain's ordering: signed calls go in, certified and durable blocks come out.
//!
//! # Protocol
//!
//! ```text
//! submit ──► read, verified, judged by the state ──► pool ──► make_block ──► executed ──► certified ──► log, synced ──► answers
//!   └─ refused with a reason                        └─ expired, replaced, pushed out     └─ refused: invalid when its turn came
//! ```
//!
//! - [`Sequencer::submit`] takes calls with the tickets of who waits for them. Every ticket gets exactly one [`Answer`], at
//!   once or from a later method; nothing else is said about a call.
//! - [`Sequencer::due_ms`] says when the next block is to be made; [`Sequencer::make_block`] makes it. A chain without
//!   calls and without ticks makes none, but for an upgrade whose time has come.
//! - A call is *sealed* when its block lies in the log and the disk has confirmed it. That is the acknowledgement: no
//!   answer says *sealed*, and no block leaves the sequencer, before. So nothing that anybody has heard of can be lost, and
//!   no two blocks of one height are ever shown: what is not in the log after a crash was never seen.
//! - A call that would be invalid is not ordered: it is refused with the reason and costs nothing. (Forced calls, which
//!   are consumed whatever they are, will come from L1.)
//! - A block's size is bounded by gas, bytes and by the proving debt that the chain may have ([`Settings`]).
//!
//! # Purity
//!
//! What a sequencer does follows from the calls of its methods, the time that they bring, the disk and the certifier's
//! key. It has no clock, no thread of its own, no network and no randomness: a simulation can drive it through years in
//! a minute, and the same history of inputs gives the same history of blocks.
//!
//! # Failures
//!
//! [`Halt`] is the end of a sequencer: the engine gave up, or the disk did. Nobody knows then what the disk holds, so the
//! chain is opened again ([`Sequencer::open`]), which reads the truth from the log and heals what was made from it.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod answer;
mod certify;
mod debt;
mod make;
mod open;
mod seal;
mod settings;
mod submit;
mod upkeep;

pub use answer::{Answer, Halt, Refusal, Ticket};
pub use certify::Certify;
pub use make::Made;
pub use open::{Chapter, OpenError, Opened, Origin};
pub use settings::Settings;
pub use upkeep::{Keep, Upkeep};

use debt::Debt;
use playfair_mempool::{Counters, Pool, Pricing};
use playfair_runtime::chain::Chain;
use playfair_state::{Flush, State};
use playfair_storage::history::History;
use playfair_storage::log::{LogError, TapeLog};
use playfair_storage::{Disk, Sealed};
use playfair_types::bounded::U48;
use playfair_types::certificate::Committee;
use playfair_types::rules::FeeMode;
use playfair_types::segment::Boundary;
use std::sync::Arc;
use submit::Waiting;

/// One chain between two blocks.
pub struct Sequencer<D: Disk, C> {
    chain: Chain,
    disk: D,
    /// Heights of the bases, ascending.
    bases: Vec<u64>,
    log: TapeLog<D>,
    history: Arc<History>,
    certifier: C,
    pool: Pool<Waiting>,
    settings: Settings,
    /// The last block.
    last: Arc<Sealed>,
    /// When it was made, ms by the caller's clock; `None` after opening.
    made_ms: Option<u64>,
    /// Whether blocks are made without calls.
    ticks: bool,
    /// The last time of a block before the announced upgrade, which takes place then though nobody calls.
    upgrade_ms: Option<U48>,
    debt: Debt,
    /// Who waits for calls of the block that is being made.
    in_flight: Vec<Ticket>,
    /// A block or a submission was not finished. The state may have a block that the log does not have.
    halted: bool,
}

impl<D: Disk, C: Certify> Sequencer<D, C> {
    /// The last block.
    #[must_use]
    pub fn last(&self) -> &Arc<Sealed> {
        &self.last
    }

    /// The boundary after the last block.
    #[must_use]
    pub fn boundary(&self) -> &Boundary {
        self.chain.boundary()
    }

    /// The state, for readers.
    #[must_use]
    pub fn state(&self) -> &Arc<State> {
        self.chain.state()
    }

    /// The history, for readers.
    #[must_use]
    pub fn history(&self) -> &Arc<History> {
        &self.history
    }

    /// The chain, for what it can tell.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Who certifies.
    pub fn committee(&self) -> Committee {
        self.certifier.committee()
    }

    /// How many calls wait, and their gas limits.
    #[must_use]
    pub fn waiting(&self) -> (usize, u64) {
        (self.pool.len(), self.pool.gas())
    }

    /// What the pool has seen.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        self.pool.counters()
    }

    /// Rows that are executed and not proven, at most: their price.
    #[must_use]
    pub fn debt(&self) -> u64 {
        self.debt.now(self.last.work)
    }

    /// Says that everything up to a block is proven; `work` is that block's.
    pub fn proven(&mut self, work: u64) {
        self.debt.proven(work);
    }

    /// When the next block is to be made, ms; `None` while there is nothing to do.
    #[must_use]
    pub fn due_ms(&self) -> Option<u64> {
        let next = self
            .made_ms
            .map_or(0, |made| made.saturating_add(self.settings.interval_ms));
        let calls = (self.ticks || self.pool.has_ready()).then_some(next);
        let upgrade = self.upgrade_ms.map(|upgrade| next.max(upgrade.get()));
        let due = calls.into_iter().chain(upgrade).min()?;
        Some(due.max(self.chain.boundary().activating_ms.get()))
    }

    /// Drops calls whose time is over. For idle chains: making a block does it too.
    pub fn expire(&mut self, now_ms: u64) -> Vec<(Ticket, Answer)> {
        self.look_at_clock(now_ms);
        let gone = self.pool.expire(now_ms);
        submit::answers(gone).collect()
    }

    /// Begins to write history and state behind the log; another thread finishes it with [`Checkpoint::write`].
    ///
    /// # Errors
    /// [`Halt::State`] when an earlier one failed or has not been written; [`Halt::Log`] after a halt, when the state may
    /// be ahead of the log.
    pub fn checkpoint(&self) -> Result<Checkpoint, Halt> {
        self.check_running()?;
        Ok(Checkpoint {
            state: self.chain.state().freeze().map_err(Halt::State)?,
            history: Arc::clone(&self.history),
        })
    }

    /// After a halt the state, the log and the last block may disagree: nothing goes on from there.
    fn check_running(&self) -> Result<(), Halt> {
        match self.halted {
            true => Err(Halt::Log(LogError::Poisoned)),
            false => Ok(()),
        }
    }

    /// The clock may have been set back: nobody waits until it is again where it was.
    fn look_at_clock(&mut self, now_ms: u64) {
        self.made_ms = self.made_ms.map(|made| made.min(now_ms));
    }

    /// Ends the sequencer: everyone who waits is told so. Write a checkpoint after it, so that the next start need not
    /// execute anything again; after a halt there is none.
    pub fn close(mut self) -> (Vec<Ticket>, Result<Checkpoint, Halt>) {
        let mut tickets = std::mem::take(&mut self.in_flight);
        tickets.extend(self.pool.drain().into_iter().flat_map(|entry| entry.item.tickets));
        // A submission that was cut short has put calls into the pool that were in flight.
        tickets.sort_unstable();
        tickets.dedup();
        let checkpoint = self.checkpoint();
        (tickets, checkpoint)
    }
}

/// History and state as they stood after a block, on their way to the disk.
#[must_use = "nothing is durable before it is written"]
pub struct Checkpoint {
    state: Option<Flush>,
    history: Arc<History>,
}

impl Checkpoint {
    /// Writes it: the history first, so that it never lacks a block that the state has.
    ///
    /// # Errors
    /// [`Halt`]: the sealed blocks are safe in the log, and the chain can go on until the next checkpoint fails.
    pub fn write(self) -> Result<(), Halt> {
        self.history.flush().map_err(Halt::History)?;
        match self.state {
            Some(flush) => flush.write().map_err(Halt::State),
            None => Ok(()),
        }
    }
}

/// How the pool of a chain takes prices.
fn pricing(mode: FeeMode) -> Pricing {
    match mode {
        FeeMode::Paid => Pricing::Paid,
        FeeMode::Free | FeeMode::Sponsored(_) => Pricing::Free,
    }
}
