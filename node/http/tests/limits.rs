//! Each limit of the server bites, and only it.

mod support;

use axum::Router;
use axum::routing::get;
use playfair_http::{Counts, ServerLimits};
use support::*;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

#[tokio::test]
async fn a_slow_head_is_cut() {
    let limits = ServerLimits {
        // Time enough for the request that is not slow.
        head_timeout: 5 * SOON,
        ..patient()
    };
    let server = Running::tcp(hello(), limits).await;
    let mut slow = server.raw().await;
    assert_eq!(ask(&mut slow, b"GET / HTTP/1.1\r\nhos").await, "");
    let mut silent = server.raw().await;
    assert_eq!(rest(&mut silent).await, "");
    // The second request of a connection has no more time than the first.
    let mut second = server.raw().await;
    assert!(one(&mut second, GET).await.ends_with("hello"));
    assert_eq!(ask(&mut second, b"GET").await, "");
    until(|| server.counters.read().open == 0).await;
    let counts = server.counters.read();
    assert_eq!((counts.cut_head, counts.requests, counts.closed_idle), (3, 1, 0));
    server.stop().await;
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let limits = ServerLimits {
        idle_timeout: SOON,
        ..patient()
    };
    let server = Running::tcp(hello(), limits).await;
    let mut idle = server.raw().await;
    assert!(one(&mut idle, GET).await.ends_with("hello"));
    assert_eq!(rest(&mut idle).await, "");
    until(|| server.counters.read().open == 0).await;
    assert_eq!(server.counters.read().closed_idle, 1);
    server.stop().await;
}

#[tokio::test]
async fn too_many_connections_are_told_so() {
    let limits = ServerLimits {
        connections_max: 1,
        ..patient()
    };
    let server = Running::tcp(hello(), limits).await;
    let mut first = server.raw().await;
    assert!(one(&mut first, GET).await.ends_with("hello"));
    let mut second = server.raw().await;
    let answer = ask(&mut second, GET.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n") && answer.contains("\r\nconnection: close\r\n"));
    assert!(answer.contains(r#""code":"too_many_connections""#), "{answer}");
    // The first is unharmed, and its place is free when it goes.
    assert!(one(&mut first, GET).await.ends_with("hello"));
    drop(first);
    until(|| server.counters.read().open == 0).await;
    let mut third = server.raw().await;
    assert!(one(&mut third, GET).await.ends_with("hello"));
    let expected = Counts {
        open: 1,
        accepted: 3,
        requests: 3,
        refused_full: 1,
        ..Counts::default()
    };
    assert_eq!(server.counters.read(), expected);
    server.stop().await;
}

#[tokio::test]
async fn one_address_has_its_share() {
    let limits = ServerLimits {
        connections_per_ip_max: 1,
        ..patient()
    };
    let server = Running::tcp(hello(), limits).await;
    let mut first = server.raw().await;
    assert!(one(&mut first, GET).await.ends_with("hello"));
    let mut second = server.raw().await;
    let answer = ask(&mut second, GET.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("this address"),
        "{answer}"
    );
    let other = TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let playfair_http::Bound::Tcp(addr) = server.bound else {
        unreachable!()
    };
    let mut other = other.connect(addr).await.unwrap();
    assert!(one(&mut other, GET).await.ends_with("hello"));
    assert_eq!(server.counters.read().refused_per_ip, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_head_has_a_size() {
    let limits = ServerLimits {
        headers_max: 10,
        head_bytes_max: 1000,
        ..patient()
    };
    let server = Running::tcp(hello(), limits).await;
    let start = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let lines = |lines: usize| format!("{start}{}\r\n", "a: x\r\n".repeat(lines - 2));
    let bytes = |bytes: usize| format!("{start}a: {}\r\n\r\n", "x".repeat(bytes - start.len() - 7));
    for (head, status) in [
        (lines(10), 200),
        (lines(11), 431),
        (lines(100), 431),
        (bytes(1000), 200),
        (bytes(1001), 431),
        (bytes(10_000), 431),
        (bytes(1_000_000), 431),
    ] {
        let answer = ask(&mut server.raw().await, head.as_bytes()).await;
        // Bytes after the answer may reset the connection, and the answer with it.
        let reset = head.len() > 1001 && answer.is_empty();
        let told = answer.starts_with(&format!("HTTP/1.1 {status} "));
        assert!(told || reset, "{} bytes: {answer}", head.len());
    }
    assert_eq!(server.counters.read().requests, 2);
    server.stop().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let limits = ServerLimits {
        // Time enough for the one that reads.
        stall_timeout: 10 * SOON,
        ..patient()
    };
    let large = Router::new().route("/", get(async || vec![7_u8; 64 << 20]));
    let server = Running::tcp(large, limits).await;
    let mut deaf = server.raw().await;
    deaf.write_all(GET.as_bytes()).await.unwrap();
    until(|| server.counters.read().cut_stalled == 1 && server.counters.read().open == 0).await;
    // One that reads gets all of it.
    let answer = within(server.client().get("/")).await.unwrap();
    assert_eq!(answer.body.len(), 64 << 20);
    server.stop().await;
}
