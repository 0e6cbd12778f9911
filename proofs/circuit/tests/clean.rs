//! Honest witnesses satisfy every constraint and balance the bus; what is no run of the program has no witness.

mod common;

use common::{Code, SHAPE, public, r};
use playfair_proofs_circuit::air::check;
use playfair_proofs_circuit::assign::{AssignError, EntryError, assign, rows};
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::op::Op;
use playfair_proofs_circuit::tables::Tables;
use playfair_proofs_isa::asm::{self, Extend, Space, Width};
use playfair_proofs_isa::code::{AuxRow, Program, Tag};
use playfair_proofs_isa::trace::Value;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeSet;

fn assert_clean(machine: &Machine, program: &Program, what: &str) {
    let witness = common::witness(machine, program, SHAPE);
    let report = check(&machine.air, &witness).unwrap();
    assert!(report.is_clean(), "{what}:\n{report}");
}

#[test]
fn every_instruction_with_many_operands() {
    let machine = Machine::new().unwrap();
    for seed in 0..6 {
        assert_clean(&machine, &common::sink::program(seed), &format!("seed {seed}"));
    }
}

#[test]
fn the_program_has_every_instruction() {
    let program = common::sink::program(0);
    let run = common::trace(&program).steps;
    let ran: BTreeSet<Op> = run
        .iter()
        .map(|step| Op::of(program.code[step.pcl as usize].flags).unwrap())
        .collect();
    let all: BTreeSet<Op> = Op::ALL.into_iter().filter(|op| *op != Op::Mem).collect();
    assert_eq!(ran, all);
}

/// Runs that touch the memory around an image, with memories between that nobody touches.
fn around(image: [u64; 2], words: &[u64], skipped: usize) -> Program {
    let mut code = Code::new();
    code.module_image = image;
    for key in image[0]..image[1] {
        code.aux.push(AuxRow {
            tag: Tag::Image,
            key,
            v1: Fr::from(key + 1),
            v2: Fr::from(0_u64),
        });
    }
    let main = code.here();
    code.put(1, 4_096_u64);
    for _ in 0..2 {
        for _ in 0..=skipped {
            code.row(asm::setmem(1, true));
        }
        for word in words {
            code.put(2, 8 * word);
            code.one(asm::load(r(3), 2, 0, Width::W8, Extend::Zero, Space::Module));
            code.one(asm::store(r(1), 2, 0, Width::W8, Space::Module));
        }
    }
    code.one(asm::jump(1));
    code.program(main, 3, 3)
}

#[test]
fn initial_memory_of_many_shapes() {
    let machine = Machine::new().unwrap();
    for (image, words) in [
        ([0, 0], &[0, 511][..]),
        ([0, 3], &[0, 2, 3]),
        ([2, 5], &[0, 1, 2, 4, 5, 6]),
        ([2, 5], &[4]),
    ] {
        // Forty runs lie further apart than the gap of two entries has bits.
        for skipped in [0, 2, 40] {
            let program = around(image, words, skipped);
            assert_clean(
                &machine,
                &program,
                &format!("image {image:?}, words {words:?}, {skipped} skipped"),
            );
        }
    }
}

#[test]
fn memories_that_nobody_touches_take_rows_too() {
    let program = around([2, 5], &[4], 40);
    let trace = common::trace(&program);
    let touched = trace.touched.len();
    // Eighty such memories, and an entry at address 0.
    let entries = (touched + 80 + 1).div_ceil(2);
    assert_eq!(rows(&program, &trace), Ok(trace.steps.len() + entries));
}

#[test]
fn what_is_no_run_has_no_witness() {
    let machine = Machine::new().unwrap();
    let program = around([2, 5], &[0, 3], 1);
    let tables = |usable| Tables::new(&program, Shape { k: 14, usable }).unwrap();
    let honest = common::trace(&program);
    let error = |tables: &Tables, change: &dyn Fn(&mut playfair_proofs_isa::trace::Trace)| {
        let mut trace = honest.clone();
        change(&mut trace);
        assign(&machine, tables, &trace, &public()).err()
    };
    let wide = tables(9_000);
    assert_eq!(error(&wide, &|_| {}), None);
    assert!(matches!(
        error(&wide, &|trace| trace.steps.clear()),
        Some(AssignError::Rows { .. })
    ));
    let small = wide.aux_rows();
    let long = |trace: &mut playfair_proofs_isa::trace::Trace| {
        let step = trace.steps[0].clone();
        trace.steps.resize(small, step);
    };
    assert!(matches!(
        error(&tables(small), &long),
        Some(AssignError::Rows { .. })
    ));
    assert_eq!(
        error(&wide, &|trace| trace.steps[3].pcl = 5_000),
        Some(AssignError::Step(3))
    );
    assert_eq!(
        error(&wide, &|trace| trace.steps[1].c = None),
        Some(AssignError::Step(1))
    );
    let late =
        |trace: &mut playfair_proofs_isa::trace::Trace| trace.steps[1].c.as_mut().unwrap().last = Some(70);
    assert_eq!(error(&wide, &late), Some(AssignError::Step(1)));
    let order = |trace: &mut playfair_proofs_isa::trace::Trace| trace.touched.reverse();
    assert!(matches!(
        error(&wide, &order),
        Some(AssignError::Memory(EntryError::Order(_)))
    ));
    let value = |trace: &mut playfair_proofs_isa::trace::Trace| trace.touched[0].initial = Value::Word(1);
    assert!(matches!(
        error(&wide, &value),
        Some(AssignError::Memory(EntryError::Initial(_)))
    ));
    let long = vec![Fr::from(0_u64); public().len() + 1];
    assert_eq!(
        assign(&machine, &wide, &honest, &long).err(),
        Some(AssignError::Public)
    );
}
