//! One chain's line: block after block into segments, segments into jobs.
//!
//! The line goes on from the last kept proof. It begins again from there when the chain was closed and opened, since its files are others
//! then, and after errors.

use crate::office::{JOB_BYTES_MAX, JOBS_MAX, Open, Shared};
use crate::past::Past;
use playfair_host::{Chain, Readers};
use playfair_provers::{Desk, JobName, Queue};
use playfair_segments::{Cut, Error, Position, Segmenter, Settings};
use playfair_storage::proofs::ProofsError;
use playfair_types::Encode;
use playfair_types::crypto::field::fr_to_bytes;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// The first pause after an error.
const PAUSE: Duration = Duration::from_secs(1);
/// And the longest.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Blocks of records that wait to be cut, at most.
const PENDING_MAX: usize = 4_096;

/// How proving a chain goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineStatus {
    /// Frames of the tape that were cut into jobs.
    pub cut_frames: u64,
    /// Jobs that are open.
    pub open: usize,
    /// Rows of the open jobs' traces, and of those proven since the start.
    pub rows_cut: u64,
    /// Why it does not go on; it tries again unless it is final.
    pub error: Option<String>,
    /// A record of the chain has no proof: proofs end before it.
    pub is_final: bool,
}

/// Why a line does not go on.
enum Halt {
    /// The node is stopping, or the chain is to be opened again.
    Closed,
    /// Tried again after a pause.
    Failed(String),
    /// Never tried again: proofs end here.
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
        }
    }

    pub(crate) fn status(&self) -> Arc<Mutex<LineStatus>> {
        Arc::clone(&self.status)
    }

    /// The thread's whole life.
    pub(crate) fn run(self) {
        let mut pause = PAUSE;
        while !self.shared.is_stopping() {
            let Some(readers) = self.opened() else { break };
            let halt = match self.cut_from_tip(&readers, &mut pause) {
                Ok(never) => match never {},
                Err(halt) => halt,
            };
            self.forget();
            match halt {
                Halt::Closed => {}
                Halt::Failed(why) => {
                    tracing::error!(chain = %self.chain.record().name, why, "proving halts for a while");
                    self.show(|status| status.error = Some(why));
                    self.sleep(pause);
                    pause = (2 * pause).min(PAUSE_MAX);
                }
                Halt::Final(why) => {
                    tracing::error!(chain = %self.chain.record().name, why, "no further proofs of this chain");
                    self.show(|status| {
                        status.error = Some(why);
                        status.is_final = true;
                    });
                    self.runtime.block_on(self.shared.ended());
                }
            }
        }
        self.forget();
    }

    /// Waits until the chain is open; none at the end.
    fn opened(&self) -> Option<Readers> {
        let mut status = self.chain.watch_status();
        loop {
            if self.shared.is_stopping() {
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
        let names: Vec<JobName> = {
            let open = self.shared.open();
            open.keys()
                .filter(|name| name.chain == self.name)
                .copied()
                .collect()
        };
        for name in names {
            self.shared.open().remove(&name);
            self.desk.withdraw(&name);
        }
    }

    fn cut_from_tip(
        &self,
        readers: &Readers,
        pause: &mut Duration,
    ) -> Result<std::convert::Infallible, Halt> {
        self.shared.keys.learn(&readers.proofs);
        let position = self.position(readers)?;
        let settings = Settings {
            chain_id: self.chain.id,
            payout: self.shared.payout,
            engine: readers.engine().clone(),
            modules: Arc::clone(&self.shared.modules),
        };
        let mut segmenter = Segmenter::new(settings, position);
        let mut past = Past::new();
        let mut head = self.chain.watch_head();
        self.show(|status| {
            *status = LineStatus {
                cut_frames: position.cut.tape.length,
                ..LineStatus::default()
            };
        });
        loop {
            self.still(readers)?;
            self.keep(readers);
            let next = segmenter.next_block();
            let more = next <= readers.last() && next < readers.history.next();
            if more && segmenter.pending() < PENDING_MAX {
                let block = readers.history.block(next).map_err(failed)?;
                let block =
                    block.ok_or_else(|| Halt::Failed(format!("block {next} is not kept any more")))?;
                let before = past
                    .before(readers, next, &self.shared.stop)
                    .map_err(Halt::Failed)?;
                segmenter
                    .feed(&block.header, &block.tape(), before)
                    .map_err(|error| self.judge(error))?;
            }
            // While jobs wait for a worker there is no hurry: what comes next may fill the circuit.
            let no_hurry = self.desk.status().offered > 0;
            let cut = segmenter
                .cut(more || no_hurry)
                .map_err(|error| self.judge(error))?;
            match cut {
                Some(cut) => {
                    self.open(cut, readers)?;
                    *pause = PAUSE;
                }
                None if more => {}
                None => self.wait(&mut head, segmenter.pending() > 0),
            }
        }
    }

    /// Whether the chain is still open, with the same files.
    fn still(&self, readers: &Readers) -> Result<(), Halt> {
        let same = self
            .chain
            .readers()
            .is_some_and(|now| Arc::ptr_eq(&now.proofs, &readers.proofs));
        match same && !self.shared.is_stopping() {
            true => Ok(()),
            false => Err(Halt::Closed),
        }
    }

    /// Where proofs go on: after the last kept one.
    fn position(&self, readers: &Readers) -> Result<Position, Halt> {
        let module = self.chain.record().genesis.params.module;
        let genesis = Position::genesis(self.chain.id, module);
        let Some(cut) = readers.proofs.tip().boundary else {
            return Ok(genesis);
        };
        let after = |height: u64| {
            let block = readers.history.block(height).map_err(failed)?;
            let block = block.ok_or_else(|| Halt::Failed(format!("block {height} is not kept any more")))?;
            Ok(block.header.after)
        };
        let here = after(cut.height)?;
        Ok(match cut.height.checked_sub(1) {
            _ if here == cut => Position::after(cut),
            Some(before) => Position {
                block: after(before)?,
                cut,
            },
            None => Position {
                block: genesis.block,
                cut,
            },
        })
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

    /// Opens a job, or waits until there is room for it.
    fn open(&self, cut: Cut, readers: &Readers) -> Result<(), Halt> {
        let inputs = *cut.job.inputs();
        let shape = cut.job.shape();
        let name = JobName {
            chain: self.name,
            frame: inputs.before.tape.length,
        };
        self.show(|status| {
            status.cut_frames = inputs.after.tape.length;
            status.rows_cut += cut.rows as u64;
        });
        // A proof that came before the last start, and waits for those before it.
        let kept = readers
            .proofs
            .at(name.frame)
            .map_err(|error| self.proofs_failed(&error))?;
        if kept.is_some_and(|kept| kept.inputs == inputs) {
            return Ok(());
        }
        let keyed = self.shared.keys.need(cut.job.module(), shape, &readers.proofs);
        keyed.map_err(Halt::Failed)?;
        let payload: Arc<[u8]> = cut.job.encode().into();
        loop {
            let moved = self.shared.moved.notified();
            let mut moved = std::pin::pin!(moved);
            moved.as_mut().enable();
            self.still(readers)?;
            let (jobs, bytes) = self.shared.load(self.name);
            self.show(|status| status.open = jobs);
            if jobs == 0 || jobs < JOBS_MAX && bytes + payload.len() <= JOB_BYTES_MAX {
                break;
            }
            self.keep(readers);
            let mut status = self.chain.watch_status();
            self.runtime.block_on(async {
                tokio::select! {
                    () = moved => {}
                    _ = status.changed() => {}
                }
            });
        }
        let open = Open {
            payload,
            inputs,
            shape,
        };
        self.shared.open().insert(name, Arc::new(open));
        // The oldest blocks of all chains first.
        let priority = (1u64 << 48).saturating_sub(inputs.before.time_ms.get());
        let pushed = self.runtime.block_on(self.queue.push(name, priority));
        pushed.map_err(failed)
    }

    /// Waits for a block, or, if records wait to be cut off, for a worker that has nothing to do.
    fn wait(&self, head: &mut tokio::sync::watch::Receiver<playfair_host::chain::Head>, records: bool) {
        let mut status = self.chain.watch_status();
        let look = Duration::from_millis(if records { 50 } else { 60_000 });
        self.runtime.block_on(async {
            tokio::select! {
                _ = head.changed() => {}
                _ = status.changed() => {}
                () = self.shared.ended() => {}
                () = tokio::time::sleep(look) => {}
            }
        });
        let (jobs, _) = self.shared.load(self.name);
        self.show(|status| status.open = jobs);
    }

    fn judge(&self, error: Error) -> Halt {
        match error {
            Error::NoProof { .. } => Halt::Final(error.to_string()),
            // The proofs are of another history than the blocks: they are made again.
            Error::NoSuchCut { .. } => {
                self.proofs_failed(&ProofsError::Other("they do not fit the chain's blocks"))
            }
            error => Halt::Failed(error.to_string()),
        }
    }

    /// The chain is opened again, without proofs that are damaged.
    fn proofs_failed(&self, error: &ProofsError) -> Halt {
        self.shared
            .host
            .proofs_failed(&self.chain, error.is_damage(), error.to_string());
        Halt::Failed(error.to_string())
    }

    fn sleep(&self, pause: Duration) {
        self.runtime.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.shared.ended() => {}
            }
        });
    }

    fn show(&self, change: impl FnOnce(&mut LineStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn failed(error: impl ToString) -> Halt {
    Halt::Failed(error.to_string())
}
