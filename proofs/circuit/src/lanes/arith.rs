//! ARITH, FARITH.
//!
//! ARITH: `k0 x y + k1 x + k2 y + k3 = lo + hi 2^64` with 64-bit `lo`, `hi`, and `k7 res = k4 lo + k5 hi + k6`.
//! FARITH: `res = k0 x y + k1 x + k2 y + k3` in the field.
//!
//! # Attacks
//! * Another pair `(lo, hi)`: `lo + hi 2^64` is below `2^128`, far below the modulus, so that a value has at most one pair:
//!   `arith.sum` and the range of all twelve limbs (top limbs 4 bits wide).
//! * A value outside `0..2^128` (a subtraction without its `2^64`): has no satisfying row.
//! * `k7 = 0` leaves `res` free: [`crate::lint`] refuses such a row if it stores its result or branches.
//! * A free operand in a slot that is off: `slot.a.off`, `slot.b.off` make it zero.

use super::Lanes;
use crate::air::Expr;
use crate::op::Op;
use playfair_types::crypto::field::Fr;

/// `2^64`.
pub(super) fn two64() -> Expr {
    Expr::from(Fr::from(1_u128 << 64))
}

impl Lanes<'_> {
    pub(super) fn arith(&mut self) {
        let c = self.c;
        let value = self.k(0) * c.x() * c.y() + self.form();
        let (lo, hi) = (c.lo(), c.hi());
        let arith = self.is(Op::Arith);
        self.all(
            "arith.sum",
            "The value is lo + hi 2^64.",
            &arith * (&value - (&lo + &hi * two64())),
        );
        self.scaled_result("arith.result", &arith);
        let farith = self.is(Op::Farith);
        self.all(
            "farith.result",
            "The result is the value in the field.",
            farith * (c.res() - value),
        );
    }

    /// `k7 res = k4 lo + k5 hi + k6`, of ARITH and DIV.
    pub(super) fn scaled_result(&mut self, id: &str, selector: &Expr) {
        let c = self.c;
        let result = self.k(4) * c.lo() + self.k(5) * c.hi() + self.k(6);
        self.all(
            id,
            "k7 res = k4 lo + k5 hi + k6.",
            selector * (self.k(7) * c.res() - result),
        );
    }
}
