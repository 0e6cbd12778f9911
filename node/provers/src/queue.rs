//! The queue: names of jobs with their priorities, on disk, and one task for each that sees it through.
//!
//! apalis keeps the names in a SQLite file, hands them out by priority, and counts attempts. A task offers its job at the desk and
//! waits; if the job comes back, the task fails and is run again, at once the first time, then after a
//! pause that doubles up to a minute. The file is a scratch: who has jobs makes them again after a start.

use crate::desk::{Desk, Outcome};
use crate::name::JobName;
use apalis::layers::limit::GlobalConcurrencyLimitLayer;
use apalis::prelude::{
    Attempt, BackendExt as _, BoxDynError, Data, Monitor, Strategy, TaskBuilder, TaskId, TaskSink as _,
    WorkerBuilder,
};
use apalis_sqlite::{Config, SqlitePool, SqliteStorage};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// Tasks that wait at the desk at the same time: all there are, so that the desk knows every job; one costs little.
const IN_FLIGHT: usize = 1 << 17;
/// The longest pause before a job is offered again, s.
const PAUSE_MAX_S: u64 = 60;
/// Attempts are not counted against a job: it must be proven.
const ATTEMPTS: usize = 1_000_000;
const NAME: &str = "prove";

/// What lies in the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Ticket {
    job: JobName,
    priority: u64,
}

/// Why there is no queue.
#[derive(Debug)]
#[non_exhaustive]
pub enum QueueError {
    /// Its file.
    File(PathBuf, io::Error),
    /// The database.
    Database(sqlx::Error),
    /// What it became.
    Other(String),
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Database(error) => write!(f, "the queue of proving jobs: {error}"),
            Self::Other(error) => write!(f, "the queue of proving jobs: {error}"),
        }
    }
}

impl std::error::Error for QueueError {}

impl From<sqlx::Error> for QueueError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// The queue. Clones are the same queue.
#[derive(Clone)]
pub struct Queue {
    pool: SqlitePool,
    storage: SqliteStorage<Ticket>,
    desk: Desk,
    wake: mpsc::Sender<()>,
    woken: Arc<Mutex<Option<mpsc::Receiver<()>>>>,
    runs: Arc<AtomicU64>,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Queue")
    }
}

impl Queue {
    /// An empty queue in a new file, in place of the one of the last start.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn open(file: &Path, desk: Desk) -> Result<Self, QueueError> {
        for end in ["", "-wal", "-shm"] {
            let mut path = file.as_os_str().to_owned();
            path.push(end);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(QueueError::File(path.into(), error));
                }
                _ => {}
            }
        }
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Losing the file loses nothing.
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(Duration::from_secs(5));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        let migrated = SqliteStorage::migrations().run(&pool).await;
        migrated.map_err(|error| QueueError::Other(error.to_string()))?;
        let config = Config::default()
            .queue(NAME)
            .batch_size(1)
            .heartbeat_interval(Duration::from_secs(10));
        let (wake, woken) = mpsc::channel::<()>(1);
        Ok(Self {
            storage: SqliteStorage::<Ticket>::new(&pool).with_config(config),
            pool,
            desk,
            wake,
            woken: Arc::new(Mutex::new(Some(woken))),
            runs: Arc::default(),
        })
    }

    /// Adds a job. The highest priority goes first, then the oldest.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn push(&self, job: JobName, priority: u64) -> Result<(), QueueError> {
        let task = TaskBuilder::new(Ticket { job, priority })
            .priority(usize::try_from(priority.min(i64::MAX as u64)).unwrap_or(usize::MAX >> 1))
            .max_attempts(ATTEMPTS)
            .build();
        let pushed = self.storage.clone().push_task(task).await;
        pushed.map_err(|error| QueueError::Other(error.to_string()))?;
        // One that waits already is as good.
        let _ = self.wake.try_send(());
        Ok(())
    }

    /// Sees jobs through until `stop` is done.
    pub async fn run(&self, stop: impl Future<Output = ()> + Send) {
        let woken = self.woken.lock().ok().and_then(|mut woken| woken.take());
        let Some(woken) = woken else { return };
        // Once a second for pauses that are over; at once when something was pushed.
        let woken = Box::pin(stream::unfold(woken, async |mut woken| {
            Some((woken.recv().await?, woken))
        }));
        let strategy = Strategy::new().stream(woken).interval(Duration::from_secs(1));
        let slots = Arc::new(Semaphore::new(IN_FLIGHT));
        let see_through = async {
            loop {
                let run = self.runs.fetch_add(1, Ordering::Relaxed);
                let (storage, strategy, slots) = (self.storage.clone(), strategy.clone(), Arc::clone(&slots));
                let context = Context {
                    desk: self.desk.clone(),
                    pool: self.pool.clone(),
                };
                let start = std::process::id();
                let monitor = Monitor::new().register(move |restart| {
                    WorkerBuilder::new(format!("{NAME}-{start}-{run}-{restart}"))
                        .backend(storage.clone().poll_with_strategy(strategy.clone()))
                        .layer(GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(&slots)))
                        .data(context.clone())
                        .build(see_through)
                });
                if let Err(error) = monitor.run().await {
                    tracing::error!(%error, "the queue of proving jobs stopped; it starts again");
                }
                // Whatever was running is taken back: who ran it is gone.
                let _ = sqlx::query(
                    "UPDATE Jobs SET status = 'Pending', lock_by = NULL, lock_at = NULL WHERE status IN ('Queued', 'Running')",
                )
                .execute(&self.pool)
                .await;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let sweep = async {
            let mut tick = tokio::time::interval(Duration::from_secs(60));
            loop {
                tick.tick().await;
                let _ = sqlx::query("DELETE FROM Jobs WHERE status IN ('Done', 'Killed')")
                    .execute(&self.pool)
                    .await;
            }
        };
        tokio::select! {
            () = stop => {}
            () = see_through => {}
            () = sweep => {}
            () = self.desk.sweep() => {}
        }
        self.pool.close().await;
    }
}

#[derive(Clone)]
struct Context {
    desk: Desk,
    pool: SqlitePool,
}

/// One job, from the queue to its proof.
async fn see_through(
    ticket: Ticket,
    id: TaskId,
    attempt: Attempt,
    context: Data<Context>,
) -> Result<(), BoxDynError> {
    match context.desk.offer(ticket.job, ticket.priority).await {
        Outcome::Done => Ok(()),
        Outcome::Failed(why) => {
            let failures = u32::try_from(attempt.current()).unwrap_or(u32::MAX);
            let pause_s = match failures {
                0 | 1 => 0,
                _ => (1 << (failures - 2).min(16)).min(PAUSE_MAX_S),
            };
            if failures > 5 {
                tracing::error!(job = %ticket.job, failures, why, "a job fails again and again");
            }
            // The queue knows no pauses of its own.
            sqlx::query("UPDATE Jobs SET run_at = strftime('%s', 'now') + ? WHERE id = ?")
                .bind(i64::try_from(pause_s).unwrap_or(i64::MAX))
                .bind(id.to_string())
                .execute(&context.pool)
                .await?;
            Err(why.into())
        }
    }
}
