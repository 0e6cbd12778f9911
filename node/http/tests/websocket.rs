//! WebSockets over each transport, with their limits.

mod support;

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::extract::ws::Message as Served;
use axum::routing::any;
use http::HeaderMap;
use playfair_http::{
    Client, ClientError, ClientLimits, GuardLimits, Identity, Listener, Message, WebSocketLimits, guard,
};
use support::*;
use tokio::sync::mpsc;

/// Sends back what comes, up to 1000 bytes, and reports how each WebSocket ended.
fn echo(ended: mpsc::UnboundedSender<String>) -> Router {
    let handler = async move |upgrade: WebSocketUpgrade| {
        upgrade
            .max_message_size(1000)
            .on_upgrade(async move |mut socket| {
                let end = loop {
                    match socket.recv().await {
                        None => break "closed".to_owned(),
                        Some(Err(error)) => break error.to_string(),
                        Some(Ok(Served::Text(text))) if text == "large" => {
                            let _ = socket.send(Served::Binary(vec![0; 5000].into())).await;
                        }
                        Some(Ok(message @ (Served::Text(_) | Served::Binary(_)))) => {
                            let _ = socket.send(message).await;
                        }
                        Some(Ok(_)) => {}
                    }
                };
                let _ = ended.send(end);
            })
    };
    guard(
        Router::new().route("/echo", any(handler)),
        &GuardLimits::default(),
    )
}

fn limits() -> WebSocketLimits {
    WebSocketLimits {
        message_bytes_max: 1000,
        ..WebSocketLimits::default()
    }
}

#[tokio::test]
async fn over_each_transport() {
    let folder = Folder::new();
    let identity = Identity::generate().unwrap();
    let any_port = "127.0.0.1:0".parse().unwrap();
    for listener in [
        Listener::tcp(any_port).await.unwrap(),
        Listener::tls(any_port, &identity).await.unwrap(),
        Listener::unix(folder.join("s")).await.unwrap(),
    ] {
        let (sender, mut ended) = mpsc::unbounded_channel();
        let server = Running::start(listener, echo(sender), patient());
        let address = server.bound.to_string();
        let pin = address.starts_with("https").then(|| identity.fingerprint());
        let client = Client::new(&address, pin, ClientLimits::default()).unwrap();
        let mut socket = within(client.websocket("/echo", HeaderMap::new(), &limits()))
            .await
            .unwrap();
        for message in [Message::text("hello"), Message::binary(vec![7; 1000])] {
            within(socket.send(message.clone())).await.unwrap();
            assert_eq!(within(socket.next()).await.unwrap().unwrap(), message);
        }
        within(socket.close()).await;
        assert_eq!(within(ended.recv()).await.unwrap(), "closed");
        server.stop().await;
    }
}

#[tokio::test]
async fn a_message_has_a_size() {
    let (sender, mut ended) = mpsc::unbounded_channel();
    let server = Running::tcp(echo(sender), patient()).await;
    let client = server.client();
    // The server takes 1000 bytes,
    let mut socket = within(client.websocket("/echo", HeaderMap::new(), &limits()))
        .await
        .unwrap();
    within(socket.send(Message::binary(vec![7; 1001]))).await.unwrap();
    let end = within(ended.recv()).await.unwrap();
    assert!(end.contains("too long"), "{end}");
    assert!(!matches!(
        within(socket.next()).await,
        Some(Ok(Message::Binary(_)))
    ));
    // and so does the client.
    let mut socket = within(client.websocket("/echo", HeaderMap::new(), &limits()))
        .await
        .unwrap();
    within(socket.send(Message::text("large"))).await.unwrap();
    let error = within(socket.next()).await.unwrap().unwrap_err();
    assert!(
        matches!(error, ClientError::WebSocket(_)) && error.to_string().contains("too long"),
        "{error}"
    );
    drop(socket);
    within(ended.recv()).await.unwrap();
    until(|| server.counters.read().open == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn where_there_is_none_the_answer_is_told() {
    let (sender, _ended) = mpsc::unbounded_channel();
    let server = Running::tcp(echo(sender), patient()).await;
    let client = server.client();
    let error = within(client.websocket("/nowhere", HeaderMap::new(), &limits()))
        .await
        .unwrap_err();
    let ClientError::NoWebSocket(answer) = error else {
        panic!("{error}")
    };
    assert_eq!(answer.status, 404);
    // And a plain request where there is one.
    let problem = within(client.get("/echo")).await.unwrap().success().unwrap_err();
    assert_eq!((problem.status.as_u16(), &*problem.code), (400, "bad_request"));
    server.stop().await;
}
