//! Why a chain could not be opened.

use crate::answer::{Halt, history_may_be_damaged, state_may_be_damaged};
use playfair_runtime::chain::ChainError;
use playfair_state::StateError;
use playfair_storage::base::BaseError;
use playfair_storage::history::HistoryError;
use playfair_storage::log::LogError;
use std::fmt;
use std::io;

/// Why a chain could not be opened. Nothing was lost that was not lost before.
#[derive(Debug)]
pub enum OpenError {
    /// The log's damage has no copy, or the disk failed.
    Log(LogError),
    /// The history cannot be opened or made.
    History(HistoryError),
    /// The state cannot be opened or made.
    State(StateError),
    /// A base cannot be read or set aside.
    Base(BaseError),
    /// A base has no certificate of the chain's committee.
    Uncertified {
        /// Its height.
        height: u64,
    },
    /// State or history are to be made again, and there is no base to begin with.
    Pruned {
        /// The first block that is there.
        first: u64,
    },
    /// A file cannot be opened, or set aside.
    Disk {
        /// Its name.
        file: &'static str,
        /// Why.
        source: io::Error,
    },
    /// State or history have sealed blocks that the log does not have.
    Lost {
        /// The first one.
        height: u64,
    },
    /// A block comes to another digest than the one that was certified.
    Diverged {
        /// Its height.
        height: u64,
    },
    /// The log's first record is another genesis.
    OtherGenesis,
    /// Executing the log failed.
    Halt(Halt),
}

impl OpenError {
    /// Whether damage of what can be made again may be behind it, as far as the error tells.
    pub(super) fn may_be_damage(&self) -> bool {
        match self {
            Self::Diverged { .. } => true,
            Self::History(error) => history_may_be_damaged(error),
            Self::State(error) => state_may_be_damaged(error),
            Self::Halt(halt) => halt.is_damage(),
            _ => false,
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::History(error) => error.fmt(f),
            Self::State(error) => error.fmt(f),
            Self::Base(error) => error.fmt(f),
            Self::Uncertified { height } => write!(
                f,
                "the base of block {height} is not certified by this chain's committee: put committee.key or the .base file back where it belongs"
            ),
            Self::Pruned { first } => write!(
                f,
                "blocks below {first} were pruned, and no base is left to begin with: restore the .base files from a backup, or the chain from a snapshot"
            ),
            Self::Disk { file, source } => write!(f, "{file}: {source}"),
            Self::Lost { height } => write!(
                f,
                "block {height} was sealed, and the tape log does not have it any more: restore the .tape files from a backup"
            ),
            Self::Diverged { height } => write!(
                f,
                "block {height} comes to another result than was certified: run the version that wrote it, or restore the .tape files"
            ),
            Self::OtherGenesis => {
                f.write_str("the tape log begins with another genesis record than this chain's")
            }
            Self::Halt(halt) => halt.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Log(source) => Some(source),
            Self::History(source) => Some(source),
            Self::State(source) => Some(source),
            Self::Base(source) => Some(source),
            Self::Disk { source, .. } => Some(source),
            Self::Halt(source) => Some(source),
            Self::Uncertified { .. }
            | Self::Pruned { .. }
            | Self::Lost { .. }
            | Self::Diverged { .. }
            | Self::OtherGenesis => None,
        }
    }
}

impl From<LogError> for OpenError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<BaseError> for OpenError {
    fn from(error: BaseError) -> Self {
        match error {
            BaseError::State(error) => Self::State(error),
            error => Self::Base(error),
        }
    }
}

impl From<HistoryError> for OpenError {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl From<StateError> for OpenError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<Halt> for OpenError {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<ChainError> for OpenError {
    fn from(error: ChainError) -> Self {
        Self::Halt(error.into())
    }
}
