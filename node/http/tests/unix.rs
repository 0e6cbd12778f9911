//! Unix sockets: whose they are, and when a file is replaced.

mod support;

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;

use axum::Router;
use axum::routing::get;
use playfair_http::{ListenError, Listener};
use support::*;

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

#[tokio::test]
async fn a_socket_is_its_owners_and_goes_with_the_server() {
    let folder = Folder::new();
    let path = folder.join("s");
    let listener = Listener::unix(&path).await.unwrap();
    let file = std::fs::symlink_metadata(&path).unwrap();
    assert!(file.file_type().is_socket());
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let server = Running::start(listener, hello(), patient());
    assert_eq!(within(server.client().get("/")).await.unwrap().body, "hello");
    server.stop().await;
    assert!(!path.exists());
    // The lock alone stays.
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    // The same path again.
    let server = Running::start(Listener::unix(&path).await.unwrap(), hello(), patient());
    assert_eq!(within(server.client().get("/")).await.unwrap().body, "hello");
    server.stop().await;
}

#[tokio::test]
async fn a_stale_socket_is_replaced() {
    let folder = Folder::new();
    let path = folder.join("s");
    // The file stays when a listener goes: as after a crash.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    // And what a crash in the middle of binding leaves.
    std::fs::create_dir(folder.join("s~")).unwrap();
    drop(UnixListener::bind(folder.join("s~/s")).unwrap());
    let server = Running::start(Listener::unix(&path).await.unwrap(), hello(), patient());
    assert_eq!(within(server.client().get("/")).await.unwrap().body, "hello");
    server.stop().await;
}

#[tokio::test]
async fn a_living_socket_is_left_alone() {
    let folder = Folder::new();
    let path = folder.join("s");
    let first = Running::start(Listener::unix(&path).await.unwrap(), hello(), patient());
    let error = Listener::unix(&path).await.unwrap_err();
    assert!(matches!(error, ListenError::InUse(_)), "{error}");
    assert!(error.to_string().contains("served by another process"), "{error}");
    assert_eq!(within(first.client().get("/")).await.unwrap().body, "hello");
    first.stop().await;
    // One that is not ours has no lock, but it answers.
    let foreign = UnixListener::bind(&path).unwrap();
    let error = Listener::unix(&path).await.unwrap_err();
    assert!(matches!(error, ListenError::InUse(_)), "{error}");
    drop(foreign);
    Listener::unix(&path).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_socket_is_never_replaced() {
    let folder = Folder::new();
    let path = folder.join("s");
    std::fs::write(&path, "precious").unwrap();
    let error = Listener::unix(&path).await.unwrap_err();
    assert!(matches!(error, ListenError::NotASocket(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    let precious = folder.join("t~");
    std::fs::write(&precious, "precious").unwrap();
    assert!(Listener::unix(folder.join("t")).await.is_err());
    assert_eq!(std::fs::read(&precious).unwrap(), b"precious");
    // Nor one that took the place of ours.
    std::fs::remove_file(&path).unwrap();
    let listener = Listener::unix(&path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "precious").unwrap();
    drop(listener);
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    assert!(Listener::unix(folder.join("no/such/folder")).await.is_err());
    assert!(Listener::unix(folder.join(&"x".repeat(200))).await.is_err());
}
