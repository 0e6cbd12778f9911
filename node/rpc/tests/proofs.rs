//! Proofs as a client sees them: lists, bytes, keys, rungs. Whether a proof is one is not looked at here: what lies in the archive was
//! verified before it came there.

mod support;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use playfair_host::{Readers, Status, Wish};
use playfair_http::{Answer, ClientError};
use playfair_storage::proofs::Tip;
use playfair_types::Encode;
use playfair_types::Fr;
use playfair_types::account::L1Address;
use playfair_types::bounded::Bytes;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::vk::VkSet;
use serde_json::{Value, json};
use support::follower::*;
use support::*;

/// The boundary after a block.
fn after(readers: &Readers, height: u64) -> Boundary {
    readers.history.block(height).unwrap().unwrap().header.after
}

/// What a proof of all blocks from one boundary to the end of a block looks like.
fn envelope(scene: &Scene, from: Option<u64>, to: u64) -> ProofEnvelope {
    let chain = scene.host.chain("counter").unwrap();
    let readers = chain.readers().unwrap();
    let before = match from {
        Some(height) => after(&readers, height),
        None => Boundary::before_genesis(chain.id, chain.record().genesis.params.module),
    };
    ProofEnvelope {
        vk: Fr::from(77u64),
        inputs: SegmentInputs {
            chain_id: chain.id,
            payout: L1Address::default(),
            work: 10,
            before,
            after: after(&readers, to),
        },
        proof: Bytes::new(vec![to as u8; 100]).unwrap(),
    }
}

fn keep(scene: &Scene, envelope: &ProofEnvelope) -> Tip {
    let chain = scene.host.chain("counter").unwrap();
    let proofs = chain.readers().unwrap().proofs;
    scene.host.keep_proof(&chain, &proofs, envelope).unwrap()
}

async fn get(scene: &Scene, path: &str, headers: &[(HeaderName, &str)]) -> Result<Answer, ClientError> {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
    let headers: HeaderMap = headers.collect();
    scene
        .client
        .request(Method::GET, path, headers, Vec::new().into())
        .await
}

#[tokio::test]
async fn proofs_are_listed_and_read_in_parts() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    play(&scene, &mut players, "anna", &[0; 3]).await;
    let (status, none) = scene.get("/v1/chains/counter/proofs").await;
    assert_eq!(
        (status, &none["proofs"], &none["proven"]["proofs"]),
        (200, &json!([]), &json!(0))
    );
    assert_eq!(
        none["proven"]["height"],
        Value::Null,
        "nothing stands in for a proof"
    );
    assert_eq!(scene.get("/v1/chains/counter/proofs/0").await.0, 404);
    // The second one first: it is told of when the gap is closed.
    let (first, second) = (envelope(&scene, None, 1), envelope(&scene, Some(1), 3));
    keep(&scene, &second);
    assert_eq!(
        scene.get("/v1/chains/counter/proofs").await.1["proofs"],
        json!([])
    );
    let start = second.inputs.before.tape.length;
    assert_eq!(
        scene.get(&format!("/v1/chains/counter/proofs/{start}")).await.0,
        404
    );
    keep(&scene, &first);
    let (_, listed) = scene.get("/v1/chains/counter/proofs").await;
    let frames = |listed: &Value| -> Vec<u64> {
        let proofs = listed["proofs"].as_array().unwrap().iter();
        proofs
            .map(|proof| proof["first_frame"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(frames(&listed), [0, start]);
    let end = second.inputs.after.tape.length;
    assert_eq!(
        listed["proven"],
        json!({"proofs": 2, "frames": end, "height": 3, "work": 20})
    );
    for (query, expected) in [
        ("?from=1", vec![start]),
        ("?count=1", vec![0]),
        ("?about=0", vec![0]),
        (&*format!("?about={}", end - 1), vec![start]),
        (&*format!("?about={end}"), vec![]),
    ] {
        let (status, listed) = scene.get(&format!("/v1/chains/counter/proofs{query}")).await;
        assert_eq!((status, frames(&listed)), (200, expected), "{query}");
    }
    assert_eq!(scene.get("/v1/chains/counter/proofs?more=1").await.0, 400);
    let (_, chain) = scene.get("/v1/chains/counter").await;
    assert_eq!(chain["proven"]["proofs"], 2);

    let path = format!("/v1/chains/counter/proofs/{start}");
    let whole = get(&scene, &path, &[]).await.unwrap();
    assert_eq!(whole.body, second.encode());
    assert_eq!(whole.headers[header::CONTENT_TYPE], "application/octet-stream");
    let tag = whole.headers[header::ETAG].to_str().unwrap();
    let part = get(&scene, &path, &[(header::RANGE, "bytes=4-9")]).await.unwrap();
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &whole.body[4..10]));
    let known = get(&scene, &path, &[(header::IF_NONE_MATCH, tag)]).await.unwrap();
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    // Keys by their digests.
    let proofs = scene.host.chain("counter").unwrap().readers().unwrap().proofs;
    proofs.put_key(Fr::from(77u64), b"a key").unwrap();
    let digest = listed["proofs"][0]["vk"].as_str().unwrap();
    let key = get(&scene, &format!("/v1/chains/counter/keys/{digest}"), &[])
        .await
        .unwrap();
    assert_eq!((key.status.as_u16(), &key.body[..]), (200, &b"a key"[..]));
    for (digest, status) in [
        ("00".repeat(32), 404),
        ("ff".repeat(32), 404),
        ("00".to_owned(), 400),
    ] {
        assert_eq!(
            scene.get(&format!("/v1/chains/counter/keys/{digest}")).await.0,
            status
        );
    }
    scene.stop().await;
}

