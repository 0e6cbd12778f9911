//! What is kept of a chain: the past goes while it runs, snapshots are taken and restored, older folders are opened.

use playfair_bls::Verifier;
use playfair_host::snapshot::{ProofCheck, restore};
use playfair_host::{Chain, ChainSettings, Host, HostError, NewChain, Status};
use playfair_runtime::local::{Players, Start};
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::state::StateKey;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

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

fn host(path: &Path) -> Host {
    Host::open(path, Arc::new(|_| Ok(()))).unwrap_or_else(|error| panic!("{error}"))
}

/// A chain that keeps so many blocks.
fn create(host: &Host, keep_blocks: u64, prove: bool) -> Arc<Chain> {
    let wasm = wat::parse_str(COUNTER).unwrap();
    let module = host.modules().add(&wasm).unwrap().hash;
    let start = Start {
        time_ms: U48::new(1_800_000_000_000).unwrap(),
        ..Start::of(module)
    };
    let new = NewChain {
        name: "counter".to_owned(),
        genesis: start.genesis(),
        settings: ChainSettings {
            interval_ms: 1,
            account_calls_per_s: 100_000,
            account_calls_burst: 100_000,
            account_gas_per_s: u64::from(u32::MAX),
            keep_blocks,
            prove,
            ..ChainSettings::default()
        },
    };
    host.create(new).unwrap_or_else(|error| panic!("{error}"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

/// One call a block.
async fn play(chain: &Chain, players: &mut Players, blocks: u64) {
    for _ in 0..blocks {
        let call = players.call("anna", 0, b"").unwrap();
        chain
            .submit(call)
            .unwrap()
            .await
            .expect("a reply")
            .expect("sealed");
    }
}

fn counted(chain: &Chain) -> u64 {
    let version = chain.readers().expect("it is open").newest().unwrap();
    let key = StateKey::of_user(&Bytes::new(b"n").unwrap());
    let value = version.view.get(&key).unwrap();
    value.map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().unwrap()))
}

fn first(chain: &Chain) -> u64 {
    chain.readers().expect("it is open").history.first()
}

/// Plays until the past has gone up to some height.
async fn play_until_gone(host: &Host, chain: &Chain, players: &mut Players, height: u64) {
    let until = Instant::now() + Duration::from_secs(60);
    while first(chain) < height {
        assert!(Instant::now() < until, "nothing goes: {}", first(chain));
        play(chain, players, 5).await;
        host.checkpoint(chain).unwrap().await.unwrap().unwrap();
    }
}

/// Opens the chain again with other settings. Followed from before they are given, or the change could be over unseen.
async fn run_as(host: &Host, chain: &Chain, settings: ChainSettings) {
    let mut status = chain.watch_status();
    status.mark_unchanged();
    host.set_settings(chain, settings).unwrap();
    status.changed().await.unwrap();
    assert_eq!(chain.settled().await, Status::Running);
}

fn folder_of(data: &Path, chain: &Chain) -> PathBuf {
    let id = playfair_host::hex::encode(&fr_to_bytes(&chain.id));
    data.join("chains").join(id)
}

fn bases(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap();
    names
        .filter(|name| {
            name.as_ref()
                .unwrap()
                .path()
                .extension()
                .is_some_and(|end| end == "base")
        })
        .count()
}

#[test]
fn the_past_goes_while_the_chain_runs_and_what_is_lost_comes_back() {
    let temp = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let node = host(temp.path());
        let chain = create(&node, 20, false);
        assert_eq!(chain.settled().await, Status::Running);
        let mut players = Players::of(chain.id);
        play_until_gone(&node, &chain, &mut players, 40).await;
        let (mut last, mut count, from) = (chain.head().block.unwrap(), counted(&chain), first(&chain));
        assert!(last.height() - from >= 20, "{from} to {}", last.height());
        assert!((2..=3).contains(&bases(&folder_of(temp.path(), &chain))));
        let folder = folder_of(temp.path(), &chain);
        node.stop();
        drop(node);
        for lost in [
            &["state.redb"][..],
            &["history.redb"],
            &["state.redb", "history.redb"],
        ] {
            for name in lost {
                fs::remove_file(folder.join(name)).unwrap();
            }
            let node = host(temp.path());
            let chain = node.chain("counter").unwrap();
            assert_eq!(chain.settled().await, Status::Running, "{lost:?}");
            assert_eq!(chain.head().block.unwrap().header, last.header, "{lost:?}");
            assert_eq!(counted(&chain), count, "{lost:?}");
            // A history that is made again has all that the log has, whose first file is far from full.
            let is_new = lost.contains(&"history.redb");
            assert_eq!(first(&chain) < from, is_new, "{lost:?}");
            play_until_gone(&node, &chain, &mut players, from).await;
            last = chain.head().block.unwrap();
            count = counted(&chain);
            node.stop();
        }
        let node = host(temp.path());
        let chain = node.chain("counter").unwrap();
        chain.settled().await;
        play_until_gone(&node, &chain, &mut players, from + 20).await;
    });
}

