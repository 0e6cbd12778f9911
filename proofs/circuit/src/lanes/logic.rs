//! LOGIC: and, or, xor of numbers below 2^36.
//!
//! Six-bit chunks, three in the triples of the row (E0 E1 E2, E3 E4 E5, E6 E7 E8: x, y, x & y), three in those of the next row:
//! `x = sum x_i 64^i`, `k2 y + k3 = sum y_i 64^i`, `res = k4 (x + k2 y + k3) + k5 sum z_i 64^i`.
//!
//! The next row is a LOGIC row with all slots off, k2 = 1 and all other constants zero. The same equations there say
//! something of `va`, `vb` and the row after it; as its slots are off these two are cells that nothing else reads, and they
//! take whatever values the equations ask for.
//!
//! # Attacks
//! * Chunks out of range or a wrong AND: every triple of both rows is looked up, with tag AND6 (`logic.tag` for the first).
//! * Chunks of the second row without lookup, by putting EXIT there: `state.joined`.
//! * Operands of more than 36 bits: no satisfying row. (Chunks are unique: base 64, below the modulus.)
//! * The free `va`, `vb`: only where sA (sB) is off; [`crate::lint`] wants slot A on in a first row, and slot B on or k2 = 0.

use super::Lanes;
use crate::air::{Expr, affine};
use crate::op::Op;
use playfair_proofs_isa::code::Tag;

impl Lanes<'_> {
    pub(super) fn logic(&mut self) {
        let c = self.c;
        let logic = self.is(Op::Logic);
        let chunks = |part: usize| {
            let here = [0, 3, 6].map(|i| c.extra[i + part].cur());
            let there = [0, 3, 6].map(|i| c.extra[i + part].next());
            affine(64, here.into_iter().chain(there))
        };
        let y = chunks(1);
        self.trans(
            "logic.x",
            "x is the sum of its chunks.",
            &logic * (c.x() - chunks(0)),
        );
        self.trans(
            "logic.y",
            "k2 y + k3 is the sum of its chunks.",
            &logic * (self.k(2) * c.y() + self.k(3) - &y),
        );
        let result = self.k(4) * (c.x() + &y) + self.k(5) * chunks(2);
        self.trans(
            "logic.result",
            "res = k4 (x + k2 y + k3) + k5 sum z_i 64^i.",
            &logic * (c.res() - result),
        );
        self.all(
            "logic.tag",
            "The first triple is of AND6.",
            logic * (self.cell(12) - Expr::from(Tag::And as u32)),
        );
    }
}
