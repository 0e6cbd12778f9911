//! Bitwise logic: masks by arithmetic, sums where no bits meet, and otherwise tables.

use super::compare::Condition;
use super::function::Lowering;
use super::rows::{Kind, ONE, Result, Trap, ZERO};
use super::value::{Arg, Known};
use crate::asm::{self, Logic, Operand, coefficients};
use playfair_types::crypto::field::Fr;

/// Widest operands of a LOGIC row, bits.
const LOGIC_BITS: u32 = 36;

impl Lowering<'_, '_> {
    pub(crate) fn and(&mut self, wide: bool) -> Result<()> {
        let b = self.pop()?;
        let Some(mask) = b.constant() else {
            let a = self.pop()?;
            return match a {
                Arg::Const(mask) => self.and_constant(b, mask, wide),
                a => self.logic(Logic::And, a, b, wide),
            };
        };
        if mask != 0 && mask & mask.wrapping_add(1) == 0 {
            return self.low_bits(mask.trailing_ones(), wide);
        }
        let a = self.pop()?;
        self.and_constant(a, mask, wide)
    }

    fn and_constant(&mut self, a: Arg, mask: u64, wide: bool) -> Result<()> {
        let Arg::Reg(x, known) = a else {
            return self.push_arg(Arg::Const(a.constant().unwrap_or_default() & mask));
        };
        let mask = mask & known.max();
        if mask == 0 {
            return self.push_arg(Arg::Const(0));
        }
        let low = mask.trailing_zeros();
        let contiguous = (mask >> low) & (mask >> low).wrapping_add(1) == 0;
        if contiguous && mask | ((1 << low) - 1) == known.max() {
            if low == 0 || known.zeros >= low {
                return self.push_arg(a);
            }
            // The high word of x 2^(64 - low), put back to its place.
            let k = coefficients([(1, asm::two(64 - low)), (5, asm::two(low)), (7, ONE)]);
            let destination = self.destination()?;
            self.code.form(Kind::Arith, Some(x), None, k, destination.to)?;
            let known = Known {
                bits: known.bits,
                zeros: low,
            };
            self.done(destination, known);
            return Ok(());
        }
        if contiguous {
            let top = 64 - mask.leading_zeros();
            let (scale, tmp) = (asm::two(64 - top), self.code.tmp()?);
            let k = coefficients([(1, scale), (4, ONE), (7, scale)]);
            if low == 0 {
                let destination = self.destination()?;
                self.code.form(Kind::Arith, Some(x), None, k, destination.to)?;
                self.done(destination, Known::bits(top));
                return Ok(());
            }
            self.code.form(Kind::Arith, Some(x), None, k, tmp)?;
            let k = coefficients([(1, asm::two(64 - low)), (5, asm::two(low)), (7, ONE)]);
            let destination = self.destination()?;
            self.code.form(Kind::Arith, Some(tmp), None, k, destination.to)?;
            self.done(
                destination,
                Known {
                    bits: top,
                    zeros: low,
                },
            );
            return Ok(());
        }
        self.logic(Logic::And, a, Arg::Const(mask), wide)
    }

    /// Or, exclusive or.
    pub(crate) fn or(&mut self, op: Logic, wide: bool) -> Result<()> {
        let b = self.pop()?;
        let a = self.pop()?;
        let (a, b) = if a.constant().is_some() { (b, a) } else { (a, b) };
        let (known_a, known_b) = (a.known(), b.known());
        match (a, b) {
            (Arg::Const(a), Arg::Const(b)) => {
                let value = if op == Logic::Or { a | b } else { a ^ b };
                return self.push_arg(Arg::Const(value));
            }
            (a, Arg::Const(0)) => return self.push_arg(a),
            (Arg::Reg(x, known), Arg::Const(1)) if op == Logic::Xor && known.bits <= 1 => {
                return self.condition(Condition::of_bool(x).negated());
            }
            (Arg::Reg(x, _), Arg::Const(ones)) if op == Logic::Xor && ones == Known::word(wide).max() => {
                let destination = self.destination()?;
                self.code
                    .field(destination.to, Some(x), None, [ZERO, -ONE, ZERO, Fr::from(ones)])?;
                self.done(destination, Known::word(wide));
                return Ok(());
            }
            _ => {}
        }
        // No bit in common: a sum.
        if known_a.zeros >= known_b.bits || known_b.zeros >= known_a.bits {
            let known = Known {
                bits: known_a.bits.max(known_b.bits),
                zeros: known_a.zeros.min(known_b.zeros),
            };
            let (Arg::Reg(x, _), y) = (a, b) else {
                return self.code.internal("a constant on the left");
            };
            let destination = self.destination()?;
            match y {
                Arg::Const(value) => {
                    self.code
                        .field(destination.to, Some(x), None, [ZERO, ONE, ZERO, Fr::from(value)])?;
                }
                Arg::Reg(y, _) => {
                    self.code
                        .field(destination.to, Some(x), Some(y), [ZERO, ONE, ONE, ZERO])?
                }
            }
            self.done(destination, known);
            return Ok(());
        }
        self.logic(op, a, b, wide)
    }

