//! Where the JavaScript peers are, and how they are asked.

use crate::history::History;
use serde_json::{Value, json};
use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The folder with the peers' scripts and `node_modules`.
///
/// # Panics
/// If nothing prepared it.
#[must_use]
pub fn dir() -> PathBuf {
    let cache = || {
        let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        env::var_os("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .or_else(home)
            .map(|cache| cache.join("playfair/peers"))
    };
    let dir = env::var_os("PLAYFAIR_PEERS_DIR")
        .map(PathBuf::from)
        .or_else(cache)
        .unwrap_or_default();
    assert!(
        dir.join("chain-engines.mjs").is_file() && dir.join("node_modules/assemblyscript").is_dir(),
        "the JavaScript peers in {} are not ready: run `cargo xtask test --only setup`, which prepares them, or set \
         PLAYFAIR_PEERS_DIR to a folder with a copy of tests/peers and its node_modules",
        dir.display()
    );
    dir
}

/// Which engine runs the JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A page in headless Chromium.
    Chromium,
    /// node: the same scripts without a page.
    Node,
}

/// What an engine answered.
#[derive(Debug)]
pub struct Answer {
    /// How the engine introduces itself: the browser's user agent.
    pub agent: String,
    /// For each history, what every block did, as [`History::expected`] has it.
    pub histories: Vec<Value>,
}

/// Runs histories in an engine.
///
/// # Panics
/// If the engine cannot be started or fails; its own message is on standard error.
#[must_use]
pub fn run(engine: Engine, histories: &[&History]) -> Answer {
    let name = match engine {
        Engine::Chromium => "chromium",
        Engine::Node => "node",
    };
    let jobs: Vec<Value> = histories.iter().map(|history| history.job()).collect();
    let job = json!({ "histories": jobs }).to_string();
    let mut node = Command::new("node")
        .args(["chain-engines.mjs", name])
        .current_dir(dir())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`node` starts; version 20 or later must be installed");
    let written = node.stdin.take().expect("stdin").write_all(job.as_bytes());
    let output = node.wait_with_output().expect("node ends");
    assert!(
        output.status.success() && written.is_ok(),
        "chain-engines.mjs {name} failed; its own message is above"
    );
    let mut answer: Value = serde_json::from_slice(&output.stdout).expect("JSON from chain-engines.mjs");
    let agent = answer["agent"].as_str().expect("an agent").to_owned();
    let Value::Array(histories) = answer["histories"].take() else {
        panic!("no histories from chain-engines.mjs")
    };
    Answer { agent, histories }
}
