//! The board with a clock, and with those who wait at it.

use crate::board::{Board, Settings, WorkerStatus};
use crate::name::JobName;
use crate::office::{Job, Office, Refusal};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, Semaphore, oneshot};
use tokio::time::Instant;

/// Proofs that are checked at the same time.
const CHECKS: usize = 4;

/// How an offer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The proof is kept, or nobody needs it.
    Done,
    /// It must be offered again.
    Failed(String),
}

/// What a worker was given.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) lease: u64,
    pub(crate) job: Job,
}

/// What came of a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It counts.
    Counts,
    /// Its job is proven, or not needed any more, or was never this worker's.
    Gone,
    /// It does not count.
    Refused(Refusal),
}

/// The desk at which jobs are handed out and proofs are taken. Clones are the same desk.
#[derive(Clone)]
pub struct Desk(Arc<Inner>);

struct Inner {
    office: Arc<dyn Office>,
    settings: Settings,
    state: Mutex<State>,
    offered: Notify,
    checks: Semaphore,
    /// Leases are timed by a clock that nobody sets; it began when the other one showed this, ms since 1970.
    begin: Instant,
    begin_ms: u64,
}

struct State {
    board: Board,
    waiting: HashMap<JobName, oneshot::Sender<Outcome>>,
}

/// What operators see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Jobs that wait for a worker.
    pub offered: usize,
    /// Those that a worker who is here could take; all while nobody is here.
    pub takeable: usize,
    /// Jobs that are being proven.
    pub leased: usize,
    /// Log2 of the rows of the largest circuit that waits.
    pub k_offered: Option<u32>,
    /// Workers that were heard of lately.
    pub workers: Vec<WorkerStatus>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

impl Desk {
    /// A desk for an office.
    #[must_use]
    pub fn new(office: Arc<dyn Office>, settings: Settings) -> Self {
        // Leases of this start are not those of an earlier one.
        let begin_ms = wall_ms();
        let first = begin_ms << 16;
        Self(Arc::new(Inner {
            office,
            settings,
            state: Mutex::new(State {
                board: Board::new(settings, first),
                waiting: HashMap::new(),
            }),
            offered: Notify::new(),
            checks: Semaphore::new(CHECKS),
            begin: Instant::now(),
            begin_ms,
        }))
    }

    /// Looks after leases, until it is dropped.
    pub(crate) async fn sweep(&self) {
        let every = Duration::from_millis((self.0.settings.lease_ms / 8).clamp(10, 1_000));
        let mut tick = tokio::time::interval(every);
        loop {
            tick.tick().await;
            let mut state = self.state();
            for back in state.board.sweep(self.now_ms()) {
                tracing::warn!(job = %back.name, why = back.why, "a job comes back");
                state.tell(&back.name, Outcome::Failed(back.why));
            }
        }
    }

    /// How things are.
    #[must_use]
    pub fn status(&self) -> Status {
        let board = &self.state().board;
        let (offered, leased) = board.counts();
        Status {
            offered,
            takeable: board.takeable(),
            leased,
            k_offered: board.largest_offered(),
            workers: board.workers(),
        }
    }

    /// Offers a job until it is proven, not needed any more, or comes back.
    pub(crate) async fn offer(&self, name: JobName, priority: u64) -> Outcome {
        let desk = self.clone();
        let found = tokio::task::spawn_blocking(move || desk.0.office.job(&name)).await;
        let Ok(Some(job)) = found else {
            return Outcome::Done;
        };
        let told = {
            let mut state = self.state();
            let watched = state.waiting.get(&name).is_some_and(|told| !told.is_closed());
            if state.board.has(&name) && watched {
                // Somebody sees it through already.
                return Outcome::Done;
            }
            let (sender, told) = oneshot::channel();
            state.board.offer(name, priority, job.k);
            state.waiting.insert(name, sender);
            told
        };
        self.0.offered.notify_waiters();
        told.await
            .unwrap_or_else(|_| Outcome::Failed("the desk is gone".to_owned()))
    }

    /// Whether a job waits or is being proven here, with somebody who sees it through.
    #[must_use]
    pub fn has(&self, name: &JobName) -> bool {
        let state = self.state();
        state.board.has(name) && state.waiting.get(name).is_some_and(|told| !told.is_closed())
    }

