//! Subscriptions as a client sees them, over a real socket.

mod support;

use http::HeaderMap;
use playfair_host::{Status, Wish};
use playfair_http::{ClientError, GuardLimits, Message, RateLimit, ServerLimits, WebSocket, WebSocketLimits};
use playfair_rpc::Limits;
use playfair_runtime::local::Players;
use playfair_types::Decode;
use playfair_types::header::Header;
use playfair_types::inclusion::InclusionProof;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, value_hash};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use support::*;

/// A client that holds its books as the protocol says: the cursor of each subscription.
struct Follower {
    socket: WebSocket,
    cursors: HashMap<u64, Value>,
}

/// On a machine that is busy.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let found = tokio::time::timeout(Duration::from_secs(60), future).await;
    found.expect("it takes too long")
}

async fn open(scene: &Scene) -> Result<WebSocket, ClientError> {
    let limits = WebSocketLimits::default();
    scene
        .client
        .websocket("/v1/chains/counter/ws", HeaderMap::new(), &limits)
        .await
}

impl Follower {
    async fn open(scene: &Scene) -> Self {
        Self {
            socket: open(scene).await.unwrap(),
            cursors: HashMap::new(),
        }
    }

    async fn say(&mut self, message: Value) {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message, whose `after` is the cursor before.
    async fn hear(&mut self) -> Value {
        loop {
            let message = soon(self.socket.next()).await.expect("it is open").unwrap();
            let Message::Text(text) = message else { continue };
            let heard: Value = serde_json::from_str(&text).unwrap();
            if let Some(name) = heard["as"].as_u64() {
                if let Some(after) = heard.get("after") {
                    assert_eq!(Some(after), self.cursors.get(&name), "a gap: {heard}");
                }
                if let Some(cursor) = heard.get("cursor") {
                    self.cursors.insert(name, cursor.clone());
                }
            }
            return heard;
        }
    }

    async fn ask(&mut self, message: Value) -> Value {
        self.say(message).await;
        self.hear().await
    }

    /// How the server ends it: the code of its close.
    async fn end(mut self) -> Option<u16> {
        let mut code = None;
        while let Some(Ok(message)) = soon(self.socket.next()).await {
            if let Message::Close(Some(frame)) = message {
                code = Some(u16::from(frame.code));
            }
        }
        code
    }
}

fn code(heard: &Value) -> &str {
    heard["error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no error: {heard}"))
}

/// Seals calls of a player, each in a block of its own.
async fn play(scene: &Scene, players: &mut Players, name: &str, entries: &[u8]) {
    for entry in entries {
        let (status, sealed) = scene.call(players.call(name, *entry, b"").unwrap()).await;
        assert_eq!(status, 200, "{sealed}");
    }
}

