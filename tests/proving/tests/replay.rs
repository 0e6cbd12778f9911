//! The game of 87 plies in one call: through the runtime, and on the register machine.

use playfair_proving::{cost, replay};
use playfair_replay::board::Board;
use playfair_replay::line::replay as natively;
use playfair_replay::play::State;
use playfair_types::receipt::Outcome;

/// What the module returns, by the same rules played natively.
fn expected() -> Vec<u8> {
    let board = Board::initial();
    let played = natively(&board, State::default(), replay::GAME.as_bytes()).expect("legal moves");
    assert_eq!(played.plies as usize, replay::PLIES);
    let mut bytes: Vec<u8> = (0..8).flat_map(|rank| board.rank(rank).to_le_bytes()).collect();
    bytes.extend((played.plies as u16).to_le_bytes());
    bytes.push(played.state.crossed as u8);
    bytes
}

#[test]
fn the_game_is_one_call_and_fits_the_smallest_shape() {
    let replayed = replay::replay(replay::GAME);
    assert_eq!(replayed.receipt.outcome, Outcome::Ok);
    assert_eq!(replayed.output, expected());
    let module = replay::linked();
    let trace = cost::alone(module, &replayed.step, replayed.chain_id);
    assert!(cost::module_rows(module, &trace) < replayed.rows());
    assert_eq!(replayed.shape().k, 14, "{} rows", replayed.rows());
}

#[test]
fn a_damaged_game_reverts() {
    // The queen's pawn goes three squares; White castles to a square that is no castling; the last move is cut short.
    for (was, now) in [("d2d4", "d2d5"), ("e1c1", "e1b1"), ("d3d2 a4a7", "d3d2 a4a")] {
        let damaged = replay::GAME.replacen(was, now, 1);
        assert_ne!(damaged, replay::GAME);
        let replayed = replay::replay(&damaged);
        assert_eq!(replayed.receipt.outcome, Outcome::Reverted, "{now}");
        // It has a trace as such.
        assert!(replayed.rows() > 0);
    }
}
