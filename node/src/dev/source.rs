//! Where a development chain's module comes from, and when it is another one.

use crate::build;
use crate::table::hex;
use anyhow::{Context, Result, bail};
use playfair_admission::Admitted;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Files that are looked at, at most: a project's sources are fewer.
const FILES_MAX: usize = 10_000;

/// A cargo project, or a module that somebody else builds.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder with a Cargo.toml: built at the start, and again when a source has changed.
    Project(PathBuf),
    /// A .wasm file: read at the start, and again when it has changed.
    File(PathBuf),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Project(path) | Self::File(path)) = self;
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        path.display().fmt(f)
    }
}

/// A module, ready to be run.
pub(super) struct Module {
    pub(super) bytes: Vec<u8>,
    pub(super) admitted: Admitted,
    /// Where the bytes lie.
    pub(super) path: PathBuf,
}

impl Module {
    pub(super) fn hash(&self) -> String {
        hex(&self.admitted.hash.0)
    }
}

/// What files looked like: when each was written, and how long it was.
pub(super) type Look = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

impl Source {
    /// The project in this folder if there is one, else the chess module that came with this program.
    ///
    /// # Errors
    /// When there is neither.
    pub fn here() -> Result<Self> {
        let here = PathBuf::from(".");
        if here.join("Cargo.toml").is_file() {
            return Ok(Self::Project(here));
        }
        let chess = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts-wasm/chess");
        if chess.join("Cargo.toml").is_file() {
            return Ok(Self::Project(chess));
        }
        bail!("there is no project in this folder: go to one, or make one with `playfair new NAME`")
    }

    /// What a path names.
    ///
    /// # Errors
    /// When it is neither a project nor a file.
    pub fn at(path: PathBuf) -> Result<Self> {
        match path.extension() {
            _ if path.join("Cargo.toml").is_file() => Ok(Self::Project(path)),
            Some(end) if end == "wasm" => Ok(Self::File(path)),
            _ => bail!(
                "{} is neither a project, a folder with a Cargo.toml, nor a .wasm file",
                path.display()
            ),
        }
    }

    /// What a chain of it is called if nobody says otherwise: as the folder or file, in the letters that names may have.
    #[must_use]
    pub fn name(&self) -> String {
        let (Self::Project(path) | Self::File(path)) = self;
        let path = path.canonicalize().unwrap_or_else(|_| path.clone());
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
        let letters = stem.unwrap_or_default();
        let is_good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let name: String = letters
            .chars()
            .map(|letter| if is_good(letter) { letter } else { '-' })
            .skip_while(|letter| !letter.is_ascii_lowercase())
            .take(32)
            .collect();
        match name.is_empty() {
            true => "game".to_owned(),
            false => name,
        }
    }

    /// Builds or reads the module. What cargo says goes to standard error.
    pub(super) fn load(&self) -> Result<Module> {
        match self {
            Self::Project(project) => {
                let built = build::build(project)?;
                Ok(Module {
                    bytes: built.bytes,
                    admitted: built.admitted,
                    path: built.module,
                })
            }
            Self::File(path) => {
                let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
                Ok(Module {
                    admitted: build::admitted(&bytes, path)?,
                    bytes,
                    path: path.clone(),
                })
            }
        }
    }

    /// What its files look like now; what cannot be read is not there.
    pub(super) fn look(&self) -> Look {
        let mut look = Look::new();
        match self {
            Self::Project(project) => see(project, &mut look),
            Self::File(path) => note(path, &mut look),
        }
        look
    }
}

fn note(path: &Path, look: &mut Look) {
    if let Ok(about) = fs::metadata(path)
        && look.len() < FILES_MAX
    {
        look.insert(path.to_owned(), (about.modified().ok(), about.len()));
    }
}

/// Rust's and cargo's files below a folder, without what cargo makes and what is hidden.
fn see(folder: &Path, look: &mut Look) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        // A link to a folder above would never end.
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            let is_output = name == "target" || path.join("lock").is_file();
            if !name.starts_with('.') && !is_output && look.len() < FILES_MAX {
                see(&path, look);
            }
        } else if name.ends_with(".rs") || name.ends_with(".toml") || name == "Cargo.lock" {
            note(&path, look);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen_and_what_is_no_source_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("My_game 2");
        fs::create_dir_all(path.join("src/deep")).unwrap();
        fs::write(path.join("Cargo.toml"), "").unwrap();
        let source = Source::at(path.clone()).unwrap();
        assert_eq!(source.name(), "my-game-2");
        let mut before = source.look();
        for file in ["src/lib.rs", "src/deep/a.rs", "Cargo.toml"] {
            fs::write(path.join(file), "longer than before").unwrap();
            let now = source.look();
            assert_ne!(before, now, "{file}");
            before = now;
        }
        for file in ["target/a.rs", ".git/b.rs", "notes.txt", "data/keys/c.rs"] {
            fs::create_dir_all(path.join(file).parent().unwrap()).unwrap();
            fs::write(path.join("data/lock"), "").unwrap_or_default();
            fs::write(path.join(file), "new").unwrap();
            assert_eq!(before, source.look(), "{file}");
        }
        fs::remove_file(path.join("src/lib.rs")).unwrap();
        assert_ne!(before, source.look());
        assert!(Source::at(path.join("src")).is_err());
        let file = Source::at(temp.path().join("a.wasm")).unwrap();
        assert!(file.look().is_empty() && file.load().is_err());
        assert_eq!(file.name(), "a");
        assert_eq!(Source::File(temp.path().join("12")).name(), "game");
    }
}
