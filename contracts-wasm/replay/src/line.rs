//! A line of moves as text: `e2e4 e7e5 g1f3`, promotions as `e7e8q`, one space in between.

use crate::board::Board;
use crate::geometry::{file, rank};
use crate::play::{Illegal, Move, State, play, promotion};
use playfair::abi::Type;
use playfair::codec::{Codec, DecodeError, Reader, Writer};

/// The longest text in bytes: what a call carries.
pub const LONGEST: usize = 4096;

/// Why a line is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// No moves as they are written.
    Text,
    /// A move against the Laws.
    Illegal(Illegal),
}

/// Where a line leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// How many moves it has.
    pub plies: u32,
    /// The board at its end.
    pub board: Board,
    /// What is known beside it.
    pub state: State,
}

/// A line, played while it is read: the text is never copied.
#[derive(Debug)]
pub struct Line(pub Result<Played, Wrong>);

impl Codec for Line {
    const MAX: usize = LONGEST;
    const TYPE: &'static Type = &Type::Raw(LONGEST);

    /// Nothing: no text is kept, and a line is an argument only.
    fn encode(&self, _to: &mut Writer<'_>) {}

    #[inline(always)]
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(replay(from.rest())))
    }
}

/// Plays a line from the initial position.
///
/// # Errors
/// The first thing that is wrong with it.
#[inline(always)]
pub fn replay(text: &[u8]) -> Result<Played, Wrong> {
    let (mut board, mut state) = (Board::INITIAL, State::INITIAL);
    let (mut rest, mut plies) = (text, 0);
    if !rest.is_empty() {
        loop {
            let more = ply::<true>(&mut board, &mut state, &mut rest)?;
            plies += 1;
            if !more {
                break;
            }
            let more = ply::<false>(&mut board, &mut state, &mut rest)?;
            plies += 1;
            if !more {
                break;
            }
        }
    }
    Ok(Played { plies, board, state })
}

/// Reads and plays a move; says whether another follows.
#[inline(always)]
fn ply<const WHITE: bool>(board: &mut Board, state: &mut State, rest: &mut &[u8]) -> Result<bool, Wrong> {
    let (text, after) = rest.split_first_chunk::<4>().ok_or(Wrong::Text)?;
    let from = file(text[0]) + rank(text[1]);
    let to = file(text[2]) + rank(text[3]);
    if from >= 128 || to >= 128 {
        return Err(Wrong::Text);
    }
    let (mut mv, mut more) = (Move { from, to, promotion: 0 }, false);
    if let [separator, after @ ..] = after {
        if *separator == b' ' {
            (*rest, more) = (after, true);
        } else {
            mv.promotion = promotion(*separator);
            if mv.promotion == 0 {
                return Err(Wrong::Text);
            }
            match after {
                [] => {}
                [b' ', after @ ..] => (*rest, more) = (after, true),
                _ => return Err(Wrong::Text),
            }
        }
    }
    play::<WHITE>(board, state, mv).map_err(Wrong::Illegal)?;
    Ok(more)
}
