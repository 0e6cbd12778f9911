//! Choice, and the operations of more than one row: logic and division.

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

/// Bits that each row of a LOGIC chain takes.
pub const LOGIC_ROW: u32 = 36;

/// Rows of the longest LOGIC chain: 72 bits.
pub const LOGIC_ROWS: u32 = 2;

/// Rows that a bitwise operation on operands below 2^bits takes.
#[must_use]
pub const fn logic_rows(bits: u32) -> u32 {
    if bits <= LOGIC_ROW {
        1
    } else {
        bits.div_ceil(LOGIC_ROW)
    }
}

/// A bitwise operation on operands below 2^bits: [`logic_rows`] rows that must stay together. An operand that is wider than
/// the rows has no proof. For [`Logic::AndNot`], all bits above `bits` of the result are zero.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it; [`AsmError::Constant`] for more than 64 bits.
pub fn logic(op: Logic, dest: impl Into<Dest>, x: Operand, y: Operand, bits: u32) -> Asm<Vec<Instr>> {
    let (mut x, mut y, dest) = (x, y, dest.into());
    if op != Logic::AndNot && exchanged(Some(x), Some(y), dest) {
        core::mem::swap(&mut x, &mut y);
    }
    let (k2, k3) = if op == Logic::AndNot {
        (-ONE, two(bits) - ONE)
    } else {
        (ONE, ZERO)
    };
    logic_chain(op, dest, (x, Some(y)), (k2, k3), bits)
}

/// A bitwise operation with an immediate.
///
/// # Errors
/// [`AsmError::Constant`] for an immediate of 2^bits and more, or more than 64 bits; [`AsmError::Absolute`].
pub fn logici(op: Logic, dest: impl Into<Dest>, x: Operand, imm: u64, bits: u32) -> Asm<Vec<Instr>> {
    if bits < 64 && imm >> bits != 0 {
        return Err(AsmError::Constant(imm));
    }
    let k3 = if op == Logic::AndNot {
        two(bits) - ONE - Fr::from(imm)
    } else {
        Fr::from(imm)
    };
    logic_chain(op, dest.into(), (x, None), (ZERO, k3), bits)
}

/// Operations with a second row cannot branch around it.
fn straight(dest: Dest) -> Asm<()> {
    if matches!(dest, Dest::Branch(_) | Dest::Tee(..)) {
        Err(AsmError::Branch)
    } else {
        Ok(())
    }
}

fn logic_chain(
    op: Logic,
    dest: Dest,
    (x, y): (Operand, Option<Operand>),
    (k2, k3): (Fr, Fr),
    bits: u32,
) -> Asm<Vec<Instr>> {
    straight(dest)?;
    if bits > 64 {
        return Err(AsmError::Constant(u64::from(bits)));
    }
    let (k4, k5) = match op {
        Logic::And | Logic::AndNot => (ZERO, ONE),
        Logic::Or => (ONE, -ONE),
        Logic::Xor => (ONE, -ONE - ONE),
    };
    let flags = Flags::CMP.with(Flags::U2);
    // k6: another row follows.
    let rows = logic_rows(bits);
    let more = |row: u32| if row + 1 < rows { ONE } else { ZERO };
    let k = coefficients([(2, k2), (3, k3), (4, k4), (5, k5), (6, more(0)), (7, ONE)]);
    let head = ordered(flags, Some(x), y, dest, k)?;
    let rest = (1..rows).map(|row| Instr::new(flags).with_k(coefficients([(6, more(row))])));
    Ok(core::iter::once(head).chain(rest).collect())
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
