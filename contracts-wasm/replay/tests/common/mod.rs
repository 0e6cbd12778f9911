//! What the tests share: boards set up from positions of the chess module's rules, which are the other opinion here.

#![allow(dead_code, reason = "every test file is a crate of its own and uses a part")]

use playfair_chess::fen::Fen;
use playfair_chess::rules::attacks::sight;
use playfair_chess::rules::{Kind, Move, Position, Side};
use playfair_replay::board::{
    A1, BISHOP, BLACK, BLACK_PAWN, Board, KING, KNIGHT, QUEEN, ROOK, UNMOVED, WALL, WHITE_PAWN,
};
use playfair_replay::play::{NONE, SEVERAL, State, play};

/// The game that is measured.
pub(crate) const GAME: &str =
    include_str!("../../../../tests/fixtures/kasparov-topalov-1999.uci").trim_ascii_end();

/// The initial position and five that perft is known for.
pub(crate) const POSITIONS: [&str; 6] = [
    "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
    "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
    "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1",
    "r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1",
    "rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8",
    "r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - - 0 10",
];

/// What a pawn may become, as both sides call it; the first is nothing.
pub(crate) const PROMOTIONS: [(Kind, u32); 5] = [
    (Kind::NONE, 0),
    (Kind::QUEEN, QUEEN),
    (Kind::ROOK, ROOK),
    (Kind::BISHOP, BISHOP),
    (Kind::KNIGHT, KNIGHT),
];

pub(crate) fn position(fen: &str) -> Position {
    Fen::parse(fen).unwrap().position
}

/// A square (0 to 63) as the board numbers it.
pub(crate) fn square(square: u32) -> u32 {
    A1 + 16 * (square / 8) + square % 8
}

/// What stands on a square.
fn piece(position: &Position, at: u32) -> u32 {
    let board = &position.board;
    let black = board.of(Side::Black) >> at & 1 != 0;
    let kind = match board.kind_at(at) {
        Kind::PAWN if black => BLACK_PAWN,
        Kind::PAWN => WHITE_PAWN,
        Kind::KNIGHT => KNIGHT,
        Kind::BISHOP => BISHOP,
        Kind::ROOK => ROOK,
        Kind::QUEEN => QUEEN,
        Kind::KING => KING,
        _ => 0,
    };
    let has = |right: u32| position.rights.0 >> right & 1 != 0;
    let unmoved = match at {
        4 => has(0) || has(1),
        60 => has(2) || has(3),
        7 => has(0),
        0 => has(1),
        63 => has(2),
        56 => has(3),
        _ => false,
    };
    kind | if black { BLACK } else { 0 } | if unmoved { UNMOVED } else { 0 }
}

/// Puts a position on a board, which has its walls still.
pub(crate) fn put(position: &Position, board: &Board) -> State {
    for at in 0..64 {
        board.put(square(at), piece(position, at));
    }
    board.set_king::<true>(square(position.board.king_square(Side::White)));
    board.set_king::<false>(square(position.board.king_square(Side::Black)));
    let attackers = sight(
        &position.board,
        position.board.king_square(position.turn),
        position.turn,
    )
    .attackers;
    State {
        checker: match attackers.count_ones() {
            0 => NONE,
            1 => square(attackers.trailing_zeros()),
            _ => SEVERAL,
        },
        crossed: match position.en_passant_target() {
            0 => NONE,
            target => square(target.trailing_zeros()),
        },
    }
}

/// Makes a move for whoever's turn it is.
pub(crate) fn make(turn: Side, board: &Board, state: &mut State, squares: [u32; 2], promotion: u32) -> bool {
    let played = match turn {
        Side::White => play::<true>(board, state, squares, promotion),
        Side::Black => play::<false>(board, state, squares, promotion),
    };
    played.is_some()
}

/// All bytes, whether kings and rooks have moved or not.
fn pieces(board: &Board) -> Vec<u32> {
    let unmoved = |piece: u32| piece != WALL && piece & UNMOVED != 0;
    let bytes = (0..512).map(|at| board.at(at));
    bytes
        .map(|piece| if unmoved(piece) { piece ^ UNMOVED } else { piece })
        .collect()
}

/// Whether king and rook have not moved, for each right to castle.
fn rights(board: &Board) -> [bool; 4] {
    let unmoved = |at: u32, piece: u32| board.at(square(at)) == piece | UNMOVED;
    [(4, 7, 0), (4, 0, 0), (60, 63, BLACK), (60, 56, BLACK)]
        .map(|(king, rook, side)| unmoved(king, KING | side) && unmoved(rook, ROOK | side))
}

/// That board and state are those of a position.
pub(crate) fn same(position: &Position, board: &Board, state: State) {
    let wanted = Board::initial();
    let known = put(position, &wanted);
    assert_eq!(pieces(board), pieces(&wanted), "{position:?}");
    assert_eq!(rights(board), rights(&wanted), "{position:?}");
    let kings = |board: &Board| [board.king::<true>(), board.king::<false>()];
    assert_eq!(kings(board), kings(&wanted), "{position:?}");
    assert_eq!(state.checker, known.checker, "who gives check in {position:?}");
    // There it is only noted where such a capture is legal.
    if known.crossed != NONE {
        assert_eq!(state.crossed, known.crossed, "{position:?}");
    }
}

/// The square that a pawn crosses by a move, or [`NONE`].
pub(crate) fn crossed(before: &Position, mv: Move) -> u32 {
    let pawn = before.board.kind_at(mv.from()) == Kind::PAWN;
    if pawn && mv.from().abs_diff(mv.to()) == 16 {
        square(u32::midpoint(mv.from(), mv.to()))
    } else {
        NONE
    }
}

/// Tries every move that can be said in a position, in which a pawn has just crossed a square or not, and holds what becomes of it against
/// the other opinion; returns the legal ones.
pub(crate) fn all_moves(position: &Position, crossed: u32) -> Vec<Move> {
    let board = Board::initial();
    let mut legal = Vec::new();
    for (from, to) in (0..64).flat_map(|from| (0..64).map(move |to| (from, to))) {
        for (kind, code) in PROMOTIONS {
            let mv = Move::new(from, to).promoting(kind);
            let mut state = State {
                crossed,
                ..put(position, &board)
            };
            let made = make(
                position.turn,
                &board,
                &mut state,
                [square(from), square(to)],
                code,
            );
            let next = position.play(mv).ok();
            assert_eq!(made, next.is_some(), "{from} to {to} as {kind:?} in {position:?}");
            if let Some(next) = next {
                same(&next, &board, state);
                legal.push(mv);
            }
        }
    }
    for at in (0..512).filter(|at| !(0..64).any(|on| square(on) == *at)) {
        assert_eq!(board.at(at), WALL, "a wall at {at}");
    }
    legal
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) as usize % end
    }
}

/// A move as text names it.
pub(crate) fn text(mv: Move) -> String {
    let mut text = String::new();
    for square in [mv.from(), mv.to()] {
        text.push((b'a' + (square % 8) as u8) as char);
        text.push((b'1' + (square / 8) as u8) as char);
    }
    match mv.promotion() {
        Some(Kind::QUEEN) => text.push('q'),
        Some(Kind::ROOK) => text.push('r'),
        Some(Kind::BISHOP) => text.push('b'),
        Some(Kind::KNIGHT) => text.push('n'),
        _ => {}
    }
    text
}
