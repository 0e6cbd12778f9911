//! Loads and stores. An access lies in one word: what straddles two has no proof, or is done in parts.

use super::{Asm, AsmError, Dest, Instr, Operand, coefficients, two};
use crate::code::Flags;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

/// Which memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Space {
    /// That of the module's run, with bounds.
    Module,
    /// The kernel's, without.
    Kernel,
}

/// Bytes of an access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// One.
    W1 = 1,
    /// Two.
    W2 = 2,
    /// Four.
    W4 = 4,
    /// Eight, a whole word (which in kernel memory may be any field element).
    W8 = 8,
}

/// How a value that is narrower than its type is extended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extend {
    /// With zeros.
    Zero,
    /// With its sign, to 32 bits.
    Sign32,
    /// With its sign, to 64 bits.
    Sign64,
}

fn flags(space: Space, unit: Flags) -> Flags {
    let flags = Flags::MEMF.with(unit);
    if space == Space::Module {
        flags.with(Flags::M)
    } else {
        flags
    }
}

/// The row with its base register, if any.
fn based(row: Instr, x: Option<u32>) -> Instr {
    match x {
        Some(x) => row.slot_a(x),
        None => row,
    }
}

/// `k0 k1 k2` say which bytes there are.
fn bytes(width: Width) -> [Fr; 8] {
    let mut k = [Fr::ZERO; 8];
    if matches!(width, Width::W2 | Width::W4) {
        k[0] = two(8);
    }
    if width == Width::W4 {
        (k[1], k[2]) = (two(16), two(24));
    }
    k
}

/// Loads from address x + offset to `dest`, where register `x` of the frame holds x, or x is 0 without a register.
///
/// # Errors
/// [`AsmError::Constant`] for an extension that the width does not have.
pub fn load(
    dest: impl Into<Dest>,
    x: impl Into<Option<u32>>,
    offset: u32,
    width: Width,
    extend: Extend,
    space: Space,
) -> Asm {
    let x = x.into();
    let mut k = bytes(width);
    k[4] = Fr::from(offset);
    let bits = 8 * width as u32;
    let to = match extend {
        Extend::Zero => bits,
        Extend::Sign32 => 32,
        Extend::Sign64 => 64,
    };
    if to < bits || (width == Width::W8 && extend != Extend::Zero) {
        return Err(AsmError::Constant(u64::from(bits)));
    }
    let unit = if width == Width::W8 { Flags::U1 } else { Flags::U0 };
    let mut row = based(Instr::new(flags(space, unit).with(Flags::SB)), x);
    if width != Width::W8 {
        row.b = Fr::from(width as u32);
        if to > bits {
            k[3] = two(to) - two(bits);
            k[match width {
                Width::W1 => 5,
                Width::W2 => 6,
                _ => 7,
            }] = Fr::ONE;
        }
    }
    row.with_k(k).send(x.map(Operand::Reg), None, dest.into())
}

/// Stores `value` at address x + offset, where register `x` of the frame holds x, or x is 0 without a register. The value is below 256^width.
///
/// # Errors
/// [`AsmError::Same`] if the value is register x itself.
pub fn store(value: Operand, x: impl Into<Option<u32>>, offset: u32, width: Width, space: Space) -> Asm {
    let x = x.into();
    if Some(value) == x.map(Operand::Reg) {
        return Err(AsmError::Same(value));
    }
    Ok(stores(x, offset, width, space).slot_b(value))
}

/// The same of a constant.
///
/// # Errors
/// [`AsmError::Constant`] if it is not below 256^width.
pub fn store_constant(value: u64, x: impl Into<Option<u32>>, offset: u32, width: Width, space: Space) -> Asm {
    if width != Width::W8 && value >> (8 * width as u32) != 0 {
        return Err(AsmError::Constant(value));
    }
    let mut row = stores(x.into(), offset, width, space);
    row.k[3] = Fr::from(value);
    Ok(row)
}

/// A store without its value.
fn stores(x: Option<u32>, offset: u32, width: Width, space: Space) -> Instr {
    let mut k = bytes(width);
    k[4] = Fr::from(offset);
    let unit = if width == Width::W8 { Flags::U3 } else { Flags::U2 };
    let mut row = based(Instr::new(flags(space, unit).with(Flags::SC)).with_k(k), x);
    if width != Width::W8 {
        row.c = Fr::from(width as u32);
    }
    row
}

/// How far behind memory's end LOADP may read, at most: bytes of eight that belong to no access of four (k5).
pub const BEYOND: u64 = 4;

/// Which part of a word LOADP takes, for an access of eight bytes that may span two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Half {
    /// The address is that of the first byte: its word's bytes from there on, moved to the bottom.
    First,
    /// The address is that of the last byte: its word's bytes up to there, moved to the top; nothing if they are a whole word.
    Last,
    /// The address is that of the last byte: 256^o, where o is the first byte's offset in its word.
    Scale,
}

