//! Lies about whole blocks, lists of blocks, accounts, and where calls lie.

use super::{Scene, To, Told, everywhere, flipped, header_of, in_json};
use crate::table::bytes;
use playfair_light_client_core::digits;
use playfair_types::account::AccountId;
use playfair_types::bounded::Bytes;
use playfair_types::receipt::{Receipt, ReceiptBody};
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, SystemKey, tree, value_hash};
use playfair_types::{Decode, Encode, Fr};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a header's bytes have its state root.
const STATE_ROOT: isize = 1 + 32 + 32 + 32 + 4 + 31 + 32 + 31;

/// The question for the first block, whole.
fn block(question: &str) -> bool {
    question.ends_with("/blocks/1")
}

fn list(question: &str) -> bool {
    question.contains("/blocks?from=0&")
}

/// The question for an account: its record and 16 keys.
fn account(question: &str) -> bool {
    question.contains("/state {") && question.matches("place").count() == 17
}

fn places(question: &str) -> bool {
    question.contains("/accounts/")
}

pub(super) fn all(scene: &Scene) -> Vec<Told> {
    let mut all = blocks(scene);
    all.extend(lists(scene));
    all.extend(accounts());
    all.extend(keys(scene));
    all
}

fn blocks(scene: &Scene) -> Vec<Told> {
    let everybody = To::Everybody;
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, everybody, block, change);
    let last = scene.said(1, "/blocks/14");
    // Its first record begins elsewhere on the tape than it says: only the committee can have signed that.
    let torn = scene.forged(&scene.head(), |header| header.tape_before += Fr::from(1u64));
    vec![
        told("a record left out of its block", "record-place", |block| {
            block["records"].as_array_mut().unwrap().pop();
        }),
        told("a record twice in its block", "record-place", |block| {
            let records = block["records"].as_array_mut().unwrap();
            records.push(records[1].clone());
        }),
        told("a block's records in another order", "record-place", |block| {
            block["records"].as_array_mut().unwrap().reverse();
        }),
        told("another payload in a block", "record-place", |block| {
            block["records"][1]["record"] = flipped(&block["records"][1]["record"], -40);
        }),
        told("another outcome in a block", "receipt-place", |block| {
            let receipt = &mut block["records"][1]["receipt"];
            let mut told = Receipt::decode(&bytes(receipt.as_str().unwrap())).unwrap();
            told.gas_used += 1;
            *receipt = json!(digits(&told.encode()));
        }),
        told("another output in a block", "receipt-body", |block| {
            let body = ReceiptBody {
                output: Bytes::new(*b"mate").unwrap(),
                events: Vec::new(),
            };
            block["records"][1]["receipt_body"] = json!(digits(&body.encode()));
        }),
        told("a block without its records", "form", |block| {
            block.as_object_mut().unwrap().remove("records");
        }),
        told(
            "a whole block with another state root",
            "other-certificate",
            |block| {
                block["header"] = flipped(&block["header"], STATE_ROOT);
            },
        ),
        in_json(
            "another block, whole",
            "other-height",
            everybody,
            block,
            move |block| {
                *block = last.clone();
            },
        ),
        in_json(
            "another genesis block",
            "other-parent",
            everybody,
            |question| question.ends_with("/blocks/0"),
            |block| block["header"] = flipped(&block["header"], STATE_ROOT),
        ),
        everywhere(
            "a signed block whose records are not where it says",
            "torn-block",
            everybody,
            torn,
        ),
    ]
}

fn lists(scene: &Scene) -> Vec<Told> {
    let everybody = To::Everybody;
    let third = scene.said(1, "/blocks/3");
    vec![
        in_json(
            "a list that leaves a block out",
            "other-height",
            everybody,
            list,
            |blocks| {
                blocks.as_array_mut().unwrap().remove(2);
            },
        ),
        in_json(
            "a list with a block twice",
            "other-height",
            everybody,
            list,
            move |blocks| {
                blocks[2] = third.clone();
            },
        ),
        in_json(
            "a list on another genesis",
            "other-parent",
            everybody,
            list,
            |blocks| {
                blocks[0]["header"] = flipped(&blocks[0]["header"], STATE_ROOT);
            },
        ),
        in_json(
            "a list with a block that nobody signed",
            "no-certificate",
            everybody,
            list,
            |blocks| blocks[2]["certificate"] = Value::Null,
        ),
    ]
}

