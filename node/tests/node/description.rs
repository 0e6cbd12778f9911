//! The node and its descriptions of itself (OpenAPI) say the same: schemathesis asks everything that they allow and much that they
//! forbid, and holds each answer against them. No request makes the node fail, and afterwards it is as well as before.

use super::scene::{Folder, Process, get, players, running, runtime, submit, total};
use playfair_host::hex;
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, UnixStream};

/// What each answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance";

/// The program, where set-up puts it.
///
/// # Panics
/// If nothing prepared it.
fn schemathesis() -> PathBuf {
    let program = "python/bin/schemathesis";
    playfair_peers::folder(&[program]).join(program)
}

/// Asks everything as [`ask_once`] does; once more when a connection was closed between an answer and the next request, which HTTP allows and
/// schemathesis takes for an error.
fn ask(folder: &Folder, place: &str, known: &[(&str, &str)], documented: &[&str]) -> Report {
    let once = || ask_once(folder, place, known, documented);
    let report = match once() {
        Err(said) if said.contains("Network Error") => once(),
        told => told,
    };
    report.unwrap_or_else(|said| panic!("{said}"))
}

/// Asks everything of the description at `place`. `known` has names of parameters and a value that means something for each, which is taken
/// most of the time; `documented` are statuses that say that the node cannot answer now.
fn ask_once(
    folder: &Folder,
    place: &str,
    known: &[(&str, &str)],
    documented: &[&str],
) -> Result<Report, String> {
    let mut settings = String::new();
    for (number, (name, value)) in known.iter().enumerate() {
        settings += &format!(
            "[dictionaries.d{number}]\nvalues = [{value}]\n[parameters.\"{name}\"]\ndictionary = \"d{number}\"\nprobability = 0.8\n"
        );
    }
    let expected: Vec<&str> = ["2xx", "3xx", "4xx"]
        .into_iter()
        .chain(documented.iter().copied())
        .collect();
    settings += &format!("[checks.not_a_server_error]\nexpected-statuses = {expected:?}\n");
    std::fs::write(folder.path().join("schemathesis.toml"), settings).expect("settings");
    let output = Command::new(schemathesis())
        .current_dir(folder.path())
        .args([
            "--no-color",
            "run",
            place,
            "--checks",
            CHECKS,
            "--max-examples",
            "40",
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--generation-database",
            "none",
        ])
        .args([
            "--seed",
            "1",
            "--no-shrink",
            "--request-timeout",
            "60",
            "--warnings",
            "off",
        ])
        .args([
            "--suppress-health-check",
            "all",
            "--report",
            "json",
            "--report-json-path",
            "report.json",
        ])
        .output()
        .expect("schemathesis");
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(said);
    }
    let report = std::fs::read(folder.path().join("report.json")).expect("a report");
    Ok(Report(serde_json::from_slice(&report).expect("JSON")))
}

/// What schemathesis did.
struct Report(Value);

impl Report {
    /// Everything was asked, and the answer to each operation but these was now and then what is hoped for: else only errors would have been
    /// looked at.
    fn reached_all_but(&self, exceptions: &[&str]) {
        let Self(report) = self;
        let operations = &report["operations"];
        assert_eq!(report["complete"], true, "{report}");
        assert_eq!(operations["tested"], operations["total"], "{report}");
        assert_eq!(report["test_cases"]["errored"], 0, "{report}");
        let rates = report["valid_rates"].as_object().expect("rates");
        assert_eq!(Some(rates.len() as u64), operations["total"].as_u64(), "{report}");
        for (operation, phases) in rates {
            let phases = phases.as_object().expect("phases").values();
            let accepted: u64 = phases.filter_map(|phase| phase["accepted"].as_u64()).sum();
            let excepted = exceptions.iter().any(|name| operation.ends_with(name));
            assert!(accepted > 0 || excepted, "{operation}: all were refused");
        }
    }
}

