//! CURVE: one bit of `s B8 + h T` by double and add, on Baby Jubjub in circomlib's coordinates.
//!
//! State C0..C8 = L0..L8: PX PY TX TY UX UY SA HA CNT, with U = T + B8. bs, bh = L9, L10; Q = E0, E1; W = E2 = PX PY; D = 2 P = E3, E4;
//! beta = E5 = DX QY; gamma = E6 = DY QX. `res` says whether the row repeats (BR to its own index).
//!
//! The formulas are complete for points of the curve: `a` is a square, `d` is not. That P, T, U are points of the curve with
//! U = T + B8 is the caller's to check (the kernel does).
//!
//! # Attacks
//! * Bits that are not those of the scalars: they are boolean, SA and HA shed one each (`curve.next.s`, `.h`) and are zero at the end
//!   (`curve.end.*`): with 64 rows exactly, 64 bits whose number is SA.
//! * Fewer or more rows: the loop ends only at CNT = 0 (`curve.end.count`), `res` is boolean; going on past zero never comes back.
//! * A sum or double with zero denominators would be free: excluded by completeness.
//! * EXIT inside: `state.joined`.

use super::Lanes;
use super::arith::two64;
use crate::air::Expr;
use crate::op::Op;
use playfair_types::crypto::babyjubjub::BASE8;

/// `a` of `a x^2 + y^2 = 1 + d x^2 y^2`.
pub(crate) const A: u64 = 168_700;
/// `d` of it.
pub(crate) const D: u64 = 168_696;

impl Lanes<'_> {
    pub(super) fn curve(&mut self) {
        let c = self.c;
        let curve = self.is(Op::Curve);
        let [px, py, tx, ty, ux, uy, sa, ha, count, bs, bh] = std::array::from_fn(|i| self.limb(i));
        let [qx, qy, w, dx, dy, beta, gamma] = std::array::from_fn(|i| self.cell(i));
        let next = |i: usize| c.limb[i].next();
        let (npx, npy) = (next(0), next(1));
        let kept = [("tx", 2, &tx), ("ty", 3, &ty), ("ux", 4, &ux), ("uy", 5, &uy)]
            .map(|(n, i, v)| (n, next(i) - v));
        let shed = [
            ("s", next(6) - &sa * 2_u64 + &bs * two64()),
            ("h", next(7) - &ha * 2_u64 + &bh * two64()),
        ];
        let ends = [("s", next(6)), ("h", next(7))];
        let next_count = next(8);

        self.boolean("curve.bit.s", "The bit of s.", &curve, &bs);
        self.boolean("curve.bit.h", "The bit of h.", &curve, &bh);
        self.boolean("curve.loop", "Whether the row repeats.", &curve, c.res());

        let (neither, only_s, only_h, both) =
            (bs.not() * bh.not(), &bs * bh.not(), bs.not() * &bh, &bs * &bh);
        let x = &only_s * BASE8.x() + &only_h * tx + &both * ux;
        let y = neither + only_s * BASE8.y() + only_h * ty + both * uy;
        self.all(
            "curve.q.x",
            "Q is the neutral point, B8, T or U.",
            &curve * (&qx - x),
        );
        self.all(
            "curve.q.y",
            "Q is the neutral point, B8, T or U.",
            &curve * (&qy - y),
        );

        let (a, d) = (Expr::from(A), Expr::from(D));
        self.all("curve.product", "W = PX PY.", &curve * (&w - &px * &py));
        let t = w.square() * &d;
        self.all(
            "curve.double.x",
            "DX (1 + d W^2) = 2 W.",
            &curve * (&dx * (&t + 1) - &w * 2_u64),
        );
        self.all(
            "curve.double.y",
            "DY (1 - d W^2) = PY^2 - a PX^2.",
            &curve * (&dy * t.not() - py.square() + px.square() * &a),
        );
        self.all("curve.beta", "beta = DX QY.", &curve * (&beta - &dx * &qy));
        self.all("curve.gamma", "gamma = DY QX.", &curve * (&gamma - &dy * &qx));
        let t = &beta * &gamma * d;
        self.trans(
            "curve.next.x",
            "PX' (1 + d beta gamma) = beta + gamma.",
            &curve * (npx * (&t + 1) - &beta - &gamma),
        );
        let sum = dy * qy - dx * qx * a;
        self.trans(
            "curve.next.y",
            "PY' (1 - d beta gamma) = DY QY - a DX QX.",
            &curve * (npy * t.not() - sum),
        );

        for (name, difference) in kept {
            self.trans(
                &format!("curve.kept.{name}"),
                "T and U stay.",
                &curve * difference,
            );
        }
        for (name, difference) in shed {
            self.trans(
                &format!("curve.next.{name}"),
                "The scalar sheds its top bit.",
                &curve * difference,
            );
        }
        self.trans(
            "curve.next.count",
            "The counter counts down.",
            &curve * (next_count - &count + 1),
        );
        let end = &curve * c.res().not();
        self.all("curve.end.count", "The loop ends at 0.", &end * count);
        for (name, rest) in ends {
            self.trans(
                &format!("curve.end.{name}"),
                "All bits are used at the end.",
                &end * rest,
            );
        }
    }
}
