//! A data folder with a chain, the process that serves it, and clients.

use playfair_host::{ChainSettings, Host, NewChain, Status};
use playfair_http::{Answer, Client, ClientError, ClientLimits};
use playfair_runtime::local::{Players, Start};
use playfair_types::bounded::U48;
use playfair_types::crypto::field::fr_from_bytes;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Counts calls in the key `n`; entry 1 reverts. The query answers the count.
const COUNTER: &str = r#"
(module
  (import "playfair" "get" (func $get (param i32 i32 i32 i32) (result i32)))
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (import "playfair" "output" (func $output (param i32 i32)))
  (import "playfair" "revert" (func $revert (param i32 i32)))
  (memory 1)
  (data (i32.const 0) "n")
  (data (i32.const 16) "not today")
  (func (export "query") (param i32 i32)
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 call $output)
  (func (export "call") (param $entry i32) (param i32)
    local.get $entry if i32.const 16 i32.const 9 call $revert end
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $get drop
    i32.const 8 i32.const 8 i64.load i64.const 1 i64.add i64.store
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $set
    i32.const 8 i32.const 8 call $output))
"#;

/// How long anything may take that happens at all: builds of the whole workspace may run beside these tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks at something that has no signal of its own.
const LOOK: Duration = Duration::from_millis(10);

/// A data folder.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// With chains of the counting module.
    pub(crate) fn with_chains(names: &[&str]) -> Self {
        Self::with_chains_each(names, 5)
    }

    /// With a time between blocks, ms.
    pub(crate) fn with_chains_each(names: &[&str], interval_ms: u64) -> Self {
        let folder = Self::empty();
        let host = Host::open(&folder.data(), Arc::new(|_| Ok(()))).expect("a host");
        let module = wat::parse_str(COUNTER).expect("a module");
        let module = host.modules().add(&module).expect("admitted").hash;
        for (place, name) in names.iter().enumerate() {
            let mut start = Start {
                time_ms: U48::new(host.now_ms()).expect("48 bits"),
                ..Start::of(module)
            };
            start.salt[0] = place as u8;
            let chain = host.create(NewChain {
                name: (*name).to_owned(),
                genesis: start.genesis(),
                settings: ChainSettings {
                    interval_ms,
                    account_calls_per_s: 10_000,
                    account_calls_burst: 10_000,
                    account_gas_per_s: u64::from(u32::MAX),
                    ..ChainSettings::default()
                },
            });
            let chain = chain.expect("a chain");
            assert_ne!(chain.status(), Status::Archived);
        }
        host.stop();
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }
}

/// A node's process. Dropped, it is killed.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    log: Option<JoinHandle<String>>,
    /// What it has printed so far.
    printed: Vec<String>,
}

/// How a process ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) printed: Vec<String>,
    pub(crate) log: String,
}

/// The command, far from whatever configuration lies around.
pub(crate) fn command(folder: &Folder) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playfair"));
    command.current_dir(folder.path());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PLAYFAIR_") {
            command.env_remove(name);
        }
    }
    command
}

