//! The operator's commands against a running node.

use super::scene::{Folder, PATIENCE, Process, command};
use playfair_node::build::build;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Instant;

/// The tutorial's module, which has an ABI.
pub(crate) fn counter() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../contracts-wasm/counter");
        build(&project).unwrap_or_else(|error| panic!("{error:#}")).module
    })
}

/// The command in a folder with a configuration of its own.
struct Operator<'f> {
    folder: &'f Folder,
    api: String,
}

impl Operator<'_> {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(self.folder);
        command
            .env("HOME", self.folder.path())
            .env("PLAYFAIR_NODE", &self.api)
            .env("PLAYFAIR_NODE__DATA", "data");
        command.args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the command")
    }

    fn text(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{args:?}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    fn json(&self, args: &[&str]) -> Value {
        let text = self.text(args);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"))
    }

    /// Fails with these words.
    fn refused(&self, args: &[&str], words: &[&str]) {
        let output = self.run(args);
        let said =
            String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success(), "{args:?} succeeded: {said}");
        for word in words {
            assert!(said.contains(word), "{args:?}: no `{word}` in: {said}");
        }
    }
}

#[test]
fn a_chain_is_made_called_asked_watched_and_archived() {
    let folder = Folder::empty();
    std::fs::copy(counter(), folder.path().join("counter.wasm")).expect("a module");
    let process = Process::spawn(&folder, &["--set", "chain.interval_ms=7"]).ready();
    let node = Operator {
        folder: &folder,
        api: process.place("api"),
    };
    assert!(node.text(&["status"]).contains("no chains"));
    assert!(node.text(&["keys", "list"]).contains("keys new"));
    let create = ["chain", "create", "counter", "--module", "counter.wasm", "--json"];
    node.refused(&create, &["init", "`start` is missing"]);
    let made = node.json(
        &[
            &create[..],
            &["--init", "start=5", "--setting", "retain_blocks=9"],
        ]
        .concat(),
    );
    assert_eq!(
        (&made["status"], &made["settings"]["retain_blocks"]),
        (&"running".into(), &9.into()),
        "{made}"
    );
    assert_eq!(
        made["settings"]["interval_ms"], 7,
        "what the node's configuration says: {made}"
    );
    node.refused(
        &[&create[..], &["--init", "start=5"]].concat(),
        &["there is a chain counter already"],
    );
    // By its hash, beside the other.
    let hash = node.text(&["module", "add", "counter.wasm"]);
    node.refused(
        &[
            "chain",
            "create",
            "other",
            "--module",
            hash.trim(),
            "--init",
            "start=1",
        ],
        &["give its .wasm file"],
    );

    let ada = node.json(&["keys", "new", "ada", "--json"]);
    node.refused(&["keys", "new", "ada"], &["already", "another name"]);
    let add = ["call", "counter", "add", "--key", "ada"];
    node.refused(&add, &["`step` is missing"]);
    node.refused(&[&add[..], &["step=300"]].concat(), &["`step`", "8 bits"]);
    node.refused(&[&add[..], &["jump=3"]].concat(), &["there is no `jump`", "step"]);
    node.refused(
        &["call", "counter", "fly", "--key", "ada"],
        &["no call `fly`", "add"],
    );
    node.refused(
        &["call", "nowhere", "add", "step=1", "--key", "ada"],
        &["there is no chain nowhere"],
    );
    node.refused(
        &["call", "counter", "add", "step=1", "--key", "eve"],
        &["no key eve", "keys new eve"],
    );

    let sealed = node.json(&[&add[..], &["step=3", "--json"]].concat());
    assert_eq!(
        (&sealed["outcome"], &sealed["returns"], &sealed["height"]),
        (&"ok".into(), &8.into(), &1.into()),
        "{sealed}"
    );
    // An account is a key's name, there and back.
    assert_eq!(sealed["events"][0]["Counted"]["by"], "ada", "{sealed}");
    let text = node.text(&[&add[..], &["step=2"]].concat());
    assert!(
        text.contains("returns 10") && text.contains("block 2, place 1"),
        "{text}"
    );
    node.refused(
        &[&add[..], &["step=11"]].concat(),
        &["reverted: BadStep", "block 3"],
    );
    assert!(node.text(&["query", "counter", "total"]).contains("returns 10"));
    let account = format!("player=0x{}", ada["account"].as_str().expect("an account"));
    for player in ["player=ada", &account] {
        let asked = node.json(&["query", "counter", "added_by", player, "--json"]);
        assert_eq!(
            (&asked["returns"], &asked["height"]),
            (&5.into(), &3.into()),
            "{asked}"
        );
    }
    node.refused(
        &["query", "counter", "added_by", "player=eve"],
        &["the name of a key", "eve"],
    );
    let raw = node.json(&["query", "counter", "0", "--payload", "", "--json"]);
    assert_eq!(raw["returns"], "0x0a00000000000000", "{raw}");

    let line = node.text(&["logs", "counter", "--count", "1"]);
    assert!(line.contains("reverted"), "{line}");
    node.refused(&["logs", "nowhere"], &["there is no chain nowhere"]);

    let status = node.json(&["status", "--json"]);
    assert_eq!(
        (&status["chains"][0]["name"], &status["chains"][0]["height"]),
        (&"counter".into(), &3.into()),
        "{status}"
    );
    assert!(node.text(&["status"]).contains("counter  running"));
    assert_eq!(
        node.json(&["chain", "pause", "counter", "--json"])["status"],
        "paused"
    );
    node.refused(&[&add[..], &["step=1"]].concat(), &["paused"]);
    assert_eq!(
        node.json(&["chain", "resume", "counter", "--json"])["status"],
        "running"
    );
    assert_eq!(
        node.json(&["chain", "checkpoint", "counter", "--json"])["checkpointed"],
        4
    );
    let set = node.json(&["chain", "set", "counter", "interval_ms=50", "--json"]);
    assert_eq!(set["settings"]["interval_ms"], 50, "{set}");
    node.refused(&["chain", "set", "counter", "speed=50"], &["speed"]);
    let until = Instant::now() + PATIENCE;
    while node.json(&["chain", "show", "counter", "--json"])["status"] != "running" {
        assert!(Instant::now() < until, "the chain does not open again");
    }
    assert_eq!(
        node.json(&["chain", "archive", "counter", "--json"])["status"],
        "archived"
    );
    assert!(node.text(&["chain", "list"]).contains("archived"));
    node.refused(&["query", "counter", "total"], &["archived"]);
    // The admin socket is the only way to it.
    node.refused(&["chain", "list", "--node", &node.api], &["admin socket only"]);
    assert!(process.stop().status.success());
    node.refused(&["status"], &["there is no node at", "playfair node"]);
    node.refused(&["chain", "list"], &["no node answers", "playfair node"]);
}

