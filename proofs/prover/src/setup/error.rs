//! Why there are no parameters.

use super::K_RANGE;
use super::ptau::PtauError;
use super::structure::StructureError;
use playfair_proofs_verifier::Error as Refusal;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why there are no parameters.
#[derive(Debug)]
pub enum SetupError {
    /// The size is outside [`K_RANGE`].
    Size(u32),
    /// A file or folder cannot be used.
    File(PathBuf, io::Error),
    /// A file is not what was written.
    Damaged(PathBuf),
    /// The powers-of-tau file is malformed.
    Ptau(PathBuf, PtauError),
    /// Points are no setup.
    Structure(PathBuf, StructureError),
    /// `[s]` in this file is refused, or not the pinned one.
    Point(PathBuf, Refusal),
    /// The folder holds no imported setup.
    NoSetup(PathBuf),
    /// The folder holds another ceremony's setup.
    OtherCeremony(PathBuf),
    /// The folder was not prepared for this size.
    Unprepared(PathBuf, u32),
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(k) => write!(
                f,
                "no setup for k = {k}: k is {} to {}",
                K_RANGE.start(),
                K_RANGE.end()
            ),
            Self::File(path, error) => write!(
                f,
                "the setup's file or folder {} cannot be used: {error}; mend it, or give another folder",
                path.display()
            ),
            Self::Damaged(path) => write!(
                f,
                "{} is damaged: remove it and import the setup again",
                path.display()
            ),
            Self::Ptau(path, error) => write!(f, "{} {error}", path.display()),
            Self::Structure(path, error) => write!(
                f,
                "{} is no setup: {error}; take it from another source and compare its hash with the published one",
                path.display()
            ),
            Self::Point(path, error) => write!(f, "{}: {error}", path.display()),
            Self::NoSetup(path) => write!(
                f,
                "{} is not there: import a powers-of-tau file into this folder",
                path.display()
            ),
            Self::OtherCeremony(path) => write!(
                f,
                "{} holds the setup of another ceremony: give another folder",
                path.display()
            ),
            Self::Unprepared(path, k) => write!(
                f,
                "{} is not prepared for k = {k}: import the powers-of-tau file again for that size",
                path.display()
            ),
        }
    }
}

impl std::error::Error for SetupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, error) => Some(error),
            _ => None,
        }
    }
}