fn players(scene: &Scene) -> Players {
    Players::of(scene.host.chain("counter").unwrap().id)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn blocks_come_without_gap_also_after_a_lost_connection() {
    let scene = Scene::start().await;
    let verifier = verifier(&scene).await;
    let mut players = players(&scene);
    play(&scene, &mut players, "anna", &[0, 0]).await;
    let mut follower = Follower::open(&scene).await;
    let snapshot = follower.ask(json!({"subscribe": "blocks", "as": 7})).await;
    assert_eq!((&snapshot["as"], &snapshot["cursor"]), (&json!(7), &json!(2)));
    let mut parent = certified(&snapshot["snapshot"], &verifier).digest();
    play(&scene, &mut players, "anna", &[0; 5]).await;
    for height in 3..=7 {
        let heard = follower.hear().await;
        assert_eq!(heard["cursor"], height, "{heard}");
        let header = certified(&heard["delta"], &verifier);
        assert_eq!((header.after.height, header.parent), (height, parent));
        parent = header.digest();
    }
    drop(follower);
    play(&scene, &mut players, "anna", &[0; 4]).await;
    // From the cursor on, as if nothing had been: no gap, no repetition.
    let mut again = Follower::open(&scene).await;
    let snapshot = again
        .ask(json!({"subscribe": "blocks", "as": 0, "from": 8}))
        .await;
    assert_eq!(
        (&snapshot["cursor"], &snapshot["snapshot"]),
        (&json!(7), &Value::Null)
    );
    for height in 8..=11 {
        let heard = again.hear().await;
        assert_eq!((&heard["as"], &heard["cursor"]), (&json!(0), &json!(height)));
        let header = certified(&heard["delta"], &verifier);
        assert_eq!(header.parent, parent);
        parent = header.digest();
    }
    // The whole history, and what is not there yet.
    let snapshot = again
        .ask(json!({"subscribe": "blocks", "as": 1, "from": 0}))
        .await;
    assert_eq!(snapshot["cursor"], Value::Null);
    for height in 0..=11 {
        assert_eq!(again.hear().await["delta"]["height"], height);
    }
    let refused = again
        .ask(json!({"subscribe": "blocks", "as": 2, "from": 13}))
        .await;
    assert_eq!((code(&refused), &refused["as"]), ("unknown_block", &json!(2)));
    let snapshot = again
        .ask(json!({"subscribe": "blocks", "as": 2, "from": 12}))
        .await;
    assert_eq!(snapshot["cursor"], 11);
    // One is ended, the others go on.
    let ended = again.ask(json!({"unsubscribe": 0})).await;
    assert_eq!(ended, json!({"as": 0, "end": "unsubscribed"}));
    play(&scene, &mut players, "anna", &[0]).await;
    let mut names = [again.hear().await["as"].clone(), again.hear().await["as"].clone()];
    names.sort_by_key(Value::as_u64);
    assert_eq!(names, [json!(1), json!(2)]);
    scene.stop().await;
}

#[tokio::test]
async fn receipts_of_an_account_come_with_their_evidence() {
    let scene = Scene::start().await;
    let verifier = verifier(&scene).await;
    let mut players = players(&scene);
    let (anna, bert) = (players.id("anna"), players.id("bert"));
    let mut follower = Follower::open(&scene).await;
    for (name, account, evidence) in [(1, anna, true), (2, bert, false)] {
        let ask =
            json!({"subscribe": "receipts", "as": name, "account": hex(&account.0), "evidence": evidence});
        let snapshot = follower.ask(ask).await;
        assert_eq!(
            (&snapshot["cursor"], &snapshot["snapshot"]),
            (&json!(0), &Value::Null)
        );
    }
    play(&scene, &mut players, "anna", &[0]).await;
    play(&scene, &mut players, "bert", &[0, 1]).await;
    play(&scene, &mut players, "anna", &[1]).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let heard = follower.hear().await;
        let (delta, cursor) = (&heard["delta"], heard["cursor"].as_u64().unwrap());
        assert_eq!(delta["height"], cursor);
        assert_eq!(delta["records"].as_array().unwrap().len(), 1);
        let record = &delta["records"][0];
        assert_eq!(record["index"], 1);
        if heard["as"] == 1 {
            let header = certified(&delta["block"], &verifier);
            for (bytes_of, root) in [("record", header.calls_root), ("receipt", header.receipts_root)] {
                let path = InclusionProof::decode(&bytes(&record[format!("{bytes_of}_path")])).unwrap();
                assert!(path.verify(&root, header.records, &bytes(&record[bytes_of])));
            }
        } else {
            assert!(delta.get("block").is_none() && record.get("record_path").is_none());
        }
        seen.push((heard["as"].as_u64().unwrap(), cursor, record["outcome"].clone()));
    }
    seen.sort_by_key(|(_, cursor, _)| *cursor);
    let expected = [(1, 1, "ok"), (2, 2, "ok"), (2, 3, "reverted"), (1, 4, "reverted")];
    assert_eq!(
        seen,
        expected.map(|(name, cursor, outcome)| (name, cursor, json!(outcome)))
    );
    // All records of all, from the beginning.
    let snapshot = follower
        .ask(json!({"subscribe": "receipts", "as": 3, "from": 1}))
        .await;
    assert_eq!(snapshot["cursor"], 0);
    for height in 1..=4 {
        let heard = follower.hear().await;
        assert_eq!(
            (
                &heard["cursor"],
                heard["delta"]["records"].as_array().unwrap().len()
            ),
            (&json!(height), 2)
        );
    }
    scene.stop().await;
}

