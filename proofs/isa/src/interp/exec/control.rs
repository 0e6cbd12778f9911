//! Calls, jumps, exits, gas, runs.

use super::super::Reason;
use super::super::decode::{Kind, Row};
use super::super::form::word;
use super::{Effect, Machine};
use crate::code::{Tag, address};
use crate::trace::Value;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

impl Machine<'_> {
    /// Rows that change the program's place, its frame, gas or run.
    pub(super) fn control(&mut self, row: &Row, x: Value) -> Result<Effect, Reason> {
        let mut effect = Effect::from(Value::ZERO);
        let place = |pc: u64, fp: u32| Value::Word(pc << 16 | u64::from(fp));
        match row.kind {
            Kind::Call { frame, target } => {
                effect.result = place(u64::from(self.pc) + 1, self.fp);
                effect.next = Some(target);
                self.call_frame(frame)?;
            }
            Kind::Calli { frame, kind } => {
                let index = x.word().and_then(|key| self.tables().row(Tag::Table, key));
                let entry = index
                    .filter(|(_, of)| *of == kind)
                    .and_then(|(target, _)| target.word());
                let target = entry.ok_or_else(|| Reason::NoRow(Tag::Table, x.fr()))?;
                effect.result = place(u64::from(self.pc) + 1, self.fp);
                effect.next = Some(code(target)?);
                self.call_frame(frame)?;
            }
            Kind::Ret { weight } => {
                let back = word(x, 'x')?;
                effect.next = Some(code(back >> 16)?);
                let left = i64::from(self.slots) - i64::from(weight);
                self.slots = u32::try_from(left).map_err(|_| Reason::Slots(left))?;
                self.fp = (back & 0xffff) as u32;
                self.calls.pop();
            }
            Kind::Enter { weight, limit } => {
                let taken = u64::from(self.slots) + u64::from(weight);
                if taken > u64::from(limit) {
                    return Err(Reason::Slots(taken as i64));
                }
                self.slots = taken as u32;
            }
            Kind::Dyn { offset } => {
                let target = word(x, 'x')?.checked_add(u64::from(offset));
                effect.next = Some(code(target.unwrap_or(u64::MAX))?);
            }
            Kind::Exit { keep, above, target } => {
                effect.result = place(u64::from(self.pc), self.fp);
                effect.next = Some(target);
                if keep && u64::from(self.fp) >= address::EXIT_FRAMES {
                    return Err(Reason::Frame(u64::from(self.fp)));
                }
                let fp = u64::from(if keep { self.fp } else { 0 }) + u64::from(above);
                self.fp = u32::try_from(fp).map_err(|_| Reason::Frame(fp))?;
                self.slots = if keep { self.slots } else { 0 };
                self.calls.clear();
            }
            Kind::Gets([k0, k1, k2]) => {
                let lane = if k1 == Fr::ZERO {
                    Fr::ZERO
                } else {
                    k1 * self.pending.need(1)?[0]
                };
                effect.result = match u64::try_from(self.gas) {
                    Ok(gas) if [k0, k1, k2] == [Fr::ONE, Fr::ZERO, Fr::ZERO] => Value::Word(gas),
                    _ => Value::from(k0 * Fr::from(self.gas) + lane + k2 * Fr::from(self.slots)),
                };
            }
            Kind::Gasd => {
                let price = i64::try_from(word(x, 'x')?).map_err(|_| Reason::Gas(i64::MIN))?;
                self.gas = self.gas.checked_sub(price).ok_or(Reason::Gas(i64::MIN))?;
            }
            Kind::SetGas => {
                let gas = i64::try_from(word(x, 'x')?).ok();
                // The row's own price, which is taken afterwards, does not count: gas' = x.
                let gas = gas.and_then(|gas| gas.checked_add(i64::from(row.gas)));
                self.gas = gas.ok_or(Reason::Gas(i64::MAX))?;
            }
            Kind::SetMem { new_run } => {
                self.lim = word(x, 'x')?
                    .try_into()
                    .map_err(|_| Reason::NotWord('x', x.fr()))?;
                self.ctx += if new_run { address::RUN } else { 0 };
            }
            // MEM runs before START only.
            _ => return Err(Reason::NoCode(u64::from(self.pc))),
        }
        Ok(effect)
    }

    /// Moves to a callee's frame.
    fn call_frame(&mut self, frame: u32) -> Result<(), Reason> {
        let fp = u64::from(self.fp) + u64::from(frame);
        if fp >= address::ABSOLUTE {
            return Err(Reason::Frame(fp));
        }
        self.calls.push(self.pc);
        self.fp = fp as u32;
        Ok(())
    }
}

/// A code index.
fn code(index: u64) -> Result<u32, Reason> {
    u32::try_from(index).map_err(|_| Reason::NoCode(index))
}
