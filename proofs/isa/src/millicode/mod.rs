//! Millicode: what WebAssembly has in one instruction and the machine in many rows, as functions that lowered code calls.
//!
//! Parameters lie in registers 0.., the way back in register `max(parameters, results)`, the result in register 0. A unit has
//! a function only if it calls it.

mod bulk;
mod ranges;

use crate::asm::{self, Operand, coefficients};
use crate::lower::Function;
use crate::lower::rows::{Code, Kind, Label, ONE, Result, To, ZERO};
use playfair_types::crypto::field::Fr;

/// Registers of both functions: destination, source (or byte), length; then comes the way back.
const TO: u32 = 0;
const FROM: u32 = 1;
const LENGTH: u32 = 2;

/// A function of millicode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Helper {
    /// `memory.copy`.
    Copy,
    /// `memory.fill`.
    Fill,
}

impl Helper {
    /// The register of the way back.
    pub(crate) const fn link(self) -> u32 {
        match self {
            Self::Copy | Self::Fill => 3,
        }
    }

    const fn name(self) -> &'static str {
        match self {
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
            Helper::Copy if code.guest => ranges::copy(code)?,
            Helper::Fill if code.guest => ranges::fill(code)?,
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

/// `to = x + constant` in the field.
fn plus(code: &mut Code, to: u32, x: u32, constant: Fr) -> Result<()> {
    code.field(r(to), Some(r(x)), None, [ZERO, ONE, ZERO, constant])
}

/// `to` = the low `bits` bits of x.
fn mask(code: &mut Code, to: u32, x: u32, bits: u32) -> Result<()> {
    code.built(asm::mask(r(to), r(x), bits))?;
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
