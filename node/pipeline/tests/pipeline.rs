//! Calls on a real host, proven by real workers over a socket, whatever happens on the way.

use playfair_host::snapshot::restore;
use playfair_host::{Chain, ChainSettings, Host, HostError, NewChain, Status};
use playfair_http::{Counters, GuardLimits, Listener, ServerLimits, Shutdown, guard, serve};
use playfair_pipeline::{Hands, KeptProofs, Pipeline, Settings, Trusted};
use playfair_proofs_prover::setup::insecure_development;
use playfair_proofs_verifier::{Key, Trust, segment_constraints, verify};
use playfair_provers::{
    Access, Craft, Settings as DeskSettings, Stop, Worker, WorkerError, WorkerSettings, router,
};
use playfair_runtime::local::{Players, Start};
use playfair_storage::proofs::Tip;
use playfair_types::account::L1Address;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::Boundary;
use playfair_types::vk::VerifyingKey;
use playfair_types::{Decode, Encode};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Counts calls in the key `n`.
const COUNTER: &str = r#"
(module
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (memory 1)
  (data (i32.const 0) "n")
  (func (export "call") (param i32 i32)
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 i64.load i64.const 1 i64.add i64.store
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $set))
"#;

fn setups(k: u32) -> Result<playfair_proofs_prover::setup::Params, String> {
    insecure_development(k, None).map_err(|error| error.to_string())
}

