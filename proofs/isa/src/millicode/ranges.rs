//! `memory.copy` and `memory.fill` of the module.
//!
//! * Up to seven bytes: one row loads each, one stores each; a jump by the length enters both where the last byte is, whose row
//!   has the bound and the trap of its range. All are loaded before one is stored, so that it does not matter whether ranges overlap.
//! * From eight on: the first and the last eight bytes are loaded, from any address, and stored at the very end, to any address. What
//!   lies between goes by words of the destination, upward or downward, so that nothing is read after it was
//!   overwritten: each is one word of the source, or eight bytes of two. The source's last bytes and the destination's are touched
//!   first of all, and only these rows have an entry of TRAP.
//! * None: each start must not be behind memory's end.

use super::{FROM, Helper, LENGTH, TO, back, jump_at_least, jump_below, mask, plus, r};
use crate::asm::{self, Half, Space, Width, coefficients};
use crate::lower::rows::{Code, Kind, Label, ONE, Result, Symbol, Target, To, ZERO};
use crate::lower::{Trap, access};
use playfair_types::crypto::field::Fr;

const SPACE: Space = Space::Module;

/// Bytes of a word, and words of an unrolled round.
const WORD: u32 = 8;
const ROUND: u32 = 8;

/// Addresses of the last eight bytes of destination and source.
const LAST_TO: u32 = 4;
const LAST_FROM: u32 = 5;
/// What they and the first eight of the source hold, or any eight of what is filled.
const LAST: u32 = 6;
const FIRST: u32 = 7;
/// 256^o of an address, and the words that a value times that has.
const SCALE: u32 = 8;
const LOW: u32 = 9;
const HIGH: u32 = 10;
/// Where the words between go to, and where they come from.
const WORD_TO: u32 = 11;
const WORD_FROM: u32 = 12;
const T: u32 = 13;
/// Single bytes, seven registers.
const BYTES: u32 = 4;

/// `to = x + ky y + constant`.
fn sum(code: &mut Code, to: u32, x: u32, (y, ky): (u32, Fr), constant: i64) -> Result<()> {
    code.field(r(to), Some(r(x)), Some(r(y)), [ZERO, ONE, ky, Fr::from(constant)])
}

/// The trap of a range's last byte.
fn last_of(x: u32, offset: u32) -> Trap {
    access(x, offset, Width::W1)
}

/// Goes to a label if x + constant < y, or unless it is.
fn jump_if_below(code: &mut Code, x: u32, constant: u32, y: u32, below: bool, label: Label) -> Result<()> {
    let constant = Fr::from(constant);
    // y - x - constant - 1, or x + constant - y, is not negative.
    let (kx, k3) = if below {
        (-ONE, -constant - ONE)
    } else {
        (ONE, constant)
    };
    let k = coefficients([(1, kx), (2, -kx), (3, k3 + asm::two(64)), (5, ONE), (7, ONE)]);
    code.form(Kind::Arith, Some(r(x)), Some(r(y)), k, To::Branch(label.into()))
}

/// Eight bytes from x + offset.
fn load_eight(code: &mut Code, to: u32, x: u32, offset: u32, trap: bool) -> Result<()> {
    let last = offset + WORD - 1;
    let row = asm::load_part(r(to), x, last, Half::Last, false, SPACE);
    let trap = if trap { last_of(x, last) } else { Trap::default() };
    code.built_trap(row, trap)?;
    code.built(asm::load_part(r(to), x, offset, Half::First, true, SPACE))?;
    Ok(())
}

/// 256^o of eight bytes at x.
fn scale(code: &mut Code, x: u32, trap: bool) -> Result<()> {
    let row = asm::load_part(r(SCALE), x, WORD - 1, Half::Scale, false, SPACE);
    let trap = if trap {
        last_of(x, WORD - 1)
    } else {
        Trap::default()
    };
    code.built_trap(row, trap)?;
    Ok(())
}

/// Stores eight bytes at x, whose scale is there.
fn store_eight(code: &mut Code, value: u32, x: u32) -> Result<()> {
    for (part, to) in [(5, HIGH), (4, LOW)] {
        let k = coefficients([(0, ONE), (part, ONE), (7, ONE)]);
        code.form(Kind::Arith, Some(r(value)), Some(r(SCALE)), k, r(to))?;
    }
    code.built(asm::store_part(r(HIGH), x, WORD - 1, Half::Last, SPACE))?;
    code.built(asm::store_part(r(LOW), x, 0, Half::First, SPACE))?;
    Ok(())
}

