//! `memory.copy` and `memory.fill` of the kernel: by words where ranges are aligned alike, by bytes at the ends. Its words may be
//! any field elements: where both ranges are made of whole words, no byte of them is looked at.

use super::{FROM, Helper, LENGTH, TO, back, jump_at_least, jump_below, mask, plus, r};
use crate::asm::{self, Extend, Space, Width};
use crate::lower::rows::{Code, Label, ONE, Result, ZERO};
use playfair_types::crypto::field::Fr;

/// Bytes of an unrolled round.
const ROUND: u64 = 64;

const T: u32 = 5;
const WORD: u32 = 6;

fn load(code: &mut Code, to: u32, x: u32, offset: u32, width: Width) -> Result<()> {
    let row = asm::load(r(to), x, offset, width, Extend::Zero, Space::Kernel);
    code.built(row)?;
    Ok(())
}

fn store(code: &mut Code, value: u32, x: u32, offset: u32, width: Width) -> Result<()> {
    code.built(asm::store(r(value), x, offset, width, Space::Kernel))?;
    Ok(())
}

/// `to = kx x + ky y` in the field.
fn combine(code: &mut Code, to: u32, (x, kx): (u32, Fr), (y, ky): (u32, Fr)) -> Result<()> {
    code.field(r(to), Some(r(x)), Some(r(y)), [ZERO, kx, ky, ZERO])
}

/// Adds constants to the registers that move.
fn advance(code: &mut Code, registers: &[u32], by: i64) -> Result<()> {
    for register in registers {
        plus(code, *register, *register, Fr::from(by))?;
    }
    plus(code, LENGTH, LENGTH, -Fr::from(by.unsigned_abs()))
}

/// A loop: while at least `bytes` are left, `body`, then on.
fn rounds(
    code: &mut Code,
    registers: &[u32],
    bytes: u64,
    backward: bool,
    body: impl Fn(&mut Code) -> Result<()>,
) -> Result<()> {
    let (again, done, enter) = (code.label(), code.label(), code.label());
    jump_at_least(code, LENGTH, bytes, enter)?;
    code.jump(done)?;
    code.bind(enter)?;
    code.bind(again)?;
    let by = bytes as i64;
    if backward {
        advance(code, registers, -by)?;
        body(code)?;
    } else {
        body(code)?;
        advance(code, registers, by)?;
    }
    jump_at_least(code, LENGTH, bytes, again)?;
    code.bind(done)
}

fn move_one(code: &mut Code, width: Width, offset: u32) -> Result<()> {
    load(code, WORD, FROM, offset, width)?;
    store(code, WORD, TO, offset, width)
}

/// Single bytes until register `which` is a multiple of 8, or nothing is left.
fn align(
    code: &mut Code,
    registers: &[u32],
    which: u32,
    backward: bool,
    body: impl Fn(&mut Code) -> Result<()>,
    nothing: Label,
) -> Result<()> {
    let (again, aligned) = (code.label(), code.label());
    code.bind(again)?;
    mask(code, T, which, 3)?;
    code.jump_zero(r(T), true, aligned)?;
    if backward {
        advance(code, registers, -1)?;
        body(code)?;
    } else {
        body(code)?;
        advance(code, registers, 1)?;
    }
    code.jump_zero(r(LENGTH), false, again)?;
    code.jump(nothing)?;
    code.bind(aligned)
}

pub(super) fn copy(code: &mut Code) -> Result<()> {
    let (backward, bytes_up, bytes_down, end) = (code.label(), code.label(), code.label(), code.label());
    code.jump_zero(r(LENGTH), true, end)?;
    // Upward is right unless the destination begins inside of the source.
    code.built(asm::sub32(r(T), r(TO), r(FROM)))?;
    jump_below(code, T, LENGTH, backward)?;
    mask(code, T, T, 3)?;
    code.jump_zero(r(T), false, bytes_up)?;
    let both = [TO, FROM];
    align(code, &both, TO, false, |code| move_one(code, Width::W1, 0), end)?;
    let words =
        |code: &mut Code| (0..ROUND as u32 / 8).try_for_each(|word| move_one(code, Width::W8, 8 * word));
    rounds(code, &both, ROUND, false, words)?;
    rounds(code, &both, 8, false, |code| move_one(code, Width::W8, 0))?;
    code.bind(bytes_up)?;
    rounds(code, &both, 1, false, |code| move_one(code, Width::W1, 0))?;
    back(code, Helper::Copy)?;

    code.bind(backward)?;
    mask(code, T, T, 3)?;
    combine(code, TO, (TO, ONE), (LENGTH, ONE))?;
    combine(code, FROM, (FROM, ONE), (LENGTH, ONE))?;
    code.jump_zero(r(T), false, bytes_down)?;
    align(code, &both, TO, true, |code| move_one(code, Width::W1, 0), end)?;
    let words = |code: &mut Code| {
        (0..ROUND as u32 / 8)
            .rev()
            .try_for_each(|word| move_one(code, Width::W8, 8 * word))
    };
    rounds(code, &both, ROUND, true, words)?;
    rounds(code, &both, 8, true, |code| move_one(code, Width::W8, 0))?;
    code.bind(bytes_down)?;
    rounds(code, &both, 1, true, |code| move_one(code, Width::W1, 0))?;
    code.bind(end)?;
    back(code, Helper::Copy)
}

pub(super) fn fill(code: &mut Code) -> Result<()> {
    let end = code.label();
    code.jump_zero(r(LENGTH), true, end)?;
    mask(code, FROM, FROM, 8)?;
    // Eight times the byte.
    plus(code, WORD, FROM, ZERO)?;
    code.built(asm::mul64i(r(WORD), r(WORD), 0x0101_0101_0101_0101))?;
    let one = [TO];
    align(
        code,
        &one,
        TO,
        false,
        |code| store(code, FROM, TO, 0, Width::W1),
        end,
    )?;
    let words = |code: &mut Code| {
        (0..ROUND as u32 / 8).try_for_each(|word| store(code, WORD, TO, 8 * word, Width::W8))
    };
    rounds(code, &one, ROUND, false, words)?;
    rounds(code, &one, 8, false, |code| store(code, WORD, TO, 0, Width::W8))?;
    rounds(code, &one, 1, false, |code| store(code, FROM, TO, 0, Width::W1))?;
    code.bind(end)?;
    back(code, Helper::Fill)
}
