//! The reversible moves since the last irreversible one, from which every earlier position that could come back can be
//! reconstructed: repetition is decided exactly, without hashes of positions.
//!
//! A pawn move, a capture, castling or the loss of a castling right can never be undone by later moves, so it empties the
//! record. At most 149 moves are in it while a game goes on, since 75 moves each end it.
//!
//! A word holds five moves of twelve bits (from, to), the latest lowest; only the last word may hold fewer.

use crate::rules::attacks::bit;
use crate::rules::{Board, Move};

/// Moves in a word.
const PER_WORD: u8 = 5;
/// Bits of a move.
const BITS: u32 = 12;
/// Words that 150 moves take.
pub(super) const WORDS_MAX: usize = 30;
/// Moves that a record may hold.
const MOVES_MAX: u8 = 150;

/// Where the words of a record are, little-endian: in a game of its own, or in the stored form that a call reads and writes.
pub trait Words: AsRef<[[u8; 8]]> + AsMut<[[u8; 8]]> {}

impl<W: AsRef<[[u8; 8]]> + AsMut<[[u8; 8]]>> Words for W {}

/// Words of a game of its own.
pub type Owned = [[u8; 8]; WORDS_MAX];

/// Reversible moves, the oldest first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<W> {
    pub(super) count: u8,
    pub(super) words: W,
}

impl<W: Words> PartialEq for Record<W> {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count && self.used() == other.used()
    }
}

impl<W: Words> Eq for Record<W> {}

/// Words that `count` moves take.
#[inline(always)]
pub(super) const fn words_for(count: u8) -> usize {
    count.div_ceil(PER_WORD) as usize
}

/// Whether these words hold exactly `count` moves, without a bit more.
#[inline(always)]
pub(super) fn are_valid(count: u8, words: &[[u8; 8]]) -> bool {
    if count > MOVES_MAX || words.len() != words_for(count) {
        return false;
    }
    let mut left = u32::from(count) * BITS;
    let mut excess = 0;
    for word in words {
        let bits = left.min(60);
        excess |= u64::from_le_bytes(*word) >> bits;
        left -= bits;
    }
    excess == 0
}

impl<W: Words> Record<W> {
    /// The words that hold moves.
    #[inline(always)]
    pub(super) fn used(&self) -> &[[u8; 8]] {
        self.words.as_ref().get(..words_for(self.count)).unwrap_or(&[])
    }

    /// Forgets every move.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    /// Adds a move. A full record stays as it is; the 75-move rule ends a game before.
    #[inline(always)]
    pub(super) fn push(&mut self, mv: Move) {
        let within = self.count % PER_WORD;
        let words = self.words.as_mut();
        if let Some(word) = words.get_mut(usize::from(self.count / PER_WORD)) {
            let moves = if within == 0 {
                0
            } else {
                u64::from_le_bytes(*word) << BITS
            };
            *word = (moves | u64::from(mv.0 & 0xfff)).to_le_bytes();
            self.count += 1;
        }
    }

    /// Takes back the one change, a push or a clearing, since the record held `count` moves.
    pub(super) fn undo(&mut self, count: u8) {
        if count < self.count
            && let Some(word) = self.words.as_mut().get_mut(usize::from(count / PER_WORD))
        {
            *word = (u64::from_le_bytes(*word) >> BITS).to_le_bytes();
        }
        self.count = count;
    }

    /// How often the position with this board has occurred, now included.
    #[inline(always)]
    pub(super) fn occurrences(&self, board: &Board, began_en_passant: bool) -> u32 {
        if self.count < 4 {
            return 1;
        }
        let past = Past {
            board: *board,
            age: 0,
            count: self.count,
            words: self.used(),
        };
        past.occurrences(began_en_passant)
    }
}

/// The board some half-moves ago.
struct Past<'a> {
    board: Board,
    age: u8,
    /// Moves in `words`.
    count: u8,
    words: &'a [[u8; 8]],
}

impl Past<'_> {
    /// How often the present board has occurred.
    ///
    /// Only positions an even number of half-moves back have the same player to move. A first, cheap walk follows which
    /// squares each side has left and entered on balance; only where both sides occupy what they occupy now are the
    /// planes themselves taken back and compared.
    #[inline(never)]
    fn occurrences(mut self, began_en_passant: bool) -> u32 {
        let now = self.board;
        let mut found = 1;
        // Occupied squares that differ from now: of the side that has moved last, and of the other.
        let (mut last, mut other) = (0, 0);
        let mut words = self.words.iter().rev();
        let (mut moves, mut in_word) = (0, 0);
        let mut left = (self.count - 1) % PER_WORD + 1;
        let mut squares_of_next = || {
            if in_word == 0 {
                moves = words.next().map_or(0, |word| u64::from_le_bytes(*word));
                (in_word, left) = (left, PER_WORD);
            }
            let squares = bit(moves as u32) ^ bit((moves >> 6) as u32);
            moves >>= BITS;
            in_word -= 1;
            squares
        };
        let mut age = 0;
        while age < self.count & !1 {
            last ^= squares_of_next();
            other ^= squares_of_next();
            age += 2;
            let is_other = age == self.count && began_en_passant;
            if last | other == 0 && !is_other {
                found += u32::from(self.is_same(&now, age));
            }
        }
        found
    }

    /// Goes back to `age` half-moves ago and compares the board.
    fn is_same(&mut self, now: &Board, age: u8) -> bool {
        while self.age < age {
            let mv = self.move_back();
            let (a, b) = (mv as u32, (mv >> 6) as u32);
            for plane in [
                &mut self.board.diagonal,
                &mut self.board.straight,
                &mut self.board.short,
                &mut self.board.white,
            ] {
                let differs = (plane.wrapping_shr(a) ^ plane.wrapping_shr(b)) & 1;
                *plane ^= differs.wrapping_shl(a) ^ differs.wrapping_shl(b);
            }
            self.age += 1;
        }
        self.board == *now
    }

    /// The move that led to the board as it is now, in the low bits.
    fn move_back(&self) -> u64 {
        let index = self.count.wrapping_sub(1).wrapping_sub(self.age);
        let first = index / PER_WORD * PER_WORD;
        let in_word = self.count.wrapping_sub(first).min(PER_WORD);
        let newer = in_word.wrapping_sub(1).wrapping_sub(index - first);
        let word = self.words.get(usize::from(index / PER_WORD));
        word.map_or(0, |word| {
            u64::from_le_bytes(*word).wrapping_shr(u32::from(newer) * BITS)
        })
    }
}
