//! Division and remainder.
//!
//! The machine divides words; signs are taken off before and put back after. The traps by zero and by overflow are at
//! different rows: the first at DIV itself, the second at a row of its own.

use super::function::Lowering;
use super::rows::{Kind, ONE, Result, Trap, ZERO};
use super::value::{Arg, Known, cut};
use crate::asm::{self, Operand, coefficients};
use playfair_types::crypto::field::Fr;
use wasmparser::Operator;

/// A sign: 1 is negative.
#[derive(Clone, Copy)]
enum Sign {
    /// Negative or not.
    Known(bool),
    /// What a register holds.
    Bit(Operand),
    /// What it does not hold.
    Opposite(Operand),
}

/// Class of a trap without condition.
const ALWAYS: u8 = 16;
const BY_ZERO: u8 = 3;
const OVERFLOW: u8 = 4;

impl Lowering<'_, '_> {
    /// Divisions and remainders; false if it is none.
    pub(crate) fn divide(&mut self, operator: &Operator<'_>) -> Result<bool> {
        use Operator as O;
        match operator {
            O::I32DivU => self.unsigned(true, false)?,
            O::I64DivU => self.unsigned(true, true)?,
            O::I32RemU => self.unsigned(false, false)?,
            O::I64RemU => self.unsigned(false, true)?,
            O::I32DivS => self.signed_division(true, false)?,
            O::I64DivS => self.signed_division(true, true)?,
            O::I32RemS => self.signed_division(false, false)?,
            O::I64RemS => self.signed_division(false, true)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn unsigned(&mut self, quotient: bool, wide: bool) -> Result<()> {
        let y = self.pop()?;
        let x = self.pop()?;
        match (x, y.constant()) {
            (Arg::Const(x), Some(y)) if y != 0 => {
                return self.push_arg(Arg::Const(if quotient { x / y } else { x % y }));
            }
            (Arg::Reg(x, known), Some(y)) if y.is_power_of_two() => {
                let by = y.trailing_zeros();
                if by == 0 {
                    let one = if quotient {
                        Arg::Reg(x, known)
                    } else {
                        Arg::Const(0)
                    };
                    return self.push_arg(one);
                }
                let destination = self.destination()?;
                if quotient {
                    self.code.built_form(asm::two(64 - by), x, ONE, destination.to)?;
                    self.done(destination, Known::bits(known.bits.min(64).saturating_sub(by)));
                } else {
                    let scale = asm::two(64 - by);
                    let k = coefficients([(1, scale), (4, ONE), (7, scale)]);
                    self.code.form(Kind::Arith, Some(x), None, k, destination.to)?;
                    self.done(destination, Known::bits(by));
                }
                return Ok(());
            }
            _ => {}
        }
        let bits = if quotient {
            x.known().bits
        } else {
            x.known().bits.min(y.known().bits)
        };
        let zero = y.constant().is_none_or(|y| y == 0);
        let (x, _) = self.register(x)?;
        let (y, _) = self.register(y)?;
        let destination = self.destination()?;
        self.division(quotient, destination.to, x, y, zero)?;
        self.done(destination, Known::bits(bits.min(Known::word(wide).bits)));
        Ok(())
    }

    /// The two rows of a division of words.
    fn division(&mut self, quotient: bool, to: Operand, x: Operand, y: Operand, zero: bool) -> Result<()> {
        let x = Operand::Reg(self.code.frame(x)?);
        let y = Operand::Reg(self.code.frame(y)?);
        let y = self.code.apart(y, x)?;
        let direct = to != y;
        let place = if direct { to } else { self.code.tmp()? };
        let (Operand::Reg(register1), Operand::Reg(register2)) = (x, y) else {
            return self.code.internal("a divisor that is absolute");
        };
        let trap = Trap {
            class: if zero { BY_ZERO } else { 0 },
            register1,
            register2,
            ..Trap::default()
        };
        let rows = if quotient {
            asm::div_u(place, x, y)
        } else {
            asm::rem_u(place, x, y)
        };
        self.code.group(rows, trap)?;
        self.code.mov(to, place)
    }

    fn signed_division(&mut self, quotient: bool, wide: bool) -> Result<()> {
        let y = self.pop()?;
        let x = self.pop()?;
        let width = if wide { 64 } else { 32 };
        if let (Some(x), Some(y)) = (x.constant(), y.constant())
            && let Some(value) = fold(x, y, quotient, wide)
        {
            return self.push_arg(Arg::Const(value));
        }
        // Whether these may be the least integer and -1.
        let least = |arg: Arg| arg.constant().is_none_or(|value| value == 1 << (width - 1));
        let minus_one = |arg: Arg| {
            arg.constant()
                .is_none_or(|value| value == Known::word(wide).max())
        };
        if quotient && x.known().bits >= width && least(x) && minus_one(y) {
            self.check_overflow(x, y, width)?;
        }
        let (size_x, sign_x) = self.magnitude(x, width)?;
        let (size_y, sign_y) = self.magnitude(y, width)?;
        let place = self.code.tmp()?;
        let by_zero = y.constant().is_none_or(|y| y == 0);
        self.division(quotient, place, size_x, size_y, by_zero)?;
        let sign = match (sign_x, sign_y) {
            (sign, _) if !quotient => sign,
            (Sign::Bit(x), Sign::Bit(y)) => {
                let tmp = self.code.tmp()?;
                self.code
                    .field(tmp, Some(x), Some(y), [-asm::two(1), ONE, ONE, ZERO])?;
                Sign::Bit(tmp)
            }
            (Sign::Bit(bit), Sign::Known(opposite)) | (Sign::Known(opposite), Sign::Bit(bit)) => {
                if opposite {
                    Sign::Opposite(bit)
                } else {
                    Sign::Bit(bit)
                }
            }
            (Sign::Known(x), Sign::Known(y)) => Sign::Known(x != y),
            (Sign::Opposite(_), _) | (_, Sign::Opposite(_)) => {
                return self.code.internal("an operand of the opposite sign");
            }
        };
        let destination = self.destination()?;
        // size (1 - 2 sign) modulo 2^width.
        let scale = asm::two(64 - width);
        let (k0, k1, bit) = match sign {
            Sign::Known(false) => {
                self.code.mov(destination.to, place)?;
                self.done(destination, Known::word(wide));
                return Ok(());
            }
            Sign::Known(true) => (ZERO, -ONE, None),
            Sign::Bit(bit) => (-asm::two(1), ONE, Some(bit)),
            Sign::Opposite(bit) => (asm::two(1), -ONE, Some(bit)),
        };
        let k = coefficients([
            (0, k0 * scale),
            (1, k1 * scale),
            (3, asm::two(64) * scale),
            (4, ONE),
            (7, scale),
        ]);
        self.code.form(Kind::Arith, Some(place), bit, k, destination.to)?;
        self.done(destination, Known::word(wide));
        Ok(())
    }

    /// The absolute value and the sign.
    fn magnitude(&mut self, x: Arg, width: u32) -> Result<(Operand, Sign)> {
        let (x, known) = match x {
            Arg::Const(value) => {
                let negative = value >> (width - 1) & 1 == 1;
                let size = if negative {
                    cut(value.wrapping_neg(), width == 64)
                } else {
                    value
                };
                let tmp = self.code.tmp()?;
                self.code.constant(tmp, Fr::from(size))?;
                return Ok((tmp, Sign::Known(negative)));
            }
            Arg::Reg(x, known) => (x, known),
        };
        if known.bits < width {
            return Ok((x, Sign::Known(false)));
        }
        let sign = self.code.tmp()?;
        self.code.built(asm::shr_ui(sign, x, width - 1))?;
        let size = self.code.tmp()?;
        self.code.field(
            size,
            Some(x),
            Some(sign),
            [-asm::two(1), ONE, asm::two(width), ZERO],
        )?;
        Ok((size, Sign::Bit(sign)))
    }

    /// Traps for the least integer by -1.
    fn check_overflow(&mut self, x: Arg, y: Arg, width: u32) -> Result<()> {
        // (x - 2^(width-1)) 2^(width+1) + (y - 2^width + 1) is zero only if both are. A constant is what it must be.
        let high = asm::two(width + 1);
        let (mut constant, mut operands) = (ZERO, [None, None]);
        if let Arg::Reg(x, _) = x {
            operands[0] = Some(x);
            constant += high * asm::two(width - 1);
        }
        if let Arg::Reg(y, _) = y {
            operands[1] = Some(y);
            constant += asm::two(width) - ONE;
        }
        let past = self.code.label();
        let k = coefficients([(1, high), (2, ONE), (3, -constant), (4, -ONE), (6, ONE)]);
        let to = super::rows::To::Branch(past.into());
        let [x, y] = operands;
        self.code.form(Kind::Equal, x, y, k, to)?;
        self.code.trap(ALWAYS + OVERFLOW)?;
        self.code.bind(past)
    }
}

fn fold(x: u64, y: u64, quotient: bool, wide: bool) -> Option<u64> {
    let value = if wide {
        let (x, y) = (x as i64, y as i64);
        if quotient {
            x.checked_div(y)?
        } else if y == 0 {
            return None;
        } else {
            x.wrapping_rem(y)
        }
    } else {
        let (x, y) = (x as u32 as i32, y as u32 as i32);
        i64::from(if quotient {
            x.checked_div(y)?
        } else if y == 0 {
            return None;
        } else {
            x.wrapping_rem(y)
        })
    };
    Some(cut(value as u64, wide))
}
