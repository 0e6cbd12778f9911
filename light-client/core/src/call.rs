//! A call in its block: the record, its receipt, and both places.

use crate::answer;
use crate::certified::Shown;
use crate::lie::Lie;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::header::Header;
use playfair_types::inclusion::InclusionProof;
use playfair_types::receipt::{Receipt, ReceiptBody};
use playfair_types::tape::call_message;
use serde_json::Value;

/// A record in a block as a node shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownCall {
    /// The block.
    pub block: Shown,
    record: Vec<u8>,
    record_path: InclusionProof,
    receipt_bytes: Vec<u8>,
    receipt: Receipt,
    receipt_path: InclusionProof,
    body: ReceiptBody,
}

/// A call whose place in a block's header was checked, with its outcome. It is as good as the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Included {
    /// Its name: the signed message.
    pub id: [u8; 32],
    /// Its block's height.
    pub height: u64,
    /// Its block's time, ms since 1970.
    pub time_ms: u64,
    /// Its place in the block.
    pub index: u32,
    /// Its record.
    pub record: Vec<u8>,
    /// How it ended.
    pub receipt: Receipt,
    /// What it returned and told.
    pub body: ReceiptBody,
}

impl ShownCall {
    /// Reads a record's evidence.
    ///
    /// # Errors
    /// [`Lie::Form`], [`Lie::Encoding`].
    pub fn read(value: &Value) -> Result<Self, Lie> {
        let receipt_bytes = answer::bytes(value, "receipt")?;
        Ok(Self {
            block: Shown::read(answer::member(value, "block")?)?,
            record: answer::bytes(value, "record")?,
            record_path: answer::decoded(&answer::bytes(value, "record_path")?, "a record's path")?,
            receipt: answer::decoded(&receipt_bytes, "a receipt")?,
            receipt_bytes,
            receipt_path: answer::decoded(&answer::bytes(value, "receipt_path")?, "a receipt's path")?,
            body: answer::decoded(&answer::bytes(value, "receipt_body")?, "a receipt's body")?,
        })
    }

    /// Checks everything but the header itself, which may only be believed once it is certified.
    ///
    /// # Errors
    /// [`Lie::OtherCall`], [`Lie::RecordPlace`], [`Lie::ReceiptPlace`], [`Lie::ReceiptOfOther`], [`Lie::ReceiptBody`].
    pub fn verify(self, header: &Header, id: &[u8; 32]) -> Result<Included, Lie> {
        let message = call_message(header.chain_id, &self.record);
        if message.map(|message| fr_to_bytes(&message)) != Ok(*id) {
            return Err(Lie::OtherCall);
        }
        let (count, index) = (header.records, self.record_path.index);
        if !self.record_path.verify(&header.calls_root, count, &self.record) {
            return Err(Lie::RecordPlace);
        }
        if !self
            .receipt_path
            .verify(&header.receipts_root, count, &self.receipt_bytes)
        {
            return Err(Lie::ReceiptPlace);
        }
        if self.receipt_path.index != index {
            return Err(Lie::ReceiptOfOther);
        }
        if !self.body.matches(&self.receipt) {
            return Err(Lie::ReceiptBody);
        }
        Ok(Included {
            id: *id,
            height: header.after.height,
            time_ms: header.after.time_ms.get(),
            index,
            record: self.record,
            receipt: self.receipt,
            body: self.body,
        })
    }
}
