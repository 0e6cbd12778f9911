//! Executors of WebAssembly with a bug: a module is lowered, linked and run, and one instruction of it does something else than the
//! standard says. What follows from that is what the executor did next.
//!
//! An executor with a bug is an honest one of another program. Rows are found by what they are: by the function that they are in, by
//! what they do, and by the value that they give in the honest run.

#[path = "webassembly/control.rs"]
pub(crate) mod control;
#[path = "../../../isa/tests/lower/common.rs"]
#[allow(dead_code, reason = "the lowering's test kernel; its runner is not used here")]
mod kernel;
#[path = "webassembly/memory.rs"]
pub(crate) mod memory;
#[path = "webassembly/numbers.rs"]
pub(crate) mod numbers;
#[path = "webassembly/traps.rs"]
pub(crate) mod traps;

use super::assert_none;
use super::common::public;
use super::honest::Honest;
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_isa::code::{Flags, Instr, Program, Tag, at};
use playfair_proofs_isa::interp::{Executable, Oracle, View};
use playfair_proofs_isa::link::Linked;
use playfair_proofs_isa::lower::hints;
use playfair_proofs_isa::trace::{Step, Trace};
use playfair_types::crypto::field::Fr;
use std::ops::Range;

const SHAPE: Shape = Shape { k: 14, usable: 9_300 };

/// What is wrong with an executor.
#[derive(Clone, Copy)]
pub(crate) enum Bug {
    /// Where the function's code gives the first number, the second comes out.
    Value(u64, u64),
    /// The same where a number is the prover's, and checked behind that: the checks are left out.
    Count(u64, u64),
    /// Rows are read as others.
    Rows(fn(&mut Site<'_>)),
}

/// An executor's bug: its name, a function that meets it, the bug, and the constraints and terms that fail.
pub(crate) type Case = (&'static str, &'static str, Bug, &'static str);

/// Words of the module's memory from address 64 on, by the letter that stands for them: `@A` loads all of A, `@a` its low half.
const WORDS: [(char, u64); 6] = [
    ('A', numbers::A),
    ('B', numbers::B),
    ('D', 1_000),
    ('M', 1 << 63),
    ('O', u64::MAX),
    ('P', 7 << 32 | 1 << 31),
];

/// Functions before those of the cases.
const COMMON: &str = r#"(func $inc (type $unary) (i64.add (local.get 0) (i64.const 1)))
    (func $twice (type $unary) (i64.shl (local.get 0) (i64.const 1)))
    (func $less (type $binary) (i64.sub (local.get 0) (local.get 1)))
    (func $deep (type $unary) (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1))
      (else (i64.add (i64.const 1) (call $deep (i64.sub (local.get 0) (i64.const 1)))))))
    (func $wide (type $narrow) (i64.extend_i32_u (local.get 0)))
    (func $show (param i64) (i64.store (i32.const 0) (local.get 0)) (call $output (i32.const 0) (i32.const 8)))"#;
const COMMON_FUNCTIONS: usize = 6;

/// A module that runs these functions.
fn text(functions: &[&str]) -> String {
    let mut words = String::new();
    let mut bodies: String = functions
        .iter()
        .map(|body| format!("(func (result i64) {body})\n"))
        .collect();
    for (i, (letter, word)) in WORDS.into_iter().enumerate() {
        let at = 64 + 8 * i;
        words.extend(word.to_le_bytes().map(|byte| format!("\\{byte:02x}")));
        bodies = bodies.replace(&format!("@{letter}"), &format!("(i64.load (i32.const {at}))"));
        let letter = letter.to_ascii_lowercase();
        bodies = bodies.replace(&format!("@{letter}"), &format!("(i32.load (i32.const {at}))"));
    }
    let first = 2 + COMMON_FUNCTIONS;
    let calls: String = (first..first + functions.len())
        .map(|function| format!("(call $show (call {function}))"))
        .collect();
    format!(
        r#"(module (import "playfair" "output" (func $output (param i32 i32)))
        (import "playfair" "height" (func $height (result i64)))
        (type $unary (func (param i64) (result i64))) (type $binary (func (param i64 i64) (result i64)))
        (type $narrow (func (param i32) (result i64)))
        (memory 1 8) (data (i32.const 64) "{words}")
        (global $one (mut i64) (i64.const 0x1111)) (global $two (mut i64) (i64.const 0x2222))
        (table 4 funcref) (elem (i32.const 0) $inc $twice $wide)
        {COMMON} {bodies} (func (export "call") (param i32 i32) {calls}))"#
    )
}

