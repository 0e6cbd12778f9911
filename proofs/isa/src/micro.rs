//! Microcode: the functions `pos5`, `pos2` and `curve64` (docs/CIRCUIT.md), and the tables of their rows.
//!
//! A full round needs the matrix and constants of Poseidon as they are. Of the partial rounds only lane 0 passes the S-box, so
//! that the constants of the other lanes can be pushed back through the matrix: [`Schedule`]. Within a row of partial rounds
//! everything but the S-boxes is linear: [`PartialRounds`].

use crate::asm::{self, Dest, Operand};
use crate::code::{Flags, Instr, address};
use ark_ff::AdditiveGroup;
use playfair_types::crypto::field::Fr;
use playfair_types::crypto::poseidon;

mod partial;
#[cfg(test)]
mod tests;

pub(crate) use partial::dot;
pub use partial::{Linear, PartialRounds, Schedule};

/// Full rounds in each half.
const HALF: usize = poseidon::FULL_ROUNDS / 2;
/// Partial rounds in a row.
const ROW: usize = 10;

/// A width of Poseidon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// Two inputs.
    Three,
    /// Five inputs.
    Six,
}

impl Width {
    /// Lanes of the state.
    #[must_use]
    pub const fn lanes(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Six => 6,
        }
    }

    /// The MDS matrix: lane i after a round is the sum of `mds[i][j]` times lane j.
    #[must_use]
    pub fn mds(self) -> Vec<Vec<Fr>> {
        match self {
            Self::Three => poseidon::mds3().iter().map(|row| row.to_vec()).collect(),
            Self::Six => poseidon::mds6().iter().map(|row| row.to_vec()).collect(),
        }
    }

    /// The textbook's round constants.
    fn constants(self) -> Vec<Vec<Fr>> {
        match self {
            Self::Three => poseidon::round_constants3()
                .iter()
                .map(|row| row.to_vec())
                .collect(),
            Self::Six => poseidon::round_constants6()
                .iter()
                .map(|row| row.to_vec())
                .collect(),
        }
    }

    /// The constants as the rows add them.
    #[must_use]
    pub fn schedule(self) -> Schedule {
        Schedule::new(&self.mds(), &self.constants(), HALF)
    }

    /// The linear forms of a row with this many partial rounds.
    #[must_use]
    pub fn partial(self, rounds: usize) -> PartialRounds {
        PartialRounds::new(&self.mds(), rounds)
    }
}

/// Constants of a row in their order: k0..k7, b, c.
fn with_constants(flags: Flags, constants: &[Fr]) -> Instr {
    let mut row = Instr::new(flags);
    let Instr { b, c, k, .. } = &mut row;
    for (slot, value) in k.iter_mut().chain([b, c]).zip(constants) {
        *slot = *value;
    }
    row
}

/// Rows from the first full round to the last.
fn rounds(schedule: &Schedule, full: Flags, ten: Flags, seven: Flags) -> Vec<Instr> {
    let first = schedule.first_half.iter().map(|k| with_constants(full, k));
    let partial = schedule.partial.chunks(ROW).map(|k| {
        let flags = if k.len() == ROW { ten } else { seven };
        with_constants(flags, k)
    });
    let last = schedule.second_half.iter().map(|k| with_constants(full, k));
    first.chain(partial).chain(last).collect()
}

/// The state's lane 0 to register 0, and back by register `link`.
fn finish(link: u32) -> [Instr; 2] {
    let row = Instr::new(Flags::SYS.with(Flags::U0)).slot_c(Operand::Reg(0));
    let mut k = [Fr::ZERO; 8];
    k[1] = Fr::from(1u64);
    [row.with_k(k), asm::ret(link, 0)]
}

fn start(schedule: &Schedule) -> [Fr; 6] {
    let mut k = [Fr::ZERO; 6];
    for (slot, value) in k.iter_mut().zip(&schedule.start) {
        *slot = *value;
    }
    k
}

/// `pos5`: registers 0 to 4 are hashed to register 0. 17 rows.
#[must_use]
pub fn pos5() -> Vec<Instr> {
    let schedule = Width::Six.schedule();
    let mut rows = rounds(&schedule, Flags::P6F, Flags::P6P, Flags::P6P);
    if let Some(first) = rows.first_mut() {
        // PIN reads two registers by the row after it.
        *first = first.clone().slot_a(3).slot_b(Operand::Reg(4));
    }
    let mut code = vec![asm::pin(0, 1, Some(2), start(&schedule))];
    code.append(&mut rows);
    code.extend(finish(5));
    code
}

/// `pos2`: registers 0 and 1 are hashed to register 0. 17 rows.
#[must_use]
pub fn pos2() -> Vec<Instr> {
    let schedule = Width::Three.schedule();
    let mut code = vec![asm::pin(0, 1, None, start(&schedule))];
    code.append(&mut rounds(&schedule, Flags::P3F, Flags::P3P, Flags::P3S));
    code.extend(finish(2));
    code
}

/// `curve64`, to stand at code index `at`: registers 0 to 8 are px, py, tx, ty, ux, uy, s, h, 63; the absolute registers CX, CY become
/// 2^64 P + s B8 + h T for words s and h and U = T + B8. Seven rows, 70 steps.
#[must_use]
pub fn curve64(at: u32) -> Vec<Instr> {
    let mut code: Vec<Instr> = (0..3).map(|i| asm::cin(3 * i, 3 * i + 1, 3 * i + 2)).collect();
    code.push(asm::curve(at + 3));
    for (second, register) in [(false, address::CX), (true, address::CY)] {
        let to = Dest::Put(Operand::Abs(register as u32));
        // A result without operands always has a slot.
        code.extend(asm::cout(to, second));
    }
    code.push(asm::ret(9, 0));
    code
}
