//! That rows are paid for: in a run of a module, the rows of its code never exceed the gas that was charged. Lowering shows it of every
//! module (`playfair_proofs_isa`, `lower::improve::budget`); here it is counted on what ran.

use playfair_proofs_isa::code::Program;
use playfair_proofs_isa::link::Linked;
use playfair_proofs_isa::ops::{Class, Op};
use playfair_proofs_isa::trace::Trace;
use std::ops::Range;

/// Where a program has its module's code.
#[derive(Clone, Debug)]
pub(super) struct Code {
    module: Range<u32>,
    /// What sets the globals before a run, for which the call's base pays.
    reset: Range<u32>,
}

impl Code {
    pub(super) fn of(linked: &Linked) -> Self {
        let end = linked.program.code.len() as u32;
        let start = end - linked.sizes.module_rows;
        // The last of this name is lowering's own, which the module's functions stand before.
        let functions = &linked.functions;
        let reset = functions.iter().rposition(|(_, name)| name == "reset");
        let at = |place: usize| functions.get(place).map_or(end, |(at, _)| *at);
        Self {
            module: start..end,
            reset: reset.map_or(end..end, |place| at(place)..at(place + 1)),
        }
    }

    /// Whether every run of a trace had paid for its rows at any time.
    ///
    /// # Errors
    /// The first row that was not paid for.
    pub(super) fn check(&self, program: &Program, trace: &Trace) -> Result<(), String> {
        // In half rows: an access may touch a word that takes half a row of initial memory.
        let (mut rows, mut charged) = (0, 0);
        for (number, step) in trace.steps.iter().enumerate() {
            let after = trace.steps.get(number + 1).map_or(step.gas, |next| next.gas);
            let op = program
                .code
                .get(step.pcl as usize)
                .and_then(|row| Op::of(row).ok());
            if op == Some(Op::Setgas) {
                // What the kernel calls begins with a row that its caller pays for.
                (rows, charged) = (0, 2);
                continue;
            }
            charged += 2 * (step.gas - after);
            if !self.module.contains(&step.pcl) || self.reset.contains(&step.pcl) {
                continue;
            }
            rows += 2 + i64::from(op.is_some_and(|op| op.info().class == Class::Memory));
            if rows > charged {
                return Err(format!(
                    "row {number}, code index {}: {rows} half rows for {charged} half gas",
                    step.pcl
                ));
            }
        }
        Ok(())
    }
}
