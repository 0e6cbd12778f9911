//! The open jobs of all chains, and what becomes of their proofs.

use crate::keys::VerifyingKeys;
use crate::line::{Line, LineStatus};
use playfair_host::{Chain, Host, Wish, hex};
use playfair_proofs_prover::module::Shape;
use playfair_proofs_verifier::Trust;
use playfair_provers::{Desk, Job, JobName, Office, Queue, QueueError, Refusal, Settings as DeskSettings};
use playfair_segments::{CheckError, Modules, Setups};
use playfair_storage::proofs::Proofs;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::module::ModuleHash;
use playfair_types::segment::SegmentInputs;
use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// Jobs of one chain that are open at the same time.
pub const JOBS_MAX: usize = 64;
/// Their bytes.
pub const JOB_BYTES_MAX: usize = 128 << 20;
/// Time between two looks for new chains.
const LOOK: Duration = Duration::from_millis(500);

/// What is proven, and what it rests on.
#[derive(Clone)]
pub struct Settings {
    /// Where setups come from.
    pub setups: Arc<dyn Setups>,
    /// Which setups count.
    pub trust: Trust,
    /// Who is paid for proofs.
    pub payout: L1Address,
    /// How long workers may take.
    pub desk: DeskSettings,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("payout", &self.payout)
            .finish_non_exhaustive()
    }
}

/// A job whose proof is awaited.
pub(crate) struct Open {
    pub(crate) payload: Arc<[u8]>,
    pub(crate) inputs: SegmentInputs,
    pub(crate) shape: Shape,
}

/// What lines and the office share.
pub(crate) struct Shared {
    pub(crate) host: Arc<Host>,
    pub(crate) modules: Arc<Modules>,
    pub(crate) keys: VerifyingKeys,
    pub(crate) payout: L1Address,
    pub(crate) open: Mutex<BTreeMap<JobName, Arc<Open>>>,
    /// Something was proven, or the end has come.
    pub(crate) moved: Notify,
    pub(crate) stop: AtomicBool,
    /// For the names of jobs.
    pub(crate) cuts: AtomicU64,
}

impl Shared {
    pub(crate) fn open(&self) -> MutexGuard<'_, BTreeMap<JobName, Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open jobs of a chain, in the order of its tape.
    pub(crate) fn names(&self, chain: [u8; 32]) -> Vec<JobName> {
        let open = self.open();
        open.range(all_of(chain)).map(|(name, _)| *name).collect()
    }

    /// The open jobs of a chain, and their bytes.
    pub(crate) fn load(&self, chain: [u8; 32]) -> (usize, usize) {
        let open = self.open();
        let jobs = open.range(all_of(chain));
        jobs.fold((0, 0), |(jobs, bytes), (_, open)| {
            (jobs + 1, bytes + open.payload.len())
        })
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// The names that jobs of a chain may have.
fn all_of(chain: [u8; 32]) -> RangeInclusive<JobName> {
    let name = |number| JobName {
        chain,
        frame: number,
        cut: number,
    };
    name(0)..=name(u64::MAX)
}

impl Office for Shared {
    fn job(&self, name: &JobName) -> Option<Job> {
        let open = self.open();
        open.get(name).map(|open| Job {
            payload: Arc::clone(&open.payload),
            k: open.shape.k,
        })
    }

    fn take(&self, name: &JobName, proof: &[u8]) -> Result<(), Refusal> {
        let Some(open) = self.open().get(name).cloned() else {
            return Err(Refusal::Gone);
        };
        let envelope = self.keys.check(&open.inputs, open.shape, proof);
        let envelope = envelope.map_err(|error| match error {
            CheckError::Lie(lie) => Refusal::Lie(lie.to_string()),
            CheckError::NoKey { .. } => Refusal::Unkept("the node has no key for it now".to_owned()),
        })?;
        let chain = self.host.chain(&hex::encode(&name.chain)).ok();
        let readers = chain.as_ref().and_then(|chain| chain.readers());
        let (Some(chain), Some(readers)) = (chain, readers) else {
            return Err(Refusal::Unkept("the chain is not open now".to_owned()));
        };
        let proofs: &Proofs = &readers.proofs;
        let kept = self.host.keep_proof(&chain, proofs, &envelope);
        kept.map_err(|error| Refusal::Unkept(error.to_string()))?;
        self.open().remove(name);
        self.moved.notify_waiters();
        Ok(())
    }

    fn module(&self, hash: &[u8; 31]) -> Option<Vec<u8>> {
        self.modules.wasm(&ModuleHash(*hash)).ok()
    }
}

/// Proves the chains of a host, by whoever comes to the desk.
pub struct Pipeline {
    shared: Arc<Shared>,
    desk: Desk,
    queue: Queue,
    lines: Arc<Mutex<HashMap<[u8; 32], Running>>>,
}

struct Running {
    status: Arc<Mutex<LineStatus>>,
    thread: JoinHandle<()>,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pipeline")
    }
}

impl Pipeline {
    /// Begins to prove the chains of a host. The queue lies in `file`.
    ///
    /// # Errors
    /// [`QueueError`].
    pub async fn start(host: Arc<Host>, file: &Path, settings: Settings) -> Result<Self, QueueError> {
        let source = Arc::clone(host.modules());
        let modules = Arc::new(Modules::new(move |hash| source.bytes(hash).ok()));
        let keys = VerifyingKeys::new(settings.setups, settings.trust, Arc::clone(&modules));
        let shared = Arc::new(Shared {
            host,
            modules,
            keys: keys.map_err(QueueError::Other)?,
            payout: settings.payout,
            open: Mutex::default(),
            moved: Notify::new(),
            stop: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
        });
        let desk = Desk::new(shared.clone(), settings.desk);
        let queue = Queue::open(file, desk.clone()).await?;
        let (running, ending) = (queue.clone(), shared.clone());
        tokio::spawn(async move { running.run(ending.ended()).await });
        let pipeline = Self {
            shared,
            desk,
            queue,
            lines: Arc::default(),
        };
        pipeline.look_after_chains();
        Ok(pipeline)
    }

