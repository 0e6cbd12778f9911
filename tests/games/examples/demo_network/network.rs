//! `playfair dev` as another process.

use crate::Result;
use playfair_games::module::folder;
use playfair_http::{Answer, Client, ClientLimits};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A network that runs. Dropped, it is killed.
pub(crate) struct Network {
    child: Child,
    /// Where its web API is.
    pub(crate) address: String,
    /// Where its page is, with the chain's link; none without a page.
    pub(crate) page: Option<String>,
}

impl Network {
    /// Starts one with the chess module, in a folder of its own, and prints what it says until it is ready. It serves the page of a folder, if one is given.
    pub(crate) async fn start(program: &Path, data: &Path, page: Option<&Path>) -> Result<Self> {
        let page = page.unwrap_or(Path::new("none"));
        println!(
            "$ playfair dev contracts-wasm/chess --fresh --data {} --page {}\n",
            data.display(),
            page.display()
        );
        let mut child = Command::new(program)
            .arg("dev")
            .arg(folder("chess"))
            .args(["--fresh", "--data"])
            .arg(data)
            .arg("--page")
            .arg(page)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(out).lines();
        let (mut address, mut page) = (None, None);
        loop {
            let Some(line) = lines.next_line().await? else {
                return Err("the network did not start: it says above why".into());
            };
            println!("{line}");
            match line.split_once(char::is_whitespace) {
                Some(("api", place)) => address = Some(place.trim().to_owned()),
                Some(("page", place)) => page = Some(place.trim().to_owned()),
                None if line == "ready" => break,
                _ => {}
            }
        }
        // What it says later is shown as it comes.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                println!("{line}");
            }
        });
        Ok(Self {
            child,
            address: address.ok_or("it did not say where it listens")?,
            page,
        })
    }

    pub(crate) fn client(&self) -> Result<Client> {
        let limits = ClientLimits {
            request_timeout: Duration::from_secs(60),
            ..ClientLimits::default()
        };
        Ok(Client::new(&self.address, None, limits)?)
    }

    /// Stops it in good order.
    pub(crate) async fn stop(&mut self) -> Result<()> {
        let id = self
            .child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(id) = id {
            kill_process(id, Signal::INT)?;
        }
        self.ended().await
    }

    /// Waits for Ctrl-C, which the network hears too, and for its end.
    pub(crate) async fn until_told(&mut self) -> Result<()> {
        tokio::select! {
            told = tokio::signal::ctrl_c() => told?,
            ended = self.child.wait() => return Err(format!("the network ended: {}", ended?).into()),
        }
        self.ended().await
    }

    async fn ended(&mut self) -> Result<()> {
        let status = self.child.wait().await?;
        if !status.success() {
            return Err(format!("the network ended: {status}").into());
        }
        println!("stopped in good order");
        Ok(())
    }
}

pub(crate) async fn get(client: &Client, path: &str) -> Result<Value> {
    json(client.get(path).await?)
}

/// An answer's JSON, or what the node says is wrong.
pub(crate) fn json(answer: Answer) -> Result<Value> {
    let answer = answer.success().map_err(|problem| problem.message)?;
    Ok(serde_json::from_slice(&answer.body)?)
}

pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>> {
    let digits = value.as_str().ok_or("no bytes in the answer")?;
    Ok(playfair_host::hex::decode(digits).ok_or("no digits in the answer")?)
}
