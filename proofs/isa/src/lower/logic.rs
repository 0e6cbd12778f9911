//! Bitwise logic: sums where no bits meet, and otherwise tables; constants are [`super::cut`]'s.
//!
//! LOGIC's operands are words (docs/CIRCUIT.md): a module's values are, and of the kernel's only what its field type holds is anything
//! else, which no bitwise instruction takes.

use super::compare::Condition;
use super::function::Lowering;
use super::rows::{ONE, Result, ZERO};
use super::value::{Arg, Entry, Known, Source, Term};
use crate::asm::{self, Logic, Operand};
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
        if self.and_scaled(mask, wide)? {
            return Ok(());
        }
        if mask != 0 && mask & mask.wrapping_add(1) == 0 && !self.goes_on_cutting() {
            return self.low_bits(mask.trailing_ones(), wide);
        }
        let a = self.pop()?;
        self.and_constant(a, mask, wide)
    }

    /// AND of a constant with a pending product with a power of two: bits of its source. False, and nothing done, if there is none.
    fn and_scaled(&mut self, mask: u64, wide: bool) -> Result<bool> {
        let Some(Entry::Linear {
            source,
            factor,
            add: 0,
            wide: same,
            ..
        }) = self.stack.last().copied()
        else {
            return Ok(false);
        };
        let power = u64::try_from(factor)
            .ok()
            .filter(|factor| factor.is_power_of_two());
        let (Some(power), true) = (power, same == wide) else {
            return Ok(false);
        };
        self.pop_entry()?;
        let (x, known) = self.source(source, wide);
        let shift = power.trailing_zeros();
        self.cut_bits(x, known, mask >> shift, shift as i32, wide)?;
        Ok(true)
    }

    /// AND with a pending complement, which LOGIC takes as a form of its operand. False, and nothing done, if there is none.
    fn and_not(&mut self, wide: bool) -> Result<bool> {
        let [.., first, second] = self.stack.as_slice() else {
            return Ok(false);
        };
        let (first, second) = (*first, *second);
        let depth = self.stack.len() - 2;
        let (not, at, other, other_at) = if self.complement(second, depth + 1, wide).is_some() {
            (second, depth + 1, first, depth)
        } else {
            (first, depth, second, depth + 1)
        };
        let (Some(y), Some((x, known))) = (self.complement(not, at, wide), self.plain(other, other_at))
        else {
            return Ok(false);
        };
        if x == y || known.bits > Known::word(wide).bits || matches!(x, Operand::Abs(_)) {
            return Ok(false);
        }
        self.stack.truncate(depth);
        let destination = self.destination()?;
        self.logic_row(Logic::AndNot, destination.to, x, Ok(y))?;
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
        self.cut_bits(x, known, mask, 0, wide)
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

    /// By tables. `a` is a register.
    fn logic(&mut self, op: Logic, a: Arg, b: Arg, wide: bool) -> Result<()> {
        let (known_a, known_b) = (a.known(), b.known());
        let bits = match op {
            Logic::And | Logic::AndNot => known_a.bits.min(known_b.bits),
            Logic::Or | Logic::Xor => known_a.bits.max(known_b.bits),
        };
        let known = Known {
            bits: bits.min(Known::word(wide).bits),
            zeros: match op {
                Logic::And | Logic::AndNot => known_a.zeros.max(known_b.zeros),
                Logic::Or | Logic::Xor => known_a.zeros.min(known_b.zeros),
            },
        };
        if op == Logic::And && bits == 0 {
            return self.push_arg(Arg::Const(0));
        }
        let Arg::Reg(x, _) = a else {
            return self.code.internal("a constant on the left");
        };
        let destination = self.destination()?;
        self.logic_row(op, destination.to, x, b.map_operand())?;
        self.done(destination, known);
        Ok(())
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
                self.code.built(asm::logici(op, to, x, constant))?;
                Ok(())
            }
            Ok(y) if x == y && matches!(op, Logic::And | Logic::Or) => self.code.mov(to, x),
            Ok(y) if x == y => self.code.constant(to, ZERO),
            Ok(y) => {
                let x = match (x, y) {
                    (Operand::Abs(_), Operand::Abs(_)) => Operand::Reg(self.code.frame(x)?),
                    _ => x,
                };
                if matches!(to, Operand::Abs(_)) && (to == y || to == x) {
                    let tmp = self.code.tmp()?;
                    self.code.built(asm::logic(op, tmp, x, y))?;
                    return self.code.mov(to, tmp);
                }
                self.code.built(asm::logic(op, to, x, y))?;
                Ok(())
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
