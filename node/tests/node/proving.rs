//! A node that proves, with workers as processes: its own, and one that was invited.

use super::scene::{Folder, PATIENCE, Process, command, get, pause, players, running, runtime, submit};
use playfair_http::Client;
use rustix::process::Signal;
use serde_json::Value;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Proving takes seconds where nothing else runs, and here everything runs.
const LONG: u32 = 4;

/// The call as it stands, once it is proven.
async fn proven(client: &Client, id: &str) -> Value {
    let until = Instant::now() + LONG * PATIENCE;
    loop {
        let (_, call) = get(client, &format!("/v1/chains/counter/calls/{id}")).await;
        if call["rung"] == "proven" {
            return call;
        }
        assert!(Instant::now() < until, "{call}");
        pause().await;
    }
}

/// A command over the admin socket, and what it prints.
fn operator(folder: &Folder, args: &[&str]) -> (bool, String) {
    let output = command(folder)
        .env("PLAYFAIR_NODE__DATA", "data")
        .args(args)
        .output()
        .expect("the command");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).trim().to_owned(),
    )
}

/// The workers of a node, by name with their proofs.
fn workers(folder: &Folder) -> Vec<(String, u64)> {
    let (done, text) = operator(folder, &["prover", "list", "--json"]);
    assert!(done, "{text}");
    let status: Value = serde_json::from_str(&text).expect("JSON");
    let workers = status["workers"].as_array().expect("workers").iter();
    workers
        .map(|worker| {
            let name = worker["name"].as_str().expect("a name").to_owned();
            (name, worker["proofs"].as_u64().expect("a number"))
        })
        .collect()
}

/// Processes of this machine that were started with these words.
fn running_with(words: &[&str]) -> usize {
    let all = std::fs::read_dir("/proc").expect("/proc");
    let commands = all.filter_map(|entry| std::fs::read(entry.ok()?.path().join("cmdline")).ok());
    commands
        .filter(|command| {
            let command = String::from_utf8_lossy(command);
            words.iter().all(|word| command.contains(word))
        })
        .count()
}

#[test]
fn a_nodes_own_worker_proves_and_ends_with_the_node() {
    let folder = Folder::with_chains(&["counter"]);
    let args = [
        "--set",
        "prover.setup=insecure",
        "--set",
        "prover.worker_k_max=15",
        "--set",
        "guard.rate.per_second=0",
    ];
    let process = Process::spawn(&folder, &args).ready();
    let socket = process.place("provers");
    let socket = socket.strip_prefix("unix:").expect("a socket").to_owned();
    runtime().block_on(async {
        let client = process.client();
        let shown = running(&client, "counter").await;
        let mut players = players(&shown);
        let call = players.call("ada", 0, b"").expect("a call");
        let (status, sealed) = submit(&client, "counter", &call).await.expect("an answer");
        assert_eq!((status, &sealed["rung"]), (200, &"sequenced".into()), "{sealed}");
        let call = proven(&client, sealed["id"].as_str().expect("a name")).await;
        let first = call["proof"].as_u64().expect("a proof's name");
        let (_, proofs) = get(&client, &format!("/v1/chains/counter/proofs?from={first}")).await;
        let digest = proofs["proofs"][0]["vk"]
            .as_str()
            .unwrap_or_else(|| panic!("{first}: {proofs}"));
        let key = client
            .get(&format!("/v1/chains/counter/keys/{digest}"))
            .await
            .expect("a key");
        assert_eq!(key.status, 200);
    });
    assert_eq!(workers(&folder)[0].0, "local/local-1");
    assert_eq!(running_with(&["join", &socket]), 1);
    // However the node ends: the worker does not outlive it.
    process.kill();
    let until = Instant::now() + PATIENCE;
    while running_with(&["join", &socket]) > 0 {
        assert!(Instant::now() < until, "the worker is still there");
        std::thread::yield_now();
    }
}

#[test]
fn an_invited_worker_proves_from_elsewhere_until_it_is_not_wanted() {
    let folder = Folder::with_chains(&["counter"]);
    let (done, told) = operator(&folder, &["prover", "invite", "rig"]);
    assert!(!done && told.contains("no node answers"), "{told}");
    let args = [
        "--set",
        "prover.setup=insecure",
        "--set",
        "prover.workers=0",
        "--set",
        "guard.rate.per_second=0",
        "--set",
        "prover.listen=127.0.0.1:0",
    ];
    let process = Process::spawn(&folder, &args).ready();
    let (done, invite) = operator(&folder, &["prover", "invite", "rig"]);
    assert!(done && invite.starts_with(&process.place("far")), "{invite}");
    let (done, told) = operator(&folder, &["prover", "invite", "rig"]);
    assert!(!done && told.contains("invited already"), "{told}");
    let join = || {
        let mut command = command(&folder);
        command.args(["prover", "join", &invite, "--insecure", "--k-max", "15"]);
        command
    };
    let worker = Process::of(&mut join());
    runtime().block_on(async {
        let client = process.client();
        let shown = running(&client, "counter").await;
        let call = players(&shown).call("ada", 0, b"").expect("a call");
        let (_, sealed) = submit(&client, "counter", &call).await.expect("an answer");
        proven(&client, sealed["id"].as_str().expect("a name")).await;
    });
    let known = workers(&folder);
    assert!(
        known.iter().any(|(name, proofs)| name == "rig" && *proofs > 0),
        "{known:?}"
    );
    worker.signal(Signal::TERM);
    let ended = worker.wait();
    assert!(ended.status.success(), "{ended:?}");
    let (done, told) = operator(&folder, &["prover", "revoke", "rig"]);
    assert!(done, "{told}");
    let refused = join().stdin(Stdio::null()).output().expect("the command");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("ask its operator for an invitation"),
        "{said}"
    );
    assert!(process.stop().status.success());
}

#[test]
fn what_proofs_rest_on_is_said_and_mistakes_are_told() {
    let folder = Folder::empty();
    let refused = |args: &[&str], words: &str| {
        let mut command: Command = command(&folder);
        command.args(["node", "--data", "data", "--listen", "127.0.0.1:0"]);
        let ended = Process::of(command.args(args)).wait();
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        assert!(ended.log.contains(words), "no `{words}` in {}", ended.log);
    };
    refused(&["--set", "prover.setup=powers"], "prover.setup_digest");
    refused(
        &["--set", "prover.setup=powers", "--set", "prover.setup_digest=12"],
        "64 hexadecimal digits",
    );
    refused(
        &["--set", "prover.setup=insecure", "--set", "prover.payout=0x12"],
        "40 hexadecimal digits",
    );
    let (done, told) = operator(&folder, &["prover", "join", "https://nowhere", "--insecure"]);
    assert!(!done && told.contains("playfair prover invite"), "{told}");
    let process = Process::spawn(&folder, &[]).ready();
    let (done, told) = operator(&folder, &["prover", "list"]);
    assert!(!done && told.contains("prover.setup"), "{told}");
    assert!(process.stop().status.success());
}
