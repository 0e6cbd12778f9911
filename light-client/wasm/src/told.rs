//! What JavaScript is told: plain objects, with bytes as digits and numbers that JavaScript has exactly.

use playfair_light_client_core::block::BlockRecord;
use playfair_light_client_core::client::{Account, Block, BlockHead, Call, CallPlace, Values};
use playfair_light_client_core::owners::{Holder, Key, Limits};
use playfair_light_client_core::{Anchors, Caught, Checks, Rung, Trouble, View, digits};
use playfair_proofs_verifier::Trust;
use playfair_types::codec::{Decode, Encode};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::{Event, Outcome};
use playfair_types::tape::call::SignedCall;
use playfair_types::tape::kind;
use serde_json::Value;

/// An object. One function for all of them: every kilobyte is loaded by every visitor.
fn object(members: Vec<(&'static str, Value)>) -> Value {
    let members = members.into_iter();
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn hex(bytes: &[u8]) -> Value {
    Value::String(digits(bytes))
}

/// What is verified of the chain.
#[must_use]
pub fn view(view: &View) -> Value {
    let head = view.head().map(|head| {
        let after = &head.header.after;
        object(vec![
            ("height", after.height.into()),
            ("timeMs", after.time_ms.get().into()),
            ("digest", hex(&head.digest)),
            ("stateRoot", hex(&fr_to_bytes(&after.state_root))),
            ("module", hex(&after.module.0)),
        ])
    });
    let proven = (view.proofs() > 0).then(|| {
        let tip = view.tip();
        object(vec![
            ("height", tip.height.into()),
            ("frames", tip.tape.length.into()),
            ("proofs", view.proofs().into()),
            ("stateRoot", hex(&fr_to_bytes(&tip.state_root))),
        ])
    });
    object(vec![
        ("head", head.into()),
        ("proven", proven.into()),
        (
            "provenBlock",
            view.proven_block().map(|block| block.height).into(),
        ),
        ("frozen", view.frozen().map(caught).into()),
    ])
}

/// A call that was checked.
#[must_use]
pub fn call(call: &Call) -> Value {
    let (included, receipt) = (&call.included, &call.included.receipt);
    object(vec![
        ("id", hex(&included.id)),
        ("height", included.height.into()),
        ("timeMs", included.time_ms.into()),
        ("index", included.index.into()),
        ("rung", call.rung.name().into()),
        ("proof", call.proof.into()),
        ("outcome", outcome(receipt.outcome)),
        ("gasUsed", receipt.gas_used.into()),
        ("output", hex(&included.body.output)),
        ("events", events(&included.body.events)),
        (
            "signed",
            SignedCall::decode(&included.record).map_or(Value::Null, |call| signed(&call)),
        ),
    ])
}

/// What a player signed. Payloads and amounts are told exactly; times are below 2^48.
fn signed(signed: &SignedCall) -> Value {
    let call = &signed.call;
    object(vec![
        ("account", hex(&call.account.0)),
        ("keyIndex", call.key_index.into()),
        ("lane", call.lane.into()),
        ("nonce", call.nonce.get().into()),
        ("entry", call.entry.into()),
        ("payload", hex(&call.payload)),
        ("gasLimit", call.gas_limit.into()),
        ("gasPrice", call.gas_price.to_string().into()),
        ("validUntilMs", call.valid_until_ms.get().into()),
        ("isNew", call.new_key.is_some().into()),
    ])
}

/// What a module told the world.
#[must_use]
pub fn events(events: &[Event]) -> Value {
    let events = events.iter();
    events
        .map(|event| object(vec![("topic", event.topic.into()), ("data", hex(&event.data))]))
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
    object(vec![
        ("height", after.height.into()),
        ("timeMs", after.time_ms.get().into()),
        ("digest", hex(&block.whole.digest)),
        ("parent", hex(&header.parent)),
        ("stateRoot", hex(&fr_to_bytes(&after.state_root))),
        ("module", hex(&after.module.0)),
        ("rung", block.rung.name().into()),
        ("gasUsed", gas_used.into()),
        ("records", records.into()),
    ])
}

fn record(index: usize, record: &BlockRecord) -> Value {
    object(vec![
        ("index", index.into()),
        ("kind", kind_of(&record.record).into()),
        ("id", record.id.map(|id| digits(&id)).into()),
        (
            "signed",
            SignedCall::decode(&record.record).map_or(Value::Null, |call| signed(&call)),
        ),
        ("outcome", outcome(record.receipt.outcome)),
        ("gasUsed", record.receipt.gas_used.into()),
        ("output", hex(&record.body.output)),
        ("events", events(&record.body.events)),
    ])
}

/// What kind a record is: its first byte says so. A call that is not readable inside is a call all the same.
fn kind_of(record: &[u8]) -> &'static str {
    match record.first().copied() {
        Some(kind::GENESIS) => "genesis",
        Some(kind::BLOCK) => "block",
        Some(kind::UPGRADE) => "upgrade",
        Some(kind::DEPOSIT) => "deposit",
        Some(kind::L1_CALL) => "l1call",
        // No other record stands on a tape.
        _ => "call",
    }
}

/// Blocks of a list.
#[must_use]
pub fn blocks(blocks: &[BlockHead]) -> Value {
    let blocks = blocks.iter().map(|block| {
        let after = &block.header.after;
        object(vec![
            ("height", after.height.into()),
            ("timeMs", after.time_ms.get().into()),
            ("digest", hex(&block.digest)),
            ("records", block.header.records.into()),
            ("stateRoot", hex(&fr_to_bytes(&after.state_root))),
            ("rung", block.rung.name().into()),
        ])
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
    object(vec![
        ("id", hex(&account.id.0)),
        ("height", account.height.into()),
        ("rung", account.rung.name().into()),
        ("exists", account.record.created.into()),
        ("balance", account.record.balance.to_string().into()),
        ("nonces", nonces.into()),
        ("keys", account.keys.iter().map(key).collect()),
    ])
}

/// A key of an account.
fn key(key: &Key) -> Value {
    let none = Value::Null;
    let (role, public_key, address, session) = match &key.holder {
        Holder::Owner(packed) => ("owner", hex(packed), none.clone(), none),
        Holder::Session(packed, limits) => ("session", hex(packed), none, session(limits)),
        Holder::L1Owner(address) => ("l1-owner", none.clone(), hex(&address.0), none),
    };
    object(vec![
        ("place", key.place.into()),
        ("role", role.into()),
        ("publicKey", public_key),
        ("address", address),
        ("session", session),
    ])
}

/// What a session's key may do.
fn session(limits: &Limits) -> Value {
    object(vec![
        ("entries", bits(limits.may.scope)),
        ("lanes", bits(u64::from(limits.may.lanes))),
        ("gasPriceMax", limits.may.gas_price_max.to_string().into()),
        ("expiresMs", limits.expires_ms.get().into()),
    ])
}

/// Which bits of a mask are set: JavaScript has not all masks of 64 bits exactly.
fn bits(mask: u64) -> Value {
    let bits = (0..64u32).filter(|bit| mask >> bit & 1 == 1);
    bits.map(Value::from).collect()
}

/// Where calls lie, as the node says.
#[must_use]
pub fn places(places: &[CallPlace]) -> Value {
    let places = places.iter().map(|place| {
        object(vec![
            ("height", place.height.into()),
            ("index", place.index.into()),
            ("id", place.id.map(|id| digits(&id)).into()),
        ])
    });
    places.collect()
}

/// Whom the client starts from.
#[must_use]
pub fn anchors(anchors: &Anchors) -> Value {
    let committee = anchors.committee.committee();
    object(vec![
        ("chainId", hex(&fr_to_bytes(&anchors.chain_id))),
        ("module", hex(&anchors.module.0)),
        ("keySetRoot", hex(&fr_to_bytes(&anchors.vk_set_root))),
        (
            "committee",
            object(vec![
                ("epoch", committee.epoch.into()),
                ("members", committee.members.into()),
                ("threshold", committee.threshold.into()),
                ("key", hex(&committee.public_key)),
            ]),
        ),
        (
            "insecure",
            matches!(anchors.trust, Trust::InsecureDevelopmentToo).into(),
        ),
    ])
}

/// Values with all that one needs to run the module on them.
#[must_use]
pub fn read(values: &Values, anchors: &Anchors) -> Value {
    let mut told = members(values);
    told.push(("chainId", hex(&fr_to_bytes(&anchors.chain_id))));
    told.push(("module", hex(&values.boundary.module.0)));
    told.push(("boundary", hex(&values.boundary.encode())));
    object(told)
}

/// How a record ended.
#[must_use]
pub fn outcome(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Ok => object(vec![("name", "ok".into())]),
        Outcome::Reverted => object(vec![("name", "reverted".into())]),
        Outcome::Trapped(trap) => object(vec![("name", "trapped".into()), ("detail", trap.code().into())]),
        Outcome::OutOfGas => object(vec![("name", "out-of-gas".into())]),
        Outcome::Invalid(reason) => {
            object(vec![("name", "invalid".into()), ("detail", reason.code().into())])
        }
    }
}

/// Values that were checked.
#[must_use]
pub fn values(values: &Values) -> Value {
    object(members(values))
}

fn members(values: &Values) -> Vec<(&'static str, Value)> {
    let shown = values.values.iter();
    let shown: Vec<Value> = shown
        .map(|value| value.as_ref().map_or(Value::Null, |value| hex(value)))
        .collect();
    vec![
        ("height", values.height.into()),
        ("timeMs", values.time_ms.into()),
        ("rung", values.rung.name().into()),
        ("values", shown.into()),
    ]
}

/// Checks that held.
#[must_use]
pub fn checks(checks: &Checks) -> Value {
    let all = checks.0.iter().map(|check| {
        object(vec![
            ("kind", check.kind.name().into()),
            ("what", check.what.as_str().into()),
            ("against", check.against.as_str().into()),
            ("micros", check.micros.into()),
        ])
    });
    all.collect()
}

/// The ladder's rungs, with what each says.
#[must_use]
pub fn ladder() -> Value {
    let rungs = Rung::ALL.iter().map(|rung| {
        object(vec![
            ("name", rung.name().into()),
            ("checked", rung.checked().into()),
            ("cheats", rung.cheats().into()),
            ("holds", rung.holds().into()),
        ])
    });
    rungs.collect()
}

/// A lie with its exhibits.
#[must_use]
pub fn caught(caught: &Caught) -> Value {
    let exhibits = caught.exhibits.iter();
    let exhibits: Vec<Value> = exhibits
        .map(|exhibit| {
            object(vec![
                ("what", exhibit.what.into()),
                ("bytes", hex(&exhibit.bytes)),
            ])
        })
        .collect();
    object(vec![
        ("name", caught.lie.name().into()),
        ("message", caught.lie.to_string().into()),
        ("committees", caught.lie.is_committees().into()),
        ("asked", caught.asked.as_str().into()),
        ("exhibits", exhibits.into()),
        ("micros", caught.micros.into()),
    ])
}

/// Why there is no verified answer: `kind` is `unreachable`, `refused`, `setup`, `lie` or `frozen`.
#[must_use]
pub fn trouble(trouble: &Trouble) -> Value {
    let message = trouble.to_string();
    match trouble {
        Trouble::Unreachable(_) => object(vec![("kind", "unreachable".into()), ("message", message.into())]),
        Trouble::Refused { status, code, .. } => object(vec![
            ("kind", "refused".into()),
            ("message", message.into()),
            ("status", (*status).into()),
            ("code", code.as_str().into()),
        ]),
        Trouble::Setup(_) => object(vec![("kind", "setup".into()), ("message", message.into())]),
        Trouble::Lie(lie) => object(vec![
            ("kind", "lie".into()),
            ("message", message.into()),
            ("lie", caught(lie)),
        ]),
        Trouble::Frozen(lie) => object(vec![
            ("kind", "frozen".into()),
            ("message", message.into()),
            ("lie", caught(lie)),
        ]),
    }
}
