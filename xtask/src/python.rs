//! The tests' peer that is written in Python: schemathesis, which asks a node everything that its description of itself
//! (OpenAPI) allows and forbids. It lives in an environment of its own beside the npm peers, in the cache folder.
//!
//! Every package is pinned in [`REQUIREMENTS`], the dependencies' dependencies too, and nothing else is installed: `pip` is told not
//! to look for dependencies, and asked afterwards whether the list lacks any.

use std::fs;
use std::path::Path;

use crate::failure::{Doing, Result, failure};
use crate::process::Process;
use crate::repo::Repo;

/// One `name==version` a line.
const REQUIREMENTS: &str = "tests/peers/requirements.txt";
/// What schemathesis asks for.
const MINOR_MIN: u32 = 11;
const HOW: &str = "install Python 3.11 or newer with its venv module (apt-get install python3 python3-venv)";

/// Makes the environment `python` in the folder of the peers when its packages or the machine's Python changed.
pub(crate) fn packages(repo: &Repo, peers: &Path) -> Result<()> {
    let requirements = repo.root.join(REQUIREMENTS);
    let wanted = fs::read_to_string(&requirements).doing(format_args!("read {REQUIREMENTS}"))?;
    let version = Process::new("python3", &repo.root)
        .args(["--version"])
        .capture()?;
    if minor(&version).is_none_or(|minor| minor < MINOR_MIN) {
        return Err(failure!("python3 is {}: {HOW}", version.trim()));
    }
    let folder = peers.join("python");
    let program = folder.join("bin/python");
    // The stamp is what was installed by which Python; it is written after the install succeeded.
    let (stamp, stamp_file) = (format!("{version}{wanted}"), folder.join("installed.stamp"));
    let is_installed = fs::read_to_string(&stamp_file).is_ok_and(|installed| installed == stamp);
    if is_installed && program.is_file() {
        return Ok(());
    }
    say!(
        "set-up: installing the Python peer of the tests into {}",
        folder.display()
    );
    Process::new("python3", peers)
        .args(["-m", "venv", "--clear", "python"])
        .run()
        .map_err(|why| failure!("{why}\n{HOW}"))?;
    let pip = |args: &[&str]| {
        Process::new(&program, &repo.root)
            .args(["-m", "pip", "--disable-pip-version-check"])
            .args(args)
    };
    pip(&[
        "install",
        "--quiet",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--requirement",
        REQUIREMENTS,
    ])
    .run()?;
    pip(&["check"]).run()?;
    fs::write(&stamp_file, stamp).doing(format_args!("write {}", stamp_file.display()))
}

/// `Python 3.11.7` is 11; another Python than 3 is none.
fn minor(version: &str) -> Option<u32> {
    let numbers = version.trim().strip_prefix("Python 3.")?;
    numbers.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_versions_are_read() {
        assert_eq!(minor("Python 3.11.7\n"), Some(11));
        assert_eq!(minor("Python 2.7.18"), None);
        assert_eq!(minor("pypy"), None);
    }

    #[test]
    fn every_package_is_pinned_to_one_version() {
        let repo = Repo::locate().unwrap();
        let text = fs::read_to_string(repo.root.join(REQUIREMENTS)).unwrap();
        let pinned = |line: &str| {
            let parts = line.split_once("==");
            parts.is_some_and(|(name, version)| {
                !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit())
            })
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            assert!(pinned(line), "{line}");
        }
        assert!(text.contains("\nschemathesis=="));
    }
}
