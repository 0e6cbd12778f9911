//! Shifts, rotations, counting bits.
//!
//! A shift is a product with a power of two, whose low or high word is the result. A count is the prover's hint, and a row
//! that only the right one satisfies.

use super::function::Lowering;
use super::hints;
use super::rows::{Kind, ONE, Result, ZERO};
use super::value::{Arg, Known, cut};
use crate::asm::{self, Operand, coefficients};
use crate::code::Tag;
use ark_ff::Field;
use playfair_types::crypto::field::Fr;
use wasmparser::Operator;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rotate {
    Left,
    Right,
}

impl Lowering<'_, '_> {
    /// Shifts, rotations and counts; false if it is none.
    pub(crate) fn bits(&mut self, operator: &Operator<'_>) -> Result<bool> {
        use Operator as O;
        match operator {
            O::I32Shl => self.shl(false)?,
            O::I64Shl => self.shl(true)?,
            O::I32ShrU => self.shr_u(false)?,
            O::I64ShrU => self.shr_u(true)?,
            O::I32ShrS => self.shr_s(false)?,
            O::I64ShrS => self.shr_s(true)?,
            O::I32Rotl => self.rotate(Rotate::Left, false)?,
            O::I64Rotl => self.rotate(Rotate::Left, true)?,
            O::I32Rotr => self.rotate(Rotate::Right, false)?,
            O::I64Rotr => self.rotate(Rotate::Right, true)?,
            O::I32Clz => self.leading(false)?,
            O::I64Clz => self.leading(true)?,
            O::I32Ctz => self.trailing(false)?,
            O::I64Ctz => self.trailing(true)?,
            O::I32Popcnt => self.ones(false)?,
            O::I64Popcnt => self.ones(true)?,
            _ => return self.divide(operator),
        }
        Ok(true)
    }

    /// A count that [`Self::power`] takes for 2^count: of 64 bits, the table reduces it modulo the width if it has seven.
    fn count_up(&mut self, arg: Arg, wide: bool) -> Result<u32> {
        match arg {
            Arg::Reg(operand, known) if wide && known.bits <= 7 => self.code.frame(operand),
            arg => self.count(arg, wide),
        }
    }

    /// A count of a shift modulo the width in a register of the frame.
    fn count(&mut self, arg: Arg, wide: bool) -> Result<u32> {
        let (operand, known) = self.register(arg)?;
        let bits = if wide { 6 } else { 5 };
        if known.bits <= bits {
            return self.code.frame(operand);
        }
        let tmp = self.code.tmp()?;
        self.code.built(asm::mask(tmp, operand, bits))?;
        self.code.frame(tmp)
    }

    /// 2^count or 2^(64 - count) in a register.
    fn power(&mut self, count: u32, down: bool) -> Result<Operand> {
        let tmp = self.code.tmp()?;
        self.code.built(if down {
            asm::pow_down(tmp, count)
        } else {
            asm::pow(tmp, count)
        })?;
        Ok(tmp)
    }

    fn shl(&mut self, wide: bool) -> Result<()> {
        let by = self.pop()?;
        if let Some(by) = by.constant() {
            return self.scale(1 << (by & if wide { 63 } else { 31 }), wide);
        }
        let count = self.count_up(by, wide)?;
        let x = self.pop()?;
        if x.constant() == Some(1) {
            let destination = self.destination()?;
            self.code.built(asm::pow(destination.to, count))?;
            self.done(destination, Known::word(wide));
            return Ok(());
        }
        let power = self.power(count, false)?;
        let scale = asm::two(if wide { 0 } else { 32 });
        let destination = self.destination()?;
        match x {
            Arg::Const(value) => {
                let k = coefficients([(1, scale * Fr::from(value)), (4, ONE), (7, scale)]);
                self.code
                    .form(Kind::Arith, Some(power), None, k, destination.to)?;
            }
            Arg::Reg(x, _) => {
                let k = coefficients([(0, scale), (4, ONE), (7, scale)]);
                self.code
                    .form(Kind::Arith, Some(x), Some(power), k, destination.to)?;
            }
        }
        self.done(destination, Known::word(wide));
        Ok(())
    }

    fn shr_u(&mut self, wide: bool) -> Result<()> {
        let by = self.pop()?;
        if let Some(by) = by.constant() {
            let by = (by & if wide { 63 } else { 31 }) as u32;
            let x = self.pop()?;
            return match x {
                Arg::Const(value) => self.push_arg(Arg::Const(value >> by)),
                x if by == 0 => self.push_arg(x),
                Arg::Reg(x, known) => {
                    if known.bits == by + 1 {
                        return self.condition(super::compare::Condition::top_bit(x, by));
                    }
                    if self.goes_on_cutting() {
                        let mask = u64::MAX.checked_shl(by).unwrap_or(0);
                        return self.cut_bits(x, known, mask, -(by as i32), wide);
                    }
                    let destination = self.destination()?;
                    self.code.built_form(asm::two(64 - by), x, ONE, destination.to)?;
                    let known = Known {
                        bits: known.bits.min(64).saturating_sub(by),
                        zeros: known.zeros.saturating_sub(by),
                    };
                    self.done(destination, known);
                    Ok(())
                }
            };
        }
        let count = self.count(by, wide)?;
        let power = self.power(count, true)?;
        let x = self.pop()?;
        let (x, known) = self.register(x)?;
        let destination = self.destination()?;
        let k = coefficients([(0, ONE), (5, ONE), (7, ONE)]);
        self.code
            .form(Kind::Arith, Some(x), Some(power), k, destination.to)?;
        self.done(destination, Known::bits(known.bits.min(64)));
        Ok(())
    }