#[tokio::test]
async fn values_come_when_they_change_each_with_a_proof() {
    let scene = Scene::start().await;
    let verifier = verifier(&scene).await;
    let mut players = players(&scene);
    let anna = hex(&players.id("anna").0);
    let check = |body: &Value| {
        let header = match body["block"]["certificate"] {
            Value::Null => Header::decode(&bytes(&body["block"]["header"])).unwrap(),
            _ => certified(&body["block"], &verifier),
        };
        let places: Vec<StateKey> = body["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| StateKey(bytes(place).try_into().unwrap()))
            .collect();
        let mut keys = places.clone();
        keys.sort_unstable();
        keys.dedup();
        let proof = StateProof::decode(&bytes(&body["proof"])).unwrap();
        let shown = proof.verify(header.after.state_root, &keys).unwrap();
        for (place, value) in places.iter().zip(body["values"].as_array().unwrap()) {
            let proven = shown[keys.iter().position(|key| key == place).unwrap()];
            assert_eq!(proven, (!value.is_null()).then(|| value_hash(&bytes(value))));
        }
        (header.after.height, places.len())
    };
    let mut follower = Follower::open(&scene).await;
    let keys = json!([{"module": "6e"}, {"module": "6f"}, {"account": anna}, {"module": "6e"}]);
    let snapshot = follower
        .ask(json!({"subscribe": "state", "as": 1, "keys": keys}))
        .await;
    assert_eq!(
        (snapshot["cursor"].clone(), check(&snapshot["snapshot"])),
        (json!(0), (0, 4))
    );
    let other = follower
        .ask(json!({"subscribe": "state", "as": 2, "keys": [{"module": "6f"}, "params"]}))
        .await;
    assert_eq!(other["cursor"], 0);
    for height in 1..=3u64 {
        play(&scene, &mut players, "anna", &[0]).await;
        let heard = follower.hear().await;
        assert_eq!((&heard["as"], &heard["cursor"]), (&json!(1), &json!(height)));
        // The counter and the account; not the key that nobody writes.
        assert_eq!(check(&heard["delta"]), (height, 2));
        let values: Vec<Vec<u8>> = heard["delta"]["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(bytes)
            .collect();
        assert!(values.contains(&height.to_le_bytes().to_vec()), "{heard}");
    }
    // A call that reverts changes its account alone.
    play(&scene, &mut players, "anna", &[1]).await;
    assert_eq!(check(&follower.hear().await["delta"]), (4, 1));
    drop(follower);
    play(&scene, &mut players, "anna", &[0]).await;
    let mut again = Follower::open(&scene).await;
    // Who goes on hears what changed since; who has all hears nothing; who cannot go on gets a snapshot.
    let resumed = again
        .ask(json!({"subscribe": "state", "as": 1, "keys": keys, "from": 5}))
        .await;
    assert_eq!(
        (&resumed["cursor"], &resumed["snapshot"]),
        (&json!(4), &Value::Null)
    );
    let heard = again.hear().await;
    assert_eq!(
        (heard["cursor"].clone(), check(&heard["delta"])),
        (json!(5), (5, 2))
    );
    let idle = again
        .ask(json!({"subscribe": "state", "as": 2, "keys": [{"module": "6f"}], "from": 3}))
        .await;
    assert_eq!((&idle["cursor"], &idle["snapshot"]), (&json!(2), &Value::Null));
    play(&scene, &mut players, "anna", &[0]).await;
    assert_eq!(again.hear().await["as"], 1);
    let fresh = again
        .ask(json!({"subscribe": "state", "as": 3, "keys": keys, "from": 0}))
        .await;
    assert_eq!(check(&fresh["snapshot"]), (6, 4));
    scene.stop().await;
}

#[tokio::test]
async fn a_call_is_followed_from_before_it_is_sent() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    let record = players.call("anna", 0, b"").unwrap();
    let chain = scene.host.chain("counter").unwrap();
    let message = playfair_types::tape::call_message(chain.id, &record).unwrap();
    let id = hex(&playfair_types::crypto::field::fr_to_bytes(&message));
    let mut follower = Follower::open(&scene).await;
    let waiting = follower
        .ask(json!({"subscribe": "call", "as": 1, "id": id}))
        .await;
    assert_eq!(
        (&waiting["snapshot"]["status"], &waiting["cursor"]),
        (&json!("waiting"), &json!(0))
    );
    play(&scene, &mut players, "bert", &[0, 0]).await;
    let (_, sealed) = scene.call(record).await;
    let heard = follower.hear().await;
    assert_eq!((&heard["cursor"], &heard["delta"]), (&json!(3), &sealed));
    assert_eq!(heard["delta"]["rung"], "sequenced");
    assert!(heard.get("end").is_none(), "there is a rung above it");
    // Who asks later gets the same as the snapshot.
    let later = follower
        .ask(json!({"subscribe": "call", "as": 2, "id": id}))
        .await;
    assert_eq!(later["snapshot"], sealed);
    scene.stop().await;
}

#[tokio::test]
async fn a_slow_reader_gets_everything() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    let mut follower = Follower::open(&scene).await;
    follower
        .ask(json!({"subscribe": "receipts", "as": 1, "from": 0}))
        .await;
    follower
        .say(json!({"subscribe": "blocks", "as": 2, "from": 0}))
        .await;
    // It reads nothing while there are more blocks than are kept for subscribers.
    play(&scene, &mut players, "anna", &[0; 300]).await;
    let mut next = HashMap::from([(1, 0), (2, 0)]);
    while next.values().any(|next| *next <= 300) {
        let heard = follower.hear().await;
        let Some(delta) = heard.get("delta") else { continue };
        let name = heard["as"].as_u64().unwrap();
        assert_eq!(delta["height"].as_u64(), next.get(&name).copied());
        *next.get_mut(&name).unwrap() += 1;
    }
    scene.stop().await;
}

