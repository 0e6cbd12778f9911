//! Integer arithmetic and logic.

use super::compare::{Condition, Relation};
use super::function::Lowering;
use super::rows::{Kind, ONE, Result};
use super::value::{Arg, Entry, Known, Source, Term, balanced, cut};
use crate::asm::{self, Logic, coefficients};
use playfair_types::crypto::field::Fr;
use wasmparser::Operator;

impl Lowering<'_, '_> {
    /// Any instruction on numbers; false if it is none.
    pub(crate) fn number(&mut self, operator: &Operator<'_>) -> Result<bool> {
        use Operator as O;
        use Relation::{Eq, Ge, Gt, Le, Lt, Ne};
        match operator {
            O::I32Eqz | O::I64Eqz => self.eqz()?,
            O::I32Eq => self.compare(Eq, false, false)?,
            O::I32Ne => self.compare(Ne, false, false)?,
            O::I32LtS => self.compare(Lt, true, false)?,
            O::I32LtU => self.compare(Lt, false, false)?,
            O::I32GtS => self.compare(Gt, true, false)?,
            O::I32GtU => self.compare(Gt, false, false)?,
            O::I32LeS => self.compare(Le, true, false)?,
            O::I32LeU => self.compare(Le, false, false)?,
            O::I32GeS => self.compare(Ge, true, false)?,
            O::I32GeU => self.compare(Ge, false, false)?,
            O::I64Eq => self.compare(Eq, false, true)?,
            O::I64Ne => self.compare(Ne, false, true)?,
            O::I64LtS => self.compare(Lt, true, true)?,
            O::I64LtU => self.compare(Lt, false, true)?,
            O::I64GtS => self.compare(Gt, true, true)?,
            O::I64GtU => self.compare(Gt, false, true)?,
            O::I64LeS => self.compare(Le, true, true)?,
            O::I64LeU => self.compare(Le, false, true)?,
            O::I64GeS => self.compare(Ge, true, true)?,
            O::I64GeU => self.compare(Ge, false, true)?,

            O::I32Add => self.add(1, false)?,
            O::I64Add => self.add(1, true)?,
            O::I32Sub => self.add(-1, false)?,
            O::I64Sub => self.add(-1, true)?,
            O::I32Mul => self.mul(false)?,
            O::I64Mul => self.mul(true)?,
            O::I32And => self.and(false)?,
            O::I64And => self.and(true)?,
            O::I32Or => self.or(Logic::Or, false)?,
            O::I64Or => self.or(Logic::Or, true)?,
            O::I32Xor => self.or(Logic::Xor, false)?,
            O::I64Xor => self.or(Logic::Xor, true)?,

            O::I64ExtendI32U => {}
            O::I32WrapI64 => self.low_bits(32, true)?,
            O::I32Extend8S => self.extend(8, false)?,
            O::I32Extend16S => self.extend(16, false)?,
            O::I64Extend8S => self.extend(8, true)?,
            O::I64Extend16S => self.extend(16, true)?,
            O::I64Extend32S | O::I64ExtendI32S => self.extend(32, true)?,
            _ => return self.bits(operator),
        }
        Ok(true)
    }

    /// `a + sign b`.
    fn add(&mut self, sign: i128, wide: bool) -> Result<()> {
        let b = self.pop_term(wide)?;
        let a = self.pop_term(wide)?;
        let add = if sign > 0 {
            a.add.wrapping_add(b.add)
        } else {
            a.add.wrapping_sub(b.add)
        };
        let b = b
            .register
            .map(|(operand, known, factor)| (operand, known, balanced(sign * factor, wide)));
        match (a.register, b) {
            (Some((x, _, k1)), Some((y, known, k2))) if x == y => {
                let factor = balanced(k1 + k2, wide);
                self.linear(
                    Term {
                        register: (factor != 0).then_some((x, known, factor)),
                        add: cut(add, wide),
                    },
                    wide,
                )
            }
            (Some((x, known_x, k1)), Some((y, known_y, k2))) => {
                let (mut x, mut y, mut k1, mut k2) = (x, y, k1, k2);
                // Products stay below 2^128 together.
                if wide && k1.unsigned_abs() + k2.unsigned_abs() >= 1 << 63 {
                    for (operand, factor) in [(&mut x, &mut k1), (&mut y, &mut k2)] {
                        let tmp = self.code.tmp()?;
                        self.linear_row(&[(*operand, *factor)], 0, wide, tmp)?;
                        (*operand, *factor) = (tmp, 1);
                    }
                }
                let known = if k1 == 1 && k2 == 1 && known_x.bits.max(known_y.bits) + 1 < 64 {
                    sum(known_x, known_y, add, wide)
                } else {
                    Known::word(wide)
                };
                let destination = self.destination()?;
                self.linear_row(&[(x, k1), (y, k2)], cut(add, wide), wide, destination.to)?;
                self.done(destination, known);
                Ok(())
            }
            (register, None) | (None, register) => self.linear(
                Term {
                    register,
                    add: cut(add, wide),
                },
                wide,
            ),
        }
    }