/// LOADP, the result added to what register `dest` holds if `add` says so.
///
/// # Errors
/// [`AsmError`] if the result cannot go there: what adds does not write in place, nor branch.
pub fn load_part(
    dest: impl Into<Dest>,
    x: impl Into<Option<u32>>,
    offset: u32,
    half: Half,
    add: bool,
    space: Space,
) -> Asm {
    let (x, dest) = (x.into(), dest.into());
    if add && !matches!(dest, Dest::Put(to) if Some(to) != x.map(Operand::Reg)) {
        return Err(AsmError::Branch);
    }
    let part = match half {
        Half::First => 0,
        Half::Last => 1,
        Half::Scale => 2,
    };
    let mut k = coefficients([(part, Fr::ONE), (4, Fr::from(offset))]);
    if add {
        k[3] = Fr::ONE;
    }
    let row = based(Instr::new(flags(space, Flags::U4).with(Flags::SB)), x);
    row.with_k(k).send(x.map(Operand::Reg), None, dest)
}

/// LOADP of [`Half::Last`] for an access of four bytes: only these have to be in memory, so that up to four that follow may lie in the
/// word behind memory's end. `offset` is that of the eighth byte.
///
/// # Errors
/// [`AsmError`] if the result cannot go there.
pub fn load_last_of_four(dest: impl Into<Dest>, x: impl Into<Option<u32>>, offset: u32) -> Asm {
    with_four(load_part(dest, x, offset, Half::Last, false, Space::Module))
}

/// The same of [`Half::Scale`]: the bound is that of four bytes of which `offset` is that of the eighth.
///
/// # Errors
/// [`AsmError`] if the result cannot go there.
pub fn scale_of_four(dest: impl Into<Dest>, x: impl Into<Option<u32>>, offset: u32) -> Asm {
    with_four(load_part(dest, x, offset, Half::Scale, false, Space::Module))
}

fn with_four(row: Asm) -> Asm {
    row.map(|mut row| {
        row.k[5] = Fr::from(BEYOND);
        row
    })
}

/// STOREP: of the word at the address, keeps the bytes below the offset ([`Half::First`]) or above it ([`Half::Last`]), and adds `value`,
/// which has only the others: it is a multiple of 256^offset, or below 256^(offset + 1).
///
/// # Errors
/// [`AsmError::Same`] if the value is register x itself; [`AsmError::Constant`] for [`Half::Scale`].
pub fn store_part(value: Operand, x: impl Into<Option<u32>>, offset: u32, half: Half, space: Space) -> Asm {
    let x = x.into();
    if Some(value) == x.map(Operand::Reg) {
        return Err(AsmError::Same(value));
    }
    let part = match half {
        Half::First => 0,
        Half::Last => 1,
        Half::Scale => return Err(AsmError::Constant(2)),
    };
    let k = coefficients([(part, Fr::ONE), (4, Fr::from(offset))]);
    let row = Instr::new(flags(space, Flags::U5).with(Flags::SC)).with_k(k);
    Ok(based(row, x).slot_b(value))
}

/// STOREP for an access of four bytes: the address is that of the first or of the last of them; in its word, what is before these
/// four and what is behind is kept.
///
/// # Errors
/// As [`store_part`].
pub fn store_part_of_four(
    value: Operand,
    x: impl Into<Option<u32>>,
    offset: u32,
    half: Half,
    space: Space,
) -> Asm {
    let mut row = store_part(value, x, offset, half, space)?;
    row.k[if half == Half::First { 2 } else { 3 }] = Fr::ONE;
    Ok(row)
}

/// RAW: reads the cell whose address is x + offset.
///
/// # Errors
/// [`AsmError`] if no choice of slots holds it.
pub fn raw(dest: impl Into<Dest>, x: u32, offset: i64) -> Asm {
    let row = Instr::new(Flags::SYS.with(Flags::U4).with(Flags::SB)).slot_a(x);
    let row = row.with_k(coefficients([(4, Fr::from(offset))]));
    row.send(Some(Operand::Reg(x)), None, dest.into())
}

/// MEM, which stands at code index 0: `[start, end)` of the image in module memory and in kernel memory, as keys.
#[must_use]
pub fn mem(module: [u64; 2], kernel: [u64; 2]) -> Instr {
    let [k0, k1] = module.map(Fr::from);
    let [k2, k3] = kernel.map(Fr::from);
    Instr::new(Flags::MEM.with(Flags::SA).with(Flags::SC)).with_k(coefficients([
        (0, k0),
        (1, k1),
        (2, k2),
        (3, k3),
    ]))
}
