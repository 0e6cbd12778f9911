//! Following the chain by the signatures of its sync committees: consensus-specs, `altair/light-client/sync-protocol.md`
//! and what Capella, Deneb, Electra and Gloas changed of it.
//!
//! A [`Store`] begins at a block root that is trusted, which proves the committee of that period. That committee signs
//! headers; a signed header's state proves an older header to be final, and the committee of the next period. So one
//! update a period is enough to follow the chain, and any newest update to know its head.
//!
//! Two numbers decide what becomes of a signed header: with two thirds of the committee's keys, what it proves to be
//! final is taken ([`Store::finalized`]); with more than half of what was seen of late, the header itself is shown as
//! likely ([`Store::optimistic`]). Nothing less than two thirds ever becomes final by itself: [`Store::force_update`]
//! is a call of its own, says what is given up, and the store remembers it.
//!
//! Departures from the specification, none of which lets anything pass that it refuses:
//!
//! * Headers keep the containers of their fork instead of being turned into those of the newest, which would lose the
//!   state root. [`Store::to_gloas`] is that turn.
//! * Keys of a committee are read when its first signature is checked, and have to add up to the aggregate key beside
//!   them, as the beacon chain computes it.
//! * A store whose finalised header is older than the weak subjectivity period refuses everything unless it was
//!   allowed to be ([`Staleness`]).

mod committee;
mod force;
mod storage;
mod store;
mod validate;

pub use force::Forced;
pub use store::{Progress, Staleness, Store};
