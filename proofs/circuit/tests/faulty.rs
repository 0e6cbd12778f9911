//! Faulty executors: a run with one lie told throughout, assigned as honestly as an honest one. Each is caught, by name.

#[path = "faulty/campaign.rs"]
mod campaign;
mod common;
#[path = "faulty/honest.rs"]
mod honest;
#[path = "faulty/instructions.rs"]
mod instructions;
#[path = "faulty/webassembly.rs"]
mod webassembly;

use common::{SHAPE, public};
use honest::Honest;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{Program, at};
use playfair_proofs_isa::trace::{Access, Step, Trace, Value};
use playfair_types::crypto::field::Fr;
use std::collections::BTreeSet;
use std::path::Path;

/// A lie, told in a trace, and a constraint or term that names it.
type Fault = (&'static str, fn(&Program, &mut Trace), &'static str);

/// The first step of an operation.
fn step_of(program: &Program, trace: &Trace, op: Op) -> usize {
    trace
        .steps
        .iter()
        .position(|step| Op::of(program.code[step.pcl as usize].flags) == Some(op))
        .unwrap()
}

/// The last step of an operation.
fn last_of(program: &Program, trace: &Trace, op: Op) -> usize {
    trace
        .steps
        .iter()
        .rposition(|step| Op::of(program.code[step.pcl as usize].flags) == Some(op))
        .unwrap()
}

/// Steps from `at` on are `by` later.
fn shift(trace: &mut Trace, at: usize, by: i64) {
    let moved = |last: &mut u32| {
        if *last as usize >= at {
            *last = (i64::from(*last) + by) as u32;
        }
    };
    for step in &mut trace.steps {
        for access in [&mut step.a, &mut step.b, &mut step.c].into_iter().flatten() {
            access.last.iter_mut().for_each(moved);
        }
    }
    trace.touched.iter_mut().for_each(|cell| moved(&mut cell.last));
}

/// A step writes something else.
fn write(step: &mut Step, value: Value) {
    step.result = value;
    if let Some(access) = &mut step.c {
        access.new = value;
    }
}

/// An earlier content of a cell: its access before the one that `access` finds.
fn stale(trace: &Trace, access: &Access) -> Option<Access> {
    let writer = &trace.steps[access.last? as usize];
    let found = [&writer.a, &writer.b, &writer.c]
        .into_iter()
        .flatten()
        .find(|a| a.address == access.address)?;
    (found.old != found.new).then_some(Access {
        last: found.last,
        new: found.old,
        ..*found
    })
}

/// EXIT where this step is due.
fn exit_at(trace: &Trace, due: usize) -> Step {
    let exit = trace.steps.iter().find(|step| step.pcl == at::EXIT);
    let exit = exit.unwrap().clone();
    Step {
        pcl: at::EXIT,
        a: None,
        b: None,
        micro: None,
        c: exit.c,
        result: exit.result,
        ..trace.steps[due].clone()
    }
}

/// EXIT after a step, and on from there.
fn exit_after(trace: &mut Trace, before: usize) {
    let step = exit_at(trace, before + 1);
    shift(trace, before + 1, 1);
    trace.steps.insert(before + 1, step);
}

