//! Millicode: what WebAssembly has in one instruction and the machine in many rows, as functions that lowered code calls.
//!
//! Parameters lie in registers 0.., the way back in register `max(parameters, results)`, the result in register 0. A unit has
//! a function only if it calls it.

mod bulk;

use crate::asm::{self, Extend, Operand, Width, coefficients};
use crate::code::Tag;
use crate::lower::rows::{Code, Kind, Label, ONE, Result, To, ZERO};
use crate::lower::{Function, Trap};
use playfair_types::crypto::field::Fr;

/// A function of millicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Helper {
    /// Loads from any address of up to 33 bits.
    Load16,
    Load32,
    /// Stores to any address of up to 33 bits.
    Store16,
    Store32,
    /// `memory.copy`.
    Copy,
    /// `memory.fill`.
    Fill,
}

impl Helper {
    /// The register of the way back.
    pub(crate) const fn link(self) -> u32 {
        match self {
            Self::Load16 | Self::Load32 => 1,
            Self::Store16 | Self::Store32 => 2,
            Self::Copy | Self::Fill => 3,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Load16 => "load16",
            Self::Load32 => "load32",
            Self::Store16 => "store16",
            Self::Store32 => "store32",
            Self::Copy => "memory.copy",
            Self::Fill => "memory.fill",
        }
    }
}

/// Appends the functions that a unit calls.
pub(crate) fn finish(code: &mut Code, listed: &mut Vec<Function>) -> Result<()> {
    for (helper, label) in core::mem::take(&mut code.helpers) {
        let start = code.here();
        code.bind(label)?;
        code.scratch_from(16);
        match helper {
            Helper::Load16 => load16(code)?,
            Helper::Load32 => load32(code)?,
            Helper::Store16 => store_bytes(code, 2)?,
            Helper::Store32 => store32(code)?,
            Helper::Copy => bulk::copy(code)?,
            Helper::Fill => bulk::fill(code)?,
        }
        listed.push(Function {
            index: None,
            name: helper.name().to_owned(),
            start,
            rows: code.here() - start,
            instructions: 0,
        });
    }
    if code.helpers.is_empty() {
        Ok(())
    } else {
        code.internal("millicode that calls millicode")
    }
}

/// A register of the function's frame.
const fn r(register: u32) -> Operand {
    Operand::Reg(register)
}

fn back(code: &mut Code, helper: Helper) -> Result<()> {
    code.push(asm::ret(helper.link(), 0))?;
    Ok(())
}

fn load(code: &mut Code, to: u32, x: u32, offset: u32, width: Width) -> Result<()> {
    let row = asm::load(r(to), x, offset, width, Extend::Zero, code.space());
    code.built_trap(row, access(x, offset, width))?;
    Ok(())
}

fn store(code: &mut Code, value: u32, x: u32, offset: u32, width: Width) -> Result<()> {
    let row = asm::store(r(value), x, offset, width, code.space());
    code.built_trap(row, access(x, offset, width))?;
    Ok(())
}

fn access(x: u32, offset: u32, width: Width) -> Trap {
    Trap {
        class: 2,
        register1: x,
        register2: 0,
        width: width as u32,
        constant: u64::from(offset),
    }
}

/// `to = x + constant` in the field.
fn plus(code: &mut Code, to: u32, x: u32, constant: Fr) -> Result<()> {
    code.field(r(to), Some(r(x)), None, [ZERO, ONE, ZERO, constant])
}

/// `to = kx x + ky y` in the field.
fn combine(code: &mut Code, to: u32, (x, kx): (u32, Fr), (y, ky): (u32, Fr)) -> Result<()> {
    code.field(r(to), Some(r(x)), Some(r(y)), [ZERO, kx, ky, ZERO])
}

/// The low word of x y.
fn low(code: &mut Code, to: u32, x: u32, y: u32) -> Result<()> {
    let k = coefficients([(0, ONE), (4, ONE), (7, ONE)]);
    code.form(Kind::Arith, Some(r(x)), Some(r(y)), k, r(to))
}

