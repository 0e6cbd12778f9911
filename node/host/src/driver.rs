//! A chain's thread: it owns the sequencer, gives it calls and time, and tells the world.
//!
//! ```text
//! open ──► serve ──► stop
//!   ▲        │ halt, panic
//!   └─ wait ◄┘            longer each time, up to a minute; for good when only an operator can help
//! ```
//! While the chain is not open, calls are answered at once: unavailable, and when to try again. Everybody who waits is told
//! when it halts. History and state are written by a second thread, so that blocks do not wait for it; it is joined before
//! the chain is opened again, so that no two threads write one file.

mod past;
mod serving;

use crate::Clock;
use crate::chain::{Chain, Readers, Rejection, Reply, Status};
use crate::end::{End, Trouble};
use crate::error::HostError;
use crate::flusher::{Flusher, text};
use crate::folder::DataFolder;
use crate::keeper::Keeper;
use crate::kept;
use crate::keys;
use crate::modules::Modules;
use crate::record::Wish;
use playfair_bls::Signer;
use playfair_machine::error::Fault;
use playfair_sequencer::{Halt, OpenError, Opened, Origin, Sequencer};
use playfair_storage::Folder;
use serving::Serving;
use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Calls that wait for the thread to look at them.
pub(crate) const COMMANDS: usize = 8_192;
/// The longest time that the thread sleeps, ms.
const SLEEP_MS: u64 = 60_000;
/// The first wait after a halt, ms; it doubles with each.
const RETRY_MS: u64 = 500;
/// And the longest.
const RETRY_MAX_MS: u64 = 60_000;
/// How long a file that somebody still reads is waited for, in tries and the time between them.
const FREE_TRIES: u32 = 250;
const FREE_PAUSE: Duration = Duration::from_millis(20);

/// What the thread is asked to do.
pub(crate) enum Command {
    /// A call comes in.
    Submit {
        call: Vec<u8>,
        reply: oneshot::Sender<Reply>,
    },
    /// Something was left in the lane, see [`crate::lane`].
    Wake,
}

type Node = Sequencer<Folder, Signer>;

pub(crate) struct Driver {
    pub(crate) chain: Arc<Chain>,
    pub(crate) modules: Arc<Modules>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) path: PathBuf,
    pub(crate) commands: Receiver<Command>,
    /// State and history have failed: the next opening makes them again.
    pub(crate) distrust: bool,
    /// So have the proofs.
    pub(crate) distrust_proofs: bool,
    /// Keeps the folder ours as long as any chain's thread lives.
    pub(crate) _folder: Arc<DataFolder>,
}

impl Driver {
    /// The thread's whole life.
    pub(crate) fn run(mut self) {
        let mut wait_ms = RETRY_MS;
        loop {
            if self.chain.wish() == Wish::Archived {
                self.chain.set_status(Status::Archived);
                match self.refuse_until(None, "it is archived") {
                    Some(End::Stop) => break,
                    _ => continue,
                }
            }
            self.chain.set_status(Status::Opening);
            let opened_ms = self.clock.now_ms();
            // What panics here has its own sequencer, which is dropped; the files are what they are after any crash.
            let end = catch_unwind(AssertUnwindSafe(|| self.open_and_serve()));
            self.chain.set_readers(None);
            self.chain.head.send_modify(|head| head.block = None);
            self.chain.proven.send_replace(None);
            let bug = |panic: Box<dyn Any + Send>| Trouble::passing(format!("a bug: {}", text(&*panic)));
            match end.unwrap_or_else(|panic| End::Halt(bug(panic))) {
                End::Stop => break,
                End::Archive => {}
                End::Reopen => wait_ms = RETRY_MS,
                End::Halt(Trouble {
                    reason, by_itself, ..
                }) => {
                    tracing::error!(chain = %self.chain.record().name, %reason, "chain halted");
                    let now_ms = self.clock.now_ms();
                    // What went well for a while starts with short waits again.
                    if now_ms.saturating_sub(opened_ms) > 10 * RETRY_MAX_MS {
                        wait_ms = RETRY_MS;
                    }
                    let retry_ms = by_itself.then(|| now_ms.saturating_add(wait_ms));
                    self.chain.set_status(Status::Halted {
                        reason: reason.clone(),
                        retry_ms,
                    });
                    if let Some(End::Stop) = self.refuse_until(retry_ms, &reason) {
                        break;
                    }
                    wait_ms = (2 * wait_ms).min(RETRY_MAX_MS);
                }
            }
        }
        self.chain.set_status(Status::Stopping);
    }

    /// Refuses calls until a time, or until the operator wants something.
    fn refuse_until(&self, until_ms: Option<u64>, reason: &str) -> Option<End> {
        loop {
            let asked = self.chain.lane.take();
            if asked.stop {
                return Some(End::Stop);
            }
            for done in asked.checkpoints {
                let _ = done.send(Err(reason.to_owned()));
            }
            if asked.reopen || !asked.changed.is_empty() {
                for done in asked.changed {
                    let _ = done.send(());
                }
                return None;
            }
            let now_ms = self.clock.now_ms();
            let left = until_ms.map_or(SLEEP_MS, |until| until.saturating_sub(now_ms));
            if left == 0 {
                return None;
            }
            match self
                .commands
                .recv_timeout(Duration::from_millis(left.min(SLEEP_MS)))
            {
                Ok(Command::Submit { reply, .. }) => {
                    let retry_after_ms = until_ms.map(|until| until.saturating_sub(self.clock.now_ms()));
                    let _ = reply.send(Err(Rejection::unavailable(reason, retry_after_ms)));
                }
                Ok(Command::Wake) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Some(End::Stop),
            }
        }
    }