#[tokio::test]
async fn a_call_climbs_to_its_last_rung_and_proofs_are_heard_of() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    play(&scene, &mut players, "anna", &[0; 2]).await;
    let (status, sealed) = scene.call(players.call("anna", 0, b"").unwrap()).await;
    assert_eq!((status, &sealed["rung"]), (200, &json!("sequenced")));
    assert!(sealed.get("proof").is_none(), "{sealed}");
    let id = sealed["id"].as_str().unwrap();
    let mut follower = Follower::open(&scene).await;
    let snapshot = follower
        .ask(json!({"subscribe": "call", "as": 1, "id": id}))
        .await;
    assert_eq!(snapshot["snapshot"]["rung"], "sequenced");
    let snapshot = follower.ask(json!({"subscribe": "proofs", "as": 2})).await;
    assert_eq!(
        (&snapshot["cursor"], &snapshot["snapshot"]["proofs"]),
        (&json!(0), &json!(0))
    );
    // A proof of what came before says nothing of the call.
    let first = envelope(&scene, None, 2);
    keep(&scene, &first);
    let heard = follower.hear().await;
    assert_eq!(
        (&heard["as"], &heard["cursor"], &heard["delta"]["first_frame"]),
        (&json!(2), &json!(first.inputs.after.tape.length), &json!(0))
    );
    assert_eq!(
        scene.get(&format!("/v1/chains/counter/calls/{id}")).await.1["rung"],
        "sequenced"
    );
    let second = envelope(&scene, Some(2), 3);
    keep(&scene, &second);
    let start = second.inputs.before.tape.length;
    let mut heard = [follower.hear().await, follower.hear().await];
    heard.sort_by_key(|heard| heard["as"].as_u64());
    assert_eq!(
        (&heard[0]["delta"]["rung"], &heard[0]["end"]),
        (&json!("proven"), &json!("last_rung"))
    );
    assert_eq!(heard[0]["delta"]["proof"], start);
    assert_eq!(heard[1]["delta"]["first_frame"], start);
    let (_, shown) = scene.get(&format!("/v1/chains/counter/calls/{id}")).await;
    assert_eq!(
        (&shown["rung"], &shown["proof"]),
        (&json!("proven"), &json!(start))
    );
    // Who comes late begins at the end, or where it says.
    let mut late = Follower::open(&scene).await;
    let snapshot = late.ask(json!({"subscribe": "call", "as": 1, "id": id})).await;
    assert_eq!(snapshot["snapshot"]["rung"], "proven");
    assert_eq!(late.hear().await["end"], "last_rung");
    late.ask(json!({"subscribe": "proofs", "as": 2, "from": 0})).await;
    assert_eq!(late.hear().await["delta"]["first_frame"], 0);
    assert_eq!(late.hear().await["delta"]["first_frame"], start);
    scene.stop().await;
}