/// The high word of x y.
fn high(code: &mut Code, to: u32, x: u32, y: u32) -> Result<()> {
    let k = coefficients([(0, ONE), (5, ONE), (7, ONE)]);
    code.form(Kind::Arith, Some(r(x)), Some(r(y)), k, r(to))
}

/// `to` = the low `bits` bits of x.
fn mask(code: &mut Code, to: u32, x: u32, bits: u32) -> Result<()> {
    code.built(asm::mask(r(to), r(x), bits))?;
    Ok(())
}

/// 2^(64 - 8 x).
fn power(code: &mut Code, to: u32, x: u32) -> Result<()> {
    code.built(asm::aux(
        r(to),
        Tag::Pow,
        Some(x),
        [Fr::from(8u64), ZERO, ZERO, ONE],
    ))?;
    Ok(())
}

/// Goes to a label if x, which is a word, is at least a constant.
fn jump_at_least(code: &mut Code, x: u32, constant: u64, label: Label) -> Result<()> {
    let k = coefficients([
        (1, ONE),
        (3, asm::two(64) - Fr::from(constant)),
        (5, ONE),
        (7, ONE),
    ]);
    code.form(Kind::Arith, Some(r(x)), None, k, To::Branch(label.into()))
}

/// Goes to a label if x < y.
fn jump_below(code: &mut Code, x: u32, y: u32, label: Label) -> Result<()> {
    let k = coefficients([
        (1, ONE),
        (2, -ONE),
        (3, asm::two(64)),
        (5, -ONE),
        (6, ONE),
        (7, ONE),
    ]);
    code.form(Kind::Arith, Some(r(x)), Some(r(y)), k, To::Branch(label.into()))
}

fn load16(code: &mut Code) -> Result<()> {
    load(code, 2, 0, 0, Width::W1)?;
    load(code, 3, 0, 1, Width::W1)?;
    combine(code, 0, (2, ONE), (3, asm::two(8)))?;
    back(code, Helper::Load16)
}

/// Eight bytes from address register 0, whose offset in its word is in register 2, to registers 4 (low part) and 5.
fn straddle(code: &mut Code) -> Result<()> {
    combine(code, 3, (0, ONE), (2, -ONE))?;
    load(code, 4, 3, 0, Width::W8)?;
    load(code, 5, 3, 8, Width::W8)?;
    power(code, 6, 2)?;
    high(code, 4, 4, 6)?;
    low(code, 5, 5, 6)
}

fn load32(code: &mut Code) -> Result<()> {
    let two_words = code.label();
    mask(code, 2, 0, 3)?;
    jump_at_least(code, 2, 5, two_words)?;
    load(code, 0, 0, 0, Width::W4)?;
    back(code, Helper::Load32)?;
    code.bind(two_words)?;
    straddle(code)?;
    code.built(asm::add32(r(0), r(4), r(5)))?;
    back(code, Helper::Load32)
}

/// Byte by byte, if all of them are there.
fn store_bytes(code: &mut Code, bytes: u32) -> Result<()> {
    load(code, 3, 0, bytes - 1, Width::W1)?;
    for byte in 0..bytes {
        if byte + 1 < bytes {
            mask(code, 3, 1, 8)?;
            store(code, 3, 0, byte, Width::W1)?;
            code.built(asm::shr_ui(r(1), r(1), 8))?;
        } else {
            store(code, 1, 0, byte, Width::W1)?;
        }
    }
    back(code, Helper::Store16)
}

fn store32(code: &mut Code) -> Result<()> {
    let two_words = code.label();
    mask(code, 3, 0, 3)?;
    jump_at_least(code, 3, 5, two_words)?;
    store(code, 1, 0, 0, Width::W4)?;
    back(code, Helper::Store32)?;
    code.bind(two_words)?;
    store_bytes(code, 4)
}
