//! Subscriptions as a client sees them, over a real socket: how they are bounded, and how they end.

mod support;

use playfair_host::{Status, Wish};
use playfair_http::{ClientError, GuardLimits, Message, RateLimit, ServerLimits};
use playfair_rpc::Limits;
use serde_json::{Value, json};
use std::time::Duration;
use support::follower::*;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn nonsense_is_told_and_ends_it() {
    let scene = Scene::start().await;
    let mut follower = Follower::open(&scene).await;
    follower.ask(json!({"subscribe": "blocks", "as": 1})).await;
    let taken = follower.ask(json!({"subscribe": "blocks", "as": 1})).await;
    assert_eq!(
        (code(&taken), taken.get("as")),
        ("name_taken", None),
        "the first one goes on"
    );
    for nonsense in [
        json!(7),
        json!({"subscribe": "x", "as": 2}),
        json!({"unsubscribe": 9}),
        json!({"as": 3}),
    ] {
        let heard = follower.ask(nonsense.clone()).await;
        assert!(code(&heard).len() > 3, "{nonsense}");
    }
    follower.socket.send(Message::binary(vec![0; 9])).await.unwrap();
    assert_eq!(code(&follower.hear().await), "bad_request");
    let mut players = players(&scene);
    play(&scene, &mut players, "anna", &[0]).await;
    assert_eq!(follower.hear().await["cursor"], 1);
    for _ in 0..3 {
        follower.say(json!([])).await;
    }
    assert_eq!(follower.end().await, Some(1008));
    // What is larger than a message may be ends it at once.
    let mut follower = Follower::open(&scene).await;
    let large = "x".repeat(70_000);
    let _ = follower.socket.send(Message::text(large)).await;
    follower.end().await;
    scene.stop().await;
}

#[tokio::test]
async fn everything_has_its_bound() {
    let limits = Limits {
        sockets_max: 3,
        sockets_per_address_max: 2,
        ..Limits::default()
    };
    let rate = RateLimit {
        per_second: 1,
        burst: 120,
        ..RateLimit::default()
    };
    let guarded = GuardLimits {
        rate: Some(rate),
        ..GuardLimits::default()
    };
    let scene = Scene::guarded(limits, guarded, ServerLimits::default()).await;
    let mut one = Follower::open(&scene).await;
    let two = Follower::open(&scene).await;
    let Err(ClientError::NoWebSocket(answer)) = open(&scene).await else {
        panic!("an address has two")
    };
    let problem = answer.success().unwrap_err();
    assert_eq!(
        (problem.status.as_u16(), &*problem.code),
        (429, "too_many_sockets")
    );
    assert!(problem.retry_after_ms.is_some());
    drop(two);
    for name in 0..64 {
        let keys: Vec<Value> = (0..16).map(|n| json!({"module": hex(&[name, n])})).collect();
        let what = match name < 16 {
            true => json!({"subscribe": "state", "as": name, "keys": keys}),
            false => json!({"subscribe": "blocks", "as": name}),
        };
        assert!(one.ask(what).await.get("error").is_none());
    }
    let many = one.ask(json!({"subscribe": "blocks", "as": 64})).await;
    assert_eq!(code(&many), "too_many");
    // Each costs what reading it does, until the address has no more.
    let keys: Vec<Value> = (0..256)
        .map(|n: u16| json!({"module": hex(&n.to_be_bytes())}))
        .collect();
    let mut refused = Value::Null;
    for _ in 0..10 {
        refused = one
            .ask(json!({"subscribe": "state", "as": 65, "keys": keys}))
            .await;
        if code(&refused) == "rate_limited" {
            break;
        }
    }
    assert_eq!(code(&refused), "rate_limited");
    assert!(refused["error"]["retry_after_ms"].as_u64().unwrap() > 0);
    scene.stop().await;
}

#[tokio::test]
async fn the_end_of_the_node_is_told() {
    let scene = Scene::start().await;
    let mut follower = Follower::open(&scene).await;
    follower.ask(json!({"subscribe": "blocks", "as": 1})).await;
    scene.shutdown.stop();
    assert_eq!(follower.end().await, Some(1001));
    scene.stop().await;
}

