//! docs/OPERATOR.md, followed literally, and its table of metrics.

use super::operator::counter;
use super::scene::{Folder, PATIENCE, Process, command, metrics, runtime};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/OPERATOR.md");
    std::fs::read_to_string(path).expect("the page")
}

/// Lines of its blocks marked `sh`.
fn lines() -> Vec<String> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in page().lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside => lines.push(line.to_owned()),
            _ => {}
        }
    }
    lines
}

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

#[test]
fn every_command_of_the_guide_works() {
    let folder = Folder::empty();
    std::fs::copy(counter(), folder.path().join("counter.wasm")).expect("a module");
    // The port that the page has may be taken here.
    let listen = format!("127.0.0.1:{}", free_port());
    let prepared = |command: &mut Command| {
        command
            .env("HOME", folder.path())
            .env("PLAYFAIR_API__LISTEN", &listen);
    };
    let path = Path::new(env!("CARGO_BIN_EXE_playfair"))
        .parent()
        .expect("a folder");
    let path = format!("{}:{}", path.display(), std::env::var("PATH").expect("PATH"));
    let mut node: Option<Process> = None;
    let mut ran = 0;
    for line in lines() {
        ran += 1;
        if let Some(args) = line.strip_prefix("playfair node") {
            if let Some(node) = node.take() {
                assert!(node.stop().status.success());
            }
            let mut started = command(&folder);
            prepared(started.arg("node").args(args.split_whitespace()));
            node = Some(Process::of(&mut started).ready());
            continue;
        }
        let mut shell = Command::new("sh");
        prepared(
            shell
                .args(["-c", &line])
                .current_dir(folder.path())
                .env("PATH", &path),
        );
        let output = shell.output().expect("a shell");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{line}` failed:\n{text}\n{errors}");
        if line.starts_with("playfair query") {
            assert!(text.contains("returns 8"), "{text}");
        }
    }
    assert!(ran >= 16, "the page lost its commands: {ran}");
    // What was restored is what was there.
    assert!(
        node.as_ref()
            .is_some_and(|node| node.place("data").ends_with("restored/playfair-data"))
    );
    let until = Instant::now() + PATIENCE;
    let text = loop {
        let mut call = command(&folder);
        prepared(call.args(["call", "counter", "add", "step=1", "--key", "ada"]));
        let output = call.output().expect("the command");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            break String::from_utf8_lossy(&output.stdout).into_owned();
        }
        // It executes its log first.
        assert!(
            errors.contains("the chain is opening") && Instant::now() < until,
            "{errors}"
        );
    };
    assert!(text.contains("returns 9"), "{text}");
    assert!(node.expect("a node").stop().status.success());
}

#[test]
fn every_figure_is_on_the_page_and_no_other() {
    let folder = Folder::with_chains(&["counter"]);
    let process = Process::spawn(&folder, &["--set", "metrics.listen=127.0.0.1:0"]).ready();
    let text = runtime().block_on(metrics(&process));
    let families: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let page = page();
    let alarms = page.split_once("## Alarms").expect("alarms").1;
    let first_cells = alarms
        .lines()
        .filter(|line| line.starts_with("| `"))
        .filter_map(|line| line.split('|').nth(1));
    let documented: BTreeSet<&str> = first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert_eq!(families, documented);
    assert!(process.stop().status.success());
}

#[test]
fn every_setting_that_the_page_names_exists() {
    let folder = Folder::empty();
    let shown = command(&folder)
        .args(["config", "check"])
        .output()
        .expect("the command");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let sections = ["api.", "server.", "guard.", "metrics.", "admin.socket"];
    let page = page();
    let named = page.split('`').skip(1).step_by(2);
    let named: Vec<&str> = named
        .filter(|word| sections.iter().any(|section| word.starts_with(section)))
        .collect();
    assert!(named.len() > 5, "{named:?}");
    for name in named {
        assert!(
            shown.contains(&format!("\n{name} ")) || name == "admin.sock",
            "there is no {name}"
        );
    }
}
