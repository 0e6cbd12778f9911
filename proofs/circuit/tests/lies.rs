//! Negative tests: for each constraint and each term of the bus a lie in a valid witness, and what catches it.
//!
//! A lie is a few cells changed in a row (`'` in the next one, `''` in the one after; `=` sets), and whatever a cheating prover could adapt for
//! free (common/forge.rs). Where it says `Only`, nothing else than this constraint stands between the lie and a proof.

mod common;

use common::forge::Forge;
use playfair_proofs_circuit::air::{Change, Column, Report};
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_circuit::op::Op;
use playfair_types::crypto::field::Fr;
use std::collections::BTreeSet;

#[path = "lies/shared.rs"]
mod shared;
#[path = "lies/table.rs"]
mod table;

use table::{BUS, CONSTRAINTS, Caught};

/// The operation of each row that a lie may start at.
fn rows(forge: &Forge<'_>, program: &playfair_proofs_isa::code::Program) -> Vec<(usize, Op)> {
    let trace = common::trace(program);
    let entries = forge.entries();
    let run = entries + trace.steps.len();
    let last = forge.witness.rows() - 1;
    let code = |row: usize| match row {
        row if row < entries => 0,
        row if row < run => trace.steps[row - entries].pcl as usize,
        _ => 1,
    };
    let numbers = (0..run + 2).chain([last]);
    numbers
        .map(|row| (row, Op::of(program.code[code(row)].flags).unwrap()))
        .collect()
}

/// The changed cells of a lie told at a row; none if it reaches beyond the table.
fn changes(forge: &Forge<'_>, row: usize, lie: &str) -> Option<Vec<Change>> {
    let names = forge.machine.air.advice();
    let one = |text: &str| {
        let sign = text.rfind(['+', '-', '=']).unwrap();
        let set = text[sign..].starts_with('=');
        let number: i64 = text[sign + usize::from(set)..].parse().unwrap();
        let name = text[..sign].trim_end_matches('\'');
        let row = row + sign - name.len();
        let index = names
            .iter()
            .position(|column| column == name)
            .unwrap_or_else(|| panic!("no column {name}"));
        let column = Column::Advice(index as u16);
        let exists = row < forge.witness.rows();
        let before = if set || !exists {
            Fr::from(0_u64)
        } else {
            forge.value(column, row)
        };
        exists.then(|| Change {
            column,
            row,
            value: before + Fr::from(number),
        })
    };
    lie.split(' ').map(one).collect()
}

/// The first row of this operation where telling the lie has this effect.
fn told(
    forge: &Forge<'_>,
    rows: &[(usize, Op)],
    (op, lie): (&str, &str),
    report: impl Fn(&[Change]) -> Report,
    effect: impl Fn(&Report) -> bool,
) -> Result<(), String> {
    let mut seen = String::from("no such row");
    for (row, _) in rows.iter().filter(|(_, of)| format!("{of:?}") == op) {
        let Some(changes) = changes(forge, *row, lie) else {
            continue;
        };
        let report = report(&changes);
        if effect(&report) {
            return Ok(());
        }
        seen = format!("row {row}: {:?}", report.names());
    }
    Err(seen)
}

/// Tells every lie of a table: what each gives, and whether that is what the table says.
fn tell(
    lies: &[table::Lie],
    report: impl Fn(&Forge<'_>, &str, &[Change]) -> Report,
    effect: impl Fn(&Forge<'_>, &Report, &str, Caught) -> bool,
) {
    let machine = Machine::new().unwrap();
    let program = common::sink::program(1);
    let witness = common::witness(&machine, &program, common::SHAPE);
    let forge = Forge::new(&machine, &witness);
    let rows = rows(&forge, &program);
    let mut failed = Vec::new();
    for (id, op, lie, caught) in lies {
        let report = |changes: &[Change]| report(&forge, id, changes);
        let effect = |report: &Report| effect(&forge, report, id, *caught);
        if let Err(seen) = told(&forge, &rows, (op, lie), report, effect) {
            failed.push(format!("{id}: {lie} in {op} gives {seen}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn tell_of_constraints(lies: &[table::Lie]) {
    tell(
        lies,
        |forge, _, changes| forge.settle(changes),
        |_, report, id, caught| match caught {
            Caught::Only => report.names() == BTreeSet::from([id]),
            Caught::Among => report.violates(id),
        },
    );
}

fn tell_of_the_bus(lies: &[table::Lie]) {
    tell(
        lies,
        |forge, term, changes| {
            // What a prover adapts for free is what these lies are about, where it is a multiplicity or the value left.
            if term.ends_with(".table") || term.ends_with(".left") {
                forge.checker.with(changes).unwrap()
            } else {
                forge.settle(changes)
            }
        },
        |forge, report, term, caught| {
            let air = &forge.machine.air;
            let declared = air.terms().iter().find(|declared| declared.name == term).unwrap();
            let kind = &air.kinds()[declared.kind.index()];
            let alone =
                report.violations.is_empty() && report.unmatched.iter().all(|tuple| tuple.kind == *kind);
            report.unmatches(term) && (alone || caught == Caught::Among)
        },
    );
}

#[test]
fn every_constraint_catches_its_lie() {
    tell_of_constraints(CONSTRAINTS);
}

#[test]
fn every_term_of_the_bus_catches_its_lie() {
    tell_of_the_bus(BUS);
}

#[test]
fn what_operations_share_catches_the_lies_of_each() {
    tell_of_constraints(shared::CONSTRAINTS);
    tell_of_the_bus(shared::BUS);
}

/// A constraint or term without a negative test fails here.
#[test]
fn nothing_is_without_a_lie() {
    let machine = Machine::new().unwrap();
    let lies: BTreeSet<&str> = CONSTRAINTS.iter().chain(BUS).map(|(id, ..)| *id).collect();
    let constraints = machine
        .air
        .constraints()
        .iter()
        .map(|constraint| constraint.id.as_str());
    let all: BTreeSet<&str> = constraints
        .chain(machine.air.terms().iter().map(|term| term.name.as_str()))
        .collect();
    assert_eq!(
        lies, all,
        "constraints and terms (right) and their lies (left) differ"
    );
}
