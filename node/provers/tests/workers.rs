//! Jobs from an office to workers and back: near and far, good ones, dying ones, lying ones.

use playfair_http::{
    Client, ClientLimits, Counters, GuardLimits, Identity, Listener, ServerLimits, Shutdown, guard, serve,
};
use playfair_provers::{
    Access, Craft, Desk, Invite, Job, JobName, Office, Queue, Refusal, Settings, Status, Stop, Worker,
    WorkerError, WorkerSettings, router,
};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// A proof of a job is its bytes backwards.
fn proof_of(job: &[u8]) -> Vec<u8> {
    job.iter().rev().copied().collect()
}

const MODULE: [u8; 31] = [5; 31];

fn name(frame: u64) -> JobName {
    JobName {
        chain: [9; 32],
        frame,
        cut: 0,
    }
}

struct Jobs {
    open: Mutex<BTreeMap<JobName, Vec<u8>>>,
    proven: mpsc::UnboundedSender<JobName>,
    /// How often keeping fails before it works.
    full: AtomicU32,
}

impl Office for Jobs {
    fn job(&self, name: &JobName) -> Option<Job> {
        let open = self.open.lock().unwrap();
        open.get(name).map(|payload| Job {
            payload: payload.as_slice().into(),
            k: 14,
        })
    }

    fn take(&self, name: &JobName, proof: &[u8]) -> Result<(), Refusal> {
        let mut open = self.open.lock().unwrap();
        let Some(job) = open.get(name) else { return Ok(()) };
        if proof != proof_of(job) {
            return Err(Refusal::Lie("it is not backwards".to_owned()));
        }
        let full = |left: u32| left.checked_sub(1);
        if self
            .full
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, full)
            .is_ok()
        {
            return Err(Refusal::Unkept("the disk is full".to_owned()));
        }
        open.remove(name);
        self.proven.send(*name).unwrap();
        Ok(())
    }

    fn module(&self, hash: &[u8; 31]) -> Option<Vec<u8>> {
        (*hash == MODULE).then(|| b"module".to_vec())
    }
}

/// What a worker does with jobs.
#[derive(Clone, Copy)]
enum Habit {
    Honest,
    Lying,
    /// Never ends, until it is stopped.
    Stuck,
    Failing,
}

struct Hand {
    habit: Habit,
    knows: AtomicBool,
    begun: mpsc::UnboundedSender<Vec<u8>>,
    stopped: mpsc::UnboundedSender<()>,
}

impl Craft for Hand {
    fn lacks(&self, _: &[u8]) -> Result<Vec<[u8; 31]>, String> {
        Ok(if self.knows.load(Ordering::Relaxed) {
            vec![]
        } else {
            vec![MODULE]
        })
    }

