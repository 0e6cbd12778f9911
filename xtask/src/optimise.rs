//! wasm-opt on what browsers load. It takes longer than all else of the page, so what it made of the same bytes before is taken again.
//!
//! Kept under `wasm-opt` in the target folder, by the digest of everything that the outcome depends on: the input, the flags, the lock file that pins binaryen.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::bundle::hex;
use crate::failure::{Doing, Result};
use crate::repo::Repo;
use crate::setup;

/// What wasm-opt may use, which is what rustc uses: all of it is in every browser since 2023.
const FLAGS: &[&str] = &[
    "-O3",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// Pins binaryen.
const LOCK: &str = "tests/peers/package-lock.json";
/// Outcomes that are kept, a few builds of all modules.
const KEPT_MAX: usize = 24;

/// Optimises a module in place.
pub(crate) fn optimise(repo: &Repo, wasm: &Path) -> Result<()> {
    let lock = repo.root.join(LOCK);
    let lock = fs::read(&lock).doing(format_args!("read {}", lock.display()))?;
    let input = fs::read(wasm).doing(format_args!("read {}", wasm.display()))?;
    let kept = repo.target().join("wasm-opt");
    let outcome = kept.join(format!("{}.wasm", name(&lock, &input)));
    if !outcome.is_file() {
        fs::create_dir_all(&kept).doing(format_args!("make {}", kept.display()))?;
        // Under its name only when it is whole.
        let draft = outcome.with_extension("draft");
        setup::wasm_opt(repo)?
            .args(FLAGS)
            .args([wasm, Path::new("-o"), &draft])
            .run()?;
        fs::rename(&draft, &outcome).doing(format_args!("rename {}", draft.display()))?;
    }
    let _ = File::open(&outcome).and_then(|file| file.set_modified(SystemTime::now()));
    fs::copy(&outcome, wasm).doing(format_args!("copy {}", outcome.display()))?;
    forget_old(&kept)
}

/// What an outcome is kept as.
fn name(lock: &[u8], input: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(FLAGS.join(" "));
    for part in [lock, input] {
        hash.update([0]);
        hash.update(Sha256::digest(part));
    }
    hex(&hash.finalize())
}

/// Lets go of what was not used for longest.
fn forget_old(kept: &Path) -> Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(kept).doing(format_args!("list {}", kept.display()))? {
        let entry = entry.doing(format_args!("list {}", kept.display()))?;
        let used = entry.metadata().and_then(|data| data.modified());
        files.push((used.unwrap_or(SystemTime::UNIX_EPOCH), entry.path()));
    }
    files.sort_unstable_by(|left, right| right.cmp(left));
    for (_, path) in files.iter().skip(KEPT_MAX) {
        fs::remove_file(path).doing(format_args!("remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_outcome_belongs_to_its_input_and_its_binaryen() {
        let names = [name(b"1", b"a"), name(b"1", b"b"), name(b"2", b"a")];
        assert!(names[0] != names[1] && names[0] != names[2] && names[1] != names[2]);
        assert_eq!(names[0], name(b"1", b"a"));
    }

    #[test]
    fn what_was_not_used_for_longest_goes() {
        let kept = std::env::temp_dir().join(format!("playfair-xtask-wasm-opt-{}", std::process::id()));
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).unwrap();
        for age in 0..=KEPT_MAX {
            let file = File::create(kept.join(age.to_string())).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age as u64))
                .unwrap();
        }
        forget_old(&kept).unwrap();
        let (oldest, newest) = (kept.join(KEPT_MAX.to_string()), kept.join("0"));
        let (is_old_there, is_new_there) = (oldest.exists(), newest.exists());
        let count = fs::read_dir(&kept).unwrap().count();
        fs::remove_dir_all(&kept).unwrap();
        assert_eq!((is_old_there, is_new_there, count), (false, true, KEPT_MAX));
    }
}