    /// Pushes a linear form of one register, computed when it is wanted.
    pub(crate) fn linear(&mut self, term: Term, wide: bool) -> Result<()> {
        let Term { register, add } = term;
        let Some((operand, known, factor)) = register else {
            return self.push_arg(Arg::Const(add));
        };
        if factor == 1 && add == 0 {
            return self.push_arg(Arg::Reg(operand, known));
        }
        let result = scaled(known, factor, add, wide);
        let source = match self.local_of(operand) {
            Some(local) => Some(Source::Local(local)),
            None if operand == self.slot(self.stack.len()) => Some(Source::Own),
            None => None,
        };
        if let Some(source) = source {
            self.stack.push(Entry::Linear {
                source,
                factor,
                add,
                wide,
                known: result,
            });
            return Ok(());
        }
        let destination = self.destination()?;
        self.linear_row(&[(operand, factor)], add, wide, destination.to)?;
        self.done(destination, result);
        Ok(())
    }

    /// The top operand times a constant.
    pub(crate) fn scale(&mut self, by: u64, wide: bool) -> Result<()> {
        let term = self.pop_term(wide)?;
        self.scale_term(term, by, wide)
    }

    fn scale_term(&mut self, term: Term, by: u64, wide: bool) -> Result<()> {
        let by = cut(by, wide);
        let register = term.register.and_then(|(operand, known, factor)| {
            let factor = balanced(
                balanced(factor, wide).wrapping_mul(balanced(i128::from(by), wide)),
                wide,
            );
            (factor != 0).then_some((operand, known, factor))
        });
        let add = cut(term.add.wrapping_mul(by), wide);
        self.linear(Term { register, add }, wide)
    }

    fn mul(&mut self, wide: bool) -> Result<()> {
        let b = self.pop_term(wide)?;
        if b.register.is_none() {
            return self.scale(b.add, wide);
        }
        let b = self.settle_term(b, wide)?;
        let a = self.pop_term(wide)?;
        if a.register.is_none() {
            let register = match b {
                Arg::Reg(operand, known) => Some((operand, known, 1)),
                Arg::Const(_) => None,
            };
            // The constant lay below: the form's own slot is not the operand's, unless it is settled there.
            return self.scale_term(Term { register, add: 0 }, a.add, wide);
        }
        let a = self.settle_term(a, wide)?;
        let (Arg::Reg(x, known_x), Arg::Reg(y, known_y)) = (a, b) else {
            return self.code.internal("a product of constants");
        };
        let scale = asm::two(if wide { 0 } else { 32 });
        let destination = self.destination()?;
        let k = coefficients([(0, scale), (4, ONE), (7, scale)]);
        self.code.form(Kind::Arith, Some(x), Some(y), k, destination.to)?;
        let bits = (known_x.bits + known_y.bits).min(if wide { 64 } else { 32 });
        self.done(destination, Known::bits(bits));
        Ok(())
    }

    /// A term that was just taken as a register.
    fn settle_term(&mut self, term: Term, wide: bool) -> Result<Arg> {
        let Some((operand, known, factor)) = term.register else {
            return Ok(Arg::Const(term.add));
        };
        if factor == 1 && term.add == 0 {
            return Ok(Arg::Reg(operand, known));
        }
        let slot = self.slot(self.stack.len());
        self.linear_row(&[(operand, factor)], term.add, wide, slot)?;
        Ok(Arg::Reg(slot, scaled(known, factor, term.add, wide)))
    }

