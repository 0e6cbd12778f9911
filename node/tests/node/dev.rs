//! `playfair dev`: a network that comes up by itself, follows its module, and goes on where it was.

use super::operator::counter;
use super::scene::{Folder, PATIENCE, Process, command, get, pause};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::time::Instant;

/// A module with one entry, which answers a number.
fn answering(number: i32) -> Vec<u8> {
    let text = format!(
        r#"(module
  (import "playfair" "output" (func $output (param i32 i32)))
  (memory 1)
  (func (export "call") (param i32 i32)
    i32.const 8 i32.const {number} i32.store
    i32.const 8 i32.const 4 call $output))"#
    );
    wat::parse_str(text).expect("a module")
}

fn start(folder: &Folder, args: &[&str]) -> Process {
    let mut command = command(folder);
    command.env("HOME", folder.path());
    command.args(["dev", "--listen", "127.0.0.1:0"]).args(args);
    Process::of(&mut command).ready()
}

/// What a command prints that talks to the network.
fn told(folder: &Folder, network: &Process, args: &[&str]) -> String {
    let output = command(folder)
        .env("PLAYFAIR_NODE", network.place("api"))
        .env("PLAYFAIR_CLIENT__KEYS", network.place("keys"))
        .args(args)
        .output()
        .expect("the command");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {text}{errors}");
    text
}

fn call(folder: &Folder, network: &Process, key: &str) -> Value {
    let args = ["call", "game", "0", "--payload", "", "--key", key, "--json"];
    serde_json::from_str(&told(folder, network, &args)).expect("JSON")
}

/// What is said of another module.
fn reload(mut network: Process) -> (Process, String) {
    match network.line("reload", 2 * PATIENCE) {
        Some(line) => (network, line),
        None => panic!("nothing is said: {:?}", network.kill()),
    }
}