    fn shr_s(&mut self, wide: bool) -> Result<()> {
        let width = if wide { 64 } else { 32 };
        let by = self.pop()?;
        if let Some(by) = by.constant() {
            let by = (by & (width - 1)) as u32;
            let x = self.pop()?;
            let (x, known) = match x {
                Arg::Const(value) => {
                    let value = if wide {
                        (value as i64 >> by) as u64
                    } else {
                        cut((value as u32 as i32 >> by) as u64, false)
                    };
                    return self.push_arg(Arg::Const(value));
                }
                x if by == 0 => return self.push_arg(x),
                Arg::Reg(x, known) => (x, known),
            };
            if u64::from(known.bits) < width {
                let destination = self.destination()?;
                self.code.built_form(asm::two(64 - by), x, ONE, destination.to)?;
                self.done(destination, Known::bits(known.bits.saturating_sub(by)));
                return Ok(());
            }
            if u64::from(by) == width - 1 {
                // All ones or nothing.
                let ones = asm::two(width as u32) - ONE;
                let destination = self.destination()?;
                self.code.built_form(asm::two(64 - by), x, ones, destination.to)?;
                self.done(destination, Known::word(wide));
                return Ok(());
            }
            let sign = self.code.tmp()?;
            self.code.built(asm::shr_ui(sign, x, width as u32 - 1))?;
            let k1 = asm::two(64 - by);
            // As many ones from above as bits go away below.
            let ones = asm::two(width as u32) * (asm::two(by) - ONE);
            let k = coefficients([(1, k1), (2, k1 * ones), (5, ONE), (7, ONE)]);
            let destination = self.destination()?;
            self.code
                .form(Kind::Arith, Some(x), Some(sign), k, destination.to)?;
            self.done(destination, Known::word(wide));
            return Ok(());
        }
        let count = self.count(by, wide)?;
        let power = self.power(count, true)?;
        let x = self.pop()?;
        let signed = self.code.tmp()?;
        match x {
            Arg::Const(value) => {
                let value = if wide {
                    value as i64
                } else {
                    i64::from(value as u32 as i32)
                };
                self.code.constant(signed, Fr::from(value))?;
            }
            Arg::Reg(x, _) => drop(self.code.built(asm::signed(signed, x, width as u32))?),
        }
        // floor(x / 2^count), moved up by 2^63 so that the form is not negative.
        let moved = self.code.tmp()?;
        let k = coefficients([
            (0, ONE),
            (3, asm::two(127)),
            (5, ONE),
            (6, -asm::two(63)),
            (7, ONE),
        ]);
        self.code.form(Kind::Arith, Some(signed), Some(power), k, moved)?;
        let destination = self.destination()?;
        self.code.built(if wide {
            asm::wrap64(destination.to, moved)
        } else {
            asm::wrap32(destination.to, moved)
        })?;
        self.done(destination, Known::word(wide));
        Ok(())
    }

    fn rotate(&mut self, direction: Rotate, wide: bool) -> Result<()> {
        let width = if wide { 64 } else { 32 };
        let by = self.pop()?;
        let high = if wide { ONE } else { asm::two(32) };
        let scale = asm::two(if wide { 0 } else { 32 });
        if let Some(by) = by.constant() {
            let by = match direction {
                Rotate::Left => by % width,
                Rotate::Right => (width - by % width) % width,
            } as u32;
            let x = self.pop()?;
            let x = match x {
                Arg::Const(value) if wide => return self.push_arg(Arg::Const(value.rotate_left(by))),
                Arg::Const(value) => {
                    let value = (value as u32).rotate_left(by);
                    return self.push_arg(Arg::Const(u64::from(value)));
                }
                x if by == 0 => return self.push_arg(x),
                Arg::Reg(x, _) => x,
            };
            let k = coefficients([(1, scale * asm::two(by)), (4, ONE), (5, high), (7, scale)]);
            let destination = self.destination()?;
            self.code.form(Kind::Arith, Some(x), None, k, destination.to)?;
            self.done(destination, Known::word(wide));
            return Ok(());
        }
        let count = match direction {
            Rotate::Left => self.count_up(by, wide)?,
            Rotate::Right => {
                let (operand, _) = self.register(by)?;
                let tmp = self.code.tmp()?;
                // -count modulo the width.
                let scale = asm::two(if wide { 58 } else { 59 });
                let k = coefficients([(1, -scale), (3, scale * asm::two(64)), (4, ONE), (7, scale)]);
                self.code.form(Kind::Arith, Some(operand), None, k, tmp)?;
                self.code.frame(tmp)?
            }
        };
        let power = self.power(count, false)?;
        let x = self.pop()?;
        let (x, _) = self.register(x)?;
        let k = coefficients([(0, scale), (4, ONE), (5, high), (7, scale)]);
        let destination = self.destination()?;
        self.code
            .form(Kind::Arith, Some(x), Some(power), k, destination.to)?;
        self.done(destination, Known::word(wide));
        Ok(())
    }

