//! One chain's line: block after block into segments, segments into jobs.
//!
//! The line goes on from the last kept proof. It begins again from there
//! - when the chain was closed and opened: its files are others then;
//! - when the tip passed what the line has cut: proofs of an earlier start, cut elsewhere, closed a gap;
//! - after errors. Jobs that are open then are left to their workers first: an error ahead says nothing against them.
//!
//! **Nothing of a chain is held while the line does not cut**, since nobody could open the chain again: its files are locked by who reads
//! them.

use crate::office::{JOB_BYTES_MAX, JOBS_MAX, Open, Shared};
use crate::past::{NoPast, Past};
use playfair_host::chain::Head;
use playfair_host::{Chain, Readers, hex};
use playfair_machine::error::Fault;
use playfair_provers::{Desk, JobName, Queue};
use playfair_segments::{Cut, Error, Position, Segmenter, Settings};
use playfair_storage::proofs::{Proofs, ProofsError};
use playfair_types::Encode;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::module::ModuleHash;
use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::watch;

/// The first pause after an error.
const PAUSE: Duration = Duration::from_secs(1);
/// And the longest.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Records that wait to be cut, at most, before no further block is read.
const PENDING_MAX: usize = 4_096;
/// Time between two looks whether the desk knows every open job.
const LOOK: Duration = Duration::from_secs(60);

/// How proving a chain goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineStatus {
    /// Frames of the tape that were cut into jobs.
    pub cut_frames: u64,
    /// Jobs that are open.
    pub open: usize,
    /// Rows of the traces that were cut since the line began.
    pub rows_cut: u64,
    /// Why it does not go on; it tries again unless it is final.
    pub error: Option<String>,
    /// A record of the chain has no proof: proofs end before it.
    pub is_final: bool,
}

/// Why a line does not go on.
enum Halt {
    /// The node is stopping, or the chain was closed.
    Closed,
    /// From the tip, at once.
    Again,
    /// The engine lacks a module that the chain ran once.
    Lacks(ModuleHash),
    /// Tried again after a pause.
    Failed(String),
    /// Proofs end here, as long as the chain is open.
    Final(String),
}

/// What cuts a chain.
pub(crate) struct Line {
    chain: Arc<Chain>,
    name: [u8; 32],
    shared: Arc<Shared>,
    desk: Desk,
    queue: Queue,
    runtime: Handle,
    status: Arc<Mutex<LineStatus>>,
    /// When it was last looked whether the desk knows every open job.
    looked: Cell<Instant>,
}

impl Line {
    pub(crate) fn new(
        chain: Arc<Chain>,
        shared: Arc<Shared>,
        desk: Desk,
        queue: Queue,
        runtime: Handle,
    ) -> Self {
        Self {
            name: fr_to_bytes(&chain.id),
            chain,
            shared,
            desk,
            queue,
            runtime,
            status: Arc::default(),
            looked: Cell::new(Instant::now()),
        }
    }

    pub(crate) fn status(&self) -> Arc<Mutex<LineStatus>> {
        Arc::clone(&self.status)
    }

    /// The thread's whole life.
    pub(crate) fn run(self) {
        let mut pause = PAUSE;
        let mut proofs_then = 0;
        let mut asked_for = HashSet::new();
        // Another thread of this chain may have ended without a word.
        self.forget();
        while let Some(readers) = self.opened() {
            let kept = Arc::downgrade(&readers.proofs);
            let proofs = readers.proofs.tip().proofs;
            let halt = match self.cut_from_tip(&readers) {
                Ok(never) => match never {},
                Err(halt) => halt,
            };
            drop(readers);
            match halt {
                Halt::Closed | Halt::Again => {}
                Halt::Lacks(hash) if asked_for.insert(hash) => {
                    if let Err(error) = self.shared.host.modules().load(&hash) {
                        tracing::error!(chain = %self.chain.record().name, %error, "a module is missing");
                    }
                }
                Halt::Lacks(hash) => self.halt(Halt::Lacks(hash), pause, &kept),
                Halt::Failed(_) | Halt::Final(_) => {
                    if proofs > proofs_then {
                        pause = PAUSE;
                    }
                    self.halt(halt, pause, &kept);
                    pause = (2 * pause).min(PAUSE_MAX);
                }
            }
            proofs_then = proofs;
            self.forget();
        }
        self.forget();
        self.chain.keep_from(u64::MAX);
    }

