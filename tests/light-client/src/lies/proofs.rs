//! Lies about what is proven: proofs, keys, receipts, another history.

use super::{Scene, To, Told, everywhere, flipped, in_bytes, in_json};
use playfair_types::Fr;
use playfair_types::account::L1Address;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::vk::{VerifyingKey, VkSet};
use playfair_types::{Decode, Encode};
use serde_json::Value;

pub(super) fn all(scene: &Scene) -> Vec<Told> {
    let mut all = envelopes(scene);
    all.extend(keys());
    all.extend(histories(scene));
    all
}

/// The question for a proof's envelope: only a number stands behind `/proofs/`.
fn envelope(question: &str) -> bool {
    question
        .rsplit_once("/proofs/")
        .is_some_and(|(_, frame)| frame.bytes().all(|byte| byte.is_ascii_digit()))
}

fn list(question: &str) -> bool {
    question.contains("/proofs?from=")
}

fn receipts(question: &str) -> bool {
    question.ends_with("/receipts")
}

fn envelopes(scene: &Scene) -> Vec<Told> {
    let changed = |name, caught, change: fn(&mut ProofEnvelope)| {
        in_bytes(name, caught, To::Everybody, envelope, move |body| {
            let mut envelope = ProofEnvelope::decode(body).unwrap();
            change(&mut envelope);
            *body = envelope.encode();
        })
    };
    let first = scene.recorded.parts[0]
        .iter()
        .find(|(question, _)| question.ends_with("/proofs/0"));
    let first = first.unwrap().1.body.clone();
    // Whatever comes before it begins where it should.
    let listed = scene.said(1, "/proofs?from=0&count=16");
    let last = listed["proofs"].as_array().unwrap().last().unwrap()["first_frame"]
        .as_u64()
        .unwrap();
    let changed_last = |name, caught, change: fn(&mut ProofEnvelope)| {
        let is_last = move |question: &str| question.ends_with(&format!("/proofs/{last}"));
        in_bytes(name, caught, To::Everybody, is_last, move |body| {
            let mut envelope = ProofEnvelope::decode(body).unwrap();
            change(&mut envelope);
            *body = envelope.encode();
        })
    };
    vec![
        in_bytes("a damaged proof", "proof", To::Everybody, envelope, |body| {
            *body.last_mut().unwrap() ^= 1;
        }),
        in_bytes("a proof cut short", "encoding", To::Everybody, envelope, |body| {
            body.pop();
        }),
        in_bytes(
            "a proof of another place",
            "proof-gap",
            To::Followers,
            envelope,
            move |body| *body = first.clone(),
        ),
        changed("a proof with words exchanged", "proof", |envelope| {
            let mut words = envelope.proof.to_vec();
            let (first, rest) = words.split_at_mut(32);
            first.swap_with_slice(&mut rest[..32]);
            envelope.proof = playfair_types::bounded::Bytes::new(words).unwrap();
        }),
        changed_last("another state root after it", "proof", |envelope| {
            envelope.inputs.after.state_root += Fr::from(1u64)
        }),
        changed_last("other receipts after it", "proof", |envelope| {
            envelope.inputs.after.receipts += Fr::from(1u64)
        }),
        changed("another one who is paid", "proof", |envelope| {
            envelope.inputs.payout = L1Address([9; 20])
        }),
        changed("more work than there was", "proof", |envelope| {
            envelope.inputs.work += 1
        }),
        changed("another state before it", "proof-before", |envelope| {
            envelope.inputs.before.state_root += Fr::from(1u64);
        }),
        changed("a proof of no record", "proof-empty", |envelope| {
            envelope.inputs.after = envelope.inputs.before
        }),
        changed("a proof of another chain", "other-chain", |envelope| {
            envelope.inputs.chain_id += Fr::from(1u64)
        }),
        changed(
            "a key that the chain does not name",
            "key-not-in-set",
            |envelope| envelope.vk += Fr::from(1u64),
        ),
        in_json("a proof left out", "proof-gap", To::Everybody, list, |listed| {
            let proofs = listed["proofs"].as_array_mut().unwrap();
            if proofs.len() > 1 {
                proofs.remove(0);
            }
        }),
        in_json(
            "a proof left out between",
            "proof-gap",
            To::Everybody,
            list,
            |listed| {
                let proofs = listed["proofs"].as_array_mut().unwrap();
                if proofs.len() > 2 {
                    proofs.remove(1);
                }
            },
        ),
        in_json(
            "more proofs than were asked for",
            "form",
            To::Everybody,
            list,
            |listed| {
                let proofs = listed["proofs"].as_array_mut().unwrap();
                while (1..=16).contains(&proofs.len()) {
                    proofs.push(proofs[0].clone());
                }
            },
        ),
        in_json("a list without frames", "form", To::Everybody, list, |listed| {
            for proof in listed["proofs"].as_array_mut().unwrap() {
                proof["first_frame"] = Value::Null;
            }
        }),
    ]
}

