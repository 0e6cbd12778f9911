//! A line of moves as text: `e2e4 e7e5 g1f3`, promotions as `e7e8q`, one space in between.

use crate::board::Place;
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
pub fn replay(board: impl Place, mut state: State, text: &[u8]) -> Option<Played> {
    let mut plies = 0_u32;
    let mut rest = text;
    loop {
        if ply::<true>(board, &mut state, &mut rest)? {
            plies = plies.wrapping_add(1);
            break;
        }
        plies = plies.wrapping_add(2);
        if ply::<false>(board, &mut state, &mut rest)? {
            break;
        }
    }
    Some(Played { plies, state })
}

/// Plays a move and leaves the text from the next one on; says whether it was the last.
#[inline(always)]
fn ply<const WHITE: bool>(board: impl Place, state: &mut State, text: &mut &[u8]) -> Option<bool> {
    // Nearly every move: something follows after a space.
    if let [a, b, c, d, b' ', rest @ ..] = *text
        && !rest.is_empty()
    {
        *text = rest;
        play::<WHITE>(board, state, [square(*a, *b), square(*c, *d)], 0)?;
        return Some(false);
    }
    (*state, *text) = last_or_promotion::<WHITE>(board, *state, text)?;
    Some(text.is_empty())
}

/// Plays a move that promotes a pawn, or the last.
#[inline(never)]
fn last_or_promotion<const WHITE: bool>(
    board: impl Place,
    mut state: State,
    text: &[u8],
) -> Option<(State, &[u8])> {
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
