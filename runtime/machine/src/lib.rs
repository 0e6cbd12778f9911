//! The chain's state machine: what each record of a tape does, by docs/STATEMENT.md.
//!
//! [`Machine::apply`] takes one record and gives its receipt: it runs the checks C1 to C9, moves nonces and fees (C10),
//! executes system entries, blocks, deposits, upgrades and genesis itself, and hands calls of the module to an
//! [`engine::Engine`]. It knows no clock, thread, file or WebAssembly engine, so wasmtime on a node, the register
//! machine of the prover and a browser's own engine all execute the same tape through the same code.
//!
//! - [`world`] is the state as one record sees it: what is stored, what earlier records changed, what this call
//!   changes, kept only if it ends ok (E5).
//! - [`host`] is every host function, over any [`host::Memory`].
//! - [`prepared`] is the part of a record's work that needs no state and can run on other threads: decoding, the signed
//!   message, signatures.
//!
//! Failure cases: a record that *breaks the tape* ([`error::Broken`]) leaves the machine as it was; a *fault*
//! ([`error::Fault`]: storage or engine failed) says nothing about the record, so the machine refuses to go on.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod accounts;
mod blocks;
mod checks;
pub mod engine;
pub mod error;
mod execute;
pub mod host;
mod machine;
mod pending;
pub mod prepared;
pub mod query;
mod system;
pub mod world;

pub use engine::Engine;
pub use error::{Broken, Error, Fault};
pub use machine::{Applied, Judgement, Machine};
pub use pending::Pending;
pub use prepared::Prepared;
