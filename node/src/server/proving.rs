//! Proving on a node: the pipeline, where workers come to, and the workers that the node runs itself.
//!
//! ```text
//! data folder/
//!   provers.sock                for workers on this machine: who may open it may prove
//!   provers.cert, provers.key   for those on others, over HTTPS
//!   provers.json                who is invited (hashes of secrets)
//!   queue.sqlite                the queue; removed at each start
//! ```
//! A worker of the node's own is a process: what goes wrong in a prover (memory, a bug) ends it and nothing else, and it runs at a lower
//! priority than the node. It ends when its standard input does, so it never outlives the node, however that ends. One that ends by itself
//! is started again after a pause that doubles up to a minute.

use super::{Failure, Kind, absolute, identity};
use crate::config::{Config, INSECURE, Log, Prover};
use crate::setup::Choice;
use axum::Router;
use playfair_host::Host;
use playfair_http::{Fingerprint, GuardLimits, Listener, Shutdown, guard};
use playfair_pipeline::{Pipeline, Settings};
use playfair_provers::{Access, router};
use playfair_types::account::L1Address;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// The first pause before a worker is started again.
const PAUSE: Duration = Duration::from_secs(1);
/// And the longest.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// Bytes of what a worker sends: a proof is far below.
const BODY_BYTES_MAX: usize = 256 << 10;

/// Proving, once it has begun.
#[derive(Clone)]
pub(super) struct Proving {
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) access: Arc<Access>,
    /// For workers from elsewhere.
    pub(super) far: Option<Far>,
}

/// What invitations say.
#[derive(Clone)]
pub(super) struct Far {
    pub(super) address: String,
    pub(super) fingerprint: Fingerprint,
}

