//! Bitwise logic: masks by arithmetic, sums where no bits meet, and otherwise tables.

use super::compare::Condition;
use super::function::Lowering;
use super::rows::{Kind, ONE, Result, Trap, ZERO};
use super::value::{Arg, Entry, Known, Source, Term};
use crate::asm::{self, Logic, Operand, coefficients};
use playfair_types::crypto::field::Fr;

impl Lowering<'_, '_> {
    pub(crate) fn and(&mut self, wide: bool) -> Result<()> {
        if self.and_not(wide)? {
            return Ok(());
        }
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

    /// AND with a pending complement, which LOGIC takes as a form of its operand. False, and nothing done, if there is none.
    fn and_not(&mut self, wide: bool) -> Result<bool> {
        let [.., first, second] = self.stack.as_slice() else {
            return Ok(false);
        };
        let (first, second) = (*first, *second);
        let depth = self.stack.len() - 2;
        let width = Known::word(wide).bits;
        let (not, at, other, other_at) = if self.complement(second, depth + 1, wide).is_some() {
            (second, depth + 1, first, depth)
        } else {
            (first, depth, second, depth + 1)
        };
        let (Some(y), Some((x, known))) = (self.complement(not, at, wide), self.plain(other, other_at))
        else {
            return Ok(false);
        };
        if x == y || known.bits > width || matches!((x, y), (Operand::Abs(_), _)) {
            return Ok(false);
        }
        self.stack.truncate(depth);
        let destination = self.destination()?;
        if destination.to == y {
            let tmp = self.code.tmp()?;
            let row = asm::logic(Logic::AndNot, tmp, x, y, width);
            self.code.group(row, Trap::default())?;
            self.code.mov(destination.to, tmp)?;
        } else {
            let row = asm::logic(Logic::AndNot, destination.to, x, y, width);
            self.code.group(row, Trap::default())?;
        }
        self.done(destination, Known::bits(known.bits));
        Ok(true)
    }

    /// The register whose complement an entry at a depth is. It holds a word of the width.
    fn complement(&self, entry: Entry, depth: usize, wide: bool) -> Option<Operand> {
        match entry {
            Entry::Linear {
                source,
                factor: -1,
                add,
                wide: same,
                ..
            } if same == wide && add == Known::word(wide).max() => match source {
                Source::Local(local) if self.fact(local).bits <= Known::word(wide).bits => {
                    Some(self.local(local))
                }
                // What is pending in a slot was an operand of this type.
                Source::Own if self.code.guest => Some(self.slot(depth)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The register of an entry at a depth that is in one.
    fn plain(&self, entry: Entry, depth: usize) -> Option<(Operand, Known)> {
        match entry {
            Entry::Local(local) => Some((self.local(local), self.fact(local))),
            Entry::Slot(known) => Some((self.slot(depth), known)),
            _ => None,
        }
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
            (Arg::Reg(x, known), Arg::Const(ones))
                if op == Logic::Xor && ones == Known::word(wide).max() && known.bits <= 64 =>
            {
                // ones - x, which is -x - 1: the next AND may take it as it is.
                return self.linear(
                    Term {
                        register: Some((x, known, -1)),
                        add: ones,
                    },
                    wide,
                );
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

    /// By tables: a row for each 36 bits. `a` is a register.
    fn logic(&mut self, op: Logic, a: Arg, b: Arg, wide: bool) -> Result<()> {
        let (known_a, known_b) = (a.known(), b.known());
        let width = Known::word(wide).bits;
        let bits = match op {
            Logic::And | Logic::AndNot => known_a.bits.min(known_b.bits),
            Logic::Or | Logic::Xor => known_a.bits.max(known_b.bits),
        };
        let known = Known {
            bits: bits.min(width),
            zeros: match op {
                Logic::And | Logic::AndNot => known_a.zeros.max(known_b.zeros),
                Logic::Or | Logic::Xor => known_a.zeros.min(known_b.zeros),
            },
        };
        if op == Logic::And && bits == 0 {
            return self.push_arg(Arg::Const(0));
        }
        // Bits that only one of them can have do not matter to AND: a row may cut them off and save more.
        let wanted = known_a.bits.max(known_b.bits).min(width);
        let cuts = [known_a, known_b]
            .into_iter()
            .filter(|known| known.bits > bits)
            .count() as u32;
        let (a, b, wanted) = if op == Logic::And && asm::logic_rows(bits) + cuts < asm::logic_rows(wanted) {
            (self.narrow(a, bits)?, self.narrow(b, bits)?, bits)
        } else {
            (a, b, wanted)
        };
        let Arg::Reg(x, _) = a else {
            return self.code.internal("a constant on the left");
        };
        let destination = self.destination()?;
        self.logic_row(op, destination.to, x, b.map_operand(), wanted)?;
        self.done(destination, known);
        Ok(())
    }

    /// The low bits of a value.
    fn narrow(&mut self, a: Arg, bits: u32) -> Result<Arg> {
        match a {
            Arg::Reg(x, known) if known.bits > bits => {
                let tmp = self.code.tmp()?;
                self.code.built(asm::mask(tmp, x, bits))?;
                Ok(Arg::Reg(tmp, Known::bits(bits)))
            }
            a => Ok(a),
        }
    }

    fn logic_row(
        &mut self,
        op: Logic,
        to: Operand,
        x: Operand,
        y: core::result::Result<Operand, u64>,
        bits: u32,
    ) -> Result<()> {
        match y {
            Err(constant) => {
                let x = Operand::Reg(self.code.frame(x)?);
                self.code
                    .group(asm::logici(op, to, x, constant, bits), Trap::default())
            }
            Ok(y) if x == y && matches!(op, Logic::And | Logic::Or) => self.code.mov(to, x),
            Ok(y) if x == y => self.code.constant(to, ZERO),
            Ok(y) => {
                let (x, y) = match (x, y) {
                    (Operand::Abs(_), Operand::Abs(_)) => (Operand::Reg(self.code.frame(x)?), y),
                    (Operand::Abs(_), Operand::Reg(_)) => (y, x),
                    _ => (x, y),
                };
                if matches!(to, Operand::Abs(_)) && to == y {
                    let tmp = self.code.tmp()?;
                    self.code
                        .group(asm::logic(op, tmp, x, y, bits), Trap::default())?;
                    return self.code.mov(to, tmp);
                }
                self.code.group(asm::logic(op, to, x, y, bits), Trap::default())
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
