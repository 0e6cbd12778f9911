//! What answers are made of: bytes that can be checked, and what they say.

use crate::hex::Hex;
use crate::paths::PathsKept;
use playfair_storage::Sealed;
use playfair_types::Encode;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

/// A block's header and what says that it is the chain's.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BlockEvidence {
    /// The block's height.
    pub(crate) height: u64,
    /// SHA-256 over the tagged header: what the certificate is for.
    digest: Hex,
    /// The header (FORMATS.md section 12).
    header: Hex,
    /// The certificate (section 13); genesis has none.
    certificate: Option<Hex>,
}

impl BlockEvidence {
    pub(crate) fn of(block: &Sealed) -> Self {
        Self {
            height: block.height(),
            digest: Hex::of(block.header.digest()),
            header: Hex(block.header.encode()),
            certificate: block.certificate.map(|certificate| Hex(certificate.encode())),
        }
    }
}

/// How a call, a tick or another record ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Ended {
    /// `ok`, `reverted`, `trapped`, `out_of_gas` or `invalid`.
    outcome: &'static str,
    /// Which trap, or which reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The message of a revert, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// What was returned, or the revert's message.
    output: Hex,
    gas_used: u32,
    events: Vec<Event>,
}

/// What a module told the world.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Event {
    topic: u16,
    data: Hex,
}

/// A record in a block, with the way from it to the header.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct RecordEvidence {
    block: BlockEvidence,
    /// The record's place in the block.
    index: u32,
    /// The record (section 5).
    record: Hex,
    /// From the record to the header's calls root (section 12).
    record_path: Hex,
    /// The receipt (section 9).
    receipt: Hex,
    /// What the receipt commits to.
    receipt_body: Hex,
    /// From the receipt to the header's receipts root.
    receipt_path: Hex,
}

impl RecordEvidence {
    /// None when the block has no such record.
    pub(crate) fn of(block: &Sealed, index: u32, paths: &PathsKept) -> Option<Self> {
        let done = block.records.get(index as usize)?;
        let (record_path, receipt_path) = paths.at(block, index as usize)?;
        Some(Self {
            block: BlockEvidence::of(block),
            index,
            record: Hex::of(&done.record),
            record_path,
            receipt: Hex(done.receipt.encode()),
            receipt_body: Hex(done.body.encode()),
            receipt_path,
        })
    }
}

impl Ended {
    pub(crate) fn of(done: &playfair_storage::Done) -> Self {
        let outcome = done.receipt.outcome;
        let output = done.body.output.to_vec();
        let events = done.body.events.iter();
        Self {
            outcome: name(outcome),
            detail: detail(outcome),
            message: (outcome == Outcome::Reverted)
                .then(|| String::from_utf8(output.clone()).ok())
                .flatten(),
            output: Hex(output),
            gas_used: done.receipt.gas_used,
            events: events
                .map(|event| Event {
                    topic: event.topic,
                    data: Hex(event.data.to_vec()),
                })
                .collect(),
        }
    }
}

pub(crate) const fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Reverted => "reverted",
        Outcome::Trapped(_) => "trapped",
        Outcome::OutOfGas => "out_of_gas",
        Outcome::Invalid(_) => "invalid",
    }
}

pub(crate) fn detail(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Trapped(trap) => Some(playfair_host::trap_name(trap).to_owned()),
        Outcome::Invalid(reason) => Some(playfair_sequencer::Refusal::Invalid(reason).name().to_owned()),
        Outcome::Ok | Outcome::Reverted | Outcome::OutOfGas => None,
    }
}

/// An element of the field.
pub(crate) fn element(value: &playfair_types::Fr) -> Hex {
    Hex::of(fr_to_bytes(value))
}
