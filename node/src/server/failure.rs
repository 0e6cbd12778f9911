//! Why a node could not start: a sentence that says what to do, and an exit code for scripts.

use playfair_host::HostError;
use playfair_http::{IdentityError, ListenError};
use std::fmt;
use std::io::{self, ErrorKind};
use std::process::ExitCode;

/// What stopped the start. The numbers are the process's exit codes, and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something else.
    Other = 1,
    /// The configuration says something wrong.
    Config = 2,
    /// Another node runs on the data folder.
    FolderInUse = 3,
    /// An address or socket cannot be had.
    Listen = 4,
    /// The data folder's layout is of another version.
    Format = 5,
    /// A file cannot be read or written: no permission, no room, no disk.
    Storage = 6,
}

/// A start that failed.
#[derive(Debug)]
pub struct Failure {
    /// What kind of failure.
    pub kind: Kind,
    why: String,
}

impl Failure {
    pub(crate) fn new(kind: Kind, why: impl Into<String>) -> Self {
        Self {
            kind,
            why: why.into(),
        }
    }

    /// The process's exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Failure {}

/// What an operator can do about an error of the system.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            ": give it to the user that runs the node, or run the node as its owner"
        }
        ErrorKind::ReadOnlyFilesystem => {
            ": the disk is mounted for reading only, often after an error; look at the system's log"
        }
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ": make room on the disk, then start again; nothing is lost"
        }
        _ => "",
    }
}

impl From<HostError> for Failure {
    fn from(error: HostError) -> Self {
        let (kind, advice) = match &error {
            HostError::InUse(_) => (Kind::FolderInUse, ""),
            HostError::Format { .. } => (Kind::Format, ""),
            HostError::Io { source, .. } => (Kind::Storage, advice(source)),
            HostError::Damaged { .. } => (Kind::Storage, ""),
            _ => (Kind::Other, ""),
        };
        Self::new(kind, format!("{error}{advice}"))
    }
}

impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        let advice = match &error {
            ListenError::Address(_, source) => match source.kind() {
                ErrorKind::AddrInUse => ": another program listens there; stop it, or give another port",
                ErrorKind::AddrNotAvailable => ": this machine has no such address",
                ErrorKind::PermissionDenied => ": ports below 1024 want privileges; give another port",
                _ => "",
            },
            ListenError::Path(_, source) if source.kind() == ErrorKind::InvalidInput => {
                ": its path is too long for a socket; set admin.socket to a shorter one"
            }
            ListenError::Path(_, source) => advice(source),
            _ => "",
        };
        Self::new(Kind::Listen, format!("{error}{advice}"))
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        let advice = match &error {
            IdentityError::File(_, source) => advice(source),
            IdentityError::Refused(_) => {
                ": they must be DER (openssl x509 -outform der, openssl pkcs8 -topk8 -nocrypt -outform der) and belong together"
            }
            IdentityError::Exposed(_) => "",
        };
        Self::new(Kind::Config, format!("{error}{advice}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_comes_with_advice() {
        let io = |kind: ErrorKind| HostError::Io {
            path: "data".into(),
            source: kind.into(),
        };
        for (error, kind, word) in [
            (io(ErrorKind::PermissionDenied), Kind::Storage, "owner"),
            (io(ErrorKind::StorageFull), Kind::Storage, "make room"),
            (io(ErrorKind::ReadOnlyFilesystem), Kind::Storage, "reading only"),
            (
                HostError::InUse("data".into()),
                Kind::FolderInUse,
                "stop it first",
            ),
        ] {
            let failure = Failure::from(error);
            let text = failure.to_string();
            assert!(
                failure.kind == kind && text.contains(word) && text.contains("data"),
                "{text}"
            );
        }
        let long = ListenError::Path("long".into(), ErrorKind::InvalidInput.into());
        assert!(Failure::from(long).to_string().contains("admin.socket"));
    }
}
