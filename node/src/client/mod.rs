//! Commands that talk to a running node.
//!
//! - [`keys`]: players' keys, on this machine.
//! - [`call`]: signed calls and queries, by the names of the module's ABI.
//! - [`status`]: what the node's chains are doing.
//! - [`admin`], [`logs`]: what only the operator may do and hear, over the admin socket.
//!
//! The node is taken at its word: these commands are for operators and studios, who know which node they ask. What comes
//! is bounded and decoded strictly all the same. Who trusts no node uses a light client.

pub mod admin;
pub mod call;
pub mod keys;
pub mod logs;
pub mod provers;
pub mod snapshot;
pub mod status;

use crate::config::Config;
use anyhow::{Context, Result, anyhow, bail};
use playfair_http::{Answer, Client, ClientError, ClientLimits, Fingerprint, Problem};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A node that is asked.
pub struct Node {
    client: Client,
    address: String,
    runtime: Runtime,
}

impl Node {
    /// The node at `named`, else the one that the configuration names, else the one that it describes.
    ///
    /// # Errors
    /// When the address is none, or its certificate is not known.
    pub fn of(config: &Config, named: Option<&str>) -> Result<Self> {
        let address = match named.or(config.client.node.as_deref()) {
            Some(address) => address.to_owned(),
            None => own_address(config.listen, config.tls.0.is_some()),
        };
        Self::at(config, address)
    }

    /// The operator's service of the node at `named` (`unix:/path`), else of the node that the configuration describes.
    ///
    /// # Errors
    /// When the address is no Unix socket's.
    pub fn admin(config: &Config, named: Option<&str>) -> Result<Self> {
        match named {
            Some(address) if address.starts_with("unix:") => Self::at(config, address.to_owned()),
            Some(address) => bail!(
                "{address}: this can be asked over the node's admin socket only; on its machine, give --node unix:/path as \
                 `playfair node` printed it"
            ),
            None => {
                let path = std::path::absolute(config.admin_path()).context("no admin socket")?;
                Self::at(config, format!("unix:{}", path.display()))
            }
        }
    }

    fn at(config: &Config, address: String) -> Result<Self> {
        let pinned = match address.starts_with("https://") {
            true => Some(pin(config, &address)?),
            false => None,
        };
        let limits = ClientLimits {
            answer_bytes_max: 16 << 20,
            ..ClientLimits::default()
        };
        let client = Client::new(&address, pinned, limits)?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .context("no runtime")?;
        Ok(Self {
            client,
            address,
            runtime,
        })
    }

    /// The connections to it.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Runs a task on the node's own executor.
    pub(crate) fn block_on<T>(&self, task: impl Future<Output = T>) -> T {
        self.runtime.block_on(task)
    }

    /// An answer's JSON.
    ///
    /// # Errors
    /// When there is none, or it is a problem.
    pub fn get(&self, path: &str) -> Result<Value> {
        json(&self.bytes(path)?)
    }

