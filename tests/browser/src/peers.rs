//! Where the JavaScript peers are, and how they are asked.

use crate::history::History;
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

/// The folder with the peers' scripts and packages.
///
/// # Panics
/// If nothing prepared it.
#[must_use]
pub fn dir() -> PathBuf {
    playfair_peers::folder(&["chain-engines.mjs", "node_modules/assemblyscript"])
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
    let mut node = playfair_peers::script("chain-engines.mjs")
        .arg(name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect(playfair_peers::NEEDS_NODE);
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
