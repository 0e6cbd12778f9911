//! A call in the proven history: the receipts of its segment, which lead from one proven boundary to the next.
//!
//! The receipts accumulator absorbs four elements of each record's receipt; one of them is the tape's accumulator right after
//! the record, another one its number of frames. So a list of receipts that leads from the accumulator before a segment to that after it is
//! the segment's, and the receipt of a record names the record: what stands on the tape between the receipt before and this one.

use crate::lie::Lie;
use playfair_types::codec::{Decode, Reader};
use playfair_types::hash::absorb;
use playfair_types::receipt::Receipt;
use playfair_types::segment::{Boundary, SegmentInputs};

/// The receipts of a proven segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenReceipts {
    inputs: SegmentInputs,
    receipts: Vec<Receipt>,
}

impl ProvenReceipts {
    /// Checks that these bytes, receipts one after the other, are the segment's.
    ///
    /// `inputs` must be those of a proof that was verified as part of the proven history.
    ///
    /// # Errors
    /// [`Lie::Encoding`], [`Lie::Receipts`].
    pub fn verify(inputs: SegmentInputs, bytes: &[u8]) -> Result<Self, Lie> {
        let mut reader = Reader::new(bytes);
        let mut receipts = Vec::new();
        let (mut value, mut frames) = (inputs.before.receipts, inputs.before.tape.length);
        while reader.remaining() > 0 {
            let receipt = Receipt::read(&mut reader).map_err(|error| Lie::Encoding("a receipt", error))?;
            value = absorb(value, &receipt.elements());
            frames = frames.saturating_add(u64::from(receipt.frames));
            receipts.push(receipt);
        }
        let last = receipts.last().map(|receipt| receipt.tape);
        let after = &inputs.after;
        let led = (value, frames, last) == (after.receipts, after.tape.length, Some(after.tape.value));
        match led {
            true => Ok(Self { inputs, receipts }),
            false => Err(Lie::Receipts),
        }
    }

    /// The frame at which the segment begins: its name.
    #[must_use]
    pub fn first_frame(&self) -> u64 {
        self.inputs.before.tape.length
    }

    /// How many records the segment has.
    #[must_use]
    pub fn records(&self) -> usize {
        self.receipts.len()
    }

    /// Whether this place of the tape is not beyond the segment.
    #[must_use]
    pub fn reach(&self, frames: u64) -> bool {
        frames <= self.inputs.after.tape.length
    }

    /// Whether the proven history passes through the end of a certified block: there it has the same tape, and the same receipts up to it.
    ///
    /// # Errors
    /// [`Lie::WrongExecution`] when the tape is the same and the receipts are not; [`Lie::Fork`] when the certified block is of another
    /// history than the one that the committee signed further on.
    pub fn pass(&self, after: &Boundary) -> Result<(), Lie> {
        let (mut value, mut frames) = (self.inputs.before.receipts, self.inputs.before.tape.length);
        for receipt in &self.receipts {
            value = absorb(value, &receipt.elements());
            frames = frames.saturating_add(u64::from(receipt.frames));
            if frames == after.tape.length && receipt.tape == after.tape.value {
                return match value == after.receipts {
                    true => Ok(()),
                    false => Err(Lie::WrongExecution(after.height)),
                };
            }
        }
        Err(Lie::Fork(after.height))
    }

    /// Whether the proven history has this receipt for this record, which lies in a certified block of this height.
    ///
    /// # Errors
    /// [`Lie::WrongExecution`] when the record is there with another receipt: the committee certified this one. [`Lie::NotProven`] when the
    /// record is not there.
    pub fn has(&self, receipt: &Receipt, record: &[u8], height: u64) -> Result<(), Lie> {
        let mut before = self.inputs.before.tape.value;
        for proven in &self.receipts {
            // The accumulator after a record names its place: no two are the same.
            if proven.tape == receipt.tape && proven.is_of(before, record) {
                return match proven == receipt {
                    true => Ok(()),
                    false => Err(Lie::WrongExecution(height)),
                };
            }
            before = proven.tape;
        }
        Err(Lie::NotProven)
    }
}
