//! LOADW, STOREW, LOADB, STOREB, and the ends of the curve's state (CIN, COUT). What LOADP and STOREP share with them is here, the
//! rest in `parts.rs`.
//!
//! Address: `8 (word - base) + o = x + k4`, where `base` is `ctx` for the module's run (M), else that of kernel memory, and `o` is the
//! offset in the word: 0 for whole words. If M, `lim - (x + k4) - W` is L9 + 4096 L10: 24 bits. W is 1 in STOREP and 1 - k5 in LOADP.
//!
//! Cells of LOADB, STOREB (and LOADP, STOREP, as far as E7): L0..L7 bytes of the word found, L8 the sign check, E0..E7 = f (offset one-hot), E8..E11 = v (bytes at
//! the offset), E12 = s (the sign; LOADB) or the old value (STOREB). W is in `b` of LOADB and in `c` of STOREB.
//!
//! # Attacks
//! * Out of bounds: `memory.bound`, with both limbs ranged. An address below the base: x and k4 are not negative, as modules'
//!   registers that hold addresses are words.
//! * An address that is no integer, as `x + k4` is no multiple of 8 with o = 0: such a cell is in no MEM row.
//! * Wrong bytes: eight bytes below 256 are unique for a word (`bytes.word`).
//! * Another offset: f is one-hot (`bytes.offset.*`, `bytes.one`), and 8 (word - base) + o = x + k4 has one solution with o < 8 in which
//!   the word is an integer.
//! * A value across two words: `bytes.span.2`, `bytes.span.4`.
//! * A wrong sign: s is boolean and 2 (v - 128 s) is a byte: s is the top bit of v. In unsigned loads -256 s is a byte: s = 0.
//! * Changing other bytes of the word: `storeb.result`. A value of more than W bytes is the compiler's to exclude.
//! * A store of nothing: slot B may be off, and then y is zero (`slot.b.off`) and k3 is stored, which is the code's.

use super::Lanes;
use crate::air::{Expr, affine, sum};
use crate::op::Op;
use playfair_proofs_isa::code::{Flags, address};

/// E8: first byte at the offset.
const VALUE: usize = 8;
/// E12: the sign, or the old value.
const LAST: usize = 12;

