//! A chain that is open: calls go in, blocks and answers come out, until something ends it.

use super::{Command, Driver, Node, SLEEP_MS};
use crate::chain::{Head, Rejection, Reply, Status};
use crate::end::{End, Trouble};
use crate::flusher::Flusher;
use crate::keeper::Keeper;
use crate::record::Wish;
use playfair_machine::error::Fault;
use playfair_sequencer::{Answer, Halt, Ticket};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Calls that it looks at together.
const BATCH: usize = 512;
/// Time between two checkpoints, ms.
const CHECKPOINT_MS: u64 = 2_000;
/// Time between two looks at calls that expire, ms.
const EXPIRE_MS: u64 = 500;
/// Time between two looks at what waits that are shown without a block, ms.
const HEAD_MS: u64 = 100;

/// A chain that is open.
pub(super) struct Serving<'d> {
    pub(super) driver: &'d Driver,
    pub(super) sequencer: Node,
    pub(super) paused: bool,
    pub(super) tickets: HashMap<Ticket, oneshot::Sender<Reply>>,
    pub(super) next_ticket: u64,
    pub(super) flusher: Flusher,
    pub(super) retain: u64,
    pub(super) retain_unproven: u64,
    /// Blocks that are kept at least; 0 for all.
    pub(super) keep_blocks: u64,
    /// Whether it is to be proven.
    pub(super) prove: bool,
    pub(super) keeper: Keeper,
    /// When the past may be let go next.
    pub(super) keep_ms: u64,
    /// The height of the last checkpoint.
    pub(super) checkpointed: u64,
    pub(super) checkpoint_ms: u64,
    pub(super) expire_ms: u64,
    /// What waited when the head was shown, and when that was.
    pub(super) shown: (usize, u64),
    pub(super) shown_ms: u64,
}