#[test]
fn what_is_to_be_proven_does_not_go_before_it_is() {
    let temp = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let node = host(temp.path());
        let chain = create(&node, 5, true);
        chain.settled().await;
        let mut players = Players::of(chain.id);
        for _ in 0..10 {
            play(&chain, &mut players, 5).await;
            node.checkpoint(&chain).unwrap().await.unwrap().unwrap();
        }
        assert_eq!(first(&chain), 0);
        // There is no more than one chance to go on from.
        assert!(bases(&folder_of(temp.path(), &chain)) <= 2);
        let mut settings = chain.record().settings;
        settings.prove = false;
        run_as(&node, &chain, settings).await;
        play_until_gone(&node, &chain, &mut players, 5).await;
    });
}

#[test]
fn what_can_never_be_proven_does_not_stop_a_chain() {
    /// A call's gas fits, and a few hundred blocks do not.
    const BOUND: u64 = 450_000;
    let temp = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let node = host(temp.path());
        let chain = create(&node, 20, false);
        assert_eq!(chain.settled().await, Status::Running);
        let mut players = Players::of(chain.id);
        play_until_gone(&node, &chain, &mut players, 20).await;
        // Blocks from which proofs would have to begin are gone. A bound on what is not proven would be reached at once.
        let settings = ChainSettings {
            prove: true,
            unproven_rows_max: BOUND,
            ..chain.record().settings
        };
        run_as(&node, &chain, settings).await;
        let (gone, height) = (first(&chain), chain.head().block.unwrap().height());
        while chain.head().block.unwrap().work < 2 * BOUND {
            play(&chain, &mut players, 10).await;
        }
        play_until_gone(&node, &chain, &mut players, gone + 20).await;
        // Raised, the bound holds for what is still there.
        let settings = ChainSettings {
            keep_blocks: 100_000,
            ..settings
        };
        assert!(chain.head().block.unwrap().height() > height);
        run_as(&node, &chain, settings).await;
        let before = first(&chain);
        for _ in 0..10 {
            play(&chain, &mut players, 10).await;
            node.checkpoint(&chain).unwrap().await.unwrap().unwrap();
        }
        assert_eq!(first(&chain), before, "blocks went that were to be kept");
        node.stop();
    });
}

/// Takes keys, and no proof: these chains have none.
struct NoProofs;

