//! Are the browser and the node of one mind? Everything that a client predicts rests on this: that the instrumented
//! module behaves in the browser's engine as it does in wasmtime, gas included.
//!
//! A [`history::History`] is a chain that wasmtime runs, block by block, with a note of everything that came of it.
//! [`peers::run`] hands its tape and its instrumented module to a second implementation, in JavaScript
//! (`tests/peers/chain-*.mjs`), which has nothing else to go by, and which runs in headless Chromium. The test compares
//! outcomes, gas, outputs, events and answers of queries, and after every block the state's root and the accumulators of
//! tape, receipts and outbox.
//!
//! Another history is a row in `tests/chromium.rs`: a module, and blocks of (player, entry, payload).

pub mod history;
pub mod modules;
pub mod peers;
pub mod programs;
