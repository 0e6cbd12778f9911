//! Starting the scripts that drive Chromium: `tests/peers/light-client-*.mjs`, in the folder where their packages are.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with the peers' scripts and `node_modules`.
///
/// # Panics
/// If nothing prepared it.
#[must_use]
pub fn peers() -> PathBuf {
    let cache = || {
        let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?;
        Some(cache.join("playfair/peers"))
    };
    let given = env::var_os("PLAYFAIR_PEERS_DIR").map(PathBuf::from);
    let folder = given.or_else(cache).unwrap_or_default();
    assert!(
        folder.join("light-client-pages.mjs").is_file()
            && folder.join("node_modules/playwright-core").is_dir(),
        "the JavaScript peers in {} are not ready: run `cargo xtask test --only setup`, which prepares them",
        folder.display()
    );
    folder
}

/// What `cargo xtask web` has built under this name.
///
/// # Panics
/// If it has not.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    let folder = root().join("target/web").join(name);
    assert!(
        folder.is_dir(),
        "there is no {}: run `cargo xtask web`, which builds it",
        folder.display()
    );
    folder
}

/// The recorded chain.
#[must_use]
pub fn recording() -> PathBuf {
    root().join("tests/fixtures/light-client/chess.json")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a script and gives what it wrote.
///
/// # Panics
/// If it fails; its own message is on standard error.
#[must_use]
pub fn run(script: &str, args: &[&Path]) -> String {
    let output = Command::new("node")
        .arg(script)
        .args(args)
        .current_dir(peers())
        .stderr(std::process::Stdio::inherit())
        .output()
        .expect("`node` starts; version 20 or later must be installed");
    assert!(
        output.status.success(),
        "{script} {args:?} failed; its own message is above"
    );
    String::from_utf8(output.stdout).expect("text")
}
