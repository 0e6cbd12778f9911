//! Where the JavaScript peers are.

use std::env;
use std::path::PathBuf;

/// The folder with the peers' scripts and `node_modules`.
pub(crate) fn dir() -> PathBuf {
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
