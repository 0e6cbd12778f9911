//! Bits of a value, moved: chains of constant masks and shifts, in one row.
//!
//! `((x >> 16) & 255) << 3` is `(x & 0xff0000) 2^-13`: a mask of LOGIC whose result counts by a power of two, an inverse one where
//! bits move down, which the mask makes exact. A single bit that becomes 0 or 1 is a condition, which fuses with what takes it.

use super::compare::Condition;
use super::function::Lowering;
use super::rows::{Kind, ONE, Result};
use super::value::{Arg, Known};
use crate::asm::{self, Operand, coefficients};
use ark_ff::Field;
use playfair_types::crypto::field::Fr;
use wasmparser::Operator;

/// The instruction that takes a value, as far as it moves or cuts bits.
enum Next {
    And(u64),
    Up(u32),
    Down(u32),
    /// The low 32 bits.
    Wrap,
    /// Nothing changes.
    Same,
}

impl Lowering<'_, '_> {
    /// What the next instructions do to the value on top, and how many they are.
    fn next_cut(&self, wide: bool) -> Option<(Next, usize)> {
        use Operator as O;
        let count = |value: u64| (value & if wide { 63 } else { 31 }) as u32;
        let (first, second) = (self.next()?, self.after(2));
        let constant = match (first, wide) {
            (O::I64ExtendI32U, false) => return Some((Next::Same, 1)),
            (O::I32WrapI64, true) => return Some((Next::Wrap, 1)),
            (O::I32Const { value }, false) => u64::from(*value as u32),
            (O::I64Const { value }, true) => *value as u64,
            _ => return None,
        };
        Some(match (second?, wide) {
            (O::I32And, false) | (O::I64And, true) => (Next::And(constant), 2),
            (O::I32Shl, false) | (O::I64Shl, true) => (Next::Up(count(constant)), 2),
            (O::I32ShrU, false) | (O::I64ShrU, true) => (Next::Down(count(constant)), 2),
            _ => return None,
        })
    }

    /// Whether the next instruction cuts or moves bits of the value once more.
    pub(crate) fn goes_on_cutting(&self) -> bool {
        [false, true].into_iter().any(|wide| {
            let next = self.next_cut(wide);
            matches!(next, Some((Next::And(_) | Next::Up(_) | Next::Down(_), _)))
        })
    }

    /// Pushes `(x & mask) 2^shift`, which is an integer of the type, and what the next instructions make of it.
    pub(crate) fn cut_bits(
        &mut self,
        x: Operand,
        known: Known,
        mask: u64,
        shift: i32,
        wide: bool,
    ) -> Result<()> {
        let (mut mask, mut shift, mut wide) = (mask & known.max(), shift, wide);
        mask &= u64::MAX.checked_shl(known.zeros).unwrap_or(0);
        while let Some((next, taken)) = self.next_cut(wide) {
            // The bits of x that a mask of the moved value keeps.
            let source = |kept: u64| match shift {
                0.. => kept >> shift.min(63),
                _ => kept << shift.unsigned_abs().min(63),
            };
            match next {
                Next::Same => wide = true,
                Next::Wrap => (mask, wide) = (mask & source(0xffff_ffff), false),
                Next::And(kept) => mask &= source(kept),
                Next::Down(by) => {
                    mask &= source(u64::MAX.checked_shl(by).unwrap_or(0));
                    shift -= by as i32;
                }
                Next::Up(by) => {
                    let top = Known::word(wide).max();
                    mask &= source(top.checked_shr(by).unwrap_or(0));
                    shift += by as i32;
                }
            }
            self.at += taken;
        }
        self.cut(x, known, mask, shift)
    }

    fn cut(&mut self, x: Operand, known: Known, mask: u64, shift: i32) -> Result<()> {
        if mask == 0 {
            return self.push_arg(Arg::Const(0));
        }
        let nothing = known.max() & u64::MAX.checked_shl(known.zeros).unwrap_or(0);
        if shift == 0 && mask == nothing && known.bits <= 64 {
            return self.push_arg(Arg::Reg(x, known));
        }
        let (low, top) = (mask.trailing_zeros(), 64 - mask.leading_zeros());
        let moved = |bit: u32| bit.saturating_add_signed(shift);
        let factor = match shift {
            0.. => asm::two(shift.unsigned_abs()),
            _ => asm::two(shift.unsigned_abs()).inverse().unwrap_or_default(),
        };
        let bit = mask.is_power_of_two();
        if bit && (moved(low) == 0 || self.takes_condition()) {
            let scale = asm::two(low).inverse().unwrap_or_default();
            return self.condition(Condition {
                kind: Kind::Logic,
                x: Some(x),
                y: None,
                k: coefficients([(1, ONE), (3, Fr::from(mask)), (5, scale)]),
            });
        }
        let destination = self.destination()?;
        let ones = (mask >> low) & (mask >> low).wrapping_add(1) == 0;
        let whole = ones && top == known.bits.min(64);
        let k = if ones && low == 0 && shift >= 0 {
            // The low word of x scaled.
            let scale = asm::two(64 - top);
            (Kind::Arith, coefficients([(1, scale), (4, factor), (7, scale)]))
        } else if whole && moved(low) == 0 {
            // The high word.
            (
                Kind::Arith,
                coefficients([(1, asm::two(64 - low)), (5, ONE), (7, ONE)]),
            )
        } else {
            let k = coefficients([(1, ONE), (3, Fr::from(mask)), (5, factor)]);
            (Kind::Logic, k)
        };
        self.code.form(k.0, Some(x), None, k.1, destination.to)?;
        self.done(
            destination,
            Known {
                bits: moved(top),
                zeros: moved(low),
            },
        );
        Ok(())
    }

    /// Whether the next instruction asks only whether the value is zero.
    fn takes_condition(&self) -> bool {
        use Operator as O;
        matches!(
            self.next(),
            Some(O::I32Eqz | O::I64Eqz | O::BrIf { .. } | O::If { .. } | O::Select | O::TypedSelect { .. })
        )
    }
}
