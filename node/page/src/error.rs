//! Why a folder is no page.

use crate::folder::{BYTES_MAX, FILES_MAX};
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a folder is no page: what was found where, and what to do.
#[derive(Debug)]
pub enum PageError {
    /// Something cannot be read.
    Io(PathBuf, io::Error),
    /// There is no index.html.
    NoIndex(PathBuf),
    /// A name that is not plain.
    Name(PathBuf),
    /// The name of a path that is a service's.
    Taken(String),
    /// A link, a device or a socket.
    NoFile(PathBuf),
    /// Folders in folders in folders.
    Deep(PathBuf),
    /// Too many files.
    Many(PathBuf),
    /// Too many bytes.
    Large(PathBuf),
    /// An encoding without the file that it encodes.
    Alone(String),
    /// Files that are not what bundle.json says.
    Bundle(String),
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{} cannot be read: {error}", path.display()),
            Self::NoIndex(folder) => write!(
                f,
                "{} has no index.html, so it is no page: `cargo xtask web` builds one into target/web/page",
                folder.display()
            ),
            Self::Name(path) => write!(
                f,
                "{}: a page's file has a name of letters, digits, `.`, `-` and `_` that does not begin with `.`; take it out of the folder or rename it",
                path.display()
            ),
            Self::Taken(name) => write!(
                f,
                "a page can have no /{name}: that is where a service of the node is"
            ),
            Self::NoFile(path) => write!(
                f,
                "{} is neither a file nor a folder: links are not followed, so copy what it stands for",
                path.display()
            ),
            Self::Deep(folder) => write!(f, "{} lies too deep for a page's folder", folder.display()),
            Self::Many(folder) => write!(
                f,
                "{} has more than {FILES_MAX} files and folders, so it is hardly a page",
                folder.display()
            ),
            Self::Large(folder) => write!(
                f,
                "{} has more than {} MiB, so it is hardly a page",
                folder.display(),
                BYTES_MAX >> 20
            ),
            Self::Alone(path) => write!(
                f,
                "{path} is an encoding of a file that is not beside it: copy the page's folder whole"
            ),
            Self::Bundle(what) => write!(
                f,
                "the page is not what its bundle.json says: {what}; copy the page's folder again, whole, or build it again"
            ),
        }
    }
}

impl std::error::Error for PageError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            _ => None,
        }
    }
}
