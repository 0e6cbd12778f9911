//! The game of 87 plies, replayed by the module contracts-wasm/replay in one call, in a block of its own.

use crate::caller::{Caller, started};
use crate::cost;
use crate::history::{Step, make};
use playfair_games::module::folder;
use playfair_node::build::{Built, build};
use playfair_proofs_prover::module::{Module, Shape};
use playfair_runtime::local::{Local, Start};
use playfair_types::crypto::field::Fr;
use playfair_types::receipt::Receipt;
use std::sync::{Arc, OnceLock};

/// Kasparov against Topalov, Wijk aan Zee 1999.
pub const GAME: &str = include_str!("../../fixtures/kasparov-topalov-1999.uci").trim_ascii_end();
/// Rows of every shape that blinding may take.
const BLINDING: u64 = 16;
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

/// A line of moves replayed by a call.
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
    make(
        &mut local,
        1_000,
        &[caller.sign(chain_id, caller.first(0, b"e2e4"))],
    );
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

impl Replayed {
    /// Rows that the call takes, alone in its segment.
    ///
    /// # Panics
    /// When it has no trace.
    #[must_use]
    pub fn rows(&self) -> u64 {
        cost::rows(linked(), &cost::alone(linked(), &self.step, self.chain_id))
    }

    /// Instructions of the module that it takes.
    ///
    /// # Panics
    /// When the measuring build behaves in another way than the module.
    #[must_use]
    pub fn instructions(&self) -> u64 {
        cost::instructions(built(), &self.local)
            .last()
            .copied()
            .unwrap_or_default()
    }

    /// The smallest shape that holds the module and this call.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn shape(&self) -> Shape {
        let (module, rows) = (linked(), self.rows());
        let smallest = module.smallest().expect("a shape that holds the module");
        let mut shapes = module.shapes().filter(|shape| shape.k >= smallest.k);
        let holds = |shape: &Shape| rows + BLINDING <= 1 << shape.k;
        shapes.find(holds).expect("a shape that holds the call")
    }
}