#[tokio::test]
async fn proofs_of_other_blocks_than_these_are_set_aside() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    play(&scene, &mut players, "anna", &[0; 3]).await;
    let chain = scene.host.chain("counter").unwrap();
    let reopened = async || {
        for wish in [Wish::Archived, Wish::Running] {
            scene.host.set_wish(&chain, wish).unwrap().await.unwrap();
        }
        let mut status = chain.watch_status();
        soon(status.wait_for(|status| *status == Status::Running))
            .await
            .unwrap();
        chain.readers().unwrap().proofs.tip()
    };
    // One that fits stays; also one that ends within a block.
    let kept = keep(&scene, &envelope(&scene, None, 2));
    assert_eq!(reopened().await, kept);
    let mut within = envelope(&scene, Some(2), 3);
    within.inputs.after.tape.length -= 1;
    within.inputs.after.tape.value = Fr::from(1u64);
    let kept = keep(&scene, &within);
    assert_eq!((kept.proofs, reopened().await), (2, kept));
    // One about blocks that are not there, or were others.
    let readers = chain.readers().unwrap();
    let mut beyond = envelope(&scene, Some(2), 3);
    beyond.inputs.before = within.inputs.after;
    beyond.inputs.after.tape.length += 1;
    beyond.inputs.after.height = after(&readers, 3).height + 1;
    drop(readers);
    assert_eq!(keep(&scene, &beyond).proofs, 3);
    assert_eq!(reopened().await.proofs, 0, "nothing is called proven");
    let mut other = envelope(&scene, None, 3);
    other.inputs.after.state_root = Fr::from(1u64);
    assert_eq!(keep(&scene, &other).proofs, 1);
    assert_eq!(reopened().await.proofs, 0);
    scene.stop().await;
}

#[tokio::test]
async fn the_receipts_of_a_proof_are_those_of_its_records() {
    let scene = Scene::start().await;
    let mut players = players(&scene);
    play(&scene, &mut players, "anna", &[0, 1, 0, 0]).await;
    let (first, second) = (envelope(&scene, None, 1), envelope(&scene, Some(1), 3));
    let start = second.inputs.before.tape.length;
    let path = |frame: u64| format!("/v1/chains/counter/proofs/{frame}/receipts");
    keep(&scene, &first);
    assert_eq!(scene.get(&path(start)).await.0, 404, "not proven yet");
    keep(&scene, &second);
    let readers = scene.host.chain("counter").unwrap().readers().unwrap();
    for (envelope, heights) in [(&first, 0..=1), (&second, 2..=3)] {
        let answer = get(&scene, &path(envelope.inputs.before.tape.length), &[])
            .await
            .unwrap();
        let blocks = heights.map(|height| readers.history.block(height).unwrap().unwrap());
        let blocks: Vec<_> = blocks.collect();
        let receipts = blocks.iter().flat_map(|block| &block.records);
        let expected: Vec<u8> = receipts.flat_map(|done| done.receipt.encode()).collect();
        assert_eq!(answer.body, expected);
        assert!(!expected.is_empty());
    }
    assert_eq!(scene.get(&path(start + 1)).await.0, 404, "no proof begins there");
    assert_eq!(scene.get(&path(u64::MAX)).await.0, 404);
    scene.stop().await;
}

#[tokio::test]
async fn a_set_of_keys_is_named_by_its_root() {
    let scene = Scene::start().await;
    let mut set = VkSet::default();
    set.digests[3] = Some(Fr::from(5u64));
    let root = hex(&fr_to_bytes(&set.root()));
    let path = format!("/v1/chains/counter/key-sets/{root}");
    let (status, unknown) = scene.get(&path).await;
    assert_eq!((status, code(&unknown)), (404, "unknown_key_set"));
    let proofs = scene.host.chain("counter").unwrap().readers().unwrap().proofs;
    assert_eq!(proofs.put_key_set(&set).unwrap(), set.root());
    let answer = get(&scene, &path, &[]).await.unwrap();
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, &*set.encode()));
    let wrong = format!("/v1/chains/counter/key-sets/{}", "f".repeat(64));
    assert_eq!(scene.get(&wrong).await.0, 404, "no element of the field");
    assert_eq!(scene.get("/v1/chains/counter/key-sets/00").await.0, 400);
    scene.stop().await;
}
