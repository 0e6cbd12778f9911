//! Two thousand subscribers of one chain, over connections in memory: each hears everything, and what they cost stays flat.

mod support;

use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use playfair_rpc::Limits;
use playfair_runtime::local::Players;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::*;
use tokio::io::DuplexStream;
use tokio::sync::Notify;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

const SUBSCRIBERS: u64 = 2_000;
const BLOCKS: u64 = 40;
/// Blocks after which memory is looked at first.
const WARM: u64 = 10;

async fn connect(router: &axum::Router) -> WebSocketStream<DuplexStream> {
    let (here, there) = tokio::io::duplex(4 << 10);
    let service = TowerToHyperService::new(router.clone());
    tokio::spawn(async move {
        let served = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(there), service)
            .with_upgrades();
        let _ = served.await;
    });
    let mut config = WebSocketConfig::default();
    config.read_buffer_size = 1 << 10;
    let url = "ws://localhost/v1/chains/counter/ws";
    let opened = tokio_tungstenite::client_async_with_config(url, here, Some(config)).await;
    opened.unwrap().0
}

/// Memory of this process, bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split_whitespace().nth(1).unwrap().parse().unwrap();
    4096 * pages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_hear_everything() {
    use futures_util::{SinkExt, StreamExt};
    let scene = Scene::start().await;
    let limits = Limits {
        sockets_max: SUBSCRIBERS as usize,
        // A machine that is busy may be late with everything.
        ping: Duration::from_secs(600),
        ..Limits::default()
    };
    let router = playfair_rpc::router_with(Arc::clone(&scene.host), limits);
    let heard = Arc::new(AtomicU64::new(0));
    let all = Arc::new(Notify::new());
    let mut clients = Vec::new();
    for number in 0..SUBSCRIBERS {
        let mut socket = connect(&router).await;
        let ask = match number % 4 {
            0 => json!({"subscribe": "state", "as": 1, "keys": [{"module": "6e"}]}),
            1 => json!({"subscribe": "receipts", "as": 1}),
            _ => json!({"subscribe": "blocks", "as": 1}),
        };
        socket.send(Message::text(ask.to_string())).await.unwrap();
        let snapshot = socket.next().await.unwrap().unwrap();
        assert!(
            snapshot
                .to_text()
                .unwrap()
                .starts_with(r#"{"as":1,"cursor":0,"snapshot":"#)
        );
        let (heard, all) = (Arc::clone(&heard), Arc::clone(&all));
        clients.push(tokio::spawn(async move {
            for height in 1..=BLOCKS {
                let message = socket.next().await.unwrap().unwrap();
                let expected = format!(r#"{{"as":1,"after":{},"cursor":{height},"delta":{{"#, height - 1);
                let text = message.to_text().unwrap();
                assert!(text.starts_with(&expected), "{text}");
                if (heard.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(SUBSCRIBERS) {
                    all.notify_one();
                }
            }
            socket
        }));
    }
    let mut players = Players::of(scene.host.chain("counter").unwrap().id);
    let (mut warm, mut late) = (0, Vec::new());
    for height in 1..=BLOCKS {
        let (status, sealed) = scene.call(players.call("anna", 0, b"").unwrap()).await;
        assert_eq!(status, 200, "{sealed}");
        let sent = Instant::now();
        let told = tokio::time::timeout(Duration::from_secs(60), all.notified()).await;
        told.expect("all hear of a block");
        late.push(sent.elapsed());
        assert_eq!(heard.load(Ordering::Relaxed), SUBSCRIBERS * height);
        if height == WARM {
            warm = resident();
        }
    }
    let grown = resident().saturating_sub(warm);
    late.sort();
    println!(
        "{SUBSCRIBERS} subscribers: the last one hears of a block after {:?} (median), {:?} (most); {} KiB more after {} blocks",
        late[late.len() / 2],
        late[late.len() - 1],
        grown >> 10,
        BLOCKS - WARM,
    );
    assert!(grown < 32 << 20, "memory grew by {grown} bytes");
    for client in clients {
        drop(client.await.unwrap());
    }
    scene.stop().await;
}
