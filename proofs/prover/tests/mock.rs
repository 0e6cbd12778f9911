//! The native oracles against halo2's mock prover, on the machine itself.
//!
//! The checker names what fails, the evaluator says whether anything does; conformance and soundness tests rest on them. Here both
//! look at the same witnesses as halo2's mock prover, which evaluates the gates that are proven: a clean one with every instruction,
//! and damaged ones. A mock run takes seconds, so that each has many damaged cells: constraint by constraint, the rows that fail are the same.

#[path = "common/mod.rs"]
mod common;
#[path = "../../circuit/tests/common/mod.rs"]
mod programs;

use common::Table;
use halo2_proofs::dev::{FailureLocation, MockProver, VerifyFailure};
use playfair_proofs_circuit::air::{Change, Checker, Column, Evaluator, System, Witness, check};
use playfair_proofs_circuit::columns::Shape;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_prover::fast::usable_rows;
use playfair_proofs_prover::transcript::to_halo2;
use playfair_types::Fr;
use programs::Seeded;
use std::collections::{BTreeMap, BTreeSet};

/// The smallest table that holds the auxiliary table.
const K: u32 = 14;
/// Cells that are damaged in one run.
const CELLS: usize = 60;
/// Runs of this sort.
const ROUNDS: usize = 3;
/// Rows of one constraint that a report lists.
const LISTED: usize = 8;

struct Oracles {
    machine: Machine,
    system: System,
    witness: Witness,
    /// Rows that do something.
    rows: u64,
}

/// What fails: rows by constraint, and whether the bus balances.
#[derive(Debug, PartialEq)]
struct Failures {
    rows: BTreeMap<String, (Vec<usize>, usize)>,
    balanced: bool,
}

impl Failures {
    fn none(&self) -> bool {
        self.rows.is_empty() && self.balanced
    }
}

impl Oracles {
    fn new() -> Self {
        let machine = Machine::new().unwrap();
        let system = System::new(&machine.air);
        let program = programs::sink::program(5);
        let usable = usable_rows(&system, K);
        let witness = programs::witness(&machine, &program, Shape { k: K, usable });
        let rows = programs::trace(&program).steps.len() as u64;
        Self {
            machine,
            system,
            witness,
            rows,
        }
    }

    /// A cell of a row that does something, and a value of the sort that mistakes make.
    fn change(&self, random: &mut Seeded) -> Change {
        let row = random.below(self.rows) as usize;
        let place = random.below(self.witness.advice.len() as u64) as usize;
        let old = self.witness.advice[place][row];
        let value = match random.below(3) {
            0 => old + Fr::from(1_u64),
            1 => Fr::from(random.below(2)),
            _ => random.field(),
        };
        Change {
            column: Column::Advice(place as u16),
            row,
            value,
        }
    }

    fn changed(&self, changes: &[Change]) -> Witness {
        let mut witness = self.witness.clone();
        for change in changes {
            if let Column::Advice(place) = change.column {
                witness.advice[usize::from(place)][change.row] = change.value;
            }
        }
        witness
    }

    /// What the mock prover finds.
    fn mock(&self, witness: &Witness) -> Failures {
        let instance = witness.instance.iter().map(to_halo2).collect();
        let mock = MockProver::run(K, &Table::new(&self.system, witness), vec![instance]).unwrap();
        let mut found: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for failure in mock.verify().err().unwrap_or_default() {
            let VerifyFailure::ConstraintNotSatisfied {
                constraint, location, ..
            } = failure
            else {
                panic!("{failure}");
            };
            let row = match location {
                FailureLocation::InRegion { offset, .. } => offset,
                FailureLocation::OutsideRegion { row } => row,
            };
            // Constraint 0 of the gate 'name'.
            let text = constraint.to_string();
            let name = text.split('\'').nth(1).expect("a gate has a name");
            found.entry(name.to_owned()).or_default().insert(row);
        }
        let balanced = found.remove("logup.last").is_none();
        let listed = |rows: BTreeSet<usize>| (rows.iter().take(LISTED).copied().collect(), rows.len());
        Failures {
            rows: found
                .into_iter()
                .map(|(name, rows)| (name, listed(rows)))
                .collect(),
            balanced,
        }
    }

    /// What the checker finds; the evaluator must agree that there is something, or nothing.
    fn native(&self, witness: &Witness) -> Failures {
        let report = check(&self.machine.air, witness).unwrap();
        let evaluator = Evaluator::new(&self.machine.air, &self.machine.columns.flags);
        assert_eq!(evaluator.is_clean(witness), Ok(report.is_clean()), "{report}");
        let violations = report.violations.iter();
        Failures {
            rows: violations
                .map(|violation| (violation.id.clone(), (violation.rows.clone(), violation.count)))
                .collect(),
            balanced: report.unmatched_count == 0,
        }
    }

    fn compare(&self, changes: &[Change]) -> Failures {
        let witness = self.changed(changes);
        let (native, mock) = (self.native(&witness), self.mock(&witness));
        assert_eq!(native, mock, "{changes:?}");
        native
    }
}

#[test]
fn the_mock_prover_agrees_about_every_instruction() {
    let oracles = Oracles::new();
    assert!(oracles.compare(&[]).none(), "the honest witness");
    let checker = Checker::new(&oracles.machine.air, &oracles.witness).unwrap();
    let mut random = Seeded(1);
    let (mut free, mut unbalanced, mut named) = (Vec::new(), Vec::new(), BTreeSet::new());
    while free.len() < CELLS || unbalanced.is_empty() {
        let change = oracles.change(&mut random);
        let report = checker.with(&[change]).unwrap();
        // One of neighbours: what is free alone may not be free beside another change.
        let apart = |other: &Change| other.row.abs_diff(change.row) > 1;
        if report.is_clean() && free.len() < CELLS && free.iter().all(apart) {
            free.push(change);
        } else if report.violations.is_empty() && !report.is_clean() {
            unbalanced.push(change);
        }
    }
    // Cells that mean nothing where they are.
    assert!(oracles.compare(&free).none(), "free cells");
    // A cell that only the bus knows of.
    let alone = oracles.compare(&unbalanced[..1]);
    assert!(alone.rows.is_empty() && !alone.balanced);
    for _ in 0..ROUNDS {
        let changes: Vec<Change> = (0..CELLS).map(|_| oracles.change(&mut random)).collect();
        let failures = oracles.compare(&changes);
        assert!(failures.rows.len() > 10 && !failures.balanced, "{failures:?}");
        named.extend(failures.rows.into_keys());
    }
    println!("{} constraints failed in both", named.len());
    assert!(named.len() > 60, "{} constraints failed", named.len());
}
