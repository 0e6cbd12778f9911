//! What moves cost: WebAssembly instructions of the module's own code, and rows of the machine.
//!
//! Instructions are those of the original module, without what admission adds, counted by the measuring build in wasmtime over the
//! same blocks (as `cargo xtask bench runtime` counts). Rows *of the module* are executed rows whose code lies in the
//! module's part of the program: its functions with their gas and frames, and the helper functions (millicode) that lowering adds. The
//! other rows are the kernel's: tape, signature, accounts, host functions, state.

use crate::chess::linked;
use crate::history::{Step, game, segment};
use playfair_admission::measure;
use playfair_games::chess::recorded;
use playfair_games::module::{chess, memory};
use playfair_node::build::Built;
use playfair_proofs_isa::trace::Trace;
use playfair_proofs_prover::module::Module;
use playfair_proofs_prover::segment::trace;
use playfair_proofs_prover::state::Around;
use playfair_runtime::Wasmtime;
use playfair_runtime::local::{Local, Start};
use playfair_types::crypto::field::Fr;
use std::ops::AddAssign;

/// Calls that begin a game, before its moves.
pub const OPENING: usize = 2;
/// More rows than any game takes.
const ROWS_MAX: u32 = 1 << 22;

/// What calls cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many.
    pub calls: u64,
    /// Instructions of the module.
    pub instructions: u64,
    /// Rows in the module's code.
    pub module_rows: u64,
    /// All rows, each block alone in its segment.
    pub rows: u64,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.instructions += other.instructions;
        self.module_rows += other.module_rows;
        self.rows += other.rows;
    }
}

/// The moves of a recorded game (0 to 5).
///
/// # Panics
/// When the game has no trace.
#[must_use]
pub fn moves(number: usize) -> Cost {
    let (local, steps) = game(number);
    let chain_id = local.chain.machine().chain_id();
    let moves = OPENING..OPENING + recorded()[number].moves.len();
    let mut cost = Cost {
        calls: moves.len() as u64,
        instructions: instructions(chess(), &local)[moves.clone()].iter().sum(),
        ..Cost::default()
    };
    for step in &steps[moves] {
        let trace = alone(linked(), step, chain_id);
        cost.module_rows += module_rows(linked(), &trace);
        cost.rows += rows(linked(), &trace);
    }
    cost
}

/// Instructions of each block of a module's chain, without genesis.
///
/// # Panics
/// When the measuring build behaves in another way than the module.
#[must_use]
pub fn instructions(built: &Built, local: &Local) -> Vec<u64> {
    let measuring = measure(&built.bytes).expect("a measuring build");
    let engine = Wasmtime::new().expect("an engine");
    engine
        .load_measuring(built.admitted.hash, &measuring)
        .expect("it compiles");
    let start = Start::of(built.admitted.hash);
    let (mut again, _) = Local::start(engine.clone(), memory(), &start).expect("the same genesis");
    let counts = local.blocks.iter().skip(1).map(|block| {
        let before = engine.counted().instructions;
        again.chain.apply(block).expect("the same block");
        engine.counted().instructions - before
    });
    let counts = counts.collect();
    assert_eq!(
        again.chain.digest(),
        local.chain.digest(),
        "measuring changes nothing"
    );
    counts
}

/// The trace of a block alone.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn alone(module: &Module, step: &Step, chain_id: Fr) -> Trace {
    let segment = segment(std::slice::from_ref(step), chain_id);
    let around = Around::new(&step.old, &step.new);
    trace(&module.executable, &segment, around, ROWS_MAX).unwrap_or_else(|fault| panic!("{fault}"))
}

/// Rows that do something: without END.
///
/// # Panics
/// When the trace is not of this module.
#[must_use]
pub fn rows(module: &Module, trace: &Trace) -> u64 {
    module.rows(trace).expect("a trace of this module") as u64
}

/// Rows in the module's part of the program, which is its last.
#[must_use]
pub fn module_rows(module: &Module, trace: &Trace) -> u64 {
    let linked = &module.linked;
    let start = linked.program.code.len() as u32 - linked.sizes.module_rows;
    trace.steps.iter().filter(|step| step.pcl >= start).count() as u64
}
