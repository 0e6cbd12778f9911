//! LOGIC: and, or, xor of words, 36 bits a row.
//!
//! A chain of rows, two of them for a word. Each takes six six-bit chunks of either operand and of their AND, in its triples
//! ([`Columns::logic_triples`](crate::columns::Columns::logic_triples): x, y, x & y), and leaves the rest to the next: `L0 = sum x_i 64^i + 2^36 k6 L0(next)`, `L1` and `L2` likewise for y
//! and x & y. k6 is 1 if another row follows, 0 in the last. The first row has k7 = 1 and binds the sums to its slots:
//! `x = k7 L0`, `k2 y + k3 = k7 L1`, `res = k4 (L0 + L1) + k5 L2`. The rows after it have all slots off and no other constant
//! than k6: for them these equations say 0 = 0.
//!
//! # Attacks
//! * Chunks out of range or a wrong AND: every triple of every row is looked up, with tag AND6 (`logic.tag` for the first).
//! * Parts without lookup, by putting EXIT after a row with k6 = 1: `state.joined`. By a jump into a chain: [`crate::lint`].
//! * Operands of more bits than the chain takes: no satisfying row. In the last row the sums end, so that from there back each is
//!   the integer of its chunks: below 2^72 for the longest chain, below the modulus. Chunks in base 64 are unique, hence L0..L2
//!   need no range.
//! * A first row that binds nothing, or a chain too long for the field: [`crate::lint`] wants k7 = 1 where slot A is on, no
//!   slots and only k6 elsewhere, and at most two rows.

use super::Lanes;
use crate::air::{Expr, affine};
use crate::op::Op;
use playfair_proofs_isa::asm::LOGIC_ROW;
use playfair_proofs_isa::code::Tag;

impl Lanes<'_> {
    pub(super) fn logic(&mut self) {
        let c = self.c;
        let logic = self.is(Op::Logic);
        let limb = |part: usize| self.limb(part);
        let [x, y, and] = [0, 1, 2].map(limb);
        let triples = c.logic_triples();
        for (part, name, doc) in [
            (
                0,
                "logic.chain.x",
                "L0 is the sum of x's chunks and what the next row has.",
            ),
            (1, "logic.chain.y", "L1 is the same of y."),
            (2, "logic.chain.and", "L2 is the same of x & y."),
        ] {
            let here = affine(64, triples.iter().map(|triple| triple[part].cur()));
            let rest = self.k(6) * c.limb[part].next() * (1_u64 << LOGIC_ROW);
            self.trans(name, doc, &logic * (self.limb(part) - here - rest));
        }
        self.all("logic.x", "x = k7 L0.", &logic * (c.x() - self.k(7) * &x));
        self.all(
            "logic.y",
            "k2 y + k3 = k7 L1.",
            &logic * (self.k(2) * c.y() + self.k(3) - self.k(7) * &y),
        );
        let result = self.k(4) * (x + y) + self.k(5) * and;
        self.all(
            "logic.result",
            "res = k4 (L0 + L1) + k5 L2.",
            &logic * (c.res() - result),
        );
        self.all(
            "logic.tag",
            "The first triple is of AND6.",
            logic * (self.cell(12) - Expr::from(Tag::And as u32)),
        );
    }
}
