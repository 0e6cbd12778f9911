//! Figures of a node's chains: chess games by signed calls through [`Host`], durable acknowledgements.
//!
//! One measure a line. Run by `cargo xtask bench node`.

use playfair_games::chess::{Match, recorded};
use playfair_games::module::chess;
use playfair_host::{Chain, ChainSettings, Host, NewChain, Status};
use playfair_runtime::local::{Players, Start};
use playfair_types::bounded::U48;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Games that are played at the same time.
const GAMES: u32 = 400;
/// Plies of each.
const PLIES: usize = 40;

fn main() {
    let folder = std::env::temp_dir().join(format!("playfair-bench-node-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .expect("a runtime");
    let figures = runtime.block_on(run(&folder));
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    println!("{figures}");
}

async fn run(folder: &std::path::Path) -> String {
    let host = Arc::new(Host::open(folder, Arc::new(|_| Ok(()))).expect("a host"));
    let module = host.modules().add(&chess().bytes).expect("chess").hash;
    let start = Start {
        time_ms: U48::new(host.now_ms()).expect("48 bits"),
        ..Start::of(module)
    };
    let chain = host
        .create(NewChain {
            name: "chess".to_owned(),
            genesis: start.genesis(),
            settings: ChainSettings {
                account_calls_per_s: 1_000,
                account_gas_per_s: u64::from(u32::MAX),
                ..ChainSettings::default()
            },
        })
        .expect("a chain");
    assert_eq!(chain.settled().await, Status::Running);
    let games = prepared(&chain).await;
    let calls: usize = games.iter().map(Vec::len).sum();
    let start = Instant::now();
    let tasks: Vec<_> = games
        .into_iter()
        .map(|game| tokio::spawn(play(Arc::clone(&chain), game)))
        .collect();
    let mut waits: Vec<Duration> = Vec::with_capacity(calls);
    for task in tasks {
        waits.extend(task.await.expect("a game"));
    }
    let took = start.elapsed();
    waits.sort_unstable();
    let at = |part: usize| waits[(waits.len() - 1) * part / 100].as_secs_f64() * 1e3;
    let (p50, p99) = (at(50), at(99));
    let stop = Instant::now();
    host.stop();
    let stopped = stop.elapsed();
    drop(host);
    let again = Instant::now();
    let host = Host::open(folder, Arc::new(|_| Ok(()))).expect("a host");
    let chain = host.chain("chess").expect("the chain");
    assert_eq!(chain.settled().await, Status::Running);
    let restart = again.elapsed();
    let measures = [
        ("core_calls_per_s", calls as f64 / took.as_secs_f64(), "calls/s"),
        ("core_ack_p50_ms", p50, "ms"),
        ("core_ack_p99_ms", p99, "ms"),
        ("core_stop_ms", stopped.as_secs_f64() * 1e3, "ms"),
        ("core_restart_ms", restart.as_secs_f64() * 1e3, "ms"),
    ];
    let lines = measures.map(|(name, value, unit)| format!("{name}\t{value:.1}\t{unit}"));
    lines.join("\n")
}

/// Opens all games; the moves of each, signed.
async fn prepared(chain: &Arc<Chain>) -> Vec<Vec<Vec<u8>>> {
    let pgn = &recorded()[0];
    let mut players = Players::of(chain.id);
    let games: Vec<Match> = (1..=GAMES)
        .map(|number| {
            let mut game = Match::of(pgn, number);
            game.white = format!("white {number}");
            game.black = format!("black {number}");
            game
        })
        .collect();
    // All challenges, then all joins. Accounts that are new take their turns in the order in which they came, so games
    // get the numbers that are expected.
    for step in 0..2 {
        let mut replies = Vec::new();
        for game in &games {
            let record = game.opening(&mut players)[step].sign(&mut players);
            replies.push(chain.submit(record).expect("room"));
        }
        for reply in replies {
            reply.await.expect("a reply").expect("sealed");
        }
    }
    games
        .iter()
        .map(|game| {
            let moves = game.moves().into_iter().take(PLIES);
            moves.map(|call| call.sign(&mut players)).collect()
        })
        .collect()
}

/// Plays a game, each move after the one before is durable.
async fn play(chain: Arc<Chain>, game: Vec<Vec<u8>>) -> Vec<Duration> {
    let mut waits = Vec::with_capacity(game.len());
    for record in game {
        let start = Instant::now();
        let place = chain.submit(record).expect("room").await.expect("a reply");
        place.expect("sealed");
        waits.push(start.elapsed());
    }
    waits
}
