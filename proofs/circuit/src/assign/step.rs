//! Rows of executed instructions.

use super::Assigner;
use super::micro::found;
use super::row::{Hits, Ints, Row, cut};
use crate::columns::SECOND;
use crate::lint::word;
use crate::op::Op;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use playfair_proofs_isa::code::{Flags, Instr, Tag};
use playfair_proofs_isa::trace::{Access, Step, Value};
use playfair_types::crypto::field::Fr;

/// Bits of the frame pointer in a return address.
const FRAME_BITS: u32 = 16;

/// What most operations are computed from.
struct Operands {
    x: Fr,
    y: Fr,
}

/// The integer of a value, if it is a word.
fn integer(slot: &Option<Access>) -> Option<u64> {
    found(slot).word()
}

/// The low and the high word of a field element, if below 2^128.
fn wide(value: &Fr) -> Option<[u64; 2]> {
    match value.into_bigint().0 {
        [low, high, 0, 0] => Some([low, high]),
        _ => None,
    }
}

/// Limbs of two words.
fn both(words: [u64; 2]) -> Ints {
    let mut ints = Ints::default();
    let (low, high) = ints.split_at_mut(crate::columns::Limbs::S.count);
    cut(words[0], low);
    cut(words[1], high);
    ints
}

/// Both sides of a word at an offset: moved to the ends, or in their places.
fn sides(found: u64, offset: u32, moved: bool) -> [u64; 4] {
    let up = |bytes: u32| u64::MAX.checked_shl(8 * bytes).unwrap_or(0);
    if moved {
        let last = if offset < 7 { found << (56 - 8 * offset) } else { 0 };
        [found >> (8 * offset), last, 0, 0]
    } else {
        let before = found & !up(offset.saturating_sub(3));
        [
            found & !up(offset),
            found & up(offset + 1),
            found & up(offset + 4),
            before,
        ]
    }
}

