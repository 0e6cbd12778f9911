//! Lies: a few cells of a valid witness changed, with everything adapted that a cheating prover could adapt for free.
//!
//! Free are the multiplicities of tables, and what the entries of initial memory say of the last access of a segment. What
//! still fails afterwards is what catches the lie.

use playfair_proofs_circuit::air::{Change, Checker, Column, Report, Unmatched, Witness};
use playfair_proofs_circuit::lanes::Machine;
use playfair_types::crypto::field::Fr;
use std::collections::HashMap;

/// Rounds of adapting: a repaired tuple may move another one.
const ROUNDS: usize = 3;

/// A valid witness to lie about.
pub(crate) struct Forge<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) witness: &'a Witness,
    pub(crate) checker: Checker<'a>,
    /// Rows of tables: kind and tuple to row.
    tables: HashMap<(&'static str, Vec<Fr>), usize>,
    /// How many MEM rows there are.
    entries: usize,
}

fn cell(column: Column) -> usize {
    match column {
        Column::Advice(i) | Column::Fixed(i) => usize::from(i),
        Column::Instance => 0,
    }
}

impl<'a> Forge<'a> {
    pub(crate) fn new(machine: &'a Machine, witness: &'a Witness) -> Self {
        let checker = Checker::new(&machine.air, witness).unwrap();
        let report = checker.report();
        assert!(report.is_clean(), "the honest witness fails:\n{report}");
        let c = &machine.columns;
        let f = &c.fixed;
        let mut tables = HashMap::new();
        for row in 0..witness.rows() {
            let tuple = |columns: &[Column]| {
                columns
                    .iter()
                    .map(|column| witness.fixed[cell(*column)][row])
                    .collect()
            };
            let code: Vec<Column> = [f.row, f.flags, f.a, f.b, f.c]
                .into_iter()
                .chain(f.k)
                .chain([f.gas])
                .collect();
            tables.entry(("code", tuple(&code))).or_insert(row);
            tables.entry(("row", tuple(&[f.row]))).or_insert(row);
            let mut aux: Vec<Fr> = tuple(&[f.tag, f.key, f.v1, f.v2]);
            aux[2] += witness.instance.get(row).copied().unwrap_or_default();
            tables.entry(("aux", aux)).or_insert(row);
        }
        let mem = c.flags[26];
        let entries = witness.advice[cell(mem)]
            .iter()
            .filter(|flag| **flag == Fr::from(1_u64))
            .count();
        Self {
            machine,
            witness,
            checker,
            tables,
            entries,
        }
    }

    pub(crate) fn value(&self, column: Column, row: usize) -> Fr {
        self.witness.advice[cell(column)][row]
    }

    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// Adapts what is free, and reports what still fails.
    pub(crate) fn settle(&self, changes: &[Change]) -> Report {
        let mut cells: HashMap<(Column, usize), Fr> = HashMap::new();
        cells.extend(
            changes
                .iter()
                .map(|change| ((change.column, change.row), change.value)),
        );
        let mut report = Report::default();
        for _ in 0..ROUNDS {
            let list: Vec<Change> = cells
                .iter()
                .map(|((column, row), value)| Change {
                    column: *column,
                    row: *row,
                    value: *value,
                })
                .collect();
            report = self.checker.with(&list).unwrap();
            if report.unmatched.is_empty() || !self.adapt(&report, &mut cells) {
                break;
            }
        }
        report
    }

    /// One round of adapting. False if there is nothing to adapt.
    fn adapt(&self, report: &Report, cells: &mut HashMap<(Column, usize), Fr>) -> bool {
        let c = &self.machine.columns;
        let mut adapted = false;
        for tuple in &report.unmatched {
            let (kind, column) = match tuple.kind.as_str() {
                "code" => ("code", c.m_code),
                "row" => ("row", c.m_row),
                "aux" => ("aux", c.m_aux),
                _ => continue,
            };
            if let Some(row) = self.tables.get(&(kind, tuple.tuple.clone())) {
                let honest = self.value(column, *row);
                let place = cells.entry((column, *row)).or_insert(honest);
                *place -= tuple.balance;
                adapted = true;
            }
        }
        let memory = |tuple: &&Unmatched| tuple.kind == "memory";
        for used in report.unmatched.iter().filter(memory) {
            let entry = used
                .emissions
                .iter()
                .find(|e| e.row < self.entries && e.term.ends_with(".found"));
            let same = |tuple: &&Unmatched| {
                tuple.tuple[0] == used.tuple[0] && tuple.emissions.iter().any(|e| e.term.ends_with(".left"))
            };
            let supplied = report.unmatched.iter().filter(memory).find(same);
            if let (Some(entry), Some(supplied)) = (entry, supplied) {
                let (time, old) = match entry.term.as_str() {
                    "memory.a.found" => (c.slot_a.time, c.slot_a.old),
                    _ => (c.slot_c.time, c.slot_c.old),
                };
                cells.insert((time, entry.row), supplied.tuple[1]);
                cells.insert((old, entry.row), supplied.tuple[2]);
                adapted = true;
            }
        }
        adapted
    }
}
