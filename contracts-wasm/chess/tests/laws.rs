//! The corners of the Laws, one test each.

mod common;

use common::{game, play, play_all, timed};
use playfair_chess::game::{Draw, Played, Refusal, Status, Win};
use playfair_chess::rules::{Illegal, Move, Side};

fn refused(fen: &str, mv: &str) -> Illegal {
    match play(&mut game(fen), mv) {
        Err(Refusal::Illegal(illegal)) => illegal,
        other => panic!("{fen} {mv}: {other:?}"),
    }
}

fn status_after(fen: &str, mv: &str) -> Status {
    play(&mut game(fen), mv).unwrap().status
}

fn accepted(fen: &str, mv: &str) {
    assert!(play(&mut game(fen), mv).is_ok(), "{fen} {mv}");
}

#[test]
fn castling_moves_king_and_rook() {
    let mut game = game("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1");
    play_all(&mut game, "e1g1 e8c8");
    let fen = playfair_chess::fen::Fen {
        position: *game.position(),
        quiet: game.quiet(),
        number: 2,
    };
    assert_eq!(fen.to_string(), "2kr3r/8/8/8/8/8/8/R4RK1 w - - 2 2");
}

#[test]
fn castling_out_of_through_and_into_check_is_refused() {
    let out = "4k3/8/8/8/8/8/4r3/R3K2R w KQ - 0 1";
    assert_eq!(refused(out, "e1g1"), Illegal::CastlingThroughCheck);
    let through = "3rkr2/8/8/8/8/8/8/R3K2R w KQ - 0 1";
    assert_eq!(refused(through, "e1g1"), Illegal::CastlingThroughCheck);
    assert_eq!(refused(through, "e1c1"), Illegal::CastlingThroughCheck);
    let into = "2r1k1r1/8/8/8/8/8/8/R3K2R w KQ - 0 1";
    assert_eq!(refused(into, "e1g1"), Illegal::KingInCheck);
    assert_eq!(refused(into, "e1c1"), Illegal::KingInCheck);
}

#[test]
fn castling_with_an_attacked_rook_or_b_file_is_legal() {
    let fen = "1r2k2r/8/8/8/8/8/8/R3K2R w KQ - 0 1";
    accepted(fen, "e1c1");
    accepted(fen, "e1g1");
}

#[test]
fn castling_needs_the_right_and_empty_squares() {
    assert_eq!(
        refused("4k3/8/8/8/8/8/8/R3K2R w Q - 0 1", "e1g1"),
        Illegal::Unreachable
    );
    assert_eq!(
        refused("4k3/8/8/8/8/8/8/RN2K1NR w KQ - 0 1", "e1g1"),
        Illegal::Unreachable
    );
    assert_eq!(
        refused("4k3/8/8/8/8/8/8/RN2K1NR w KQ - 0 1", "e1c1"),
        Illegal::Unreachable
    );
}

#[test]
fn rights_end_when_king_or_rook_moves_or_the_rook_is_taken() {
    let fen = "r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1";
    for (moves, rights) in [
        ("e1e2", 0b1100),
        ("h1h2", 0b1110),
        ("a1b1", 0b1101),
        ("h1h8", 0b1010),
        ("a1a8", 0b0101),
    ] {
        let mut game = game(fen);
        play_all(&mut game, moves);
        assert_eq!(game.position().rights.0, rights, "{moves}");
    }
    let mut game = game(fen);
    play_all(&mut game, "h1h2 a8b8 h2h1 b8a8");
    assert_eq!(
        play(&mut game, "e1g1"),
        Err(Refusal::Illegal(Illegal::Unreachable))
    );
}

#[test]
fn en_passant_takes_the_pawn_only_at_once() {
    let mut game = game("4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 1");
    play_all(&mut game, "d7d5");
    let mut late = game;
    play_all(&mut game, "e5d6");
    assert_eq!(game.position().board.occupied().count_ones(), 3);
    play_all(&mut late, "e1e2 e8e7");
    assert_eq!(
        play(&mut late, "e5d6"),
        Err(Refusal::Illegal(Illegal::Unreachable))
    );
}

#[test]
fn en_passant_that_opens_the_rank_to_the_king_is_refused() {
    let mut game = game("8/3p4/8/K3P2r/8/8/8/4k3 b - - 0 1");
    play_all(&mut game, "d7d5");
    assert_eq!(game.position().en_passant, 0);
    assert!(play(&mut game, "e5d6").is_err());
}

