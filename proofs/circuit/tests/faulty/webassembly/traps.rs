//! Executors that go on where the run ends. Each is alone in its run.

use super::{Bug, Case, Site};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{AuxRow, Flags, Tag};
use playfair_types::crypto::field::Fr;

/// The table's element at a place.
fn element<'a>(site: &'a mut Site<'_>, key: u64) -> &'a mut AuxRow {
    let mut rows = site.program.aux.iter_mut();
    rows.find(|row| row.tag == Tag::Table && row.key == key).unwrap()
}

pub(crate) const CASES: &[Case] = &[
    (
        "what is unreachable passed over",
        "(if @d (then (unreachable))) @A",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            site.program.code[exit].c = Fr::from(exit as u64 + 1);
        }),
        "state.pc",
    ),
    (
        "a division by zero that gives zero",
        "(i64.div_u @A (i64.add @M @M))",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            // The dividend as remainder, so that the sum is right.
            let row = &mut site.program.code[exit];
            row.flags = Flags::ARITH.with(Flags::SA).with(Flags::SB).with(Flags::SC);
            row.k = [0, 1, 0, 0, 0, 0, 0, 1].map(|k: u64| Fr::from(k));
        }),
        "div.remainder",
    ),
    (
        "a quotient that does not overflow",
        "(i64.div_s @M @O)",
        Bug::Rows(|site| site.turn(Op::Eq)),
        "eq.result",
    ),
    (
        "a load past the end that begins anew",
        "(i64.load offset=65536 (i32.sub @d (i32.const 936)))",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            site.program.code[exit].k[4] -= Fr::from(65_536_u64);
        }),
        "load.address memory.bound",
    ),
    (
        "an indirect call that does not look at the type",
        "(call_indirect (type $unary) @A (i32.sub @d (i32.const 998)))",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            let ty = element(site, 2).v2;
            site.program.code[exit].k[3] = ty;
        }),
        "calli.type",
    ),
    (
        "an empty element called as the first",
        "(call_indirect (type $unary) @A (i32.sub @d (i32.const 997)))",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            let first = element(site, 0).clone();
            *element(site, 3) = AuxRow { key: 3, ..first };
        }),
        "calli.type state.pc",
    ),
    (
        "an element beyond the table",
        "(call_indirect (type $unary) @A (i32.sub @d (i32.const 995)))",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            let first = element(site, 0).clone();
            site.program.aux.push(AuxRow { key: 5, ..first });
        }),
        "aux.table triple.0",
    ),
    (
        "calls deeper than the limit",
        "(call $deep (i64.const 700))",
        Bug::Rows(|site| {
            let exit = site.exit();
            site.no_trap(exit);
            site.program.code[exit].k[1] = Fr::from(1_u64 << 16);
        }),
        "enter.limit",
    ),
];
