//! Lies about calls: records, receipts, places, rungs.

use super::{Scene, To, Told, flipped, in_json};
use crate::table::bytes;
use playfair_light_client_core::{Response, digits};
use playfair_types::inclusion::InclusionProof;
use playfair_types::receipt::{Receipt, ReceiptBody};
use playfair_types::{Decode, Encode};
use serde_json::{Value, json};
use std::rc::Rc;

pub(super) fn all(scene: &Scene) -> Vec<Told> {
    let mut all = records(scene);
    all.extend(rungs(scene));
    all
}

/// The question for a call by its name.
fn calls(question: &str) -> bool {
    question.contains("/calls/")
}

fn records(scene: &Scene) -> Vec<Told> {
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, To::Everybody, calls, change);
    let other = scene.said(0, &format!("/calls/{}", digits(&scene.recorded.calls[0][0])));
    let (whole, evidence) = (other.clone(), other["evidence"]["block"].clone());
    vec![
        // The call that is asked for first is this one: whoever asks for it gets the truth.
        in_json("another call", "other-call", To::Everybody, calls, move |call| {
            *call = whole.clone()
        }),
        told("another payload", "other-call", |call| {
            let record = &call["evidence"]["record"];
            call["evidence"]["record"] = flipped(record, -40);
        }),
        told("a record without its end", "other-call", |call| {
            let text = call["evidence"]["record"].as_str().unwrap();
            call["evidence"]["record"] = json!(text[..text.len() - 2]);
        }),
        in_json(
            "another certified block",
            "record-place",
            To::Everybody,
            calls,
            move |call| {
                call["evidence"]["block"] = evidence.clone();
            },
        ),
        told("another way to the record", "record-place", |call| {
            call["evidence"]["record_path"] = flipped(&call["evidence"]["record_path"], -1);
        }),
        told("another place in the block", "record-place", |call| {
            let mut path = path_of(&call["evidence"]["record_path"]);
            path.index ^= 1;
            call["evidence"]["record_path"] = json!(digits(&path.encode()));
        }),
        told("more records than there are", "record-place", |call| {
            // As long as the way keeps its length: from two to one more is longer.
            let mut path = path_of(&call["evidence"]["record_path"]);
            path.count += 2;
            path.path.push([0; 32]);
            call["evidence"]["record_path"] = json!(digits(&path.encode()));
        }),
        told("another outcome", "receipt-place", |call| {
            let mut receipt = Receipt::decode(&bytes(call["evidence"]["receipt"].as_str().unwrap())).unwrap();
            receipt.gas_used += 1;
            call["evidence"]["receipt"] = json!(digits(&receipt.encode()));
        }),
        told("another way to the receipt", "receipt-place", |call| {
            call["evidence"]["receipt_path"] = flipped(&call["evidence"]["receipt_path"], -1);
        }),
        told("the output of another call", "receipt-body", |call| {
            let body = ReceiptBody {
                output: playfair_types::bounded::Bytes::new(*b"mate").unwrap(),
                events: Vec::new(),
            };
            call["evidence"]["receipt_body"] = json!(digits(&body.encode()));
        }),
        told("events left out", "receipt-body", |call| {
            let mut body =
                ReceiptBody::decode(&bytes(call["evidence"]["receipt_body"].as_str().unwrap())).unwrap();
            match body.events.pop() {
                Some(_) => {}
                None => body.output = playfair_types::bounded::Bytes::new(*b"x").unwrap(),
            }
            call["evidence"]["receipt_body"] = json!(digits(&body.encode()));
        }),
        told("sealed without evidence", "form", |call| {
            call.as_object_mut().unwrap().remove("evidence");
        }),
        told("evidence without a receipt", "form", |call| {
            call["evidence"].as_object_mut().unwrap().remove("receipt");
        }),
    ]
}

fn rungs(scene: &Scene) -> Vec<Told> {
    let last = *scene.recorded.calls[1].last().unwrap();
    let of_last = move |question: &str| question.ends_with(&digits(&last));
    // The segment of the first call, in which the last one is not.
    let first = scene.said(0, &format!("/calls/{}", digits(&scene.recorded.calls[0][0])));
    let frame = first["proof"].clone();
    let denied = {
        let of_first = digits(&scene.recorded.calls[0][0]);
        let change = move |question: &str, mut answer: Response| {
            if question.ends_with(&of_first) {
                answer.status = 404;
                answer.body =
                    br#"{"error":{"code":"unknown_call","message":"no sealed call has this name"}}"#.to_vec();
            }
            answer
        };
        Told {
            name: "a call denied that was shown before",
            caught: "denied",
            to: To::Followers,
            is_signed: false,
            change: Rc::new(change),
        }
    };
    vec![
        in_json(
            "proven by a proof that is about others",
            "not-proven",
            To::Everybody,
            of_last,
            move |call| {
                call["proof"] = frame.clone();
            },
        ),
        denied,
    ]
}

fn path_of(value: &Value) -> InclusionProof {
    InclusionProof::decode(&bytes(value.as_str().unwrap())).unwrap()
}