    fn learn(&self, hash: [u8; 31], module: Vec<u8>) -> Result<(), String> {
        assert_eq!((hash, module.as_slice()), (MODULE, &b"module"[..]));
        self.knows.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn prove(&self, job: &[u8], stop: &Stop) -> Result<Vec<u8>, String> {
        assert!(self.knows.load(Ordering::Relaxed));
        self.begun.send(job.to_vec()).unwrap();
        match self.habit {
            Habit::Honest => Ok(proof_of(job)),
            Habit::Lying => Ok(b"lie".to_vec()),
            Habit::Failing => Err("out of memory".to_owned()),
            Habit::Stuck => {
                while !stop.is_stopped() {
                    std::thread::yield_now();
                }
                let _ = self.stopped.send(());
                Err("stopped".to_owned())
            }
        }
    }
}

struct Scene {
    jobs: Arc<Jobs>,
    desk: Desk,
    queue: Queue,
    access: Arc<Access>,
    proven: mpsc::UnboundedReceiver<JobName>,
    socket: String,
    invite: Invite,
    stop: Shutdown,
    _folder: tempfile::TempDir,
}

fn settings() -> Settings {
    Settings {
        lease_ms: 400,
        penalty_ms: 50,
        ..Settings::default()
    }
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sender, proven) = mpsc::unbounded_channel();
        let jobs = Arc::new(Jobs {
            open: Mutex::default(),
            proven: sender,
            full: AtomicU32::new(0),
        });
        let desk = Desk::new(jobs.clone(), settings());
        let queue = Queue::open(&folder.path().join("queue.sqlite"), desk.clone())
            .await
            .unwrap();
        let access = Arc::new(Access::open(&folder.path().join("provers.json")).unwrap());
        let stop = Shutdown::new();
        let identity = Identity::generate().unwrap();
        let socket: PathBuf = folder.path().join("provers.sock");
        let near = Listener::unix(&socket).await.unwrap();
        let far = Listener::tls("127.0.0.1:0".parse().unwrap(), &identity)
            .await
            .unwrap();
        let invite = Invite {
            address: far.bound().to_string(),
            fingerprint: identity.fingerprint(),
            secret: access.invite("rig").unwrap(),
        };
        for listener in [near, far] {
            let service = guard(router(desk.clone(), access.clone()), &GuardLimits::default());
            let (stop, counters) = (stop.clone(), Counters::default());
            tokio::spawn(serve(listener, service, ServerLimits::default(), stop, counters));
        }
        let (running, stopping) = (queue.clone(), stop.clone());
        tokio::spawn(async move { running.run(stopping.wait()).await });
        Self {
            jobs,
            desk,
            queue,
            access,
            proven,
            socket: format!("unix:{}", socket.display()),
            invite,
            stop,
            _folder: folder,
        }
    }

    async fn add(&self, frame: u64, priority: u64) {
        let payload = format!("job {frame}").into_bytes();
        self.jobs.open.lock().unwrap().insert(name(frame), payload);
        self.queue.push(name(frame), priority).await.unwrap();
    }

    async fn until(&self, is_so: impl Fn(&Status) -> bool) {
        within(async {
            while !is_so(&self.desk.status()) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    async fn next(&mut self) -> u64 {
        within(self.proven.recv()).await.unwrap().frame
    }

    fn near(&self, name: &str, habit: Habit) -> Running {
        let (worker, hand) = hand(name, habit);
        Running::start(
            Worker::near(&self.socket, worker, hand.0).unwrap(),
            hand.1,
            hand.2,
        )
    }

    fn far(&self, habit: Habit) -> Running {
        let (worker, hand) = hand("rig", habit);
        Running::start(Worker::far(&self.invite, worker, hand.0).unwrap(), hand.1, hand.2)
    }
}

type Handed = (
    Arc<Hand>,
    mpsc::UnboundedReceiver<Vec<u8>>,
    mpsc::UnboundedReceiver<()>,
);

fn hand(name: &str, habit: Habit) -> (WorkerSettings, Handed) {
    let (begun, begins) = mpsc::unbounded_channel();
    let (stopped, stops) = mpsc::unbounded_channel();
    let hand = Arc::new(Hand {
        habit,
        knows: AtomicBool::new(false),
        begun,
        stopped,
    });
    let settings = WorkerSettings {
        name: name.to_owned(),
        k_max: 18,
    };
    (settings, (hand, begins, stops))
}

struct Running {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<Result<(), WorkerError>>,
    begins: mpsc::UnboundedReceiver<Vec<u8>>,
    stops: mpsc::UnboundedReceiver<()>,
}

impl Running {
    fn start(
        worker: Worker,
        begins: mpsc::UnboundedReceiver<Vec<u8>>,
        stops: mpsc::UnboundedReceiver<()>,
    ) -> Self {
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(async move { worker.run(stopping).await });
        Self {
            stop,
            task,
            begins,
            stops,
        }
    }

    async fn end(self) {
        self.stop.send_replace(true);
        within(self.task).await.unwrap().unwrap();
    }
}

async fn within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what)
        .await
        .expect("in time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn near_and_far_workers_prove_what_there_is_by_its_priority() {
    let mut scene = Scene::new().await;
    for (frame, priority) in [(1, 1), (2, 9), (3, 5)] {
        scene.add(frame, priority).await;
    }
    // All three lie on the desk before anybody asks.
    scene.until(|status| status.offered == 3).await;
    let worker = scene.near("first", Habit::Honest);
    let order = [scene.next().await, scene.next().await, scene.next().await];
    assert_eq!(order, [2, 3, 1]);
    worker.end().await;
    let worker = scene.far(Habit::Honest);
    scene.add(4, 1).await;
    assert_eq!(scene.next().await, 4);
    let proofs = |status: &Status| -> Vec<(String, u64)> {
        let workers = status.workers.iter();
        workers
            .map(|worker| (worker.name.clone(), worker.proofs))
            .collect()
    };
    let expected = [("local/first".to_owned(), 3), ("rig".to_owned(), 1)];
    scene.until(|status| proofs(status) == expected).await;
    let status = scene.desk.status();
    assert_eq!((status.offered, status.leased), (0, 0));
    worker.end().await;
    scene.stop.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_dies_stalls_fails_or_lies_costs_time_only() {
    let mut scene = Scene::new().await;
    for habit in [Habit::Stuck, Habit::Failing, Habit::Lying] {
        let mut bad = scene.near("bad", habit);
        scene.add(1, 1).await;
        within(bad.begins.recv()).await.unwrap();
        if let Habit::Stuck = habit {
            // It dies without a word: the task is gone, and no heartbeat comes.
            bad.task.abort();
        } else {
            if let Habit::Lying = habit {
                scene
                    .until(|status| status.workers.iter().any(|worker| worker.lies > 0))
                    .await;
            }
            bad.end().await;
        }
        let good = scene.near("good", Habit::Honest);
        assert_eq!(scene.next().await, 1);
        good.end().await;
    }
    let status = scene.desk.status();
    let bad = status
        .workers
        .iter()
        .find(|worker| worker.name == "local/bad")
        .unwrap();
    assert!(bad.lost >= 1 && bad.lies >= 1 && bad.proofs == 0, "{bad:?}");
    scene.stop.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_a_job_that_is_not_needed_any_more_is_stopped() {
    let mut scene = Scene::new().await;
    let mut worker = scene.near("slow", Habit::Stuck);
    scene.add(1, 1).await;
    within(worker.begins.recv()).await.unwrap();
    scene.jobs.open.lock().unwrap().clear();
    scene.desk.withdraw(&name(1));
    within(worker.stops.recv()).await.unwrap();
    // And it goes on with the next.
    scene.add(2, 1).await;
    assert_eq!(within(worker.begins.recv()).await.unwrap(), b"job 2");
    worker.end().await;
    let good = scene.near("good", Habit::Honest);
    assert_eq!(scene.next().await, 2);
    good.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proof_that_cannot_be_kept_is_sent_again() {
    let mut scene = Scene::new().await;
    scene.jobs.full.store(1, Ordering::Relaxed);
    let worker = scene.near("worker", Habit::Honest);
    scene.add(1, 1).await;
    assert_eq!(scene.next().await, 1);
    worker.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_comes_from_outside_without_an_invitation() {
    let scene = Scene::new().await;
    scene.access.revoke("rig").unwrap();
    let refused = within(scene.far(Habit::Honest).task).await.unwrap();
    assert!(matches!(refused, Err(WorkerError::Unknown(_))), "{refused:?}");
    // Nor by saying that it is near.
    let far = Client::new(
        &scene.invite.address,
        Some(scene.invite.fingerprint),
        ClientLimits::default(),
    )
    .unwrap();
    let headers = http::HeaderMap::from_iter([
        (
            http::HeaderName::from_static("x-worker"),
            http::HeaderValue::from_static("me"),
        ),
        (
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        ),
    ]);
    let body = br#"{"k_max":18,"wait_ms":0}"#.as_slice();
    let answer = far.request(http::Method::POST, "/prover/v1/lease", headers, body.into());
    assert_eq!(within(answer).await.unwrap().status, 401);
    // Another node with another certificate is not talked to.
    let mut elsewhere = scene.invite.clone();
    elsewhere.fingerprint = Identity::generate().unwrap().fingerprint();
    let stranger = Client::new(
        &elsewhere.address,
        Some(elsewhere.fingerprint),
        ClientLimits::default(),
    )
    .unwrap();
    assert!(within(stranger.get("/prover/v1/modules/00")).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_are_strangers_to_each_other_and_nonsense_is_told() {
    let scene = Scene::new().await;
    let mut worker = scene.near("slow", Habit::Stuck);
    scene.add(1, 1).await;
    within(worker.begins.recv()).await.unwrap();
    let client = Client::new(&scene.socket, None, ClientLimits::default()).unwrap();
    let ask = async |method: http::Method, path: &str, worker: &'static str, body: &'static [u8]| {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-worker", http::HeaderValue::from_static(worker));
        headers.insert(
            http::header::CONTENT_TYPE,
            http::HeaderValue::from_static("application/json"),
        );
        let answer = client.request(method, path, headers, body.into());
        within(answer).await.unwrap().status.as_u16()
    };
    let post = http::Method::POST;
    for lease in [0, 1, u64::MAX] {
        for what in ["proof", "heartbeat"] {
            let path = format!("/prover/v1/leases/{lease}/{what}");
            assert_eq!(ask(post.clone(), &path, "other", b"").await, 410, "{path}");
        }
    }
    for (path, worker, body, status) in [
        ("/prover/v1/lease", "", &b"{}"[..], 400),
        ("/prover/v1/lease", "../etc", b"{}", 400),
        ("/prover/v1/lease", "w", b"{", 400),
        ("/prover/v1/lease", "w", br#"{"k_max":-1,"wait_ms":0}"#, 422),
        ("/prover/v1/lease", "w", br#"{"k_max":14,"wait_ms":0,"x":1}"#, 422),
        ("/prover/v1/lease", "w", br#"{"k_max":14,"wait_ms":0}"#, 204),
        ("/prover/v1/leases/x/proof", "w", b"", 400),
        ("/prover/v1/leases/7/failed", "w", b"because", 204),
    ] {
        assert_eq!(
            ask(post.clone(), path, worker, body).await,
            status,
            "{path} {worker}"
        );
    }
    let get = http::Method::GET;
    for (hash, status) in [("00", 400), (&*"0".repeat(62), 404), (&*"05".repeat(31), 200)] {
        assert_eq!(
            ask(get.clone(), &format!("/prover/v1/modules/{hash}"), "w", b"").await,
            status
        );
    }
    assert_eq!(scene.desk.status().leased, 1, "the job is still with whom it was");
    worker.end().await;
}

/// A queue that is opened again is empty: jobs are made again by who has them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_begins_empty_and_a_damaged_one_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queue.sqlite");
    let (sender, _proven) = mpsc::unbounded_channel();
    let jobs = Arc::new(Jobs {
        open: Mutex::new(BTreeMap::from([(name(1), b"job".to_vec())])),
        proven: sender,
        full: AtomicU32::new(0),
    });
    std::fs::write(&file, b"no database").unwrap();
    for _ in 0..2 {
        let desk = Desk::new(jobs.clone(), settings());
        let queue = Queue::open(&file, desk.clone()).await.unwrap();
        assert_eq!(desk.status().offered, 0);
        queue.push(name(1), 1).await.unwrap();
        let stop = Shutdown::new();
        let waiting = stop.wait();
        let running = tokio::spawn(async move { queue.run(waiting).await });
        within(async {
            while desk.status().offered == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        stop.stop();
        within(running).await.unwrap();
    }
}