    fn open_and_serve(&mut self) -> End {
        let sequencer = match self.open_when_free() {
            Ok(sequencer) => sequencer,
            Err(end) => return end,
        };
        let flusher = match Flusher::start(&self.chain.record().name) {
            Ok(flusher) => flusher,
            Err(error) => return End::Halt(Trouble::passing(format!("no thread could be made: {error}"))),
        };
        let now_ms = self.clock.now_ms();
        (self.distrust, self.distrust_proofs) = (false, false);
        let mut serving = Serving {
            driver: self,
            retain: self.chain.record().settings.retain_blocks,
            retain_unproven: self.chain.record().settings.retain_unproven_blocks,
            keep_blocks: self.chain.record().settings.keep_blocks,
            prove: self.chain.record().settings.prove,
            keeper: Keeper::default(),
            // Not at once: a chain that is opened because its disk was full has a moment to work.
            keep_ms: now_ms.saturating_add(past::BEGIN_MS),
            paused: false,
            tickets: HashMap::new(),
            next_ticket: 0,
            checkpointed: sequencer.last().height(),
            sequencer,
            flusher,
            checkpoint_ms: now_ms,
            expire_ms: now_ms,
            shown: (0, 0),
            shown_ms: now_ms,
        };
        // In this order: who sees that it runs sees its head too.
        serving.show_head();
        serving.apply_wish();
        let end = serving.serve();
        serving.close(&end);
        self.distrust = matches!(&end, End::Halt(trouble) if trouble.damage);
        self.distrust_proofs = matches!(&end, End::Halt(trouble) if trouble.proofs_damage);
        end
    }

    /// Opens the chain once nobody reads what the last opening left: who reads lets go at once when the chain is closed.
    fn open_when_free(&self) -> Result<Node, End> {
        for _ in 0..FREE_TRIES {
            match self.open() {
                Err(End::Halt(trouble)) if trouble.in_use => std::thread::sleep(FREE_PAUSE),
                opened => return opened,
            }
        }
        self.open()
    }

    fn open(&self) -> Result<Node, End> {
        let record = self.chain.record();
        let failed = |error: HostError| End::Halt(Trouble::passing(error));
        let folder = Folder::new(&self.path)
            .map_err(HostError::io(&self.path))
            .map_err(failed)?;
        let proofs = kept::open(&folder, &self.chain, self.distrust_proofs).map_err(End::Halt)?;
        // An upgrade may have put another module in the place of the first: what the state says is loaded on demand.
        self.modules.load(&record.genesis.params.module).map_err(failed)?;
        let mut asked_for = None;
        loop {
            let mut salt = [0; 16];
            keys::fill(&mut salt, &self.path).map_err(failed)?;
            let origin = Origin {
                certifier: Signer::new(keys::load(&self.path).map_err(failed)?, 0, self.chain.id),
                genesis: record.genesis.clone(),
                salt,
                is_new: false,
                distrust: self.distrust,
            };
            let engine = self.modules.engine().clone();
            match Sequencer::open(engine, folder.clone(), origin, record.settings.sequencer()) {
                Ok(Opened {
                    mut sequencer,
                    report,
                }) => {
                    for chapter in report {
                        tracing::warn!(chain = %record.name, %chapter, "while opening");
                    }
                    let mut proofs = proofs;
                    if !kept::fits(sequencer.history(), &proofs.tip()) {
                        drop(proofs);
                        // As if they were damaged.
                        proofs = kept::open(&folder, &self.chain, true).map_err(End::Halt)?;
                    }
                    let tip = proofs.tip();
                    let provable = kept::goes_on(sequencer.history(), &tip);
                    if !provable && record.settings.prove {
                        tracing::error!(chain = %record.name, "blocks after the proven history are gone: nothing more can be proven, and no debt is held against it");
                    }
                    // What can never be paid is no debt: the chain would take no call ever again.
                    sequencer.proven(if provable { tip.work } else { u64::MAX });
                    if provable && record.settings.prove {
                        let proven = tip.boundary.map_or(0, |boundary| boundary.height);
                        self.chain.keep_from(proven.saturating_sub(1));
                    }
                    self.chain.proven.send_replace(Some(tip));
                    self.chain.set_readers(Some(Readers {
                        state: Arc::clone(sequencer.state()),
                        history: Arc::clone(sequencer.history()),
                        proofs,
                        committee: sequencer.committee(),
                        folder: folder.clone(),
                        chain_id: self.chain.id,
                        engine: self.modules.engine().clone(),
                    }));
                    return Ok(sequencer);
                }
                Err(OpenError::Halt(Halt::Fault(Fault::UnknownModule(hash)))) if asked_for != Some(hash) => {
                    self.modules.load(&hash).map_err(failed)?;
                    asked_for = Some(hash);
                }
                Err(error) => {
                    let in_use = kept::is_in_use(&error);
                    return Err(End::Halt(Trouble {
                        in_use,
                        ..Trouble::passing(error)
                    }));
                }
            }
        }
    }
}

impl Drop for Driver {
    /// However the thread ends, whoever asked something of it learns that nobody answers.
    fn drop(&mut self) {
        self.chain.lane.close();
    }
}
