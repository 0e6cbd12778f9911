//! What operators are told.

use playfair_sequencer::OpenError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why something could not be done to a node's chains.
#[derive(Debug)]
#[non_exhaustive]
pub enum HostError {
    /// A file or folder could not be read or written.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another node runs on this folder.
    InUse(PathBuf),
    /// The folder's layout is of another version.
    Format {
        /// The version found.
        found: String,
        /// The version that this program writes.
        known: u32,
    },
    /// A file of the node's own does not say what it should.
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A module that no chain would admit, or that has no proof.
    Module(String),
    /// No module of this hash is there.
    UnknownModule(String),
    /// There is no such chain.
    UnknownChain(String),
    /// There is such a chain already.
    Exists(String),
    /// A name that chains cannot have.
    Name(String),
    /// The chain cannot be what was asked of it now.
    Status(&'static str),
    /// The chain could not be made.
    Open(OpenError),
    /// A snapshot cannot be written, or not be restored.
    Snapshot(String),
    /// The node has as many chains as it may have.
    Full(usize),
}

impl HostError {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Self::InUse(path) => write!(
                f,
                "another node runs on {}: stop it first, or name another folder",
                path.display()
            ),
            Self::Format { found, known } => write!(
                f,
                "the data folder has format {found}, this program knows {known}: run the version that wrote it"
            ),
            Self::Damaged { path, what } => {
                write!(f, "{}: {what}: restore it from a backup", path.display())
            }
            Self::Module(why) => write!(f, "the module cannot be a chain's: {why}"),
            Self::UnknownModule(hash) => write!(f, "there is no module {hash} here: add it first"),
            Self::UnknownChain(name) => write!(f, "there is no chain {name} here"),
            Self::Exists(name) => write!(f, "there is a chain {name} already"),
            Self::Name(name) => write!(
                f,
                "{name:?} is no name for a chain: use 1 to 32 of a to z, 0 to 9 and -, beginning with a letter"
            ),
            Self::Status(why) => f.write_str(why),
            Self::Open(error) => write!(f, "the chain could not be made: {error}"),
            Self::Snapshot(why) => write!(f, "the snapshot: {why}"),
            Self::Full(most) => write!(f, "the node has {most} chains, no more may be made"),
        }
    }
}

impl std::error::Error for HostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Open(source) => Some(source),
            _ => None,
        }
    }
}