    /// Says what is wrong, and lets the open jobs be proven.
    fn halt(&self, halt: Halt, pause: Duration, kept: &Weak<Proofs>) {
        let (why, is_final) = match halt {
            Halt::Final(why) => (why, true),
            Halt::Failed(why) => (why, false),
            Halt::Lacks(hash) => (format!("there is no module {}", hex::encode(&hash.0)), false),
            Halt::Closed | Halt::Again => return,
        };
        let name = self.chain.record().name;
        match is_final {
            true => tracing::error!(chain = %name, why, "no further proofs of this chain"),
            false => tracing::error!(chain = %name, why, "proving halts for a while"),
        }
        self.show(|status| {
            status.error = Some(why);
            status.is_final = is_final;
        });
        let begin = Instant::now();
        while self.is_same(kept) {
            let (open, _) = self.shared.load(self.name);
            let left = pause.saturating_sub(begin.elapsed());
            if !is_final && open == 0 && left.is_zero() {
                return;
            }
            self.offer_again();
            let mut status = self.chain.watch_status();
            if !self.is_same(kept) {
                return;
            }
            let look = if is_final || left.is_zero() {
                Duration::from_secs(1)
            } else {
                left
            };
            self.runtime.block_on(async {
                tokio::select! {
                    _ = status.changed() => {}
                    () = self.shared.ended() => {}
                    () = tokio::time::sleep(look) => {}
                }
            });
        }
    }

    /// Waits until the chain is open; none at the end, or when it is not to be proven any more.
    fn opened(&self) -> Option<Readers> {
        loop {
            let mut status = self.chain.watch_status();
            if self.shared.is_stopping() || !self.chain.record().settings.prove {
                return None;
            }
            if let Some(readers) = self.chain.readers() {
                return Some(readers);
            }
            self.runtime.block_on(async {
                tokio::select! {
                    _ = status.changed() => {}
                    () = self.shared.ended() => {}
                }
            });
        }
    }

    /// Takes the open jobs away: they are made again.
    fn forget(&self) {
        for name in self.shared.names(self.name) {
            self.shared.open().remove(&name);
            self.desk.withdraw(&name);
        }
    }

    /// Puts open jobs into the queue again that the desk has lost, if it is time to look. A job that is there twice is offered once.
    fn offer_again(&self) {
        if self.looked.get().elapsed() < LOOK {
            return;
        }
        self.looked.set(Instant::now());
        for name in self.shared.names(self.name) {
            if !self.desk.has(&name) {
                // It is tried again.
                let _ = self.runtime.block_on(self.queue.push(name, 0));
            }
        }
    }

