//! What was checked: the evidence behind a rung, for the page's details and the command line.

use crate::platform::Platform;

/// What kind of check it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A committee's signature over a block's digest.
    Certificate,
    /// That blocks name each other as parents.
    Links,
    /// That a record or receipt lies in a block.
    Inclusion,
    /// That a receipt is a record's, and says what it is said to say.
    Receipt,
    /// That values are, or are not, in the state of a root.
    State,
    /// That a key belongs to the set that the chain names.
    Key,
    /// Validity proofs.
    Proof,
    /// That a segment's receipts lead from one proven place to the next.
    Receipts,
    /// That a certified header is the proven history's.
    Agreement,
}

impl Kind {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Links => "parent links",
            Self::Inclusion => "inclusion",
            Self::Receipt => "receipt",
            Self::State => "state proof",
            Self::Key => "verifying key",
            Self::Proof => "validity proof",
            Self::Receipts => "proven receipts",
            Self::Agreement => "agreement",
        }
    }
}

/// One check that held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What kind it was.
    pub kind: Kind,
    /// What was checked.
    pub what: String,
    /// Against what.
    pub against: String,
    /// How long it took, microseconds.
    pub micros: u64,
}

/// Checks that are remembered until somebody takes them.
const CHECKS_MAX: usize = 1024;

/// Checks in the order in which they were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checks(pub Vec<Check>);

impl Checks {
    /// Makes a check, and notes it if it held.
    pub(crate) fn make<P: Platform, T, E>(
        &mut self,
        platform: &P,
        kind: Kind,
        check: impl FnOnce() -> Result<T, E>,
        says: impl FnOnce(&T) -> (String, String),
    ) -> Result<T, E> {
        let begin = platform.micros();
        let held = check()?;
        let micros = platform.micros().saturating_sub(begin);
        let (what, against) = says(&held);
        if self.0.len() >= CHECKS_MAX {
            // Nobody looks at them.
            self.0.clear();
        }
        self.0.push(Check {
            kind,
            what,
            against,
            micros,
        });
        Ok(held)
    }

    /// How long all of them took, microseconds.
    #[must_use]
    pub fn micros(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |sum, check| sum.saturating_add(check.micros))
    }
}
