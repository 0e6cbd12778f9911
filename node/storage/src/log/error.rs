//! What can be wrong with a log, and what to do about it.

use std::fmt;
use std::io;

/// Why the log could not be opened, read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogError {
    /// The disk is full. Every sealed block is safe.
    NoSpace(io::Error),
    /// The disk failed.
    Io {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// An earlier error left the log in doubt.
    Poisoned,
    /// The file's header is damaged.
    NotALog {
        /// Its first height, by its name.
        first: u64,
    },
    /// The file is another chain's, or has another name than it was given.
    OtherChain {
        /// Its first height, by its name.
        first: u64,
    },
    /// The file was being made when the power went; it never held anything.
    Unfinished {
        /// Its first height, by its name.
        first: u64,
    },
    /// The file has a format that this program does not know.
    Format {
        /// The format found.
        found: u32,
    },
    /// A block that was safe is not what was written.
    Damaged {
        /// The block's height.
        height: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file of blocks is not there.
    Missing {
        /// The first height that is missing.
        height: u64,
    },
    /// The block was removed by pruning.
    Pruned {
        /// The first height that is there.
        first: u64,
    },
    /// The block is larger than a log takes.
    TooLarge {
        /// Its length, bytes.
        bytes: usize,
    },
}

impl LogError {
    /// The error of a disk that failed while `doing` something.
    pub(crate) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::NoSpace(source)
            }
            _ => Self::Io { doing, source },
        }
    }

    /// Whether blocks that were safe are gone or changed.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Damaged { .. } | Self::Missing { .. } | Self::NotALog { .. }
        )
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSpace(error) => write!(
                f,
                "the disk is full ({error}): make room; sealed blocks are safe, and the chain goes on when it is opened again"
            ),
            Self::Io { doing, source } => write!(f, "the tape log could not {doing}: {source}"),
            Self::Poisoned => {
                f.write_str("an earlier error left the tape log in doubt: open the chain again")
            }
            Self::NotALog { first } => write!(
                f,
                "the tape file that starts at height {first} has a damaged header: restore it from a backup"
            ),
            Self::OtherChain { first } => write!(
                f,
                "the tape file named for height {first} is another chain's, or another height's: put it back where it belongs"
            ),
            Self::Unfinished { first } => {
                write!(
                    f,
                    "the tape file that starts at height {first} was never finished"
                )
            }
            Self::Format { found } => {
                write!(
                    f,
                    "the tape log has format {found}, this program knows {}: use the program that wrote it",
                    super::file::FORMAT
                )
            }
            Self::Damaged { height, what } => write!(
                f,
                "block {height} of the tape log is damaged ({what}): restore its file from a backup"
            ),
            Self::Missing { height } => {
                write!(
                    f,
                    "the tape log has no block {height}: restore the missing file from a backup"
                )
            }
            Self::Pruned { first } => write!(f, "blocks below {first} were pruned"),
            Self::TooLarge { bytes } => write!(
                f,
                "a block of {bytes} bytes: the tape log takes at most {}",
                super::BODY_BYTES_MAX
            ),
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoSpace(source) | Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
