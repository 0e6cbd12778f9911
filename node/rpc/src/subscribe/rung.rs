//! The rungs of the confirmation ladder, as far as this node knows them.

use playfair_host::Chain;
use playfair_storage::history::Place;

/// The ladder's rungs in order. The last one ends a subscription to a call.
const LADDER: [&str; 2] = ["sequenced", "proven"];

/// The rung that a sealed call has reached: its place in the ladder. Proofs are not known here yet, so it is the first one for
/// every call; this is the one place that asks.
pub(crate) fn rung_of(_chain: &Chain, _place: Place) -> usize {
    0
}

/// The rung's name.
pub(crate) fn name(rung: usize) -> &'static str {
    LADDER.get(rung).copied().unwrap_or("sequenced")
}

/// Whether nothing comes after it.
pub(crate) fn is_last(rung: usize) -> bool {
    rung + 1 >= LADDER.len()
}
