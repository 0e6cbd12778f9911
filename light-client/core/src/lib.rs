//! The light client: a chain followed by somebody who believes nothing that a node says.
//!
//! It starts from [`Anchors`], which come from a chain link or the build, asks a node over a [`Platform`] (a browser's `fetch`, a
//! command line's sockets, a test's table), and checks what comes. What holds is kept in a [`View`]; what does not is a [`Lie`] with its
//! exhibits, and leaves the view as it was.
//!
//! # What is checked, rung by rung
//!
//! - **sequenced**: the call's record and receipt lie in a block ([`call`]) whose header is this chain's and bears the committee's
//!   certificate ([`certified`]). Who could still cheat: the committee, by certifying what the rules do not allow, or two blocks of one
//!   height; the second is found as soon as both are seen, and freezes the view.
//! - **proven**: validity proofs lead without a gap from before genesis over the call's place on the tape ([`segments`]), under keys of the
//!   set that the anchors or a proven upgrade name; they end in the certified history (anybody can prove *some* order of players' calls);
//!   and the proven receipts have this one, for this record, in this place ([`receipts`]). Who could still cheat: nobody about what the
//!   rules make of the calls; the committee about their order, time and randomness (seeds are not looked at here), and by
//!   choosing another history. Only L1 settles that.
//! - A **whole block** ([`block`]) is all that its header names, and proven when the proven receipts pass through its end.
//! - A **value** is as good as the root that its state proof leads to: that of a certified header, or of a header that is, field by
//!   field, the boundary at which a proof ends ([`values`]).
//!
//! # Invariants
//!
//! - Nothing a node says moves the view before all of it is checked: [`View`] changes in one place for each thing, at the end.
//! - The committee is accused only with what it signed: everything that is remembered as its doing bears a verified certificate, or is a
//!   proof's end that was held against one.
//! - The proven tip only goes forward. Certified heights only go forward; an older head is a lie ([`Lie::RolledBack`]).
//! - Once two certificates of one height were seen, nothing is accepted any more: [`Trouble::Frozen`] with both.
//! - A certified header and a proof that speak of the same place agree in all fourteen elements, or it is a lie.
//! - What a node decodes for people (JSON beside the bytes) is never read.
//!
//! # How can I attack it?
//!
//! * **Floods**: each answer has a limit ([`Platform::fetch`] is told it), lists are cut to what was asked for, work for each request is
//!   bounded ([`client::PROOFS_MAX`], [`client::LINKS_MAX`]).
//! * **Another chain, module, committee, key set**: all from the anchors, none from the node.
//! * **True things out of place**: each answer is compared with what was asked for: height, call, keys, frame.
//! * **Withholding**: cannot be told from a slow network, nor from a node that has let old blocks go. A node that still has a block and denies
//!   a call in it lies; the age of the data, which may lie in the future too, is for the page to show ([`View::age_ms`]).
//! * **A second copy of a call**: a committee can put a player's call on the tape once more, where it is *invalid*. An outcome *invalid* of
//!   a call is that of one copy.
//! * **The stored view**: read as strictly as an answer, and its certificate verified again; a browser's storage belongs to the page's
//!   origin, and whoever writes there can show the user anything anyway.
//! * **Panics**: no index, no unwrap, no arithmetic that wraps.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod anchors;
mod answer;
pub mod block;
pub mod call;
pub mod certified;
mod check;
pub mod client;
mod hex;
mod keys;
mod ladder;
mod lie;
mod marks;
pub mod owners;
mod platform;
pub mod receipts;
pub mod segments;
mod stored;
pub mod values;
mod view;

pub use anchors::{Anchors, NoAnchors};
pub use check::{Check, Checks, Kind};
pub use client::Client;
pub use hex::{digits, short};
pub use ladder::Rung;
pub use lie::{Caught, Exhibit, Lie, Trouble};
pub use platform::{Body, Platform, Request, Response, Unreachable};
pub use view::View;
