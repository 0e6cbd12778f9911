//! The native oracle: which constraints and which tuples of the bus fail, without any proof.
//!
//! The bus is checked exactly: emissions are grouped by kind and tuple (compared by a 128-bit digest; witnesses of tests do
//! not search for collisions) and the multiplicities of a group must sum to zero.

mod quick;
mod report;

pub use quick::Evaluator;
pub use report::{Emission, Report, Unmatched, Violation};

use super::build::{Air, Rows};
use super::error::WitnessError;
use super::expr::Column;
use super::program::{Program, Source};
use ark_ff::{AdditiveGroup, BigInt};
use playfair_types::crypto::field::Fr;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Rows that one task takes.
const ROWS_PER_TASK: usize = 256;

/// The cells of a table, by column, usable rows only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witness {
    /// Fixed columns, all of the same length; shared, as they belong to the program.
    pub fixed: Arc<Vec<Vec<Fr>>>,
    /// Advice columns, of the same length as the fixed ones.
    pub advice: Vec<Vec<Fr>>,
    /// Public inputs, at most as many as there are rows; zeros follow.
    pub instance: Vec<Fr>,
}

impl Witness {
    /// The number of usable rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.advice.first().or(self.fixed.first()).map_or(0, Vec::len)
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// When columns are missing, superfluous or of different lengths.
    pub fn validate(&self, air: &Air) -> Result<(), WitnessError> {
        let (expected, found) = (air.fixed().len(), self.fixed.len());
        if expected != found {
            return Err(WitnessError::FixedColumns { expected, found });
        }
        let (expected, found) = (air.advice().len(), self.advice.len());
        if expected != found {
            return Err(WitnessError::AdviceColumns { expected, found });
        }
        let rows = self.rows();
        if rows == 0 || u32::try_from(rows).is_err() || self.instance.len() > rows {
            return Err(WitnessError::Rows);
        }
        let named = |columns: &[Vec<Fr>], sort: fn(u16) -> Column| {
            columns
                .iter()
                .position(|column| column.len() != rows)
                .map(|i| sort(i as u16))
        };
        match named(&self.fixed, Column::Fixed).or_else(|| named(&self.advice, Column::Advice)) {
            Some(column) => Err(WitnessError::Length(column)),
            None => Ok(()),
        }
    }
}

impl Source for Witness {
    fn cell(&self, column: Column, row: usize) -> Fr {
        match column {
            Column::Fixed(i) => self.fixed[usize::from(i)][row],
            Column::Advice(i) => self.advice[usize::from(i)][row],
            Column::Instance => self.instance.get(row).copied().unwrap_or(Fr::ZERO),
        }
    }
}

/// A cell given another value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which column.
    pub column: Column,
    /// Which row.
    pub row: usize,
    /// Its new value.
    pub value: Fr,
}

/// A witness with some cells changed.
struct Changed<'a> {
    base: &'a Witness,
    cells: HashMap<(Column, usize), Fr>,
}

impl Source for Changed<'_> {
    fn cell(&self, column: Column, row: usize) -> Fr {
        self.cells
            .get(&(column, row))
            .copied()
            .unwrap_or_else(|| self.base.cell(column, row))
    }
}

/// A tuple on the bus: kind and digest of its components.
type Key = (u16, u128);

/// What a term of a row adds to the bus. Ordered by key first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    key: Key,
    row: u32,
    term: u32,
    multiplicity: Fr,
}

/// What fails in a table, and what would fail if cells were changed.
pub struct Checker<'a> {
    air: &'a Air,
    witness: &'a Witness,
    /// Constraints, then for each term its multiplicity and its tuple.
    program: Program,
    /// Output of each term's multiplicity; the tuple follows.
    term_outputs: Vec<usize>,
    /// Every emission, sorted.
    entries: Vec<Entry>,
    /// Tuples that do not balance, with their sums.
    unbalanced: BTreeMap<Key, Fr>,
    violations: Vec<(u32, u32)>,
}

/// Checks a witness once.
///
/// # Errors
/// When the witness does not have the shape of the table.
pub fn check(air: &Air, witness: &Witness) -> Result<Report, WitnessError> {
    Ok(Checker::new(air, witness)?.report())
}

impl<'a> Checker<'a> {
    /// Evaluates the whole table.
    ///
    /// # Errors
    /// When the witness does not have the shape of the table.
    pub fn new(air: &'a Air, witness: &'a Witness) -> Result<Self, WitnessError> {
        witness.validate(air)?;
        let mut exprs: Vec<_> = air
            .constraints()
            .iter()
            .map(|constraint| &constraint.expr)
            .collect();
        let mut term_outputs = Vec::new();
        for term in air.terms() {
            term_outputs.push(exprs.len());
            exprs.push(&term.multiplicity);
            exprs.extend(&term.tuple);
        }
        let program = Program::new(exprs);
        let mut checker = Self {
            air,
            witness,
            program,
            term_outputs,
            entries: Vec::new(),
            unbalanced: BTreeMap::new(),
            violations: Vec::new(),
        };
        let rows = witness.rows();
        let tasks: Vec<_> = (0..rows.div_ceil(ROWS_PER_TASK))
            .into_par_iter()
            .map(|task| {
                let first = task * ROWS_PER_TASK;
                checker.evaluate(witness, first..rows.min(first + ROWS_PER_TASK))
            })
            .collect();
        for (violations, entries) in tasks {
            checker.violations.extend(violations);
            checker.entries.extend(entries);
        }
        checker.entries.par_sort_unstable();
        for run in checker.entries.chunk_by(|a, b| a.key == b.key) {
            let sum: Fr = run.iter().map(|entry| entry.multiplicity).sum();
            if sum != Fr::ZERO {
                checker.unbalanced.insert(run[0].key, sum);
            }
        }
        Ok(checker)
    }

