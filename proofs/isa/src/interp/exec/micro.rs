//! Poseidon and curve: rows that hand a state on.

use super::super::decode::{Kind, Place, Row};
use super::super::state::{Pending, limbs};
use super::super::{Reason, curve};
use super::{Effect, Machine, Slots};
use crate::code::Flags;
use crate::trace::Value;
use ark_ff::AdditiveGroup;
use playfair_types::crypto::field::Fr;

impl Machine<'_> {
    /// Rows of microcode: the state for the next row.
    pub(super) fn micro<const TRACE: bool>(
        &mut self,
        row: &Row,
        x: Value,
        y: Value,
        slots: &mut Slots,
    ) -> Result<Effect, Reason> {
        let mut next = Pending::default();
        let mut result = Value::ZERO;
        match &row.kind {
            Kind::Pin(k) => {
                let z = self.read_c::<TRACE>(row, slots)?;
                let (more_x, more_y) = self.next_operands()?;
                let inputs = [Value::ZERO, x, y, z, more_x, more_y];
                for ((slot, k), input) in next.state.iter_mut().zip(k.iter()).zip(inputs) {
                    *slot = *k + input.fr();
                }
                next.set = limbs::SIX;
                result = z;
            }
            Kind::Poseidon(kind, constants) => {
                let state = self.pending.need(kind.limbs())?;
                next.state = self.program.rounds.row(*kind, constants, state);
                next.set = kind.limbs();
            }
            Kind::Cin => {
                let z = self.read_c::<TRACE>(row, slots)?;
                let shifted = if self.pending.set == limbs::NINE {
                    self.pending.state
                } else {
                    [Fr::ZERO; 9]
                };
                let [_, _, _, c3, c4, c5, c6, c7, c8] = shifted;
                next.state = [c3, c4, c5, c6, c7, c8, x.fr(), y.fr(), z.fr()];
                next.set = limbs::NINE;
                result = z;
            }
            Kind::Curve => {
                let (state, again) = curve::step(self.pending.need(limbs::NINE)?)?;
                (next.state, next.set) = (state, limbs::NINE);
                result = Value::Word(u64::from(again));
            }
            Kind::Cout([k0, k1]) => {
                let second = 1 << 1;
                let needed = second | u16::from(*k0 != Fr::ZERO);
                let state = self.pending.need(needed)?;
                result = Value::from(*k0 * state[0] + *k1 * state[1]);
                // The second one keeps nothing: a return behind it needs its limbs.
                if *k0 != Fr::ZERO {
                    (next.state[1], next.set) = (state[1], second);
                }
            }
            _ => return Err(Reason::State),
        }
        self.pending = next;
        Ok(Effect {
            result,
            next: None,
            micro: true,
        })
    }

    /// Registers of slots A and B of the next row, which PIN reads too.
    fn next_operands(&self) -> Result<(Value, Value), Reason> {
        let Some(next) = self.program.rows.get(self.pc as usize + 1) else {
            return Err(Reason::NoCode(u64::from(self.pc) + 1));
        };
        let read = |on: Flags, place: Place| {
            if !next.flags.has(on) {
                return Ok(Value::ZERO);
            }
            let at = self.register(place)?;
            self.memory.peek(at).ok_or_else(|| Reason::Address(Fr::from(at)))
        };
        Ok((read(Flags::SA, next.a)?, read(Flags::SB, next.b)?))
    }
}
