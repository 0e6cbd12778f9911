//! What a row reads and writes, and the same row with other operands.

use crate::asm::Operand;
use crate::code::{Flags, Instr};
use crate::lower::rows::{Part, Target, Trap};
use crate::ops::{Op, Slot};
use ark_ff::{AdditiveGroup, BigInt, Field, PrimeField};
use playfair_types::crypto::field::Fr;

/// A row of a function.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) instr: Instr,
    pub(super) op: Op,
    /// What in it refers to a code index.
    pub(super) target: Option<(Part, Target)>,
    pub(super) trap: Option<Trap>,
    /// Whether it is not the first of rows that belong together.
    pub(super) follows: bool,
    pub(super) kept: bool,
}

/// The register or address that a column holds.
fn small(value: Fr) -> u32 {
    let BigInt(limbs) = value.into_bigint();
    limbs[0] as u32
}

fn operand(value: Fr, absolute: bool) -> Operand {
    if absolute {
        Operand::Abs(small(value))
    } else {
        Operand::Reg(small(value))
    }
}

impl Row {
    fn has(&self, flag: Flags) -> bool {
        self.instr.flags.has(flag)
    }

    /// Slot A.
    pub(super) fn x(&self) -> Option<u32> {
        self.has(Flags::SA).then_some(self.instr.a)
    }

    /// Slot B, unless its address is computed.
    pub(super) fn y(&self) -> Option<Operand> {
        let named = self.has(Flags::SB) && self.op.info().slots[1] != Slot::Computed;
        named.then(|| operand(self.instr.b, self.has(Flags::GB)))
    }

    /// Where the result goes.
    pub(super) fn dest(&self) -> Option<Operand> {
        if self.op == Op::Select || self.has(Flags::DA) {
            return Some(Operand::Reg(self.instr.a));
        }
        let stored = self.has(Flags::SC) && self.op.info().slots[2] == Slot::Result;
        stored.then(|| operand(self.instr.c, self.has(Flags::GC)))
    }

    /// Registers of the frame that it reads, twice perhaps; those of a call's arguments are not among them.
    pub(super) fn reads(&self) -> impl Iterator<Item = u32> {
        let register = |operand: Option<Operand>| match operand {
            Some(Operand::Reg(register)) => Some(register),
            _ => None,
        };
        let condition = (self.op == Op::Select).then(|| operand(self.instr.c, self.has(Flags::GC)));
        let added = if self.adds() { register(self.dest()) } else { None };
        let trap = self.trap.as_ref();
        let first = trap.filter(|trap| trap.reads_first());
        let second = trap.filter(|trap| trap.reads_second());
        [
            self.x(),
            register(self.y()),
            register(condition),
            added,
            first.map(|trap| trap.register1),
            second.map(|trap| trap.register2),
        ]
        .into_iter()
        .flatten()
    }

    /// Whether its result is added to what its destination holds.
    pub(super) fn adds(&self) -> bool {
        self.op == Op::Loadp && self.instr.k[3] != Fr::ZERO
    }

    /// For a call: the first register of the callee's frame, and that of the way back. It reads what lies between them and
    /// writes all from the first on.
    pub(super) fn window(&self) -> Option<(u32, u32)> {
        let call = matches!(self.op, Op::Call | Op::Calli);
        call.then(|| (small(self.instr.k[0]), small(self.instr.c)))
    }

    /// Whether all it does is to make its result, which is the same for the same operands.
    pub(super) fn is_pure(&self) -> bool {
        let computes = match self.op {
            Op::Arith => self.instr.k[7] != Fr::ZERO,
            Op::Farith | Op::Eq | Op::Logic | Op::Aux => true,
            _ => false,
        };
        let traps = self.trap.as_ref().is_some_and(|trap| trap.class != 0);
        computes && !traps && !self.has(Flags::BR) && self.dest().is_some()
    }

    /// What it copies, if that is all.
    pub(super) fn copies(&self) -> Option<Operand> {
        let k = &self.instr.k;
        if self.op != Op::Farith || self.has(Flags::BR) || k[0] != Fr::ZERO || k[3] != Fr::ZERO {
            return None;
        }
        match (self.x(), self.y()) {
            (Some(x), None) if k[1] == Fr::ONE => Some(Operand::Reg(x)),
            (None, y) if k[2] == Fr::ONE => y,
            _ => None,
        }
    }

