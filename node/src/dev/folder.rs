//! The folder of a development network: a node's data folder with a mark, and players' keys in it.

use anyhow::{Context, Result, bail};
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Says that `playfair dev` made the folder, and may throw it away.
const MARK: &str = "playfair-dev";
const ABOUT: &str =
    "A development network of `playfair dev`, with keys that everybody knows. It can be deleted.\n";

/// Where the keys lie.
pub(super) fn keys(data: &Path) -> PathBuf {
    data.join("keys")
}

/// Where a chain's link lies.
pub(super) fn link(data: &Path, chain: &str) -> PathBuf {
    data.join("links").join(chain)
}

/// Checks that the folder is one of ours, or is still to be made, and that no network runs there if it is to be `fresh`; says whether anything
/// is in it.
pub(super) fn check(data: &Path, fresh: bool) -> Result<bool> {
    let is_empty = match fs::read_dir(data) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == ErrorKind::NotFound => true,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", data.display())),
    };
    if !is_empty && !data.join(MARK).is_file() {
        bail!(
            "{} is no folder of `playfair dev`, which would put known keys into it: name another with --data",
            data.display()
        );
    }
    if fresh {
        drop(lock(data)?);
    }
    Ok(!is_empty)
}

/// Makes the folder; with `fresh`, what was in it is gone.
pub(super) fn prepare(data: &Path, fresh: bool) -> Result<()> {
    if check(data, fresh)? && fresh {
        clear(data)?;
    }
    let mark = data.join(MARK);
    fs::create_dir_all(data).with_context(|| format!("cannot make {}", data.display()))?;
    fs::write(&mark, ABOUT).with_context(|| format!("cannot write {}", mark.display()))
}

/// What a network writes, beside its mark and the lock.
const OURS: [&str; 15] = [
    "format",
    "modules",
    "chains",
    "keys",
    "links",
    "admin.sock",
    "provers.sock",
    "provers.json",
    "provers.cert",
    "provers.key",
    "queue.sqlite",
    "queue.sqlite-shm",
    "queue.sqlite-wal",
    "queue.sqlite-journal",
    "format.tmp",
];

/// The folder's lock, if it has one that nobody holds.
fn lock(data: &Path) -> Result<Option<File>> {
    let lock = File::open(data.join("lock")).ok();
    if let Some(lock) = &lock
        && let Err(TryLockError::WouldBlock) = lock.try_lock()
    {
        bail!("a network runs on {}: stop it first", data.display());
    }
    Ok(lock)
}

/// Removes what a network has written, unless one runs there. Other files stay, and so does the mark: who is cut short here goes on
/// the next time.
fn clear(data: &Path) -> Result<()> {
    // Held until all is done: who comes meanwhile finds it taken.
    let _lock = lock(data)?;
    for name in OURS {
        let path = data.join(name);
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|about| about.is_dir());
        let removed = match is_folder {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", path.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_folders_are_taken_and_thrown_away() {
        let temp = tempfile::tempdir().unwrap();
        let data = temp.path().join("data");
        prepare(&data, true).unwrap();
        fs::create_dir(data.join("chains")).unwrap();
        fs::write(data.join("chains/kept"), "x").unwrap();
        fs::write(data.join("format"), "1").unwrap();
        fs::write(data.join("mine.rs"), "x").unwrap();
        prepare(&data, false).unwrap();
        assert!(data.join("chains/kept").exists());

        let lock = File::create(data.join("lock")).unwrap();
        lock.lock().unwrap();
        let told = prepare(&data, true).unwrap_err().to_string();
        assert!(told.contains("stop it first"), "{told}");
        assert!(data.join("chains/kept").exists());
        drop(lock);
        // Also through a link, and without what somebody else has put there.
        let link = temp.path().join("link");
        std::os::unix::fs::symlink(&data, &link).unwrap();
        prepare(&link, true).unwrap();
        assert!(!data.join("chains").exists() && !data.join("format").exists());
        assert!(data.join("mine.rs").exists());

        let other = temp.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("format"), "1").unwrap();
        for fresh in [false, true] {
            let told = prepare(&other, fresh).unwrap_err().to_string();
            assert!(told.contains("--data"), "{told}");
        }
        assert!(other.join("format").exists());
    }
}