/// Answers hints; those of a bug by their number.
struct Hints;

impl Oracle for Hints {
    fn hint(&mut self, hint: u32, argument: Fr, _: &View<'_>) -> Fr {
        hints::answer(hint, argument).unwrap_or(Fr::from(hint))
    }
}

fn trace(program: &Program) -> Result<Trace, String> {
    let executable = Executable::new(program).map_err(|error| error.to_string())?;
    match executable.trace(&public(), &mut Hints, 1 << 20) {
        Ok((trace, _)) => Ok(trace),
        Err(fault) => Err(fault.to_string()),
    }
}

/// An honest run of functions of WebAssembly.
pub(crate) struct Run {
    pub(crate) honest: Honest,
    linked: Linked,
}

impl Run {
    fn of(functions: &[&str]) -> Self {
        let (_, linked) = kernel::build(&text(functions));
        let program = linked.program.clone();
        let trace = trace(&program).unwrap();
        Self {
            honest: Honest::of(program, trace, public(), SHAPE),
            linked,
        }
    }

    /// Code index of the first row of a function, counted without imports.
    fn start(&self, function: usize) -> u32 {
        let sizes = &self.linked.sizes;
        let module = sizes.fixed_rows + sizes.micro_rows + sizes.kernel_rows;
        let own = self.linked.module.functions.iter();
        let mut own: Vec<_> = own.filter(|function| function.index.is_some()).collect();
        own.sort_by_key(|function| function.index);
        module + own[function].start
    }

    /// The steps of a case's function, those that it called included.
    fn steps(&self, case: usize) -> Range<usize> {
        let start = self.start(COMMON_FUNCTIONS + case);
        let steps = &self.honest.trace.steps;
        let first = steps.iter().position(|step| step.pc == start).unwrap();
        let call = &steps[first - 1];
        let back = |step: &Step| step.pc == call.pc + 1 && step.fp == call.fp;
        let length = steps[first..].iter().position(back);
        first..length.map_or(steps.len(), |length| first + length)
    }

    /// The program that an executor with this case's bug runs.
    fn misread(&self, case: usize, bug: Bug) -> Program {
        let mut program = self.honest.program.clone();
        let mut site = Site {
            program: &mut program,
            trace: &self.honest.trace,
            steps: self.steps(case),
            start: self.start(COMMON_FUNCTIONS),
        };
        match bug {
            Bug::Value(right, wrong) => site.value(right, wrong),
            Bug::Count(right, wrong) => site.count(right, wrong),
            Bug::Rows(misread) => misread(&mut site),
        }
        program
    }
}

/// Where a bug is.
pub(crate) struct Site<'a> {
    pub(crate) program: &'a mut Program,
    /// The honest run.
    trace: &'a Trace,
    steps: Range<usize>,
    /// The first row of the cases' functions.
    start: u32,
}