/// Takes the folder, as soon as tasks of the node before have let go of it: in one process they end when they are looked at next.
async fn open(folder: &Path) -> Host {
    let opened = async {
        loop {
            match Host::open(folder, Arc::new(|_| Ok(()))) {
                Ok(host) => return host,
                Err(HostError::InUse(_)) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), opened)
        .await
        .expect("it is let go of")
}

/// A snapshot whose last proof is another one, with every check of the file as it should be.
fn reproven(snapshot: &[u8], change: impl Fn(&mut ProofEnvelope)) -> Vec<u8> {
    /// The kind of the part with the proofs, which is the last.
    const PROOFS: u8 = 7;
    let (head, mut rest) = snapshot.split_at(20);
    let mut out = head.to_vec();
    let mut take = |count: usize| {
        let (taken, left) = rest.split_at(count);
        rest = left;
        taken.to_vec()
    };
    loop {
        let kind = take(1)[0];
        out.push(kind);
        if kind == 0 {
            return out;
        }
        let mut chunks = Vec::new();
        loop {
            let length = u32::from_be_bytes(take(4).try_into().unwrap());
            if length == 0 {
                break;
            }
            chunks.push(take(length as usize));
        }
        take(4);
        if let (PROOFS, Some(last)) = (kind, chunks.last_mut()) {
            let mut envelope = ProofEnvelope::decode(last).unwrap();
            change(&mut envelope);
            *last = envelope.encode();
        }
        let mut check = crc32fast::Hasher::new();
        check.update(&[kind]);
        for chunk in &chunks {
            check.update(chunk);
            out.extend((chunk.len() as u32).to_be_bytes());
            out.extend(chunk);
        }
        out.extend([0; 4]);
        out.extend(check.finalize().to_be_bytes());
    }
}

/// A node that proves.
struct Node {
    host: Arc<Host>,
    chain: Arc<Chain>,
    pipeline: Pipeline,
    socket: String,
    stop: Shutdown,
}

impl Node {
    async fn start(folder: &Path, settings: ChainSettings) -> Self {
        let host = Arc::new(open(folder).await);
        let chain = match host.chain("counter") {
            Ok(chain) => chain,
            Err(_) => {
                let module = host
                    .modules()
                    .add(&wat::parse_str(COUNTER).unwrap())
                    .unwrap()
                    .hash;
                let start = Start {
                    time_ms: U48::new(1_800_000_000_000).unwrap(),
                    ..Start::of(module)
                };
                let new = NewChain {
                    name: "counter".to_owned(),
                    genesis: start.genesis(),
                    settings,
                };
                host.create(new).unwrap_or_else(|error| panic!("{error}"))
            }
        };
        assert_eq!(chain.settled().await, Status::Running);
        let settings = Settings {
            setups: Arc::new(setups),
            trust: Trust::InsecureDevelopmentToo,
            payout: L1Address([7; 20]),
            desk: DeskSettings {
                penalty_ms: 1,
                ..DeskSettings::default()
            },
        };
        let queue = folder.join("queue.sqlite");
        let pipeline = Pipeline::start(host.clone(), &queue, settings).await.unwrap();
        let access = Arc::new(Access::open(&folder.join("provers.json")).unwrap());
        let socket = folder.join("provers.sock");
        let listener = Listener::unix(&socket).await.unwrap();
        let stop = Shutdown::new();
        let service = guard(router(pipeline.desk().clone(), access), &GuardLimits::default());
        let limits = ServerLimits {
            grace: Duration::from_millis(10),
            ..ServerLimits::default()
        };
        tokio::spawn(serve(
            listener,
            service,
            limits,
            stop.clone(),
            Counters::default(),
        ));
        Self {
            host,
            chain,
            pipeline,
            socket: format!("unix:{}", socket.display()),
            stop,
        }
    }

    /// The tip, once it has come to the end of the last sealed block.
    async fn proven(&self) -> Tip {
        let mut proven = self.chain.watch_proven();
        let reached = proven.wait_for(|tip| {
            let last = self.chain.head().block.map(|block| block.header.after);
            tip.is_some_and(|tip| tip.boundary.is_some() && tip.boundary == last)
        });
        let reached = tokio::time::timeout(Duration::from_secs(120), reached).await;
        reached.expect("in time").unwrap().expect("it is open")
    }

    async fn end(self) {
        self.pipeline.stop().await;
        self.stop.stop();
        let host = self.host;
        tokio::task::spawn_blocking(move || host.stop()).await.unwrap();
    }

    /// Everything that is kept, checked as somebody else would.
    fn check(&self, tip: &Tip) {
        let proofs = self.chain.readers().unwrap().proofs;
        let module = self.chain.record().genesis.params.module;
        let constraints = segment_constraints().unwrap();
        let mut at = Boundary::before_genesis(self.chain.id, module);
        let listed = proofs.list(0, 1_000).unwrap();
        assert_eq!(listed.len() as u64, tip.proofs);
        for listed in listed {
            let envelope = proofs.at(listed.first_frame).unwrap().unwrap();
            let vk = VerifyingKey::decode(&proofs.key(envelope.vk).unwrap().unwrap()).unwrap();
            let key = Key::new(&constraints, &vk, Trust::InsecureDevelopmentToo).unwrap();
            assert_eq!(key.digest(), envelope.vk);
            verify(&key, &envelope.inputs.to_fields(), &envelope.proof).unwrap();
            assert_eq!(envelope.inputs.payout, L1Address([7; 20]));
            assert_eq!(envelope.inputs.before, at, "no gap");
            at = envelope.inputs.after;
        }
        let last = self.chain.head().block.unwrap();
        assert_eq!(at, last.header.after);
        assert_eq!(tip.work, last.work, "the debt is counted as proofs count");
    }
}

struct Working {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<Result<(), WorkerError>>,
}

impl Working {
    fn start(node: &Node, name: &str, craft: Arc<dyn Craft>) -> Self {
        let settings = WorkerSettings {
            name: name.to_owned(),
            k_max: 14,
        };
        let worker = Worker::near(&node.socket, settings, craft).unwrap();
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(async move { worker.run(stopping).await });
        Self { stop, task }
    }

    async fn end(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap().unwrap();
    }
}

fn hands() -> Arc<dyn Craft> {
    Arc::new(Hands::new(setups, 14))
}

/// Changes a bit of every proof.
struct Liar(Arc<dyn Craft>);

impl Craft for Liar {
    fn lacks(&self, job: &[u8]) -> Result<Vec<[u8; 31]>, String> {
        self.0.lacks(job)
    }

    fn learn(&self, hash: [u8; 31], module: Vec<u8>) -> Result<(), String> {
        self.0.learn(hash, module)
    }

    fn prove(&self, job: &[u8], stop: &Stop) -> Result<Vec<u8>, String> {
        let mut proof = self.0.prove(job, stop)?;
        let middle = proof.len() / 2;
        proof[middle] ^= 1;
        Ok(proof)
    }
}

/// Calls one after the other, each in a block of its own.
async fn calls(chain: &Chain, players: &mut Players, count: usize) {
    for _ in 0..count {
        let call = players.call("anna", 0, b"").unwrap();
        chain.submit(call).unwrap().await.unwrap().unwrap();
    }
}

/// The chain in one file, with its key.
async fn snapshot(node: &Node) -> Vec<u8> {
    let (host, chain) = (Arc::clone(&node.host), Arc::clone(&node.chain));
    let written = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        host.snapshot(&chain, true, &mut bytes).map(|()| bytes)
    });
    written.await.unwrap().unwrap()
}

