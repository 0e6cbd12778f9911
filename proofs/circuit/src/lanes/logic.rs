//! LOGIC: and, or, xor and their kin of two words.
//!
//! `x' = k1 x + k0` and `y' = k2 y + k3` are cut into eleven chunks of six bits, 66 bits in all. A chunk has two cells
//! ([`Columns::logic_chunks`](crate::columns::Columns::logic_chunks)): `s_i = x_i + 2^66 y_i` and `z_i = x_i & y_i`, looked up as a pair. So one equation binds both
//! operands: `sum s_i 64^i = x' + 2^66 y'`. The result is `k4 x + k6 y + k5 sum z_i 64^i + k7`.
//!
//! # Attacks
//! * Chunks out of range or a wrong AND: every pair is looked up, with tag AND6 (`logic.tag` for the first, the flags for the others)
//!   and a second value of 0.
//! * Other chunks with the same sum: `X + 2^66 Y` for X, Y below 2^66 is below 2^132, so below the modulus, and such a number has one X
//!   and one Y, and these one row of chunks. For given x and y there is one result, or no proof.
//! * An operand that is no word: `x'` may be any element, and then X is not `x'`. What X and Y are is still a function of x and y, so
//!   that nothing is the prover's choice, but no bitwise one. What makes the code knows that `x'` and `y'` are words.
//! * A row that binds nothing: [`crate::lint`] wants slot A.

use super::Lanes;
use crate::air::{Expr, affine};
use crate::columns::SECOND;
use crate::op::Op;
use playfair_proofs_isa::code::Tag;
use playfair_types::crypto::field::Fr;

impl Lanes<'_> {
    pub(super) fn logic(&mut self) {
        let c = self.c;
        let logic = self.is(Op::Logic);
        let chunks = c.logic_chunks();
        let number = |part: usize| affine(64, chunks.iter().map(|chunk| chunk[part].cur()));
        let x = self.k(1) * c.x() + self.k(0);
        let y = self.k(2) * c.y() + self.k(3);
        self.all(
            "logic.operands",
            "The chunks are those of k1 x + k0 and of k2 y + k3.",
            &logic * (number(0) - x - y * Fr::from(SECOND)),
        );
        let result = self.k(4) * c.x() + self.k(6) * c.y() + self.k(5) * number(1) + self.k(7);
        self.all(
            "logic.result",
            "res = k4 x + k6 y + k5 (x' & y') + k7.",
            &logic * (c.res() - result),
        );
        self.all(
            "logic.tag",
            "The first triple is of AND6.",
            logic * (self.cell(12) - Expr::from(Tag::And as u32)),
        );
    }
}
