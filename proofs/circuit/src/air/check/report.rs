//! What the checker found, bounded and readable.

use crate::air::build::Air;
use ark_ff::PrimeField;
use playfair_types::crypto::field::Fr;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Rows listed per constraint.
const MAX_ROWS: usize = 8;
/// Emissions listed per tuple.
pub(super) const MAX_EMISSIONS: usize = 8;
/// Tuples listed.
const MAX_TUPLES: usize = 64;

/// A constraint that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The constraint.
    pub id: String,
    /// The first rows where it fails, eight at most.
    pub rows: Vec<usize>,
    /// On how many rows it fails.
    pub count: usize,
}

/// A term's contribution to a tuple.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emission {
    /// The term.
    pub term: String,
    /// The row.
    pub row: usize,
    /// How often.
    pub multiplicity: Fr,
}

/// A tuple that is not used as often as it is supplied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// Its kind.
    pub kind: String,
    /// Its components.
    pub tuple: Vec<Fr>,
    /// Supplies less uses.
    pub balance: Fr,
    /// How many emissions it has.
    pub count: usize,
    /// Some of them, eight at most; those of changed rows first.
    pub emissions: Vec<Emission>,
}

/// What fails: empty for a good witness.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Constraints that fail, in the order of their declaration.
    pub violations: Vec<Violation>,
    /// Tuples that do not balance, 64 at most.
    pub unmatched: Vec<Unmatched>,
    /// How many tuples do not balance.
    pub unmatched_count: usize,
}

impl Report {
    pub(super) fn new(air: &Air, violations: &[(u32, u32)]) -> Self {
        let mut by_id: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (constraint, row) in violations {
            by_id.entry(*constraint).or_default().push(*row as usize);
        }
        let violations = by_id.into_iter().map(|(constraint, mut rows)| {
            let count = rows.len();
            rows.truncate(MAX_ROWS);
            Violation {
                id: air.constraints()[constraint as usize].id.clone(),
                rows,
                count,
            }
        });
        Self {
            violations: violations.collect(),
            ..Self::default()
        }
    }

    pub(super) fn add_unmatched(&mut self, describe: impl FnOnce() -> Unmatched) {
        self.unmatched_count += 1;
        if self.unmatched.len() < MAX_TUPLES {
            self.unmatched.push(describe());
        }
    }

    /// Whether everything holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.unmatched_count == 0
    }

    /// Whether this constraint fails.
    #[must_use]
    pub fn violates(&self, id: &str) -> bool {
        self.violations.iter().any(|violation| violation.id == id)
    }

    /// Whether an unmatched tuple has an emission of this term.
    #[must_use]
    pub fn unmatches(&self, term: &str) -> bool {
        self.unmatched
            .iter()
            .flat_map(|tuple| &tuple.emissions)
            .any(|emission| emission.term == term)
    }

    /// Names of the failing constraints and of the terms of unmatched tuples.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        let constraints = self.violations.iter().map(|violation| violation.id.as_str());
        let terms = self.unmatched.iter().flat_map(|tuple| &tuple.emissions);
        constraints
            .chain(terms.map(|emission| emission.term.as_str()))
            .collect()
    }
}

/// A field element as people write it: small ones and small negatives in decimal.
struct Short(Fr);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = |x: Fr| match x.into_bigint().0 {
            [low, 0, 0, 0] => Some(low),
            _ => None,
        };
        match (small(self.0), small(-self.0)) {
            (Some(x), _) => write!(f, "{x}"),
            (None, Some(x)) => write!(f, "-{x}"),
            (None, None) => write!(f, "{}", self.0.into_bigint()),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Violation { id, rows, count } in &self.violations {
            writeln!(f, "{id} fails on {count} rows: {rows:?}")?;
        }
        for tuple in &self.unmatched {
            write!(f, "{} (", tuple.kind)?;
            for (i, part) in tuple.tuple.iter().enumerate() {
                write!(f, "{}{}", if i == 0 { "" } else { ", " }, Short(*part))?;
            }
            write!(
                f,
                ") balance {} of {} emissions:",
                Short(tuple.balance),
                tuple.count
            )?;
            for Emission {
                term,
                row,
                multiplicity,
            } in &tuple.emissions
            {
                write!(f, " {} x {term} in row {row};", Short(*multiplicity))?;
            }
            writeln!(f)?;
        }
        match self.unmatched_count - self.unmatched.len() {
            0 => Ok(()),
            more => writeln!(f, "and {more} tuples more"),
        }
    }
}
