//! The module: one call, which plays a line and returns where it leads.

use crate::line::{Line, Played, Wrong};
use crate::play::Illegal;
use playfair::prelude::*;

/// Nothing is stored.
#[playfair::storage]
pub struct Replay {}

/// Why a line was refused.
#[playfair::error]
pub enum ReplayError {
    #[error("the text is no line of moves such as e2e4 e7e5 g1f3")]
    Text,
    #[error("none of your pieces stands there")]
    NoPiece,
    #[error("this piece cannot go there")]
    Unreachable,
    #[error("say a promotion on the last rank, and only there")]
    Promotion,
    #[error("castling is not possible here")]
    Castling,
    #[error("this leaves your king in check")]
    KingInCheck,
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq, Codec)]
pub struct Reached {
    /// The ranks from White's first, the a-file in the lowest byte; bytes as in [`crate::board`].
    pub ranks: [u64; 8],
    /// Moves played.
    pub plies: u16,
    /// The square that a pawn has just crossed, or 255.
    pub crossed: u8,
}

impl From<Wrong> for ReplayError {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Text => Self::Text,
            Wrong::Illegal(Illegal::NoPiece) => Self::NoPiece,
            Wrong::Illegal(Illegal::Unreachable) => Self::Unreachable,
            Wrong::Illegal(Illegal::Promotion) => Self::Promotion,
            Wrong::Illegal(Illegal::Castling) => Self::Castling,
            Wrong::Illegal(Illegal::KingInCheck) => Self::KingInCheck,
        }
    }
}

/// Lines of chess moves.
#[playfair::module]
impl Replay {
    /// Plays a line of moves from the initial position.
    #[call(0)]
    pub fn play(&mut self, line: Line) -> Result<Reached, ReplayError> {
        let Line(played) = line;
        let Played { plies, board, state } = played?;
        Ok(Reached {
            ranks: core::array::from_fn(|rank| board.rank(rank)),
            // A line of 4,096 bytes has fewer moves than that.
            plies: plies as u16,
            crossed: state.crossed as u8,
        })
    }
}
