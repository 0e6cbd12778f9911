//! Lines of moves as text: the game that is measured, and lines that are refused.

mod common;

use common::{GAME, same, text};
use playfair_chess::rules::{Move, Position};
use playfair_replay::board::Board;
use playfair_replay::line::{Played, replay};
use playfair_replay::play::State;

fn played(line: &str) -> Option<Played> {
    replay(&Board::initial(), State::default(), line.as_bytes())
}

fn refused(lines: &[&str]) {
    for line in lines {
        assert_eq!(played(line), None, "{line}");
    }
}

/// `before` is legal, and with one of `after` it is not.
fn refused_after(before: &str, after: &[&str]) {
    assert!(played(before).is_some(), "{before}");
    for mv in after {
        refused(&[&format!("{before} {mv}")]);
    }
}

fn legal(lines: &[&str]) {
    for line in lines {
        let plies = played(line).unwrap_or_else(|| panic!("{line}")).plies;
        assert_eq!(plies as usize, line.split(' ').count());
    }
}

/// Where the chess module's rules see a line lead.
fn by_the_rules(line: &str) -> Position {
    line.split(' ').fold(Position::INITIAL, |now, mv| {
        let all = (0..5 << 12).map(Move);
        let mut named = all.filter(|it| text(*it) == mv);
        named
            .find_map(|mv| now.play(mv).ok())
            .unwrap_or_else(|| panic!("{mv} in {now:?}"))
    })
}

#[test]
fn the_game_leads_where_the_rules_see_it_lead() {
    let board = Board::initial();
    let Played { plies, state } = replay(&board, State::default(), GAME.as_bytes()).unwrap();
    assert_eq!(plies, 87);
    same(&by_the_rules(GAME), &board, state);
}

#[test]
fn a_move_against_the_laws_at_any_ply_is_refused() {
    let moves: Vec<&str> = GAME.split(' ').collect();
    for ply in 0..moves.len() {
        let now = match ply {
            0 => Position::INITIAL,
            _ => by_the_rules(&moves[..ply].join(" ")),
        };
        // Some of the illegal moves, others at every ply.
        let illegal = (ply as u16..1 << 12).step_by(61).map(Move);
        for mv in illegal.filter(|mv| now.play(*mv).is_err()) {
            let mut damaged = moves.clone();
            let wrong = text(mv);
            damaged[ply] = &wrong;
            refused(&[&damaged.join(" "), &damaged[..=ply].join(" ")]);
        }
    }
}

#[test]
fn text_that_names_no_moves_is_refused() {
    refused(&[
        "",
        " ",
        "e",
        "e2",
        "e2e",
        "e2e4 ",
        " e2e4",
        "e2e4  e7e5",
        "e2e4\ne7e5",
        "e2e4\n",
        "E2E4",
        "e2-e4",
        "e4",
        "i2i4",
        "e0e4",
        "e9e4",
        "e2e9",
        "e2i4",
        "`2e4",
        "e2e4,e7e5",
        "e2e4 e7e5\0",
        "e2e4q",
        "e2e4 e7e5 ",
        "e2e4e7e5",
        "éé",
        "0000",
        "e1e1",
        "e2e2",
    ]);
    legal(&["e2e4", "e2e4 e7e5", "e2e4 e7e5 g1f3"]);
}

#[test]
fn bytes_of_any_value_are_read_without_a_panic() {
    let mut line = GAME.as_bytes()[..14].to_vec();
    for at in 0..14 {
        for byte in 0..=255 {
            let was = std::mem::replace(&mut line[at], byte);
            let legal = replay(&Board::initial(), State::default(), &line).is_some();
            let rules = std::str::from_utf8(&line)
                .ok()
                .is_some_and(|text| played(text).is_some());
            assert_eq!(legal, rules);
            line[at] = was;
        }
    }
}

#[test]
fn pieces_move_as_they_do() {
    refused(&[
        "e7e5", "e3e4", "e2e5", "e2d3", "e2e1", "e2f2", "b1d2", "b1b3", "c1e3", "a1a3", "d1d3", "d1f3",
        "e1e2", "e1g1", "e1c1", "g1e2",
    ]);
    refused_after(
        "e2e4 e7e5",
        &["e4e5", "e4d5", "e4e6", "d7d5", "f1f3", "e1e3", "d1h4", "e4f4"],
    );
    refused_after("e2e3 a7a6", &["e3e5", "e2e4"]);
    refused_after("e2e4 d7d5 e4d5", &["d5d4", "d8d4", "c8h4", "e4e5"]);
    legal(&["e2e4 d7d5 e4d5 d8d5 b1c3 d5e4", "g1f3 g8f6 f3g1 f6g8"]);
}