#[tokio::test]
async fn a_large_block_comes_in_parts() {
    let scene = Scene::start().await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = players(&scene);
    let mut replies = Vec::new();
    for n in 0..200 {
        let record = players.call(&format!("player-{n}"), 0, &[7; 1024]).unwrap();
        replies.push(chain.submit(record).unwrap());
    }
    for reply in replies {
        reply.await.unwrap().unwrap();
    }
    let last = chain.head().block.unwrap().height();
    for evidence in [false, true] {
        let mut follower = Follower::open(&scene).await;
        let ask = json!({"subscribe": "receipts", "as": 1, "from": 1, "evidence": evidence});
        follower.ask(ask).await;
        let (mut calls, mut parts, mut expected) = (0, 0, (1, 0));
        while follower.cursors[&1] != last {
            let heard = follower.hear().await;
            let records = heard["delta"]["records"].as_array().unwrap();
            for record in records {
                let at = (
                    heard["delta"]["height"].as_u64().unwrap(),
                    record["index"].as_u64().unwrap(),
                );
                assert_eq!(at, expected, "each once and in order");
                expected.1 += 1;
                calls += u32::from(record.get("id").is_some());
            }
            match heard.get("more") {
                Some(more) => {
                    assert_eq!(
                        (more, heard["cursor"].as_u64()),
                        (&json!(true), Some(expected.0 - 1))
                    );
                    parts += 1;
                }
                None => expected = (expected.0 + 1, 0),
            }
            assert!(heard.to_string().len() < 100_000);
        }
        assert_eq!(calls, 200);
        assert!(parts > 0, "nothing was large");
    }
    scene.stop().await;
}

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
        ping: Duration::from_millis(20),
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
    play(&scene, &mut players, "anna", &[0, 0]).await;
    // Nothing for it in these blocks: the cursor says so.
    while follower.cursors[&1] != 2 {
        let heard = follower.hear().await;
        assert!(heard.get("delta").is_none(), "{heard}");
    }
    // Who does not answer pings is not there any more.
    let mut silent = open(&scene).await.unwrap();
    silent
        .send(Message::text(json!({"subscribe": "blocks", "as": 1}).to_string()))
        .await
        .unwrap();
    // The follower answers them meanwhile, so it stays.
    for _ in 0..20 {
        follower.hear().await;
    }
    let mut closed = false;
    while let Some(Ok(message)) = soon(silent.next()).await {
        closed |= matches!(message, Message::Close(_));
    }
    assert!(closed);
    assert_eq!(
        follower.ask(json!({"unsubscribe": 1})).await["end"],
        "unsubscribed"
    );
    scene.stop().await;
}
