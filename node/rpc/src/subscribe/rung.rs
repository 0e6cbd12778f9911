//! The rungs of the confirmation ladder, as far as this node knows them.

use playfair_host::Readers;
use playfair_storage::Sealed;
use playfair_types::tape::frame::FRAME_BYTES;

/// The ladder's rungs in order. The last one ends a subscription to a call.
const LADDER: [&str; 2] = ["sequenced", "proven"];

/// Where a record of a block ends on the tape, in frames from genesis on.
pub(crate) fn end_frame(block: &Sealed, index: u32) -> u64 {
    let later = block.records.iter().skip(index as usize + 1);
    let frames: usize = later.map(|done| done.record.len() / FRAME_BYTES).sum();
    block.header.after.tape.length.saturating_sub(frames as u64)
}

/// The rung of what ends at this frame: its place in the ladder.
pub(crate) fn rung_of(readers: &Readers, end_frame: u64) -> usize {
    usize::from(end_frame <= readers.proofs.tip().frames())
}

/// The rung's name.
pub(crate) fn name(rung: usize) -> &'static str {
    LADDER.get(rung).copied().unwrap_or("sequenced")
}

/// Whether nothing comes after it.
pub(crate) fn is_last(rung: usize) -> bool {
    rung + 1 >= LADDER.len()
}