fn settings() -> ChainSettings {
    ChainSettings {
        interval_ms: 10,
        account_calls_per_s: 10_000,
        account_gas_per_s: 1_000_000_000,
        ..ChainSettings::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_block_is_proven_whoever_comes_to_prove_it_and_after_every_start() {
    let temp = tempfile::tempdir().unwrap();
    let node = Node::start(temp.path(), settings()).await;
    let mut players = Players::of(node.chain.id);
    // Nobody proves yet: blocks gather, and nothing stands in for a proof.
    calls(&node.chain, &mut players, 6).await;
    assert_eq!(node.chain.readers().unwrap().proofs.tip().proofs, 0);
    assert!(node.chain.head().debt > 0);
    // One that lies costs time only.
    let liar = Working::start(&node, "liar", Arc::new(Liar(hands())));
    let lied = async {
        while node
            .pipeline
            .desk()
            .status()
            .workers
            .iter()
            .all(|worker| worker.lies == 0)
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), lied).await.unwrap();
    liar.end().await;
    assert_eq!(node.chain.readers().unwrap().proofs.tip().proofs, 0);
    let worker = Working::start(&node, "worker", hands());
    let tip = node.proven().await;
    node.check(&tip);
    assert!(
        tip.proofs < 7,
        "blocks that gathered share proofs: {}",
        tip.proofs
    );
    let mut head = node.chain.watch_head();
    head.wait_for(|head| head.debt == 0).await.unwrap();
    worker.end().await;

    // The chain is closed and opened again while it is proven: nobody stands in the way of it.
    calls(&node.chain, &mut players, 2).await;
    let mut status = node.chain.watch_status();
    status.mark_unchanged();
    let changed = ChainSettings {
        interval_ms: 11,
        ..settings()
    };
    node.host.set_settings(&node.chain, changed).unwrap();
    loop {
        status.changed().await.unwrap();
        let now = status.borrow_and_update().clone();
        assert!(!matches!(now, Status::Halted { .. }), "{now:?}");
        if now == Status::Running {
            break;
        }
    }
    let worker = Working::start(&node, "worker", hands());
    let tip = node.proven().await;
    node.check(&tip);
    worker.end().await;

    // More, and the node is stopped before it is proven; the next start proves it.
    calls(&node.chain, &mut players, 2).await;
    node.end().await;
    let node = Node::start(temp.path(), settings()).await;
    assert_eq!(
        node.chain.readers().unwrap().proofs.tip(),
        tip,
        "what is proven stays so"
    );
    let worker = Working::start(&node, "worker", hands());
    let further = node.proven().await;
    node.check(&further);
    assert!(further.proofs > tip.proofs);
    // The proofs are lost: they are made again.
    worker.end().await;
    node.end().await;
    let (chain, proofs) = {
        let folder = std::fs::read_dir(temp.path().join("chains"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path();
        (folder.clone(), folder.join("proofs.redb"))
    };
    std::fs::write(&proofs, vec![7; 3 * 4_104]).unwrap();
    let node = Node::start(temp.path(), settings()).await;
    assert_eq!(node.chain.readers().unwrap().proofs.tip().proofs, 0);
    assert!(chain.join("proofs.redb.damaged").exists());
    let worker = Working::start(&node, "worker", hands());
    let again = node.proven().await;
    node.check(&again);
    worker.end().await;
    node.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_that_were_let_go_are_made_again() {
    let temp = tempfile::tempdir().unwrap();
    // The chain keeps one version of its state, and none for provers.
    let settings = ChainSettings {
        retain_blocks: 1,
        retain_unproven_blocks: 0,
        prove: false,
        ..settings()
    };
    let node = Node::start(temp.path(), settings).await;
    let mut players = Players::of(node.chain.id);
    calls(&node.chain, &mut players, 5).await;
    let host = node.host.clone();
    let chain = node.chain.clone();
    host.checkpoint(&chain).unwrap().await.unwrap().unwrap();
    assert!(node.pipeline.line(&chain).is_none(), "it is not to be proven");
    node.end().await;
    // Now it is.
    let folder = std::fs::read_dir(temp.path().join("chains"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let record = std::fs::read_to_string(folder.join("chain.json")).unwrap();
    let changed = record.replace("\"prove\": false", "\"prove\": true");
    assert_ne!(record, changed);
    std::fs::write(folder.join("chain.json"), changed).unwrap();
    drop((host, chain));
    let node = Node::start(temp.path(), settings).await;
    let worker = Working::start(&node, "worker", hands());
    calls(&node.chain, &mut players, 1).await;
    let tip = node.proven().await;
    node.check(&tip);
    assert_eq!(node.pipeline.line(&node.chain).unwrap().error, None);
    worker.end().await;
    node.end().await;
}

/// Plays and proves until blocks have gone.
async fn play_until_gone(node: &Node, players: &mut Players) {
    let readers = || node.chain.readers().expect("it is open");
    for _ in 0..20 {
        calls(&node.chain, players, 2).await;
        node.proven().await;
        let written = node.host.checkpoint(&node.chain).unwrap();
        written.await.unwrap().unwrap();
        if readers().history.first() > 0 {
            return;
        }
    }
    panic!("nothing goes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_proven_goes_and_proofs_go_on_here_and_elsewhere() {
    let (temp, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let settings = ChainSettings {
        retain_blocks: 1,
        retain_unproven_blocks: 0,
        keep_blocks: 2,
        ..settings()
    };
    let node = Node::start(temp.path(), settings).await;
    let mut players = Players::of(node.chain.id);
    let worker = Working::start(&node, "worker", hands());
    play_until_gone(&node, &mut players).await;
    worker.end().await;
    // Blocks whose states are gone at the next start: they are made again from a base.
    calls(&node.chain, &mut players, 4).await;
    node.end().await;
    let node = Node::start(temp.path(), settings).await;
    assert!(node.chain.readers().unwrap().history.first() > 0);
    let worker = Working::start(&node, "worker", hands());
    let tip = node.proven().await;
    node.check(&tip);
    assert_eq!(node.pipeline.line(&node.chain).unwrap().error, None);
    worker.end().await;

    let bytes = snapshot(&node).await;
    node.end().await;
    // Nobody has to believe them, and nobody may be asked to.
    let again = |bytes: &[u8], trust: Option<Trust>| {
        let trusted = Trusted::of(trust).unwrap();
        let mut proofs = KeptProofs::new(&trusted);
        restore(other.path(), Arc::new(|_| Ok(())), bytes, None, None, &mut proofs)
    };
    let refused = |bytes: &[u8], trust: Option<Trust>| again(bytes, trust).unwrap_err().to_string();
    assert!(refused(&bytes, None).contains("what they rest on"));
    assert!(refused(&bytes, Some(Trust::PublicSetup)).contains("verifying key"));
    let forged = reproven(&bytes, |envelope| {
        let mut proof = envelope.proof.to_vec();
        *proof.last_mut().unwrap() ^= 1;
        envelope.proof = Bytes::new(proof).unwrap();
    });
    let insecure = Some(Trust::InsecureDevelopmentToo);
    assert!(
        refused(&forged, insecure).contains("does not hold"),
        "{}",
        refused(&forged, insecure)
    );
    let forged = reproven(&bytes, |envelope| envelope.inputs.before.state_root = 1u64.into());
    assert!(refused(&forged, insecure).contains("follow each other"));
    let restored = again(&bytes, insecure).unwrap();
    assert_eq!(restored.tip, tip);
    let node = Node::start(other.path(), settings).await;
    let worker = Working::start(&node, "worker", hands());
    calls(&node.chain, &mut players, 2).await;
    let further = node.proven().await;
    node.check(&further);
    assert!(further.proofs > tip.proofs);
    worker.end().await;
    node.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_restored_chain_lacks_is_said_to_have_no_proof() {
    let (temp, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (bytes, mut players) = {
        let node = Node::start(temp.path(), settings()).await;
        let mut players = Players::of(node.chain.id);
        // Nobody proves.
        calls(&node.chain, &mut players, 3).await;
        let bytes = snapshot(&node).await;
        node.end().await;
        (bytes, players)
    };
    let trusted = Trusted::of(None).unwrap();
    let mut proofs = KeptProofs::new(&trusted);
    restore(
        other.path(),
        Arc::new(|_| Ok(())),
        &bytes[..],
        None,
        None,
        &mut proofs,
    )
    .unwrap();
    let node = Node::start(other.path(), settings()).await;
    let until = tokio::time::Instant::now() + Duration::from_secs(60);
    let status = loop {
        let status = node.pipeline.line(&node.chain);
        if let Some(status) = status.as_ref().filter(|status| status.is_final) {
            break status.clone();
        }
        assert!(tokio::time::Instant::now() < until, "{status:?}");
        tokio::task::yield_now().await;
    };
    assert!(status.error.unwrap().contains("not kept"));
    // It goes on all the same.
    calls(&node.chain, &mut players, 2).await;
    node.end().await;
}
