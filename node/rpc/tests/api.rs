//! The API as a client sees it: over a socket, trusting nothing.

mod support;

use playfair_host::Status;
use playfair_http::{GuardLimits, RateLimit, ServerLimits};
use playfair_rpc::Limits;
use playfair_runtime::local::Players;
use playfair_types::Decode;
use playfair_types::account::AccountId;
use playfair_types::bounded::Bytes;
use playfair_types::header::Header;
use playfair_types::inclusion::InclusionProof;
use playfair_types::receipt::{Outcome, Receipt, ReceiptBody};
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, value_hash};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::*;

#[tokio::test]
async fn every_answer_brings_what_checks_it() {
    let scene = Scene::start().await;
    let verifier = verifier(&scene).await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = Players::of(chain.id);
    for count in 1..=3u64 {
        let record = players.call("anna", 0, b"").unwrap();
        let (status, sealed) = scene.call(record.clone()).await;
        assert_eq!(status, 200, "{sealed}");
        assert_eq!(
            (&sealed["status"], &sealed["outcome"]),
            (&json!("sealed"), &json!("ok"))
        );
        assert_eq!(sealed["rung"], "sequenced");
        assert_eq!(bytes(&sealed["output"]), count.to_le_bytes());
        assert_eq!(sealed["events"][0]["topic"], 3);
        let evidence = &sealed["evidence"];
        let header = certified(&evidence["block"], &verifier);
        assert_eq!(bytes(&evidence["record"]), record);
        let path = InclusionProof::decode(&bytes(&evidence["record_path"])).unwrap();
        assert!(path.verify(&header.calls_root, header.records, &record));
        let receipt = bytes(&evidence["receipt"]);
        let path = InclusionProof::decode(&bytes(&evidence["receipt_path"])).unwrap();
        assert!(path.verify(&header.receipts_root, header.records, &receipt));
        let receipt = Receipt::decode(&receipt).unwrap();
        assert_eq!(receipt.outcome, Outcome::Ok);
        assert!(
            ReceiptBody::decode(&bytes(&evidence["receipt_body"]))
                .unwrap()
                .matches(&receipt)
        );
        // Asked for by its name, and submitted again, it is the same.
        let (status, again) = scene
            .get(&format!(
                "/v1/chains/counter/calls/{}",
                sealed["id"].as_str().unwrap()
            ))
            .await;
        assert_eq!((status, &again), (200, &sealed));
        assert_eq!(scene.call(record).await, (200, sealed));
    }
    scene.stop().await;
}

