//! Choice, and the operations of two rows: logic and division.

use super::{Asm, AsmError, Dest, Instr, Operand, coefficients, exchanged, ordered, two};
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

/// Bitwise operations on operands below 2^36.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Logic {
    /// x and y.
    And,
    /// x or y.
    Or,
    /// x xor y.
    Xor,
    /// x and not y, where y is below 2^32.
    AndNot,
}

/// A bitwise operation: a row and its second one, which must follow it. Operands are below 2^36 (below 2^32 for a
/// 32-bit value); a wider one has no proof.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn logic(op: Logic, dest: impl Into<Dest>, x: Operand, y: Operand) -> Asm<[Instr; 2]> {
    let (mut x, mut y, dest) = (x, y, dest.into());
    if op != Logic::AndNot && exchanged(Some(x), Some(y), dest) {
        core::mem::swap(&mut x, &mut y);
    }
    let (k2, k3) = if op == Logic::AndNot {
        (-ONE, two(32) - ONE)
    } else {
        (ONE, ZERO)
    };
    logic_row(op, dest, x, Some(y), k2, k3)
}

/// A bitwise operation with an immediate.
///
/// # Errors
/// [`AsmError::Constant`] for an immediate of 2^36 (2^32 for [`Logic::AndNot`]) and more; [`AsmError::Absolute`].
pub fn logici(op: Logic, dest: impl Into<Dest>, x: Operand, imm: u64) -> Asm<[Instr; 2]> {
    let bits = if op == Logic::AndNot { 32 } else { 36 };
    if imm >> bits != 0 {
        return Err(AsmError::Constant(imm));
    }
    let imm = if op == Logic::AndNot {
        (1 << 32) - 1 - imm
    } else {
        imm
    };
    logic_row(op, dest.into(), x, None, ZERO, Fr::from(imm))
}

/// Operations with a second row cannot branch around it.
fn straight(dest: Dest) -> Asm<()> {
    if matches!(dest, Dest::Branch(_) | Dest::Tee(..)) {
        Err(AsmError::Branch)
    } else {
        Ok(())
    }
}

fn logic_row(op: Logic, dest: Dest, x: Operand, y: Option<Operand>, k2: Fr, k3: Fr) -> Asm<[Instr; 2]> {
    straight(dest)?;
    let (k4, k5) = match op {
        Logic::And | Logic::AndNot => (ZERO, ONE),
        Logic::Or => (ONE, -ONE),
        Logic::Xor => (ONE, -ONE - ONE),
    };
    let flags = Flags::CMP.with(Flags::U2);
    let k = coefficients([(2, k2), (3, k3), (4, k4), (5, k5)]);
    let head = ordered(flags, Some(x), y, dest, k)?;
    Ok([head, Instr::new(flags).with_k(coefficients([(2, ONE)]))])
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
