//! What an operator asks of a chain, however busy it is, and what an operator hears of it.

use playfair_host::chain::Reply;
use playfair_host::{Chain, ChainSettings, Host, LineKind, NewChain, Rejection, Status, Wish};
use playfair_runtime::local::{Players, Start};
use playfair_types::bounded::U48;
use std::sync::Arc;
use std::time::Duration;

/// Entry 0 does nothing, 1 uses up its gas, 2 traps, 3 reverts, 4 logs.
const MODULE: &str = r#"
(module
  (import "playfair" "log" (func $log (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (memory 1)
  (data (i32.const 0) "not today")
  (func (export "call") (param $entry i32) (param i32)
    local.get $entry i32.const 1 i32.eq if loop br 0 end end
    local.get $entry i32.const 2 i32.eq if unreachable end
    local.get $entry i32.const 3 i32.eq if i32.const 0 i32.const 9 call $revert end
    local.get $entry i32.const 4 i32.eq if i32.const 0 i32.const 3 call $log end))
"#;

struct Scene {
    chain: Arc<Chain>,
    host: Host,
    players: Players,
    _folder: tempfile::TempDir,
}

async fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::open(folder.path(), Arc::new(|_| Ok(()))).unwrap();
    let module = host.modules().add(&wat::parse_str(MODULE).unwrap()).unwrap().hash;
    let start = Start {
        time_ms: U48::new(1_800_000_000_000).unwrap(),
        ..Start::of(module)
    };
    let settings = ChainSettings {
        interval_ms: 5,
        account_calls_per_s: 100_000,
        account_calls_burst: 100_000,
        account_gas_per_s: 100_000_000_000,
        ..ChainSettings::default()
    };
    let chain = host
        .create(NewChain {
            name: "one".to_owned(),
            genesis: start.genesis(),
            settings,
        })
        .unwrap();
    assert_eq!(chain.settled().await, Status::Running);
    Scene {
        players: Players::of(chain.id),
        chain,
        host,
        _folder: folder,
    }
}

impl Scene {
    async fn call(&mut self, entry: u8) -> Reply {
        let call = self.players.call("anna", entry, b"").unwrap();
        self.chain.submit(call).unwrap().await.expect("a reply")
    }
}

/// What must come at once comes in this time also on a machine that is busy.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let found = tokio::time::timeout(Duration::from_secs(60), future).await;
    found.expect("it takes too long")
}

#[tokio::test]
async fn a_chain_with_a_full_queue_is_paused_at_once() {
    let mut scene = scene().await;
    for _ in 0..32 {
        let burner = scene.players.call("anna", 1, b"").unwrap();
        drop(scene.chain.submit(burner).unwrap());
    }
    let call = scene.players.call("bert", 0, b"").unwrap();
    let mut replies = Vec::new();
    let overloaded = loop {
        match scene.chain.submit(call.clone()) {
            Ok(reply) => replies.push(reply),
            Err(error) => break error,
        }
        assert!(replies.len() < 1_000_000, "the queue has an end");
    };
    assert_eq!(overloaded, Rejection::Overloaded);
    // Asking keeps nobody waiting, though nothing else fits into the queue.
    let paused = scene.host.set_wish(&scene.chain, Wish::Paused).unwrap();
    let written = scene.host.checkpoint(&scene.chain).unwrap();
    soon(paused).await.unwrap();
    soon(written).await.unwrap().unwrap();
    assert_eq!(scene.chain.status(), Status::Paused);
    let last = soon(replies.pop().unwrap()).await.unwrap();
    assert!(
        matches!(&last, Err(Rejection::Unavailable { reason, .. }) if reason.contains("paused")),
        "what was still in the queue is not taken: {last:?}"
    );
}

#[tokio::test]
async fn what_waits_is_shown_without_a_block() {
    let mut scene = scene().await;
    scene.call(0).await.unwrap();
    let mut head = scene.chain.watch_head();
    // A call whose predecessor never comes is in no block.
    scene.players.call("anna", 0, b"").unwrap();
    let waits = scene.players.call("anna", 0, b"").unwrap();
    let reply = scene.chain.submit(waits).unwrap();
    let shown = soon(head.wait_for(|head| head.waiting == 1))
        .await
        .unwrap()
        .clone();
    assert_eq!(shown.block.unwrap().height(), 1);
    assert!(shown.waiting_gas > 0);
    drop(reply);
}

#[tokio::test]
async fn other_settings_are_taken_while_the_node_runs() {
    let mut scene = scene().await;
    scene.call(0).await.unwrap();
    let mut status = scene.chain.watch_status();
    status.mark_unchanged();
    let settings = ChainSettings {
        interval_ms: 7,
        ..scene.chain.record().settings
    };
    scene.host.set_settings(&scene.chain, settings).unwrap();
    soon(status.wait_for(|status| *status == Status::Opening))
        .await
        .unwrap();
    soon(status.wait_for(|status| *status == Status::Running))
        .await
        .unwrap();
    assert_eq!(scene.chain.record().settings.interval_ms, 7);
    assert_eq!(scene.call(0).await.unwrap().height, 2);
}

#[tokio::test]
async fn an_operator_hears_how_calls_fail_also_later() {
    let mut scene = scene().await;
    let mut live = scene.chain.watch_lines();
    for entry in 0..=4 {
        scene.call(entry).await.unwrap();
    }
    let (kept, mut after) = scene.chain.lines();
    let told: Vec<_> = kept.iter().map(|line| (line.place.height, line.kind)).collect();
    let expected = [
        (2, LineKind::OutOfGas),
        (3, LineKind::Trap),
        (4, LineKind::Reverted),
        (5, LineKind::Log),
    ];
    assert_eq!(told, expected);
    let texts: Vec<_> = kept.iter().skip(1).map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["unreachable", "not today", "not"]);
    for line in &kept {
        assert_eq!(live.recv().await.unwrap(), *line);
    }
    // Nothing is heard twice.
    scene.call(4).await.unwrap();
    assert_eq!(after.recv().await.unwrap().place.height, 6);
    // And what is kept has an end.
    for _ in 0..300 {
        scene.call(4).await.unwrap();
    }
    let (kept, _) = scene.chain.lines();
    assert_eq!((kept.len(), kept[199].place.height), (200, 306));
}

#[tokio::test]
async fn who_asks_a_node_that_has_stopped_is_told_so() {
    let scene = scene().await;
    scene.host.stop();
    let refused = scene.host.checkpoint(&scene.chain).unwrap_err();
    assert!(refused.to_string().contains("stopping"), "{refused}");
    assert!(scene.host.set_wish(&scene.chain, Wish::Paused).is_err());
}
