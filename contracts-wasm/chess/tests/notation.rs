//! FEN and PGN.

mod common;

use common::mv;
use playfair_chess::fen::{Fen, FenError};
use playfair_chess::pgn::{Pgn, PgnError, Score, find_move};

#[test]
fn fens_are_printed_as_read() {
    for text in [
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
        "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R b Kq - 7 12",
        "4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 40",
        "4k3/8/8/8/8/8/8/4K3 b - - 149 200",
    ] {
        assert_eq!(Fen::parse(text).unwrap().to_string(), text);
    }
    let unusable = Fen::parse("4k3/8/8/3p4/8/8/8/4K3 w - d6 0 40").unwrap();
    assert_eq!(unusable.to_string(), "4k3/8/8/3p4/8/8/8/4K3 w - - 0 40");
}

#[test]
fn wrong_fens_are_refused() {
    for (text, error) in [
        ("", FenError::Pieces),
        ("9/8/8/8/8/8/8/8 w - - 0 1", FenError::Pieces),
        ("4k3/8/8/8/8/8/8/4K3/8 w - - 0 1", FenError::Pieces),
        ("4k3/8/8/8/8/8/4Kx2 w - - 0 1", FenError::Pieces),
        ("4k3/8/8/8/8/8/8/4K3 x - - 0 1", FenError::Turn),
        ("4k3/8/8/8/8/8/8/4K3 w kK - 0 1", FenError::Castling),
        ("4k3/8/8/8/8/8/8/4K3 w K - 0 1", FenError::Position),
        ("4k3/8/8/8/8/8/8/8 w - - 0 1", FenError::Position),
        ("P3k3/8/8/8/8/8/8/4K3 w - - 0 1", FenError::Position),
        ("4k3/8/8/8/8/8/8/4K3 w - e6 0 1", FenError::EnPassant),
        ("4k3/8/8/8/8/8/8/4K3 w - - 150 1", FenError::Counter),
        ("4k3/8/8/8/8/8/8/4K3 w - - 0 0", FenError::Counter),
        ("4k3/8/8/8/8/8/8/4K3 w - - 0 1 x", FenError::Counter),
    ] {
        assert_eq!(Fen::parse(text), Err(error), "{text}");
    }
}

#[test]
fn a_game_with_everything_in_it_is_read() {
    let text = "% an escaped line\n[Event \"A \\\"quoted\\\" \\\\ name\"]\n[Result \"1-0\"]\n\n\
        1. e4 {best by test} e5 $1 2.Nf3! (2. f4 exf4 (2... d5 {a ) here}) 3. Nf3) 2...Nc6?! ; the rest\n\
        3. Bc4 Nf6 4. 0-0 Bc5 5. Re1 O-O 6. d4 exd4 7. e5 d5 8. exd6 1-0\n\n[Event \"Next\"]\n\n*\n";
    let games = Pgn::parse_all(text).unwrap();
    assert_eq!(games.len(), 2);
    assert_eq!(games[0].tag("Event"), Some("A \"quoted\" \\ name"));
    assert_eq!((games[0].moves.len(), games[0].score), (15, Score::White));
    assert_eq!(games[0].moves[14], mv("e5d6"));
    assert_eq!((games[1].moves.len(), games[1].score), (0, Score::Unknown));
}

#[test]
fn a_game_may_begin_with_a_fen() {
    let text = "[FEN \"7k/P7/8/8/8/8/8/K7 w - - 3 1\"]\n\n1. a8=N+ 1/2-1/2";
    let games = Pgn::parse_all(text).unwrap();
    assert_eq!((games[0].moves[0], games[0].quiet), (mv("a7a8n"), 3));
}

#[test]
fn disambiguation_is_by_file_rank_or_both() {
    let three = Fen::parse("7k/8/8/8/Q6Q/8/8/K6Q w - - 0 1").unwrap().position;
    assert_eq!(find_move(&three, "Qh4e1").unwrap().0, mv("h4e1"));
    assert_eq!(find_move(&three, "Qae4").unwrap().0, mv("a4e4"));
    assert_eq!(find_move(&three, "Q1e4").unwrap().0, mv("h1e4"));
    assert_eq!(find_move(&three, "Qe4"), Err(PgnError::Ambiguous("Qe4".into())));
    // The knight on d2 is pinned, so that only the other can go: SAN then names no file.
    let pinned = Fen::parse("3rk3/8/8/8/8/8/3N2N1/3K4 w - - 0 1").unwrap().position;
    assert_eq!(find_move(&pinned, "Nf4").unwrap().0, mv("g2f4"));
}

#[test]
fn wrong_games_are_refused() {
    for (text, error) in [
        ("1. e5 *", PgnError::NoMove("e5".into())),
        ("1. e4 e5", PgnError::NoResult),
        ("1. e4 {open", PgnError::Unclosed),
        ("1. e4 (1. d4", PgnError::Unclosed),
        ("1. e4 ) *", PgnError::NoMove(")".into())),
        ("[Event x]\n*", PgnError::Tag(1)),
        ("\n[Event \"x\n*", PgnError::Tag(2)),
        ("[FEN \"x\"]\n*", PgnError::Fen(FenError::Pieces)),
        ("1. \u{265e}f3 *", PgnError::NoMove("\u{265e}f3".into())),
    ] {
        assert_eq!(Pgn::parse_all(text), Err(error), "{text}");
    }
}