/// How a word gets where it belongs.
#[derive(Clone, Copy)]
enum Step {
    /// From a word of the source.
    Aligned,
    /// From eight bytes of the source.
    Anywhere,
    /// The same everywhere.
    Fill,
}

impl Step {
    fn word(self, code: &mut Code, offset: u32) -> Result<()> {
        let value = match self {
            Self::Aligned => {
                let row = asm::load(r(T), WORD_FROM, offset, Width::W8, asm::Extend::Zero, SPACE);
                code.built(row)?;
                T
            }
            Self::Anywhere => {
                load_eight(code, T, WORD_FROM, offset, false)?;
                T
            }
            Self::Fill => LAST,
        };
        code.built(asm::store(r(value), WORD_TO, offset, Width::W8, SPACE))?;
        Ok(())
    }

    fn advance(self, code: &mut Code, by: i64) -> Result<()> {
        plus(code, WORD_TO, WORD_TO, Fr::from(by))?;
        match self {
            Self::Aligned | Self::Anywhere => plus(code, WORD_FROM, WORD_FROM, Fr::from(by)),
            Self::Fill => Ok(()),
        }
    }

    /// Words upward, from [`WORD_TO`] on, as long as they begin below [`LAST_TO`].
    fn upward(self, code: &mut Code, done: Label) -> Result<()> {
        let (rest, again, next) = (code.label(), code.label(), code.label());
        let round = WORD * (ROUND - 1);
        jump_if_below(code, WORD_TO, round, LAST_TO, false, rest)?;
        code.bind(again)?;
        for word in 0..ROUND {
            self.word(code, WORD * word)?;
        }
        self.advance(code, i64::from(WORD * ROUND))?;
        jump_if_below(code, WORD_TO, round, LAST_TO, true, again)?;
        code.bind(rest)?;
        jump_if_below(code, WORD_TO, 0, LAST_TO, false, done)?;
        code.bind(next)?;
        self.word(code, 0)?;
        self.advance(code, i64::from(WORD))?;
        jump_if_below(code, WORD_TO, 0, LAST_TO, true, next)
    }

    /// Words downward, below [`WORD_TO`], as long as they begin above [`TO`].
    fn downward(self, code: &mut Code, done: Label) -> Result<()> {
        let (rest, again, next) = (code.label(), code.label(), code.label());
        let round = WORD * ROUND;
        jump_if_below(code, TO, round, WORD_TO, false, rest)?;
        code.bind(again)?;
        self.advance(code, -i64::from(round))?;
        for word in (0..ROUND).rev() {
            self.word(code, WORD * word)?;
        }
        jump_if_below(code, TO, round, WORD_TO, true, again)?;
        code.bind(rest)?;
        jump_if_below(code, TO, WORD, WORD_TO, false, done)?;
        code.bind(next)?;
        self.advance(code, -i64::from(WORD))?;
        self.word(code, 0)?;
        jump_if_below(code, TO, WORD, WORD_TO, true, next)
    }
}

/// The first words of the destination that begin behind its start, and their source.
fn first_words(code: &mut Code, registers: &[(u32, u32)]) -> Result<()> {
    mask(code, T, TO, 3)?;
    let mut registers = registers.iter();
    registers.try_for_each(|(to, start)| sum(code, *to, *start, (T, -ONE), WORD.into()))
}

/// Seven rows, of which the last `length` run.
fn bytes(code: &mut Code, row: impl Fn(&mut Code, u32) -> Result<()>) -> Result<()> {
    let rows = code.label();
    code.jump_by(T, rows)?;
    code.bind(rows)?;
    (0..WORD - 1).rev().try_for_each(|byte| row(code, byte))
}

/// How many of seven rows do not run.
fn skipped(code: &mut Code) -> Result<()> {
    code.field(
        r(T),
        Some(r(LENGTH)),
        None,
        [ZERO, -ONE, ZERO, Fr::from(WORD - 1)],
    )
}