impl Process {
    /// Starts a node on a free port, on the folder's data.
    pub(crate) fn spawn(folder: &Folder, args: &[&str]) -> Self {
        let mut command = command(folder);
        command.args(["node", "--data", "data", "--listen", "127.0.0.1:0"]);
        Self::of(command.args(args))
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command");
        let (out, errors) = (
            child.stdout.take().expect("a pipe"),
            child.stderr.take().expect("a pipe"),
        );
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let log = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = BufReader::new(errors).read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            child,
            lines,
            log: Some(log),
            printed: Vec::new(),
        }
    }

    /// Waits for a printed line that begins so; none if the process ended or time is up.
    pub(crate) fn line(&mut self, begins: &str, wait: Duration) -> Option<String> {
        let until = Instant::now() + wait;
        loop {
            match self
                .lines
                .recv_timeout(until.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.printed.push(line.clone());
                    if line.starts_with(begins) {
                        return Some(line);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// Waits until it is ready.
    pub(crate) fn ready(mut self) -> Self {
        if self.line("ready", PATIENCE).is_none() {
            panic!("not ready: {:?}", self.kill());
        }
        self
    }

    /// What follows a word in what it printed.
    pub(crate) fn place(&self, word: &str) -> String {
        let line = self
            .printed
            .iter()
            .find(|line| line.split_whitespace().next() == Some(word));
        let line = line.unwrap_or_else(|| panic!("no {word} in {:?}", self.printed));
        line[word.len()..].trim().to_owned()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.place("api"), None, ClientLimits::default()).expect("an address")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill_process(Pid::from_raw(id).expect("a process id"), signal).expect("the signal");
    }

    /// Ends it at once, and waits.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().expect("SIGKILL");
        self.wait()
    }

    /// Asks it to stop, and waits.
    pub(crate) fn stop(self) -> Ended {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Waits until it has ended.
    pub(crate) fn wait(mut self) -> Ended {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            match self.child.try_wait().expect("a status") {
                Some(status) => break status,
                None => assert!(Instant::now() < until, "the process does not end"),
            }
            std::thread::park_timeout(LOOK);
        };
        let log = self
            .log
            .take()
            .and_then(|log| log.join().ok())
            .unwrap_or_default();
        self.printed.extend(self.lines.try_iter());
        Ended {
            status,
            printed: std::mem::take(&mut self.printed),
            log,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer's status and JSON.
pub(crate) fn read(answer: &Answer) -> (u16, Value) {
    (
        answer.status.as_u16(),
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
    )
}

pub(crate) async fn get(client: &Client, path: &str) -> (u16, Value) {
    read(
        &client
            .get(path)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}")),
    )
}

/// Submits a call's record, and waits for its block.
pub(crate) async fn submit(client: &Client, chain: &str, record: &[u8]) -> Result<(u16, Value), ClientError> {
    let path = format!("/v1/chains/{chain}/calls");
    let answer = client
        .post(&path, "application/octet-stream", record.to_vec())
        .await?;
    Ok(read(&answer))
}

/// Waits until a chain takes calls; its description.
pub(crate) async fn running(client: &Client, chain: &str) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let (status, shown) = get(client, &format!("/v1/chains/{chain}")).await;
        assert_eq!(status, 200, "{shown}");
        if shown["status"] == "running" {
            return shown;
        }
        assert!(Instant::now() < until, "{shown}");
        pause().await;
    }
}

/// Between two looks.
pub(crate) async fn pause() {
    let _ = tokio::time::timeout(LOOK, std::future::pending::<()>()).await;
}

/// Players of a chain that a node shows.
pub(crate) fn players(shown: &Value) -> Players {
    let id = shown["id"]
        .as_str()
        .and_then(playfair_host::hex::decode)
        .expect("an id");
    Players::of(fr_from_bytes(&id.try_into().expect("32 bytes")).expect("an element"))
}

/// What the counter says.
pub(crate) async fn total(client: &Client, chain: &str) -> u64 {
    let path = format!("/v1/chains/{chain}/query");
    let answer = client
        .post(&path, "application/json", r#"{"entry":0}"#)
        .await
        .expect("an answer");
    let (status, answer) = read(&answer);
    assert_eq!(status, 200, "{answer}");
    let bytes = answer["output"]
        .as_str()
        .and_then(playfair_host::hex::decode)
        .expect("bytes");
    u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

/// What the metrics say of a figure, by its name and labels as they are printed.
pub(crate) fn figure(page: &str, figure: &str) -> Option<f64> {
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(figure)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok())
}

/// The page of metrics.
pub(crate) async fn metrics(process: &Process) -> String {
    let place = process.place("metrics");
    let address = place.strip_suffix("/metrics").expect("a path");
    let client = Client::new(address, None, ClientLimits::default()).expect("an address");
    let page = client.get("/metrics").await.expect("a page");
    assert_eq!(page.status, 200);
    String::from_utf8_lossy(&page.body).into_owned()
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a runtime")
}