    /// What fails in the witness as it is.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = Report::new(self.air, &self.violations);
        for (key, sum) in &self.unbalanced {
            report.add_unmatched(|| self.unmatched(*key, *sum, self.witness, &[], &[]));
        }
        report
    }

    /// What fails in the rows that the changes can affect, and all tuples that do not balance after them.
    ///
    /// A row is affected by its own cells and by those of the next one. If the witness itself is clean, this is the report
    /// of the changed witness, in a time that does not depend on the number of rows.
    ///
    /// # Errors
    /// When a changed cell is outside the table. A public input can be changed up to the number of rows.
    pub fn with(&self, changes: &[Change]) -> Result<Report, WitnessError> {
        let rows = self.witness.rows();
        let mut touched = Vec::new();
        for change in changes {
            let declared = match change.column {
                Column::Fixed(i) => usize::from(i) < self.witness.fixed.len(),
                Column::Advice(i) => usize::from(i) < self.witness.advice.len(),
                Column::Instance => true,
            };
            if !declared || change.row >= rows {
                return Err(WitnessError::Cell(change.column, change.row));
            }
            touched.extend(change.row.checked_sub(1));
            touched.push(change.row);
        }
        touched.sort_unstable();
        touched.dedup();
        let cells = changes
            .iter()
            .map(|change| ((change.column, change.row), change.value))
            .collect();
        let changed = Changed {
            base: self.witness,
            cells,
        };

        let (mut violations, mut fresh) = (Vec::new(), Vec::new());
        let mut unbalanced = self.unbalanced.clone();
        for row in &touched {
            for entry in self.evaluate(self.witness, *row..row + 1).1 {
                *unbalanced.entry(entry.key).or_default() -= entry.multiplicity;
            }
            let (found, entries) = self.evaluate(&changed, *row..row + 1);
            for entry in &entries {
                *unbalanced.entry(entry.key).or_default() += entry.multiplicity;
            }
            violations.extend(found);
            fresh.extend(entries);
        }
        let mut report = Report::new(self.air, &violations);
        for (key, sum) in unbalanced {
            if sum != Fr::ZERO {
                report.add_unmatched(|| self.unmatched(key, sum, &changed, &touched, &fresh));
            }
        }
        Ok(report)
    }

    /// Violations (constraint, row) and emissions of some rows.
    fn evaluate(&self, source: &impl Source, rows: std::ops::Range<usize>) -> (Vec<(u32, u32)>, Vec<Entry>) {
        let total = self.witness.rows();
        let mut memory = self.program.memory(&[]);
        let (mut violations, mut entries) = (Vec::new(), Vec::new());
        for row in rows {
            self.program.run(&mut memory, source, row, total);
            for (i, constraint) in self.air.constraints().iter().enumerate() {
                let holds_here = match constraint.on {
                    Rows::All => true,
                    Rows::Trans => row + 1 < total,
                    Rows::First => row == 0,
                    Rows::Last => row + 1 == total,
                };
                if holds_here && self.program.output(&memory, i) != Fr::ZERO {
                    violations.push((i as u32, row as u32));
                }
            }
            for (i, (term, first)) in self.air.terms().iter().zip(&self.term_outputs).enumerate() {
                let multiplicity = self.program.output(&memory, *first);
                if multiplicity != Fr::ZERO {
                    let tuple = (1..=term.tuple.len()).map(|j| self.program.output(&memory, first + j));
                    let key = (term.kind.0, digest(tuple));
                    entries.push(Entry {
                        key,
                        row: row as u32,
                        term: i as u32,
                        multiplicity,
                    });
                }
            }
        }
        (violations, entries)
    }

    /// Describes a tuple that does not balance: fresh emissions first, then those of rows that were not touched.
    fn unmatched(
        &self,
        key: Key,
        balance: Fr,
        source: &impl Source,
        touched: &[usize],
        fresh: &[Entry],
    ) -> Unmatched {
        let start = self.entries.partition_point(|entry| entry.key < key);
        let old = self.entries[start..].iter().take_while(|entry| entry.key == key);
        let old = old.filter(|entry| touched.binary_search(&(entry.row as usize)).is_err());
        let all: Vec<&Entry> = fresh.iter().filter(|entry| entry.key == key).chain(old).collect();
        // Without emissions the sum would be zero, and nobody would ask.
        let tuple = all.first().map_or_else(Vec::new, |entry| {
            let mut memory = self.program.memory(&[]);
            self.program
                .run(&mut memory, source, entry.row as usize, self.witness.rows());
            let first = self.term_outputs[entry.term as usize];
            let width = self.air.terms()[entry.term as usize].tuple.len();
            (1..=width)
                .map(|j| self.program.output(&memory, first + j))
                .collect()
        });
        let emission = |entry: &&Entry| Emission {
            term: self.air.terms()[entry.term as usize].name.clone(),
            row: entry.row as usize,
            multiplicity: entry.multiplicity,
        };
        Unmatched {
            kind: self.air.kinds()[usize::from(key.0)].clone(),
            tuple,
            balance,
            count: all.len(),
            emissions: all.iter().take(report::MAX_EMISSIONS).map(emission).collect(),
        }
    }
}

/// 128 bits of two differently seeded SipHashes with fixed keys.
fn digest(tuple: impl Iterator<Item = Fr>) -> u128 {
    let (mut low, mut high) = (DefaultHasher::new(), DefaultHasher::new());
    high.write_u8(1);
    for element in tuple {
        // The Montgomery form is as unique as the canonical one.
        let BigInt(limbs) = element.0;
        limbs.hash(&mut low);
        limbs.hash(&mut high);
    }
    u128::from(high.finish()) << 64 | u128::from(low.finish())
}