    fn cut_from_tip(&self, readers: &Readers) -> Result<std::convert::Infallible, Halt> {
        self.shared.keys.learn(&readers.proofs);
        let position = self.position(readers)?;
        let settings = Settings {
            chain_id: self.chain.id,
            payout: self.shared.payout,
            engine: readers.engine().clone(),
            modules: Arc::clone(&self.shared.modules),
        };
        let mut run = Run {
            segmenter: Segmenter::new(settings, position),
            past: Past::new(),
            ends: BTreeSet::from([position.cut.tape.length]),
        };
        let mut head = self.chain.watch_head();
        let mut proven = self.chain.watch_proven();
        self.show(|status| {
            *status = LineStatus {
                cut_frames: position.cut.tape.length,
                ..LineStatus::default()
            };
        });
        loop {
            head.mark_unchanged();
            proven.mark_unchanged();
            self.still(readers)?;
            run.on_the_way(readers)?;
            run.ends = run.ends.split_off(&readers.proofs.tip().frames());
            self.keep(readers);
            self.offer_again();
            let segmenter = &mut run.segmenter;
            let next = segmenter.next_block();
            let more = next < readers.history.next() && segmenter.pending() < PENDING_MAX;
            if more {
                let block = readers.history.block(next).map_err(failed)?;
                let block =
                    block.ok_or_else(|| Halt::Failed(format!("block {next} is not kept any more")))?;
                let wanted = || self.still(readers).is_ok();
                let before = run.past.before(readers, next, wanted)?;
                segmenter
                    .feed(&block.header, &block.tape(), before)
                    .map_err(|error| self.judge(error))?;
            }
            // While jobs wait for a worker there is no hurry: what comes next may fill the circuit.
            let no_hurry = segmenter.pending() < PENDING_MAX && self.desk.status().takeable > 0;
            let cut = segmenter
                .cut(more || no_hurry)
                .map_err(|error| self.judge(error))?;
            match cut {
                Some(cut) => {
                    run.ends.insert(cut.job.inputs().after.tape.length);
                    self.open(cut, readers, &run)?;
                }
                None if more => {}
                None => self.wait(&mut head, &mut proven, segmenter.pending() > 0),
            }
        }
    }

    /// Whether the chain is still open, with the same files.
    fn still(&self, readers: &Readers) -> Result<(), Halt> {
        match self.is_same(&Arc::downgrade(&readers.proofs)) {
            true => Ok(()),
            false => Err(Halt::Closed),
        }
    }

    fn is_same(&self, kept: &Weak<Proofs>) -> bool {
        let now = self.chain.readers();
        !self.shared.is_stopping() && now.is_some_and(|now| Weak::ptr_eq(&Arc::downgrade(&now.proofs), kept))
    }

    /// Where proofs go on: after the last kept one.
    fn position(&self, readers: &Readers) -> Result<Position, Halt> {
        let module = self.chain.record().genesis.params.module;
        let first = readers.history.first();
        // What was pruned, or was not in the snapshot that the chain was restored from, nobody can prove any more.
        let gone = || {
            Halt::Final(format!(
                "blocks below {first} are not kept, and not all of them are proven"
            ))
        };
        let Some(cut) = readers.proofs.tip().boundary else {
            return match first {
                0 => Ok(Position::genesis(self.chain.id, module)),
                _ => Err(gone()),
            };
        };
        if cut.height < first {
            return Err(gone());
        }
        let block = |height| Some(readers.history.block(height).ok()??.header.after);
        let position = Position::of(cut, block);
        position.ok_or_else(|| Halt::Failed(format!("block {} is not kept any more", cut.height)))
    }

    /// Lets the chain keep the states that are needed when the node starts again.
    fn keep(&self, readers: &Readers) {
        let height = readers
            .proofs
            .tip()
            .boundary
            .map_or(0, |boundary| boundary.height);
        self.chain.keep_from(height.saturating_sub(1));
    }

    /// Opens a job, once there is room for it.
    fn open(&self, cut: Cut, readers: &Readers, run: &Run) -> Result<(), Halt> {
        let inputs = *cut.job.inputs();
        let shape = cut.job.shape();
        let frame = inputs.before.tape.length;
        self.show(|status| {
            status.cut_frames = inputs.after.tape.length;
            status.rows_cut += cut.rows as u64;
        });
        // A proof that came before the last start, and waits for those before it.
        let kept = readers
            .proofs
            .at(frame)
            .map_err(|error| self.proofs_failed(&error))?;
        if kept.is_some_and(|kept| kept.inputs == inputs) {
            return Ok(());
        }
        let keyed = self.shared.keys.need(cut.job.module(), shape, &readers.proofs);
        keyed.map_err(Halt::Failed)?;
        let payload: Arc<[u8]> = cut.job.encode().into();
        let jobs = self.room(payload.len(), readers, run)?;
        let name = JobName {
            chain: self.name,
            frame,
            cut: self.shared.cuts.fetch_add(1, Ordering::Relaxed),
        };
        let open = Open {
            payload,
            inputs,
            shape,
        };
        self.shared.open().insert(name, Arc::new(open));
        // Chains that have little to prove go before those that catch up; among equals, the oldest block.
        let turn = JOBS_MAX.saturating_sub(jobs) as u64;
        let age = (1u64 << 48).saturating_sub(inputs.before.time_ms.get());
        let pushed = self.runtime.block_on(self.queue.push(name, turn << 50 | age));
        pushed.map_err(failed)
    }

