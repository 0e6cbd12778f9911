//! The stored form of a game: little-endian 64-bit words, so that a module reads and writes it without taking it apart.
//!
//! | word | bits | what |
//! |---|---|---|
//! | 0 to 4 | | White's account, then Black's, 20 bytes each |
//! | 5 to 8 | | the planes diagonal, straight, short and white, a1 in the lowest bit |
//! | 9 | 0 to 31, 32 to 63 | base and increment of the time control, in ms |
//! | 10 | 0 to 31, 32 to 63 | time left to White and to Black, in ms |
//! | 11 | | when the running clock began to run, in ms since 1970 |
//! | 12 | 0 to 15 | half-moves made (and 1 if Black began); odd if it is Black's turn |
//! | | 16 to 23 | half-moves since the last pawn move or capture |
//! | | 24 to 31 | number of reversible moves that follow |
//! | | 32 to 35 | castling rights: White's kingside, queenside, Black's |
//! | | 36 to 39 | 1 + file of a pawn that can be captured en passant, or 0 |
//! | | 40 | whether en passant was possible where the reversible moves begin |
//! | | 41 | whether the player to move has a draw offer to answer |
//! | | 42 to 43 | result: 0 in play, 1 White won, 2 Black won, 3 drawn |
//! | | 44 to 47 | reason: of a win checkmate 1, resignation 2, time 3; of a draw stalemate 1, dead position 2, agreement 3, threefold repetition 4, 50 moves 5, fivefold repetition 6, 75 moves 7, time without material to mate 8 |
//! | | 48 to 63 | 0 |
//! | 13 ... | | the reversible moves, oldest first: five of 12 bits a word (to-square lowest, then from-square), the latest of each word lowest |
//!
//! A game has one form. Decoding refuses any other bytes, and fields that contradict each other; it does not ask whether
//! the moves led to the position, since only this module writes the state.

use super::clock::{Clocks, Control};
use super::record::{Record, WORDS_MAX, Words, are_valid, words_for};
use super::{DRAWN_AT, Game, Status};
use crate::rules::{Board, Position, Rights, Side};
use core::fmt;

const HEAD_WORDS: usize = 13;

/// Bytes of a game without reversible moves.
pub const BYTES_MIN: usize = HEAD_WORDS * 8;
/// Bytes of the longest game.
pub const BYTES_MAX: usize = BYTES_MIN + WORDS_MAX * 8;

/// Bytes that are no game.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// The length is not that of a game with so many reversible moves.
    Length,
    /// Bits that must be 0 are not.
    Reserved,
    /// The pieces, castling rights or en passant contradict each other.
    Position,
    /// The counters contradict each other or the rules.
    Counters,
    /// A game without clocks has times.
    Clock,
    /// The status or the draw offer has no meaning.
    Status,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "a stored game has the wrong length",
            Self::Reserved => "a stored game has bits that must be 0",
            Self::Position => "a stored game has an impossible position",
            Self::Counters => "a stored game has impossible counters",
            Self::Clock => "a stored game without clocks has times",
            Self::Status => "a stored game has an unknown status",
        })
    }
}

impl core::error::Error for Malformed {}

/// A game in its stored form, of which only what changes is written back.
#[derive(Debug)]
pub struct Stored<'a> {
    head: &'a mut [[u8; 8]; HEAD_WORDS],
    moves: &'a mut [[u8; 8]],
}

impl AsRef<[[u8; 8]]> for Stored<'_> {
    #[inline(always)]
    fn as_ref(&self) -> &[[u8; 8]] {
        self.moves
    }
}

impl AsMut<[[u8; 8]]> for Stored<'_> {
    #[inline(always)]
    fn as_mut(&mut self) -> &mut [[u8; 8]] {
        self.moves
    }
}

impl<'a> Game<Stored<'a>> {
    /// Opens the stored game in the first `length` bytes of `bytes`, without copying it. [`Self::save`] ends the work.
    ///
    /// # Errors
    /// What is wrong with it.
    #[inline(always)]
    pub fn open(bytes: &'a mut [u8; BYTES_MAX], length: usize) -> Result<Self, Malformed> {
        let (words, _) = bytes.as_chunks_mut::<8>();
        let (head, moves) = words
            .split_first_chunk_mut::<HEAD_WORDS>()
            .ok_or(Malformed::Length)?;
        let fields = Fields::parse(head)?;
        let used = moves.get(..words_for(fields.count)).ok_or(Malformed::Length)?;
        if length != BYTES_MIN + 8 * used.len() {
            return Err(Malformed::Length);
        }
        if !are_valid(fields.count, used) {
            return Err(Malformed::Reserved);
        }
        Ok(fields.game(Stored { head, moves }))
    }

    /// Writes back what has changed and returns the new length.
    #[inline(always)]
    pub fn save(self) -> usize {
        let words = self.changing_words();
        let [_, _, _, _, _, d, s, n, w, _, left, moved_at, misc] = self.record.words.head;
        for (to, word) in [d, s, n, w, left, moved_at, misc].into_iter().zip(words) {
            *to = word.to_le_bytes();
        }
        self.encoded_len()
    }
}

