//! Where things are: the checkout, the cache outside it, and the target folder.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Doing, Result, failure};
use crate::process::Process;

/// The checkout and the folders that belong to it.
pub(crate) struct Repo {
    pub(crate) root: PathBuf,
    /// `$XDG_CACHE_HOME/playfair`, else `$HOME/.cache/playfair`: tools, peers, CI's target folder.
    pub(crate) cache: PathBuf,
}

impl Repo {
    /// The checkout that holds the current folder, or the one cargo runs us from.
    pub(crate) fn locate() -> Result<Self> {
        let start = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(manifest_dir) => PathBuf::from(manifest_dir),
            None => env::current_dir().doing("find the current folder")?,
        };
        let is_root =
            |dir: &&Path| dir.join("xtask/Cargo.toml").is_file() && dir.join("Cargo.toml").is_file();
        let Some(root) = start.ancestors().find(is_root) else {
            return Err(failure!(
                "this is not a Playfair checkout: run `cargo xtask` inside the repository"
            ));
        };
        let cache = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
            (Some(cache), _) if !cache.is_empty() => PathBuf::from(cache),
            (_, Some(home)) if !home.is_empty() => PathBuf::from(home).join(".cache"),
            _ => {
                return Err(failure!(
                    "set HOME or XDG_CACHE_HOME: tools and npm packages are kept there"
                ));
            }
        };
        Ok(Self {
            root: root.to_owned(),
            cache: cache.join("playfair"),
        })
    }

    /// A cargo command in the checkout, building into [`Repo::target`].
    pub(crate) fn cargo(&self) -> Process {
        Process::cargo(&self.root).env("CARGO_TARGET_DIR", self.target())
    }

    /// Build outputs: `CARGO_TARGET_DIR`, else the cache when CI runs us, else `target/`.
    pub(crate) fn target(&self) -> PathBuf {
        match (env::var_os("CARGO_TARGET_DIR"), env::var_os("CI")) {
            (Some(target), _) if !target.is_empty() => self.root.join(target),
            (_, Some(_)) => self.cache.join("target"),
            _ => self.root.join("target"),
        }
    }

    /// Every file that is or could be committed, relative to the root and sorted.
    ///
    /// Git knows best; an exported tree without `.git` is walked instead.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        if self.root.join(".git").exists() {
            let listing = Process::new("git", &self.root)
                .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
                .capture()?;
            let names = listing
                .split('\0')
                .filter(|name| !name.is_empty())
                .map(PathBuf::from);
            // A file that was deleted and not yet committed is still listed.
            files.extend(names.filter(|name| self.root.join(name).is_file()));
        } else {
            walk(&self.root, Path::new(""), &mut files)?;
        }
        files.sort();
        files.dedup();
        Ok(files)
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let listing = fs::read_dir(root.join(folder)).doing(format_args!("list {}", folder.display()))?;
    for entry in listing {
        let entry = entry.doing(format_args!("list {}", folder.display()))?;
        let path = folder.join(entry.file_name());
        let kind = entry
            .file_type()
            .doing(format_args!("look at {}", path.display()))?;
        if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != "node_modules" {
            walk(root, &path, files)?;
        } else if kind.is_file() {
            files.push(path);
        }
    }
    Ok(())
}
