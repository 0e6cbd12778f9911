//! From a slice of history to a trace: the register machine runs kernel and module with the prover's hints.

use playfair_proofs_isa::interp::{Executable, Fault, Oracle, View};
use playfair_proofs_isa::lower::hints;
use playfair_proofs_isa::trace::{Trace, Value};
use playfair_proofs_kernel::oracle;
use playfair_types::crypto::field::Fr;
use playfair_types::segment::SegmentInputs;

/// A slice of a chain's history that one proof is about.
#[derive(Clone, Debug)]
pub struct Segment {
    /// What the proof says.
    pub inputs: SegmentInputs,
    /// Number of records.
    pub records: u64,
    /// Their bytes, one after the other.
    pub tape: Vec<u8>,
}

/// The trace of a segment, at most `rows` long.
///
/// # Errors
/// [`Fault`] if there is none: the inputs are not what the records lead to, or the kernel does not know one of them.
pub fn trace(
    program: &Executable,
    segment: &Segment,
    state: impl oracle::State,
    rows: u32,
) -> Result<Trace, Box<Fault>> {
    let mut hints = Hints(oracle::Oracle::new(state, segment.records, &segment.tape));
    match program.trace(&segment.inputs.to_fields(), &mut hints, rows) {
        Ok((trace, _)) => Ok(trace),
        Err(fault) => Err(Box::new(fault)),
    }
}

struct Hints<S>(oracle::Oracle<S>);

impl<S: oracle::State> Oracle for Hints<S> {
    fn hint(&mut self, kind: u32, argument: Fr, machine: &View<'_>) -> Fr {
        if let Some(answer) = hints::answer(kind, argument) {
            return answer;
        }
        let guest = |address: u32| match machine.cell(machine.ctx() + u64::from(address / 8)) {
            Value::Word(word) => word,
            Value::Field(_) => 0,
        };
        self.0.answer(kind, &argument, &guest)
    }
}
