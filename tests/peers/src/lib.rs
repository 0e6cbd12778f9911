//! Where the peers of the tests are: the scripts beside this, with the packages that they import, and programs of other people.
//!
//! `cargo xtask test --only setup` prepares them in `playfair/peers` in the user's cache, or in the folder that `PLAYFAIR_PEERS_DIR` names.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The folder.
///
/// # Panics
/// If one of the files or folders that are `needed` is not in it.
#[must_use]
pub fn folder(needed: &[&str]) -> PathBuf {
    let folder = place().unwrap_or_default();
    for name in needed {
        assert!(
            folder.join(name).exists(),
            "{} is not there: run `cargo xtask test --only setup`, which prepares it, or set PLAYFAIR_PEERS_DIR to a folder with a copy \
             of tests/peers and its packages",
            folder.join(name).display()
        );
    }
    folder
}

/// node with a script, in that folder.
///
/// # Panics
/// If the script or its packages are not there.
#[must_use]
pub fn script(name: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(name).current_dir(folder(&[name, "node_modules"]));
    command
}

/// Starts a script; the test talks to it through its stdin and stdout.
///
/// # Panics
/// As [`script`], and without node.
#[must_use]
pub fn start(name: &str) -> Child {
    let mut command = script(name);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    child.expect(NEEDS_NODE)
}

/// What is said of a node that does not start.
pub const NEEDS_NODE: &str = "`node` starts; version 20 or later must be installed";

fn place() -> Option<PathBuf> {
    if let Some(given) = env::var_os("PLAYFAIR_PEERS_DIR") {
        return Some(given.into());
    }
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".cache"));
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?;
    Some(cache.join("playfair/peers"))
}
