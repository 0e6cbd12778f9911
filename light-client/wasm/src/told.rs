//! What JavaScript is told: plain objects, with bytes as digits and numbers that JavaScript has exactly.

use playfair_light_client_core::client::Call;
use playfair_light_client_core::client::Values;
use playfair_light_client_core::{Caught, Checks, Rung, Trouble, View, digits};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::Outcome;
use serde_json::{Value, json};

/// What is verified of the chain.
#[must_use]
pub fn view(view: &View) -> Value {
    let head = view.head().map(|head| {
        let after = &head.header.after;
        json!({
            "height": after.height,
            "timeMs": after.time_ms.get(),
            "digest": digits(&head.digest),
            "stateRoot": digits(&fr_to_bytes(&after.state_root)),
            "module": digits(&after.module.0),
        })
    });
    let proven = (view.proofs() > 0).then(|| {
        let tip = view.tip();
        json!({
            "height": tip.height,
            "frames": tip.tape.length,
            "proofs": view.proofs(),
            "stateRoot": digits(&fr_to_bytes(&tip.state_root)),
        })
    });
    json!({
        "head": head,
        "proven": proven,
        "provenBlock": view.proven_block().map(|block| block.height),
        "frozen": view.frozen().map(caught),
    })
}

/// A call that was checked.
#[must_use]
pub fn call(call: &Call) -> Value {
    let (included, receipt) = (&call.included, &call.included.receipt);
    let events = included.body.events.iter();
    let events: Vec<Value> = events
        .map(|event| json!({ "topic": event.topic, "data": digits(&event.data) }))
        .collect();
    json!({
        "id": digits(&included.id),
        "height": included.height,
        "index": included.index,
        "rung": call.rung.name(),
        "proof": call.proof,
        "outcome": outcome(receipt.outcome),
        "gasUsed": receipt.gas_used,
        "output": digits(&included.body.output),
        "events": events,
    })
}

fn outcome(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Ok => json!({ "name": "ok" }),
        Outcome::Reverted => json!({ "name": "reverted" }),
        Outcome::Trapped(trap) => json!({ "name": "trapped", "detail": trap.code() }),
        Outcome::OutOfGas => json!({ "name": "out-of-gas" }),
        Outcome::Invalid(reason) => json!({ "name": "invalid", "detail": reason.code() }),
    }
}

/// Values that were checked.
#[must_use]
pub fn values(values: &Values) -> Value {
    let shown = values.values.iter();
    let shown: Vec<Value> = shown
        .map(|value| value.as_ref().map_or(Value::Null, |value| json!(digits(value))))
        .collect();
    json!({
        "height": values.height,
        "timeMs": values.time_ms,
        "rung": values.rung.name(),
        "values": shown,
    })
}

/// Checks that held.
#[must_use]
pub fn checks(checks: &Checks) -> Value {
    let all = checks.0.iter().map(|check| {
        json!({
            "kind": check.kind.name(),
            "what": check.what,
            "against": check.against,
            "micros": check.micros,
        })
    });
    all.collect()
}

/// The ladder's rungs, with what each says.
#[must_use]
pub fn ladder() -> Value {
    let rungs = Rung::ALL.iter().map(|rung| {
        json!({
            "name": rung.name(),
            "checked": rung.checked(),
            "cheats": rung.cheats(),
            "holds": rung.holds(),
        })
    });
    rungs.collect()
}

/// A lie with its exhibits.
#[must_use]
pub fn caught(caught: &Caught) -> Value {
    let exhibits = caught.exhibits.iter();
    let exhibits: Vec<Value> = exhibits
        .map(|exhibit| json!({ "what": exhibit.what, "bytes": digits(&exhibit.bytes) }))
        .collect();
    json!({
        "name": caught.lie.name(),
        "message": caught.lie.to_string(),
        "committees": caught.lie.is_committees(),
        "asked": caught.asked,
        "exhibits": exhibits,
        "micros": caught.micros,
    })
}

/// Why there is no verified answer: `kind` is `unreachable`, `refused`, `setup`, `lie` or `frozen`.
#[must_use]
pub fn trouble(trouble: &Trouble) -> Value {
    let message = trouble.to_string();
    match trouble {
        Trouble::Unreachable(_) => json!({ "kind": "unreachable", "message": message }),
        Trouble::Refused { status, code, .. } => {
            json!({ "kind": "refused", "message": message, "status": status, "code": code })
        }
        Trouble::Setup(_) => json!({ "kind": "setup", "message": message }),
        Trouble::Lie(lie) => json!({ "kind": "lie", "message": message, "lie": caught(lie) }),
        Trouble::Frozen(lie) => json!({ "kind": "frozen", "message": message, "lie": caught(lie) }),
    }
}
