//! Chains as data: made, paused, resumed, archived, while the node runs, and after it.

use playfair_host::{ChainSettings, Host, HostError, NewChain, Rejection, Status, Wish};
use playfair_runtime::local::{Players, Start};
use playfair_sequencer::Refusal;
use playfair_storage::history::Place;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::module::ModuleHash;
use playfair_types::state::StateKey;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts calls in the key `n`; entry 1 loops until its gas is gone.
const COUNTER: &str = r#"
(module
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "log" (func $log (param i32 i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (memory 1)
  (data (i32.const 0) "n")
  (data (i32.const 16) "counted")
  (func (export "query") (param i32 i32)
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 call $output)
  (func (export "call") (param $entry i32) (param i32)
    local.get $entry if loop br 0 end end
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 i64.load i64.const 1 i64.add i64.store
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $set
    i32.const 16 i32.const 7 call $log))
"#;

fn host(path: &Path) -> Host {
    Host::open(path, Arc::new(|_| Ok(()))).unwrap_or_else(|error| panic!("{error}"))
}

fn counter(host: &Host) -> ModuleHash {
    let wasm = wat::parse_str(COUNTER).unwrap();
    host.modules()
        .add(&wasm)
        .unwrap_or_else(|error| panic!("{error}"))
        .hash
}

fn new_chain(name: &str, module: ModuleHash) -> NewChain {
    static SALT: AtomicU64 = AtomicU64::new(0);
    let mut salt = [0; 31];
    salt[..8].copy_from_slice(&SALT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let start = Start {
        salt,
        time_ms: U48::new(1_800_000_000_000).unwrap(),
        ..Start::of(module)
    };
    NewChain {
        name: name.to_owned(),
        genesis: start.genesis(),
        settings: ChainSettings {
            interval_ms: 10,
            account_calls_per_s: 10_000,
            account_gas_per_s: 1_000_000_000,
            ..ChainSettings::default()
        },
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

/// Sends a call and waits for what becomes of it.
async fn call(chain: &playfair_host::Chain, call: Vec<u8>) -> Result<Place, Rejection> {
    chain.submit(call).unwrap().await.expect("a reply")
}

fn counted(chain: &playfair_host::Chain) -> u64 {
    let readers = chain.readers().expect("it is open");
    let version = readers.newest().unwrap();
    let value = version
        .view
        .get(&StateKey::of_user(&Bytes::new(b"n").unwrap()))
        .unwrap();
    let from_state = value.map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()));
    let asked = readers.query(version, 0, b"").unwrap();
    let from_query = u64::from_le_bytes(asked.output.try_into().unwrap());
    assert_eq!(from_state, from_query);
    from_state
}

#[test]
fn a_chain_lives_through_everything_that_operators_do() {
    let temp = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let name = {
            let host = host(temp.path());
            let module = counter(&host);
            let chain = host.create(new_chain("first", module)).unwrap();
            assert_eq!(chain.settled().await, Status::Running);
            let mut lines = chain.watch_lines();
            let mut players = Players::of(chain.id);
            for height in 1..=3 {
                let place = call(&chain, players.call("anna", 0, b"").unwrap()).await.unwrap();
                assert_eq!(place, Place { height, index: 1 });
                assert_eq!(lines.recv().await.unwrap().text, "counted");
            }
            assert_eq!(counted(&chain), 3);
            assert_eq!(chain.head().block.unwrap().height(), 3);

            host.set_wish(&chain, Wish::Paused).unwrap().await.unwrap();
            assert_eq!(chain.status(), Status::Paused);
            let refused = call(&chain, players.call("anna", 0, b"").unwrap())
                .await
                .unwrap_err();
            assert!(matches!(refused, Rejection::Unavailable { .. }), "{refused}");
            assert_eq!(counted(&chain), 3, "it can be read");

            host.set_wish(&chain, Wish::Archived).unwrap().await.unwrap();
            let mut status = chain.watch_status();
            status
                .wait_for(|status| *status == Status::Archived)
                .await
                .unwrap();
            assert!(chain.readers().is_none());
            let refused = call(&chain, vec![1]).await.unwrap_err();
            assert!(refused.to_string().contains("archived"), "{refused}");

            host.set_wish(&chain, Wish::Running).unwrap().await.unwrap();
            status
                .wait_for(|status| *status == Status::Running)
                .await
                .unwrap();
            assert_eq!(counted(&chain), 3);
            chain.record().name
        };
        // Another node on the same folder goes on.
        let host = host(temp.path());
        let chain = host.chain(&name).unwrap();
        assert_eq!(chain.settled().await, Status::Running);
        assert_eq!(counted(&chain), 3);
        let mut players = Players::of(chain.id);
        call(&chain, players.call("bert", 0, b"").unwrap()).await.unwrap();
        assert_eq!(counted(&chain), 4);
    });
}

#[test]
fn several_chains_of_one_module_know_nothing_of_each_other() {
    let temp = tempfile::tempdir().unwrap();
    let host = host(temp.path());
    let module = counter(&host);
    runtime().block_on(async {
        let chains: Vec<_> = (0..5)
            .map(|n| host.create(new_chain(&format!("chain-{n}"), module)).unwrap())
            .collect();
        for (n, chain) in chains.iter().enumerate() {
            assert_eq!(chain.settled().await, Status::Running);
            let mut players = Players::of(chain.id);
            for _ in 0..=n {
                call(chain, players.call("anna", 0, b"").unwrap()).await.unwrap();
            }
        }
        for (n, chain) in chains.iter().enumerate() {
            assert_eq!(counted(chain), n as u64 + 1);
            assert!(Arc::ptr_eq(&host.chain(&format!("chain-{n}")).unwrap(), chain));
        }
        // A call that was signed for one chain is nothing on another.
        let mut players = Players::of(chains[0].id);
        let stray = call(&chains[1], players.call("carl", 0, b"").unwrap()).await;
        assert!(
            matches!(stray, Err(Rejection::Refused(Refusal::Invalid(_)))),
            "{stray:?}"
        );
    });
}

#[test]
fn a_module_that_only_burns_gas_leaves_its_neighbour_alone() {
    let temp = tempfile::tempdir().unwrap();
    let host = host(temp.path());
    let module = counter(&host);
    runtime().block_on(async {
        let busy = host.create(new_chain("busy", module)).unwrap();
        let calm = host.create(new_chain("calm", module)).unwrap();
        assert_eq!(busy.settled().await, Status::Running);
        assert_eq!(calm.settled().await, Status::Running);
        let mut burners = Players::of(busy.id);
        call(&busy, burners.call("anna", 0, b"").unwrap()).await.unwrap();
        let replies: Vec<_> = (0..16)
            .map(|_| busy.submit(burners.call("anna", 1, b"").unwrap()).unwrap())
            .collect();
        let mut players = Players::of(calm.id);
        for _ in 0..20 {
            call(&calm, players.call("bert", 0, b"").unwrap()).await.unwrap();
        }
        assert_eq!(counted(&calm), 20);
        for reply in replies {
            let _ = reply.await.unwrap();
        }
        assert_eq!(busy.status(), Status::Running);
        assert_eq!(counted(&busy), 1);
    });
}

#[test]
fn a_chain_that_cannot_be_opened_says_why_and_keeps_nobody_else_from_it() {
    let temp = tempfile::tempdir().unwrap();
    let ids = {
        let host = host(temp.path());
        let module = counter(&host);
        ["one", "two"].map(|name| host.create(new_chain(name, module)).unwrap().id)
    };
    // The tape of one is gone, its history too.
    let folder = temp.path().join("chains");
    let hex = |id| {
        let bytes = playfair_types::crypto::field::fr_to_bytes(&id);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let tape = folder.join(hex(ids[0])).join("00000000000000000000.tape");
    let kept = std::fs::read(&tape).unwrap();
    std::fs::remove_file(&tape).unwrap();
    std::fs::remove_file(folder.join(hex(ids[0])).join("history.redb")).unwrap();
    // Another folder is no chain at all.
    std::fs::create_dir(folder.join("junk")).unwrap();
    // One was never finished.
    std::fs::create_dir(folder.join("new-00")).unwrap();
    let host = host(temp.path());
    assert_eq!(host.chains().len(), 2);
    assert!(!folder.join("new-00").exists());
    runtime().block_on(async {
        let (one, two) = (host.chain("one").unwrap(), host.chain("two").unwrap());
        assert_eq!(two.settled().await, Status::Running);
        let Status::Halted { reason, retry_ms } = one.settled().await else {
            panic!("{:?}", one.status());
        };
        assert!(reason.contains("backup"), "{reason}");
        assert!(retry_ms.is_some());
        let refused = call(&one, vec![0]).await.unwrap_err();
        assert!(refused.to_string().contains("backup"), "{refused}");
        // The operator brings the file back, and says so.
        std::fs::write(&tape, kept).unwrap();
        host.set_wish(&one, Wish::Running).unwrap().await.unwrap();
        let mut status = one.watch_status();
        status
            .wait_for(|status| *status == Status::Running)
            .await
            .unwrap();
    });
}

#[test]
fn what_cannot_be_a_chain_leaves_nothing_behind() {
    let temp = tempfile::tempdir().unwrap();
    let host = host(temp.path());
    let module = counter(&host);
    for name in ["", "A", "1st", "a b", "../x", &"a".repeat(33)] {
        let refused = host.create(new_chain(name, module)).unwrap_err();
        assert!(matches!(refused, HostError::Name(_)), "{name}: {refused}");
    }
    let unknown = host.create(new_chain("x", ModuleHash([7; 31]))).unwrap_err();
    assert!(matches!(unknown, HostError::UnknownModule(_)), "{unknown}");
    host.create(new_chain("x", module)).unwrap();
    let twice = host.create(new_chain("x", module)).unwrap_err();
    assert!(matches!(twice, HostError::Exists(_)), "{twice}");
    // A module whose init does not end ok.
    let failing = wat::parse_str(
        r#"(module (func (export "init") (param i32) unreachable) (func (export "call") (param i32 i32)))"#,
    );
    let failing = host.modules().add(&failing.unwrap()).unwrap().hash;
    let refused = host.create(new_chain("y", failing)).unwrap_err();
    assert!(matches!(refused, HostError::Open(_)), "{refused}");
    assert!(host.modules().add(b"no module").is_err());
    let names: Vec<_> = std::fs::read_dir(temp.path().join("chains")).unwrap().collect();
    assert_eq!(names.len(), 1);
    let second = Host::open(temp.path(), Arc::new(|_| Ok(())))
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(second, HostError::InUse(_)), "{second}");
}

#[test]
fn a_module_is_refused_that_the_node_could_not_prove() {
    let temp = tempfile::tempdir().unwrap();
    let host = Host::open(temp.path(), Arc::new(|_| Err("no shape holds it".to_owned()))).unwrap();
    let refused = host.modules().add(&wat::parse_str(COUNTER).unwrap()).unwrap_err();
    assert!(refused.to_string().contains("no shape"), "{refused}");
    assert_eq!(host.modules().list().unwrap(), Vec::<String>::new());
}
