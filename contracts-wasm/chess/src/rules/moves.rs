//! Moves as players send them.

use super::board::Kind;
use core::fmt;

/// A move in 15 bits: to-square (bits 0 to 5), from-square (6 to 11), promotion (12 to 14).
///
/// Promotion is 0 for none, 1 knight, 2 bishop, 3 rook, 4 queen. Castling is the king's move of two squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Move(pub u16);

impl Move {
    /// The move from one square to another, without promotion. Squares are below 64.
    #[inline(always)]
    #[must_use]
    pub const fn new(from: u32, to: u32) -> Self {
        Self((from << 6 & 0xfc0 | to & 63) as u16)
    }

    /// The same move with promotion to a knight, bishop, rook or queen; any other kind means none.
    #[must_use]
    pub const fn promoting(self, kind: Kind) -> Self {
        let code = match kind {
            Kind::KNIGHT => 1,
            Kind::BISHOP => 2,
            Kind::ROOK => 3,
            Kind::QUEEN => 4,
            _ => 0,
        };
        Self(self.0 & 0xfff | code << 12)
    }

    /// The square that the piece leaves.
    #[inline(always)]
    #[must_use]
    pub const fn from(self) -> u32 {
        (self.0 >> 6 & 63) as u32
    }

    /// The square that it goes to.
    #[inline(always)]
    #[must_use]
    pub const fn to(self) -> u32 {
        (self.0 & 63) as u32
    }

    /// What a pawn becomes: [`Kind::NONE`] for an ordinary move, nothing if the bits have no meaning.
    #[inline(always)]
    #[must_use]
    pub const fn promotion(self) -> Option<Kind> {
        match self.0 >> 12 {
            0 => Some(Kind::NONE),
            1 => Some(Kind::KNIGHT),
            2 => Some(Kind::BISHOP),
            3 => Some(Kind::ROOK),
            4 => Some(Kind::QUEEN),
            _ => None,
        }
    }
}

/// Why a move is illegal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Illegal {
    /// The promotion bits have no meaning.
    Encoding,
    /// The from-square holds no piece of the player to move.
    NoPiece,
    /// The piece does not move to that square.
    Unreachable,
    /// A pawn reaches the last rank without promotion, or a promotion is asked for elsewhere.
    Promotion,
    /// The king castles out of or through check.
    CastlingThroughCheck,
    /// The move leaves the player's own king in check.
    KingInCheck,
}

impl Illegal {
    /// A short text for the player.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Encoding => "the promotion must be 0 to 4",
            Self::NoPiece => "none of your pieces stands there",
            Self::Unreachable => "this piece cannot go there",
            Self::Promotion => "say a promotion on the last rank, and only there",
            Self::CastlingThroughCheck => "castling is not possible out of or through check",
            Self::KingInCheck => "this leaves your king in check",
        }
    }
}

impl fmt::Display for Illegal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Illegal {}
