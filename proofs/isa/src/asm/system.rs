//! Gas, hints, tables, and the ends of microcode.

use super::{Asm, AsmError, Dest, Instr, Operand, coefficients, two};
use crate::code::{Flags, Tag};
use ark_ff::Field;
use playfair_types::crypto::field::Fr;

const ONE: Fr = Fr::ONE;

/// SETMEM: memory of the run has as many bytes as register `x` says; a new run first moves to fresh memory.
#[must_use]
pub fn setmem(x: u32, new_run: bool) -> Instr {
    let row = Instr::new(Flags::CMP.with(Flags::U5)).slot_a(x);
    if new_run {
        row.with_k(coefficients([(0, two(31))]))
    } else {
        row
    }
}

/// GETS: the gas that is left.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn gets(dest: impl Into<Dest>) -> Asm {
    Instr::new(Flags::SYS.with(Flags::U0))
        .with_k(coefficients([(0, ONE)]))
        .send(None, None, dest.into())
}

/// GETS: the frame slots that are taken.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn get_slots(dest: impl Into<Dest>) -> Asm {
    Instr::new(Flags::SYS.with(Flags::U0))
        .with_k(coefficients([(2, ONE)]))
        .send(None, None, dest.into())
}

/// GETS: lane 0 of microcode's state.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn get_lane(dest: impl Into<Dest>) -> Asm {
    Instr::new(Flags::SYS.with(Flags::U0))
        .with_k(coefficients([(1, ONE)]))
        .send(None, None, dest.into())
}

/// GASD: takes register `x` from the gas.
#[must_use]
pub fn gasd(x: u32) -> Instr {
    Instr::new(Flags::SYS.with(Flags::U1)).slot_a(x)
}

/// SETGAS: the gas becomes register `x`.
#[must_use]
pub fn setgas(x: u32) -> Instr {
    Instr::new(Flags::SYS.with(Flags::U2)).slot_a(x)
}

fn hinted(flags: Flags, dest: Dest, hint: u32, argument: Option<u32>) -> Asm {
    let mut row = Instr::new(flags);
    row.hint = hint;
    if let Some(register) = argument {
        row = row.slot_a(register);
    }
    row.put(argument.map(Operand::Reg), None, dest)
}

/// HINT64: a word that the prover chooses. The oracle is asked hint number `hint` with the register `argument` (else zero).
///
/// # Errors
/// [`AsmError::Branch`] for a branch.
pub fn hint64(dest: impl Into<Dest>, hint: u32, argument: Option<u32>) -> Asm {
    hinted(Flags::SYS.with(Flags::U3), dest.into(), hint, argument)
}

/// A field element that the prover chooses; as [`hint64`].
///
/// # Errors
/// [`AsmError::Branch`] for a branch.
pub fn hint(dest: impl Into<Dest>, hint: u32, argument: Option<u32>) -> Asm {
    hinted(Flags::default(), dest.into(), hint, argument)
}

/// AUX: `k4 v1 + k5 v2` of the table's row with this tag and key `k1 x + k2`; no such row, no proof.
/// `k` is `[k1, k2, k4, k5]`. Without `x`, `k1` is zero.
///
/// # Errors
/// [`AsmError::Constant`] if `k1` is given without `x`.
pub fn aux(dest: impl Into<Dest>, tag: Tag, x: Option<u32>, [k1, k2, k4, k5]: [Fr; 4]) -> Asm {
    let mut row = Instr::new(Flags::SYS.with(Flags::U5));
    row.k = coefficients([(0, Fr::from(tag as u32)), (1, k1), (2, k2), (4, k4), (5, k5)]);
    match x {
        Some(register) => row = row.slot_a(register),
        None if k1 != Fr::from(0u64) => return Err(AsmError::Constant(1)),
        None => {}
    }
    row.send(x.map(Operand::Reg), None, dest.into())
}

/// v1 of the row with key x.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn aux_v1(dest: impl Into<Dest>, tag: Tag, x: u32) -> Asm {
    aux(dest, tag, Some(x), [ONE, Fr::from(0u64), ONE, Fr::from(0u64)])
}

/// v2 of the row with key x.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn aux_v2(dest: impl Into<Dest>, tag: Tag, x: u32) -> Asm {
    aux(dest, tag, Some(x), [ONE, Fr::from(0u64), Fr::from(0u64), ONE])
}

/// 2^(x mod 64) for x below 128.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn pow(dest: impl Into<Dest>, x: u32) -> Asm {
    aux_v1(dest, Tag::Pow, x)
}

/// 2^(64 - x) for x up to 64. For x = 0 this is 2^64: a field element that is no word.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn pow_down(dest: impl Into<Dest>, x: u32) -> Asm {
    aux_v2(dest, Tag::Pow, x)
}

/// Public input number `index`.
///
/// # Errors
/// Never for [`Dest::Put`].
pub fn public(dest: impl Into<Dest>, index: u32) -> Asm {
    aux(
        dest,
        Tag::Public,
        None,
        [Fr::from(0u64), Fr::from(index), ONE, Fr::from(0u64)],
    )
}

/// PIN: the state of Poseidon in the next row is `k0, x + k1, y + k2, z + k3, x' + k4, y' + k5` of this row's slots A, B, C and the
/// next row's A, B. Registers must differ.
#[must_use]
pub fn pin(x: u32, y: u32, z: Option<u32>, k: [Fr; 6]) -> Instr {
    let [k0, k1, k2, k3, k4, k5] = k;
    let row = Instr::new(Flags::CMP.with(Flags::U4))
        .slot_a(x)
        .slot_b(Operand::Reg(y));
    let row = row.with_k([k0, k1, k2, k3, k4, k5, Fr::from(0u64), Fr::from(0u64)]);
    match z {
        Some(z) => row.slot_c(Operand::Reg(z)),
        None => row,
    }
}

/// CIN: shifts the state of the curve by three and appends three registers, which must differ.
#[must_use]
pub fn cin(x: u32, y: u32, z: u32) -> Instr {
    let row = Instr::new(Flags::CMP).slot_a(x);
    row.slot_b(Operand::Reg(y)).slot_c(Operand::Reg(z))
}

/// COUT: C0 or, if `second`, C1 of the curve's state.
///
/// # Errors
/// [`AsmError::Branch`] for a branch.
pub fn cout(dest: impl Into<Dest>, second: bool) -> Asm {
    Instr::new(Flags::SYS)
        .with_k(coefficients([(usize::from(second), ONE)]))
        .put(None, None, dest.into())
}

/// CURVE: one bit of double and add; stands at code index `index`, where it loops.
#[must_use]
pub fn curve(index: u32) -> Instr {
    let mut row = Instr::new(Flags::CURVE.with(Flags::BR));
    row.c = Fr::from(index);
    row
}
