//! The end: open requests finish, WebSockets are told, and after the grace period the rest is cut.

mod support;

use std::sync::Arc;

use axum::Router;
use axum::extract::WebSocketUpgrade;
use axum::routing::{any, get};
use http::HeaderMap;
use playfair_http::{
    Bound, Client, ClientLimits, Identity, Listener, Message, ServerLimits, Shutdown, WebSocketLimits,
};
use support::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;

/// `/slow` answers when told; `/socket` closes at the signal; `/deaf` never does.
fn service() -> (Router, Arc<Notify>, Arc<Notify>) {
    let (entered, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, outside) = (entered.clone(), go_on.clone());
    let socket = async |shutdown: axum::Extension<Shutdown>, upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async move |mut socket| {
            tokio::select! {
                () = shutdown.wait() => { let _ = socket.send(axum::extract::ws::Message::Close(None)).await; }
                _ = socket.recv() => {}
            }
        })
    };
    let deaf = async |upgrade: WebSocketUpgrade| {
        upgrade.on_upgrade(async |mut socket| while let Some(Ok(_)) = socket.recv().await {})
    };
    let slow = async move || {
        inside.notify_one();
        outside.notified().await;
        "done"
    };
    let router = Router::new()
        .route("/", get(async || "hello"))
        .route("/slow", get(slow))
        .route("/socket", any(socket))
        .route("/deaf", any(deaf));
    (router, entered, go_on)
}

#[tokio::test]
async fn an_open_request_is_answered_and_nothing_new_is_taken() {
    let (router, entered, go_on) = service();
    let server = Running::tcp(router, patient()).await;
    let Bound::Tcp(addr) = server.bound else {
        unreachable!()
    };
    let client = server.client();
    let mut idle = server.raw().await;
    assert!(one(&mut idle, GET).await.ends_with("hello"));
    let mut fresh = server.raw().await;
    let open = tokio::spawn(async move { client.get("/slow").await });
    within(entered.notified()).await;
    until(|| server.counters.read().open == 3).await;
    server.shutdown.stop();
    // Who waits is closed at once; who came too late is refused.
    assert_eq!(rest(&mut idle).await, "");
    assert_eq!(rest(&mut fresh).await, "");
    assert!(TcpStream::connect(addr).await.is_err());
    assert!(!server.task.is_finished());
    go_on.notify_one();
    assert_eq!(within(open).await.unwrap().unwrap().body, "done");
    within(server.task).await.unwrap();
    assert_eq!(server.counters.read().open, 0);
}

#[tokio::test]
async fn websockets_are_told_and_close() {
    let (router, ..) = service();
    let server = Running::tcp(router, patient()).await;
    let client = server.client();
    let mut socket = within(client.websocket("/socket", HeaderMap::new(), &WebSocketLimits::default()))
        .await
        .unwrap();
    assert_eq!(server.counters.read().open, 1);
    server.shutdown.stop();
    assert!(matches!(within(socket.next()).await, Some(Ok(Message::Close(_)))));
    assert!(within(socket.next()).await.is_none());
    within(server.task).await.unwrap();
    assert_eq!(server.counters.read().open, 0);
}

#[tokio::test]
async fn who_does_not_end_is_cut() {
    let (router, entered, _) = service();
    let limits = ServerLimits {
        grace: SOON,
        ..patient()
    };
    let server = Running::tcp(router, limits).await;
    let client = server.client();
    let mut socket = within(client.websocket("/deaf", HeaderMap::new(), &WebSocketLimits::default()))
        .await
        .unwrap();
    let open = tokio::spawn(async move { client.get("/slow").await });
    within(entered.notified()).await;
    let mut partial = server.raw().await;
    partial.write_all(b"GET /").await.unwrap();
    until(|| server.counters.read().open == 3).await;
    server.shutdown.stop();
    within(server.task).await.unwrap();
    assert!(within(open).await.unwrap().unwrap_err().maybe_done());
    assert!(within(socket.next()).await.unwrap().is_err());
    assert_eq!(rest(&mut partial).await, "");
    until(|| server.counters.read().open == 0).await;
}

#[tokio::test]
async fn dropping_the_server_cuts_everything() {
    let (router, ..) = service();
    let server = Running::tcp(router, patient()).await;
    let mut idle = server.raw().await;
    assert!(one(&mut idle, GET).await.ends_with("hello"));
    let client = server.client();
    let mut socket = within(client.websocket("/deaf", HeaderMap::new(), &WebSocketLimits::default()))
        .await
        .unwrap();
    server.task.abort();
    assert_eq!(rest(&mut idle).await, "");
    assert!(within(socket.next()).await.unwrap().is_err());
}

#[tokio::test]
async fn a_handshake_that_never_ends_does_not_hold_the_server() {
    let identity = Identity::generate().unwrap();
    let listener = Listener::tls("127.0.0.1:0".parse().unwrap(), &identity)
        .await
        .unwrap();
    let (router, ..) = service();
    let server = Running::start(listener, router, patient());
    let mut silent = server.raw().await;
    until(|| server.counters.read().open == 1).await;
    server.shutdown.stop();
    within(server.task).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
async fn a_client_outlives_its_server() {
    let (router, ..) = service();
    let server = Running::tcp(router.clone(), patient()).await;
    let Bound::Tcp(addr) = server.bound else {
        unreachable!()
    };
    let client = Client::new(&format!("http://{addr}"), None, ClientLimits::default()).unwrap();
    assert_eq!(within(client.get("/")).await.unwrap().body, "hello");
    server.stop().await;
    let error = within(client.get("/")).await.unwrap_err();
    assert!(!error.maybe_done(), "{error}");
    let server = Running::start(Listener::tcp(addr).await.unwrap(), router, patient());
    assert_eq!(within(client.get("/")).await.unwrap().body, "hello");
    assert_eq!(server.counters.read().accepted, 1);
    server.stop().await;
}
