//! Bugs of branches and calls.

use super::numbers::{A, B};
use super::{Bug, Case};
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{Flags, Tag};
use playfair_types::crypto::field::Fr;

/// The third of four targets.
const THIRD: &str =
    "(block $d (block $c (block $b (block $a (br_table $a $b $c $d (i32.sub @d (i32.const 998))))
    (return (i64.const 10))) (return (i64.const 11))) (return (i64.const 12))) (i64.const 13)";

pub(crate) const CASES: &[Case] = &[
    (
        "the other one of two",
        "(select @A @B (i64.gt_u @A @B))",
        Bug::Value(1, 0),
        "arith.result",
    ),
    (
        "a choice by another register",
        "(select @A @B (i32.sub @d (i32.const 900)))",
        Bug::Rows(|site| site.row(Op::Select, |_| true).c += Fr::from(1_u64)),
        "slot.c.address",
    ),
    (
        "the default for a table's last target",
        THIRD,
        Bug::Rows(|site| site.turn(Op::Arith)),
        "arith.result",
    ),
    (
        "the target behind the one that is meant",
        THIRD,
        Bug::Rows(|site| site.row(Op::Dyn, |_| true).k[0] += Fr::from(1_u64)),
        "state.pc",
    ),
    (
        "a branch on the lowest bit",
        "(block $b (br_if $b @d) (return @A)) @B",
        Bug::Rows(|site| site.turn(Op::Eq)),
        "eq.result",
    ),
    (
        "a loop that ends a turn early",
        "(local i64 i64) (loop $l (local.set 1 (i64.add (local.get 1) @A))
         (br_if $l (i64.lt_u (local.tee 0 (i64.add (local.get 0) (i64.const 1))) (i64.const 10)))) (local.get 1)",
        Bug::Rows(|site| site.row(Op::Arith, |row| row.flags.has(Flags::BR)).k[3] += Fr::from(1_u64)),
        "arith.result",
    ),
    (
        "an arm that runs on into the other",
        "(local i64) (if @d (then (local.set 0 (i64.add @A @B))) (else (local.set 0 @B))) (local.get 0)",
        Bug::Rows(|site| site.turn(Op::Farith)),
        "farith.result",
    ),
    (
        "a local that is not zero at first",
        "(local i64 i64) (loop $l (local.set 1 (i64.add (local.get 1) @A))
         (br_if $l (i64.lt_u (local.tee 0 (i64.add (local.get 0) (i64.const 1))) (i64.const 3)))) (local.get 1)",
        Bug::Rows(|site| {
            let slots = Flags::SA.with(Flags::SB);
            site.row(Op::Farith, |row| row.flags.0 & slots.0 == 0 && row.k[3] == Fr::from(0_u64)).k[3] = Fr::from(2_u64);
        }),
        "farith.result",
    ),
    (
        "arguments in another order",
        "(call $less @A @B)",
        Bug::Rows(|site| {
            let first = site.first(Op::LoadW, |row| row.k[4] == Fr::from(64_u64));
            let second = site.first(Op::LoadW, |row| row.k[4] == Fr::from(72_u64));
            let code = &mut site.program.code;
            (code[first].c, code[second].c) = (code[second].c, code[first].c);
        }),
        "slot.c.address",
    ),
    (
        "a result that is the argument",
        "(call $inc @A)",
        Bug::Value(A + 1, A),
        "arith.result",
    ),
    (
        "a frame that overlaps its caller's",
        "(i64.add (i64.mul @A @B) (call $twice @B))",
        Bug::Rows(|site| {
            let row = site.row(Op::Call, |_| true);
            row.k[0] -= Fr::from(1_u64);
            row.c -= Fr::from(1_u64);
        }),
        "slot.c.address state.fp",
    ),
    (
        "a call that is skipped",
        "(call $twice @B)",
        Bug::Rows(|site| {
            let call = site.first(Op::Call, |_| true);
            site.force(call, B);
        }),
        "call.return state.fp state.pc",
    ),
    (
        "the table's neighbour",
        "(call_indirect (type $unary) @A (i32.sub @d (i32.const 1000)))",
        Bug::Rows(|site| {
            let mut rows = site.program.aux.iter_mut().filter(|row| row.tag == Tag::Table);
            let (first, second) = (rows.next().unwrap(), rows.next().unwrap());
            std::mem::swap(&mut first.v1, &mut second.v1);
        }),
        "state.pc",
    ),
    (
        "a block that is charged twice",
        "(if @d (then (return (i64.mul @A @B)))) @A",
        Bug::Rows(|site| site.charge_twice()),
        "state.gas",
    ),
];