#[test]
fn en_passant_is_possible_with_the_second_pawn_if_the_first_is_pinned() {
    let mut game = game("4r1k1/3p4/8/2P1P3/8/8/8/4K3 b - - 0 1");
    play_all(&mut game, "d7d5");
    assert!(play(&mut game.clone(), "e5d6").is_err(), "pinned on the e-file");
    play_all(&mut game, "c5d6");
}

#[test]
fn en_passant_can_answer_a_check_by_the_pawn() {
    // Every square around the king is taken from it: only the capture saves it.
    let mut game = game("3q1r2/1kp5/8/3P4/4K3/8/5r2/8 b - - 0 1");
    play_all(&mut game, "c7c5");
    play_all(&mut game, "d5c6");
}

#[test]
fn promotion_is_to_any_of_four_and_must_be_said() {
    let fen = "6k1/P7/8/8/8/8/8/K7 w - - 0 1";
    for piece in ["n", "b", "r", "q"] {
        accepted(fen, &format!("a7a8{piece}"));
    }
    assert_eq!(refused(fen, "a7a8"), Illegal::Promotion);
    assert_eq!(refused(fen, "a1b1q"), Illegal::Promotion);
    let mut game = game(fen);
    let wrong = Move(5 << 12 | common::mv("a7a8").0);
    assert_eq!(
        game.play(Side::White, wrong, false, false, 0),
        Err(Refusal::Illegal(Illegal::Encoding))
    );
}

#[test]
fn promotion_to_a_knight_can_mate() {
    let fen = "8/4NP1k/7p/4B3/8/8/8/K7 w - - 0 1";
    assert_eq!(
        status_after(fen, "f7f8n"),
        Status::Won(Side::White, Win::Checkmate)
    );
    assert_eq!(status_after(fen, "f7f8q"), Status::Playing);
}

#[test]
fn a_pinned_piece_may_only_move_along_the_pin() {
    let fen = "4r2k/8/8/8/8/8/4R3/4K3 w - - 0 1";
    assert_eq!(refused(fen, "e2d2"), Illegal::KingInCheck);
    accepted(fen, "e2e5");
    accepted(fen, "e2e8");
}

#[test]
fn a_king_cannot_step_back_along_the_line_of_a_check() {
    assert_eq!(
        refused("4r2k/8/8/8/4K3/8/8/8 w - - 0 1", "e4e3"),
        Illegal::KingInCheck
    );
}

#[test]
fn moves_through_pieces_and_off_the_turn_are_refused() {
    let start = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1";
    assert_eq!(refused(start, "a1a4"), Illegal::Unreachable);
    assert_eq!(refused(start, "e2e5"), Illegal::Unreachable);
    assert_eq!(refused(start, "e7e5"), Illegal::NoPiece);
    assert_eq!(refused(start, "e4e5"), Illegal::NoPiece);
    assert_eq!(
        refused("4k3/8/8/8/8/4p3/4P3/4K3 w - - 0 1", "e2e4"),
        Illegal::Unreachable
    );
}

#[test]
fn fools_mate() {
    let mut game = game("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1");
    play_all(&mut game, "f2f3 e7e5 g2g4");
    let status = Status::Won(Side::Black, Win::Checkmate);
    assert_eq!(play(&mut game, "d8h4"), Ok(Played { status, check: true }));
    assert_eq!(play(&mut game, "a2a3"), Err(Refusal::Over));
    assert_eq!(game.resign(Side::White), Err(Refusal::Over));
}

#[test]
fn double_check_leaves_only_the_king() {
    // The queen could take the knight, but the rook still gives check.
    let fen = "4r2k/8/8/8/8/5n2/6Q1/4K3 w - - 0 1";
    assert_eq!(refused(fen, "g2f3"), Illegal::KingInCheck);
    accepted(fen, "e1f1");
    let status = status_after("3rkr2/3p1p2/8/8/4N3/8/4Q2K/8 w - - 0 1", "e4f6");
    // Knight and queen give check at once; no square is free.
    assert_eq!(status, Status::Won(Side::White, Win::Checkmate));
}

#[test]
fn stalemate_is_a_draw() {
    assert_eq!(
        status_after("7k/8/8/6Q1/8/8/8/K7 w - - 0 1", "g5g6"),
        Status::Drawn(Draw::Stalemate)
    );
    // The bishop is pinned and cannot move along the pin.
    assert_eq!(
        status_after("k7/b7/8/2K5/R7/8/8/1R6 w - - 0 1", "c5c6"),
        Status::Drawn(Draw::Stalemate)
    );
}

