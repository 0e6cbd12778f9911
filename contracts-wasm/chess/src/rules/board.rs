//! The board in four words.
//!
//! Three planes say what stands on a square, the fourth whose it is. The code of a kind is chosen so that the sets which
//! attacks need cost one or two operations:
//!
//! | kind | diagonal | straight | short |
//! |---|---|---|---|
//! | bishop | 1 | 0 | 0 |
//! | rook | 0 | 1 | 0 |
//! | queen | 1 | 1 | 0 |
//! | pawn | 0 | 0 | 1 |
//! | knight | 1 | 0 | 1 |
//! | king | 0 | 1 | 1 |
//!
//! A square with no bit is empty; all three bits never occur, and an empty square is never white.

use super::attacks::{LAST_RANKS, lowest};

/// A player's side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Side {
    /// White, who moves first.
    White = 0,
    /// Black.
    Black = 1,
}

impl Side {
    /// The opponent.
    #[inline(always)]
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::White => Self::Black,
            Self::Black => Self::White,
        }
    }

    /// By how much a rotation moves this side's pawns one step: 8, or -8 modulo 64.
    #[inline(always)]
    #[must_use]
    pub const fn forward(self) -> u32 {
        match self {
            Self::White => 8,
            Self::Black => 56,
        }
    }
}

/// What a piece is: its bits in the planes diagonal, straight and short, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(u32);

impl Kind {
    /// No piece.
    pub const NONE: Self = Self(0);
    /// A bishop.
    pub const BISHOP: Self = Self(1);
    /// A rook.
    pub const ROOK: Self = Self(2);
    /// A queen.
    pub const QUEEN: Self = Self(3);
    /// A pawn.
    pub const PAWN: Self = Self(4);
    /// A knight.
    pub const KNIGHT: Self = Self(5);
    /// A king.
    pub const KING: Self = Self(6);

    /// Its three bits.
    #[inline(always)]
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }
}

/// Where the pieces stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Board {
    /// Bishops, queens and knights.
    pub diagonal: u64,
    /// Rooks, queens and kings.
    pub straight: u64,
    /// Pawns, knights and kings.
    pub short: u64,
    /// Every white piece.
    pub white: u64,
}

impl Board {
    /// The initial position.
    pub const INITIAL: Self = Self {
        diagonal: 0x6e00_0000_0000_006e,
        straight: 0x9900_0000_0000_0099,
        short: 0x52ff_0000_0000_ff52,
        white: 0xffff,
    };

    /// Squares with a piece.
    #[inline(always)]
    #[must_use]
    pub const fn occupied(&self) -> u64 {
        self.diagonal | self.straight | self.short
    }

    /// Pieces of `side`.
    #[inline(always)]
    #[must_use]
    pub const fn of(&self, side: Side) -> u64 {
        match side {
            Side::White => self.white,
            Side::Black => self.occupied() ^ self.white,
        }
    }

    /// Pawns of both sides.
    #[inline(always)]
    #[must_use]
    pub const fn pawns(&self) -> u64 {
        self.short & !(self.diagonal | self.straight)
    }

    /// Knights of both sides.
    #[inline(always)]
    #[must_use]
    pub const fn knights(&self) -> u64 {
        self.short & self.diagonal
    }

    /// Kings of both sides.
    #[inline(always)]
    #[must_use]
    pub const fn kings(&self) -> u64 {
        self.short & self.straight
    }

    /// Bishops and queens of both sides.
    #[inline(always)]
    #[must_use]
    pub const fn diagonal_sliders(&self) -> u64 {
        self.diagonal & !self.short
    }

    /// Rooks and queens of both sides.
    #[inline(always)]
    #[must_use]
    pub const fn straight_sliders(&self) -> u64 {
        self.straight & !self.short
    }

    /// The square of `side`'s king.
    #[inline(always)]
    #[must_use]
    pub const fn king_square(&self, side: Side) -> u32 {
        lowest(self.kings() & self.of(side))
    }

    /// What stands on a square.
    #[inline(always)]
    #[must_use]
    pub const fn kind_at(&self, square: u32) -> Kind {
        let diagonal = self.diagonal.wrapping_shr(square) & 1;
        let straight = self.straight.wrapping_shr(square) & 1;
        let short = self.short.wrapping_shr(square) & 1;
        Kind((diagonal | straight << 1 | short << 2) as u32)
    }

    /// The board with the squares of `clear` emptied and a piece put on `square`, which is one of them.
    #[inline(always)]
    #[must_use]
    pub const fn with(&self, clear: u64, square: u32, kind: Kind, side: Side) -> Self {
        let keep = !clear;
        let code = kind.0 as u64;
        Self {
            diagonal: self.diagonal & keep | (code & 1).wrapping_shl(square),
            straight: self.straight & keep | (code >> 1 & 1).wrapping_shl(square),
            short: self.short & keep | (code >> 2).wrapping_shl(square),
            white: self.white & keep | ((side as u64) ^ 1).wrapping_shl(square),
        }
    }

    /// Whether the planes are what the table above allows, with one king a side and no pawn on a last rank.
    #[inline(always)]
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        let kings = self.kings();
        let white_kings = kings & self.white;
        let black_kings = kings ^ white_kings;
        let wrong = self.diagonal & self.straight & self.short
            | self.white & !self.occupied()
            | self.pawns() & LAST_RANKS
            | white_kings & white_kings.wrapping_sub(1)
            | black_kings & black_kings.wrapping_sub(1);
        wrong == 0 && white_kings != 0 && black_kings != 0
    }
}
