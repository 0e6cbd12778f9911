//! A WebSocket to a service, over the same transports as requests.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::HeaderMap;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, protocol::WebSocketConfig};

pub use tokio_tungstenite::tungstenite::Message;

use crate::client::{Answer, Client, ClientError, parse_path};
use crate::listener::BoxIo;

/// What may come and go over a WebSocket.
#[derive(Clone, Debug)]
pub struct WebSocketLimits {
    /// Bytes of a message that comes, in one frame or many. 1 MiB.
    pub message_bytes_max: usize,
    /// Bytes that wait to be sent, a message that goes included. 4 MiB.
    pub waiting_bytes_max: usize,
    /// Time in which the server must take a message. 20 s.
    pub send_timeout: Duration,
}

impl Default for WebSocketLimits {
    fn default() -> WebSocketLimits {
        WebSocketLimits {
            message_bytes_max: 1 << 20,
            waiting_bytes_max: 4 << 20,
            send_timeout: Duration::from_secs(20),
        }
    }
}

/// An open WebSocket. After an error it is of no more use.
pub struct WebSocket {
    stream: WebSocketStream<BoxIo>,
    send_timeout: Duration,
}

impl std::fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebSocket")
    }
}

impl Client {
    /// Opens a WebSocket at `path`, on a connection of its own.
    pub async fn websocket(
        &self,
        path: &str,
        headers: HeaderMap,
        limits: &WebSocketLimits,
    ) -> Result<WebSocket, ClientError> {
        let path = parse_path(path)?;
        // The scheme is for tungstenite alone: the transport is ours.
        let mut request = format!("ws://{}{path}", self.authority)
            .into_client_request()
            .map_err(|error| ClientError::Request(error.to_string()))?;
        for (name, value) in &headers {
            request.headers_mut().append(name, value.clone());
        }
        let mut config = WebSocketConfig::default();
        config.max_message_size = Some(limits.message_bytes_max);
        config.max_frame_size = Some(limits.message_bytes_max);
        config.read_buffer_size = 16 << 10;
        // The library asks for room beyond what it writes at once.
        config.write_buffer_size = 16 << 10;
        config.max_write_buffer_size = limits.waiting_bytes_max.max(32 << 10);
        let open = async {
            let io = self.connect().await?;
            match tokio_tungstenite::client_async_with_config(request, io, Some(config)).await {
                Ok((stream, _)) => Ok(WebSocket {
                    stream,
                    send_timeout: limits.send_timeout,
                }),
                Err(Error::Http(response)) => {
                    let (parts, body) = response.into_parts();
                    Err(ClientError::NoWebSocket(Box::new(Answer {
                        status: parts.status,
                        headers: parts.headers,
                        body: body.unwrap_or_default().into(),
                    })))
                }
                Err(error) => Err(ClientError::WebSocket(error.to_string())),
            }
        };
        match tokio::time::timeout(self.limits.request_timeout, open).await {
            Ok(done) => done,
            Err(_) => Err(ClientError::Timeout { sent: true }),
        }
    }
}

impl WebSocket {
    /// Sends one message.
    pub async fn send(&mut self, message: Message) -> Result<(), ClientError> {
        match tokio::time::timeout(self.send_timeout, self.stream.send(message)).await {
            Ok(done) => done.map_err(|error| ClientError::WebSocket(error.to_string())),
            Err(_) => Err(ClientError::Timeout { sent: true }),
        }
    }

    /// The next message; none when the server has closed in order. Pings are answered meanwhile. Giving up the wait
    /// loses nothing.
    pub async fn next(&mut self) -> Option<Result<Message, ClientError>> {
        let message = self.stream.next().await?;
        Some(message.map_err(|error| ClientError::WebSocket(error.to_string())))
    }

    /// Tells the server that this is the end and waits for its word, as long as a message may take.
    pub async fn close(mut self) {
        let close = async {
            if self.stream.close(None).await.is_ok() {
                while let Some(Ok(_)) = self.stream.next().await {}
            }
        };
        let _ = tokio::time::timeout(self.send_timeout, close).await;
    }
}