impl Site<'_> {
    /// Code indices of the rows that ran, in their order.
    fn ran(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let rows: Vec<usize> = self.trace.steps[self.steps.clone()]
            .iter()
            .map(|step| step.pc as usize)
            .collect();
        rows.into_iter()
    }

    /// The first row of an operation in the case's own function which is like this.
    pub(crate) fn first(&mut self, op: Op, like: impl Fn(&Instr) -> bool) -> usize {
        let start = self.start as usize;
        let found = self.ran().find(|pc| {
            let row = &self.program.code[*pc];
            *pc >= start && Op::of(row.flags) == Some(op) && like(row)
        });
        found.unwrap_or_else(|| panic!("no such row:\n{}", self.listing()))
    }

    /// That row.
    pub(crate) fn row(&mut self, op: Op, like: impl Fn(&Instr) -> bool) -> &mut Instr {
        let index = self.first(op, like);
        &mut self.program.code[index]
    }

    /// A row gives this, whatever its operands are.
    pub(crate) fn force(&mut self, pc: usize, value: u64) {
        let slots = [
            Flags::SA,
            Flags::SB,
            Flags::SC,
            Flags::DA,
            Flags::GB,
            Flags::GC,
            Flags::BR,
        ];
        let row = &mut self.program.code[pc];
        let kept = slots.into_iter().filter(|slot| row.flags.has(*slot));
        row.flags = kept.fold(Flags::FARITH, Flags::with);
        row.k = [Fr::from(0_u64); 8];
        row.k[3] = value.into();
    }

    /// The last row that computes one number gives another.
    pub(crate) fn value(&mut self, right: u64, wrong: u64) {
        let steps = self.trace.steps[self.steps.clone()].iter();
        let computes = |step: &&Step| {
            let row = &self.program.code[step.pc as usize];
            let copied = [&step.a, &step.b]
                .into_iter()
                .flatten()
                .any(|slot| slot.old == right.into());
            let own = !matches!(Op::of(row.flags), Some(Op::Farith)) || !copied;
            let kept = row.flags.has(Flags::DA) || row.flags.has(Flags::SC) || row.flags.has(Flags::BR);
            let reads = matches!(Op::of(row.flags), Some(Op::Select | Op::Pin | Op::Cin));
            kept && own && !reads && !row.flags.has(Flags::MEMF) && step.result == right.into()
        };
        let found = steps.rev().find(computes).map(|step| step.pc as usize);
        let found = found.unwrap_or_else(|| panic!("nothing gives {right:#x}:\n{}", self.listing()));
        self.force(found, wrong);
    }

    /// The hint that gives a number gives another, and what the function demands of it is not looked at.
    fn count(&mut self, right: u64, wrong: u64) {
        let steps = self.trace.steps[self.steps.clone()].iter();
        let hint = |step: &&Step| {
            let op = Op::of(self.program.code[step.pc as usize].flags);
            op == Some(Op::Hint64) && step.result == right.into()
        };
        let hint = steps.rev().find(hint).map(|step| step.pc as usize);
        let hint = hint.unwrap_or_else(|| panic!("no hint gives {right}:\n{}", self.listing()));
        self.program.code[hint].hint = wrong as u32;
        let own = self.ran().filter(|pc| *pc >= self.start as usize);
        let demands = |pc: &usize| {
            let row = &self.program.code[*pc];
            Op::of(row.flags) == Some(Op::Arith) && row.k[7] == Fr::from(0_u64)
        };
        for pc in own.filter(demands).collect::<Vec<_>>() {
            self.program.code[pc].k = [Fr::from(0_u64); 8];
        }
    }

    /// The case's own last branch of an operation goes the other way.
    pub(crate) fn turn(&mut self, of: Op) {
        self.turn_from(of, self.start);
    }

    /// The last branch of an operation goes the other way, also in what the case calls.
    pub(crate) fn turn_any(&mut self, of: Op) {
        self.turn_from(of, 0);
    }

    fn turn_from(&mut self, of: Op, start: u32) {
        let steps = self.trace.steps[self.steps.clone()].iter();
        let branch = |step: &&Step| {
            let row = &self.program.code[step.pc as usize];
            step.pc >= start
                && step.pc == step.pcl
                && row.flags.has(Flags::BR)
                && Op::of(row.flags) == Some(of)
        };
        let found = steps
            .rev()
            .find(branch)
            .map(|step| (step.pc as usize, step.result));
        let (pc, result) = found.unwrap_or_else(|| panic!("no branch:\n{}", self.listing()));
        self.force(pc, 1 - result.word().unwrap());
    }

    /// The first branch that goes one way at first and later the other goes the other way at once.
    fn other_way(&mut self) {
        let steps = &self.trace.steps[self.steps.clone()];
        let branches = steps
            .iter()
            .filter(|step| self.program.code[step.pc as usize].flags.has(Flags::BR));
        let other = |step: &&Step| {
            steps
                .iter()
                .any(|later| later.pc == step.pc && later.result != step.result)
        };
        let found = branches
            .clone()
            .find(other)
            .map(|step| (step.pc as usize, step.result));
        let (pc, result) = found.unwrap_or_else(|| panic!("no branch:\n{}", self.listing()));
        self.force(pc, 1 - result.word().unwrap());
    }

    /// The first row of an operation, also in what the case calls.
    fn any(&self, op: Op) -> usize {
        let found = self
            .ran()
            .find(|pc| Op::of(self.program.code[*pc].flags) == Some(op));
        found.unwrap_or_else(|| panic!("no such row:\n{}", self.listing()))
    }

    /// The last row that copies this.
    fn last_copy(&self, value: u64) -> usize {
        let copies = |step: &&Step| {
            let copied = [&step.a, &step.b]
                .into_iter()
                .flatten()
                .any(|slot| slot.old == value.into());
            let op = Op::of(self.program.code[step.pc as usize].flags);
            op == Some(Op::Farith) && copied && step.result == value.into()
        };
        let steps = self.trace.steps[self.steps.clone()].iter();
        let found = steps.rev().find(copies).map(|step| step.pc as usize);
        found.unwrap_or_else(|| panic!("no copy:\n{}", self.listing()))
    }

    /// The case's own last block with a price costs it twice.
    fn charge_twice(&mut self) {
        let priced = |pc: &usize| *pc >= self.start as usize && self.program.code[*pc].gas > 0;
        let found = self.ran().rev().find(priced);
        let found = found.unwrap_or_else(|| panic!("no price:\n{}", self.listing()));
        let gas = self.program.code[found].gas;
        self.program.code[found].gas *= 2;
        let mut rows = self.program.aux.iter_mut();
        if let Some(trap) = rows.find(|row| row.tag == Tag::Trap && row.key == found as u64) {
            trap.v1 += Fr::from(u64::from(gas) << 8);
        }
    }

    /// Nothing may end a run at this row.
    pub(crate) fn no_trap(&mut self, pc: usize) {
        self.program
            .aux
            .retain(|row| row.tag != Tag::Trap || row.key != pc as u64);
    }

    /// Where EXIT stands.
    pub(crate) fn exit(&self) -> usize {
        let exit = self.trace.steps.iter().find(|step| step.pcl == at::EXIT);
        exit.expect("the honest run traps").pc as usize
    }

    /// The case's rows and what they gave.
    pub(crate) fn listing(&self) -> String {
        let steps = &self.trace.steps[self.steps.clone()];
        let line = |step: &Step| {
            let row = playfair_proofs_isa::disasm::row(&self.program.code[step.pc as usize], None);
            format!("{} {row} = {:x?}\n", step.pc, step.result)
        };
        steps.iter().map(line).collect()
    }
}