fn accounts() -> Vec<Told> {
    let everybody = To::Everybody;
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, everybody, account, change);
    let hint = |name, change: fn(&mut Value)| in_json(name, "form", everybody, places, change);
    vec![
        told("an account said to be new", "hidden-value", |state| {
            // Of a stranger that would be true.
            state["values"][0] = Value::Null;
        }),
        told("another balance", "other-value", |state| {
            state["values"][0] = flipped(&state["values"][0], 0);
        }),
        told("a key that the account has not", "invented-value", |state| {
            state["values"][7] = json!("00");
        }),
        hint("more calls than were asked for", |places| {
            let places = places.as_array_mut().unwrap();
            places.resize(21, json!({"height": 1, "index": 1, "id": null}));
        }),
        hint("a call's place that is no number", |places| {
            places[0]["index"] = json!("1")
        }),
        hint("a call's place beyond all blocks", |places| {
            places[0]["index"] = json!(1u64 << 32)
        }),
        hint("a call's name of thirty bytes", |places| {
            places[0]["id"] = json!("00".repeat(30))
        }),
    ]
}

/// Where a key's record has its role.
const ROLE: isize = 8 * 10 + 1;

fn keys(scene: &Scene) -> Vec<Told> {
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, To::Everybody, account, change);
    let signed = [
        ("a key's role that there is not, signed", ROLE),
        ("a key that is no point of the curve, signed", 0),
        ("an owner's key that expires, signed", 8 * 9),
    ];
    let mut all = vec![
        told("another key of an account", "other-value", |state| {
            state["values"][1] = flipped(&state["values"][1], 0);
        }),
        told("an owner said to be a session", "other-value", |state| {
            let mut record = bytes(state["values"][1].as_str().unwrap());
            record[ROLE as usize] = 2;
            state["values"][1] = json!(digits(&record));
        }),
        told("an account's key said to be absent", "hidden-value", |state| {
            state["values"][1] = Value::Null;
        }),
    ];
    all.extend(signed.map(|(name, place)| signed_key(scene, name, place)));
    all
}

/// A block above the head, signed by the committee, in whose state the account has a record in a key's place that is none: one byte of the key is another.
fn signed_key(scene: &Scene, name: &'static str, place: isize) -> Told {
    let id = AccountId(scene.recorded.account);
    let keys = (0..16).map(|index| SystemKey::Key(id, index));
    let places: Vec<StateKey> = std::iter::once(SystemKey::Account(id))
        .chain(keys)
        .map(StateKey::of_system)
        .collect();
    let question = format!("\"{}\"", digits(&places[0].0));
    let asked = move |asked: &str| account(asked) && asked.contains(&question);
    let answer = scene.recorded.parts[1].iter().find(|(name, _)| asked(name));
    let mut said: Value = serde_json::from_slice(&answer.unwrap().1.body).unwrap();
    said["values"][1] = flipped(&said["values"][1], place);
    let values = said["values"].as_array().unwrap().iter();
    let state: BTreeMap<StateKey, Fr> = places
        .iter()
        .zip(values)
        .filter_map(|(place, value)| Some((*place, value_hash(&bytes(value.as_str()?)))))
        .collect();
    said["proof"] = json!(digits(&StateProof::from_map(&state, &places).encode()));
    let head = header_of(&scene.head());
    said["block"] = scene.forged(&scene.head(), |header| {
        header.parent = head.digest();
        header.after.height += 1;
        header.after.tape.length += 1;
        header.after.state_root = tree::root(&state);
    });
    Told {
        is_signed: true,
        ..in_json(name, "encoding", To::Everybody, asked.clone(), move |state| {
            *state = said.clone();
        })
    }
}
