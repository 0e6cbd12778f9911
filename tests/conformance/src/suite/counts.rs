//! The table of what passed and what was skipped.

use super::Reason;
use super::outcome::{Kind, Outcome, Step};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Passed directives by kind and skipped ones by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    passed: BTreeMap<Kind, u32>,
    refused: u32,
    moved: BTreeMap<Kind, u32>,
    skipped: BTreeMap<Reason, u32>,
}

impl Counts {
    /// Counts a file's directives. Failed ones are not in it.
    #[must_use]
    pub fn new(steps: &[Step]) -> Self {
        let mut counts = Self::default();
        for step in steps {
            match step.outcome {
                Outcome::Passed => *counts.passed.entry(step.kind).or_default() += 1,
                Outcome::Moved => {
                    *counts.passed.entry(step.kind).or_default() += 1;
                    *counts.moved.entry(step.kind).or_default() += 1;
                }
                Outcome::Refused => {
                    *counts.passed.entry(step.kind).or_default() += 1;
                    counts.refused += 1;
                }
                Outcome::Skipped(reason) => *counts.skipped.entry(reason).or_default() += 1,
                Outcome::Failed { .. } => {}
            }
        }
        counts
    }

    /// Directives of a kind that passed. Of them, [`Self::moved`] is a part, and of those that
    /// assert traps, [`Self::refused`] did not run.
    #[must_use]
    pub fn passed(&self, kind: Kind) -> u32 {
        self.passed.get(&kind).copied().unwrap_or(0)
    }

    /// Directives that assert that an instantiation traps, of modules that admission refuses for it.
    #[must_use]
    pub fn refused(&self) -> u32 {
        self.refused
    }

    /// Directives of a kind that passed with floats moved as integers; see [`Outcome::Moved`].
    #[must_use]
    pub fn moved(&self, kind: Kind) -> u32 {
        self.moved.get(&kind).copied().unwrap_or(0)
    }

    /// Directives skipped for a reason.
    #[must_use]
    pub fn skipped(&self, reason: Reason) -> u32 {
        self.skipped.get(&reason).copied().unwrap_or(0)
    }

    /// Adds another file's.
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.passed {
            *self.passed.entry(*kind).or_default() += count;
        }
        for (kind, count) in &other.moved {
            *self.moved.entry(*kind).or_default() += count;
        }
        self.refused += other.refused;
        for (reason, count) in &other.skipped {
            *self.skipped.entry(*reason).or_default() += count;
        }
    }
}

/// The table, with a line a file, a column for each kind that passed, for what of its traps admission refused, for what of its
/// returns and traps had floats moved as integers, and for each
/// reason of skipping, and sums.
#[must_use]
pub fn table(files: &[(String, Counts)]) -> String {
    let mut text = String::new();
    let none = Counts::default();
    let heads = cells(&none).map(|(head, _)| (head, head.to_owned()));
    line(&mut text, "file", heads);
    let mut sums = BTreeMap::<&str, Counts>::new();
    let mut row = |name: &str, counts: &Counts| {
        let counts = cells(counts).map(|(head, count)| (head, count.to_string()));
        line(&mut text, name, counts);
    };
    for (name, counts) in files {
        row(name, counts);
        let folder = name.split('/').next().unwrap_or(name);
        sums.entry(folder).or_default().add(counts);
        sums.entry("total").or_default().add(counts);
    }
    for (name, counts) in &sums {
        row(&format!("= {name}"), counts);
    }
    text
}

/// The columns, each with its head.
fn cells(counts: &Counts) -> impl Iterator<Item = (&'static str, u32)> + '_ {
    let kinds = Kind::COLUMNS.map(|kind| (kind.name(), counts.passed(kind)));
    let moved =
        [("m.return", Kind::Return), ("m.trap", Kind::Trap)].map(|(head, kind)| (head, counts.moved(kind)));
    let refused = ("refused", counts.refused());
    let reasons = Reason::ALL.map(|reason| (reason.name(), counts.skipped(reason)));
    kinds.into_iter().chain([refused]).chain(moved).chain(reasons)
}

fn line(text: &mut String, name: &str, cells: impl Iterator<Item = (&'static str, String)>) {
    let _ = write!(text, "{name:38}");
    for (head, cell) in cells {
        let width = head.len().max(6);
        let _ = write!(text, " {cell:>width$}");
    }
    text.push('\n');
}
