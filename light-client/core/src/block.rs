//! A whole block: that the records and receipts which are shown are all that it has, in their order.
//!
//! The header names the records by a root over their bytes, and the receipts likewise; both lists have as many items as the header
//! says, so nothing can be left out, added or moved. The header names the tape as well, which is what proofs are about: the records must
//! lead from the tape before the block to the tape after it, and each receipt must be its record's. A header whose roots and tape
//! disagree is the committee's doing: nobody else signs headers.

use crate::answer;
use crate::certified::Shown;
use crate::lie::Lie;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::header::Header;
use playfair_types::inclusion;
use playfair_types::receipt::{Receipt, ReceiptBody};
use playfair_types::tape::frame::FRAME_BYTES;
use playfair_types::tape::{call_message, record_frames};
use playfair_types::{Encode, Fr};
use serde_json::Value;

/// Most records of one block in an answer: more than a block's gas pays for.
pub const RECORDS_MAX: usize = 1 << 14;

/// A block as a node shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBlock {
    /// Header and certificate.
    pub block: Shown,
    records: Vec<Vec<u8>>,
    receipts: Vec<(Receipt, ReceiptBody)>,
}

/// A record of a block, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRecord {
    /// Its bytes.
    pub record: Vec<u8>,
    /// The name of a signed call.
    pub id: Option<[u8; 32]>,
    /// How it ended.
    pub receipt: Receipt,
    /// What it returned and told.
    pub body: ReceiptBody,
}

/// A block of which everything was checked but its header's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeBlock {
    /// The header.
    pub header: Header,
    /// Its digest.
    pub digest: [u8; 32],
    /// All records, in order.
    pub records: Vec<BlockRecord>,
}

impl ShownBlock {
    /// Reads a block's evidence.
    ///
    /// # Errors
    /// [`Lie::Form`], [`Lie::Encoding`].
    pub fn read(value: &Value) -> Result<Self, Lie> {
        let block = Shown::read(value)?;
        let shown = answer::list(answer::member(value, "records")?, "list of records", RECORDS_MAX)?;
        let (mut records, mut receipts) = (Vec::new(), Vec::new());
        for record in &shown {
            records.push(answer::bytes(record, "record")?);
            let receipt = answer::decoded(&answer::bytes(record, "receipt")?, "a receipt")?;
            let body = answer::decoded(&answer::bytes(record, "receipt_body")?, "a receipt's body")?;
            receipts.push((receipt, body));
        }
        Ok(Self {
            block,
            records,
            receipts,
        })
    }

    /// Checks everything but the header itself, which may only be believed once it is certified.
    ///
    /// # Errors
    /// [`Lie::RecordPlace`], [`Lie::ReceiptPlace`], [`Lie::ReceiptBody`]: the node's. [`Lie::TornBlock`]: the committee's.
    pub fn verify(self, header: &Header) -> Result<WholeBlock, Lie> {
        let count = usize::try_from(header.records).unwrap_or(usize::MAX);
        if self.records.len() != count || inclusion::root(&self.records) != header.calls_root {
            return Err(Lie::RecordPlace);
        }
        let encoded: Vec<Vec<u8>> = self
            .receipts
            .iter()
            .map(|(receipt, _)| receipt.encode())
            .collect();
        if inclusion::root(&encoded) != header.receipts_root {
            return Err(Lie::ReceiptPlace);
        }
        if !self.receipts.iter().all(|(receipt, body)| body.matches(receipt)) {
            return Err(Lie::ReceiptBody);
        }
        if !self.leads(header) {
            return Err(Lie::TornBlock(header.after.height));
        }
        let records = self.records.into_iter().zip(self.receipts);
        Ok(WholeBlock {
            header: *header,
            digest: header.digest(),
            records: records
                .map(|(record, (receipt, body))| BlockRecord {
                    id: name(header.chain_id, &record),
                    record,
                    receipt,
                    body,
                })
                .collect(),
        })
    }

    /// Whether the records lead from the tape before the block to that after it, each receipt saying so on the way.
    fn leads(&self, header: &Header) -> bool {
        let (mut tape, mut frames) = (header.tape_before, 0u64);
        for (record, (receipt, _)) in self.records.iter().zip(&self.receipts) {
            if !is_one_record(record) || !receipt.is_of(tape, record) {
                return false;
            }
            tape = receipt.tape;
            frames = frames.saturating_add((record.len() / FRAME_BYTES) as u64);
        }
        tape == header.after.tape.value && frames <= header.after.tape.length
    }
}

/// Whether these bytes are as long as the record that they begin.
fn is_one_record(bytes: &[u8]) -> bool {
    let first = bytes.first_chunk::<FRAME_BYTES>();
    let frames = first.and_then(|first| record_frames(first).ok());
    frames.and_then(|frames| frames.checked_mul(FRAME_BYTES)) == Some(bytes.len())
}

/// The name of a call that a player signed, also of a malformed one.
fn name(chain_id: Fr, record: &[u8]) -> Option<[u8; 32]> {
    use playfair_types::tape::kind::{CALL, INBOX, NEW_KEY_CALL};
    let kind = record.first()? & !INBOX;
    let is_signed = kind == CALL || kind == NEW_KEY_CALL;
    let message = is_signed.then(|| call_message(chain_id, record).ok()).flatten();
    message.map(|message| fr_to_bytes(&message))
}
