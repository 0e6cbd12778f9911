//! The game of 87 plies, replayed by the module contracts-wasm/replay in one call, in a block of its own.

use crate::caller::{Caller, started};
use crate::chess::Keys;
use crate::history::{Step, make};
use playfair_games::module::folder;
use playfair_node::build::{Built, build};
use playfair_proofs_prover::module::Module;
use playfair_runtime::local::{Local, Start};
use playfair_types::crypto::field::Fr;
use playfair_types::receipt::Receipt;
use std::sync::{Arc, OnceLock};

/// Kasparov against Topalov, Wijk aan Zee 1999.
pub const GAME: &str = include_str!("../../fixtures/kasparov-topalov-1999.uci");
/// Its plies.
pub const PLIES: usize = 87;

/// The module.
///
/// # Panics
/// When it does not build.
pub fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build(&folder("replay")).unwrap_or_else(|error| panic!("{error:#}")))
}

/// The module, linked.
///
/// # Panics
/// When it does not lower.
pub fn linked() -> &'static Arc<Module> {
    static LINKED: OnceLock<Arc<Module>> = OnceLock::new();
    LINKED.get_or_init(|| {
        let admitted = &built().admitted;
        Arc::new(Module::new(&admitted.instrumented, admitted.hash).expect("it lowers"))
    })
}

/// Its keys in the smallest shape that holds it.
///
/// # Panics
/// When they cannot be made.
pub fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::smallest(linked().clone()))
}

/// A line replayed by a call.
pub struct Replayed {
    /// Its chain, of three blocks: genesis, the caller's first call, and this one.
    pub local: Local,
    /// The chain's id.
    pub chain_id: Fr,
    /// The block.
    pub step: Step,
    /// How the call ended.
    pub receipt: Receipt,
    /// What it returned, or said when it reverted.
    pub output: Vec<u8>,
}

/// Replays a line of moves on a chain of its own.
///
/// # Panics
/// When the chain refuses the call.
#[must_use]
pub fn replay(line: &str) -> Replayed {
    let admitted = &built().admitted;
    let mut local = started(admitted, &Start::of(admitted.hash).genesis());
    let (chain_id, caller) = (local.chain.machine().chain_id(), Caller::new(1));
    make(&mut local, 1_000, &[caller.sign(chain_id, caller.first(0, b"e2e4"))]);
    let call = caller.call(1, 0, line.as_bytes());
    let (step, block) = make(&mut local, 1_000, &[caller.sign(chain_id, call)]);
    let done = block.applied.last().expect("the call");
    Replayed {
        chain_id,
        step,
        receipt: done.receipt,
        output: done.body.output.as_slice().to_vec(),
        local,
    }
}
