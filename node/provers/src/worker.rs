//! A worker: asks for a job, proves it, sends the proof, again and again.
//!
//! While a job is proven on a thread of its own, heartbeats go to the node; when it answers that the job is gone, or cannot be
//! reached for longer than a lease lasts, the work is stopped. A node that cannot be reached is tried again, after a pause that
//! doubles up to a minute.

use crate::access::to_hex;
use crate::invite::Invite;
use crate::service::{LEASE, LEASE_MS, WORKER, Wanted};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use playfair_http::{Answer, Client, ClientError, ClientLimits};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// Jobs have this many bytes at most.
const JOB_BYTES_MAX: usize = 64 << 20;
/// How long a request for a job waits at the node.
const WAIT: Duration = Duration::from_secs(15);
/// The longest pause before a node is tried again.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Says to work that it should stop.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Says it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was said.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// As the flag that others look at.
    #[must_use]
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }
}

/// Who can prove.
pub trait Craft: Send + Sync + 'static {
    /// The modules that a job needs and that are not there yet.
    ///
    /// # Errors
    /// What is wrong with the job.
    fn lacks(&self, job: &[u8]) -> Result<Vec<[u8; 31]>, String>;

    /// Learns a module.
    ///
    /// # Errors
    /// What is wrong with it.
    fn learn(&self, hash: [u8; 31], module: Vec<u8>) -> Result<(), String>;

    /// Proves a job. Blocks for seconds to minutes; looks at `stop` now and then.
    ///
    /// # Errors
    /// Why there is no proof.
    fn prove(&self, job: &[u8], stop: &Stop) -> Result<Vec<u8>, String>;
}

/// How a worker works.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Its name, for a node that it reaches over a Unix socket.
    pub name: String,
    /// Log2 of the most rows that it has memory for.
    pub k_max: u32,
}

/// Why a worker cannot go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkerError {
    /// The address is none.
    Address(ClientError),
    /// The node does not know this worker.
    Unknown(String),
    /// Its name is none.
    Name,
}

impl fmt::Display for WorkerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => error.fmt(f),
            Self::Unknown(why) => f.write_str(why),
            Self::Name => {
                f.write_str("a worker's name has 1 to 32 of a to z, 0 to 9 and -, and begins with a letter")
            }
        }
    }
}

impl std::error::Error for WorkerError {}

/// A worker of one node.
pub struct Worker {
    client: Client,
    headers: HeaderMap,
    settings: WorkerSettings,
    craft: Arc<dyn Craft>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Worker({})", self.settings.name)
    }
}

/// What ended a job.
enum End {
    /// The node took the proof.
    Proven,
    /// It was not to be proven any more.
    Gone,
    /// There is none.
    Failed(String),
}

impl Worker {
    /// A worker beside the node: `socket` is `unix:/path`.
    ///
    /// # Errors
    /// [`WorkerError::Address`], [`WorkerError::Name`].
    pub fn near(socket: &str, settings: WorkerSettings, craft: Arc<dyn Craft>) -> Result<Self, WorkerError> {
        let client = Client::new(socket, None, limits()).map_err(WorkerError::Address)?;
        let name = HeaderValue::from_str(&settings.name).map_err(|_| WorkerError::Name)?;
        Ok(Self {
            client,
            headers: HeaderMap::from_iter([(WORKER, name)]),
            settings,
            craft,
        })
    }

    /// An invited worker.
    ///
    /// # Errors
    /// [`WorkerError::Address`].
    pub fn far(
        invite: &Invite,
        settings: WorkerSettings,
        craft: Arc<dyn Craft>,
    ) -> Result<Self, WorkerError> {
        let client =
            Client::new(&invite.address, Some(invite.fingerprint), limits()).map_err(WorkerError::Address)?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", to_hex(&invite.secret)));
        let mut bearer = bearer.map_err(|_| WorkerError::Name)?;
        bearer.set_sensitive(true);
        Ok(Self {
            client,
            headers: HeaderMap::from_iter([(header::AUTHORIZATION, bearer)]),
            settings,
            craft,
        })
    }

    /// Works until told to stop; a job that it has then is given back.
    ///
    /// # Errors
    /// [`WorkerError::Unknown`].
    pub async fn run(&self, mut stop: watch::Receiver<bool>) -> Result<(), WorkerError> {
        let mut pause = Duration::from_millis(200);
        loop {
            let leased = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Ok(()),
                leased = self.lease() => leased,
            };
            match leased {
                Ok(None) => pause = Duration::from_millis(200),
                Ok(Some(job)) => {
                    pause = Duration::from_millis(200);
                    self.work(job, &mut stop).await;
                }
                Err(Reach::Unknown(why)) => return Err(WorkerError::Unknown(why)),
                Err(Reach::Later(why)) => {
                    tracing::warn!(%why, pause_s = pause.as_secs(), "the node cannot be reached");
                    tokio::select! {
                        _ = stop.wait_for(|stop| *stop) => return Ok(()),
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (2 * pause).min(PAUSE_MAX);
                }
            }
        }
    }