#[test]
fn a_king_is_never_left_in_check() {
    refused_after("e2e4 f7f5 d1h5", &["a7a6", "e8f7", "f5e4", "h7h6"]);
    legal(&["e2e4 f7f5 d1h5 g7g6"]);
    // Pinned on the file and on the diagonal; along the line it may move.
    refused_after(
        "e2e4 e7e6 e4e5 d7d5 e5d6 d8e7 f1e2 e6e5 d6c7 e5e4 a2a3 e4e3 f2e3 e7e3",
        &["e2d3", "e2b5", "e2f3"],
    );
    refused_after("e2e4 d7d6 f1b5", &["g8f6", "d6d5", "e8d7", "a7a6"]);
    legal(&[
        "e2e4 d7d6 f1b5 c7c6",
        "e2e4 d7d6 f1b5 b8d7",
        "e2e4 d7d6 f1b5 c8d7 b5d7 d8d7",
    ]);
    refused_after("d2d4 e7e6 c2c4 f8b4", &["a2a3", "g1f3", "d1b3", "e1e2"]);
    refused_after("d2d4 e7e6 c2c4 f8b4 b1c3 a7a6", &["c3d5", "c3e4", "c3a4"]);
    // Mate: nothing is legal.
    refused_after(
        "f2f3 e7e5 g2g4 d8h4",
        &["e1f2", "h2h3", "g1h3", "e1d1", "g4g5", "h2h4"],
    );
    // Next to the other king.
    let kings = "e2e4 e7e5 e1e2 e8e7 e2e3 e7e6 e3d3 e6d6 d3c4 d6c6";
    refused_after(kings, &["c4c5", "c4b5", "c4d5"]);
}

#[test]
fn castling_needs_its_rights_and_a_safe_way() {
    let ready = "e2e4 e7e5 g1f3 g8f6 f1c4 f8c5";
    legal(&[&format!("{ready} e1g1 e8g8")]);
    refused_after(ready, &["e1c1", "e1h1", "e1f1 e8g8 f1h1"]);
    // The king or the rook has moved and come back; the other wing keeps its right.
    refused_after(&format!("{ready} e1e2 a7a6 e2e1 a6a5"), &["e1g1"]);
    refused_after(&format!("{ready} h1g1 a7a6 g1h1 a6a5"), &["e1g1"]);
    // The rook was taken at home, or by a rook that stands there now.
    refused_after("g2g3 b7b6 f1h3 c8b7 g1f3 b7f3 a2a3 f3h1 a3a4 h7h6", &["e1g1"]);
    // Through an attacked square, into one, and out of check.
    let open = "e2e4 b7b6 g1f3 c8a6 f1e2 a6e2 a2a3 e2f1";
    refused_after(open, &["e1g1"]);
    refused_after(
        "e2e4 b7b6 g1f3 c8a6 d2d3 h7h6 f1e2 a6d3 a2a3 d3e2 a3a4 h6h5",
        &["e1g1"],
    );
    refused_after("e2e4 e7e5 g1f3 d8h4 f1c4 h4f2", &["e1g1"]);
    refused_after("f2f4 e7e5 g1f3 f8c5 e2e3 a7a6 f1e2 a6a5 h2h4 c5e3", &["e1g1"]);
    refused_after(
        "f2f4 e7e6 g1f3 f8b4 e2e3 a7a6 f1e2 a6a5 c2c3 a5a4 c3b4 d8h4",
        &["e1g1"],
    );
    // To the queenside, b1 may be attacked but not taken.
    let long = "d2d4 d7d5 b1c3 b8c6 c1f4 c8f5 d1d2 d8d7";
    legal(&[&format!("{long} e1c1 e8c8")]);
    refused_after("d2d4 d7d5 c1f4 c8f5 d1d2 d8d7", &["e1c1"]);
}

#[test]
fn a_pawn_promotes_on_the_last_rank_and_only_there() {
    let near = "a2a4 b7b5 a4b5 a7a6 b5a6 b8c6 a6a7 a8b8 h2h3 h7h6";
    for letter in ["q", "r", "b", "n"] {
        legal(&[
            &format!("{near} a7a8{letter}"),
            &format!("{near} a7a8{letter} h6h5 h3h4"),
        ]);
    }
    refused_after(
        near,
        &[
            "a7a8",
            "a7a8k",
            "a7a8p",
            "a7a8Q",
            "a7a8 h6h5",
            "a7a8qq",
            "a7a8q ",
            "h3h4q",
            "b1c3n",
            "a1a6q",
            "a7b8k",
            "e1f1q",
        ],
    );
    // What it became moves as that.
    legal(&[
        &format!("{near} a7a8n h6h5 a8b6"),
        &format!("{near} a7a8q h6h5 a8c6"),
    ]);
    refused_after(&format!("{near} a7a8n h6h5"), &["a8c6", "a8a7"]);
    // Black, by a capture.
    let black = "h2h3 a7a5 h3h4 a5a4 h4h5 a4a3 h5h6 a3b2 g2g3";
    legal(&[&format!("{black} b2a1q"), &format!("{black} b2c1n g3g4")]);
    refused_after(black, &["b2a1", "b2b1q", "b2a1k", "a8a2q"]);
}

#[test]
fn en_passant_is_for_the_next_move_only() {
    let ready = "e2e4 a7a6 e4e5 d7d5";
    legal(&[&format!("{ready} e5d6"), "a2a3 d7d5 a3a4 d5d4 e2e4 d4e3"]);
    refused_after(ready, &["e5f6", "h2h3 a6a5 e5d6"]);
    // Not after a step of one rank, nor by another piece, nor of another pawn.
    refused_after("e2e4 d7d6 e4e5 d6d5", &["e5d6"]);
    refused_after("d2d4 a7a6 c1f4 e7e5", &["f4e6"]);
    refused_after("e2e4 d7d5 e4e5 f7f5", &["e5d6"]);
    // Both pawns leave the rank between king and rook.
    let pinned = "e2e4 h7h5 e1e2 h8h6 e2e3 h6g6 e3f4 g6g5 e4e5 g5h5";
    assert!(played(pinned).is_none(), "a pawn is in the way");
}
