//! Jumps, calls, frames, exits.
//!
//! A call gives the callee a frame that starts `frame` registers above the caller's, where the caller put the
//! parameters. Its register number `params` takes the way back.

use super::{Asm, Dest, Instr, Operand, coefficients, compare, constant, farith};
use crate::code::{Flags, address};
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

const ONE: Fr = Fr::ONE;
const ZERO: Fr = Fr::ZERO;

/// Goes to a code index.
///
/// # Errors
/// Never.
pub fn jump(target: u32) -> Asm {
    constant(Dest::Branch(target), ONE)
}

/// Goes to a code index if x, which is 0 or 1, is 1.
///
/// # Errors
/// Never.
pub fn jump_if(x: Operand, target: u32) -> Asm {
    farith(Dest::Branch(target), Some(x), None, [ZERO, ONE, ZERO, ZERO])
}

/// Goes to a code index unless x is zero.
///
/// # Errors
/// Never.
pub fn jump_nonzero(x: Operand, target: u32) -> Asm {
    compare(Dest::Branch(target), Some(x), None, [ONE, ZERO, ZERO, -ONE, ONE])
}

/// Goes to a code index if x is zero.
///
/// # Errors
/// Never.
pub fn jump_zero(x: Operand, target: u32) -> Asm {
    compare(Dest::Branch(target), Some(x), None, [ONE, ZERO, ZERO, ONE, ZERO])
}

/// Does nothing.
#[must_use]
pub fn nop() -> Instr {
    Instr::new(Flags::FARITH)
}

/// Goes to code index x + offset.
#[must_use]
pub fn dyn_jump(x: u32, offset: u32) -> Instr {
    let row = Instr::new(Flags::CTL.with(Flags::U4)).slot_a(x);
    row.with_k(coefficients([(0, Fr::from(offset))]))
}

/// Calls the function at a code index.
#[must_use]
pub fn call(frame: u32, params: u32, target: u32) -> Instr {
    let row = Instr::new(Flags::CTL.with(Flags::U0)).slot_c(Operand::Reg(frame + params));
    row.with_k(coefficients([(0, Fr::from(frame)), (2, Fr::from(target))]))
}

/// Calls the function whose index in the table is in register `x`; its type must be number `kind`.
#[must_use]
pub fn calli(frame: u32, params: u32, x: u32, kind: u32) -> Instr {
    let row = Instr::new(Flags::CTL.with(Flags::U1)).slot_c(Operand::Reg(frame + params));
    row.slot_a(x)
        .with_k(coefficients([(0, Fr::from(frame)), (3, Fr::from(kind))]))
}

/// Returns; register `link` holds the way back, `weight` is what ENTER took.
#[must_use]
pub fn ret(link: u32, weight: u32) -> Instr {
    let row = Instr::new(Flags::CTL.with(Flags::U2)).slot_a(link);
    row.with_k(coefficients([(0, Fr::from(weight))]))
}

/// Takes frame slots, of which there are `limit` (8,192) in all.
#[must_use]
pub fn enter(weight: u32, limit: u32) -> Instr {
    Instr::new(Flags::CTL.with(Flags::U3)).with_k(coefficients([(0, Fr::from(weight)), (1, Fr::from(limit))]))
}

/// EXIT, which stands at code index 2: leaves a run of the module for the kernel's `trapped`, in a frame that starts `above`
/// registers above the one that is left.
#[must_use]
pub fn exit(target: u32, above: u32) -> Instr {
    let mut row = reset(target);
    (row.k[0], row.k[1]) = (Fr::from(above), ONE);
    row
}

/// RESET, which stands at code index 5: the kernel's own way to its `resume`, at frame 0.
#[must_use]
pub fn reset(target: u32) -> Instr {
    Instr::new(Flags::CTL.with(Flags::U5))
        .slot_c(Operand::Abs(address::XPC as u32))
        .with_k(coefficients([(2, Fr::from(target))]))
}
