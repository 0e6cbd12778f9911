//! Predictions for browsers: `playfair-predict` with the browser's own WebAssembly engine, as a class of JavaScript.
//!
//! It belongs into a worker of its own (`npm/predict-worker.mjs`), which a page can end: the chain's module is somebody else's code. What
//! the module is comes from a node and is not believed: its bytes must be those that the hash in a verified header names ([`named`]), and no engine sees them before that
//! and before their frame was held against what admission lets through ([`bounds`]). Values come
//! from the light client, verified; nothing here asks anybody.
//!
//! [`told`] is what JavaScript is told, as JSON; it compiles everywhere. The rest is for wasm32 alone.
//!
//! # How can I attack it?
//!
//! * **A module that loops**: instrumentation ends it, out of gas. One that takes an engine's compiler too long ends with its worker.
//! * **A hash of bytes that admission never made**, by who issues the link: the module gets the host's functions and nothing else, has no more memory than
//!   admitted ones ([`bounds`]), and its worker is ended when it takes too long. What is left to it is what code can do with that: a table that it grows to the engine's
//!   own bound, functions that are slow to compile.
//! * **A module with another hash** is not compiled: `Predictor` begins only at boundaries whose module it is, and compiles there.
//! * **Traps** are told apart by what engines call them, and gas and frames by the module's own globals. What cannot be told is a fault,
//!   never an outcome, and so is the native stack.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod bounds;
pub mod named;
pub mod told;

#[cfg(target_arch = "wasm32")]
mod engine;
#[cfg(target_arch = "wasm32")]
mod shell;

#[cfg(target_arch = "wasm32")]
pub use shell::Predictor;
