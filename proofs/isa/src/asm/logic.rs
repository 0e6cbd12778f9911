//! Choice, logic, and division, which takes two rows.

use super::{Asm, AsmError, Dest, Instr, Operand, coefficients, exchanged, ordered};
use crate::code::Flags;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

const ONE: Fr = Fr::ONE;
const ZERO: Fr = Fr::ZERO;

/// Keeps register `kept` if `condition` is not zero, else overwrites it with `other`.
///
/// # Errors
/// [`AsmError::Same`] unless the three are different.
pub fn select(kept: u32, other: Operand, condition: Operand) -> Asm {
    let x = Operand::Reg(kept);
    if other == x || condition == x || other == condition {
        return Err(AsmError::Same(if other == x { x } else { condition }));
    }
    let row = Instr::new(Flags::CMP.with(Flags::U1));
    Ok(row.slot_a(kept).slot_b(other).slot_c(condition))
}

/// Bitwise operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Logic {
    /// x and y.
    And,
    /// x or y.
    Or,
    /// x xor y.
    Xor,
    /// x and not y.
    AndNot,
}

/// LOGIC: the result is `k4 x + k6 y + k5 (x' and y') + k7`, where `x' = k1 x + k0` and `y' = k2 y + k3`. Both must be below 2^64: what
/// makes the code knows that they are, or what comes out is nothing that means anything.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn logic_form(dest: impl Into<Dest>, x: Operand, y: Option<Operand>, k: [Fr; 8]) -> Asm {
    let (mut x, mut y, mut k, dest) = (x, y, k, dest.into());
    if let (Some(other), true) = (y, exchanged(Some(x), y, dest)) {
        (x, y) = (other, Some(x));
        k.swap(0, 3);
        k.swap(1, 2);
        k.swap(4, 6);
    }
    ordered(Flags::CMP.with(Flags::U2), Some(x), y, dest, k)
}

/// A bitwise operation on words.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn logic(op: Logic, dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm {
    let (k4, k5, k6) = op.weights();
    let k = coefficients([(1, ONE), (2, ONE), (4, k4), (5, k5), (6, k6)]);
    logic_form(dest, x, Some(y), k)
}

/// A bitwise operation on a word and an immediate.
///
/// # Errors
/// [`AsmError::Absolute`].
pub fn logici(op: Logic, dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm {
    let (k4, k5, k6) = op.weights();
    let imm = Fr::from(imm);
    let k = coefficients([(1, ONE), (3, imm), (4, k4), (5, k5), (7, k6 * imm)]);
    logic_form(dest, x, None, k)
}

impl Logic {
    /// What x, x and y, y count in the result.
    fn weights(self) -> (Fr, Fr, Fr) {
        match self {
            Self::And => (ZERO, ONE, ZERO),
            Self::Or => (ONE, -ONE, ONE),
            Self::Xor => (ONE, -ONE - ONE, ONE),
            Self::AndNot => (ONE, -ONE, ZERO),
        }
    }
}

/// Operations with a second row cannot branch around it.
fn straight(dest: Dest) -> Asm<()> {
    if matches!(dest, Dest::Branch(_) | Dest::Tee(..)) {
        Err(AsmError::Branch)
    } else {
        Ok(())
    }
}

fn divide(dest: Dest, x: Operand, y: Operand, result: usize) -> Asm<[Instr; 2]> {
    straight(dest)?;
    let k = coefficients([(result, ONE), (7, ONE)]);
    let head = ordered(Flags::CMP.with(Flags::U3), Some(x), Some(y), dest, k)?;
    Ok([head, Instr::new(Flags::SYS.with(Flags::U3))])
}

/// Quotient of words, unsigned: two rows. y = 0 has no proof.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it: the result cannot go to y.
pub fn div_u(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm<[Instr; 2]> {
    divide(dest.into(), x, y, 5)
}

/// Remainder of words, unsigned: two rows. y = 0 has no proof.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it: the result cannot go to y.
pub fn rem_u(dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm<[Instr; 2]> {
    divide(dest.into(), x, y, 4)
}
