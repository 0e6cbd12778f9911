//! The three slots: their addresses, and what is left in slot A.
//!
//! Slot A is at `fp + a`: the code table binds `aA - fp`. Slot B is at `b`, plus `fp` unless gB; slot C is at `c`, plus `fp` unless
//! gC; the rows that compute one of them say so. A slot that is off makes no access, and what it would have found is zero.
//!
//! # Attacks
//! * Operands out of nothing in rows that have no such slot: `slot.*.off`.
//! * Reading or writing elsewhere: `slot.b.address`, `slot.c.address`, the code table, and the address constraints of memory, RAW, MEM.
//! * Writing to a slot that is only read: slot B has no second value; `slot.a.left`, `slot.c.kept` for A and C.
//! * Two accesses of one cell in one row: at most one of them finds a tuple that is earlier than the row, so there is no proof of
//!   such a row. Compilers avoid it.

use super::Lanes;
use crate::op::Op;
use playfair_proofs_isa::code::Flags;

impl Lanes<'_> {
    pub(super) fn slots(&mut self) {
        let c = self.c;
        let flag = |flag: Flags| c.flag(flag).cur();
        let (sa, sb, sc) = (flag(Flags::SA), flag(Flags::SB), flag(Flags::SC));
        let loads = std::mem::replace(&mut self.extra.computed_b, 0.into());
        let stores = std::mem::replace(&mut self.extra.computed_c, 0.into());

        let offset = flag(Flags::GB).not() * c.fp + c.b;
        self.all(
            "slot.b.address",
            "Slot B is at b + (1 - gB) fp.",
            (&sb - loads) * (c.slot_b.address - offset),
        );
        let offset = flag(Flags::GC).not() * c.fp + c.c;
        self.all(
            "slot.c.address",
            "Slot C is at c + (1 - gC) fp.",
            (&sc - stores) * (c.slot_c.address - offset),
        );

        self.all("slot.a.off", "x = 0 if slot A is off.", sa.not() * c.x());
        self.all("slot.b.off", "y = 0 if slot B is off.", sb.not() * c.y());
        self.all(
            "slot.c.off",
            "Slot C finds 0 if it is off.",
            sc.not() * c.slot_c.old,
        );

        let kept = c.any(&[Op::Select, Op::Pin, Op::Cin]);
        self.all(
            "slot.c.kept",
            "Slot C is only read.",
            kept * (c.res() - c.slot_c.old),
        );

        let extra = std::mem::replace(&mut self.extra.wa, 0.into());
        let left = c.x() + flag(Flags::DA) * (c.res() - c.x()) + extra;
        self.all(
            "slot.a.left",
            "Slot A keeps its value, or takes the result if dA.",
            c.slot_a.new - left,
        );
    }
}
