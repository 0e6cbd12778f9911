//! Receipts, many at a time.
//!
//! Nothing that a record does depends on the hash of what an earlier one returned: only the receipts' accumulator does, and headers.
//! So records can be applied one after the other, and their receipts hashed together at the end of a block.

use crate::engine::Engine;
use crate::error::Fault;
use crate::machine::{Applied, Machine};
use playfair_lanes::bodies;
use playfair_types::hash::absorb;

/// What a record did, without its receipt.
#[derive(Clone, Debug)]
pub struct Pending(pub(crate) Applied);

impl Pending {
    /// Its part of the segment's `work`.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.0.work
    }
}

impl<E: Engine> Machine<E> {
    /// Hashes and absorbs the receipts of the records that were applied since the last time: all of them, in their order.
    ///
    /// # Errors
    /// [`Fault::Damaged`] when some are missing; the machine then refuses everything further.
    pub fn complete(&mut self, pending: Vec<Pending>) -> Result<Vec<Applied>, Fault> {
        if pending.len() != self.owed {
            self.poison();
            return Err(Fault::Damaged("receipts"));
        }
        self.owed = 0;
        let hashes = bodies(pending.iter().map(|Pending(applied)| &applied.body));
        let completed = pending
            .into_iter()
            .zip(hashes)
            .map(|(Pending(mut applied), hashes)| {
                (applied.receipt.output, applied.receipt.events) = hashes;
                self.boundary.receipts = absorb(self.boundary.receipts, &applied.receipt.elements());
                applied
            });
        Ok(completed.collect())
    }
}
