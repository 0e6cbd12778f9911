//! What JavaScript is told: plain objects, with bytes as digits and numbers that JavaScript has exactly.

use playfair_light_client_core::block::BlockRecord;
use playfair_light_client_core::client::{Account, Block, BlockHead, Call, CallPlace, Values};
use playfair_light_client_core::{Anchors, Caught, Checks, Rung, Trouble, View, digits};
use playfair_proofs_verifier::Trust;
use playfair_types::codec::{Decode, Encode};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::{Event, Outcome};
use playfair_types::tape::call::SignedCall;
use playfair_types::tape::{Record, Step};
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
    json!({
        "id": digits(&included.id),
        "height": included.height,
        "timeMs": included.time_ms,
        "index": included.index,
        "rung": call.rung.name(),
        "proof": call.proof,
        "outcome": outcome(receipt.outcome),
        "gasUsed": receipt.gas_used,
        "output": digits(&included.body.output),
        "events": events(&included.body.events),
        "signed": SignedCall::decode(&included.record).map_or(Value::Null, |call| signed(&call)),
    })
}

/// What a player signed. Payloads and amounts are told exactly; times are below 2^48.
fn signed(signed: &SignedCall) -> Value {
    let call = &signed.call;
    json!({
        "account": digits(&call.account.0),
        "keyIndex": call.key_index,
        "lane": call.lane,
        "nonce": call.nonce.get(),
        "entry": call.entry,
        "payload": digits(&call.payload),
        "gasLimit": call.gas_limit,
        "gasPrice": call.gas_price.to_string(),
        "validUntilMs": call.valid_until_ms.get(),
        "isNew": call.new_key.is_some(),
    })
}

/// What a module told the world.
#[must_use]
pub fn events(events: &[Event]) -> Value {
    let events = events.iter();
    events
        .map(|event| json!({ "topic": event.topic, "data": digits(&event.data) }))
        .collect()
}

/// A block of which all was checked.
#[must_use]
pub fn block(block: &Block) -> Value {
    let (header, after) = (&block.whole.header, &block.whole.header.after);
    let gas_used = block.whole.records.iter();
    let gas_used = gas_used.fold(0u64, |sum, record| {
        sum.saturating_add(u64::from(record.receipt.gas_used))
    });
    let records = block.whole.records.iter().enumerate();
    let records: Vec<Value> = records.map(|(index, told)| record(index, told)).collect();
    json!({
        "height": after.height,
        "timeMs": after.time_ms.get(),
        "digest": digits(&block.whole.digest),
        "parent": digits(&header.parent),
        "stateRoot": digits(&fr_to_bytes(&after.state_root)),
        "module": digits(&after.module.0),
        "rung": block.rung.name(),
        "gasUsed": gas_used,
        "records": records,
    })
}

fn record(index: usize, record: &BlockRecord) -> Value {
    let step = record.step();
    let signed = match &step {
        Some(Step::Record(Record::Call(call))) => signed(call),
        _ => Value::Null,
    };
    json!({
        "index": index,
        "kind": kind(record, step.as_ref()),
        "id": record.id.map(|id| digits(&id)),
        "signed": signed,
        "outcome": outcome(record.receipt.outcome),
        "gasUsed": record.receipt.gas_used,
        "output": digits(&record.body.output),
        "events": events(&record.body.events),
    })
}

/// What kind a record is. A call that is not readable inside is a call all the same.
fn kind(record: &BlockRecord, step: Option<&Step>) -> &'static str {
    match step {
        Some(Step::Record(Record::Genesis(_))) => "genesis",
        Some(Step::Record(Record::Block(_))) => "block",
        Some(Step::Record(Record::Upgrade(_))) => "upgrade",
        Some(Step::Record(Record::Deposit(_))) => "deposit",
        Some(Step::Record(Record::L1Call(_))) => "l1call",
        // Only calls may be unreadable, and one without a name comes from L1.
        Some(Step::Record(Record::Call(_))) => "call",
        _ if record.id.is_some() => "call",
        _ => "l1call",
    }
}

/// Blocks of a list.
#[must_use]
pub fn blocks(blocks: &[BlockHead]) -> Value {
    let blocks = blocks.iter().map(|block| {
        let after = &block.header.after;
        json!({
            "height": after.height,
            "timeMs": after.time_ms.get(),
            "digest": digits(&block.digest),
            "records": block.header.records,
            "stateRoot": digits(&fr_to_bytes(&after.state_root)),
            "rung": block.rung.name(),
        })
    });
    blocks.collect()
}

/// An account that was checked.
#[must_use]
pub fn account(account: &Account) -> Value {
    let nonces: Vec<u64> = account
        .record
        .next_nonces
        .iter()
        .map(|nonce| nonce.get())
        .collect();
    json!({
        "id": digits(&account.id.0),
        "height": account.height,
        "rung": account.rung.name(),
        "exists": account.record.created,
        "balance": account.record.balance.to_string(),
        "nonces": nonces,
        "keys": account.keys,
    })
}

/// Where calls lie, as the node says.
#[must_use]
pub fn places(places: &[CallPlace]) -> Value {
    let places = places.iter().map(
        |place| json!({ "height": place.height, "index": place.index, "id": place.id.map(|id| digits(&id)) }),
    );
    places.collect()
}

/// Whom the client starts from.
#[must_use]
pub fn anchors(anchors: &Anchors) -> Value {
    let committee = anchors.committee.committee();
    json!({
        "chainId": digits(&fr_to_bytes(&anchors.chain_id)),
        "module": digits(&anchors.module.0),
        "keySetRoot": digits(&fr_to_bytes(&anchors.vk_set_root)),
        "committee": {
            "epoch": committee.epoch,
            "members": committee.members,
            "threshold": committee.threshold,
            "key": digits(&committee.public_key),
        },
        "insecure": matches!(anchors.trust, Trust::InsecureDevelopmentToo),
    })
}

/// Values with all that one needs to run the module on them.
#[must_use]
pub fn read(values: &Values, anchors: &Anchors) -> Value {
    let mut told = self::values(values);
    told["chainId"] = json!(digits(&fr_to_bytes(&anchors.chain_id)));
    told["module"] = json!(digits(&values.boundary.module.0));
    told["boundary"] = json!(digits(&values.boundary.encode()));
    told
}

/// How a record ended.
#[must_use]
pub fn outcome(outcome: Outcome) -> Value {
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
