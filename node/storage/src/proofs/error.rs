//! What can be wrong with kept proofs. None of it loses anything but time.

use playfair_state::StoreError;
use std::fmt;

/// Why proofs could not be opened, read or kept.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProofsError {
    /// The store failed.
    Store(StoreError),
    /// A proof is not what was written.
    Damaged {
        /// Where it begins.
        first_frame: u64,
    },
    /// They are another chain's, or of another format.
    Other(&'static str),
    /// A proof that has no place here.
    Order(&'static str),
}

impl ProofsError {
    /// Whether what was kept is gone, and not only out of reach.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Store(error) => error.is_damage(),
            Self::Damaged { .. } | Self::Other(_) => true,
            Self::Order(_) => false,
        }
    }
}

impl From<StoreError> for ProofsError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for ProofsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(StoreError::NoSpace(error)) => write!(f, "no room for proofs ({error})"),
            Self::Store(error) => write!(f, "the proofs' store failed: {error}"),
            Self::Damaged { first_frame } => {
                write!(f, "the proof that begins at frame {first_frame} is damaged")
            }
            Self::Other(what) => write!(f, "proofs.redb is not this chain's ({what})"),
            Self::Order(what) => write!(f, "the proof has no place in the archive: {what}"),
        }
    }
}

impl std::error::Error for ProofsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
