//! The histories that engines are compared on.

mod calls;
mod sink;

use playfair_admission::admit;
use playfair_browser_tests::history::History;
use playfair_browser_tests::modules;
use playfair_games::chess::{Match, SCOPE, entry, recorded};
use playfair_runtime::local::Start;
use playfair_types::bounded::Bytes;
use playfair_types::receipt::Outcome;
use std::path::Path;

/// Every row.
pub(crate) fn all() -> Vec<History> {
    vec![
        sink::ends(),
        sink::edges(),
        calls::invalid_calls(),
        calls::terms(),
        calls::money(),
        calls::with_l1(),
        sink::random_programs(),
        polls(),
        counter(),
        chess(),
    ]
}

/// A row that takes no time.
pub(crate) fn small() -> History {
    sink::edges()
}

/// contracts-wasm/tally, which AssemblyScript made.
fn polls() -> History {
    let wasm = modules::tally(Path::new(env!("CARGO_TARGET_TMPDIR")), "tally-polls");
    let module = admit(&wasm).unwrap_or_else(|rejection| panic!("{rejection}"));
    let mut history = History::start("polls", &module);
    let vote = |poll: u8, option: u8| vec![poll, 0, 0, 0, option];
    history.play(&[
        ("alice", 0, b"Which opening?".to_vec()),
        ("bob", 0, vec![b'?'; 200]),
        ("alice", 1, vote(0, 1)),
        ("alice", 1, vote(0, 2)),
        ("bob", 1, vote(0, 1)),
        ("bob", 1, vote(1, 7)),
        ("bob", 1, vote(1, 8)),
        ("carol", 1, vote(2, 0)),
        ("carol", 1, vec![]),
        ("carol", 9, vec![]),
    ]);
    history.query(0, &[0; 4]);
    history.query(0, &[1, 0, 0, 0]);
    history.query(0, &[2, 0, 0, 0]);
    history.play(&[("alice", 2, vec![1, 0, 0, 0]), ("bob", 2, vec![1, 0, 0, 0])]);
    history.play(&[
        ("carol", 1, vote(1, 0)),
        ("carol", 1, vote(0, 0)),
        ("bob", 2, vec![1, 0, 0, 0]),
    ]);
    history.query(0, &[0; 4]);
    history.query(0, &[1, 0, 0, 0]);
    history
}

/// The tutorial's module, which the SDK made.
fn counter() -> History {
    let module = modules::rust("counter");
    let start = Start {
        init: Bytes::new(&7u64.to_le_bytes()[..]).expect("short"),
        ..Start::of(module.hash)
    };
    let mut history = History::of("counter", &module, &start.genesis());
    let steps = [("alice", 3), ("bob", 10), ("alice", 11), ("bob", 0), ("carol", 1)];
    let calls: Vec<_> = steps
        .iter()
        .map(|(player, step)| (*player, 0, vec![*step]))
        .collect();
    history.play(&calls);
    history.play(&[
        ("alice", 0, vec![]),
        ("alice", 0, vec![1, 2]),
        ("bob", 77, vec![1]),
    ]);
    let alice = history.local.players.id("alice");
    history.query(0, &[]);
    history.query(1, &alice.0);
    history.query(1, &[]);
    history
}

/// A recorded game of chess, with an illegal move at every tenth ply; four calls a block.
fn chess() -> History {
    let mut history = History::start("chess", &modules::rust("chess"));
    let game = Match::of(&recorded()[0], 1);
    for player in [&game.white, &game.black] {
        let session = history
            .local
            .players
            .open_session(player, SCOPE)
            .expect("a session");
        history.block(&[session]);
    }
    let mut calls = game.opening(&mut history.local.players).to_vec();
    for (ply, legal) in game.moves().into_iter().enumerate() {
        if ply % 10 == 3 {
            // From a1 to a1.
            calls.push(game.play(ply, entry::PLAY, 0));
        }
        calls.push(legal);
    }
    calls.extend(game.ending());
    for calls in calls.chunks(4) {
        let calls: Vec<_> = calls
            .iter()
            .map(|call| (call.by.as_str(), call.entry, call.payload.clone()))
            .collect();
        history.play(&calls);
        history.query(0, &1u32.to_le_bytes());
        history.query(2, &1u32.to_le_bytes());
    }
    let ok = history
        .outcomes()
        .iter()
        .filter(|outcome| **outcome == Outcome::Ok)
        .count();
    assert!(ok > game.pgn.moves.len(), "only {ok} of the calls went well");
    history
}