    /// By tables: two rows for 36 bits. `a` is a register.
    fn logic(&mut self, op: Logic, a: Arg, b: Arg, wide: bool) -> Result<()> {
        let (known_a, known_b) = (a.known(), b.known());
        let bits = match op {
            Logic::And => known_a.bits.min(known_b.bits),
            _ => known_a.bits.max(known_b.bits),
        };
        let known = Known {
            bits: bits.min(Known::word(wide).bits),
            zeros: match op {
                Logic::And => known_a.zeros.max(known_b.zeros),
                _ => known_a.zeros.min(known_b.zeros),
            },
        };
        let Arg::Reg(x, _) = a else {
            return self.code.internal("a constant on the left");
        };
        if known_a.bits.max(known_b.bits) <= LOGIC_BITS {
            let destination = self.destination()?;
            self.logic_row(op, destination.to, x, b.map_operand())?;
            self.done(destination, known);
            return Ok(());
        }
        if op == Logic::And && bits <= LOGIC_BITS {
            let a = self.narrow(a)?;
            let b = self.narrow(b)?;
            return self.logic(op, a, b, wide);
        }
        let (low_a, high_a) = self.halves(a)?;
        let (low_b, high_b) = self.halves(b)?;
        let (to_low, to_high) = self.pair()?;
        let high = self.half(op, high_a, high_b, to_high)?;
        let low = self.half(op, low_a, low_b, to_low)?;
        let destination = self.destination()?;
        let (k3, x) = match high {
            Arg::Const(value) => (Fr::from(value) * asm::two(32), None),
            Arg::Reg(x, _) => (ZERO, Some(x)),
        };
        let (k3, y) = match low {
            Arg::Const(value) => (k3 + Fr::from(value), None),
            Arg::Reg(y, _) => (k3, Some(y)),
        };
        self.code
            .field(destination.to, x, y, [ZERO, asm::two(32), ONE, k3])?;
        if let (Some(high), Some(low)) = (x, y) {
            self.code.halves.remember(destination.to, low, high);
        }
        self.done(destination, known);
        Ok(())
    }

    /// The bits that a LOGIC row takes.
    fn narrow(&mut self, a: Arg) -> Result<Arg> {
        match a {
            Arg::Reg(x, known) if known.bits > LOGIC_BITS => {
                let tmp = self.code.tmp()?;
                self.code.built(asm::mask(tmp, x, LOGIC_BITS))?;
                Ok(Arg::Reg(tmp, Known::bits(LOGIC_BITS)))
            }
            a => Ok(a),
        }
    }

    /// One half of a wide operation.
    fn half(&mut self, op: Logic, a: Arg, b: Arg, to: Operand) -> Result<Arg> {
        let (a, b) = if a.constant().is_some() { (b, a) } else { (a, b) };
        match (op, a, b) {
            (Logic::And, Arg::Const(a), Arg::Const(b)) => Ok(Arg::Const(a & b)),
            (Logic::Or, Arg::Const(a), Arg::Const(b)) => Ok(Arg::Const(a | b)),
            (_, Arg::Const(a), Arg::Const(b)) => Ok(Arg::Const(a ^ b)),
            (Logic::And, _, Arg::Const(0)) => Ok(Arg::Const(0)),
            (Logic::And, a, Arg::Const(0xffff_ffff)) | (Logic::Or | Logic::Xor, a, Arg::Const(0)) => Ok(a),
            (Logic::Or, _, Arg::Const(0xffff_ffff)) => Ok(b),
            (_, Arg::Reg(x, _), b) => {
                self.logic_row(op, to, x, b.map_operand())?;
                Ok(Arg::Reg(to, Known::WORD32))
            }
            (_, Arg::Const(_), Arg::Reg(..)) => self.code.internal("a constant on the left"),
        }
    }

    /// Registers for low and high 32 bits.
    fn pair(&mut self) -> Result<(Operand, Operand)> {
        let (low, high) = self.code.halves.pair();
        self.code.check_frame(high)?;
        Ok((Operand::Reg(low), Operand::Reg(high)))
    }

    /// Low and high 32 bits.
    fn halves(&mut self, a: Arg) -> Result<(Arg, Arg)> {
        match a {
            Arg::Const(value) => Ok((Arg::Const(value & 0xffff_ffff), Arg::Const(value >> 32))),
            Arg::Reg(_, known) if known.bits <= 32 => Ok((a, Arg::Const(0))),
            Arg::Reg(x, _) => {
                if let Some((low, high)) = self.code.halves.of(x) {
                    return Ok((Arg::Reg(low, Known::WORD32), Arg::Reg(high, Known::WORD32)));
                }
                let (low, high) = self.pair()?;
                self.code.built(asm::shr_ui(high, x, 32))?;
                self.code
                    .field(low, Some(x), Some(high), [ZERO, ONE, -asm::two(32), ZERO])?;
                self.code.halves.remember(x, low, high);
                Ok((Arg::Reg(low, Known::WORD32), Arg::Reg(high, Known::WORD32)))
            }
        }
    }

    fn logic_row(
        &mut self,
        op: Logic,
        to: Operand,
        x: Operand,
        y: core::result::Result<Operand, u64>,
    ) -> Result<()> {
        match y {
            Err(constant) => {
                let x = Operand::Reg(self.code.frame(x)?);
                self.code.pair(asm::logici(op, to, x, constant), Trap::default())
            }
            Ok(y) if x == y && op != Logic::Xor => self.code.mov(to, x),
            Ok(y) if x == y => self.code.constant(to, ZERO),
            Ok(y) => {
                let (x, y) = match (x, y) {
                    (Operand::Abs(_), Operand::Abs(_)) => (Operand::Reg(self.code.frame(x)?), y),
                    (Operand::Abs(_), Operand::Reg(_)) => (y, x),
                    _ => (x, y),
                };
                if matches!(to, Operand::Abs(_)) && to == y {
                    let tmp = self.code.tmp()?;
                    self.code.pair(asm::logic(op, tmp, x, y), Trap::default())?;
                    return self.code.mov(to, tmp);
                }
                self.code.pair(asm::logic(op, to, x, y), Trap::default())
            }
        }
    }
}

impl Arg {
    /// The register, or the constant as an error.
    fn map_operand(self) -> core::result::Result<Operand, u64> {
        match self {
            Self::Reg(operand, _) => Ok(operand),
            Self::Const(value) => Err(value),
        }
    }
}
