//! Two thousand WebSockets at once, most of them silent, and calls in between.

use super::scene::{Folder, PATIENCE, Process, figure, metrics, players, running, runtime, submit};
use playfair_http::{Client, ClientLimits, Message, WebSocket, WebSocketLimits};
use rustix::process::{Resource, getrlimit};
use serde_json::Value;
use std::time::Instant;

/// Subscribers; fewer where the system does not let one process have so many files.
const SOCKETS: u64 = 2_000;
/// How many of them follow the chain's blocks; the others only keep their place.
const FOLLOWING: usize = 1_000;
/// Blocks that are made while they listen.
const BLOCKS: u64 = 3;

#[test]
fn two_thousand_subscribers_hear_every_block() {
    runtime().block_on(run());
}

/// The next message that is JSON.
async fn next(socket: &mut WebSocket) -> Value {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next())
            .await
            .expect("a message in time");
        match message.expect("an open socket").expect("a message") {
            Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
            Message::Ping(_) | Message::Pong(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn run() {
    let files = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    let count = SOCKETS.min(files.saturating_sub(300)) as usize;
    let folder = Folder::with_chains(&["counter"]);
    let wide = [
        "server.connections_max=4000",
        "server.connections_per_ip_max=4000",
        "api.sockets_max=2000",
        "api.sockets_per_address_max=2000",
        "guard.rate.per_second=0",
        "metrics.listen=127.0.0.1:0",
    ];
    let args: Vec<&str> = wide.iter().flat_map(|setting| ["--set", setting]).collect();
    let process = Process::spawn(&folder, &args).ready();
    let client = process.client();
    let shown = running(&client, "counter").await;
    let start = Instant::now();
    let mut sockets = Vec::with_capacity(count);
    for number in 0..count {
        let opened = client
            .websocket(
                "/v1/chains/counter/ws",
                Default::default(),
                &WebSocketLimits::default(),
            )
            .await;
        let mut socket = opened.unwrap_or_else(|error| panic!("socket {number}: {error}"));
        if number < FOLLOWING {
            let ask = r#"{"subscribe":"blocks","as":1,"from":1}"#;
            socket.send(Message::Text(ask.into())).await.expect("sent");
        }
        sockets.push(socket);
    }
    let open = "playfair_http_connections{listener=\"api\"}";
    let connections = figure(&metrics(&process).await, open).expect("a figure");
    assert!(connections >= count as f64, "{connections} of {count}");
    if count as u64 == SOCKETS {
        let other = Client::new(&process.place("api"), None, ClientLimits::default()).expect("an address");
        let refused = other
            .websocket(
                "/v1/chains/counter/ws",
                Default::default(),
                &WebSocketLimits::default(),
            )
            .await;
        assert!(refused.is_err(), "one more than there may be");
    }
    let mut players = players(&shown);
    for _ in 0..BLOCKS {
        let record = players.call("ada", 0, &[]).expect("a call");
        let (status, answer) = submit(&client, "counter", &record).await.expect("an answer");
        assert_eq!(status, 200, "{answer}");
    }
    for socket in sockets.iter_mut().take(FOLLOWING) {
        let mut cursor = 0;
        while cursor < BLOCKS {
            let told = next(socket).await;
            if let Some(after) = told["after"].as_u64() {
                assert_eq!(after, cursor, "a gap: {told}");
            }
            cursor = told["cursor"].as_u64().unwrap_or(cursor);
        }
    }
    let memory = figure(&metrics(&process).await, "process_resident_memory_bytes").expect("a figure");
    println!(
        "{count} sockets, {FOLLOWING} of them following, in {:?}; {} MiB",
        start.elapsed(),
        memory as u64 >> 20
    );
    // At the end each is told.
    let stopping = std::thread::spawn(move || process.stop());
    for mut socket in sockets {
        let close = loop {
            match tokio::time::timeout(PATIENCE, socket.next())
                .await
                .expect("an end in time")
            {
                Some(Ok(Message::Close(frame))) => break frame,
                Some(Ok(_)) => {}
                other => panic!("cut without a word: {other:?}"),
            }
        };
        assert_eq!(close.map(|frame| u16::from(frame.code)), Some(1001));
    }
    assert!(stopping.join().expect("the end").status.success());
}
