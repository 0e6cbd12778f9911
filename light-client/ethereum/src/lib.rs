//! Ethereum for the light client: what is final there, and what its state holds, from a block root that is trusted and
//! from answers of nobody in particular.
//!
//! Statement of a [`Store`]'s finalised header: *starting at the trusted root, at least two thirds of the keys of each
//! sync committee on the way signed a block in whose state this header is final.* Statement of [`verify_account`] and
//! [`verify_storage`]: *the state of this root holds this account, this value, or nothing.* Together:
//!
//! ```text
//! trusted root -> bootstrap -> updates -> finalised header -> execution block -> account -> storage value
//! ```
//!
//! 1. [`Spec`] describes the network. It and the trusted root are anchors: from the build or a chain's link.
//! 2. [`Store::open`] begins at the root with a [`Bootstrap`]; or [`Store::from_bytes`] goes on where a visit ended.
//! 3. [`Store::process`] takes an [`Update`] for each period from [`Store::period`] on, then finality and optimistic
//!    updates as they come. All are bytes from anywhere, read by [`Update::decode`].
//! 4. [`LightClientHeader::execution_header`] of [`Store::finalized`] gives the execution block's state root.
//! 5. [`verify_account`] and [`verify_storage`] read from it.
//!
//! From the inside out: `ssz` and `spec` -> `container` -> `sync`; `execution` beside it. [`development`] makes what beacon
//! nodes make, for networks on one machine and tests; nothing else here uses it. Nothing here knows a clock, a network, a file or
//! randomness: the caller brings the slot of its clock.
//!
//! # How can I attack it?
//! * **Sign a lie.** Two thirds of a sync committee (342 of 512 keys, drawn for 27 hours among all validators) can. They are not
//!   slashed for it. docs/THREATS.md says what their signature is worth.
//! * **An old committee's keys**, which cost nothing once their owners left: [`Staleness`] refuses to begin, or to go on,
//!   from anything older than the weak subjectivity period.
//! * **Starve it**, then offer a header that few signed: nothing is final below two thirds, however long it takes.
//!   [`Store::force_update`] is the specification's way out, never called from here, and leaves a mark ([`Store::forced`]).
//! * **Freeze it**: serve nothing new. It cannot be told from a quiet network by bytes; the age of the finalised header
//!   ([`Spec::time_ms`]) is what a page must show.
//! * **Set its clock.** A clock that is ahead makes signed slots acceptable earlier, by their own committee only; one that
//!   is behind refuses what is new. Neither makes an unsigned header pass.
//! * **Another network's or fork's signature**: genesis root and fork version are in the signed bytes.
//! * **Another reading of the same bytes**: every decoder accepts one form, all of it, within bounds; branches have the
//!   length of their place; nodes of state proofs are hashed before they are read, and no node is left over.
//! * **Keys that are none**: every key is checked for curve and subgroup before its first use, and all have to add up to the
//!   committee's aggregate key. A rogue key would have to have been deposited, which needs a proof of possession.
//! * **Make it work**: an update costs two pairings' worth of time (3 ms natively, some 10 ms in a browser) if everything that is
//!   cheaper to check holds, else microseconds; a committee's keys are read once (0.05 s natively, some 0.5 s in a
//!   browser), and only those of a proven committee.
//! * **Panics.** No index, no unchecked arithmetic, nothing allocated beyond what the bytes are long.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod container;
pub mod development;
mod error;
mod execution;
mod spec;
mod ssz;
mod sync;

pub use container::{
    BeaconBlockHeader, Bootstrap, Execution, ExecutionPayloadHeader, Finality, Kind, LightClientHeader,
    NextCommittee, SyncAggregate, SyncCommittee, Update,
};
pub use error::{Error, Malformed, Part};
pub use execution::{Account, ExecutionHeader, verify_account, verify_storage};
pub use spec::{Fork, Form, Preset, Spec, weak_subjectivity_epochs};
pub use ssz::Root;
pub use sync::{Forced, Progress, Staleness, Store};
