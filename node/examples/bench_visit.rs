//! `cargo xtask bench browser`, its second part: what a visitor of the page waits for, and what it believes of a node that lies, before networks of
//! `playfair dev` with proofs on this machine, as lines of name, value and unit. `PLAYFAIR_PROGRAM` is the program.

use serde_json::{Map, Value};
use std::env;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Ended with the program.
struct Network(Child);

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn program() -> PathBuf {
    let program = env::var_os("PLAYFAIR_PROGRAM");
    program
        .expect("PLAYFAIR_PROGRAM is set by `cargo xtask bench browser`")
        .into()
}

/// A network in a folder of its own, with what it said of itself.
fn start(folder: &Path) -> (Network, Map<String, Value>) {
    let mut child = Command::new(program())
        .args([
            "dev",
            "--listen",
            "127.0.0.1:0",
            "--set",
            "guard.rate.per_second=0",
        ])
        .arg("--data")
        .arg(folder)
        .arg("--page")
        .arg(root().join("target/web/page"))
        .arg(root().join("contracts-wasm/chess"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let network = Network(child);
    let mut said = Map::new();
    let mut lines = out.lines().map_while(Result::ok);
    for line in lines.by_ref() {
        match line.split_once(char::is_whitespace) {
            Some((name, value)) => drop(said.insert(name.to_owned(), value.trim().into())),
            None if line == "ready" => break,
            None => {}
        }
    }
    // What it says later is nobody's.
    std::thread::spawn(move || lines.for_each(drop));
    (network, said)
}

/// Runs a script before a network of its own; the figures of its last line. `other` is the API of a network whose chain is another one.
fn report(script: &str, scenario: &str, other: Option<&str>) -> Map<String, Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let (_network, network) = start(&folder.path().join("network"));
    let mut node = playfair_peers::script(script);
    node.args([scenario, place(&network, "page")]);
    if let Some(other) = other {
        node.env("PLAYFAIR_OTHER_NODE", other);
    }
    let output = node
        .stderr(Stdio::inherit())
        .output()
        .expect(playfair_peers::NEEDS_NODE);
    assert!(
        output.status.success(),
        "{script} {scenario} failed; its own message is above"
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let report = text.lines().last().unwrap_or_default();
    serde_json::from_str(report).expect("a script's report is JSON")
}

fn place<'n>(network: &'n Map<String, Value>, name: &str) -> &'n str {
    let place = network.get(name).and_then(Value::as_str);
    place.unwrap_or_else(|| panic!("the network says no `{name}`"))
}

fn main() {
    for (name, value) in report("page-play.mjs", "cost", None) {
        println!("{name}\t{value}\tms");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (_other, other) = start(&folder.path().join("other"));
    let other = place(&other, "api");
    let lies = ["blocks", "values", "proofs"].map(|scenario| report("page-lies.mjs", scenario, Some(other)));
    for name in ["lies_tried", "lies_believed"] {
        let counts = lies.iter().map(|report| report.get(name).and_then(Value::as_u64));
        let count: u64 = counts.map(|count| count.expect("a count")).sum();
        println!("{name}\t{count}\tlies");
    }
}
