//! A chain's lines, live: a WebSocket that begins with the last 200.
//!
//! ```text
//! {"height":17,"index":3,"kind":"log","text":".."}      kinds: log, trap, reverted, out_of_gas
//! {"missed":40}                                         so many lines were too fast for this reader
//! ```

use super::Admin;
use crate::subscribe::texts::json;
use axum::Extension;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use axum::extract::{Path, State, WebSocketUpgrade};
use axum::response::Response;
use playfair_host::{Chain, Line};
use playfair_http::{Problem, Shutdown};
use serde_json::json;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Follows what a chain's module says and how calls fail: a WebSocket of JSON lines, the last 200 first.
#[utoipa::path(get, path = "/chains/{chain}/logs", tag = "logs",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 101, description = "the WebSocket is open"),
              (status = 400, description = "no WebSocket was asked for"),
              (status = 404, description = "no such chain")))]
pub(crate) async fn follow(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
    shutdown: Option<Extension<Shutdown>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let chain = admin.chain(&chain)?;
    let shutdown = shutdown.map(|Extension(shutdown)| shutdown).unwrap_or_default();
    let upgrade = upgrade.max_message_size(4 << 10).max_frame_size(4 << 10);
    Ok(upgrade.on_upgrade(move |mut socket| async move {
        if tell(&mut socket, &chain, &shutdown, admin.ping).await.is_some() {
            let frame = CloseFrame {
                code: close_code::AWAY,
                reason: "the node is stopping".into(),
            };
            let _ = socket.send(Message::Close(Some(frame))).await;
        }
    }))
}

fn text(line: &Line) -> Message {
    let line = json!({
        "height": line.place.height,
        "index": line.place.index,
        "kind": line.kind.name(),
        "text": line.text,
    });
    Message::Text(json(&line).into())
}

/// Until the reader goes (none), or the node does.
async fn tell(socket: &mut WebSocket, chain: &Arc<Chain>, shutdown: &Shutdown, ping: Duration) -> Option<()> {
    let (kept, mut live) = chain.lines();
    for line in &kept {
        socket.send(text(line)).await.ok()?;
    }
    let mut stopping = pin!(shutdown.wait());
    let mut tick = tokio::time::interval(ping);
    let mut unanswered = 0;
    loop {
        let message = tokio::select! {
            biased;
            () = &mut stopping => return Some(()),
            said = socket.recv() => match said?.ok()? {
                Message::Close(_) => return None,
                // Whatever it is, somebody is there.
                _ => {
                    unanswered = 0;
                    continue;
                }
            },
            _ = tick.tick() => {
                unanswered += 1;
                if unanswered > 2 {
                    return None;
                }
                Message::Ping(Default::default())
            }
            line = live.recv() => match line {
                Ok(line) => text(&line),
                Err(RecvError::Lagged(count)) => Message::Text(json!({ "missed": count }).to_string().into()),
                Err(RecvError::Closed) => return Some(()),
            },
        };
        socket.send(message).await.ok()?;
    }
}
