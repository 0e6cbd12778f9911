//! Lies about the state: values, absences, proofs, places in time.

use super::{Scene, To, Told, flipped, in_json};
use serde_json::{Value, json};

/// The question for three values, at the head and after a height.
fn state(question: &str) -> bool {
    question.contains("/state {") && question.matches("place").count() == 3
}

fn at_head(question: &str) -> bool {
    state(question) && !question.contains("height")
}

pub(super) fn all(scene: &Scene) -> Vec<Told> {
    let told = |name, caught, change: fn(&mut Value)| in_json(name, caught, To::Everybody, state, change);
    let questions = scene.recorded.parts[0].iter();
    let mut old = questions.filter(|(question, _)| at_head(question));
    let (_, old) = old.next().unwrap();
    let old: Value = serde_json::from_slice(&old.body).unwrap();
    let (stale, old_block) = (old.clone(), old["block"].clone());
    vec![
        told("another value", "other-value", |state| {
            state["values"][1] = flipped(&state["values"][1], -1)
        }),
        told("a longer value", "other-value", |state| {
            let text = state["values"][0].as_str().unwrap();
            state["values"][0] = json!(format!("{text}00"));
        }),
        told("values exchanged", "other-value", |state| {
            let first = state["values"][0].clone();
            state["values"][0] = state["values"][1].clone();
            state["values"][1] = first;
        }),
        told("a value said to be absent", "hidden-value", |state| {
            state["values"][1] = Value::Null
        }),
        told("a value where there is none", "invented-value", |state| {
            state["values"][2] = json!("00")
        }),
        told("too few values", "form", |state| {
            state["values"].as_array_mut().unwrap().pop();
        }),
        told("too many values", "form", |state| {
            state["values"].as_array_mut().unwrap().push(Value::Null);
        }),
        told("a damaged state proof", "state-proof", |state| {
            state["proof"] = flipped(&state["proof"], -1)
        }),
        told("no state proof", "encoding", |state| state["proof"] = json!("")),
        told("a state proof cut short", "encoding", |state| {
            let text = state["proof"].as_str().unwrap();
            state["proof"] = json!(text[..text.len() - 64]);
        }),
        // The old proof does not lead to the new root.
        in_json(
            "an old proof under the new block",
            "state-proof",
            To::Everybody,
            state,
            move |state| {
                state["proof"] = old["proof"].clone();
            },
        ),
        in_json(
            "old values with their old block",
            "rolled-back",
            To::Everybody,
            at_head,
            move |state| {
                *state = stale.clone();
            },
        ),
        in_json(
            "the new values under the old block",
            "rolled-back",
            To::Everybody,
            at_head,
            move |state| {
                state["block"] = old_block.clone();
            },
        ),
        in_json(
            "another block for a height that was asked for",
            "other-height",
            To::Everybody,
            |question| state(question) && !at_head(question),
            {
                let block = scene.said(0, "")["head"].clone();
                move |state| state["block"] = block.clone()
            },
        ),
    ]
}