#[test]
fn a_chain_goes_on_from_its_snapshot_in_another_folder() {
    let folder = Folder::empty();
    std::fs::copy(counter(), folder.path().join("counter.wasm")).expect("a module");
    let process = Process::spawn(&folder, &[]).ready();
    let node = Operator {
        folder: &folder,
        api: process.place("api"),
    };
    node.text(&[
        "chain",
        "create",
        "counter",
        "--module",
        "counter.wasm",
        "--init",
        "start=5",
    ]);
    node.text(&["keys", "new", "ada"]);
    node.refused(&["snapshot", "counter", "early"], &["no block beyond genesis"]);
    let add = ["call", "counter", "add", "step=3", "--key", "ada"];
    node.text(&add);
    node.text(&["snapshot", "counter", "keyless"]);
    node.text(&["snapshot", "counter", "whole", "--with-key"]);
    node.refused(&["snapshot", "counter", "whole"], &["exists"]);
    node.refused(&["snapshot", "nowhere", "other"], &["there is no chain nowhere"]);
    let files = std::fs::read_dir(folder.path()).expect("the folder");
    let parts = files.filter(|file| {
        let name = file.as_ref().expect("a file").file_name();
        name.to_string_lossy().ends_with(".part")
    });
    assert_eq!(parts.count(), 0, "no draft is left");
    let mode = std::fs::metadata(folder.path().join("whole")).expect("a file");
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777,
        0o600
    );

    node.refused(&["restore", "whole", "--data", "data"], &["another node runs"]);
    node.refused(&["restore", "keyless", "--data", "other"], &["--key"]);
    node.refused(&["restore", "counter.wasm", "--data", "other"], &["no snapshot"]);
    let chain = node.json(&["chain", "show", "counter", "--json"]);
    let id = chain["id"].as_str().expect("an id").to_owned();
    let key = format!("data/chains/{id}/committee.key");
    let told = node.text(&["restore", "keyless", "--data", "other", "--key", &key]);
    assert!(
        told.contains("at block 1") && told.contains("Never let the two run"),
        "{told}"
    );
    node.refused(&["restore", "whole", "--data", "other"], &["there is a chain"]);
    assert!(process.stop().status.success());

    let process =
        Process::of(command(&folder).args(["node", "--data", "other", "--listen", "127.0.0.1:0"])).ready();
    let node = Operator {
        folder: &folder,
        api: process.place("api"),
    };
    let until = Instant::now() + PATIENCE;
    while !node.text(&["status"]).contains("running") {
        assert!(Instant::now() < until, "the chain does not open");
    }
    assert!(node.text(&["query", "counter", "total"]).contains("returns 8"));
    let sealed = node.json(&[&add[..], &["--json"]].concat());
    assert_eq!(
        (&sealed["returns"], &sealed["height"]),
        (&11.into(), &2.into()),
        "{sealed}"
    );
    assert!(process.stop().status.success());
}