#[tokio::test]
async fn values_come_with_a_proof_against_a_certified_root() {
    let scene = Scene::start().await;
    let verifier = verifier(&scene).await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = Players::of(chain.id);
    for _ in 0..3 {
        assert_eq!(scene.call(players.call("anna", 0, b"").unwrap()).await.0, 200);
    }
    let anna: AccountId = players.id("anna");
    let anna_text: String = anna.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let asked = json!({"keys": [{"module": "6e"}, {"module": "6f"}, {"account": anna_text}, "params", {"module": "6e"}]});
    let (status, proven) = scene.post("/v1/chains/counter/state", &asked).await;
    assert_eq!(status, 200, "{proven}");
    let header = certified(&proven["block"], &verifier);
    let place = |text: &[u8]| StateKey::of_user(&Bytes::new(text).unwrap());
    assert_eq!(bytes(&proven["places"][0]), place(b"n").0);
    assert_eq!(bytes(&proven["values"][0]), 3u64.to_le_bytes());
    assert_eq!(proven["values"][1], Value::Null);
    assert_eq!(proven["values"][0], proven["values"][4]);
    let mut keys: Vec<StateKey> = proven["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| StateKey(bytes(place).try_into().unwrap()))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    let proof = StateProof::decode(&bytes(&proven["proof"])).unwrap();
    let shown = proof.verify(header.after.state_root, &keys).unwrap();
    let at = |key: StateKey| shown[keys.iter().position(|other| *other == key).unwrap()];
    assert_eq!(at(place(b"n")), Some(value_hash(&3u64.to_le_bytes())));
    assert_eq!(at(place(b"o")), None);
    // An older state, by its height.
    let asked = json!({"keys": [{"module": "6e"}], "height": 1});
    let (status, proven) = scene.post("/v1/chains/counter/state", &asked).await;
    assert_eq!(
        (status, bytes(&proven["values"][0])),
        (200, 1u64.to_le_bytes().to_vec())
    );
    assert_eq!(certified(&proven["block"], &verifier).after.height, 1);

    let (status, account) = scene
        .get(&format!("/v1/chains/counter/accounts/{anna_text}"))
        .await;
    assert_eq!(status, 200, "{account}");
    assert_eq!(
        (&account["created"], &account["next_nonces"][0]),
        (&json!(true), &json!(3))
    );
    let (_, calls) = scene
        .get(&format!("/v1/chains/counter/accounts/{anna_text}/calls?count=2"))
        .await;
    for (place, height) in [(0, 3), (1, 2)] {
        let call = &calls[place];
        assert_eq!((&call["height"], &call["index"]), (&json!(height), &json!(1)));
        let path = format!("/v1/chains/counter/calls/{}", call["id"].as_str().unwrap());
        let (status, named) = scene.get(&path).await;
        assert_eq!(
            (status, &named["evidence"]["block"]["height"]),
            (200, &json!(height)),
            "{named}"
        );
    }
    assert_eq!(calls.as_array().unwrap().len(), 2);
    let (status, answer) = scene.post("/v1/chains/counter/query", &json!({"entry": 0})).await;
    assert_eq!(
        (status, bytes(&answer["output"])),
        (200, 3u64.to_le_bytes().to_vec())
    );
    scene.stop().await;
}

#[tokio::test]
async fn the_tape_that_is_given_out_is_the_chain() {
    let scene = Scene::start().await;
    let verifier = verifier(&scene).await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = Players::of(chain.id);
    for entry in [0, 1, 0] {
        assert_eq!(scene.call(players.call("anna", entry, b"").unwrap()).await.0, 200);
    }
    let (status, blocks) = scene.get("/v1/chains/counter/blocks?from=0&count=9").await;
    assert_eq!((status, blocks.as_array().unwrap().len()), (200, 4));
    assert_eq!(blocks[0]["certificate"], Value::Null, "genesis has none");
    let mut parent = Header::decode(&bytes(&blocks[0]["header"])).unwrap().digest();
    for block in &blocks.as_array().unwrap()[1..] {
        let header = certified(block, &verifier);
        assert_eq!(header.parent, parent);
        parent = header.digest();
    }
    let (status, whole) = scene.get("/v1/chains/counter/blocks/2").await;
    assert_eq!(status, 200);
    let reverted = &whole["records"][1];
    assert_eq!(
        (&reverted["outcome"], &reverted["message"]),
        (&json!("reverted"), &json!("not today"))
    );
    let tape = scene
        .client
        .get("/v1/chains/counter/blocks/2/tape")
        .await
        .unwrap();
    let records = whole["records"].as_array().unwrap();
    let expected: Vec<u8> = records
        .iter()
        .flat_map(|record| bytes(&record["record"]))
        .collect();
    assert_eq!(tape.body.to_vec(), expected);
    let module = scene.client.get("/v1/chains/counter/module").await.unwrap();
    assert_eq!(module.body.to_vec(), wat::parse_str(COUNTER).unwrap());
    scene.stop().await;
}

#[tokio::test]
async fn a_module_as_engines_run_it_is_what_its_hash_names() {
    let scene = Scene::start().await;
    let (_, chain) = scene.get("/v1/chains/counter").await;
    let told = scene.client.get("/v1/chains/counter/module/instrumented").await;
    let told = told.unwrap();
    let (version, rest) = told.body.split_at(4);
    let (original, instrumented) = rest.split_at(32);
    assert_eq!(
        original,
        Sha256::digest(wat::parse_str(COUNTER).unwrap()).as_slice()
    );
    assert!(instrumented.starts_with(b"\0asm"));
    let mut named = Sha256::new_with_prefix(b"playfair/1/module");
    named.update(version);
    named.update(original);
    named.update(Sha256::digest(instrumented));
    assert_eq!(bytes(&chain["module"]), named.finalize()[..31]);
    scene.stop().await;
}

#[tokio::test]
async fn wrong_questions_are_told_what_is_wrong() {
    let scene = Scene::start().await;
    let chain = scene.host.chain("counter").unwrap();
    let mut other = Players::of(playfair_types::Fr::from(5u64));
    let foreign = other.call("anna", 0, b"").unwrap();
    for (record, status, code) in [
        (Vec::new(), 400, "malformed"),
        (vec![2; 123], 400, "malformed"),
        (vec![1; 124], 400, "malformed"),
        (foreign, 422, "invalid_signature"),
    ] {
        let (found, body) = scene.call(record).await;
        assert_eq!(
            (found, body["error"]["code"].as_str()),
            (status, Some(code)),
            "{body}"
        );
        assert!(body["error"]["message"].as_str().unwrap().len() > 10);
    }
    let zeros = "0".repeat(64);
    for (path, status, code) in [
        ("/v1/chains/nobody".to_owned(), 404, "unknown_chain"),
        ("/v1/chains/counter/blocks/7".to_owned(), 404, "unknown_block"),
        (format!("/v1/chains/counter/calls/{zeros}"), 404, "unknown_call"),
        ("/v1/chains/counter/calls/xyz".to_owned(), 400, "bad_request"),
        ("/v1/chains/counter/accounts/00".to_owned(), 400, "bad_request"),
        ("/v1/chains/counter/abi".to_owned(), 404, "no_abi"),
        ("/v1/nothing".to_owned(), 404, "not_found"),
    ] {
        let (found, body) = scene.get(&path).await;
        assert_eq!(
            (found, body["error"]["code"].as_str()),
            (status, Some(code)),
            "{path}: {body}"
        );
    }
    for path in [
        "/v1/chains/counter/blocks/x",
        "/v1/chains/counter/blocks?from=-1",
        "/v1/chains/counter/blocks?unknown=1",
    ] {
        let (found, body) = scene.get(path).await;
        assert_eq!(found, 400, "{path}: {body}");
        assert!(body["error"]["message"].is_string(), "{path}: {body}");
    }
    for (body, status) in [
        (json!({"keys": []}), 400),
        (json!({"keys": vec!["params"; 300]}), 400),
        (json!({"keys": [{"module": "00".repeat(65)}]}), 400),
        (json!({"keys": ["params"], "height": 9}), 404),
        (json!({"keys": ["nonsense"]}), 422),
        (json!({"keys": ["params"], "more": 1}), 422),
        (json!(7), 422),
    ] {
        let (found, answer) = scene.post("/v1/chains/counter/state", &body).await;
        assert_eq!(found, status, "{body}: {answer}");
        assert!(answer["error"]["message"].is_string(), "{body}: {answer}");
    }
    assert_eq!(
        chain.head().block.unwrap().height(),
        0,
        "nothing of it was ordered"
    );
    scene.stop().await;
}

#[tokio::test]
async fn a_chain_that_is_paused_or_archived_says_so() {
    let scene = Scene::start().await;
    let chain = scene.host.chain("counter").unwrap();
    let mut players = Players::of(chain.id);
    let record = players.call("anna", 0, b"").unwrap();
    scene
        .host
        .set_wish(&chain, playfair_host::Wish::Paused)
        .unwrap()
        .await
        .unwrap();
    let (status, body) = scene.call(record.clone()).await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (503, Some("unavailable")),
        "{body}"
    );
    assert_eq!(scene.get("/v1/chains/counter/blocks").await.0, 200);
    scene
        .host
        .set_wish(&chain, playfair_host::Wish::Archived)
        .unwrap()
        .await
        .unwrap();
    let mut status = chain.watch_status();
    status
        .wait_for(|status| *status == Status::Archived)
        .await
        .unwrap();
    let (status, body) = scene.get("/v1/chains/counter/blocks").await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (410, Some("archived")),
        "{body}"
    );
    let (_, list) = scene.get("/v1/chains").await;
    assert_eq!(list[0]["status"], "archived");
    scene.stop().await;
}

