//! The module: one call, which plays a line and returns where it leads.

use crate::board::Board;
use crate::line::{LONGEST, Played, replay};
use crate::play::State;
use core::ops::Deref;
use playfair::abi::Type;
use playfair::codec::{DecodeError, Reader, Writer};
use playfair::prelude::*;

/// The board of this run.
#[derive(Clone, Copy)]
struct ThisRun;

impl Deref for ThisRun {
    type Target = Board;

    #[inline(always)]
    fn deref(&self) -> &Board {
        static BOARD: Board = Board::initial();
        &BOARD
    }
}

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
pub struct Line(Option<Played>);

impl Codec for Line {
    const MAX: usize = LONGEST;
    const TYPE: &'static Type = &Type::Raw(LONGEST);

    /// Nothing: the text is not kept, and a line is an argument only.
    fn encode(&self, _to: &mut Writer<'_>) {}

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(replay(ThisRun, State::default(), from.rest())))
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
        let Played { plies, state } = line.0.ok_or(ReplayError::Illegal)?;
        Ok(Reached {
            ranks: core::array::from_fn(|rank| ThisRun.rank(rank as u32)),
            // A line of 4,096 bytes has fewer moves than that.
            plies: plies as u16,
            crossed: state.crossed as u8,
        })
    }
}