/// What is to be served for workers: a name, the place, the service.
pub(super) type Served = Vec<(&'static str, Listener, Router)>;

/// The setup that the configuration names; none if the node is not to prove.
pub(crate) fn setup(prover: &Prover) -> Result<Option<Choice>, Failure> {
    let wrong = |why: String| Failure::new(Kind::Config, format!("prover.setup: {why}"));
    let choice = match prover.setup.as_deref() {
        None => return Ok(None),
        Some(INSECURE) => Choice::new(None, None, true, None),
        Some(folder) => {
            let digest = prover.setup_digest.as_deref();
            let digest = digest.ok_or_else(|| {
                wrong(
                    "a ceremony's folder wants prover.setup_digest beside it: the digest that the chains pin"
                        .to_owned(),
                )
            })?;
            Choice::new(Some(PathBuf::from(folder)), Some(digest), false, None)
        }
    };
    choice.map(Some).map_err(|error| wrong(format!("{error:#}")))
}

fn payout(prover: &Prover) -> Result<L1Address, Failure> {
    let Some(text) = &prover.payout else {
        return Ok(L1Address::default());
    };
    let text = text.strip_prefix("0x").unwrap_or(text);
    let bytes = playfair_host::hex::decode(&text.to_lowercase());
    let address = bytes.and_then(|bytes| <[u8; 20]>::try_from(bytes).ok());
    address.map(L1Address).ok_or_else(|| {
        Failure::new(
            Kind::Config,
            "prover.payout: an address of L1 has 40 hexadecimal digits",
        )
    })
}

impl Proving {
    /// Begins, if the configuration says so.
    pub(super) async fn start(
        config: &Config,
        host: &Arc<Host>,
        shutdown: &Shutdown,
    ) -> Result<Option<(Self, Served)>, Failure> {
        let Some(choice) = setup(&config.prover)? else {
            return Ok(None);
        };
        let failed = |error: String| Failure::new(Kind::Other, error);
        let trust = choice.trust().map_err(|error| failed(format!("{error:#}")))?;
        let source = choice.clone();
        let settings = Settings {
            setups: Arc::new(move |k| source.params(k).map_err(|error| format!("{error:#}"))),
            trust,
            payout: payout(&config.prover)?,
            desk: playfair_provers::Settings::default(),
        };
        let folder = absolute(host.path());
        let started = Pipeline::start(Arc::clone(host), &folder.join("queue.sqlite"), settings).await;
        let pipeline = Arc::new(started.map_err(|error| Failure::new(Kind::Storage, error.to_string()))?);
        let access = Access::open(&folder.join("provers.json"));
        let access = Arc::new(access.map_err(|error| Failure::new(Kind::Storage, error.to_string()))?);
        let service = |rate| {
            let limits = GuardLimits {
                body_bytes_max: BODY_BYTES_MAX,
                request_timeout: Duration::from_secs(60),
                rate,
                ..GuardLimits::default()
            };
            guard(router(pipeline.desk().clone(), Arc::clone(&access)), &limits)
        };
        let socket = folder.join("provers.sock");
        let near = Listener::unix(&socket).await?;
        let mut served: Served = vec![("provers", near, service(None))];
        let mut far = None;
        if let Some(address) = config.prover.listen {
            let identity = identity(&folder.join("provers.cert"), &folder.join("provers.key"))?;
            let listener = Listener::tls(address, &identity).await?;
            let bound = listener.bound().to_string();
            let said = config
                .prover
                .address
                .as_ref()
                .map(|said| format!("https://{said}"));
            far = Some(Far {
                address: said.unwrap_or(bound),
                fingerprint: identity.fingerprint(),
            });
            served.push(("far", listener, service(GuardLimits::default().rate)));
        }
        for number in 1..=config.prover.workers {
            let worker = LocalWorker {
                name: format!("local-{number}"),
                socket: socket.clone(),
                choice: choice.clone(),
                k_max: config.prover.worker_k_max,
                threads: config.prover.worker_threads,
                log: config.log.clone(),
            };
            tokio::spawn(worker.keep_running(shutdown.clone()));
        }
        tracing::info!(workers = config.prover.workers, setup = choice.name(), "proving");
        let proving = Self {
            pipeline,
            access,
            far,
        };
        Ok(Some((proving, served)))
    }
}

/// A worker that the node runs itself.
struct LocalWorker {
    name: String,
    socket: PathBuf,
    choice: Choice,
    k_max: u32,
    threads: u32,
    log: Log,
}

impl LocalWorker {
    async fn keep_running(self, shutdown: Shutdown) {
        let mut pause = PAUSE;
        while !shutdown.is_stopping() {
            let begin = tokio::time::Instant::now();
            match self.command().and_then(|mut command| command.spawn()) {
                Ok(mut child) => {
                    // The child ends when this end of its standard input is gone.
                    let held = child.stdin.take();
                    tokio::select! {
                        ended = child.wait() => tracing::warn!(worker = self.name, ?ended, "a prover ended"),
                        () = shutdown.wait() => {
                            drop(held);
                            let _ = tokio::time::timeout(Duration::from_secs(2), child.wait()).await;
                            return;
                        }
                    }
                }
                Err(error) => tracing::error!(worker = self.name, %error, "a prover cannot be started"),
            }
            if begin.elapsed() > PAUSE_MAX {
                pause = PAUSE;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.wait() => return,
            }
            pause = (2 * pause).min(PAUSE_MAX);
        }
    }

    fn command(&self) -> std::io::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["prover", "join"])
            .arg(socket_address(&self.socket))
            .args(["--set", &format!("log.level={}", self.log.level)])
            .args(["--set", &format!("log.format={}", self.log.format.name())])
            .args([
                "--name",
                &self.name,
                "--k-max",
                &self.k_max.to_string(),
                "--while-stdin",
            ]);
        match &self.choice {
            Choice::Insecure { .. } => drop(command.arg("--insecure")),
            Choice::Ceremony { folder, digest } => {
                command.arg("--setup").arg(folder);
                command.args(["--setup-digest", &playfair_host::hex::encode(digest)]);
            }
        }
        if self.threads > 0 {
            command.env("RAYON_NUM_THREADS", self.threads.to_string());
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }
}

fn socket_address(socket: &Path) -> String {
    format!("unix:{}", socket.display())
}
