//! Starting the scripts that drive Chromium: `tests/peers/light-client-*.mjs`, in the folder where their packages are.

use std::path::{Path, PathBuf};

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
    let output = playfair_peers::script(script)
        .args(args)
        .stderr(std::process::Stdio::inherit())
        .output()
        .expect(playfair_peers::NEEDS_NODE);
    assert!(
        output.status.success(),
        "{script} {args:?} failed; its own message is above"
    );
    String::from_utf8(output.stdout).expect("text")
}
