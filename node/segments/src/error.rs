//! Why a history could not be cut.

use crate::modules::ModuleError;
use playfair_machine::error::{Broken, Fault};
use playfair_proofs_prover::module::Error as ProverError;
use playfair_state::StateError;
use playfair_types::codec::DecodeError;
use std::fmt;

/// Why a history could not be cut further. No job that came before is touched by it.
#[derive(Debug)]
pub enum Error {
    /// This is not the block that comes next.
    Order {
        /// The height that comes next.
        expected: u64,
        /// The block's height.
        found: u64,
    },
    /// The block is another chain's, or does not follow the one before.
    Chain {
        /// Its height.
        height: u64,
    },
    /// The view is not of the state before the block.
    View {
        /// The block's height.
        height: u64,
    },
    /// A record breaks the tape: the block is damaged, or was never the chain's.
    Broken {
        /// The block's height.
        height: u64,
        /// The record, counted from 0.
        record: u32,
        /// Why.
        broken: Broken,
    },
    /// Executed again, the block comes to another end than its header says: damage, or a bug.
    Differs {
        /// The block's height.
        height: u64,
        /// What is different.
        what: &'static str,
    },
    /// The history does not pass the boundary from which it was to go on.
    NoSuchCut {
        /// The height of the block in which the boundary was looked for.
        height: u64,
    },
    /// The machine's surroundings failed.
    Fault(Fault),
    /// The state could not be read.
    State(StateError),
    /// A module is not there, or cannot be linked.
    Module(ModuleError),
    /// No shape holds this record, or it has no trace at all: the chain's proofs end before it.
    NoProof {
        /// The block's height.
        height: u64,
        /// The record, counted from 0.
        record: u32,
        /// What the prover says to it; nothing if it is too long for every shape.
        error: Option<Box<ProverError>>,
    },
    /// The prover refuses for a reason that has nothing to do with the records.
    Prover(Box<ProverError>),
    /// A job cannot be written down.
    Job(DecodeError),
    /// An earlier error: make another segmenter, from the last position.
    Stopped,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order { expected, found } => {
                write!(f, "block {expected} comes next, and this is block {found}")
            }
            Self::Chain { height } => write!(f, "block {height} does not follow the block before"),
            Self::View { height } => {
                write!(
                    f,
                    "the view is not of the state before block {height}: replay to it"
                )
            }
            Self::Broken {
                height,
                record,
                broken,
            } => write!(f, "record {record} of block {height} breaks the tape: {broken}"),
            Self::Differs { height, what } => write!(
                f,
                "block {height}, executed again, has another {what} than its header says: it is damaged, or this build has a bug"
            ),
            Self::NoSuchCut { height } => write!(
                f,
                "block {height} does not pass the boundary of the last proof: cut the history again from genesis"
            ),
            Self::Fault(fault) => fault.fmt(f),
            Self::State(error) => error.fmt(f),
            Self::Module(error) => error.fmt(f),
            Self::NoProof {
                height,
                record,
                error,
            } => {
                write!(f, "record {record} of block {height} has no proof: ")?;
                match error {
                    Some(error) => error.fmt(f),
                    None => f.write_str("it is longer than every shape"),
                }
            }
            Self::Prover(error) => error.fmt(f),
            Self::Job(error) => write!(f, "a job cannot be written down: {error}"),
            Self::Stopped => f.write_str("an earlier error stopped the cutting: begin again where it stood"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<ModuleError> for Error {
    fn from(error: ModuleError) -> Self {
        Self::Module(error)
    }
}
