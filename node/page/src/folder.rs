//! Reading a folder: all of it, within bounds, and nothing that is not in it.

use crate::error::PageError;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Files and folders of a page at most, encodings counted.
pub const FILES_MAX: usize = 256;
/// Bytes of all of them.
pub(crate) const BYTES_MAX: u64 = 32 << 20;
/// Folders in folders.
const DEPTH_MAX: usize = 8;
/// Letters of a name.
const NAME_MAX: usize = 128;
/// Where services of the node are.
const TAKEN: [&str; 3] = ["v1", "admin", "metrics"];

/// Files by their paths, `/` between the names.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What a path is an encoding of.
pub(crate) fn encoded(path: &str) -> Option<&str> {
    path.strip_suffix(".br").or_else(|| path.strip_suffix(".gz"))
}

pub(crate) fn read(folder: &Path) -> Result<Files, PageError> {
    let mut reader = Reader {
        root: folder,
        files: Files::new(),
        entries: 0,
        bytes_left: BYTES_MAX,
    };
    reader.walk(folder, "", 0)?;
    if !reader.files.contains_key("index.html") {
        return Err(PageError::NoIndex(folder.to_owned()));
    }
    Ok(reader.files)
}

struct Reader<'a> {
    root: &'a Path,
    files: Files,
    entries: usize,
    bytes_left: u64,
}

impl Reader<'_> {
    /// Takes what is in a folder. `prefix` is its own path, with a `/` at the end.
    fn walk(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), PageError> {
        let failed = |error| PageError::Io(folder.to_owned(), error);
        if depth > DEPTH_MAX {
            return Err(PageError::Deep(folder.to_owned()));
        }
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            self.entries += 1;
            if self.entries > FILES_MAX {
                return Err(PageError::Many(self.root.to_owned()));
            }
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| is_plain(name)) else {
                return Err(PageError::Name(path));
            };
            if prefix.is_empty() && TAKEN.contains(&name) {
                return Err(PageError::Taken(name.to_owned()));
            }
            // Of the entry itself: what a link leads to is not asked.
            let kind = entry.file_type().map_err(failed)?;
            let at = format!("{prefix}{name}");
            if kind.is_dir() {
                self.walk(&path, &format!("{at}/"), depth + 1)?;
            } else if kind.is_file() {
                let bytes = self.take(&path)?;
                self.files.insert(at, bytes);
            } else {
                return Err(PageError::NoFile(path));
            }
        }
        Ok(())
    }

    fn take(&mut self, path: &Path) -> Result<Vec<u8>, PageError> {
        let failed = |error| PageError::Io(path.to_owned(), error);
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(failed)?;
        // It may grow while it is read.
        file.take(self.bytes_left + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        match self.bytes_left.checked_sub(bytes.len() as u64) {
            Some(left) => self.bytes_left = left,
            None => return Err(PageError::Large(self.root.to_owned())),
        }
        Ok(bytes)
    }
}

/// A name that means itself in a path, a route and a header.
fn is_plain(name: &str) -> bool {
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && name.len() <= NAME_MAX && !name.starts_with('.') && name.bytes().all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_mean_themselves() {
        for name in [
            "index.html",
            "a",
            "page_bg.wasm",
            "assets-0123",
            "x..y",
            &"n".repeat(NAME_MAX),
        ] {
            assert!(is_plain(name), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            ".git",
            "a b",
            "a%2fb",
            "{x}",
            "a\0",
            "ä",
            "a\\b",
            "a?b",
            &"n".repeat(NAME_MAX + 1),
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn what_a_path_encodes() {
        assert_eq!(encoded("a/b.js.br"), Some("a/b.js"));
        assert_eq!(encoded("a/b.js.gz"), Some("a/b.js"));
        assert_eq!(encoded("a/b.js"), None);
    }
}