#[tokio::test]
async fn dear_questions_cost_more_and_have_their_places() {
    let rate = RateLimit {
        per_second: 1,
        burst: 60,
        ..RateLimit::default()
    };
    let guarded = GuardLimits {
        rate: Some(rate),
        ..GuardLimits::default()
    };
    let limits = Limits {
        queries_max: 0,
        ..Limits::default()
    };
    let scene = Scene::guarded(limits, guarded, ServerLimits::default()).await;
    let (status, body) = scene.post("/v1/chains/counter/query", &json!({"entry": 0})).await;
    assert_eq!(
        (status, body["error"]["code"].as_str()),
        (503, Some("too_many_queries")),
        "{body}"
    );
    assert!(body["error"]["retry_after_ms"].is_u64());
    // Five tokens are gone; these take 17 each and one for asking.
    let keys: Vec<Value> = (0..256).map(|n| json!({"module": format!("{n:04x}")})).collect();
    let mut answers = Vec::new();
    for _ in 0..2 {
        answers.push(
            scene
                .post("/v1/chains/counter/state", &json!({"keys": keys}))
                .await
                .0,
        );
        answers.push(scene.get("/v1/chains/counter/blocks?count=256").await.0);
    }
    assert_eq!(answers, [200, 200, 200, 429]);
    scene.stop().await;
}

#[tokio::test]
async fn the_page_for_people_asks_nobody_else() {
    let scene = Scene::start().await;
    let page = scene.client.get("/v1/docs").await.unwrap();
    assert_eq!(page.status.as_u16(), 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    let style = scene.client.get("/v1/docs/style.css").await.unwrap();
    assert_eq!(style.headers["content-type"], "text/css");
    scene.stop().await;
}

#[test]
fn the_description_names_every_route() {
    let document = serde_json::to_value(playfair_rpc::openapi()).unwrap();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 21, "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("/v1/")));
}
