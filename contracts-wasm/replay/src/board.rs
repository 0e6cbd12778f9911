//! The board: a byte for each square, walls around it.
//!
//! A square is `16 rank + file`. Of the 256 squares that eight bits number, 64 are the board's; all others hold a wall,
//! whichever way one leaves the board. So a walk ends at a piece or a wall, and needs no other test.

use crate::geometry::{difference, kinds};

/// Knights. A piece's byte names its kind with one bit, queens with two, and then its side and whether it has moved.
pub const KNIGHT: u32 = 1;
/// Bishops, and queens.
pub const BISHOP: u32 = 2;
/// Rooks, and queens.
pub const ROOK: u32 = 4;
/// Both.
pub const QUEEN: u32 = BISHOP | ROOK;
/// Kings.
pub const KING: u32 = 8;
/// White pawns.
pub const WHITE_PAWN: u32 = 16;
/// Black pawns.
pub const BLACK_PAWN: u32 = 32;
/// A king or rook with which castling is still possible; alone, a wall.
pub const UNMOVED: u32 = 64;
/// Black's pieces.
pub const BLACK: u32 = 128;

/// No square: nobody gives check, or no pawn can be captured en passant.
pub const NONE: u32 = 255;
/// More than one square.
pub const SEVERAL: u32 = 254;

/// The squares.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(align(8))]
pub struct Board([u8; 256]);

impl Board {
    /// Nothing but walls around.
    pub const EMPTY: Self = {
        let mut squares = [UNMOVED as u8; 256];
        let mut square = 0;
        while square < 128 {
            if square & 8 == 0 {
                squares[square] = 0;
            }
            square += 1;
        }
        Self(squares)
    };

    /// The initial position.
    pub const INITIAL: Self = {
        let rook = ROOK | UNMOVED;
        let pieces = [rook, KNIGHT, BISHOP, QUEEN, KING | UNMOVED, BISHOP, KNIGHT, rook];
        let mut board = Self::EMPTY;
        let mut file = 0;
        while file < 8 {
            board.0[file] = pieces[file] as u8;
            board.0[16 + file] = WHITE_PAWN as u8;
            board.0[96 + file] = (BLACK | BLACK_PAWN) as u8;
            board.0[112 + file] = (BLACK | pieces[file]) as u8;
            file += 1;
        }
        board
    };

    /// What stands on a square (modulo 256): 0 if nothing does.
    #[inline(always)]
    #[must_use]
    pub fn at(&self, square: u32) -> u32 {
        u32::from(self.0[(square & 255) as usize])
    }

    /// Puts a piece on a square (modulo 256), or 0.
    #[inline(always)]
    pub fn put(&mut self, square: u32, piece: u32) {
        self.0[(square & 255) as usize] = piece as u8;
    }

    /// The squares of a rank (0 to 7), the a-file in the lowest byte.
    #[inline(always)]
    #[must_use]
    pub fn rank(&self, rank: usize) -> u64 {
        let (squares, _) = self.0.as_chunks::<8>();
        squares.get(2 * rank).map_or(0, |squares| u64::from_le_bytes(*squares))
    }

    /// The first square from `from` on, in steps of `step`, that is not empty.
    #[inline(always)]
    pub(crate) fn walk(&self, from: u32, step: u32) -> u32 {
        let mut square = from;
        loop {
            square = square.wrapping_add(step) & 255;
            if self.at(square) != 0 {
                return square;
            }
        }
    }

    /// The square of the one piece of `side` (0 or [`BLACK`]) that attacks `square`, [`SEVERAL`] or [`NONE`].
    #[inline(never)]
    pub(crate) fn attacker(&self, square: u32, side: u32) -> u32 {
        let mut found = NONE;
        for step in [1, 16, 255, 240, 15, 17, 241, 239] {
            let from = self.walk(square, step);
            let piece = self.at(from);
            if piece & BLACK == side && piece & kinds(difference(from, square)) != 0 {
                found = if found == NONE { from } else { SEVERAL };
            }
        }
        for leap in [14, 18, 31, 33, 242, 238, 225, 223] {
            let from = square.wrapping_add(leap) & 255;
            if self.at(from) == KNIGHT | side {
                found = if found == NONE { from } else { SEVERAL };
            }
        }
        found
    }
}