impl Game {
    /// Reads a stored game.
    ///
    /// # Errors
    /// What is wrong with it; an accepted game encodes to the same bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (words, rest) = bytes.as_chunks::<8>();
        let (head, moves) = words.split_first_chunk::<HEAD_WORDS>().ok_or(Malformed::Length)?;
        let fields = Fields::parse(head)?;
        if !rest.is_empty() || moves.len() != words_for(fields.count) {
            return Err(Malformed::Length);
        }
        if !are_valid(fields.count, moves) {
            return Err(Malformed::Reserved);
        }
        let mut words = [[0; 8]; WORDS_MAX];
        for (to, word) in words.iter_mut().zip(moves) {
            *to = *word;
        }
        Ok(fields.game(words))
    }
}

impl<W: Words> Game<W> {
    /// Bytes of the stored form.
    #[inline(always)]
    #[must_use]
    pub fn encoded_len(&self) -> usize {
        BYTES_MIN + 8 * words_for(self.record.count)
    }

    /// Writes the stored form to the beginning of `out` and returns its length.
    pub fn encode(&self, out: &mut [u8; BYTES_MAX]) -> usize {
        let (players, rest) = out.split_at_mut(40);
        players.copy_from_slice(&self.players);
        let Control {
            base_ms,
            increment_ms,
        } = self.clocks.control;
        let [d, s, n, w, left, moved_at, misc] = self.changing_words();
        let head = [d, s, n, w, pair(base_ms, increment_ms), left, moved_at, misc].map(u64::to_le_bytes);
        let words = rest.as_chunks_mut::<8>().0;
        for (to, word) in words.iter_mut().zip(head.iter().chain(self.record.used())) {
            *to = *word;
        }
        self.encoded_len()
    }

    /// Words 5 to 8 and 10 to 12.
    #[inline(always)]
    fn changing_words(&self) -> [u64; 7] {
        let Position {
            board,
            rights,
            en_passant,
            ..
        } = self.position;
        let misc = u64::from(self.ply)
            | u64::from(self.quiet) << 16
            | u64::from(self.record.count) << 24
            | u64::from(rights.0) << 32
            | u64::from(en_passant) << 36
            | u64::from(self.began_en_passant) << 40
            | u64::from(self.offered) << 41
            | self.status.code() << 42;
        [
            board.diagonal,
            board.straight,
            board.short,
            board.white,
            pair(self.clocks.left_ms[0], self.clocks.left_ms[1]),
            self.clocks.moved_at_ms,
            misc,
        ]
    }
}

#[inline(always)]
fn pair(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// The head of a stored game, checked.
struct Fields {
    players: [u8; 40],
    position: Position,
    clocks: Clocks,
    ply: u16,
    quiet: u8,
    status: Status,
    offered: bool,
    began_en_passant: bool,
    count: u8,
}

impl Fields {
    #[inline(always)]
    fn parse(head: &[[u8; 8]; HEAD_WORDS]) -> Result<Self, Malformed> {
        let [
            _,
            _,
            _,
            _,
            _,
            diagonal,
            straight,
            short,
            white,
            control,
            left,
            moved_at,
            misc,
        ] = head.map(u64::from_le_bytes);
        if misc >> 48 != 0 {
            return Err(Malformed::Reserved);
        }
        let (ply, count) = (misc as u16, (misc >> 24) as u8);
        let position = Position {
            board: Board {
                diagonal,
                straight,
                short,
                white,
            },
            turn: if ply & 1 == 0 { Side::White } else { Side::Black },
            rights: Rights((misc >> 32 & 15) as u8),
            en_passant: (misc >> 36 & 15) as u8,
        };
        if !position.is_valid() {
            return Err(Malformed::Position);
        }
        let status = Status::from_code(misc >> 42 & 63).ok_or(Malformed::Status)?;
        let offered = misc >> 41 & 1 != 0;
        if offered && status != Status::Playing {
            return Err(Malformed::Status);
        }
        // En passant is possible only right after a pawn's move, where the reversible moves begin.
        let (quiet, began_en_passant) = ((misc >> 16) as u8, misc >> 40 & 1 != 0);
        let has_en_passant = position.en_passant != 0;
        let agree = if count == 0 {
            began_en_passant == has_en_passant
        } else {
            !has_en_passant
        };
        if !agree || count > quiet || quiet > DRAWN_AT || (quiet == DRAWN_AT && status == Status::Playing) {
            return Err(Malformed::Counters);
        }
        let clocks = Clocks {
            control: Control {
                base_ms: control as u32,
                increment_ms: (control >> 32) as u32,
            },
            left_ms: [left as u32, (left >> 32) as u32],
            moved_at_ms: moved_at,
        };
        if !clocks.is_valid() {
            return Err(Malformed::Clock);
        }
        let mut players = [0; 40];
        for (to, word) in players.as_chunks_mut::<8>().0.iter_mut().zip(head) {
            *to = *word;
        }
        Ok(Self {
            players,
            position,
            clocks,
            ply,
            quiet,
            status,
            offered,
            began_en_passant,
            count,
        })
    }

    #[inline(always)]
    fn game<W: Words>(self, words: W) -> Game<W> {
        Game {
            players: self.players,
            position: self.position,
            clocks: self.clocks,
            ply: self.ply,
            quiet: self.quiet,
            status: self.status,
            offered: self.offered,
            began_en_passant: self.began_en_passant,
            record: Record {
                count: self.count,
                words,
            },
        }
    }
}
