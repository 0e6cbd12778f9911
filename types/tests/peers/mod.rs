//! Peers in JavaScript that a test talks to.

use std::process::{Child, Stdio};

/// Starts a peer's script; the test talks to it through its stdin and stdout.
pub(crate) fn start(script: &str) -> Child {
    playfair_peers::script(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect(playfair_peers::NEEDS_NODE)
}
