//! What can be wrong with a base.

use playfair_state::{SnapshotError, StateError, StoreError};
use std::fmt;
use std::io::{self, ErrorKind};

/// Why a base could not be written or read.
#[derive(Debug)]
#[non_exhaustive]
pub enum BaseError {
    /// The disk is full.
    NoSpace(io::Error),
    /// The disk failed, or the writing was ended early.
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The file is not what was written, or is none of this chain's.
    Damaged {
        /// The height in its name.
        height: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The state in it is not the one that its header says.
    Snapshot {
        /// The height in its name.
        height: u64,
        /// What is wrong with it.
        source: SnapshotError,
    },
    /// It has a format that this program does not know.
    Format {
        /// The format found.
        found: u32,
    },
    /// The state that it was to be made of, or into, failed.
    State(StateError),
}

impl BaseError {
    pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::NoSpace(source)
            }
            _ => Self::Io { doing, source },
        }
    }

    /// The error of a file that could not be read.
    pub(super) fn read(height: u64) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            ErrorKind::UnexpectedEof => Self::Damaged {
                height,
                what: "it ends too early",
            },
            _ => Self::Io {
                doing: "be read",
                source,
            },
        }
    }

    pub(super) fn of_state(height: u64) -> impl FnOnce(StateError) -> Self {
        move |error| match error {
            StateError::Snapshot(SnapshotError::Io(source)) => Self::io("be read or written")(source),
            StateError::Snapshot(source) => Self::Snapshot { height, source },
            StateError::Store(StoreError::NoSpace(source)) => Self::NoSpace(source),
            error => Self::State(error),
        }
    }

    /// Whether the file is not what was written.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::Snapshot { .. })
    }
}

impl fmt::Display for BaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSpace(error) => write!(f, "no room for a base ({error})"),
            Self::Io { doing, source } => write!(f, "a base could not {doing}: {source}"),
            Self::Damaged { height, what } => write!(f, "the base of block {height} is damaged ({what})"),
            Self::Snapshot { height, source } => {
                write!(f, "the base of block {height} is damaged ({source})")
            }
            Self::Format { found } => write!(
                f,
                "a base has format {found}, this program knows {}: use the program that wrote it",
                super::FORMAT
            ),
            Self::State(error) => write!(f, "the state of a base failed: {error}"),
        }
    }
}

impl std::error::Error for BaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoSpace(source) | Self::Io { source, .. } => Some(source),
            Self::Snapshot { source, .. } => Some(source),
            Self::State(source) => Some(source),
            Self::Damaged { .. } | Self::Format { .. } => None,
        }
    }
}
