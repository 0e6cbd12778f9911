//! Where the JavaScript peers are.

use std::env;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// The folder with the peers' scripts and `node_modules`.
fn dir() -> PathBuf {
    let cache = || {
        let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(home)
            .map(|c| c.join("playfair/peers"))
    };
    let dir = env::var_os("PLAYFAIR_PEERS_DIR")
        .map(PathBuf::from)
        .or_else(cache);
    let ready = |d: &PathBuf| d.join("peer.mjs").is_file() && d.join("node_modules").is_dir();
    match dir {
        Some(dir) if ready(&dir) => dir,
        other => panic!(
            "no JavaScript peers in {}: run `cargo xtask test`, which prepares them, \
             or set PLAYFAIR_PEERS_DIR to a folder with peer.mjs and node_modules",
            other.unwrap_or_default().display()
        ),
    }
}

/// Starts a peer's script; the test talks to it through its stdin and stdout.
pub(crate) fn start(script: &str) -> Child {
    Command::new("node")
        .arg(script)
        .current_dir(dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`node` starts; version 18 or later must be installed")
}
