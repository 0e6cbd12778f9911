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
//! A callee's frame lies in its caller's: a call reads what lies below its way back and writes everything from its frame on.

mod body;
mod dead;
mod jumps;
mod row;
mod values;

use super::rows::{Code, Result};
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

/// Improves the function that began at `mark` and gives back `results` values.
pub(crate) fn improve(code: &mut Code, mark: Mark, results: u32) -> Result<()> {
    if code.rows.len() - mark.rows > ROWS {
        return Ok(());
    }
    let Some(mut body) = Body::take(code, mark, results) else {
        return code.internal("rows that no operation has");
    };
    for _ in 0..ROUNDS {
        let mut changed = values::forward(&mut body);
        changed |= dead::sweep(&mut body);
        body.compact();
        changed |= jumps::thread(&mut body);
        body.compact();
        if !changed {
            break;
        }
    }
    body.give_back(code, mark);
    Ok(())
}