    /// The low `bits` bits of the top operand, which is of 32 or 64 bits.
    pub(crate) fn low_bits(&mut self, bits: u32, wide: bool) -> Result<()> {
        let term = self.pop_term(wide)?;
        let mask = if bits >= 64 { u64::MAX } else { (1 << bits) - 1 };
        let Some((operand, known, factor)) = term.register else {
            return self.push_arg(Arg::Const(term.add & mask));
        };
        if (factor, term.add) == (1, 0) && known.bits <= bits {
            return self.push_arg(Arg::Reg(operand, known));
        }
        let k = low(factor, term.add, bits);
        if bits == 1 {
            return self.condition(Condition {
                kind: Kind::Arith,
                x: Some(operand),
                y: None,
                k,
            });
        }
        let destination = self.destination()?;
        self.code
            .form(Kind::Arith, Some(operand), None, k, destination.to)?;
        self.done(destination, Known::bits(bits));
        Ok(())
    }

    /// The low bits of the top operand, which stays on the stack: for what takes it next.
    pub(crate) fn low_bits_in_place(&mut self, bits: u32, wide: bool) -> Result<()> {
        let term = self.pop_term(wide)?;
        let mask = (1 << bits) - 1;
        let Some((operand, _, factor)) = term.register else {
            self.stack.push(Entry::Const(term.add & mask));
            return Ok(());
        };
        let (slot, k) = (self.slot(self.stack.len()), low(factor, term.add, bits));
        self.code.form(Kind::Arith, Some(operand), None, k, slot)?;
        self.stack.push(Entry::Slot(Known::bits(bits)));
        Ok(())
    }

    /// Sign extension of the low `bits` bits.
    pub(crate) fn extend(&mut self, bits: u32, wide: bool) -> Result<()> {
        let width = if wide { 64 } else { 32 };
        let arg = self.pop()?;
        let Arg::Reg(x, known) = arg else {
            let value = arg.constant().unwrap_or_default();
            let shift = 64 - bits;
            let extended = ((value << shift) as i64 >> shift) as u64;
            return self.push_arg(Arg::Const(cut(extended, wide)));
        };
        if known.bits < bits {
            return self.push_arg(arg);
        }
        if known.bits == bits {
            // x + (2^width - 2^bits) times its top bit, which is the high word of x scaled.
            let scale = asm::two(65 - bits);
            let high = asm::two(64) + scale * (asm::two(width) - asm::two(bits));
            let k = coefficients([(1, scale), (4, ONE), (5, high), (7, scale)]);
            let destination = self.destination()?;
            self.code.form(Kind::Arith, Some(x), None, k, destination.to)?;
            self.done(destination, Known::bits(width));
            return Ok(());
        }
        let tmp = self.code.tmp()?;
        self.code.built(asm::signed(tmp, x, bits))?;
        let destination = self.destination()?;
        self.code.built(if wide {
            asm::wrap64(destination.to, tmp)
        } else {
            asm::wrap32(destination.to, tmp)
        })?;
        self.done(destination, Known::bits(width));
        Ok(())
    }
}

/// The row of the low `bits` bits of `factor x + add`.
fn low(factor: i128, add: u64, bits: u32) -> [Fr; 8] {
    let scale = asm::two(64 - bits);
    let modulus = 1i128 << bits;
    let factor = factor.rem_euclid(modulus) as u64;
    let add = i128::from(add).rem_euclid(modulus) as u64;
    coefficients([
        (1, Fr::from(factor) * scale),
        (3, Fr::from(add) * scale),
        (4, ONE),
        (7, scale),
    ])
}

/// What is known of a sum.
fn sum(x: Known, y: Known, add: u64, wide: bool) -> Known {
    let limit = Known::word(wide);
    let most = u128::from(x.max()) + u128::from(y.max()) + u128::from(cut(add, wide));
    let bits = 128 - most.leading_zeros();
    Known {
        bits: bits.min(limit.bits),
        zeros: x.zeros.min(y.zeros).min(add.trailing_zeros()).min(limit.bits),
    }
}

/// What is known of `factor x + add`.
fn scaled(x: Known, factor: i128, add: u64, wide: bool) -> Known {
    let limit = Known::word(wide);
    let zeros = (x.zeros + factor.trailing_zeros())
        .min(add.trailing_zeros())
        .min(limit.bits - 1);
    let most = u128::try_from(factor)
        .ok()
        .and_then(|factor| u128::from(x.max()).checked_mul(factor))
        .and_then(|most| most.checked_add(u128::from(add)));
    let bits = most.map_or(limit.bits, |most| (128 - most.leading_zeros()).min(limit.bits));
    Known { bits, zeros }
}
