//! Subscriptions as a client sees them, over a real socket: what is told.

mod support;

use playfair_types::Decode;
use playfair_types::header::Header;
use playfair_types::inclusion::InclusionProof;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, value_hash};
use serde_json::{Value, json};
use std::collections::HashMap;
use support::follower::*;
use support::*;

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
async fn a_rare_account_hears_the_same_as_who_hears_everything() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    // More blocks than are kept for subscribers, so that what is old is found by the index and what is new among the others.
    for _ in 0..4 {
        play(&scene, &mut players, "zoe", &[0, 1]).await;
        play(&scene, &mut players, "anna", &[0; 99]).await;
    }
    let last = scene
        .host
        .chain("counter")
        .unwrap()
        .head()
        .block
        .unwrap()
        .height();
    let mut account = |name: &str| hex(&players.id(name).0);
    // By the height of its block, and its place there: who hears everything finds the account in the records.
    let (zoe, nobody) = (account("zoe"), account("nobody"));
    let mut all = Follower::open(&scene).await;
    all.ask(json!({"subscribe": "receipts", "as": 1, "from": 0, "evidence": true}))
        .await;
    let mut expected = Vec::new();
    while all.cursors[&1] != last {
        let heard = all.hear().await;
        let delta = &heard["delta"];
        for record in delta["records"].as_array().unwrap() {
            // FORMATS.md section 5: kind, two bytes of the signature, then the account.
            if record["id"].is_string() && record["record"].as_str().unwrap()[6..46] == zoe {
                expected
                    .push(json!({"height": delta["height"], "block": delta["block"], "records": [record]}));
            }
        }
    }
    assert_eq!(expected.len(), 8);
    let mut rare = Follower::open(&scene).await;
    let beginnings = [0, 1, 2, 3, 50, 102, 103, 104, 205, 304, 305, last, last + 1];
    for (number, from) in beginnings.into_iter().enumerate() {
        let (silent, name) = (2 * number, 2 * number + 1);
        for (name, account) in [(silent, &nobody), (name, &zoe)] {
            let ask = json!({"subscribe": "receipts", "as": name, "from": from, "evidence": true, "account": account});
            let snapshot = rare.ask(ask).await;
            assert_eq!(snapshot["as"], name, "{snapshot}");
        }
        let is_due = |delta: &&Value| delta["height"].as_u64().unwrap() >= from;
        for delta in expected.iter().filter(is_due) {
            let heard = rare.hear().await;
            assert_eq!(
                (&heard["as"], &heard["delta"]),
                (&json!(name), delta),
                "from {from}"
            );
            assert_eq!(heard["cursor"], delta["height"]);
        }
    }
    // All of them have come to the end, and go on together.
    play(&scene, &mut players, "zoe", &[0]).await;
    for _ in beginnings {
        let heard = rare.hear().await;
        assert_eq!(heard["cursor"], last + 1, "{heard}");
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
