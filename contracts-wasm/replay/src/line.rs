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
        rest = ply::<false>(board, &mut state, next(rest)?)?;
        plies += 2;
        if rest.is_empty() {
            break;
        }
        rest = next(rest)?;
    }
    Some(Played { plies, state })
}

/// The text after the space between moves.
#[inline(always)]
fn next(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b' ', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// Plays a move; returns the text after it.
#[inline(always)]
fn ply<'a, const WHITE: bool>(board: &Board, state: &mut State, text: &'a [u8]) -> Option<&'a [u8]> {
    let ([a, b, c, d], mut rest) = text.split_first_chunk::<4>()?;
    let squares = [square(*a, *b), square(*c, *d)];
    play::<WHITE>(board, state, squares, || {
        let (letter, after) = rest.split_first()?;
        rest = after;
        promotion(*letter)
    })?;
    Some(rest)
}