    /// An answer's bytes.
    fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        let answer = self.runtime.block_on(self.client.get(path));
        Ok(self.answered(answer)?.body.to_vec())
    }

    /// The answer to a question in JSON.
    fn ask(&self, path: &str, question: &Value) -> Result<Value> {
        let answer = self
            .runtime
            .block_on(self.client.post(path, "application/json", question.to_string()));
        json(&self.answered(answer)?.body)
    }

    /// The answer to a request without a body of its own.
    fn order(&self, path: &str) -> Result<Value> {
        let answer = self
            .runtime
            .block_on(self.client.post(path, "application/json", ""));
        json(&self.answered(answer)?.body)
    }

    /// The answer to bytes, or what went wrong, undigested.
    fn send(&self, path: &str, bytes: &[u8]) -> Result<Result<Value, Problem>, ClientError> {
        let answer =
            self.runtime
                .block_on(self.client.post(path, "application/octet-stream", bytes.to_vec()))?;
        Ok(answer
            .success()
            .map(|answer| serde_json::from_slice(&answer.body).unwrap_or(Value::Null)))
    }

    fn answered(&self, answer: Result<Answer, ClientError>) -> Result<Answer> {
        let answer = answer.map_err(|error| self.unreachable(&error))?;
        answer.success().map_err(|problem| told(&problem))
    }

    fn unreachable(&self, error: &ClientError) -> anyhow::Error {
        match error {
            ClientError::Connect(_) if self.address.starts_with("unix:") => anyhow!(
                "no node answers at {}: {error}; start one with `playfair node`, or name its admin socket with --node unix:/path or \
                 --set node.data=FOLDER",
                self.address
            ),
            ClientError::Connect(_) | ClientError::Timeout { sent: false } => anyhow!(
                "there is no node at {}: {error}; start one with `playfair node`, or name another with --node",
                self.address
            ),
            error => anyhow!("the node at {}: {error}", self.address),
        }
    }

    /// Waits before it is asked again.
    pub(crate) fn pause(&self, time: Duration) {
        // Made inside: a timer belongs to the runtime in which it is made.
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }
}

/// What a node says is the problem, as a sentence.
fn told(problem: &Problem) -> anyhow::Error {
    let wait = problem
        .retry_after_ms
        .map(|wait| format!(" (again in {} s)", wait.div_ceil(1_000)));
    anyhow!("{}{}", printable(&problem.message), wait.unwrap_or_default())
}

/// Text of somebody else's, without what moves a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .take(1_000)
        .collect()
}

fn json(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).context("the node's answer is not JSON: is this a node of Playfair?")
}

/// Where a node that listens here is reached from this machine.
fn own_address(listen: SocketAddr, is_tls: bool) -> String {
    let scheme = if is_tls { "https" } else { "http" };
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, listen.port()))
}

/// The certificate that the node must show: the one that is pinned, else the one that lies here.
fn pin(config: &Config, address: &str) -> Result<Fingerprint> {
    if let Some(pinned) = config.client.fingerprint {
        return Ok(pinned);
    }
    let Some(path) = config.tls.0.as_ref() else {
        bail!(
            "whose certificate must {address} show? set client.fingerprint (PLAYFAIR_CLIENT__FINGERPRINT) to the sha256 that \
             the node printed when it started"
        );
    };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Fingerprint::of(&bytes))
}

/// A chain's name or id, as a part of a path.
fn chain_part(chain: &str) -> Result<&str> {
    let is_part = !chain.is_empty()
        && chain.len() <= 64
        && chain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_part {
        bail!("{chain:?} is no chain: give its name or its id; `playfair status` lists them");
    }
    Ok(chain)
}

/// Text of an answer.
pub(crate) fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    let found = value.get(field).and_then(Value::as_str);
    found.with_context(|| format!("the node's answer has no `{field}`: is it of another version?"))
}

/// A number of an answer.
pub(crate) fn number(value: &Value, field: &str) -> Result<u64> {
    let found = value.get(field).and_then(Value::as_u64);
    found.with_context(|| format!("the node's answer has no `{field}`: is it of another version?"))
}

/// Bytes of an answer.
pub(crate) fn hex(value: &Value, field: &str) -> Result<Vec<u8>> {
    let bytes = playfair_host::hex::decode(text(value, field)?);
    bytes.with_context(|| format!("the `{field}` of the node's answer is not hexadecimal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_listens_everywhere_is_asked_here() {
        let at = |listen: &str| own_address(listen.parse().unwrap(), false);
        assert_eq!(at("0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(at("[::]:80"), "http://[::1]:80");
        assert_eq!(at("10.0.0.1:80"), "http://10.0.0.1:80");
    }

    #[test]
    fn a_chain_is_no_path() {
        for bad in ["", "a/b", "..", "a?b", "a b", &"a".repeat(65)] {
            assert!(chain_part(bad).is_err(), "{bad}");
        }
        assert_eq!(chain_part("chess-2").unwrap(), "chess-2");
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a[2Jb");
    }
}
