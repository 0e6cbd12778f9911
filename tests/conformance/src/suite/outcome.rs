//! What became of each directive.

use super::Reason;

/// What a directive asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A module is accepted and instantiated.
    Module,
    /// A call returns these values, or a global has this one.
    Return,
    /// A call or an instantiation traps with this message.
    Trap,
    /// A call ends for want of stack.
    Exhaustion,
    /// A call whose result nothing says.
    Action,
    /// A module that does not validate is refused.
    Invalid,
    /// Bytes that do not decode are refused.
    Malformed,
    /// A module does not find its imports.
    Unlinkable,
}

impl Kind {
    /// Kinds that can pass, in the order of their columns.
    pub const COLUMNS: [Self; 8] = [
        Self::Module,
        Self::Return,
        Self::Trap,
        Self::Exhaustion,
        Self::Action,
        Self::Invalid,
        Self::Malformed,
        Self::Unlinkable,
    ];

    /// Whether it is about a module that must be refused.
    #[must_use]
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Invalid | Self::Malformed)
    }

    /// The head of its column.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Module => "module",
            Self::Return => "return",
            Self::Trap => "trap",
            Self::Exhaustion => "exhaust",
            Self::Action => "action",
            Self::Invalid => "invalid",
            Self::Malformed => "malform",
            Self::Unlinkable => "unlink",
        }
    }
}

/// What became of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As the suite says.
    Passed,
    /// The suite says that a segment which does not fit traps; admission refuses the module for that segment. It passes if
    /// the plain module traps.
    Refused,
    /// As the suite says, but functions ran whose floats, which they only move, are integers of the same bits. A later
    /// directive that reads what they left in memory (six of `float_memory`) is not marked.
    Moved,
    /// Not run.
    Skipped(Reason),
    /// Otherwise than the suite says: what the suite says and what there was instead.
    Failed {
        /// The suite's word.
        expected: String,
        /// What happened.
        actual: String,
        /// Whether a directive of the same instance was skipped before, whose effects may be missing.
        stale: bool,
    },
}

impl Outcome {
    /// The same, noting whether effects of skipped directives may be missing.
    pub(super) fn stale(mut self, missing: bool) -> Self {
        if let Self::Failed { stale, .. } = &mut self {
            *stale = missing;
        }
        self
    }
}

/// One directive that was run or skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Line of the file, from 1.
    pub line: usize,
    /// What it asks for.
    pub kind: Kind,
    /// What became of it.
    pub outcome: Outcome,
}

/// One file's directives, run three ways: plain, plain with admission's limit of memory, and through admission.
///
/// Where the plain run already differs from the suite for a directive that was skipped before, the other two must
/// differ in the same way ([`Reason::State`]); where the limit of memory alone makes a difference, admission must make
/// the same ([`Reason::MemoryLimit`]). What admission refuses for a segment must trap in the plain run. A module that is not invalid any more is skipped as [`Reason::LaterVersion`].
///
/// # Panics
/// If the three are not runs of one file.
#[must_use]
pub fn merge(plain: &[Step], limited: &[Step], admitted: &[Step]) -> Vec<Step> {
    assert_eq!((plain.len(), limited.len()), (admitted.len(), admitted.len()));
    let steps = plain.iter().zip(limited).zip(admitted);
    steps
        .map(|((plain, limited), admitted)| Step {
            outcome: merged(plain.kind, &plain.outcome, &limited.outcome, &admitted.outcome),
            ..admitted.clone()
        })
        .collect()
}

fn merged(kind: Kind, plain: &Outcome, limited: &Outcome, admitted: &Outcome) -> Outcome {
    match (plain, admitted) {
        (Outcome::Failed { .. }, Outcome::Failed { .. }) if kind.is_refusal() => {
            Outcome::Skipped(Reason::LaterVersion)
        }
        (Outcome::Failed { .. }, _) if kind.is_refusal() => admitted.clone(),
        (Outcome::Failed { stale: true, .. }, _) if admitted == plain => Outcome::Skipped(Reason::State),
        (Outcome::Failed { stale: true, .. }, Outcome::Skipped(_)) => admitted.clone(),
        // The rewritten module is not the suite's any more: a fault of this crate.
        (Outcome::Failed { .. }, _) => plain.clone(),
        (Outcome::Passed, Outcome::Refused) => Outcome::Refused,
        (_, Outcome::Refused) => Outcome::Failed {
            expected: "what the plain module does".to_owned(),
            actual: "admission refuses it".to_owned(),
            stale: false,
        },
        (_, Outcome::Failed { .. }) if admitted == limited => Outcome::Skipped(Reason::MemoryLimit),
        _ => admitted.clone(),
    }
}
