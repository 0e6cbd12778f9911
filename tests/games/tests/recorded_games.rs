//! The six recorded games on a chain: every one reaches its recorded end, an illegal move at any ply reverts and changes no
//! root, and the history is the same however it is executed.

use playfair_chess::game::{Draw, Game, Status, Win};
use playfair_chess::pgn::Score;
use playfair_chess::rules::Side;
use playfair_games::chess::{Match, SCOPE, entry, recorded};
use playfair_games::golden;
use playfair_games::module::{chess, engine, local, memory};
use playfair_runtime::Chain;
use playfair_runtime::local::{Local, Start};
use playfair_types::account::AccountRecord;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::Fr;
use playfair_types::receipt::Outcome;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::{Decode, Encode};
use std::collections::BTreeMap;

/// The games in the order of the record, on one chain: two players with session keys, a block for each call.
fn played() -> (Local, Vec<Match>) {
    let admitted = &chess().admitted;
    let mut local = local(engine(admitted), admitted);
    let games = recorded();
    let matches: Vec<Match> = (1u32..)
        .zip(&games)
        .map(|(number, pgn)| Match::of(pgn, number))
        .collect();
    for name in [&matches[0].white, &matches[0].black] {
        let record = local.players.open_session(name, SCOPE).expect("a session");
        expect(&mut local, record, Outcome::Ok);
    }
    for game in &matches {
        let calls = game
            .opening(&mut local.players)
            .into_iter()
            .chain(game.moves())
            .chain(game.ending());
        for call in calls {
            let record = call.sign(&mut local.players);
            expect(&mut local, record, Outcome::Ok);
        }
    }
    (local, matches)
}

fn expect(local: &mut Local, record: Vec<u8>, outcome: Outcome) {
    let block = local.block(1_000, &[record]).expect("a block");
    let done = &block.applied[1];
    let text = String::from_utf8_lossy(&done.body.output);
    assert_eq!(done.receipt.outcome, outcome, "{text} {:?}", done.logs);
}

/// A game's stored form, by the module's query.
fn stored(local: &Local, number: u32) -> Game {
    let answer = local.chain.query(0, &number.to_le_bytes()).expect("a query");
    assert_eq!(answer.outcome, Outcome::Ok);
    // option, length, bytes.
    Game::decode(&answer.output[3..]).expect("a stored game")
}

#[test]
fn every_game_ends_as_recorded_and_replays_to_the_same_digest() {
    let (local, matches) = played();
    assert_eq!(matches.len(), 6);
    for game in &matches {
        let expected = match game.pgn.score {
            Score::White => Status::Won(Side::White, Win::Resignation),
            Score::Black => Status::Won(Side::Black, Win::Resignation),
            _ => Status::Drawn(Draw::Agreement),
        };
        let stored = stored(&local, game.number);
        assert_eq!(stored.status(), expected, "game {}", game.number);
        assert_eq!(usize::from(stored.ply()), game.pgn.moves.len());
    }

    // The same as every build on every machine comes to.
    assert!(
        golden::agrees(&local),
        "not the committed end; if the module, the SDK or the compiler changed on purpose: `cargo xtask bless`\n{}",
        golden::text(&local)
    );

    // Again from genesis: on one thread, on two, and with every block's signatures hinted in advance by the replay.
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        let admitted = &chess().admitted;
        let start = Start::of(admitted.hash);
        let (mut again, _) =
            Chain::create(engine(admitted), memory(), &start.genesis()).expect("the same genesis");
        let mut blocks = 0;
        pool.install(|| again.replay(&local.blocks[1..], |_| blocks += 1))
            .expect("the same blocks");
        assert_eq!(blocks, local.blocks.len() - 1);
        assert_eq!(again.digest(), local.chain.digest(), "{threads} threads");
        assert_eq!(again.boundary(), local.chain.boundary());
    }
}

/// An illegal move reverts, and the root that it leaves is the old state's with the caller's nonce increased and nothing else.
#[test]
fn an_illegal_move_at_any_ply_reverts_and_changes_a_nonce_only() {
    let admitted = &chess().admitted;
    let mut local = local(engine(admitted), admitted);
    for (number, pgn) in (1u32..).zip(&recorded()) {
        let game = Match::of(pgn, number);
        for call in game.opening(&mut local.players) {
            let record = call.sign(&mut local.players);
            expect(&mut local, record, Outcome::Ok);
        }
        for (ply, call) in game.moves().iter().enumerate() {
            // The king to where it stands, and a move of the player whose turn it is not.
            let position = *stored(&local, number).position();
            let king = position.board.king_square(position.turn) as u16;
            let wrong = game.play(ply, entry::PLAY, king << 6 | king);
            let mut other = call.clone();
            other.by = game.to_move(ply + 1).to_owned();
            for wrong in [wrong, other] {
                let root = root_after_nonce(&mut local, &wrong.by);
                let record = wrong.sign(&mut local.players);
                expect(&mut local, record, Outcome::Reverted);
                assert_eq!(local.chain.state().root(), root, "game {number} ply {ply}");
            }
            let record = call.sign(&mut local.players);
            expect(&mut local, record, Outcome::Ok);
        }
    }
}

/// The state's root if nothing changed but the next nonce of a player's owner lane.
fn root_after_nonce(local: &mut Local, player: &str) -> Fr {
    let id = local.players.id(player);
    let key = StateKey::of_system(SystemKey::Account(id));
    let state = local.chain.state();
    let bytes = state.get(&key).expect("the state").expect("an account");
    let mut record = AccountRecord::decode(&bytes).expect("an account record");
    record.next_nonces[0] = U48::new(record.next_nonces[0].get() + 1).expect("a small nonce");
    let changes = BTreeMap::from([(key, Some(record.encode()))]);
    state.root_of(&changes).expect("the state")
}
