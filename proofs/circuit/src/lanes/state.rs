//! Flags, the first and the last row, and the state that goes from row to row.
//!
//! # Attacks
//! * Flags that are no booleans but pack to the same number: `flag.*`.
//! * A run that starts elsewhere or with state: `state.first.*`. One that does not reach END: `state.last`. END is a jump to itself
//!   ([`crate::lint`]); from it only EXIT leads away, and the kernel finds no TRAP entry for END.
//! * Running another instruction than the one due: `state.fetch`.
//! * A branch to a mixture of target and next row: `branch.boolean`.
//! * EXIT inside a group of rows that speak of each other: `state.joined`.
//! * MEM rows later on, which would give memory a second initial content: `mem.resume` (initial.rs).

use super::Lanes;
use crate::air::{Expr, Rows};
use crate::op::Op;
use playfair_proofs_isa::code::{Flags, at};

impl Lanes<'_> {
    pub(super) fn state(&mut self) {
        let c = self.c;
        let registers = [
            ("pc", c.pc),
            ("pcl", c.pcl),
            ("fp", c.fp),
            ("sl", c.sl),
            ("gas", c.gas),
            ("ctx", c.ctx),
            ("lim", c.lim),
        ];
        for (i, name) in Flags::NAMES.iter().enumerate() {
            self.boolean(
                &format!("flag.{name}"),
                "The flag is zero or one.",
                &Expr::from(1),
                c.flags[i],
            );
        }
        for (name, column) in registers {
            self.builder.constrain(
                format!("state.first.{name}"),
                "Zero in the first row.",
                Rows::First,
                column,
            );
        }
        self.builder.constrain(
            "state.last",
            "The last row is END.",
            Rows::Last,
            c.pcl - Expr::from(at::END),
        );

        let exit = self.is(Op::Exit) * self.k(1);
        self.all(
            "state.fetch",
            "What is due runs, except in EXIT.",
            exit.not() * (c.pc - c.pcl),
        );

        let joined = c.any(&[
            Op::Div,
            Op::Pin,
            Op::P6F,
            Op::P6P,
            Op::P3F,
            Op::P3P,
            Op::P3S,
            Op::Cin,
            Op::Cout,
            Op::Curve,
            Op::Mem,
        ]);
        self.trans(
            "state.joined",
            "The next row is not EXIT.",
            joined * (c.pcl.next() - c.pc.next()),
        );

        let extra = |part: &mut Expr| std::mem::replace(part, Expr::from(0));
        self.all(
            "branch.boolean",
            "A branch goes to its target or to the next row.",
            c.flag(Flags::BR) * c.res() * (c.res() - 1),
        );
        let branch = c.flag(Flags::BR) * c.res() * (c.c - c.pc - 1);
        let pc = c.pc + 1 + branch + extra(&mut self.extra.pc);
        self.trans(
            "state.pc",
            "The next pc: one more, or the target.",
            c.pc.next() - pc,
        );
        let fp = c.fp + extra(&mut self.extra.fp);
        self.trans("state.fp", "The next frame pointer.", c.fp.next() - fp);
        let sl = c.sl + extra(&mut self.extra.sl);
        self.trans("state.sl", "The next number of frame slots.", c.sl.next() - sl);
        let gas = c.gas - c.g + extra(&mut self.extra.gas);
        self.trans("state.gas", "The gas that is left.", c.gas.next() - gas);
        let ctx = c.ctx + extra(&mut self.extra.ctx);
        self.trans("state.ctx", "The base of the run's memory.", c.ctx.next() - ctx);
        let lim = c.lim + extra(&mut self.extra.lim);
        self.trans("state.lim", "The size of the run's memory.", c.lim.next() - lim);
    }
}
