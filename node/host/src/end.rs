//! Why a chain's serving ends, and whether it begins again by itself.

use playfair_machine::error::Fault;
use playfair_sequencer::Halt;

/// Why serving ended.
pub(crate) enum End {
    Stop,
    Archive,
    /// It is opened again at once.
    Reopen,
    Halt(Trouble),
}

/// What halts a chain.
pub(crate) struct Trouble {
    pub(crate) reason: String,
    /// Whether it is worth trying again without an operator.
    pub(crate) by_itself: bool,
    /// Whether state or history are not what was written.
    pub(crate) damage: bool,
    /// Whether kept proofs are not what was written.
    pub(crate) proofs_damage: bool,
    /// Whether somebody still has one of its files.
    pub(crate) in_use: bool,
}

impl Trouble {
    /// What may be over by itself.
    pub(crate) fn passing(reason: impl ToString) -> Self {
        Self {
            reason: reason.to_string(),
            by_itself: true,
            damage: false,
            proofs_damage: false,
            in_use: false,
        }
    }
}

impl From<Halt> for End {
    fn from(halt: Halt) -> Self {
        Self::Halt(Trouble {
            reason: halt.to_string(),
            // The engine giving up is a bug that somebody must look at: trying again would do the same.
            by_itself: !matches!(halt, Halt::Fault(Fault::Engine(_)) | Halt::Broken(_)),
            damage: halt.is_damage(),
            proofs_damage: false,
            in_use: false,
        })
    }
}
