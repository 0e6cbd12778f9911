//! What several tests need: games from FEN, moves by squares, and seeded chance.
#![allow(dead_code)] // each test binary uses its part

use playfair_chess::fen::{Fen, parse_square};
use playfair_chess::game::{BYTES_MAX, Control, Game, Played, Refusal};
use playfair_chess::rules::{Kind, Move, Position};

pub(crate) const WHITE: [u8; 20] = [0x11; 20];
pub(crate) const BLACK: [u8; 20] = [0xee; 20];

/// A game without clocks from a FEN.
pub(crate) fn game(fen: &str) -> Game {
    timed(fen, 0, 0)
}

/// A game from a FEN whose clocks start at 1,000 ms.
pub(crate) fn timed(fen: &str, base_ms: u32, increment_ms: u32) -> Game {
    let Fen { position, quiet, .. } = Fen::parse(fen).unwrap();
    let control = Control {
        base_ms,
        increment_ms,
    };
    Game::from_position(WHITE, BLACK, control, 1_000, position, quiet)
}

/// The move written like e2e4 or e7e8q.
pub(crate) fn mv(text: &str) -> Move {
    let square = |at: usize| parse_square(&text[at..at + 2]).unwrap();
    let plain = Move::new(square(0), square(2));
    match text.get(4..).unwrap() {
        "" => plain,
        "n" => plain.promoting(Kind::KNIGHT),
        "b" => plain.promoting(Kind::BISHOP),
        "r" => plain.promoting(Kind::ROOK),
        "q" => plain.promoting(Kind::QUEEN),
        other => panic!("no promotion {other}"),
    }
}

/// Plays a move for whoever's turn it is.
pub(crate) fn play(game: &mut Game, text: &str) -> Result<Played, Refusal> {
    game.play(game.turn(), mv(text), false, false, 1_000)
}

/// Plays legal moves, separated by spaces.
pub(crate) fn play_all(game: &mut Game, texts: &str) {
    for text in texts.split(' ') {
        play(game, text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
    }
}

pub(crate) fn legal_moves(position: &Position) -> Vec<Move> {
    let mut moves = Vec::new();
    position.each_legal_move(|mv| moves.push(mv));
    moves
}

pub(crate) fn encoded(game: &Game) -> Vec<u8> {
    let mut bytes = [0xa5; BYTES_MAX];
    let length = game.encode(&mut bytes);
    bytes[..length].to_vec()
}

/// SplitMix64: chance that a seed repeats.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