    /// Waits until there is room for a job of so many bytes; how many there are.
    fn room(&self, bytes: usize, readers: &Readers, run: &Run) -> Result<usize, Halt> {
        loop {
            // Before the look, so that nothing falls between the two.
            let mut status = self.chain.watch_status();
            let moved = self.shared.moved.notified();
            let mut moved = std::pin::pin!(moved);
            moved.as_mut().enable();
            self.still(readers)?;
            run.on_the_way(readers)?;
            self.keep(readers);
            let (jobs, open_bytes) = self.shared.load(self.name);
            if jobs == 0 || jobs < JOBS_MAX && open_bytes + bytes <= JOB_BYTES_MAX {
                return Ok(jobs);
            }
            self.runtime.block_on(async {
                tokio::select! {
                    () = moved => {}
                    _ = status.changed() => {}
                    () = tokio::time::sleep(LOOK) => {}
                }
            });
            self.offer_again();
        }
    }

    /// Waits for a block, or, if records wait to be cut off, for a worker that has nothing to do.
    fn wait(
        &self,
        head: &mut watch::Receiver<Head>,
        proven: &mut watch::Receiver<Option<playfair_storage::proofs::Tip>>,
        records: bool,
    ) {
        let mut status = self.chain.watch_status();
        let look = if records { Duration::from_millis(50) } else { LOOK };
        self.runtime.block_on(async {
            tokio::select! {
                _ = head.changed() => {}
                _ = proven.changed() => {}
                _ = status.changed() => {}
                () = self.shared.ended() => {}
                () = tokio::time::sleep(look) => {}
            }
        });
    }

    fn judge(&self, error: Error) -> Halt {
        match error {
            Error::NoProof { .. } => Halt::Final(error.to_string()),
            Error::Fault(Fault::UnknownModule(hash)) => Halt::Lacks(hash),
            // The proofs are of another history than the blocks: they are made again.
            Error::NoSuchCut { .. } => {
                self.proofs_failed(&ProofsError::Other("they do not fit the chain's blocks"))
            }
            error => Halt::Failed(error.to_string()),
        }
    }

    /// The chain is opened again, without proofs that are damaged.
    fn proofs_failed(&self, error: &ProofsError) -> Halt {
        let host = &self.shared.host;
        host.proofs_failed(&self.chain, error.is_damage(), error.to_string());
        Halt::Failed(error.to_string())
    }

    fn show(&self, change: impl FnOnce(&mut LineStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Cutting from one tip on.
struct Run {
    segmenter: Segmenter,
    past: Past,
    /// Frames at which this run's segments end; where the first begins, too.
    ends: BTreeSet<u64>,
}

impl Run {
    /// Whether the tip is where a segment of this run ends: otherwise nothing that was cut goes on from there.
    fn on_the_way(&self, readers: &Readers) -> Result<(), Halt> {
        match self.ends.contains(&readers.proofs.tip().frames()) {
            true => Ok(()),
            false => Err(Halt::Again),
        }
    }
}

impl From<NoPast> for Halt {
    fn from(error: NoPast) -> Self {
        match error {
            NoPast::Stopped => Self::Closed,
            NoPast::Lacks(hash) => Self::Lacks(hash),
            NoPast::Other(why) => Self::Failed(why),
        }
    }
}

fn failed(error: impl ToString) -> Halt {
    Halt::Failed(error.to_string())
}
