//! Formats of Playfair, version 1: what every other crate, the circuits, the browser and L1 agree on.
//!
//! docs/FORMATS.md defines each format byte by byte; docs/STATEMENT.md says what is proven about them. This crate
//! implements them, imports no other crate of ours, and treats every input as hostile: decoders are strict, bounded,
//! canonical (see [`codec`]) and never panic.
//!
//! From the inside out: [`crypto`] (field, Poseidon, Baby Jubjub, EdDSA), [`hash`] (the tagged uses of Poseidon),
//! [`account`] and [`state`] (what a chain remembers), [`tape`] (what happened to it), [`receipt`] and [`outbox`]
//! (what came of it), [`segment`] and [`header`] (its history at one place, as proofs and certificates see it),
//! [`vk`], [`envelope`], [`binder`], [`certificate`], [`link`] (what travels to verifiers).
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

pub mod account;
pub mod binder;
pub mod certificate;
pub mod chain;
pub mod codec;
pub mod crypto;
pub mod envelope;
pub mod hash;
pub mod header;
pub mod inclusion;
pub mod limits;
pub mod link;
pub mod module;
pub mod outbox;
pub mod receipt;
pub mod rules;
pub mod segment;
pub mod state;
pub mod tape;
pub mod vk;
mod words;

pub use codec::bounded;
pub use codec::{Decode, DecodeError, Encode};
pub use crypto::field::Fr;
