//! Modules in WebAssembly text, admitted and on a local chain.

#![allow(dead_code, unreachable_pub)]

use playfair_admission::{Admitted, admit};
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::Block;
use playfair_runtime::local::{Local, Start};
use playfair_state::{MemoryStore, State};
use playfair_types::receipt::Outcome;
use std::sync::Arc;

/// Admits a module of WebAssembly text.
pub fn admitted(text: &str) -> Admitted {
    let wasm = wat::parse_str(text).expect("WebAssembly text");
    admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"))
}

/// A local chain of this module.
pub fn local(admitted: &Admitted) -> Local {
    started(admitted, &Start::of(admitted.hash))
}

pub fn started(admitted: &Admitted, start: &Start) -> Local {
    let engine = Wasmtime::new().expect("an engine");
    engine.load(admitted).expect("an admitted module compiles");
    Local::start(engine, state(), start).expect("a chain").0
}

/// An empty state in memory.
pub fn state() -> Arc<State> {
    Arc::new(State::open(MemoryStore::new()).expect("a state"))
}

/// Makes a block of one call; its receipt's outcome, output, and gas beyond the base.
pub fn call(local: &mut Local, who: &str, entry: u8, payload: &[u8]) -> (Outcome, Vec<u8>, u32) {
    let record = local.players.call(who, entry, payload).expect("a short payload");
    let block = local.block(1000, &[record]).expect("a block");
    let done = &block.applied[1];
    let base = local
        .chain
        .machine()
        .schedule()
        .record_base(u32::from(done.receipt.frames));
    let gas = done.receipt.gas_used.saturating_sub(base);
    (done.receipt.outcome, done.body.output.to_vec(), gas)
}

pub fn outcomes(block: &Block) -> Vec<Outcome> {
    block.applied.iter().map(|done| done.receipt.outcome).collect()
}