#[test]
fn dead_positions_end_the_game() {
    for (fen, mv) in [
        ("7k/8/8/8/8/8/1p6/K7 w - - 0 1", "a1b2"),
        ("7k/8/8/8/8/8/1p5N/K7 w - - 0 1", "a1b2"),
        ("7k/8/8/8/8/8/1p5B/K7 w - - 0 1", "a1b2"),
        ("5b1k/8/8/8/8/8/1p3B2/K7 w - - 0 1", "a1b2"),
    ] {
        assert_eq!(status_after(fen, mv), Status::Drawn(Draw::DeadPosition), "{fen}");
    }
    for (fen, mv) in [
        ("2b4k/8/8/8/8/8/1p3B2/K7 w - - 0 1", "a1b2"),
        ("6nk/8/8/8/8/8/1p5N/K7 w - - 0 1", "a1b2"),
        ("7k/8/8/8/8/8/1p4NN/K7 w - - 0 1", "a1b2"),
        ("7k/7p/8/8/8/8/1p5B/K7 w - - 0 1", "a1b2"),
    ] {
        assert_eq!(status_after(fen, mv), Status::Playing, "{fen}");
    }
}

const KNIGHTS: &str = "g1f3 g8f6 f3g1 f6g8";

#[test]
fn threefold_repetition_is_claimed_on_the_board_or_with_a_move() {
    let mut game = game("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1");
    play_all(&mut game, KNIGHTS);
    play_all(&mut game, "g1f3 g8f6 f3g1");
    let mut with_move = game;
    let claim = with_move.play(Side::Black, common::mv("f6g8"), false, true, 0);
    assert_eq!(claim.unwrap().status, Status::Drawn(Draw::Threefold));
    let mut wrong = game;
    let claim = wrong.play(Side::Black, common::mv("f6d5"), false, true, 0);
    assert_eq!(claim, Err(Refusal::NothingToClaim));
    assert_eq!(wrong, game);
    assert_eq!(game.claim_draw(Side::Black, 0), Err(Refusal::NothingToClaim));
    play_all(&mut game, "f6g8");
    assert_eq!(game.claim_draw(Side::Black, 0), Err(Refusal::NotYourTurn));
    assert_eq!(
        game.claim_draw(Side::White, 0),
        Ok(Status::Drawn(Draw::Threefold))
    );
}

#[test]
fn fivefold_repetition_ends_the_game() {
    let mut game = game("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1");
    for _ in 0..3 {
        play_all(&mut game, KNIGHTS);
    }
    play_all(&mut game, "g1f3 g8f6 f3g1");
    assert_eq!(game.status(), Status::Playing);
    assert_eq!(
        play(&mut game, "f6g8").unwrap().status,
        Status::Drawn(Draw::Fivefold)
    );
}

#[test]
fn a_position_with_en_passant_is_another_one() {
    let mut game = game("4k1n1/8/8/8/3p4/8/4P3/4K1N1 w - - 0 1");
    play_all(&mut game, "e2e4");
    for _ in 0..2 {
        play_all(&mut game, "g8f6 g1f3 f6g8 f3g1");
    }
    assert_eq!(game.occurrences(), 2);
}

#[test]
fn a_position_with_a_lost_castling_right_is_another_one() {
    let mut game = game("r3k3/8/8/8/8/8/8/4K2R w Kq - 0 1");
    for _ in 0..2 {
        play_all(&mut game, "h1h2 e8e7 h2h1 e7e8");
    }
    assert_eq!(game.occurrences(), 2);
}

#[test]
fn equal_pieces_that_change_places_repeat_the_position() {
    let mut game = game("7k/8/8/8/8/8/8/RR5K w - - 0 1");
    play_all(&mut game, "a1a2 h8g8 b1a1 g8h8 a2b2 h8g8 b2b1 g8h8");
    assert_eq!(game.occurrences(), 2);
}

#[test]
fn fifty_moves_are_claimed_and_seventy_five_end_the_game() {
    let mut game = game("7k/8/8/8/8/8/R7/K7 w - - 98 80");
    assert_eq!(game.claim_draw(Side::White, 0), Err(Refusal::NothingToClaim));
    play_all(&mut game, "a2b2");
    let mut with_move = game;
    let claim = with_move.play(Side::Black, common::mv("h8g8"), false, true, 0);
    assert_eq!(claim.unwrap().status, Status::Drawn(Draw::FiftyMoves));
    play_all(&mut game, "h8g8");
    assert_eq!(
        game.claim_draw(Side::White, 0),
        Ok(Status::Drawn(Draw::FiftyMoves))
    );

    let late = "7k/8/8/8/8/8/R7/K7 w - - 149 99";
    assert_eq!(status_after(late, "a2b2"), Status::Drawn(Draw::SeventyFiveMoves));
    let mate = "7k/8/6K1/8/8/8/R7/8 w - - 149 99";
    assert_eq!(
        status_after(mate, "a2a8"),
        Status::Won(Side::White, Win::Checkmate)
    );
}