#[test]
fn the_web_api_answers_as_it_says() {
    let folder = Folder::with_chains(&["counter"]);
    let process = Process::spawn(&folder, &["--set", "guard.rate.per_second=0"]).ready();
    let client = process.client();
    runtime().block_on(async {
        let shown = running(&client, "counter").await;
        let mut players = players(&shown);
        let (mut account, mut id) = (String::new(), String::new());
        for entry in [0, 1, 0] {
            let record = players.call("anna", entry, b"").expect("a call");
            // FORMATS.md section 5: kind, two bytes of the signature, then the account.
            account = format!("{:?}", hex::encode(&record[3..23]));
            let (status, sealed) = submit(&client, "counter", &record).await.expect("an answer");
            assert_eq!(status, 200, "{sealed}");
            id = sealed["id"].to_string();
        }
        let known = [
            ("path.chain", r#""counter""#),
            ("path.account", account.as_str()),
            ("path.id", id.as_str()),
            ("path.height", "0, 1, 2, 3"),
        ];
        let place = process.place("api") + "/v1/openapi.json";
        let report = tokio::task::block_in_place(|| ask(&folder, &place, &known, &[]));
        // Nobody signs a call by chance; nothing is proven; the module brings no ABI; and it opens no WebSocket.
        report.reached_all_but(&[
            "{chain}/calls",
            "/keys/{digest}",
            "/key-sets/{root}",
            "/proofs/{frame}",
            "/proofs/{frame}/receipts",
            "/abi",
            "/ws",
        ]);
        assert_eq!(total(&client, "counter").await, 2);
    });
    let ended = process.stop();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(!ended.log.contains("panicked"), "{}", ended.log);
}

/// A place on TCP from which everything goes to a Unix socket and back: schemathesis speaks TCP only.
async fn bridge(socket: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let socket = socket.clone();
            tokio::spawn(async move {
                let mut node = UnixStream::connect(&socket).await?;
                copy_bidirectional(&mut client, &mut node).await
            });
        }
    });
    format!("http://{address}")
}

#[test]
fn the_operators_service_answers_as_it_says() {
    let folder = Folder::with_chains(&["counter"]);
    // It proves, but nobody comes.
    let proves = [
        "--set",
        "prover.setup=insecure",
        "--set",
        "prover.workers=0",
        "--set",
        "prover.listen=127.0.0.1:0",
    ];
    let process = Process::spawn(&folder, &proves).ready();
    let client = process.client();
    runtime().block_on(async {
        let shown = running(&client, "counter").await;
        let record = players(&shown).call("anna", 0, b"").expect("a call");
        let (status, sealed) = submit(&client, "counter", &record).await.expect("an answer");
        assert_eq!(status, 200, "{sealed}");
        let socket = process.place("admin");
        let socket = socket.strip_prefix("unix:").expect("a socket");
        let place = bridge(socket.into()).await + "/admin/v1/openapi.json";
        // A chain that is being opened again, or is archived, cannot write a checkpoint: 503.
        let report =
            tokio::task::block_in_place(|| ask(&folder, &place, &[("path.chain", r#""counter""#)], &["503"]));
        // No module, no genesis and no name of somebody invited comes about by chance; a chain may be archived before a checkpoint is asked
        // for; and it opens no WebSocket.
        let by_chance = [
            "POST /admin/v1/modules",
            "POST /admin/v1/chains",
            "/key-sets",
            "/checkpoint",
            "/logs",
            "/revoke",
        ];
        report.reached_all_but(&by_chance);
        let (status, chains) = get(&client, "/v1/chains").await;
        assert_eq!(status, 200, "{chains}");
    });
    // Whatever was done to its chains, the node closes them well, and opens them again.
    let ended = process.stop();
    assert!(ended.status.success(), "{}", ended.log);
    assert!(!ended.log.contains("panicked"), "{}", ended.log);
    let again = Process::spawn(&folder, &[]).ready();
    assert!(again.stop().status.success());
}