impl ProofCheck for NoProofs {
    fn key(&mut self, _: playfair_types::Fr, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn proof(&mut self, _: &playfair_types::envelope::ProofEnvelope) -> Result<(), String> {
        Err("a proof of a chain that has none".to_owned())
    }

    fn end(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// A snapshot of a chain that has let its past go, or not.
async fn snapshot(data: &Path, with_key: bool) -> (Vec<u8>, Players, u64) {
    let node = host(data);
    let chain = create(&node, 0, false);
    chain.settled().await;
    let refused = node.snapshot(&chain, with_key, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused, HostError::Status(_)), "{refused}");
    let mut players = Players::of(chain.id);
    play(&chain, &mut players, 30).await;
    let mut bytes = Vec::new();
    node.snapshot(&chain, with_key, &mut bytes).unwrap();
    (bytes, players, counted(&chain))
}

#[test]
fn a_snapshot_goes_on_elsewhere() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    runtime().block_on(async {
        let (bytes, mut players, count) = snapshot(from.path(), true).await;
        let check = || -> playfair_host::ModuleCheck { Arc::new(|_| Ok(())) };
        let name = Some("again".to_owned());
        let restored = restore(to.path(), check(), &bytes[..], None, name.clone(), &mut NoProofs).unwrap();
        assert_eq!((restored.name.as_str(), restored.height), ("again", 30));
        let twice = restore(to.path(), check(), &bytes[..], None, name, &mut NoProofs).unwrap_err();
        assert!(matches!(twice, HostError::Exists(_)), "{twice}");
        let node = host(to.path());
        let busy = restore(to.path(), check(), &bytes[..], None, None, &mut NoProofs).unwrap_err();
        assert!(matches!(busy, HostError::InUse(_)), "{busy}");
        let chain = node.chain("again").unwrap();
        assert_eq!(chain.settled().await, Status::Running);
        assert_eq!((counted(&chain), first(&chain)), (count, 30));
        play(&chain, &mut players, 10).await;
        assert_eq!(counted(&chain), count + 10);
        let readers = chain.readers().unwrap();
        let verifier = Verifier::new(&readers.committee, chain.id).unwrap();
        let block = readers.history.block(40).unwrap().unwrap();
        verifier.certificate(&block.certificate.unwrap()).unwrap();
        let folder = folder_of(to.path(), &chain);
        node.stop();
        drop((chain, readers, node));
        let names = fs::read_dir(&folder).unwrap();
        let names: Vec<_> = names
            .map(|name| name.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(!names.iter().any(|name| name.ends_with(".damaged")), "{names:?}");
        // It began with its base, and begins with it again.
        fs::remove_file(folder.join("state.redb")).unwrap();
        let node = host(to.path());
        let chain = node.chain("again").unwrap();
        assert_eq!(chain.settled().await, Status::Running);
        assert_eq!(counted(&chain), count + 10);
    });
}

#[test]
fn a_snapshot_is_believed_only_as_a_whole_and_with_its_key() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (bytes, _, _) = runtime().block_on(snapshot(from.path(), false));
    let key_of = |data: &Path| {
        let chain = fs::read_dir(data.join("chains"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        fs::read_to_string(chain.path().join("committee.key")).unwrap()
    };
    let key = key_of(from.path());
    let secret = key.trim().as_bytes();
    assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    let attempt = |bytes: &[u8], key: Option<&str>| {
        let check: playfair_host::ModuleCheck = Arc::new(|_| Ok(()));
        let restored = restore(to.path(), check, bytes, key, None, &mut NoProofs);
        if restored.is_err() {
            let left = fs::read_dir(to.path().join("chains")).unwrap().count();
            assert_eq!(left, 0, "nothing is left of it");
        }
        restored
    };
    let error = attempt(&bytes, None).unwrap_err();
    assert!(error.to_string().contains("--key"), "{error}");
    let other = playfair_host::hex::encode(&[7; 32]);
    let error = attempt(&bytes, Some(&other)).unwrap_err();
    assert!(error.to_string().contains("committee"), "{error}");
    attempt(&bytes, Some("nonsense")).unwrap_err();
    // Every part of it is checked: bytes all over it, and every kind of end.
    let step = (bytes.len() / 150).max(1);
    for at in (0..bytes.len())
        .step_by(step)
        .chain(0..40)
        .chain(bytes.len() - 40..bytes.len())
    {
        let mut bad = bytes.clone();
        bad[at] ^= 1 << (at % 8);
        attempt(&bad, Some(&key)).expect_err(&format!("byte {at}"));
    }
    for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
        attempt(&bytes[..length], Some(&key)).expect_err(&format!("{length} bytes"));
    }
    attempt(&[&bytes[..], b"x"].concat(), Some(&key)).expect_err("something follows");
    assert_eq!(attempt(&bytes, Some(&key)).unwrap().height, 30);
    assert_eq!(key_of(to.path()).trim(), key.trim());
}

#[test]
fn a_folder_of_the_format_before_is_migrated_and_its_chain_runs() {
    let temp = tempfile::tempdir().unwrap();
    runtime().block_on(async {
        let (count, mut players) = {
            let node = host(temp.path());
            let chain = create(&node, 0, false);
            chain.settled().await;
            let mut players = Players::of(chain.id);
            play(&chain, &mut players, 5).await;
            let path = folder_of(temp.path(), &chain).join("chain.json");
            let count = counted(&chain);
            node.stop();
            // As format 1 had it: without the setting that came after.
            let text = fs::read_to_string(&path).unwrap();
            let line = text.lines().find(|line| line.contains("keep_blocks")).unwrap();
            fs::write(&path, text.replace(&format!("{line}\n"), "")).unwrap();
            (count, players)
        };
        fs::write(temp.path().join("format"), "1").unwrap();
        let node = host(temp.path());
        assert_eq!(fs::read_to_string(temp.path().join("format")).unwrap(), "2");
        let chain = node.chain("counter").unwrap();
        assert_eq!(chain.settled().await, Status::Running);
        assert_eq!((counted(&chain), chain.record().settings.keep_blocks), (count, 0));
        play(&chain, &mut players, 5).await;
        assert_eq!(counted(&chain), count + 5);
        node.stop();
        drop((chain, node));
        // A program of the format before refuses it, as this one does the next.
        fs::write(temp.path().join("format"), "3").unwrap();
        let refused = Host::open(temp.path(), Arc::new(|_| Ok(()))).err().unwrap();
        assert!(matches!(refused, HostError::Format { .. }), "{refused}");
    });
}