    async fn lease(&self) -> Result<Option<Leased>, Reach> {
        let wanted = Wanted {
            k_max: self.settings.k_max,
            wait_ms: u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX),
        };
        let body = serde_json::to_vec(&wanted).unwrap_or_default();
        let mut headers = self.headers.clone();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self
            .client
            .request(Method::POST, "/prover/v1/lease", headers, body.into());
        let answer = answer.await.map_err(|error| Reach::Later(error.to_string()))?;
        match answer.status {
            StatusCode::NO_CONTENT => Ok(None),
            StatusCode::OK => {
                let number = |name| {
                    let value: Option<&HeaderValue> = answer.headers.get(name);
                    value.and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
                };
                let lease =
                    number(LEASE).ok_or_else(|| Reach::Later("a lease without a number".to_owned()))?;
                let lease_ms = number(LEASE_MS).unwrap_or(15_000).clamp(1_000, 600_000);
                Ok(Some(Leased {
                    lease,
                    lease_for: Duration::from_millis(lease_ms),
                    job: answer.body.to_vec(),
                }))
            }
            StatusCode::UNAUTHORIZED => Err(Reach::Unknown(told(answer))),
            _ => Err(Reach::Later(told(answer))),
        }
    }

    /// Sees one job through.
    async fn work(&self, leased: Leased, stop: &mut watch::Receiver<bool>) {
        let Leased {
            lease,
            lease_for,
            job,
        } = leased;
        let begin = Instant::now();
        let end = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => End::Failed("the worker stops".to_owned()),
            end = self.see_through(lease, lease_for, job) => end,
        };
        match end {
            End::Proven => tracing::info!(lease, seconds = begin.elapsed().as_secs_f32(), "proven"),
            End::Gone => tracing::info!(lease, "the job is gone"),
            End::Failed(why) => {
                tracing::warn!(lease, why, "no proof");
                // Should it not arrive: the lease ends by itself.
                let _ = self
                    .post(&format!("/prover/v1/leases/{lease}/failed"), why.into_bytes())
                    .await;
            }
        }
    }

    async fn see_through(&self, lease: u64, lease_for: Duration, job: Vec<u8>) -> End {
        let lacking = match self.craft.lacks(&job) {
            Ok(lacking) => lacking,
            Err(why) => return End::Failed(why),
        };
        for hash in lacking {
            if let Err(why) = self.fetch(hash).await {
                return End::Failed(why);
            }
        }
        let flag = Stop::default();
        // However this ends, nobody proves on.
        let _guard = StopOnDrop(flag.clone());
        let (craft, stop) = (Arc::clone(&self.craft), flag.clone());
        let mut proving = tokio::task::spawn_blocking(move || craft.prove(&job, &stop));
        let mut beat = tokio::time::interval(lease_for / 4);
        let mut heard = Instant::now();
        let proof = loop {
            tokio::select! {
                done = &mut proving => break Some(done),
                _ = beat.tick() => {
                    let told = self.post(&format!("/prover/v1/leases/{lease}/heartbeat"), Vec::new()).await;
                    match told {
                        Ok(answer) if answer.status.is_success() => heard = Instant::now(),
                        Ok(answer) if answer.status == StatusCode::GONE => break None,
                        _ if heard.elapsed() > lease_for => break None,
                        _ => {}
                    }
                }
            }
        };
        let Some(proof) = proof else {
            // Two at once would take twice the memory.
            flag.stop();
            let _ = proving.await;
            return End::Gone;
        };
        let proof = match proof {
            Ok(Ok(proof)) => proof,
            Ok(Err(why)) => return End::Failed(why),
            Err(error) => return End::Failed(format!("a bug of the prover: {error}")),
        };
        self.send(lease, proof).await
    }

    /// A proof is worth some tries: the node may be busy, or start again.
    async fn send(&self, lease: u64, proof: Vec<u8>) -> End {
        let mut why = String::new();
        for tried in 0..5 {
            if tried > 0 {
                tokio::time::sleep(Duration::from_secs(1 << tried)).await;
            }
            match self
                .post(&format!("/prover/v1/leases/{lease}/proof"), proof.clone())
                .await
            {
                Ok(answer) if answer.status == StatusCode::OK => return End::Proven,
                Ok(answer) if answer.status == StatusCode::GONE => return End::Gone,
                Ok(answer) if answer.status == StatusCode::UNPROCESSABLE_ENTITY => {
                    return End::Failed(told(answer));
                }
                Ok(answer) => why = told(answer),
                Err(error) => why = error.to_string(),
            }
        }
        End::Failed(why)
    }

    async fn fetch(&self, hash: [u8; 31]) -> Result<(), String> {
        let path = format!("/prover/v1/modules/{}", to_hex(&hash));
        let answer = self
            .client
            .request(Method::GET, &path, self.headers.clone(), Vec::new().into());
        let answer = answer.await.map_err(|error| error.to_string())?;
        if answer.status != StatusCode::OK {
            return Err(told(answer));
        }
        let (craft, module) = (Arc::clone(&self.craft), answer.body.to_vec());
        let learnt = tokio::task::spawn_blocking(move || craft.learn(hash, module)).await;
        learnt.map_err(|error| error.to_string())?
    }

    async fn post(&self, path: &str, body: Vec<u8>) -> Result<Answer, ClientError> {
        let mut headers = self.headers.clone();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        self.client
            .request(Method::POST, path, headers, body.into())
            .await
    }
}

struct Leased {
    lease: u64,
    lease_for: Duration,
    job: Vec<u8>,
}

/// Why there was no answer, or no good one.
enum Reach {
    Unknown(String),
    Later(String),
}

struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

fn limits() -> ClientLimits {
    ClientLimits {
        request_timeout: WAIT + Duration::from_secs(15),
        answer_bytes_max: JOB_BYTES_MAX,
        ..ClientLimits::default()
    }
}

/// What a node says that refuses.
fn told(answer: Answer) -> String {
    match answer.success() {
        Ok(answer) => format!("an answer that makes no sense: {}", answer.status),
        Err(problem) => problem.message,
    }
}
