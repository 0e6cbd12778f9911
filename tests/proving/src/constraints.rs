//! Segments through the circuit's constraints, without a proof: what they take has one.

use playfair_proofs_circuit::air::{Evaluator, Witness, check};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::interp::Fault;
use playfair_proofs_prover::module::Module;
use playfair_proofs_prover::segment::{Segment, trace};
use playfair_proofs_prover::state::{Around, Source};
use std::sync::LazyLock;

static MACHINE: LazyLock<Machine> = LazyLock::new(|| Machine::new().expect("the machine"));
static EVALUATOR: LazyLock<Evaluator<'_>> =
    LazyLock::new(|| Evaluator::new(&MACHINE.air, &MACHINE.columns.flags));

/// Rows that blinding may take.
const BLINDING: usize = 64;

/// Shows a segment to the constraints; the rows that do something.
///
/// # Errors
/// When it has no trace.
///
/// # Panics
/// When the constraints refuse it: with what fails.
pub fn shown<B: Source, A: Source>(
    module: &Module,
    segment: &Segment,
    state: Around<B, A>,
) -> Result<usize, Box<Fault>> {
    let program = &module.linked.program;
    let public = segment.inputs.to_fields().to_vec();
    let trace = trace(&module.executable, segment, state, 1 << 19)?;
    let rows = module.rows(&trace).expect("a trace of this module");
    let needed = (rows + 1).max(program.code.len()) + BLINDING;
    let k = needed.next_power_of_two().trailing_zeros().max(14);
    let usable = (1 << k) - BLINDING;
    let tables = Tables::new(program, Shape { k, usable }).expect("a shape that holds the program");
    let witness = Witness {
        advice: assign(&MACHINE, &tables, &trace, &public).expect("a shape that holds the trace"),
        fixed: tables.fixed().clone(),
        instance: public,
    };
    let clean = EVALUATOR.is_clean(&witness).expect("a witness of this machine");
    assert!(clean, "{}", check(&MACHINE.air, &witness).expect("the same"));
    Ok(rows)
}
