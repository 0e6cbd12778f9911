//! CALL, CALLI, RET, ENTER, DYN, EXIT (at code index 2, and at 5, where it is called RESET).
//!
//! # Attacks
//! * A return to elsewhere, or with another frame: the way back is a cell of memory that the call wrote (`call.return`):
//!   `va = pc' 2^16 + fp'` with `pc'` 24 and `fp'` 16 bits wide (`ret.place`; L0, L1, L2, L5 ranged): one pair. That `pc'` must be in a
//!   row of the code table would not do: EXIT may stand there, and lead into a frame of the prover's choice.
//! * An index that was due which is no integer, of whatever row before EXIT: `exit.pc`.
//! * A frame pointer of more than 16 bits, by EXIT in place of EXIT again and again, each of which adds to it: then a way back and
//!   XPC would name a later row. EXIT stands only where `4 fp + 2^14` has 16 bits (`exit.frame`), far above a run's frames; what
//!   comes after it has few frames, which stay below the absolute registers.
//! * A call through the table to another function or type: the triple (TABLE, x, target, type) is looked up, and its four parts
//!   are bound (`calli.tag`, `calli.key`, `calli.type`, and the target is the next `pc`).
//! * Too deep a call: `enter.limit` ranges `k1 - sl - k0`.
//! * EXIT where nothing ends: it writes where it stood to XPC (`call.return`) and goes to the kernel, which demands an entry of TRAP.
//!   It is the only row where the code index that runs is not the one that is due (`state.fetch`): CTL u5 with k1 = 1, which exists
//!   only at index 2 ([`crate::lint`]). RESET has k1 = 0 and runs only where it is due.

use super::Lanes;
use crate::air::Expr;
use crate::columns::Limbs;
use crate::op::Op;
use playfair_proofs_isa::code::Tag;

/// `pc` in a return address is scaled by this; the frame pointer lies below.
const PC: u64 = 1 << 16;

impl Lanes<'_> {
    pub(super) fn control(&mut self) {
        let c = self.c;
        let (call, calli) = (self.is(Op::Call), self.is(Op::CallI));
        let (ret, enter, dynamic, exit) = (
            self.is(Op::Ret),
            self.is(Op::Enter),
            self.is(Op::Dyn),
            self.is(Op::Exit),
        );
        let calls = &call + &calli;

        let place = c.pc * PC + c.fp;
        let written = (&calls + &exit) * (c.res() - place) - &calls * PC;
        self.all(
            "call.return",
            "The result is pc 2^16 + fp: of the next row for calls, of this one for EXIT.",
            written,
        );

        self.all(
            "calli.tag",
            "The triple is of TABLE.",
            &calli * (self.cell(12) - Expr::from(Tag::Table as u32)),
        );
        self.all("calli.key", "Its key is x.", &calli * (self.cell(0) - c.x()));
        self.all(
            "calli.type",
            "Its second value is k3.",
            &calli * (self.cell(2) - self.k(3)),
        );

        let taken = c.sl + self.k(0);
        self.all(
            "enter.limit",
            "k1 - sl - k0 is a word.",
            &enter * (self.k(1) - taken - c.lo()),
        );

        let frame = c.limb[0] + c.limb[Limbs::S.count - 1] * (1_u64 << Limbs::S.bits);
        let back = c.number(1, 2);
        self.all(
            "ret.place",
            "x = pc' 2^16 + fp', of 24 and 16 bits.",
            &ret * (c.x() - &back * PC - &frame),
        );
        self.all(
            "exit.pc",
            "The index that was due has 24 bits.",
            &exit * (c.pc - &back),
        );
        self.all(
            "exit.frame",
            "Where EXIT can stand, 4 fp + 2^14 has 16 bits.",
            &exit * self.k(1) * (c.fp * 4_u64 + PC / 4 - &frame),
        );
        let from = |target: Expr| target - c.pc - 1;
        self.extra.pc += (&call + &exit) * from(self.k(2));
        self.extra.pc += &calli * from(self.cell(1));
        self.extra.pc += &ret * from(back);
        self.extra.pc += dynamic * from(c.x() + self.k(0));
        self.extra.fp +=
            calls * self.k(0) + &ret * (frame - c.fp) + &exit * (self.k(1) * c.fp + self.k(0) - c.fp);
        self.extra.sl += (enter - ret) * self.k(0) + exit * (self.k(1) * c.sl - c.sl);
    }
}
