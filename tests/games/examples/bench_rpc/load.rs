//! Chess at many tables at the same time, over HTTP, each move after the one before is acknowledged.

use crate::at;
use crate::process::{Node, bytes, get};
use http::HeaderMap;
use playfair_games::chess::{Match, recorded};
use playfair_games::module::chess;
use playfair_http::{Client, Message, WebSocketLimits};
use playfair_runtime::local::Players;
use playfair_types::Decode;
use playfair_types::header::Header;
use playfair_types::tape::genesis::GenesisRecord;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Games that are played at the same time.
const GAMES: u32 = 400;
/// Plies of each.
const PLIES: usize = 40;
/// Who follows blocks meanwhile.
const FOLLOWERS: usize = 20;
const CALLS: &str = "/v1/chains/bench/calls";

/// All tables, each with its signed moves.
pub(crate) struct Tables {
    games: Vec<Vec<Vec<u8>>>,
}

/// What came of it.
pub(crate) struct Told {
    pub(crate) calls_per_s: f64,
    pub(crate) ack_p50_ms: f64,
    pub(crate) ack_p99_ms: f64,
    pub(crate) delta_p99_ms: f64,
}

/// Settings under which quotas are not what is measured.
fn free() -> Value {
    json!({ "account_calls_per_s": 1_000, "account_gas_per_s": u32::MAX, "prove": false })
}

async fn submit(client: &Client, call: &[u8], how: &str) {
    let answer = client
        .post(
            &format!("{CALLS}{how}"),
            "application/octet-stream",
            call.to_vec(),
        )
        .await;
    answer
        .expect("an answer")
        .success()
        .unwrap_or_else(|problem| panic!("{}", problem.message));
}

impl Tables {
    /// Makes the chain, opens all games and signs their moves.
    pub(crate) async fn open(node: &Node) -> Self {
        let genesis = node.chain(&chess().bytes, free()).await;
        let genesis = GenesisRecord::decode(&genesis).expect("genesis");
        let mut players = Players::of(genesis.chain_id());
        let pgn = &recorded()[0];
        let games: Vec<Match> = (1..=GAMES)
            .map(|number| {
                let mut game = Match::of(pgn, number);
                game.white = format!("white {number}");
                game.black = format!("black {number}");
                game
            })
            .collect();
        let client = node.client();
        // In order, so that games get the numbers that are expected.
        for step in 0..2 {
            for game in &games {
                let record = game.opening(&mut players)[step].sign(&mut players);
                submit(&client, &record, "?wait=no").await;
            }
            while get(&client, "/v1/chains/bench").await["queue"]["calls"] != 0 {}
        }
        let games = games.iter().map(|game| {
            let moves = game.moves().into_iter().take(PLIES);
            moves.map(|call| call.sign(&mut players)).collect()
        });
        Self {
            games: games.collect(),
        }
    }

    /// Plays all of them.
    pub(crate) async fn play(self, node: &Node) -> Told {
        let done = Arc::new(AtomicBool::new(false));
        let mut followers = Vec::new();
        for _ in 0..FOLLOWERS {
            followers.push(tokio::spawn(follow(node.client(), Arc::clone(&done))));
        }
        let calls: usize = self.games.iter().map(Vec::len).sum();
        let client = node.client();
        let begin = Instant::now();
        let tasks: Vec<_> = self
            .games
            .into_iter()
            .map(|game| {
                let client = client.clone();
                tokio::spawn(async move {
                    let mut waits = Vec::with_capacity(game.len());
                    for record in game {
                        let begin = Instant::now();
                        submit(&client, &record, "").await;
                        waits.push(begin.elapsed());
                    }
                    waits
                })
            })
            .collect();
        let mut waits = Vec::with_capacity(calls);
        for task in tasks {
            waits.extend(task.await.expect("a game"));
        }
        let took = begin.elapsed();
        done.store(true, Ordering::Relaxed);
        let mut deltas = Vec::new();
        for follower in followers {
            deltas.extend(follower.await.expect("a follower"));
        }
        waits.sort_unstable();
        deltas.sort_unstable();
        Told {
            calls_per_s: calls as f64 / took.as_secs_f64(),
            ack_p50_ms: at(&waits, 50),
            ack_p99_ms: at(&waits, 99),
            delta_p99_ms: at(&deltas, 99),
        }
    }
}

/// How long after its own time each block is heard of.
async fn follow(client: Client, done: Arc<AtomicBool>) -> Vec<Duration> {
    let limits = WebSocketLimits::default();
    let mut socket = client
        .websocket("/v1/chains/bench/ws", HeaderMap::new(), &limits)
        .await
        .expect("a socket");
    let ask = json!({ "subscribe": "blocks", "as": 1 }).to_string();
    socket.send(Message::text(ask)).await.expect("it is heard");
    let mut deltas = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let heard = tokio::time::timeout(Duration::from_millis(500), socket.next()).await;
        let Ok(Some(Ok(Message::Text(text)))) = heard else {
            continue;
        };
        let told: Value = serde_json::from_str(&text).expect("JSON");
        if let Some(block) = told.get("delta") {
            let header = Header::decode(&bytes(&block["header"])).expect("a header");
            let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
            deltas.push(now.saturating_sub(Duration::from_millis(header.after.time_ms.get())));
        }
    }
    deltas
}

/// What a long time does.
pub(crate) struct Grown {
    pub(crate) mb: f64,
    pub(crate) calls_per_s: f64,
}

/// Plays on for a time, as fast as it goes, at new tables; how the memory grew after the first fifth.
pub(crate) async fn soak(node: &Node, time: Duration, rss_mb: fn(u32) -> f64) -> Grown {
    let client = node.client();
    let genesis = bytes(&get(&client, "/v1/chains/bench").await["genesis"]);
    let genesis = GenesisRecord::decode(&genesis).expect("genesis");
    let begin = Instant::now();
    let players: Vec<_> = (0..64)
        .map(|number| {
            let (client, chain) = (client.clone(), genesis.chain_id());
            tokio::spawn(async move {
                let mut players = Players::of(chain);
                let name = format!("soak {number}");
                let mut calls = 0u64;
                while begin.elapsed() < time {
                    // Challenges that nobody takes: the state grows, and the memory must not.
                    let challenge = [vec![0, 0], 60_000u32.to_le_bytes().to_vec(), vec![0; 4]].concat();
                    let call = players.call(&name, 0, &challenge).expect("a call");
                    submit(&client, &call, "").await;
                    calls += 1;
                }
                calls
            })
        })
        .collect();
    tokio::time::sleep(time / 5).await;
    let early = rss_mb(node.id());
    let mut calls = 0;
    for player in players {
        calls += player.await.expect("a player");
    }
    Grown {
        mb: rss_mb(node.id()) - early,
        calls_per_s: calls as f64 / begin.elapsed().as_secs_f64(),
    }
}