#[tokio::test]
async fn a_chain_that_is_closed_and_opened_is_followed_further() {
    let scene = Scene::start().await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = players(&scene);
    let mut follower = Follower::open(&scene).await;
    follower.ask(json!({"subscribe": "blocks", "as": 1})).await;
    let keys = json!([{"module": "6e"}]);
    follower
        .ask(json!({"subscribe": "state", "as": 2, "keys": keys}))
        .await;
    play(&scene, &mut players, "anna", &[0]).await;
    for _ in 0..2 {
        assert_eq!(follower.hear().await["cursor"], 1);
    }
    scene
        .host
        .set_wish(&chain, Wish::Archived)
        .unwrap()
        .await
        .unwrap();
    assert_eq!(follower.hear().await, json!({"status": "archived"}));
    let refused = follower.ask(json!({"subscribe": "blocks", "as": 3})).await;
    assert_eq!((code(&refused), &refused["as"]), ("archived", &json!(3)));
    // Who comes meanwhile is told where the chain stands.
    let mut late = Follower::open(&scene).await;
    assert_eq!(late.hear().await, json!({"status": "archived"}));
    scene.host.set_wish(&chain, Wish::Running).unwrap().await.unwrap();
    let mut status = chain.watch_status();
    soon(status.wait_for(|status| *status == Status::Running))
        .await
        .unwrap();
    play(&scene, &mut players, "anna", &[0]).await;
    let mut cursors = Vec::new();
    while cursors.len() < 2 {
        let heard = follower.hear().await;
        match heard.get("status") {
            Some(_) => assert!(cursors.is_empty(), "{heard}"),
            None => cursors.push(heard["cursor"].as_u64().unwrap()),
        }
    }
    assert_eq!(cursors, [2, 2]);
    scene.stop().await;
}

#[tokio::test]
async fn a_quiet_chain_is_heard_to_be_alive() {
    let limits = Limits {
        ping: Duration::from_millis(500),
        ..Limits::default()
    };
    let scene = Scene::start_with(limits).await;
    let mut players = players(&scene);
    let mut follower = Follower::open(&scene).await;
    assert_eq!(
        follower.hear().await,
        json!({"head": 0}),
        "once the chain has been read"
    );
    let bert = hex(&players.id("bert").0);
    follower
        .say(json!({"subscribe": "receipts", "as": 1, "account": bert}))
        .await;
    while follower.hear().await.get("snapshot").is_none() {}
    // Nothing for it in these blocks: the cursor says so.
    let told = async {
        while follower.cursors[&1] != 2 {
            let heard = follower.hear().await;
            assert!(heard.get("delta").is_none(), "{heard}");
        }
    };
    tokio::join!(play(&scene, &mut players, "anna", &[0, 0]), told);
    scene.stop().await;
}

#[tokio::test]
async fn who_answers_no_pings_is_not_there_any_more() {
    let limits = Limits {
        ping: Duration::from_millis(20),
        ..Limits::default()
    };
    let scene = Scene::start_with(limits).await;
    // A client that reads all and says nothing.
    let mut silent = tokio::net::TcpStream::connect(scene.address).await.unwrap();
    let upgrade = "GET /v1/chains/counter/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    silent.write_all(upgrade.as_bytes()).await.unwrap();
    let mut heard = Vec::new();
    soon(silent.read_to_end(&mut heard)).await.unwrap();
    let head = heard.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
    assert!(heard.starts_with(b"HTTP/1.1 101"));
    let frames = &heard[head + 4..];
    let pings = frames.iter().filter(|byte| **byte == 0x89).count();
    assert_eq!(pings, 2, "{frames:?}");
    let close = frames
        .windows(4)
        .any(|frame| frame[0] == 0x88 && frame[2..] == 1001u16.to_be_bytes());
    assert!(close, "{frames:?}");
    scene.stop().await;
}
