//! EQ, SELECT.
//!
//! EQ: `d = k1 x + k2 y + k3`, `e = (d = 0)`, `res = k4 e + k6`. Cells: E0 = d, E1 = 1/d or 0, E2 = e.
//! SELECT: `wa = (oc = 0) ? y : x`, slot C only read. Cells: E1 = 1/oc or 0, E2 = (oc = 0).
//!
//! # Attacks
//! * `e = 1` with `d` not zero: `d e = 0`. `e = 0` with `d` zero: `d E1 = 1 - e`. So `e` is a function of `d`.
//! * In SELECT a value other than the two: `slot.a.left` has `wa - va = e (vb - va)` there, and [`crate::lint`] has no dA.
//! * Changing slot C in SELECT: `slot.c.kept`.

use super::Lanes;
use crate::air::Expr;
use crate::op::Op;

/// E0: the difference.
const D: usize = 0;
/// E1: its inverse, or anything if there is none.
const INVERSE: usize = 1;
/// E2: whether it is zero.
const ZERO: usize = 2;

impl Lanes<'_> {
    pub(super) fn compare(&mut self) {
        let c = self.c;
        let eq = self.is(Op::Eq);
        self.all(
            "eq.difference",
            "E0 = k1 x + k2 y + k3.",
            &eq * (self.cell(D) - self.form()),
        );
        self.is_zero("eq", &eq, self.cell(D));
        self.all(
            "eq.result",
            "The result is k4 e + k6.",
            &eq * (c.res() - self.k(4) * self.cell(ZERO) - self.k(6)),
        );

        let select = self.is(Op::Select);
        self.is_zero("select", &select, c.slot_c.old.cur());
        self.extra.wa += select * self.cell(ZERO) * (c.y() - c.x());
    }

    /// E2 says whether `value` is zero.
    fn is_zero(&mut self, name: &str, selector: &Expr, value: Expr) {
        let (zero, inverse) = (self.cell(ZERO), self.cell(INVERSE));
        self.all(
            &format!("{name}.zero"),
            "E2 is zero unless the value is.",
            selector * (&value * &zero),
        );
        self.all(
            &format!("{name}.nonzero"),
            "E2 is one unless the value has an inverse.",
            selector * (value * inverse + zero - 1),
        );
    }
}