impl Serving<'_> {
    pub(super) fn serve(&mut self) -> End {
        loop {
            let calls = match self.listen() {
                Ok(calls) => calls,
                Err(end) => return end,
            };
            if let Err(halt) = self.work(calls) {
                // An upgrade to a module that came here after the chain was opened.
                if let Halt::Fault(Fault::UnknownModule(hash)) = &halt
                    && let Err(error) = self.driver.modules.load(hash)
                {
                    return End::Halt(Trouble::passing(format!("an upgrade is due: {error}")));
                }
                return halt.into();
            }
        }
    }

    /// Waits for commands until something is due, and gathers the calls that have come. What was left in the lane comes
    /// before each of them.
    fn listen(&mut self) -> Result<Vec<(Ticket, Vec<u8>)>, End> {
        let mut calls = Vec::new();
        let mut first = true;
        while calls.len() < BATCH {
            self.look_at_lane()?;
            let command = match first {
                true => match self.driver.commands.recv_timeout(self.nap()) {
                    Ok(command) => command,
                    Err(RecvTimeoutError::Timeout) => return Ok(calls),
                    Err(RecvTimeoutError::Disconnected) => return Err(End::Stop),
                },
                false => match self.driver.commands.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty) => return Ok(calls),
                    Err(TryRecvError::Disconnected) => return Err(End::Stop),
                },
            };
            first = false;
            match command {
                Command::Submit { reply, .. } if self.paused => {
                    let _ = reply.send(Err(Rejection::unavailable("it is paused", None)));
                }
                Command::Submit { call, reply } => {
                    let ticket = Ticket(self.next_ticket);
                    self.next_ticket += 1;
                    self.tickets.insert(ticket, reply);
                    calls.push((ticket, call));
                }
                Command::Wake => {}
            }
        }
        Ok(calls)
    }

    /// Does what was asked beside the calls.
    fn look_at_lane(&mut self) -> Result<(), End> {
        let asked = self.driver.chain.lane.take();
        if asked.stop {
            return Err(End::Stop);
        }
        let readers = asked.proven.then(|| self.driver.chain.readers()).flatten();
        if let Some(readers) = readers {
            self.sequencer.proven(readers.proofs.tip().work);
            self.show_head();
        }
        if !asked.checkpoints.is_empty() {
            let written = self.checkpoint_now();
            let failed = written.as_ref().err().map(ToString::to_string);
            for done in asked.checkpoints {
                let _ = done.send(failed.clone().map_or(Ok(()), Err));
            }
            written?;
        }
        if !asked.changed.is_empty() {
            let archive = self.driver.chain.wish() == Wish::Archived;
            if !archive {
                self.apply_wish();
            }
            for done in asked.changed {
                let _ = done.send(());
            }
            if archive {
                return Err(End::Archive);
            }
        }
        if let Some((damage, why)) = asked.proofs_failed {
            return Err(End::Halt(Trouble {
                proofs_damage: damage,
                ..Trouble::passing(why)
            }));
        }
        match asked.reopen {
            true => Err(End::Reopen),
            false => Ok(()),
        }
    }

    /// How long nothing is due.
    fn nap(&self) -> Duration {
        let now_ms = self.driver.clock.now_ms();
        let sequencer = &self.sequencer;
        let mut due_ms = now_ms + SLEEP_MS;
        if !self.paused {
            due_ms = due_ms.min(sequencer.due_ms().unwrap_or(u64::MAX));
        }
        if sequencer.waiting().0 > 0 {
            due_ms = due_ms.min(self.expire_ms + EXPIRE_MS);
        }
        if sequencer.waiting() != self.shown {
            due_ms = due_ms.min(self.shown_ms + HEAD_MS);
        }
        if sequencer.last().height() > self.checkpointed {
            due_ms = due_ms.min(self.checkpoint_ms + CHECKPOINT_MS);
        }
        Duration::from_millis(due_ms.saturating_sub(now_ms))
    }

    /// Gives the sequencer calls and time.
    fn work(&mut self, calls: Vec<(Ticket, Vec<u8>)>) -> Result<(), Halt> {
        let now_ms = self.driver.clock.now_ms();
        let sequencer = &mut self.sequencer;
        let mut answers = Vec::new();
        if !calls.is_empty() {
            answers = sequencer.submit(calls, now_ms)?;
        }
        if !self.paused && sequencer.due_ms().is_some_and(|due| due <= now_ms) {
            let made = sequencer.make_block(now_ms)?;
            if let Some(block) = &made.block {
                self.driver.chain.lines.tell(block, made.logs);
            }
            answers.extend(made.answers);
            self.show_head();
        } else if now_ms >= self.expire_ms + EXPIRE_MS {
            self.expire_ms = now_ms;
            answers.extend(sequencer.expire(now_ms));
        }
        self.tell(answers);
        // What waits changes with every call: that is shown often enough for people, and not for every call.
        if self.sequencer.waiting() != self.shown && now_ms >= self.shown_ms + HEAD_MS {
            self.show_head();
        }
        self.maintain(now_ms)?;
        self.keep_up(now_ms)
    }

    fn tell(&mut self, answers: Vec<(Ticket, Answer)>) {
        for (ticket, answer) in answers {
            let Some(reply) = self.tickets.remove(&ticket) else {
                continue;
            };
            // Who has gone away can ask for the receipt later.
            let _ = reply.send(match answer {
                Answer::Sealed(place) => Ok(place),
                Answer::Refused(refusal) => Err(Rejection::Refused(refusal)),
            });
        }
    }

    /// Begins a checkpoint when it is time, unless the last one is still being written.
    fn maintain(&mut self, now_ms: u64) -> Result<(), Halt> {
        let height = self.sequencer.last().height();
        if height == self.checkpointed || now_ms < self.checkpoint_ms + CHECKPOINT_MS {
            return Ok(());
        }
        // Also if the last one is still being written: it is looked at again after a while, and not at once.
        self.checkpoint_ms = now_ms;
        if !self.flusher.is_idle()? {
            return Ok(());
        }
        self.prune()?;
        self.flusher.write(self.sequencer.checkpoint()?)?;
        self.checkpointed = height;
        Ok(())
    }

    /// Writes a checkpoint and waits for it.
    fn checkpoint_now(&mut self) -> Result<(), Halt> {
        self.flusher.wait()?;
        self.sequencer.checkpoint()?.write()?;
        self.checkpointed = self.sequencer.last().height();
        Ok(())
    }

    pub(super) fn apply_wish(&mut self) {
        self.paused = self.driver.chain.wish() == Wish::Paused;
        self.driver.chain.set_status(match self.paused {
            true => Status::Paused,
            false => Status::Running,
        });
    }

    pub(super) fn show_head(&mut self) {
        let sequencer = &self.sequencer;
        self.shown_ms = self.driver.clock.now_ms();
        self.shown = sequencer.waiting();
        let (waiting, waiting_gas) = self.shown;
        self.driver.chain.head.send_replace(Head {
            block: Some(Arc::clone(sequencer.last())),
            waiting,
            waiting_gas,
            debt: sequencer.debt(),
        });
    }

    /// Ends in the best order that is possible: everybody is told, and what can be written is.
    pub(super) fn close(mut self, end: &End) {
        let reason = match end {
            End::Stop => "the node is stopping",
            End::Archive => "it is archived",
            End::Reopen => "it is opened again with other settings",
            End::Halt(trouble) => &trouble.reason,
        };
        // Whatever it has not done is done later.
        drop(self.keeper);
        let flushed = self.flusher.wait();
        let (_, checkpoint) = self.sequencer.close();
        // After a halt there is none.
        if let Ok(checkpoint) = checkpoint
            && let Err(error) = flushed.and_then(|()| checkpoint.write())
        {
            tracing::warn!(chain = %self.driver.chain.record().name, %error, "no last checkpoint: the next start executes more");
        }
        for (_, reply) in self.tickets {
            let _ = reply.send(Err(Rejection::unavailable(reason, None)));
        }
        self.flusher.end();
    }
}