    /// Where workers come to.
    #[must_use]
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// How proving a chain goes; none for one that is not to be proven.
    #[must_use]
    pub fn line(&self, chain: &Chain) -> Option<LineStatus> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let running = lines.get(&fr_to_bytes(&chain.id))?;
        let status = running.status.lock().unwrap_or_else(PoisonError::into_inner);
        let (open, _) = self.shared.load(fr_to_bytes(&chain.id));
        Some(LineStatus {
            open,
            ..status.clone()
        })
    }

    /// How proving goes, by the names of chains.
    #[must_use]
    pub fn lines(&self) -> Vec<(String, LineStatus)> {
        let chains = self.shared.host.chains();
        let lines = chains
            .iter()
            .filter_map(|chain| Some((chain.record().name, self.line(chain)?)));
        lines.collect()
    }

    /// A line for each chain, also for those that are made later.
    fn look_after_chains(&self) {
        let (shared, desk, queue) = (self.shared.clone(), self.desk.clone(), self.queue.clone());
        let lines = Arc::clone(&self.lines);
        let runtime = Handle::current();
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(LOOK);
            while !shared.is_stopping() {
                for chain in shared.host.chains() {
                    let record = chain.record();
                    if record.wish == Wish::Archived || !record.settings.prove {
                        continue;
                    }
                    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                    let id = fr_to_bytes(&chain.id);
                    if lines
                        .get(&id)
                        .is_some_and(|running| !running.thread.is_finished())
                    {
                        continue;
                    }
                    let line = Line::new(
                        chain,
                        shared.clone(),
                        desk.clone(),
                        queue.clone(),
                        runtime.clone(),
                    );
                    let status = line.status();
                    let spawned = std::thread::Builder::new()
                        .name(format!("prove {}", record.name))
                        .spawn(move || line.run());
                    match spawned {
                        Ok(thread) => drop(lines.insert(id, Running { status, thread })),
                        Err(error) => tracing::error!(%error, "no thread could be made"),
                    }
                }
                tokio::select! {
                    _ = tick.tick() => {}
                    () = shared.ended() => {}
                }
            }
        });
    }

    /// Stops, and waits for it. What is being proven is lost.
    pub async fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.moved.notify_waiters();
        let threads: Vec<_> = {
            let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.drain().map(|(_, running)| running.thread).collect()
        };
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                let _ = thread.join();
            }
        });
        let _ = joined.await;
    }
}

impl Shared {
    /// Waits for the end.
    pub(crate) fn ended(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let shared = Arc::clone(self);
        async move {
            loop {
                let moved = shared.moved.notified();
                let mut moved = std::pin::pin!(moved);
                moved.as_mut().enable();
                if shared.is_stopping() {
                    return;
                }
                moved.await;
            }
        }
    }
}