const FAULTS: &[Fault] = &[
    (
        "a stale read",
        |_, trace| {
            let mut reads =
                (0..trace.steps.len()).filter_map(|i| Some((i, stale(trace, trace.steps[i].b.as_ref()?)?)));
            let (i, old) = reads.next_back().unwrap();
            trace.steps[i].b = Some(Access { old: old.new, ..old });
        },
        "memory.b.found",
    ),
    (
        "another quotient",
        |program, trace| {
            let i = step_of(program, trace, Op::Div);
            write(&mut trace.steps[i], Value::Word(12_345));
        },
        "div.result",
    ),
    (
        "gas given back",
        |program, trace| {
            let i = last_of(program, trace, Op::GasD);
            trace.steps[i + 1..].iter_mut().for_each(|step| step.gas += 5);
        },
        "state.gas",
    ),
    (
        "a larger memory",
        |program, trace| {
            let i = step_of(program, trace, Op::SetMem);
            trace.steps[i + 1..].iter_mut().for_each(|step| step.lim += 8);
        },
        "state.lim",
    ),
    (
        "the memory of another run",
        |program, trace| {
            let i = step_of(program, trace, Op::SetMem);
            trace.steps[i + 1..].iter_mut().for_each(|step| step.ctx *= 2);
        },
        "state.ctx",
    ),
    (
        "a frame too far",
        |program, trace| {
            let i = step_of(program, trace, Op::Enter);
            trace.steps[i].fp += 1;
        },
        "state.fp",
    ),
    (
        "no frame slots taken",
        |program, trace| {
            let i = step_of(program, trace, Op::Enter);
            trace.steps[i + 1].slots -= 5;
        },
        "state.sl",
    ),
    (
        "a skipped step",
        |program, trace| {
            let i = step_of(program, trace, Op::GasD);
            trace.steps.remove(i);
            shift(trace, i, -1);
        },
        "state.pc",
    ),
    (
        "a step done twice",
        |program, trace| {
            let i = step_of(program, trace, Op::SetGas);
            let step = trace.steps[i].clone();
            shift(trace, i + 1, 1);
            trace.steps.insert(i, step);
        },
        "state.pc",
    ),
    (
        "a function that does not return to its caller",
        |program, trace| {
            let i = step_of(program, trace, Op::Ret);
            trace.steps.remove(i + 1);
            shift(trace, i + 1, -1);
        },
        "state.pc",
    ),
    (
        "a way back that the callee chose",
        |program, trace| {
            let i = last_of(program, trace, Op::Ret);
            let access = trace.steps[i].a.as_mut().unwrap();
            (access.old, access.new) = (Value::Word(7 << 16), Value::Word(7 << 16));
        },
        "memory.a.found",
    ),
    (
        "EXIT between a division and its second row",
        |program, trace| exit_after(trace, step_of(program, trace, Op::Div)),
        "state.joined",
    ),
    (
        "EXIT inside a permutation",
        |program, trace| exit_after(trace, step_of(program, trace, Op::P6P)),
        "state.joined",
    ),
    (
        "EXIT in the scalar loop",
        |program, trace| exit_after(trace, step_of(program, trace, Op::Curve)),
        "state.joined",
    ),
    (
        "RESET where it is not due",
        |program, trace| {
            let i = last_of(program, trace, Op::GasD);
            let find = |pcl: u32| trace.steps.iter().find(|step| step.pcl == pcl).unwrap().clone();
            let (reset, exit) = (find(at::RESET), find(at::EXIT));
            trace.steps[i + 1] = Step {
                pc: trace.steps[i + 1].pc,
                c: exit.c,
                ..reset
            };
        },
        "state.fetch",
    ),
    (
        "a hash of something else",
        |program, trace| {
            let i = last_of(program, trace, Op::P6F);
            write(&mut trace.steps[i + 1], Value::Word(1));
        },
        "gets.result",
    ),
    (
        "a signature's other bit",
        |program, trace| {
            let i = last_of(program, trace, Op::Curve);
            trace.steps[i].micro.as_mut().unwrap()[6] += Fr::from(1_u64 << 63);
        },
        "curve.next.s",
    ),
    (
        "a register that is not zero at first",
        |_, trace| {
            let unwritten = |step: &Step| step.c.filter(|c| c.last.is_none());
            let access = trace
                .steps
                .iter_mut()
                .find(|step| unwritten(step).is_some())
                .unwrap()
                .c
                .as_mut()
                .unwrap();
            access.old = Value::Word(9);
        },
        "memory.c.found",
    ),
];

/// The program with every instruction.
fn every_instruction() -> Honest {
    let program = common::sink::program(5);
    let trace = common::trace(&program);
    Honest::of(program, trace, public(), SHAPE)
}

fn assert_none(missed: &[String]) {
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_faulty_executor_is_caught() {
    let honest = every_instruction();
    let checker = honest.checker();
    let missed = FAULTS.iter().filter_map(|(name, lie, caught)| {
        let mut trace = honest.trace.clone();
        lie(&honest.program, &mut trace);
        honest.missed(&checker, name, &trace, caught)
    });
    assert_none(&missed.collect::<Vec<_>>());
}

#[test]
fn every_misread_instruction_is_caught() {
    let honest = every_instruction();
    let checker = honest.checker();
    let missed = instructions::MISREAD
        .iter()
        .filter_map(|(name, misread, caught)| {
            let mut program = honest.program.clone();
            misread(&mut program);
            honest.missed_of(&checker, name, (&program, &common::trace(&program)), caught)
        });
    assert_none(&missed.collect::<Vec<_>>());
}

/// The list has exactly what is tested here (its last two sections are those of tests/proving, which compares them), every name once,
/// and at least what was asked for.
#[test]
fn the_campaign_is_as_it_is_listed() {
    let cases = |cases: &[webassembly::Case]| -> Vec<_> {
        cases
            .iter()
            .map(|(name, _, _, caught)| (*name, *caught))
            .collect()
    };
    let traces = FAULTS.iter().map(|(name, _, caught)| (*name, *caught));
    let misread = instructions::MISREAD
        .iter()
        .map(|(name, _, caught)| (*name, *caught));
    let sections = [
        ("Lies told in a run", traces.collect()),
        ("Instructions taken for others", misread.collect()),
        ("Arithmetic", cases(webassembly::numbers::CASES)),
        ("Memory and globals", cases(webassembly::memory::CASES)),
        ("Branches and calls", cases(webassembly::control::CASES)),
        ("Ends that are passed over", cases(webassembly::traps::CASES)),
    ];
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faulty/CAMPAIGN.md");
    let list = campaign::compared(&file, &sections);
    let all = campaign::entries(&list);
    let names: BTreeSet<&str> = all
        .iter()
        .map(|entry| entry.split(": ").next().unwrap())
        .collect();
    assert_eq!(names.len(), all.len(), "a name twice");
    assert!(all.len() >= 110, "{}", all.len());
    let said = format!(" {} faulty executors", all.len());
    assert!(
        include_str!("../../../docs/THREATS.md").contains(&said),
        "docs/THREATS.md has to say{said}"
    );
}
