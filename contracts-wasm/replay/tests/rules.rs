//! The same moves are legal here and by the chess module's rules, and lead to the same positions; and perft's published counts.

mod common;

use common::{Chance, GAME, POSITIONS, all_moves, make, position, put, square, text};
use playfair_chess::rules::{Kind, Position, Side};
use playfair_replay::board::Board;
use playfair_replay::play::{NONE, State};

/// Leaves of [`POSITIONS`] at some depth, as published.
const PERFT: [(u32, u64); 6] = [
    (3, 8_902),
    (2, 2_039),
    (4, 43_238),
    (3, 9_467),
    (2, 1_486),
    (2, 2_079),
];

#[test]
fn every_move_at_every_ply_of_the_game_is_judged_alike() {
    let (mut now, mut crossed) = (Position::INITIAL, NONE);
    for (ply, played) in GAME.split(' ').enumerate() {
        let legal = all_moves(&now, crossed);
        let mv = legal.into_iter().find(|mv| text(*mv) == played);
        let mv = mv.unwrap_or_else(|| panic!("{played} at ply {}", ply + 1));
        crossed = common::crossed(&now, mv);
        now = now.play(mv).unwrap();
    }
}

#[test]
fn every_move_of_random_games_is_judged_alike() {
    let mut chance = Chance(1);
    let (mut castled, mut steps, mut promoted, mut checks) = (0, 0, 0, 0);
    for (fen, plies) in POSITIONS.iter().flat_map(|fen| [(fen, 20), (fen, 30)]) {
        let (mut now, mut crossed) = (position(fen), NONE);
        for _ in 0..plies {
            let legal = all_moves(&now, crossed);
            castled += legal.iter().filter(|mv| is_castling(&now, **mv)).count();
            promoted += legal.iter().filter(|mv| text(**mv).len() == 5).count();
            steps += usize::from(crossed != NONE);
            checks += usize::from(now.in_check());
            if legal.is_empty() {
                break;
            }
            let mv = legal[chance.below(legal.len())];
            crossed = common::crossed(&now, mv);
            now = now.play(mv).unwrap();
        }
    }
    let seen = [castled, steps, promoted, checks];
    assert!(seen.iter().all(|count| *count > 4), "too little seen: {seen:?}");
}

/// A position, a step of two ranks, and whether it can be answered en passant.
const STEPS: [(&str, &str, bool); 7] = [
    ("4k3/8/8/8/4p3/8/3P4/4K3 w - - 0 1", "d2d4", true),
    // Both pawns leave the rank on which the king and a rook stand.
    ("8/8/8/8/k3p2R/8/3P4/4K3 w - - 0 1", "d2d4", false),
    ("4k3/3p4/8/r3P2K/8/8/8/8 b - - 0 1", "d7d5", false),
    // The pawn that captures is pinned on its file; another one stands before the king.
    ("4k3/8/8/8/4p3/8/3P4/4RK2 w - - 0 1", "d2d4", false),
    ("8/6k1/8/8/4p3/2p5/3P4/B5K1 w - - 0 1", "d2d4", true),
    // The pawn that has moved gives check: taking it answers that.
    ("8/8/8/2k5/4p3/8/3P4/4K3 w - - 0 1", "d2d4", true),
    // Another piece gives check: taking the pawn does not answer that.
    ("8/8/8/k7/4p3/8/3P4/4KB2 w - - 0 1", "d2d4", true),
];

#[test]
fn captures_en_passant_are_judged_alike() {
    for (fen, step, possible) in STEPS {
        let before = position(fen);
        let legal = all_moves(&before, NONE);
        let mv = legal
            .into_iter()
            .find(|mv| text(*mv) == step)
            .expect("a legal step");
        let (now, crossed) = (before.play(mv).unwrap(), common::crossed(&before, mv));
        assert_ne!(crossed, NONE);
        let taken = all_moves(&now, crossed).into_iter().any(|mv| {
            let pawn = now.board.kind_at(mv.from()) == Kind::PAWN;
            pawn && square(mv.to()) == crossed && mv.from() % 8 != mv.to() % 8
        });
        assert_eq!(taken, possible, "{fen}");
    }
}

fn is_castling(position: &Position, mv: playfair_chess::rules::Move) -> bool {
    let king = position.board.king_square(position.turn);
    mv.from() == king && mv.from().abs_diff(mv.to()) == 2
}

/// Leaves below what is on the board, by nothing but this crate's judgement.
fn leaves(turn: Side, board: &Board, state: State, depth: u32) -> u64 {
    if depth == 0 {
        return 1;
    }
    let squares: Vec<u32> = (0..64).map(square).collect();
    let kept: Vec<u32> = squares.iter().map(|at| board.at(*at)).collect();
    let kings = [board.king::<true>(), board.king::<false>()];
    let mut sum = 0;
    for from in &squares {
        for (to, promotion) in squares
            .iter()
            .flat_map(|to| common::PROMOTIONS.map(|kind| (to, kind.1)))
        {
            // What most tries come to, without a board to restore.
            if board.at(*from) == 0 {
                continue;
            }
            let mut after = state;
            if make(turn, board, &mut after, [*from, *to], promotion) {
                sum += leaves(turn.other(), board, after, depth - 1);
            }
            for (at, piece) in squares.iter().zip(&kept) {
                board.put(*at, *piece);
            }
            board.set_king::<true>(kings[0]);
            board.set_king::<false>(kings[1]);
        }
    }
    sum
}

#[test]
fn perft_counts_are_those_published() {
    for (fen, (depth, count)) in POSITIONS.iter().zip(PERFT) {
        let start = position(fen);
        let board = Board::initial();
        let state = put(&start, &board);
        assert_eq!(leaves(start.turn, &board, state, depth), count, "{fen}");
    }
}
