//! LOADP, STOREP: the bytes of a word on one side of an offset, of which two make an access that may span two words.
//!
//! Address, bounds (of one byte, less k5 in LOADP), offset and bytes are those of LOADB and STOREB (`memory.rs`). With the bytes `b_j` and the offset o:
//!
//! * LOADP: E8 is the word from o on, moved down, `sum_(j >= o) b_j 256^(j - o)`; E9 is the word up to o, moved up, `sum_(j <= o) b_j 256^(7 - o + j)`,
//!   and zero for o = 7; `res = k0 E8 + k1 E9 + k2 256^((o + 1) mod 8) + k3 oc`, where oc is what slot C's register held.
//! * STOREP: E8 is the word below o, E9 that above o, E10 that above o + 3, E11 that below o - 3 (zero where there is none); the word becomes
//!   `k0 E8 + k1 E9 + k2 E10 + k3 E11 + y`.
//!
//! Eight bytes at a: with k1 = 1 at a + 7, then with k0 = k3 = 1 at a. If a is aligned, both words are one; the first part is zero and
//! the second all of it. Storing: `v 256^o` has the words `low`, `high`, with o from a + 7 and k2 = 1; `high` is written at a + 7 with k1 = 1,
//! then `low` at a with k0 = 1. If a is aligned, the first clears the word and the second fills it.
//!
//! Four bytes are stored alike, with o from a + 7, whose bound is that of a + 3 (k5 = 4): `high` at a + 3 with k1 = k3 = 1, then `low` at a with k0 = k2 = 1. In one
//! word, the first clears the four bytes and keeps the others, and so does the second, which fills them; in two, there are no bytes
//! beyond or before: E10 and E11 are zero. Four bytes at a are read as the low half of these eight, of which the row at a + 7 has k5 = 4: then its bound is a + 4 <= lim.
//!
//! # Attacks
//! * Bytes behind memory's end: `lint` lets k5 be 0 or 4, in LOADP of M alone. Up to three bytes of the word at lim are then read, which is a multiple of 8;
//!   no row can have written it, as no store has a k5 and lim does not shrink in a run; no image has it; no other run is near.
//!   It is zero, and the code takes the low half, of which none is among them.
//! * Other bytes, another offset, out of bounds: as for LOADB and STOREB, by the same constraints. The bound of a + 7 is that of all eight
//!   bytes; the row at a has its own.
//! * A part that is not the word's: `parts.first`, `parts.second`, both of which hold in either instruction; `parts.beyond`, `parts.before`.
//! * A sum with what slot C did not hold: `memory.c.found`; `slot.c.off` makes it zero where slot C is off.
//! * Values that meet the bytes kept: STOREP's y is the compiler's to bound, as STOREB's is.

use super::Lanes;
use crate::air::{Expr, sum};
use crate::op::Op;

impl Lanes<'_> {
    pub(super) fn parts(&mut self) {
        let c = self.c;
        let (loadp, storep) = (self.is(Op::LoadP), self.is(Op::StoreP));
        let power = |bytes: usize| 1_u64 << (8 * bytes);
        let f = |o: usize| self.cell(o);
        // The word below byte o, in its place; from byte o on, moved down.
        let mut below = vec![Expr::from(0)];
        for j in 0..8 {
            below.push(&below[j] + self.limb(j) * power(j));
        }
        let mut from = self.limb(7);
        let mut down = f(7) * &from;
        for o in (0..7).rev() {
            from = from * 256_u64 + self.limb(o);
            down += f(o) * &from;
        }
        let up = sum((0..7).map(|o| f(o) * power(7 - o) * &below[o + 1]));
        // Beside four bytes that begin, or end, at o.
        let beyond = sum((0..4).map(|o| f(o) * (&below[8] - &below[o + 4])));
        let before = sum((4..8).map(|o| f(o) * &below[o - 3]));
        let above = &below[8] - sum((0..8).map(|o| f(o) * &below[o + 1]));
        let below = sum((1..8).map(|o| f(o) * &below[o]));
        let (first, second) = (self.cell(8), self.cell(9));
        self.all(
            "parts.first",
            "E8 is the word from the offset on, moved down (LOADP), or below it (STOREP).",
            &loadp * (&first - down) + &storep * (&first - below),
        );
        self.all(
            "parts.second",
            "E9 is the word up to the offset, moved up (LOADP), or above it (STOREP).",
            &loadp * (&second - up) + &storep * (&second - above),
        );
        let (third, fourth) = (self.cell(10), self.cell(11));
        self.all(
            "parts.beyond",
            "E10 is the word above the offset + 3 (STOREP).",
            &storep * (&third - beyond),
        );
        self.all(
            "parts.before",
            "E11 is the word below the offset - 3 (STOREP).",
            &storep * (&fourth - before),
        );
        let scale = sum((0..8).map(|o| self.cell(o) * power((o + 1) % 8)));
        let both = self.k(0) * first + self.k(1) * second;
        let result = &both + self.k(2) * scale + self.k(3) * c.slot_c.old;
        self.all(
            "loadp.result",
            "res = k0 E8 + k1 E9 + k2 256^(o + 1 mod 8) + k3 oc.",
            loadp * (c.res() - result),
        );
        let kept = both + self.k(2) * third + self.k(3) * fourth;
        self.all(
            "storep.result",
            "The word becomes k0 E8 + k1 E9 + k2 E10 + k3 E11 + y.",
            storep * (c.res() - kept - c.y()),
        );
    }
}
