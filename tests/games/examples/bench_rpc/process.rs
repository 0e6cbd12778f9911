//! The node as another process, and how it is asked.

use playfair_http::{Client, ClientLimits};
use playfair_node::config::{Config, Sources, load};
use playfair_node::setup::Choice;
use playfair_node::{join, server};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Whether this process was started as a node, or as a worker of one.
pub(crate) fn is_child(command: &str) -> bool {
    matches!(command, "serve" | "prover")
}

/// Is what it was started as, to its end.
pub(crate) fn child(command: &str, args: &[String]) {
    if command == "serve" {
        let sources = Sources {
            set: args.to_vec(),
            ..Sources::default()
        };
        let loaded = load(&sources).unwrap_or_else(|errors| panic!("{errors}"));
        if let Err(failure) = server::run(&loaded, &mut std::io::stdout()) {
            panic!("{failure}");
        }
        return;
    }
    // As the node starts its own: join unix:/path --name NAME --k-max K --while-stdin --insecure
    let after = |flag: &str| {
        let place = args.iter().position(|arg| arg == flag)?;
        args.get(place + 1).cloned()
    };
    let settings = join::Settings {
        node: args[1].clone(),
        name: after("--name").expect("a name"),
        k_max: after("--k-max").and_then(|k| k.parse().ok()).expect("a size"),
        setup: Choice::Insecure { cache: None },
        log: Config::default().log,
        while_stdin: true,
    };
    if let Err(error) = join::run(settings) {
        panic!("{error:#}");
    }
}

/// A node that runs.
pub(crate) struct Node {
    child: Child,
    pub(crate) api: String,
    pub(crate) admin: PathBuf,
}

/// Where it stood when it was killed.
pub(crate) struct Before {
    height: Option<u64>,
}

impl Node {
    /// Starts one on a folder, with settings beside those that let a benchmark through.
    pub(crate) async fn start(folder: &Path, set: &[&str]) -> Self {
        let data = format!("node.data={}", folder.display());
        let own = [
            "api.listen=127.0.0.1:0",
            "server.connections_per_ip_max=100000",
            "server.connections_max=100000",
            "api.sockets_per_address_max=100000",
            "guard.rate.per_second=0",
            "log.level=warn",
        ];
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .arg("serve")
            .arg(data)
            .args(own)
            .args(set)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a node");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (mut api, mut admin) = (None, None);
        while let Some(line) = lines.next_line().await.expect("a line") {
            match line.split_once(char::is_whitespace) {
                Some(("api", address)) => api = Some(address.trim().to_owned()),
                Some(("admin", path)) => admin = path.trim().strip_prefix("unix:").map(PathBuf::from),
                None if line == "ready" => break,
                _ => {}
            }
        }
        // What it says later is read by nobody, and must not stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            child,
            api: api.expect("the node said where it listens"),
            admin: admin.expect("and where its operator is heard"),
        }
    }

    /// Starts it again, and how long it took until its chains were as they had been.
    pub(crate) async fn again(folder: &Path, before: &Before) -> (Self, Duration) {
        let begin = Instant::now();
        let node = Self::start(folder, &[]).await;
        let client = node.client();
        while before.height.is_some() && height(&client).await < before.height {
            tokio::task::yield_now().await;
        }
        (node, begin.elapsed())
    }

    /// Ends it without a word.
    pub(crate) async fn kill(mut self) -> Before {
        let height = height(&self.client()).await;
        self.child.kill().await.expect("it can be killed");
        Before { height }
    }

    pub(crate) fn client(&self) -> Client {
        let limits = ClientLimits {
            kept_max: 64,
            ..ClientLimits::default()
        };
        Client::new(&self.api, None, limits).expect("a client")
    }

    pub(crate) fn operator(&self) -> Client {
        let address = format!("unix:{}", self.admin.display());
        let limits = ClientLimits {
            request_timeout: Duration::from_secs(120),
            ..ClientLimits::default()
        };
        Client::new(&address, None, limits).expect("a client")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Makes a chain of a module and gives its genesis record.
    pub(crate) async fn chain(&self, wasm: &[u8], settings: Value) -> Vec<u8> {
        let operator = self.operator();
        let added = operator
            .post("/admin/v1/modules", "application/octet-stream", wasm.to_vec())
            .await
            .expect("an answer");
        let added: Value = serde_json::from_slice(&added.success().expect("a module").body).expect("JSON");
        let new = serde_json::json!({
            "name": "bench", "rules": { "module": added["hash"] }, "settings": settings,
        });
        let made = operator
            .post("/admin/v1/chains", "application/json", new.to_string())
            .await;
        made.expect("an answer").success().expect("a chain");
        let client = self.client();
        loop {
            let chain = get(&client, "/v1/chains/bench").await;
            if chain["status"] == "running" && chain["head"].is_object() {
                return bytes(&chain["genesis"]);
            }
        }
    }
}

pub(crate) async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await.expect("an answer");
    let answer = answer
        .success()
        .unwrap_or_else(|problem| panic!("{path}: {}", problem.message));
    serde_json::from_slice(&answer.body).expect("JSON")
}

/// The chain's height, once it is open.
async fn height(client: &Client) -> Option<u64> {
    let answer = client.get("/v1/chains").await.ok()?.success().ok()?;
    let chains: Value = serde_json::from_slice(&answer.body).ok()?;
    let chain = chains.as_array()?.first()?.clone();
    (chain["status"] == "running").then(|| chain["height"].as_u64())?
}

pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    playfair_host::hex::decode(value.as_str().expect("digits")).expect("digits")
}

/// Memory of a process, MiB.
pub(crate) fn rss_mb(id: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1_024.0)
}
