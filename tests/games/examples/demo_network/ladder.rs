//! Each call's way up the confirmation ladder, printed as it is told.

use crate::Result;
use http::HeaderMap;
use playfair_http::{Client, Message, WebSocketLimits};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// A call that was sent just now.
pub(crate) struct Submitted {
    pub(crate) number: u32,
    pub(crate) what: String,
    pub(crate) id: [u8; 32],
    pub(crate) at: Instant,
}

/// Where players say what they have sent.
#[derive(Clone)]
pub(crate) struct Ladder(UnboundedSender<Submitted>);

/// How long it took, by half of the calls.
pub(crate) struct Climbed {
    pub(crate) sealed_p50: Duration,
    pub(crate) proven_p50: Duration,
}

/// A call on its way.
struct Call {
    what: String,
    at: Instant,
    sealed: Option<Duration>,
    proven: Option<Duration>,
}

impl Ladder {
    /// Follows so many calls, each to its last rung.
    pub(crate) async fn start(client: &Client, count: usize) -> Result<(Self, JoinHandle<Result<Climbed>>)> {
        let (sender, submitted) = unbounded_channel();
        let limits = WebSocketLimits::default();
        let socket = client
            .websocket("/v1/chains/chess/ws", HeaderMap::new(), &limits)
            .await?;
        Ok((Self(sender), tokio::spawn(follow(socket, submitted, count))))
    }

    pub(crate) fn follow(&self, submitted: Submitted) -> Result<()> {
        self.0
            .send(submitted)
            .map_err(|_| "nobody follows the calls any more".into())
    }
}

async fn follow(
    mut socket: playfair_http::WebSocket,
    mut submitted: UnboundedReceiver<Submitted>,
    count: usize,
) -> Result<Climbed> {
    let mut calls: BTreeMap<u32, Call> = BTreeMap::new();
    loop {
        tokio::select! {
            Some(new) = submitted.recv() => {
                let ask = json!({ "subscribe": "call", "as": new.number, "id": playfair_host::hex::encode(&new.id) });
                calls.insert(new.number, Call { what: new.what, at: new.at, sealed: None, proven: None });
                socket.send(Message::text(ask.to_string())).await?;
            }
            message = socket.next() => {
                let Message::Text(text) = message.ok_or("the node has closed the connection")?? else { continue };
                let told: Value = serde_json::from_str(&text)?;
                if let Some(problem) = told.get("error") {
                    return Err(problem.to_string().into());
                }
                let number = told["as"].as_u64().and_then(|number| u32::try_from(number).ok());
                let standing = told.get("delta").or_else(|| told.get("snapshot"));
                if let Some((call, standing)) = number.and_then(|number| calls.get_mut(&number)).zip(standing) {
                    call.climb(standing);
                }
                if calls.len() == count && calls.values().all(|call| call.proven.is_some()) {
                    return Ok(climbed(&calls));
                }
            }
        }
    }
}

impl Call {
    /// Prints the rungs that are new.
    fn climb(&mut self, standing: &Value) {
        let rung = standing["rung"].as_str();
        if rung.is_some() && self.sealed.is_none() {
            let took = self.at.elapsed();
            self.sealed = Some(took);
            println!(
                "{}  sequenced  block {:<15} {:>6} ms",
                self.what,
                standing["evidence"]["block"]["height"].to_string(),
                took.as_millis()
            );
        }
        if rung == Some("proven") && self.proven.is_none() {
            let took = self.at.elapsed();
            self.proven = Some(took);
            println!(
                "{}  proven     proof at frame {:<6} {:>6.1} s",
                self.what,
                standing["proof"].to_string(),
                took.as_secs_f64()
            );
        }
    }
}

fn climbed(calls: &BTreeMap<u32, Call>) -> Climbed {
    let middle = |times: Vec<Duration>| {
        let mut times = times;
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    Climbed {
        sealed_p50: middle(calls.values().filter_map(|call| call.sealed).collect()),
        proven_p50: middle(calls.values().filter_map(|call| call.proven).collect()),
    }
}
