//! DIV: `x = y hi + lo`, `lo < y`, `k7 res = k4 lo + k5 hi + k6`.
//!
//! `y - 1 - lo` is `lo` of the next row, a HINT64 row without slots, whose limbs are ranged as well.
//!
//! # Attacks
//! * Another quotient and remainder: for words x, y the numbers `y hi + lo` and `x` are below `2^128 + 2^64` and equal in the field,
//!   hence equal; with `0 <= lo < y` there is one answer.
//! * Division by zero: `-1 - lo` is no word, so there is no satisfying row (the run then ends by EXIT, which the kernel checks).
//! * An unranged `y - 1 - lo`, by putting EXIT in the next row: `state.joined`; by branching away: [`crate::lint`].
//! * k7 = 0: [`crate::lint`].

use super::Lanes;
use crate::air::affine;
use crate::columns::Limbs;
use crate::op::Op;

impl Lanes<'_> {
    pub(super) fn divide(&mut self) {
        let c = self.c;
        let div = self.is(Op::Div);
        let next_lo = affine(
            1_u64 << Limbs::S.bits,
            c.limb[..Limbs::S.count].iter().map(|limb| limb.next()),
        );
        self.all(
            "div.sum",
            "x = y hi + lo.",
            &div * (c.x() - c.y() * c.hi() - c.lo()),
        );
        self.trans(
            "div.remainder",
            "y - 1 - lo is the next row's lo.",
            &div * (c.y() - 1 - c.lo() - next_lo),
        );
        self.scaled_result("div.result", &div);
    }
}
