//! `cargo xtask bench browser`, its second part: what a visitor of the page waits for, before a network of `playfair dev` with proofs on this machine, as
//! lines of name, value and unit. `PLAYFAIR_PROGRAM` is the program.

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

fn variable(name: &str) -> PathBuf {
    PathBuf::from(
        env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask bench browser`")),
    )
}

/// Starts a network in a folder; gives the page's address.
fn start(folder: &Path) -> (Network, String) {
    let mut child = Command::new(variable("PLAYFAIR_PROGRAM"))
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
    let mut page = None;
    let mut lines = out.lines().map_while(Result::ok);
    for line in lines.by_ref() {
        match line.split_once(char::is_whitespace) {
            Some(("page", place)) => page = Some(place.trim().to_owned()),
            None if line == "ready" => break,
            _ => {}
        }
    }
    // What it says later is nobody's.
    std::thread::spawn(move || lines.for_each(drop));
    (network, page.expect("the network serves the page"))
}

/// Runs a script and prints the figures of its last line.
fn measure(script: &str, scenario: &str, page: &str) {
    let output = Command::new("node")
        .args([script, scenario, page])
        .current_dir(variable("PLAYFAIR_PEERS_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("`node` starts; version 20 or later must be installed");
    assert!(
        output.status.success(),
        "{script} {scenario} failed; its own message is above"
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let report = text.lines().last().unwrap_or_default();
    let costs: Map<String, Value> = serde_json::from_str(report).expect("a script's report is JSON");
    for (name, value) in costs {
        let unit = match name.rsplit('_').next() {
            Some("ms") => "ms",
            Some("bytes") => "bytes",
            _ => "lies",
        };
        println!("{name}\t{value}\t{unit}");
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_network, page) = start(&folder.path().join("network"));
    measure("page-play.mjs", "cost", &page);
}
