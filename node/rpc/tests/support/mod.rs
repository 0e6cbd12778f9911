//! A node with one chain, served on a socket.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod follower;

use playfair_bls::Verifier;
use playfair_host::{ChainSettings, Host, NewChain, Status};
use playfair_http::{
    Bound, Client, ClientLimits, Counters, GuardLimits, Listener, ServerLimits, Shutdown, guard, serve,
};
use playfair_rpc::Limits;
use playfair_runtime::local::Start;
use playfair_types::Decode;
use playfair_types::bounded::U48;
use playfair_types::certificate::{Certificate, Committee};
use playfair_types::header::Header;
use playfair_types::tape::genesis::GenesisRecord;
use serde_json::Value;
use std::sync::Arc;

/// Counts calls in the key `n`; entry 1 reverts.
pub(crate) const COUNTER: &str = r#"
(module
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "emit" (func $emit (param i32 i32 i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (memory 1)
  (data (i32.const 0) "n")
  (data (i32.const 16) "not today")
  (func (export "query") (param i32 i32)
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 call $output)
  (func (export "call") (param $entry i32) (param i32)
    local.get $entry if i32.const 16 i32.const 9 call $revert end
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 i64.load i64.const 1 i64.add i64.store
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $set
    i32.const 3 i32.const 8 i32.const 8 call $emit
    i32.const 8 i32.const 8 call $output))
"#;

/// A node with one chain, served on a socket.
pub(crate) struct Scene {
    pub(crate) client: Client,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) host: Arc<Host>,
    pub(crate) shutdown: Shutdown,
    serving: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) async fn start() -> Self {
        Self::start_with(Limits::default()).await
    }

    pub(crate) async fn start_with(limits: Limits) -> Self {
        let guarded = GuardLimits {
            rate: None,
            ..GuardLimits::default()
        };
        Self::guarded(limits, guarded, ServerLimits::default()).await
    }

    pub(crate) async fn guarded(limits: Limits, guarded: GuardLimits, server: ServerLimits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = Arc::new(Host::open(folder.path(), Arc::new(|_| Ok(()))).unwrap());
        let module = host
            .modules()
            .add(&wat::parse_str(COUNTER).unwrap())
            .unwrap()
            .hash;
        let start = Start {
            time_ms: U48::new(1_800_000_000_000).unwrap(),
            ..Start::of(module)
        };
        let chain = host
            .create(NewChain {
                name: "counter".to_owned(),
                genesis: start.genesis(),
                settings: ChainSettings {
                    interval_ms: 5,
                    account_calls_per_s: 100_000,
                    account_gas_per_s: 100_000_000_000,
                    ..ChainSettings::default()
                },
            })
            .unwrap();
        assert_eq!(chain.settled().await, Status::Running);
        let listener = Listener::tcp("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let Bound::Tcp(address) = listener.bound().clone() else {
            panic!("{:?}", listener.bound());
        };
        let shutdown = Shutdown::new();
        let router = guard(playfair_rpc::router_with(Arc::clone(&host), limits), &guarded);
        let serving = tokio::spawn(serve(listener, router, server, shutdown.clone(), Counters::new()));
        Self {
            client: Client::new(&format!("http://{address}"), None, ClientLimits::default()).unwrap(),
            address,
            host,
            shutdown,
            serving,
            _folder: folder,
        }
    }

    pub(crate) async fn stop(self) {
        self.shutdown.stop();
        self.serving.await.unwrap();
        self.host.stop();
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.client.get(path).await.unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status.as_u16(), body)
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = self
            .client
            .post(path, "application/json", body.to_string())
            .await
            .unwrap();
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status.as_u16(), body)
    }

    pub(crate) async fn call(&self, record: Vec<u8>) -> (u16, Value) {
        let path = "/v1/chains/counter/calls";
        let answer = self
            .client
            .post(path, "application/octet-stream", record)
            .await
            .unwrap();
        (
            answer.status.as_u16(),
            serde_json::from_slice(&answer.body).unwrap(),
        )
    }
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap_or_else(|| panic!("no digits: {value}"));
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The header of a block whose certificate is the committee's.
pub(crate) fn certified(block: &Value, verifier: &Verifier) -> Header {
    let header = Header::decode(&bytes(&block["header"])).unwrap();
    let certificate = Certificate::decode(&bytes(&block["certificate"])).unwrap();
    assert_eq!(certificate.payload, header.digest());
    verifier.certificate(&certificate).unwrap();
    header
}

pub(crate) async fn verifier(scene: &Scene) -> Verifier {
    let (status, shown) = scene.get("/v1/chains/counter").await;
    assert_eq!(status, 200, "{shown}");
    let genesis = GenesisRecord::decode(&bytes(&shown["genesis"])).unwrap();
    let committee = Committee::decode(&bytes(&shown["committee"])).unwrap();
    Verifier::new(&committee, genesis.chain_id()).unwrap()
}
