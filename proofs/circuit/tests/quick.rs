//! The evaluator that only says yes or no says what the checker says: of clean witnesses and of damaged ones.

mod common;

use common::{SHAPE, Seeded};
use playfair_proofs_circuit::air::{Change, Checker, Column, Evaluator, Witness};
use playfair_proofs_circuit::lanes::Machine;
use playfair_types::crypto::field::Fr;

/// Damaged witnesses of each program.
const ROUNDS: usize = 60;
/// Programs.
const PROGRAMS: u64 = 2;

/// The cell of a column.
fn cell(witness: &mut Witness, column: Column, row: usize) -> &mut Fr {
    match column {
        Column::Fixed(i) => &mut std::sync::Arc::make_mut(&mut witness.fixed)[usize::from(i)][row],
        Column::Advice(i) => &mut witness.advice[usize::from(i)][row],
        Column::Instance => &mut witness.instance[row],
    }
}

/// A cell of the part of the table that does something, and a value of the sort that mistakes make.
fn damage(random: &mut Seeded, witness: &mut Witness, rows: u64) -> Change {
    let (fixed, advice) = (witness.fixed.len() as u64, witness.advice.len() as u64);
    let (column, row) = match random.below(20) {
        0 => (Column::Instance, random.below(witness.instance.len() as u64)),
        1 => (Column::Fixed(random.below(fixed) as u16), random.below(rows)),
        _ => (Column::Advice(random.below(advice) as u16), random.below(rows)),
    };
    let row = row as usize;
    let old = *cell(witness, column, row);
    let value = match random.below(5) {
        0 => old + Fr::from(1_u64),
        1 => Fr::from(random.below(2)),
        2 => -old,
        3 => *cell(witness, Column::Advice(random.below(advice) as u16), row),
        _ => random.field(),
    };
    Change { column, row, value }
}

#[test]
fn the_evaluator_agrees_with_the_checker() {
    let machine = Machine::new().unwrap();
    let evaluators = [
        Evaluator::new(&machine.air, &machine.columns.flags),
        // Switches that are no booleans, and none at all.
        Evaluator::new(&machine.air, &machine.columns.limb),
        Evaluator::new(&machine.air, &[]),
    ];
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..PROGRAMS {
        let program = common::sink::program(seed);
        let steps = common::trace(&program).steps.len() as u64;
        let mut witness = common::witness(&machine, &program, SHAPE);
        let honest = witness.clone();
        let checker = Checker::new(&machine.air, &honest).unwrap();
        assert!(checker.report().is_clean());
        for evaluator in &evaluators {
            assert_eq!(evaluator.is_clean(&witness), Ok(true), "seed {seed}");
        }
        let mut random = Seeded(seed);
        for round in 0..ROUNDS {
            let change = damage(&mut random, &mut witness, steps);
            let old = std::mem::replace(cell(&mut witness, change.column, change.row), change.value);
            let report = checker.with(&[change]).unwrap();
            // The slow ones for a few.
            for evaluator in evaluators.iter().take(if round < 4 { 3 } else { 1 }) {
                assert_eq!(
                    evaluator.is_clean(&witness),
                    Ok(report.is_clean()),
                    "seed {seed}, {change:?}:\n{report}"
                );
            }
            *cell(&mut witness, change.column, change.row) = old;
            if report.is_clean() {
                accepted += 1;
            } else {
                refused += 1;
            }
        }
        assert_eq!(witness, honest);
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(
        accepted > 0 && refused > 10 * PROGRAMS,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn witnesses_of_another_shape_are_errors() {
    let machine = Machine::new().unwrap();
    let evaluator = Evaluator::new(&machine.air, &machine.columns.flags);
    let mut witness = common::witness(&machine, &common::sink::program(0), SHAPE);
    witness.advice[3].pop();
    assert!(evaluator.is_clean(&witness).is_err());
    witness.advice.clear();
    assert!(evaluator.is_clean(&witness).is_err());
}