    /// Takes a job away that nobody needs any more.
    pub fn withdraw(&self, name: &JobName) {
        let mut state = self.state();
        state.board.remove(name);
        state.tell(name, Outcome::Done);
    }

    /// The best job for a worker, as soon as there is one, but not later than after `wait`.
    pub(crate) async fn lease(&self, worker: &str, k_max: u32, wait: Duration) -> Option<Granted> {
        let end = Instant::now() + wait;
        loop {
            // Before the look, so that no offer falls between the two.
            let offered = self.0.offered.notified();
            let mut offered = std::pin::pin!(offered);
            offered.as_mut().enable();
            let taken = self.state().board.take(worker, k_max, self.now_ms());
            if let Some((lease, name)) = taken {
                let desk = self.clone();
                let found = tokio::task::spawn_blocking(move || desk.0.office.job(&name)).await;
                match found {
                    Ok(Some(job)) => return Some(Granted { lease, job }),
                    _ => self.withdraw(&name),
                }
                continue;
            }
            tokio::time::timeout_at(end, offered).await.ok()?;
        }
    }

    /// Whether a worker still has a lease; if so, it has it for a while longer.
    pub(crate) fn heartbeat(&self, lease: u64, worker: &str) -> bool {
        self.state().board.heartbeat(lease, worker, self.now_ms())
    }

    /// Takes a proof. What is begun is finished, whether or not the worker waits for the verdict.
    pub(crate) async fn proof(&self, lease: u64, worker: &str, proof: Vec<u8>) -> Verdict {
        let (desk, worker) = (self.clone(), worker.to_owned());
        let judged = tokio::spawn(async move { desk.judge(lease, &worker, proof).await });
        let unkept = || Verdict::Refused(Refusal::Unkept("the check of the proof failed".to_owned()));
        judged.await.unwrap_or_else(|_| unkept())
    }

    async fn judge(&self, lease: u64, worker: &str, proof: Vec<u8>) -> Verdict {
        // Closed never: it lives as long as the desk.
        let _check = self.0.checks.acquire().await;
        // Looked at after the wait: of several proofs for one lease, the first decides.
        let Some(name) = self.state().board.job_of(lease, worker) else {
            return Verdict::Gone;
        };
        let office = Arc::clone(&self.0.office);
        let taken = tokio::task::spawn_blocking(move || office.take(&name, &proof)).await;
        let taken =
            taken.unwrap_or_else(|_| Err(Refusal::Unkept("the check of the proof failed".to_owned())));
        let now_ms = self.now_ms();
        let mut state = self.state();
        match taken {
            Ok(()) => {
                state.board.proven(&name, worker);
                state.tell(&name, Outcome::Done);
                Verdict::Counts
            }
            Err(Refusal::Gone) => {
                state.board.remove(&name);
                state.tell(&name, Outcome::Done);
                Verdict::Gone
            }
            Err(Refusal::Lie(why)) => {
                tracing::warn!(worker, job = %name, why, "a proof does not verify");
                if let Some(name) = state.board.lied(lease, worker, now_ms) {
                    state.tell(&name, Outcome::Failed(format!("{worker}: {why}")));
                }
                Verdict::Refused(Refusal::Lie(why))
            }
            Err(Refusal::Unkept(why)) => {
                // The worker keeps its lease, and sends the proof again.
                tracing::error!(job = %name, why, "a proof could not be kept");
                Verdict::Refused(Refusal::Unkept(why))
            }
        }
    }

    /// A worker gives up.
    pub(crate) fn give_back(&self, lease: u64, worker: &str, why: &str) {
        let now_ms = self.now_ms();
        let mut state = self.state();
        if let Some(name) = state.board.failed(lease, worker, now_ms) {
            tracing::warn!(worker, job = %name, why, "a worker gives a job back");
            state.tell(&name, Outcome::Failed(format!("{worker}: {why}")));
        }
    }

    pub(crate) fn office(&self) -> &Arc<dyn Office> {
        &self.0.office
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn now_ms(&self) -> u64 {
        let since = u64::try_from(self.0.begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.begin_ms.saturating_add(since)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, name: &JobName, outcome: Outcome) {
        if let Some(sender) = self.waiting.remove(name) {
            // Nobody waits when the queue has stopped.
            let _ = sender.send(outcome);
        }
    }
}

fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
