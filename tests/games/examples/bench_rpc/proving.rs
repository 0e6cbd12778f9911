//! One move on an idle node that proves: from its submission to its last rung.

use crate::process::Node;
use http::HeaderMap;
use playfair_games::chess::{Match, recorded};
use playfair_games::module::chess;
use playfair_http::{Client, Message, WebSocketLimits};
use playfair_runtime::local::Players;
use playfair_types::Decode;
use playfair_types::tape::genesis::GenesisRecord;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Moves that are measured; the median counts.
const MOVES: usize = 5;

/// Seconds from submission to proven.
pub(crate) async fn one_move(folder: &Path) -> f64 {
    let node = Node::start(folder, &["prover.setup=insecure", "prover.workers=1"]).await;
    let genesis = node.chain(&chess().bytes, json!({})).await;
    let genesis = GenesisRecord::decode(&genesis).expect("genesis");
    let mut players = Players::of(genesis.chain_id());
    let game = Match::of(&recorded()[0], 1);
    let client = node.client();
    for step in 0..2 {
        let record = game.opening(&mut players)[step].sign(&mut players);
        proven(&client, record).await;
    }
    let mut times = Vec::new();
    for call in game.moves().into_iter().take(MOVES) {
        let begin = Instant::now();
        proven(&client, call.sign(&mut players)).await;
        times.push(begin.elapsed());
    }
    node.kill().await;
    times.sort_unstable();
    times[MOVES / 2].as_secs_f64()
}

/// Submits a call and waits until it is proven.
async fn proven(client: &Client, record: Vec<u8>) {
    let answer = client
        .post("/v1/chains/bench/calls", "application/octet-stream", record)
        .await
        .expect("an answer");
    let sealed: Value = serde_json::from_slice(&answer.success().expect("sealed").body).expect("JSON");
    let limits = WebSocketLimits::default();
    let mut socket = client
        .websocket("/v1/chains/bench/ws", HeaderMap::new(), &limits)
        .await
        .expect("a socket");
    let ask = json!({ "subscribe": "call", "as": 1, "id": sealed["id"] }).to_string();
    socket.send(Message::text(ask)).await.expect("it is heard");
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let told: Value = serde_json::from_str(&text).expect("JSON");
        if told["end"] == "last_rung" {
            return;
        }
    }
    panic!("the socket ended before the call was proven");
}