impl Assigner<'_> {
    fn instr(&self, at: usize) -> &Instr {
        &self.tables.code()[self.trace.steps[at].pcl as usize]
    }

    fn operands(&self, step: &Step) -> Operands {
        Operands {
            x: self.value(found(&step.a)),
            y: self.value(found(&step.b)),
        }
    }

    /// `k1 x + k2 y + k3`.
    fn form(&self, k: &[Fr; 8], Operands { x, y }: &Operands) -> Fr {
        k[1] * x + k[2] * y + k[3]
    }

    /// What the row divides by.
    pub(super) fn denominators(&self, at: usize, list: &mut Vec<Fr>) {
        let step = &self.trace.steps[at];
        match self.op(at) {
            Op::Eq => list.push(self.form(&self.instr(at).k, &self.operands(step))),
            Op::Select => list.push(self.value(found(&step.c))),
            Op::Curve => list.extend(self.curve_denominators(at)),
            _ => {}
        }
    }

    /// fp, sl, gas, ctx, lim after a step.
    pub(super) fn state_after(&self, at: usize) -> [Fr; 5] {
        let step = &self.trace.steps[at];
        let Instr { k, gas: price, .. } = self.instr(at);
        let x = self.value(found(&step.a));
        let mut fp = self.number(u64::from(step.fp));
        let mut sl = self.number(u64::from(step.slots));
        let mut gas = Fr::from(step.gas) - Fr::from(*price);
        let mut ctx = Fr::from(step.ctx);
        let mut lim = Fr::from(step.lim);
        match self.op(at) {
            Op::Call | Op::CallI => fp += k[0],
            Op::Ret => {
                fp = Fr::from(integer(&step.a).unwrap_or_default() & ((1 << FRAME_BITS) - 1));
                sl -= k[0];
            }
            Op::Enter => sl += k[0],
            Op::Exit => (fp, sl) = (k[1] * fp + k[0], k[1] * sl),
            Op::GasD => gas -= x,
            Op::SetGas => gas = x,
            Op::SetMem => {
                ctx += k[0];
                lim = x;
            }
            _ => {}
        }
        [fp, sl, gas, ctx, lim]
    }

    /// A row. `None` if the step cannot be one of its instruction.
    pub(super) fn step_row(
        &self,
        at: usize,
        row: &mut Row,
        hits: &mut Hits,
        inverses: &mut impl Iterator<Item = Fr>,
    ) -> Option<()> {
        let c = self.c;
        let step = &self.trace.steps[at];
        self.code_row(step.pcl, row, hits);
        row.set(c.pc, self.number(u64::from(step.pc)));
        row.set(c.fp, self.number(u64::from(step.fp)));
        row.set(c.sl, self.number(u64::from(step.slots)));
        row.set(c.gas, Fr::from(step.gas));
        row.set(c.ctx, self.value(Value::Word(step.ctx)));
        row.set(c.lim, self.number(u64::from(step.lim)));
        row.set(c.slot_a.address, self.number(u64::from(step.fp)));
        row.set(c.slot_c.new, self.value(step.result));
        self.slots(at, row, hits)?;
        self.cells(at, row, hits, inverses)
    }

    /// The three slots.
    fn slots(&self, at: usize, row: &mut Row, hits: &mut Hits) -> Option<()> {
        let c = self.c;
        let step = &self.trace.steps[at];
        let flags = self.instr(at).flags;
        let number = self.entries.rows() + at;
        let slots = [
            (
                Flags::SA,
                &step.a,
                c.slot_a.address,
                c.slot_a.time,
                c.slot_a.old,
                Some(c.slot_a.new),
            ),
            (
                Flags::SB,
                &step.b,
                c.slot_b.address,
                c.slot_b.time,
                c.slot_b.value,
                None,
            ),
            (
                Flags::SC,
                &step.c,
                c.slot_c.address,
                c.slot_c.time,
                c.slot_c.old,
                Some(c.slot_c.new),
            ),
        ];
        for (on, access, address, time, old, new) in slots {
            let access = match access {
                Some(access) if flags.has(on) => access,
                None if !flags.has(on) => continue,
                _ => return None,
            };
            let last = match access.last {
                Some(last) => self.entries.rows() + last as usize,
                None => self.entries.row_of(access.address)?,
            };
            hits.row.push((number.checked_sub(last + 1)?) as u32);
            row.set(address, self.value(Value::Word(access.address)));
            row.set(time, self.number(last as u64));
            row.set(old, self.value(access.old));
            if let Some(new) = new {
                row.set(new, self.value(access.new));
            }
        }
        Some(())
    }

    /// Limbs and extra cells.
    fn cells(
        &self,
        at: usize,
        row: &mut Row,
        hits: &mut Hits,
        inverses: &mut impl Iterator<Item = Fr>,
    ) -> Option<()> {
        let c = self.c;
        let step = &self.trace.steps[at];
        let instr = self.instr(at);
        let k = &instr.k;
        let op = self.op(at);
        match op {
            Op::Arith => {
                let operands = self.operands(step);
                let value = self.form(k, &operands);
                let value = if k[0] == Fr::ZERO {
                    value
                } else {
                    value + k[0] * operands.x * operands.y
                };
                self.all_limbs(op, &both(wide(&value)?), row, hits)?;
            }
            Op::Div => {
                let (x, y) = (integer(&step.a)?, integer(&step.b)?);
                self.all_limbs(op, &both([x.checked_rem(y)?, x.checked_div(y)?]), row, hits)?;
            }
            Op::Eq => {
                let d = self.form(k, &self.operands(step));
                self.zero_test(d, inverses.next()?, row);
                row.set(c.extra[0], d);
            }
            Op::Select => self.zero_test(self.value(found(&step.c)), inverses.next()?, row),
            Op::Logic => self.logic_row(at, row, hits)?,
            Op::Ret | Op::Exit => {
                let (back, frame) = match op {
                    Op::Ret => {
                        let place = integer(&step.a)?;
                        (place >> FRAME_BITS, place)
                    }
                    // RESET may stand in any frame.
                    _ if k[1] == Fr::ZERO => (u64::from(step.pc), 0),
                    _ => (
                        u64::from(step.pc),
                        4 * u64::from(step.fp) + (1 << (FRAME_BITS - 2)),
                    ),
                };
                let frame = frame & ((1 << FRAME_BITS) - 1);
                let bits = crate::columns::Limbs::S.bits;
                let low = (1 << bits) - 1;
                let mut ints = Ints::default();
                (ints[0], ints[crate::columns::Limbs::S.count - 1]) = (frame & low, frame >> bits);
                (ints[1], ints[2]) = (back & low, back >> bits);
                self.limbs(op, 0, &ints, row, hits)?;
            }
            Op::Enter => {
                let left = word(&(k[1] - k[0] - self.number(u64::from(step.slots))))?;
                self.limbs(op, 0, &both([left, 0]), row, hits)?;
            }
            Op::Hint64 => {
                let value = self.hint(at)?;
                row.set(c.slot_c.new, self.value(Value::Word(value)));
                self.limbs(op, 0, &both([value, 0]), row, hits)?;
            }
            Op::CallI => self.look_up(Tag::Table as u64, integer(&step.a)?, row, hits)?,
            Op::Aux => {
                let key = k[1] * self.value(found(&step.a)) + k[2];
                self.look_up(word(&k[0])?, word(&key)?, row, hits)?;
            }
            Op::LoadB | Op::LoadW | Op::StoreB | Op::StoreW | Op::LoadP | Op::StoreP => {
                self.memory_row(at, row, hits)?;
            }
            Op::GetS if k[1] != Fr::ZERO => self.put_state(at, row),
            Op::Cin | Op::Cout => self.put_state(at, row),
            Op::Curve => {
                self.put_state(at, row);
                self.curve_row(at, row, [inverses.next()?, inverses.next()?]);
            }
            op if op.is_poseidon() => {
                self.put_state(at, row);
                self.poseidon_row(at, op, row);
            }
            _ => {}
        }
        Some(())
    }

    fn all_limbs(&self, op: Op, ints: &Ints, row: &mut Row, hits: &mut Hits) -> Option<()> {
        self.limbs(op, 0, ints, row, hits)?;
        self.limbs(op, 1, ints, row, hits)
    }

    /// The state of microcode into the limbs: six lanes or C0..C8.
    fn put_state(&self, at: usize, row: &mut Row) {
        for (column, value) in self.c.limb.iter().zip(self.state(at)) {
            row.set(*column, value);
        }
    }

    /// E1 and E2 for a value and its inverse (zero if there is none).
    fn zero_test(&self, value: Fr, inverse: Fr, row: &mut Row) {
        row.set(self.c.extra[1], inverse);
        row.set(self.c.extra[2], self.number(u64::from(value == Fr::ZERO)));
    }

    /// The value of a HINT64 row: its result, or, after DIV, divisor - 1 - remainder.
    fn hint(&self, at: usize) -> Option<u64> {
        match at.checked_sub(1) {
            Some(before) if self.op(before) == Op::Div => {
                let step = &self.trace.steps[before];
                let (x, y) = (integer(&step.a)?, integer(&step.b)?);
                y.checked_sub(1)?.checked_sub(x.checked_rem(y)?)
            }
            _ => self.trace.steps[at].result.word(),
        }
    }

    /// The chunks of a LOGIC row.
    fn logic_row(&self, at: usize, row: &mut Row, hits: &mut Hits) -> Option<()> {
        let c = self.c;
        let (step, k) = (&self.trace.steps[at], &self.instr(at).k);
        let Operands { x, y } = self.operands(step);
        let x = word(&(k[1] * x + k[0]))?;
        let y = word(&(k[2] * y + k[3]))?;
        row.set(c.extra[12], self.number(Tag::And as u64));
        for (i, cells) in c.logic_chunks().into_iter().enumerate() {
            let chunk = |word: u64| word >> (6 * i) & 63;
            let (x, y) = (chunk(x), chunk(y));
            row.set(cells[0], Fr::from(u128::from(x) + SECOND * u128::from(y)));
            row.set(cells[1], self.number(x & y));
            hits.aux.push(self.tables.starts().and + (64 * x + y) as u32);
        }
        Some(())
    }

    /// The first triple of a row that looks up a table with unique keys.
    fn look_up(&self, tag: u64, key: u64, row: &mut Row, hits: &mut Hits) -> Option<()> {
        let c = self.c;
        let (place, entry) = self.tables.find(tag, key)?;
        hits.aux.push(place);
        let v1 = match entry.tag {
            Tag::Public => self.public.get(key as usize).copied().unwrap_or(Fr::ZERO),
            _ => entry.v1,
        };
        row.set(c.extra[0], Fr::from(key));
        row.set(c.extra[1], v1);
        row.set(c.extra[2], entry.v2);
        row.set(c.extra[12], self.number(tag));
        Some(())
    }

    /// Bounds, and bytes of the word.
    fn memory_row(&self, at: usize, row: &mut Row, hits: &mut Hits) -> Option<()> {
        let c = self.c;
        let (step, instr, op) = (&self.trace.steps[at], self.instr(at), self.op(at));
        let k = &instr.k;
        let place = integer(&step.a)?.checked_add(word(&k[4])?)?;
        let halves = matches!(op, Op::LoadP | Op::StoreP);
        let parts = halves || matches!(op, Op::LoadB | Op::StoreB);
        let reads = matches!(op, Op::LoadB | Op::LoadP);
        let width = match op {
            Op::LoadB => word(&instr.b)?,
            Op::StoreB => word(&instr.c)?,
            Op::LoadP | Op::StoreP => 1,
            _ => 8,
        };
        let mut ints = Ints::default();
        if instr.flags.has(Flags::M) {
            let beyond = if op == Op::LoadP { word(&k[5])? } else { 0 };
            let end = u64::from(step.lim).checked_add(beyond)?;
            cut(end.checked_sub(place)?.checked_sub(width)?, &mut ints[9..11]);
        }
        if parts {
            let bytes = integer(if reads { &step.b } else { &step.c })?.to_le_bytes();
            for (limb, byte) in ints.iter_mut().zip(bytes) {
                *limb = u64::from(byte);
            }
            let offset = (place % 8) as usize;
            let v = |j: usize| u64::from(bytes.get(offset + j).copied().unwrap_or(0));
            row.set(c.extra[offset], Fr::ONE);
            if !halves {
                for j in 0..4 {
                    row.set(c.extra[8 + j], self.number(v(j)));
                }
            }
            if halves {
                let found = u64::from_le_bytes(bytes);
                let halves = sides(found, offset as u32, op == Op::LoadP);
                for (cell, half) in c.extra[8..].iter().zip(halves) {
                    row.set(*cell, self.value(Value::Word(half)));
                }
            } else if op == Op::LoadB {
                let signed = [(5, v(0)), (6, v(1)), (7, v(3))]
                    .into_iter()
                    .find(|(i, _)| k[*i] != Fr::ZERO);
                let top = signed.map_or(0, |(_, byte)| byte);
                ints[8] = 2 * (top & 127);
                row.set(c.extra[12], self.number(top >> 7));
            } else {
                let old = [Fr::ONE, k[0], k[1], k[2]].into_iter().enumerate();
                row.set(c.extra[12], old.map(|(j, k)| k * self.number(v(j))).sum());
            }
            self.limbs(op, 0, &ints, row, hits)?;
        }
        self.limbs(op, 1, &ints, row, hits)
    }
}
