//! MEM: the initial content of memory, two entries a row, in the first rows of the table.
//!
//! Slot A is the first entry and slot C the second: the value left is the initial one, and the value and time found are what the last
//! access of the segment left. Each address has at most one entry, as addresses increase strictly; so each cell of memory
//! has one history: the entry, its accesses in order of time, and back to the entry.
//!
//! | cells | first entry | second entry |
//! |---|---|---|
//! | triple (key, value, 0) | E0 E1 E2 | E3 E4 E5 |
//! | image: the initial value is a word of an image | E6 | E7 |
//! | kernel: the bounds are those of the kernel's image, as the base is 0 | E11 | E8 |
//! | base | E9 | E10 |
//! | above: not image, and behind it | L5 | L11 |
//! | distance from a bound, 24 bits | L3 L4 | L9 L10 |
//! | gap to the entry before, less one, 36 bits | L6 L7 L8 | L0 L1 L2 |
//!
//! E12 is the tag of the first triple. Bounds: k0, k1 module's `[start, end)`, k2, k3 kernel's. `fp` is the first entry's address, because
//! the code table binds `aA - fp` to 0.
//!
//! The distance is `key - start` (image), `key - end` (above) or `start - 1 - key` (else, below).
//!
//! # Attacks
//! * Two entries for an address: gaps of 36 bits, fewer than `2^20` rows: addresses are integers below `2^57` and increase.
//! * An image word where there is none: the triple (IMAGE, key, value). A register that takes a word of the module's image, as its small
//!   address is a key of it: an image entry's key is not below the start of *its* image, and the kernel's starts behind all keys
//!   of the module ([`crate::lint`]).
//! * Zero (or anything) instead of an image word: an entry that is not of an image is zero, and its key is outside `[start, end)`.
//! * A wrong base: bases grow by 0 or `2^31` per entry from 0, and all keys are within `2^24` of a bound.
//! * Other bounds: `kernel` is one exactly where the base is 0.
//! * More entries later: a MEM row comes only after a MEM row (`mem.resume`), and row 0 is one (code index 0).
//! * Leaving between MEM rows by EXIT with a forged `fp`: `state.joined`; after the last one `fp` is 0 (`mem.frame`).

use super::Lanes;
use crate::air::{Expr, Rows};
use crate::op::Op;
use playfair_proofs_isa::code::{Flags, Tag, address, at};

/// Places of an entry's cells, see the table above.
struct Entry {
    name: &'static str,
    key: Expr,
    value: Expr,
    image: Expr,
    kernel: Expr,
    base: Expr,
    above: Expr,
    distance: Expr,
    address: Expr,
    initial: Expr,
}

impl Lanes<'_> {
    pub(super) fn initial(&mut self) {
        let c = self.c;
        let first = Entry {
            name: "a",
            key: self.cell(0),
            value: self.cell(1),
            image: self.cell(6),
            kernel: self.cell(11),
            base: self.cell(9),
            above: self.limb(5),
            distance: c.number(3, 2),
            address: c.slot_a.address.cur(),
            initial: c.slot_a.new.cur(),
        };
        let second = Entry {
            name: "c",
            key: self.cell(3),
            value: self.cell(4),
            image: self.cell(7),
            kernel: self.cell(8),
            base: self.cell(10),
            above: self.limb(11),
            distance: c.number(9, 2),
            address: c.slot_c.address.cur(),
            initial: c.res(),
        };
        let mem = self.is(Op::Mem);
        let more = c.flag(Flags::MEM).next();
        self.entry(&mem, &first);
        self.entry(&mem, &second);
        self.all(
            "mem.tag",
            "The first triple is of IMAGE.",
            &mem * (self.cell(12) - Expr::from(Tag::Image as u32)),
        );
        self.builder
            .constrain("mem.first.base", "The first base is 0.", Rows::First, c.extra[9]);
        self.builder.constrain(
            "mem.first.kernel",
            "At base 0 are the kernel's bounds.",
            Rows::First,
            c.extra[11] - 1,
        );

        let gap = c.number(0, 3);
        self.all(
            "mem.gap.c",
            "aC - aA - 1 is 36 bits.",
            &mem * (&second.address - &first.address - 1 - gap),
        );
        let step = &second.base - &first.base;
        self.all(
            "mem.base.c",
            "The base grows by 0 or 2^31.",
            &mem * &step * (&step - address::RUN),
        );
        let same = &second.kernel - &first.kernel;
        self.all(
            "mem.still.c",
            "It is the kernel's still unless the base grows.",
            &mem * same * (step - address::RUN),
        );

        let both = &mem * &more;
        let gap = c.number(6, 3).next();
        let grows = c.slot_a.address.next() - &second.address - 1 - gap;
        self.trans("mem.gap.a", "The next aA - aC - 1 is 36 bits.", &both * grows);
        let step = first.base.next() - &second.base;
        self.trans(
            "mem.base.a",
            "The base grows by 0 or 2^31.",
            &both * &step * (&step - address::RUN),
        );
        let same = first.kernel.next() - &second.kernel;
        self.trans(
            "mem.still.a",
            "It is the kernel's still unless the base grows.",
            both * same * (step - address::RUN),
        );

        self.trans(
            "mem.frame",
            "After the last entry the frame pointer is 0.",
            &mem * more.not() * c.fp.next(),
        );
        self.trans(
            "mem.resume",
            "Entries come only after entries.",
            more.clone() * mem.not(),
        );
        let start = more.not() * u64::from(at::START);
        self.extra.pc += &mem * (start - c.pc - 1);
        self.extra.fp += &mem * (c.fp.next() - c.fp);
        self.extra.wa += &mem * (c.slot_a.new - c.slot_a.old);
        self.extra.computed_c += mem;
    }

    fn entry(&mut self, mem: &Expr, entry: &Entry) {
        let Entry {
            name,
            key,
            value,
            image,
            kernel,
            base,
            above,
            distance,
            address,
            initial,
        } = entry;
        let id = |part: &str| format!("mem.{part}.{name}");
        self.all(&id("key"), "key = address - base.", mem * (key - address + base));
        self.all(
            &id("value"),
            "The triple's value is the initial one.",
            mem * (value - initial),
        );
        self.all(
            &id("zero"),
            "What is not of an image is zero.",
            mem * image.not() * initial,
        );
        self.boolean(&id("image"), "Of an image or not.", mem, image);
        self.boolean(&id("above"), "Behind the image or not.", mem, above);
        self.all(
            &id("exclusive"),
            "What is of an image is not behind it.",
            mem * image * above,
        );
        self.boolean(&id("kernel"), "The kernel's bounds or the module's.", mem, kernel);
        self.all(
            &id("module"),
            "The kernel's bounds are at base 0.",
            mem * kernel * base,
        );

        let bound =
            |module: usize, of_kernel: usize| self.k(module) + kernel * (self.k(of_kernel) - self.k(module));
        let (start, end) = (bound(0, 2), bound(1, 3));
        let below = (image + above).not();
        let expected = image * (key - &start) + above * (key - end) + below * (start - 1 - key);
        self.all(
            &id("distance"),
            "How far the key is from a bound.",
            mem * (distance - expected),
        );
    }
}