fn keys() -> Vec<Told> {
    let set = |question: &str| question.contains("/key-sets/");
    let key = |question: &str| question.contains("/keys/");
    // Who has followed has the keys already.
    let newcomers = To::Newcomers;
    vec![
        in_bytes(
            "a set with another key",
            "other-key-set",
            newcomers,
            set,
            |body| {
                let mut set = VkSet::decode(body).unwrap();
                set.digests[7] = Some(Fr::from(1u64));
                *body = set.encode();
            },
        ),
        in_bytes("no set of keys", "encoding", newcomers, set, |body| body.clear()),
        in_bytes("another key", "other-key", newcomers, key, |body| {
            let mut key = VerifyingKey::decode(body).unwrap();
            key.fixed.swap(0, 1);
            *body = key.encode();
        }),
        in_bytes("a key for another module", "other-key", newcomers, key, |body| {
            let mut key = VerifyingKey::decode(body).unwrap();
            key.module.0[0] ^= 1;
            *body = key.encode();
        }),
        in_bytes("a key cut short", "encoding", newcomers, key, |body| {
            body.pop();
        }),
    ]
}

fn histories(scene: &Scene) -> Vec<Told> {
    let newcomers = To::Newcomers;
    let head = scene.head();
    // The committee itself shows newcomers another head than the one that is proven.
    let other_tape = scene.forged(&head, |header| header.after.tape.value += Fr::from(1u64));
    let shorter = scene.forged(&head, |header| header.after.tape.length -= 1);
    let other_result = scene.forged(&head, |header| header.after.state_root += Fr::from(1u64));
    vec![
        everywhere(
            "proofs of another history",
            "history-differs",
            newcomers,
            other_tape,
        ),
        everywhere(
            "proofs of more than is certified",
            "history-differs",
            newcomers,
            shorter,
        ),
        everywhere(
            "a certified outcome that is refuted",
            "wrong-execution",
            newcomers,
            other_result,
        ),
        in_bytes("receipts left out", "receipts", To::Everybody, receipts, |body| {
            body.truncate(body.len() - 116);
        }),
        in_bytes("another receipt", "receipts", To::Everybody, receipts, |body| {
            let end = body.len();
            body[end - 1] ^= 1;
        }),
        in_bytes("half a receipt", "encoding", To::Everybody, receipts, |body| {
            body.pop();
        }),
        swapped(scene),
        // The first proof alone, and a genesis of the node's own.
        first_alone("another genesis record", "other-chain", To::Newcomers, |chain| {
            chain["genesis"] = flipped(&chain["genesis"], 40);
        }),
        first_alone(
            "a genesis record with more behind it",
            "encoding",
            To::Newcomers,
            |chain| {
                let text = chain["genesis"].as_str().unwrap();
                chain["genesis"] = serde_json::json!(format!("{text}{}", "00".repeat(124)));
            },
        ),
    ]
}

/// A list that ends after the proof of genesis, and a lie about the chain's description.
fn first_alone(name: &'static str, caught: &'static str, to: To, change: fn(&mut Value)) -> Told {
    in_json(
        name,
        caught,
        to,
        |question| question.ends_with("/proofs?from=0&count=16") || question.matches('/').count() == 3,
        move |answer| match answer.get_mut("proofs") {
            Some(Value::Array(proofs)) => proofs.truncate(1),
            _ => change(answer),
        },
    )
}

/// A true proof in another one's place.
fn swapped(scene: &Scene) -> Told {
    let of = |frame: &str| {
        let mut answers = scene.recorded.parts[1].iter();
        answers
            .find(|(question, _)| question.ends_with(frame))
            .unwrap()
            .1
            .body
            .clone()
    };
    let other = of("/proofs/4");
    in_bytes(
        "a true proof in another one's place",
        "proof-gap",
        To::Newcomers,
        |question| question.ends_with("/proofs/0"),
        move |body| {
            *body = other.clone();
        },
    )
}