#[test]
fn a_draw_offer_stands_until_the_opponent_moves() {
    let mut game = game("7k/8/8/8/8/8/R7/K7 w - - 0 1");
    assert_eq!(game.accept_draw(Side::White, 0), Err(Refusal::NoOffer));
    game.play(Side::White, common::mv("a2b2"), true, false, 0)
        .unwrap();
    assert_eq!(game.accept_draw(Side::White, 0), Err(Refusal::NotYourTurn));
    let mut accepted = game;
    assert_eq!(
        accepted.accept_draw(Side::Black, 0),
        Ok(Status::Drawn(Draw::Agreement))
    );
    play_all(&mut game, "h8g8");
    assert_eq!(game.accept_draw(Side::White, 0), Err(Refusal::NoOffer));
}

#[test]
fn either_player_resigns_at_any_time() {
    for (by, winner) in [(Side::White, Side::Black), (Side::Black, Side::White)] {
        let mut game = game("7k/8/8/8/8/8/R7/K7 w - - 0 1");
        assert_eq!(game.resign(by), Ok(Status::Won(winner, Win::Resignation)));
    }
}

const ROOKS: &str = "r6k/8/8/8/8/8/8/R6K w - - 0 1";

#[test]
fn clocks_run_and_gain_the_increment() {
    let mut game = timed(ROOKS, 1_000, 200);
    game.play(Side::White, common::mv("a1b1"), false, false, 1_300)
        .unwrap();
    assert_eq!(
        (game.left_ms(Side::White), game.left_ms(Side::Black)),
        (900, 1_000)
    );
    // A time before the last move counts as none used.
    game.play(Side::Black, common::mv("a8b8"), false, false, 1_200)
        .unwrap();
    assert_eq!((game.left_ms(Side::Black), game.moved_at_ms()), (1_200, 1_300));
}

#[test]
fn a_fallen_flag_is_noticed_at_a_move_and_claimed_by_the_opponent() {
    let mut game = timed(ROOKS, 1_000, 0);
    assert_eq!(game.claim_time(Side::Black, 1_999), Err(Refusal::TimeLeft));
    assert_eq!(game.claim_time(Side::White, 9_999), Err(Refusal::TimeLeft));
    let lost = Status::Won(Side::Black, Win::Time);
    let mut late = game;
    let played = late
        .play(Side::White, common::mv("a1b1"), false, false, 2_000)
        .unwrap();
    assert_eq!((played.status, late.ply()), (lost, 0));
    assert_eq!(game.claim_time(Side::Black, 2_000), Ok(lost));
    assert_eq!(game.left_ms(Side::White), 0);
    let mut untimed = timed(ROOKS, 0, 5);
    assert_eq!(untimed.claim_time(Side::Black, u64::MAX), Err(Refusal::TimeLeft));
}

#[test]
fn time_without_material_to_mate_is_a_draw() {
    let lost = Status::Won(Side::Black, Win::Time);
    let drawn = Status::Drawn(Draw::TimeWithoutMaterial);
    for (fen, status) in [
        ("7k/8/8/8/8/8/8/R6K w - - 0 1", drawn),
        ("6nk/8/8/8/8/8/8/Q6K w - - 0 1", drawn),
        ("6nk/8/8/8/8/8/8/R6K w - - 0 1", lost),
        ("6nk/8/8/8/8/8/P7/7K w - - 0 1", lost),
        ("6bk/8/8/8/8/8/8/R6K w - - 0 1", drawn),
        ("6bk/8/8/8/8/8/8/N6K w - - 0 1", lost),
        ("6bk/8/8/8/8/8/8/B6K w - - 0 1", lost),
        ("7k/7p/8/8/8/8/8/R6K w - - 0 1", lost),
        ("6nk/6n1/8/8/8/8/8/Q6K w - - 0 1", lost),
    ] {
        assert_eq!(
            timed(fen, 5, 0).claim_time(Side::Black, 9_999),
            Ok(status),
            "{fen}"
        );
    }
}