impl Lanes<'_> {
    pub(super) fn memory(&mut self) {
        let c = self.c;
        let (loadb, loadw) = (self.is(Op::LoadB), self.is(Op::LoadW));
        let (storeb, storew) = (self.is(Op::StoreB), self.is(Op::StoreW));
        let place = c.x() + self.k(4);

        let base = c.flag(Flags::M) * (c.ctx - address::KERNEL) + address::KERNEL;
        let offset = sum((1_u64..8).map(|o| self.cell(o as usize) * o));
        let eight = |slot: Expr| (slot - &base) * 8_u64 - &place;
        let (loadp, storep) = (self.is(Op::LoadP), self.is(Op::StoreP));
        let (loads, stores) = (&loadb + &loadw + &loadp, &storeb + &storew + &storep);
        self.all(
            "load.address",
            "8 (aB - base) + o = x + k4.",
            &loads * eight(c.slot_b.address.cur()) + (&loadb + &loadp) * &offset,
        );
        self.all(
            "store.address",
            "8 (aC - base) + o = x + k4.",
            &stores * eight(c.slot_c.address.cur()) + (&storeb + &storep) * &offset,
        );

        // The widths: 8 for words, W where a part is meant, 1 of STOREP, 1 - k5 of LOADP.
        let memf = c.flag(Flags::MEMF) * c.flag(Flags::M);
        let [u0, u1, u2, u3, u4, u5] =
            [Flags::U0, Flags::U1, Flags::U2, Flags::U3, Flags::U4, Flags::U5].map(|u| c.flag(u).cur());
        let left = c.lim - &place - c.number(9, 2);
        let all = &u0 + &u1 + &u2 + &u3 + &u4 + &u5;
        let bound = all * left - (u1 + u3) * 8_u64 - u0 * c.b - u2 * c.c - u4 * (-self.k(5) + 1) - u5;
        self.all(
            "memory.bound",
            "If M: lim - (x + k4) - W is L9 + 4096 L10, where W = 1 - k5 in LOADP.",
            memf * bound,
        );

        self.all("loadw.result", "res = y.", &loadw * (c.res() - c.y()));
        self.all(
            "storew.value",
            "The word becomes y + k3.",
            storew * (c.res() - c.y() - self.k(3)),
        );

        self.bytes(&loadb, &storeb);
        self.curve_ends();
        self.extra.computed_b += loads;
        self.extra.computed_c += stores;
    }

    fn bytes(&mut self, loadb: &Expr, storeb: &Expr) {
        let c = self.c;
        let (loadp, storep) = (self.is(Op::LoadP), self.is(Op::StoreP));
        let (reads, writes) = (loadb + loadp, storeb + storep);
        let parts = loadb + storeb;
        let all = &reads + &writes;
        let f = |o: usize| self.cell(o);
        let one_hot: [Expr; 8] = std::array::from_fn(f);
        for (o, f) in one_hot.iter().enumerate() {
            self.boolean(&format!("bytes.offset.{o}"), "f is zero or one.", &all, f);
        }
        self.all("bytes.one", "One offset is chosen.", all * (sum(&one_hot) - 1));

        let word = affine(256, (0..8).map(|i| self.limb(i)));
        let found = reads * (c.y() - &word) + writes * (c.slot_c.old - word);
        self.all("bytes.word", "The word found is the sum of its bytes.", found);

        let v: [Expr; 4] = std::array::from_fn(|j| self.cell(VALUE + j));
        for (j, value) in v.iter().enumerate() {
            let bytes = sum((0..8 - j).map(|o| &one_hot[o] * self.limb(o + j)));
            self.all(
                &format!("bytes.value.{j}"),
                "v_j is the byte at o + j, zero beyond the word.",
                &parts * (value - bytes),
            );
        }
        self.all(
            "bytes.span.2",
            "Two bytes do not start at the last one.",
            &parts * self.k(0) * &one_hot[7],
        );
        let late = &one_hot[5] + &one_hot[6] + &one_hot[7];
        self.all(
            "bytes.span.4",
            "Four bytes start at the fifth at the latest.",
            parts * self.k(2) * late,
        );

        let value = &v[0] + self.k(0) * &v[1] + self.k(1) * &v[2] + self.k(2) * &v[3];
        let sign = self.cell(LAST);
        self.boolean("loadb.sign", "The sign is zero or one.", loadb, &sign);
        let top = self.k(5) * &v[0] + self.k(6) * &v[1] + self.k(7) * &v[3] - &sign * 128_u64;
        self.all(
            "loadb.top",
            "L8 = 2 (top byte - 128 s).",
            loadb * (self.limb(8) - top * 2_u64),
        );
        self.all(
            "loadb.result",
            "res = value + k3 s.",
            loadb * (c.res() - &value - self.k(3) * sign),
        );

        let old = self.cell(LAST);
        self.all("storeb.value", "E12 is the old value.", storeb * (&old - value));
        let scale = sum((0_u32..8).map(|o| &one_hot[o as usize] * (1_u64 << (8 * o))));
        let written = c.res() - c.slot_c.old - scale * (c.y() + self.k(3) - old);
        self.all(
            "storeb.result",
            "The word changes by 256^o (y + k3 - old value).",
            storeb * written,
        );
    }

    fn curve_ends(&mut self) {
        let c = self.c;
        let (cin, cout) = (self.is(Op::Cin), self.is(Op::Cout));
        for i in 0..9 {
            let value = match i {
                6 => c.x(),
                7 => c.y(),
                8 => c.slot_c.old.cur(),
                _ => self.limb(i + 3),
            };
            let next = c.limb[i].next();
            self.trans(
                &format!("cin.{i}"),
                "The state shifts by three; the last three are x, y, oc.",
                &cin * (next - value),
            );
        }
        let (c0, c1) = (self.limb(0), self.limb(1));
        let result = c.res() - self.k(0) * c0 - self.k(1) * &c1;
        self.all("cout.result", "res = k0 C0 + k1 C1.", &cout * result);
        // The second COUT keeps nothing: the row after it may range its limbs.
        self.trans(
            "cout.kept",
            "Where k0 is not zero, C1 stays.",
            cout * self.k(0) * (c.limb[1].next() - c1),
        );
    }
}