/// Those of some cases, in one run, that nothing catches.
fn missed(cases: &[Case]) -> Vec<String> {
    let functions: Vec<_> = cases.iter().map(|(_, function, ..)| *function).collect();
    let run = Run::of(&functions);
    let checker = run.honest.checker();
    let missed = cases
        .iter()
        .enumerate()
        .filter_map(|(i, (name, _, bug, caught))| {
            let program = run.misread(i, *bug);
            match trace(&program) {
                Ok(trace) => run.honest.missed_of(&checker, name, (&program, &trace), caught),
                Err(fault) => Some(format!("{name} has no trace: {fault}")),
            }
        });
    missed.collect()
}

/// It is the wrong number that is caught, not how it gets there.
#[test]
fn executors_that_reckon_right_in_another_way_are_not() {
    let functions: Vec<_> = numbers::CASES.iter().map(|(_, function, ..)| *function).collect();
    let run = Run::of(&functions);
    let checker = run.honest.checker();
    for (i, (name, _, bug, _)) in numbers::CASES.iter().enumerate() {
        if let Bug::Value(right, wrong) = bug {
            assert_ne!(right, wrong, "{name}");
            let program = run.misread(i, Bug::Value(*right, *right));
            assert_ne!(program, run.honest.program, "{name}");
            let trace = trace(&program).unwrap();
            let missed = run.honest.missed_of(&checker, name, (&program, &trace), "");
            assert_eq!(missed, None);
        }
    }
}

#[test]
fn executors_that_cannot_reckon_are_caught() {
    assert_none(&missed(numbers::CASES));
}

#[test]
fn executors_with_a_bad_memory_are_caught() {
    assert_none(&missed(memory::CASES));
}

#[test]
fn executors_that_lose_their_way_are_caught() {
    assert_none(&missed(control::CASES));
}

#[test]
fn executors_that_do_not_trap_are_caught() {
    let missed: Vec<String> = traps::CASES
        .iter()
        .flat_map(|case| missed(std::slice::from_ref(case)))
        .collect();
    assert_none(&missed);
}
