//! What can go wrong, and what to do about it.

use crate::snapshot::SnapshotError;
use playfair_types::limits::{STATE_PROOF_KEYS_MAX, VALUE_BYTES_MAX};
use playfair_types::state::StateKey;
use std::fmt;
use std::io;

/// Why an operation on the state did not happen. Nothing has changed when one is returned, unless the operation's
/// documentation says otherwise.
#[derive(Debug)]
#[non_exhaustive]
pub enum StateError {
    /// The store could not be read or written.
    Store(StoreError),
    /// The store's content contradicts itself: the file was damaged or written by something else.
    Damaged(&'static str),
    /// A value has more than 4,096 bytes.
    ValueTooLong {
        /// Whose value.
        key: StateKey,
        /// Its length, bytes.
        length: usize,
    },
    /// A note has more than [`crate::NOTE_BYTES_MAX`] bytes.
    NoteTooLong {
        /// Its length, bytes.
        length: usize,
    },
    /// The version was pruned or has not been made yet.
    UnknownVersion {
        /// The version asked for.
        version: u64,
        /// The newest version.
        newest: u64,
    },
    /// No retained version has this root.
    UnknownRoot,
    /// A proof shows 1 to 1,024 keys.
    ProofKeys {
        /// How many different keys were asked for.
        count: usize,
    },
    /// The proof would be longer than a state proof may be. Ask for fewer keys.
    ProofTooLong,
    /// A snapshot goes into an empty store only.
    NotEmpty,
    /// An import into this store was cut short.
    ImportUnfinished,
    /// The snapshot could not be written, or is not acceptable.
    Snapshot(SnapshotError),
}

/// Why a store could not be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process, or another part of this one, has the file open.
    InUse,
    /// The disk is full. What was flushed before is safe.
    NoSpace(io::Error),
    /// Reading or writing failed.
    Io(io::Error),
    /// An earlier failure closed the store; it must be opened again.
    Closed,
    /// The file is damaged.
    Damaged(String),
    /// The file is not a state store, or creating it was cut short.
    NotAStore,
    /// The store was written in a format that this program does not know.
    Format {
        /// The format found.
        found: u32,
        /// The format this program writes.
        known: u32,
    },
}

impl From<StoreError> for StateError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SnapshotError> for StateError {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}

/// What to do about a damaged store.
const REPLACE: &str = "delete the file and import a snapshot, or replay the tape into a new one";

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Damaged(what) => write!(f, "the state store is damaged ({what}): {REPLACE}"),
            Self::ValueTooLong { key, length } => write!(
                f,
                "a value of {length} bytes for {key:?}: values have at most {VALUE_BYTES_MAX} bytes"
            ),
            Self::NoteTooLong { length } => write!(
                f,
                "a note of {length} bytes: notes have at most {} bytes",
                crate::NOTE_BYTES_MAX
            ),
            Self::UnknownVersion { version, newest } if version > newest => {
                write!(
                    f,
                    "state version {version} does not exist yet; the newest is {newest}"
                )
            }
            Self::UnknownVersion { version, .. } => {
                write!(
                    f,
                    "state version {version} was pruned; pin versions that are still needed"
                )
            }
            Self::UnknownRoot => {
                f.write_str("no retained version has this state root; it was pruned or never made")
            }
            Self::ProofKeys { count } => write!(
                f,
                "a state proof of {count} keys: ask for 1 to {STATE_PROOF_KEYS_MAX}"
            ),
            Self::ProofTooLong => f.write_str("the state proof would be too long: ask for fewer keys"),
            Self::NotEmpty => {
                f.write_str("the store has a state already: import a snapshot into a new store")
            }
            Self::ImportUnfinished => {
                f.write_str("an import into this store did not finish: delete the file and import again")
            }
            Self::Snapshot(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Snapshot(error) => Some(error),
            _ => None,
        }
    }
}

impl StoreError {
    /// Whether the store's content is gone, and not only out of reach because the disk or somebody else stands in the way.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::NotAStore | Self::Format { .. })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str("the state store is open already: end the other process, or use another file"),
            Self::NoSpace(error) => write!(
                f,
                "no space for the state store: make room, then open it again; nothing flushed is lost ({error})"
            ),
            Self::Io(error) => write!(
                f,
                "the state store cannot be read or written: check the disk, then open it again ({error})"
            ),
            Self::Closed => f.write_str("the state store was closed by an earlier failure: open it again"),
            Self::Damaged(what) => write!(f, "the state store is damaged ({what}): {REPLACE}"),
            Self::NotAStore => f.write_str(
                "the file is not a state store: name another file, or delete it if its first start was cut short",
            ),
            Self::Format { found, known } => write!(
                f,
                "the state store has format {found}, this program knows {known}: use the program that wrote it to export a snapshot"
            ),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoSpace(error) | Self::Io(error) => Some(error),
            _ => None,
        }
    }
}
