//! Compiled and linked WebAssembly, from text to a clean witness: what compilers really emit satisfies the lint and the constraints.

mod common;

#[path = "../../isa/tests/lower/common.rs"]
#[allow(dead_code, reason = "the lowering's test kernel; its runner is not used here")]
mod kernel;

use common::forge::Forge;
use common::public;
use playfair_proofs_circuit::air::{Change, Column, Report, Witness, check};
use playfair_proofs_circuit::assign::assign;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::code::{address, at};
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::link::Linked;
use playfair_proofs_isa::lower::hints;
use playfair_proofs_isa::trace::{Step, Trace, Value};
use playfair_types::crypto::field::Fr;

struct Hints;

impl Oracle for Hints {
    fn hint(&mut self, hint: u32, argument: Fr, _: &View<'_>) -> Fr {
        hints::answer(hint, argument).unwrap_or_default()
    }
}

/// Bodies of a module's `call`, of returns and traps.
const BODIES: &[&str] = &[
    "(call $show (call $height)) (call $show (global.get $wide))",
    "(local.set 2 (i32.const 10)) (loop $l (local.set 3 (i32.add (local.get 3) (local.get 2)))
     (br_if $l (local.tee 2 (i32.sub (local.get 2) (i32.const 1))))) (call $show (i64.extend_i32_u (local.get 3)))",
    "(i64.store align=1 (i32.const 13) (i64.const 0x0123456789abcdef)) (call $show (i64.load align=1 (i32.const 10)))
     (call $show (i64.load16_s align=1 (i32.const 15))) (call $show (i64.shr_s (i64.load align=1 (i32.const 13)) (i64.const 7)))",
    "(call $show (i64.div_s (i64.const -77) (i64.extend_i32_s (local.get 0)))) (call $show (i64.rem_u (i64.const -77)
     (i64.extend_i32_s (local.get 0)))) (call $show (i64.xor (i64.const -77) (i64.extend_i32_s (local.get 0))))",
    "(drop (i32.load (i32.const 65533)))",
    "(drop (i32.div_u (i32.const 1) (local.get 2)))",
    "(unreachable)",
];

const SHAPE: Shape = Shape {
    k: 14,
    usable: 12_000,
};

fn build(body: &str) -> Linked {
    kernel::build(&format!(
        r#"(module (import "playfair" "output" (func $output (param i32 i32)))
        (import "playfair" "height" (func $height (result i64)))
        (memory 1) (global $wide (mut i64) (i64.const -2)) (data (i32.const 3) "some words of an image")
        (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))
        (func (export "call") (param i32 i32) (local i32 i32 i64 i64) {body}))"#
    ))
    .1
}

fn traced(linked: &Linked, body: &str) -> Trace {
    let executable = Executable::new(&linked.program).unwrap();
    match executable.trace(&public(), &mut Hints, 1 << 20) {
        Ok((trace, _)) => trace,
        Err(fault) => panic!("{body}: {fault}"),
    }
}

fn report(machine: &Machine, linked: &Linked, trace: &Trace, body: &str) -> Report {
    let tables = Tables::new(&linked.program, SHAPE);
    let tables = tables.unwrap_or_else(|error| panic!("{body}: {error}"));
    let advice = assign(machine, &tables, trace, &public());
    let advice = advice.unwrap_or_else(|error| panic!("{body}: {error}"));
    let witness = Witness {
        fixed: tables.fixed().clone(),
        advice,
        instance: public(),
    };
    check(&machine.air, &witness).unwrap()
}

#[test]
fn compiled_programs_have_clean_witnesses() {
    let machine = Machine::new().unwrap();
    for body in BODIES {
        let linked = build(body);
        let report = report(&machine, &linked, &traced(&linked, body), body);
        assert!(report.is_clean(), "{body}:\n{report}");
    }
}

/// Bodies that end at a row of their own for the trap.
const TRAPS: &[&str] = &[
    "(unreachable)",
    "(drop (i32.div_s (i32.const -2147483648) (i32.sub (local.get 2) (i32.const 1))))",
    "(memory.copy (i32.const 65537) (i32.const 0) (local.get 2))",
];

