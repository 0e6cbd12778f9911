//! The module: one call, which plays a line and returns where it leads.

use crate::board::Board;
use crate::line::{LONGEST, Played, replay};
use crate::play::State;
use playfair::abi::Type;
use playfair::codec::{DecodeError, Reader, Writer};
use playfair::prelude::*;

/// Nothing is stored.
#[playfair::storage]
pub struct Replay {}

/// Why a line was refused.
#[playfair::error]
pub enum ReplayError {
    #[error("not a line of legal moves, such as e2e4 e7e5 g1f3")]
    Illegal,
}

/// A line of moves, played while it is read, so that its text is never copied.
#[derive(Debug)]
pub struct Line(Option<Reached>);

impl Codec for Line {
    const MAX: usize = LONGEST;
    const TYPE: &'static Type = &Type::Raw(LONGEST);

    /// Nothing: the text is not kept, and a line is an argument only.
    fn encode(&self, _to: &mut Writer<'_>) {}

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        #[cfg(target_arch = "wasm32")]
        let board = this_run::Squares;
        #[cfg(not(target_arch = "wasm32"))]
        let board = &Board::initial();
        let played = replay(board, State::default(), from.rest());
        Ok(Self(played.map(|Played { plies, state }| Reached {
            ranks: core::array::from_fn(|rank| board.rank(rank as u32)),
            // A line of 4,096 bytes has fewer moves than that.
            plies: plies as u16,
            crossed: state.crossed as u8,
        })))
    }
}

/// The board of a module's run.
#[cfg(target_arch = "wasm32")]
mod this_run {
    use super::Board;
    use core::ops::Deref;

    static BOARD: Board = Board::initial();

    #[derive(Clone, Copy)]
    pub(super) struct Squares;

    impl Deref for Squares {
        type Target = Board;

        #[inline(always)]
        fn deref(&self) -> &Board {
            &BOARD
        }
    }
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq, Codec)]
pub struct Reached {
    /// What stands on the ranks from White's first, the a-file in the lowest byte; bytes as in [`crate::board`].
    pub ranks: [u64; 8],
    /// Moves played.
    pub plies: u16,
    /// The square that a pawn has just crossed, as in [`crate::board`], or 0.
    pub crossed: u8,
}

/// Lines of chess moves.
#[playfair::module]
impl Replay {
    /// Plays a line of moves from the initial position.
    #[call(0)]
    pub fn play(&mut self, line: Line) -> Result<Reached, ReplayError> {
        line.0.ok_or(ReplayError::Illegal)
    }
}
