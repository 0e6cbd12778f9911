//! A client of subscriptions that holds its books.

use super::Scene;
use http::HeaderMap;
use playfair_http::{ClientError, Message, WebSocket, WebSocketLimits};
use playfair_runtime::local::Players;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// A client that holds its books as the protocol says: the cursor of each subscription.
pub(crate) struct Follower {
    pub(crate) socket: WebSocket,
    pub(crate) cursors: HashMap<u64, Value>,
}

/// On a machine that is busy.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    let found = tokio::time::timeout(Duration::from_secs(60), future).await;
    found.expect("it takes too long")
}

pub(crate) async fn open(scene: &Scene) -> Result<WebSocket, ClientError> {
    let limits = WebSocketLimits::default();
    scene
        .client
        .websocket("/v1/chains/counter/ws", HeaderMap::new(), &limits)
        .await
}

impl Follower {
    pub(crate) async fn open(scene: &Scene) -> Self {
        Self {
            socket: open(scene).await.unwrap(),
            cursors: HashMap::new(),
        }
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message, whose `after` is the cursor before.
    pub(crate) async fn hear(&mut self) -> Value {
        loop {
            let message = soon(self.socket.next()).await.expect("it is open").unwrap();
            let Message::Text(text) = message else { continue };
            let heard: Value = serde_json::from_str(&text).unwrap();
            if let Some(name) = heard["as"].as_u64() {
                if let Some(after) = heard.get("after") {
                    assert_eq!(Some(after), self.cursors.get(&name), "a gap: {heard}");
                }
                if let Some(cursor) = heard.get("cursor") {
                    self.cursors.insert(name, cursor.clone());
                }
            }
            return heard;
        }
    }

    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        self.say(message).await;
        self.hear().await
    }

    /// How the server ends it: the code of its close.
    pub(crate) async fn end(mut self) -> Option<u16> {
        let mut code = None;
        while let Some(Ok(message)) = soon(self.socket.next()).await {
            if let Message::Close(Some(frame)) = message {
                code = Some(u16::from(frame.code));
            }
        }
        code
    }
}

pub(crate) fn code(heard: &Value) -> &str {
    heard["error"]["code"]
        .as_str()
        .unwrap_or_else(|| panic!("no error: {heard}"))
}

/// Seals calls of a player, each in a block of its own.
pub(crate) async fn play(scene: &Scene, players: &mut Players, name: &str, entries: &[u8]) {
    for entry in entries {
        let (status, sealed) = scene.call(players.call(name, *entry, b"").unwrap()).await;
        assert_eq!(status, 200, "{sealed}");
    }
}

pub(crate) fn players(scene: &Scene) -> Players {
    Players::of(scene.host.chain("counter").unwrap().id)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
