//! CALL, CALLI, RET, ENTER, DYN, EXIT (at code index 2, and at 5, where it is called RESET).
//!
//! # Attacks
//! * A return to elsewhere, or with another frame: the way back is a cell of memory that the call wrote (`call.return`):
//!   `va = pc' 2^16 + fp'` with `fp'` 16 bits wide (L0, L5 ranged). With another `fp'`, `pc'` is no integer, hence in no row of the
//!   code table. If EXIT stands there instead, which looks up its own index, `exit.pc` says that `pc'` is one: XPC would show the
//!   true frame, but the kernel would run in one of the prover's choice, over the registers that it judges the end by.
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
use ark_ff::Field;
use playfair_proofs_isa::code::Tag;
use playfair_types::crypto::field::Fr;

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
            "exit.pc",
            "The index that was due is a word.",
            &exit * (c.pc - c.lo()),
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
        // 2^16 is not zero in the field.
        let scale = Fr::from(PC).inverse().unwrap_or_default();
        let back = (c.x() - &frame) * scale;
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