    /// Whether it goes to its target and nowhere else.
    pub(super) fn jumps(&self) -> bool {
        let k = &self.instr.k;
        self.op == Op::Farith
            && self.has(Flags::BR)
            && !self.has(Flags::DA)
            && k[0] == Fr::ZERO
            && k[1] == Fr::ZERO
            && k[2] == Fr::ZERO
            && k[3] == Fr::ONE
    }

    /// Whether it may go to its target.
    pub(super) fn branches(&self) -> bool {
        self.has(Flags::BR)
    }

    /// Whether the row after it is never the next.
    pub(super) fn leaves(&self) -> bool {
        self.jumps() || matches!(self.op, Op::Ret | Op::Dyn)
    }

    /// Whether the next row belongs to it.
    pub(super) fn goes_on(&self) -> bool {
        self.op == Op::Div
    }

    /// The same row with these operands and this destination; none if no choice of slots holds it.
    pub(super) fn with(&self, x: Option<u32>, y: Option<Operand>, dest: Option<Operand>) -> Option<Instr> {
        if self.adds() && dest != self.dest() {
            return None;
        }
        let form = matches!(self.op, Op::Arith | Op::Farith | Op::Eq);
        let (mut x, mut y, mut instr) = (x, y, self.instr.clone());
        let k = &mut instr.k;
        if x.is_some() && x.map(Operand::Reg) == y {
            if !form || k[0] != Fr::ZERO {
                return None;
            }
            (k[1], k[2], y) = (k[1] + k[2], Fr::ZERO, None);
        }
        let absolute = x.is_none() && matches!(y, Some(Operand::Reg(_)));
        let logic = self.op == Op::Logic;
        if (form || logic) && y.is_some() && (y == dest || absolute) {
            let Some(Operand::Reg(first)) = y else {
                return None;
            };
            (x, y) = (Some(first), x.map(Operand::Reg));
            k.swap(1, 2);
            if logic {
                k.swap(0, 3);
                k.swap(4, 6);
            }
        }
        if y.is_some() && y == dest {
            return None;
        }
        // Slot C of a call takes the way back.
        if x.is_some() && x == self.window().map(|(_, link)| link) {
            return None;
        }
        let result = self.op.info().slots[2] == Slot::Result;
        let mut gone = Flags::SA.0 | Flags::DA.0;
        if self.y().is_some() {
            gone |= Flags::SB.0 | Flags::GB.0;
            instr.b = Fr::ZERO;
        }
        if result && !self.branches() {
            gone |= Flags::SC.0 | Flags::GC.0;
            instr.c = Fr::ZERO;
        }
        instr.flags = Flags(instr.flags.0 & !gone);
        instr.a = 0;
        if let Some(x) = x {
            instr = instr.slot_a(x);
        }
        if let Some(y) = y {
            instr = instr.slot_b(y);
        }
        match dest {
            Some(to) if result && x.map(Operand::Reg) == Some(to) => {
                instr.flags = instr.flags.with(Flags::DA);
            }
            Some(_) if result && self.branches() => return None,
            Some(to) if result => instr = instr.slot_c(to),
            _ => {}
        }
        // The other operations' slots are what they were.
        (Op::of(&instr) == Ok(self.op)).then_some(instr)
    }

    /// A copy of a register, in its place.
    pub(super) fn copy(&self, from: u32, to: Operand) -> Self {
        let mut instr = Instr::new(Flags::FARITH).slot_a(from).slot_c(to);
        instr.k[1] = Fr::ONE;
        instr.gas = self.instr.gas;
        Self {
            instr,
            op: Op::Farith,
            target: None,
            trap: self.trap,
            follows: false,
            kept: true,
        }
    }

    /// The same branch on the opposite; none if its result is not a yes or no.
    pub(super) fn opposite(&self) -> Option<Instr> {
        if !self.branches() || self.has(Flags::DA) {
            return None;
        }
        let mut instr = self.instr.clone();
        let k = &mut instr.k;
        match self.op {
            // k7 (1 - res) = k7 - (k4 lo + k5 hi + k6).
            Op::Arith => (k[4], k[5], k[6]) = (-k[4], -k[5], k[7] - k[6]),
            Op::Eq => (k[4], k[6]) = (-k[4], Fr::ONE - k[6]),
            Op::Logic => (k[4], k[5], k[6], k[7]) = (-k[4], -k[5], -k[6], Fr::ONE - k[7]),
            Op::Farith => {
                (k[0], k[1], k[2], k[3]) = (-k[0], -k[1], -k[2], Fr::ONE - k[3]);
            }
            _ => return None,
        }
        Some(instr)
    }
}
