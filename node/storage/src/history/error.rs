//! What can be wrong with a history. All of it is mended by making the history again from the tape log.

use playfair_state::StoreError;
use std::fmt;

/// Why the history could not be opened, read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum HistoryError {
    /// The store failed.
    Store(StoreError),
    /// A block is not what was written.
    Damaged {
        /// Its height.
        height: u64,
    },
    /// It is another chain's, or of another format.
    Other(&'static str),
    /// A block that is not the next.
    Gap {
        /// The height of the next block.
        expected: u64,
        /// The block's height.
        found: u64,
    },
}

impl From<StoreError> for HistoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(StoreError::NoSpace(error)) => write!(f, "no room for the history ({error})"),
            Self::Store(StoreError::Damaged(what)) => write!(f, "the history is damaged ({what})"),
            Self::Store(error) => write!(f, "the history's store failed: {error}"),
            Self::Damaged { height } => write!(f, "block {height} of the history is damaged"),
            Self::Other(what) => write!(
                f,
                "history.redb is not this chain's ({what}): put it back where it belongs; without it, it is made again"
            ),
            Self::Gap { expected, found } => {
                write!(
                    f,
                    "block {found} was to be added to a history that goes on with {expected}"
                )
            }
        }
    }
}

impl std::error::Error for HistoryError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
