//! A line of moves as text: `e2e4 e7e5 g1f3`, promotions as `e7e8q`, one space in between.

use crate::board::Board;
use crate::geometry::square;
use crate::play::{State, play, promotion};

/// The longest text in bytes: what a call carries.
pub const LONGEST: usize = 4096;

/// A line that was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// How many moves it has.
    pub plies: u32,
    /// What is known beside the board.
    pub state: State,
}

/// Plays a line from the position on the board, where White is to move. A text that is no such line, or a move that is not
/// legal, is `None`.
#[inline(always)]
pub fn replay(board: &Board, mut state: State, text: &[u8]) -> Option<Played> {
    let mut plies = 0;
    let mut rest = text;
    loop {
        rest = ply::<true>(board, &mut state, rest)?;
        if rest.is_empty() {
            plies += 1;
            break;
        }
        rest = ply::<false>(board, &mut state, rest)?;
        plies += 2;
        if rest.is_empty() {
            break;
        }
    }
    Some(Played { plies, state })
}

/// Plays a move; returns the text from the next one on.
#[inline(always)]
fn ply<'a, const WHITE: bool>(board: &Board, state: &mut State, text: &'a [u8]) -> Option<&'a [u8]> {
    match text {
        // Nearly every move. A line does not end with a space.
        [a, b, c, d, b' ', rest @ ..] if !rest.is_empty() => {
            play::<WHITE>(board, state, [square(*a, *b), square(*c, *d)], 0)?;
            Some(rest)
        }
        _ => {
            let (after, rest) = last_or_promotion::<WHITE>(board, *state, text)?;
            *state = after;
            Some(rest)
        }
    }
}

/// Plays a move that promotes a pawn, or the last.
#[inline(never)]
fn last_or_promotion<'a, const WHITE: bool>(
    board: &Board,
    mut state: State,
    text: &'a [u8],
) -> Option<(State, &'a [u8])> {
    let (squares, mut rest) = text.split_first_chunk::<4>()?;
    let mut kind = 0;
    if let [letter, after @ ..] = rest {
        kind = promotion(*letter)?;
        rest = match after {
            [] => after,
            [b' ', after @ ..] if !after.is_empty() => after,
            _ => return None,
        };
    }
    let [a, b, c, d] = *squares;
    play::<WHITE>(board, &mut state, [square(a, b), square(c, d)], kind)?;
    Some((state, rest))
}
