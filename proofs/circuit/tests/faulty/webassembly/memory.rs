//! Bugs of memory and globals.

use super::{Bug, Case, numbers};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{Flags, Tag};
use playfair_types::crypto::field::Fr;

pub(crate) const CASES: &[Case] = &[
    (
        "an address of 33 bits",
        "(i64.load (i32.add (i32.const -8) (i32.sub @d (i32.const 928))))",
        Bug::Value(64, 64 | 1 << 32),
        "arith.result",
    ),
    (
        "other bytes in a data segment",
        "(i64.add @A @B)",
        Bug::Rows(|site| {
            // Two words beside each other: of each row of initial memory either the first or the second.
            for word in [numbers::A, numbers::B] {
                let mut rows = site.program.aux.iter_mut();
                let image = rows.find(|row| row.tag == Tag::Image && row.v1 == Fr::from(word));
                image.unwrap().v1 -= Fr::from(1_u64 << 8);
            }
        }),
        "aux.table triple.0 triple.1",
    ),
    (
        "a fill with one byte in eight",
        "(memory.fill (i32.const 1024) (i32.const 0x1ab) (i32.const 24)) (i64.load (i32.const 1032))",
        Bug::Value(0xabab_abab_abab_abab, 0xab),
        "arith.result",
    ),
    (
        "an overlapping copy from the wrong end",
        "(i64.store (i32.const 2048) @A) (i64.store (i32.const 2056) @B) (i64.store (i32.const 2064) @P)
         (memory.copy (i32.const 2056) (i32.const 2048) (i32.const 24))
         (memory.copy (i32.const 3000) (i32.const 3008) (i32.const 24)) (i64.load (i32.const 2072))",
        Bug::Rows(|site| site.other_way()),
        "arith.result",
    ),
    (
        "a copy that ends a word early",
        "(memory.copy (i32.const 4096) (i32.const 64) (i32.const 24)) (i64.load (i32.const 4112))",
        Bug::Rows(|site| site.row(Op::Farith, |row| row.k[3] == Fr::from(24_u64)).k[3] = Fr::from(16_u64)),
        "farith.result",
    ),
    (
        "a bulk operation for nothing",
        "(memory.fill (i32.const 1024) (i32.const 0) (i32.const 64)) @A",
        Bug::Rows(|site| {
            let charge = site.any(Op::GasD);
            site.force(charge, 0);
        }),
        "state.gas",
    ),
    (
        "a global written to its neighbour",
        "(global.set $one (i64.mul @A @B)) (i64.add (global.get $one) (global.get $two))",
        Bug::Rows(|site| site.row(Op::Arith, |row| row.flags.has(Flags::GC)).c += Fr::from(1_u64)),
        "slot.c.address",
    ),
    (
        "a global read for its neighbour",
        "(i64.add @A (global.get $two))",
        Bug::Rows(|site| site.row(Op::Arith, |row| row.flags.has(Flags::GB)).b -= Fr::from(1_u64)),
        "slot.b.address",
    ),
    (
        "a global that starts as another one",
        "(global.get $two)",
        Bug::Rows(|site| {
            let rows = site.program.code.iter_mut();
            let mut start = rows.filter(|row| row.flags.has(Flags::GC) && row.k[3] == Fr::from(0x2222_u64));
            start.next().unwrap().k[3] = Fr::from(0x1111_u64);
        }),
        "farith.result",
    ),
    (
        "growth by a page more",
        "(i64.extend_i32_u (memory.grow (i32.const 2)))",
        Bug::Value(3 << 16, 4 << 16),
        "arith.result",
    ),
    (
        "a size that does not grow",
        "(i64.extend_i32_u (memory.size))",
        Bug::Value(3, 1),
        "arith.result",
    ),
    (
        "growth that tells the new size",
        "(i64.extend_i32_u (memory.grow (i32.const 1)))",
        Bug::Rows(|site| {
            let copy = site.last_copy(3);
            site.force(copy, 4);
        }),
        "farith.result",
    ),
    (
        "growth beyond the maximum",
        "(i64.extend_i32_u (memory.grow (i32.const 100)))",
        Bug::Rows(|site| site.turn_any(Op::Arith)),
        "arith.result",
    ),
    (
        "a host's answer cut to a half",
        "(call $height)",
        Bug::Value(0x0123_4567_89ab_cdef, 0x89ab_cdef),
        "farith.result",
    ),
];