pub(super) fn copy(code: &mut Code) -> Result<()> {
    let (long, nothing) = (code.label(), code.label());
    jump_at_least(code, LENGTH, WORD.into(), long)?;
    code.jump_zero(r(LENGTH), true, nothing)?;
    skipped(code)?;
    bytes(code, |code, byte| {
        let row = asm::load(r(BYTES + byte), FROM, byte, Width::W1, asm::Extend::Zero, SPACE);
        code.built_trap(row, last_of(FROM, byte)).map(drop)
    })?;
    bytes(code, |code, byte| {
        let row = asm::store(r(BYTES + byte), TO, byte, Width::W1, SPACE);
        code.built_trap(row, last_of(TO, byte)).map(drop)
    })?;
    back(code, Helper::Copy)?;

    code.bind(long)?;
    sum(code, LAST_FROM, FROM, (LENGTH, ONE), -i64::from(WORD))?;
    sum(code, LAST_TO, TO, (LENGTH, ONE), -i64::from(WORD))?;
    load_eight(code, LAST, LAST_FROM, 0, true)?;
    scale(code, LAST_TO, true)?;
    load_eight(code, FIRST, FROM, 0, false)?;
    // Upward is right unless the destination begins inside of the source.
    let (backward, ends) = (code.label(), code.label());
    let (up_alike, down_alike) = (code.label(), code.label());
    code.built(asm::sub32(r(WORD_TO), r(TO), r(FROM)))?;
    jump_below(code, WORD_TO, LENGTH, backward)?;
    mask(code, WORD_FROM, WORD_TO, 3)?;
    code.jump_zero(r(WORD_FROM), true, up_alike)?;
    first_words(code, &[(WORD_TO, TO), (WORD_FROM, FROM)])?;
    Step::Anywhere.upward(code, ends)?;
    code.jump(ends)?;
    code.bind(up_alike)?;
    first_words(code, &[(WORD_TO, TO), (WORD_FROM, FROM)])?;
    Step::Aligned.upward(code, ends)?;
    code.jump(ends)?;

    code.bind(backward)?;
    mask(code, WORD_FROM, WORD_TO, 3)?;
    // The last words that end in the last eight bytes: T = LAST_TO - 1 modulo 8.
    let up = asm::two(61);
    let k = coefficients([(1, up), (3, up * Fr::from(WORD - 1)), (4, ONE), (7, up)]);
    code.form(Kind::Arith, Some(r(LAST_TO)), None, k, r(T))?;
    code.jump_zero(r(WORD_FROM), true, down_alike)?;
    let last_words = |code: &mut Code| -> Result<()> {
        sum(code, WORD_TO, LAST_TO, (T, -ONE), i64::from(WORD) - 1)?;
        sum(code, WORD_FROM, LAST_FROM, (T, -ONE), i64::from(WORD) - 1)
    };
    last_words(code)?;
    Step::Anywhere.downward(code, ends)?;
    code.jump(ends)?;
    code.bind(down_alike)?;
    last_words(code)?;
    Step::Aligned.downward(code, ends)?;

    code.bind(ends)?;
    store_eight(code, LAST, LAST_TO)?;
    scale(code, TO, false)?;
    store_eight(code, FIRST, TO)?;
    back(code, Helper::Copy)?;

    code.bind(nothing)?;
    empty(code, Helper::Copy, &[TO, FROM])
}

pub(super) fn fill(code: &mut Code) -> Result<()> {
    let (long, nothing, done) = (code.label(), code.label(), code.label());
    jump_at_least(code, LENGTH, WORD.into(), long)?;
    code.jump_zero(r(LENGTH), true, nothing)?;
    mask(code, FROM, FROM, 8)?;
    skipped(code)?;
    bytes(code, |code, byte| {
        let row = asm::store(r(FROM), TO, byte, Width::W1, SPACE);
        code.built_trap(row, last_of(TO, byte)).map(drop)
    })?;
    back(code, Helper::Fill)?;

    code.bind(long)?;
    // Eight times the low byte.
    let (up, eight) = (asm::two(56), Fr::from(0x0101_0101_0101_0101u64));
    let k = coefficients([(1, up), (4, eight), (7, up)]);
    code.form(Kind::Arith, Some(r(FROM)), None, k, r(LAST))?;
    sum(code, LAST_TO, TO, (LENGTH, ONE), -i64::from(WORD))?;
    scale(code, LAST_TO, true)?;
    store_eight(code, LAST, LAST_TO)?;
    scale(code, TO, false)?;
    store_eight(code, LAST, TO)?;
    first_words(code, &[(WORD_TO, TO)])?;
    Step::Fill.upward(code, done)?;
    code.bind(done)?;
    back(code, Helper::Fill)?;

    code.bind(nothing)?;
    empty(code, Helper::Fill, &[TO])
}

/// Length 0: each start must be at most the memory's size.
fn empty(code: &mut Code, helper: Helper, starts: &[u32]) -> Result<()> {
    // The kernel's function gives pages in the register where its frame begins.
    code.call(LAST, 1, Target::Symbol(Symbol::Kernel("memory_size".to_owned())))?;
    code.field(r(T), Some(r(LAST)), None, [ZERO, asm::two(16), ZERO, ZERO])?;
    let outside = code.label();
    for start in starts {
        jump_below(code, T, *start, outside)?;
    }
    back(code, helper)?;
    code.bind(outside)?;
    code.trap(16 + 2)
}
