//! Improvement of a function's rows after it was lowered: what the one pass over WebAssembly cannot see.
//!
//! Three passes, in rounds until nothing changes: values that are computed again or only copied ([`values`]), results that
//! nobody reads and copies that their source could have been written to at once ([`dead`]), jumps to jumps and code that
//! nothing reaches ([`jumps`]). Fewer rows are executed; what the function computes, charges and traps on stays.
//!
//! # What a row may not lose
//! * Gas: a row that goes away hands its gas to the next one of its block, with an entry of TRAP.
//! * Registers that TRAP names: the row reads them, as the kernel does where EXIT stands instead of it.
//! * A demand (`k7 = 0` in ARITH), a trap, a hint, an access: such rows stay.
//!
//! What is left is held to what instrumentation charges ([`budget`]).
//!
//! A callee's frame lies in its caller's: a call reads what lies below its way back and writes everything from its frame on.

mod body;
mod budget;
mod dead;
mod jumps;
mod row;
mod values;

use super::error::LowerError;
use super::rows::{Code, Result, Target};
use body::Body;

/// Rounds at most; two are the rule.
const ROUNDS: usize = 4;

/// Most rows of a function that is improved: the others stay as they are, so that lowering takes time in proportion to a
/// module's size.
const ROWS: usize = 1 << 16;

/// What the code had when a function began.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    rows: usize,
    labels: usize,
    references: usize,
    traps: usize,
}

impl Mark {
    pub(crate) fn of(code: &Code) -> Self {
        Self {
            rows: code.rows.len(),
            labels: code.labels.len(),
            references: code.references.len(),
            traps: code.traps.len(),
        }
    }
}

/// Improves the function that began at `mark` and gives back `results` values. A module's is held to its prices.
pub(crate) fn improve(code: &mut Code, mark: Mark, results: u32) -> Result<()> {
    let Some(mut body) = Body::take(code, mark, results) else {
        return code.internal("rows that no operation has");
    };
    if body.rows.len() <= ROWS {
        passes(&mut body);
    }
    if code.guest {
        let helpers = &code.helpers;
        let paid = budget::check(&body, |target| {
            let known = helpers
                .iter()
                .find(|(_, label)| *target == Target::Label(**label));
            known.map(|(helper, _)| *helper)
        });
        if let Err(row) = paid {
            let place = code.place;
            return Err(LowerError::Unpaid { place, row });
        }
    }
    body.give_back(code, mark);
    Ok(())
}

fn passes(body: &mut Body) {
    for _ in 0..ROUNDS {
        let mut changed = values::forward(body);
        changed |= dead::sweep(body);
        body.compact();
        changed |= jumps::thread(body);
        body.compact();
        if !changed {
            break;
        }
    }
}