    /// Leading zeros: (2 x + 1) 2^count lies in [2^width, 2^(width + 1)), also for x = 0.
    fn leading(&mut self, wide: bool) -> Result<()> {
        let width = if wide { 64 } else { 32 };
        let x = match self.pop()? {
            Arg::Const(value) => {
                let zeros = u64::from(value.leading_zeros()) + width - 64;
                return self.push_arg(Arg::Const(zeros));
            }
            Arg::Reg(x, _) => x,
        };
        let kind = if wide { hints::CLZ64 } else { hints::CLZ32 };
        // 2^(64 - (width - count)), which is 2^count for 64 bits, 2^(count + 32) for 32.
        let key = [-ONE, Fr::from(width), ZERO, ONE];
        // (2 x + 1) power - 2^64 is a word.
        let k = coefficients([(0, asm::two(1)), (2, ONE), (3, -asm::two(64)), (5, ONE)]);
        self.counted(x, kind, key, k)
    }

    /// Trailing zeros: the low word of (x + 2^width) 2^(63 - count) is 2^63, also for x = 0.
    fn trailing(&mut self, wide: bool) -> Result<()> {
        let width = if wide { 64 } else { 32 };
        let x = match self.pop()? {
            Arg::Const(value) => {
                let zeros = u64::from(value.trailing_zeros()).min(width);
                return self.push_arg(Arg::Const(zeros));
            }
            Arg::Reg(x, _) => x,
        };
        let kind = if wide { hints::CTZ64 } else { hints::CTZ32 };
        // 2^(64 - count), of which the form takes half.
        let key = [ONE, ZERO, ZERO, ONE];
        let half = asm::two(1).inverse().unwrap_or_default();
        let k = coefficients([
            (0, half),
            (2, asm::two(width as u32 - 1)),
            (4, ONE),
            (6, -asm::two(63)),
        ]);
        self.counted(x, kind, key, k)
    }

    /// Ones: of fields of one bit, then of two, four and eight, each becomes the sum of its halves, `x - (1 - 2^-half) (x and the upper
    /// halves)`, in a row of LOGIC. The last row takes the top byte of a product that adds up four bytes.
    fn ones(&mut self, wide: bool) -> Result<()> {
        let x = match self.pop()? {
            Arg::Const(value) => return self.push_arg(Arg::Const(u64::from(value.count_ones()))),
            Arg::Reg(x, known) if known.bits <= 1 => return self.push_arg(Arg::Reg(x, known)),
            Arg::Reg(x, _) => x,
        };
        let sum = self.code.tmp()?;
        let halves = if wide {
            [1, 2, 4, 32].as_slice()
        } else {
            &[1, 2, 4]
        };
        let mut from = x;
        for half in halves {
            let upper = (u64::MAX / ((1 << half) + 1)) << half & Known::word(wide).max();
            let less = asm::two(*half).inverse().unwrap_or_default() - ONE;
            let k = coefficients([(1, ONE), (3, Fr::from(upper)), (4, ONE), (5, less)]);
            self.code.form(Kind::Logic, Some(from), None, k, sum)?;
            from = sum;
        }
        // Below 2^32 four bytes hold at most 8 each, above it what was folded holds at most 16.
        let bits = if wide { 7 } else { 6 };
        let top = Fr::from(((1u64 << bits) - 1) << 24);
        let down = asm::two(24).inverse().unwrap_or_default();
        let k = coefficients([(1, Fr::from(0x0101_0101u64)), (3, top), (5, down)]);
        let destination = self.destination()?;
        self.code.form(Kind::Logic, Some(from), None, k, destination.to)?;
        self.done(destination, Known::bits(bits));
        Ok(())
    }

    /// A count that the prover gives, its power, and the row that demands that it is right.
    fn counted(&mut self, x: Operand, kind: u32, key: [Fr; 4], k: [Fr; 8]) -> Result<()> {
        let x = self.code.frame(x)?;
        let destination = self.destination()?;
        let direct = matches!(destination.to, Operand::Reg(to) if to != x);
        let count = if direct { destination.to } else { self.code.tmp()? };
        self.code.built(asm::hint64(count, kind, Some(x)))?;
        let power = self.code.tmp()?;
        let register = self.code.frame(count)?;
        self.code.built(asm::aux(power, Tag::Pow, Some(register), key))?;
        self.code.demand(Operand::Reg(x), power, k)?;
        self.code.mov(destination.to, count)?;
        self.done(destination, Known::bits(7));
        Ok(())
    }
}
