//! The data folder: one node at a time, and a version of the layout.

use crate::error::HostError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The layout that this program writes.
pub const FORMAT: u32 = 2;

/// A step from a layout to the next one. It must be possible to do it again after it was cut short.
type Migration = fn(&Path) -> std::io::Result<()>;

/// `MIGRATIONS[n]` leads from format n + 1 to n + 2.
const MIGRATIONS: &[Migration] = &[bases];

/// From format 2 on a chain may have bases, a log that begins with one of them, and nothing older. A program that does not know that would
/// call such a chain damaged. Nothing has to change in a folder that has none yet.
fn bases(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// A data folder that is ours while this lives.
#[derive(Debug)]
pub(crate) struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Takes the folder; makes it if there is none, and brings an older layout up to date.
    pub(crate) fn open(path: &Path) -> Result<Self, HostError> {
        Self::open_with(path, FORMAT, MIGRATIONS)
    }

    fn open_with(path: &Path, known: u32, migrations: &[Migration]) -> Result<Self, HostError> {
        make_folder(path)?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(HostError::io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(HostError::InUse(path.to_owned())),
            Err(TryLockError::Error(source)) => {
                return Err(HostError::Io {
                    path: lock_path,
                    source,
                });
            }
        }
        let folder = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        folder.bring_up_to_date(known, migrations)?;
        for name in ["modules", "chains"] {
            make_folder(&folder.path.join(name))?;
        }
        Ok(folder)
    }

    fn bring_up_to_date(&self, known: u32, migrations: &[Migration]) -> Result<(), HostError> {
        let file = self.path.join("format");
        let mut version = match fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().map_err(|_| HostError::Format {
                found: text.trim().chars().take(32).collect(),
                known,
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // A folder with chains and no version is none of ours, or has lost a file that says a lot.
                if self.path.join("chains").exists() {
                    return Err(HostError::Damaged {
                        path: file,
                        what: "it is missing beside chains".to_owned(),
                    });
                }
                write_durably(&file, known.to_string().as_bytes(), 0o644)?;
                known
            }
            Err(source) => return Err(HostError::Io { path: file, source }),
        };
        while version < known {
            let step = version
                .checked_sub(1)
                .and_then(|place| migrations.get(place as usize));
            let Some(step) = step else { break };
            tracing::info!(from = version, to = version + 1, "migrating the data folder");
            step(&self.path).map_err(HostError::io(&self.path))?;
            version += 1;
            write_durably(&file, version.to_string().as_bytes(), 0o644)?;
        }
        if version != known {
            return Err(HostError::Format {
                found: version.to_string(),
                known,
            });
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a folder that only the node's user may enter, if there is none.
pub(crate) fn make_folder(path: &Path) -> Result<(), HostError> {
    use std::os::unix::fs::DirBuilderExt;
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).map_err(HostError::io(path))?;
    sync_parent(path)
}

/// Makes the name of a file or folder durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), HostError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    File::open(parent)
        .and_then(|folder| folder.sync_all())
        .map_err(HostError::io(parent))
}

/// Writes a file so that after any crash it holds the old bytes or the new.
pub(crate) fn write_durably(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HostError> {
    let draft = path.with_extension("tmp");
    let write = || {
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(mode)
            .open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().map_err(HostError::io(path))?;
    sync_parent(path)
}

/// Reads a file of at most `limit` bytes.
pub(crate) fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, HostError> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(HostError::io(path))?;
    if bytes.len() as u64 > limit {
        return Err(HostError::Damaged {
            path: path.to_owned(),
            what: format!("it is longer than {limit} bytes"),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_node_at_a_time() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("data");
        let first = DataFolder::open(&path).unwrap();
        let second = DataFolder::open(&path).unwrap_err();
        assert!(matches!(second, HostError::InUse(_)), "{second}");
        drop(first);
        DataFolder::open(&path).unwrap();
    }

    #[test]
    fn an_unknown_layout_is_refused_and_an_older_one_migrated() {
        fn step(path: &Path) -> std::io::Result<()> {
            fs::write(path.join("stepped"), "yes")
        }
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path();
        drop(DataFolder::open_with(path, 1, &[]).unwrap());
        assert_eq!(fs::read_to_string(path.join("format")).unwrap(), "1");
        drop(DataFolder::open_with(path, 3, &[step, step]).unwrap());
        assert!(path.join("stepped").exists());
        assert_eq!(fs::read_to_string(path.join("format")).unwrap(), "3");
        for (text, known) in [("4", 3), ("x", 3), ("0", 3)] {
            fs::write(path.join("format"), text).unwrap();
            let refused = DataFolder::open_with(path, known, &[step, step]).unwrap_err();
            assert!(matches!(refused, HostError::Format { .. }), "{refused}");
            assert_eq!(fs::read_to_string(path.join("format")).unwrap(), text);
        }
        fs::remove_file(path.join("format")).unwrap();
        let refused = DataFolder::open_with(path, 3, &[step, step]).unwrap_err();
        assert!(matches!(refused, HostError::Damaged { .. }), "{refused}");
    }

    #[test]
    fn a_migration_that_fails_is_tried_again() {
        fn step(path: &Path) -> std::io::Result<()> {
            if path.join("room").exists() {
                return Ok(());
            }
            Err(std::io::ErrorKind::StorageFull.into())
        }
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path();
        drop(DataFolder::open_with(path, 1, &[]).unwrap());
        DataFolder::open_with(path, 2, &[step]).unwrap_err();
        assert_eq!(fs::read_to_string(path.join("format")).unwrap(), "1");
        fs::write(path.join("room"), "").unwrap();
        DataFolder::open_with(path, 2, &[step]).unwrap();
    }
}