/// The row of a trap charges its block. Could it run before EXIT takes its place, it would charge as often as the prover likes: the
/// trap would cost another gas, or become an out of gas.
#[test]
fn the_row_of_a_trap_cannot_run() {
    let machine = Machine::new().unwrap();
    for body in TRAPS {
        let linked = build(body);
        let honest = traced(&linked, body);
        let exit = honest.steps.iter().position(|step| step.pcl == at::EXIT).unwrap();
        let due = honest.steps[exit].clone();
        let price = i64::from(linked.program.code[due.pc as usize].gas);
        let row = Step {
            pcl: due.pc,
            c: None,
            result: Value::Word(1),
            ..due
        };
        let mut trace = honest.clone();
        let later = |last: &mut u32| {
            if *last as usize >= exit {
                *last += 1;
            }
        };
        for step in &mut trace.steps[exit..] {
            step.gas -= price;
            for access in [&mut step.a, &mut step.b, &mut step.c].into_iter().flatten() {
                access.last.iter_mut().for_each(later);
            }
        }
        trace.touched.iter_mut().for_each(|cell| later(&mut cell.last));
        trace.steps.insert(exit, row);
        let report = report(&machine, &linked, &trace, body);
        assert!(
            report.names().contains("state.pc"),
            "{body}, price {price}:\n{report}"
        );
    }
}

/// A function that returns to the row of a trap.
const RETURNS: &str =
    "(memory.fill (i32.const 0) (i32.const 1) (i32.const 9)) (drop (i32.load offset=65536 (local.get 0)))";

/// EXIT right after RET: with another frame than the caller's, pc would be a fraction, which XPC does not show. The kernel would then
/// run in a frame that lies over the registers that it judges the trap by.
#[test]
fn exit_after_a_return_is_in_the_callers_frame() {
    const BY: u32 = 100;
    let machine = Machine::new().unwrap();
    let linked = build(RETURNS);
    let honest = traced(&linked, RETURNS);
    let exit = honest.steps.iter().position(|step| step.pcl == at::EXIT).unwrap();
    let reset = honest
        .steps
        .iter()
        .position(|step| step.pcl == at::RESET)
        .unwrap();
    let ret = &honest.steps[exit - 1];
    let returns = ret.a.unwrap().old.word().unwrap();
    assert_eq!(
        returns,
        u64::from(honest.steps[exit].pc) << 16 | u64::from(honest.steps[exit].fp)
    );

    // The kernel's rows, in a frame further up.
    let mut trace = honest.clone();
    let base = u64::from(trace.steps[exit + 1].fp);
    let up = |place: &mut u64| {
        if (base..address::ABSOLUTE).contains(place) {
            *place += u64::from(BY);
        }
    };
    for step in &mut trace.steps[exit + 1..=reset] {
        step.fp += BY;
        for access in [&mut step.a, &mut step.b, &mut step.c].into_iter().flatten() {
            up(&mut access.address);
        }
    }
    let left = trace.steps[reset].c.as_mut().unwrap();
    left.new = Value::Word(left.new.word().unwrap() + u64::from(BY));
    let (xpc, left) = (left.address, left.new);
    trace.steps[reset].result = left;
    for cell in &mut trace.touched {
        up(&mut cell.address);
        if cell.address == xpc {
            cell.last_value = left;
        }
    }

    let tables = Tables::new(&linked.program, SHAPE).unwrap();
    let witness = |advice| Witness {
        fixed: tables.fixed().clone(),
        advice,
        instance: public(),
    };
    let before = witness(assign(&machine, &tables, &honest, &public()).unwrap());
    let mut after = assign(&machine, &tables, &trace, &public()).unwrap();
    let forge = Forge::new(&machine, &before);
    let c = &machine.columns;
    let row = forge.entries() + exit;
    let mut set = |column: Column, row: usize, value: Fr| {
        if let Column::Advice(i) = column {
            after[usize::from(i)][row] = value;
        }
    };
    let fp = Fr::from(honest.steps[exit].fp + BY);
    set(c.limb[0], row - 1, fp);
    set(c.fp, row, fp);
    set(c.slot_a.address, row, fp);
    set(c.pc, row, (Fr::from(returns) - fp) / Fr::from(1_u64 << 16));
    let mut changes = Vec::new();
    for (i, (now, then)) in after.iter().zip(&before.advice).enumerate() {
        for (row, (value, _)) in now
            .iter()
            .zip(then)
            .enumerate()
            .filter(|(_, (now, then))| now != then)
        {
            changes.push(Change {
                column: Column::Advice(i as u16),
                row,
                value: *value,
            });
        }
    }
    let report = forge.settle(&changes);
    assert!(report.names().contains("exit.pc"), "{report}");
}