/// Replaces a file as a compiler does.
fn replace(path: &Path, bytes: &[u8]) {
    let part = path.with_extension("part");
    fs::write(&part, bytes).expect("a file");
    fs::rename(part, path).expect("its name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_follows_its_module_and_is_proven_across_it() {
    let folder = Folder::empty();
    let module = folder.path().join("game.wasm");
    replace(&module, &answering(1));
    super::page::write(&folder);
    // Looking this often for a proof, on a machine that is slow today, would cost all that a client may ask.
    let patient = ["--set", "guard.rate.per_second=0"];
    let network = start(
        &folder,
        &[&["game.wasm", "--page", "page"][..], &patient].concat(),
    );
    let first = network.place("module");
    assert_eq!(network.place("state"), "new, at block 0");
    assert!(told(&folder, &network, &["keys", "list"]).contains("alice"));
    assert_eq!(call(&folder, &network, "alice")["returns"], "0x01000000");

    // What is no module changes nothing; what is another one is what the chain runs from then on.
    replace(&module, b"nonsense");
    let (network, line) = reload(network);
    assert!(line.contains("not done") && line.contains(&first), "{line}");
    replace(&module, &answering(2));
    let (network, line) = reload(network);
    assert!(
        line.contains("proofs restart") && !line.contains(&first),
        "{line}"
    );
    let sealed = call(&folder, &network, "bob");
    assert_eq!(sealed["returns"], "0x02000000");

    // Proofs go over the change, each part under its module's key.
    let client = network.client();
    let path = format!("/v1/chains/game/calls/{}", sealed["id"].as_str().expect("an id"));
    let until = Instant::now() + 3 * PATIENCE;
    loop {
        let (_, standing) = get(&client, &path).await;
        if standing["rung"] == "proven" {
            break;
        }
        assert!(Instant::now() < until, "{standing}");
        pause().await;
    }
    let height = sealed["height"].as_u64().expect("a height");
    // Who has the link, which names the first module and its keys, follows all of it.
    let link = network.place("link");
    let page = network.place("page");
    assert_eq!(page, link.replace("/#", "/?insecure#"));
    let id = sealed["id"].as_str().expect("an id");
    let args = [
        "verify",
        "--live",
        &page,
        "--insecure",
        "--call",
        id,
        "--key",
        "00",
    ];
    let kept = folder.path().join("kept");
    let keep = ["--keep", kept.to_str().expect("a path")];
    for said in ["proven     to height", "goes on from what was verified before"] {
        let told = told(&folder, &network, &[&args[..], &keep].concat());
        assert!(told.contains(said), "{said}: {told}");
        assert!(
            told.contains(&format!(
                "proven     call {id} in block {height}: Ok, output 02000000"
            )),
            "{told}"
        );
        assert!(told.contains(&format!("after block {height}: none")), "{told}");
    }
    let output = command(&folder)
        .args(["verify", "--live", &link])
        .output()
        .expect("the command");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("--insecure"), "{said}");
    let ended = network.stop();
    assert!(ended.status.success(), "{ended:?}");

    // The same again goes on; another module that came meanwhile is found; fresh begins again.
    let network = start(&folder, &["game.wasm"]);
    assert_eq!(network.place("state"), format!("goes on after block {height}"));
    let fragment = |link: &str| link.split_once('#').map(|(_, link)| link.to_owned());
    assert_eq!(fragment(&network.place("link")), fragment(&link));
    assert_ne!(network.place("module"), first);
    let ended = network.stop();
    assert!(ended.status.success());
    assert!(
        !ended.printed.iter().any(|line| line.starts_with("page ")),
        "{ended:?}"
    );
    replace(&module, &answering(3));
    let network = start(&folder, &["game.wasm", "--set", "log.level=info"]);
    assert!(network.place("state").starts_with("upgraded"));
    assert_eq!(call(&folder, &network, "bob")["returns"], "0x03000000");
    let output = command(&folder)
        .args(["dev", "game.wasm", "--fresh"])
        .output()
        .expect("the command");
    assert!(String::from_utf8_lossy(&output.stderr).contains("stop it first"));
    assert!(network.stop().status.success());
    // What does not build throws nothing away.
    replace(&module, b"no module");
    let output = command(&folder)
        .args(["dev", "game.wasm", "--fresh"])
        .output()
        .expect("the command");
    assert!(!output.status.success());
    replace(&module, &answering(3));
    let network = start(&folder, &["game.wasm"]);
    assert!(network.place("state").starts_with("goes on"));
    assert!(network.stop().status.success());
    let network = start(&folder, &["game.wasm", "--fresh"]);
    assert_eq!(network.place("state"), "new, at block 0");
    assert!(network.stop().status.success());
}

#[test]
fn what_cannot_be_run_is_told_before_anything_is_started() {
    let folder = Folder::empty();
    let refused = |args: &[&str], word: &str| {
        let output = command(&folder)
            .arg("dev")
            .args(args)
            .output()
            .expect("the command");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(word),
            "{args:?}: {said}"
        );
    };
    refused(&["nowhere"], "neither a project");
    refused(&["no.wasm"], "cannot read");
    fs::write(folder.path().join("bad.wasm"), "bad").expect("a file");
    refused(&["bad.wasm"], "would not admit");
    refused(&["--set", "node.dta=x"], "node.dta");
    // A node's folder is not taken for a toy.
    fs::create_dir(folder.path().join("mine")).expect("a folder");
    fs::write(folder.path().join("mine/format"), "1").expect("a file");
    refused(&["bad.wasm", "--data", "mine"], "--data");
    // What init wants is said when it is not given, and nothing is left that would be in the way.
    let counter = counter().display().to_string();
    refused(&[&counter, "--listen", "127.0.0.1:0"], "--init");
    let network = start(&folder, &[&counter, "--init", "start=5"]);
    assert!(told(&folder, &network, &["query", "playfair-counter", "total"]).contains('5'));
    assert!(network.stop().status.success());
}
