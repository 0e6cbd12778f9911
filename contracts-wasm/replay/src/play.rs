//! One move: whether it is legal, and the board after it (FIDE 3.1 to 3.9).
//!
//! Invariants, which the initial position has and every legal move keeps: the player who has just moved is not in check, and `checker` says
//! which pieces give check to the player to move. So a piece other than the king exposes it only along the line that it leaves, and a
//! check is answered by taking the one piece that gives it or by standing in between.

use crate::board::{
    A1, BISHOP, BLACK, BLACK_PAWN, KING, KNIGHT, Place, QUEEN, ROOK, UNMOVED, WALL, WHITE_END, WHITE_PAWN,
};
use crate::geometry::{Difference, WAYS};

/// No square: nobody gives check, or no pawn can be captured en passant.
pub const NONE: u32 = 0;
/// Several squares.
pub const SEVERAL: u32 = 255;

/// What is known beside the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Who gives check to the player to move: a square, [`NONE`] or [`SEVERAL`].
    pub checker: u32,
    /// The square that a pawn has just crossed, or [`NONE`].
    pub crossed: u32,
}

/// Makes a move of White, or of Black, from and to squares as text names them; `promotion` is the kind that a pawn becomes, or 0.
/// After an illegal move, which is `None`, board and state are of no use.
#[inline(always)]
pub fn play<const WHITE: bool>(
    board: impl Place,
    state: &mut State,
    [from, to]: [u32; 2],
    promotion: u32,
) -> Option<()> {
    let piece = board.at(from);
    let target = board.at(to);
    if own_or_wall::<WHITE>(target) {
        return None;
    }
    let ends = || board.at(to.wrapping_add_signed(if WHITE { 16 } else { -16 })) == WALL;
    if promotion != 0 && !(ends() && piece == pawn::<WHITE>()) {
        return None;
    }
    // The piece moves before it is judged: what is at hand now is dearer to find later.
    board.put(from, 0);
    board.put(to, piece);
    let crossed = core::mem::replace(&mut state.crossed, NONE);
    let over = Difference::new(from, to);
    let mut placed = piece;
    // Comparisons by size, for a compiler makes a table of jumps out of equalities, which is dearer than one or two of these.
    if WHITE && piece >= WHITE_END {
        return None;
    } else if piece >= BISHOP | side::<WHITE>() {
        // `to` is not empty any more: a way that is free leads there.
        if piece & over.kinds() == 0 || board.walk(from, over.step()).0 != to {
            return None;
        }
        if piece & UNMOVED != 0 {
            board.put(to, piece ^ UNMOVED);
        }
    } else if piece >= pawn::<WHITE>() {
        let ahead = if WHITE { over } else { Difference::new(to, from) };
        if ahead.is(16) {
            if target != 0 {
                return None;
            }
        } else if ahead.is(32) {
            // Two ranks behind the square is a wall only for a pawn that has not moved.
            let (between, behind) = if WHITE {
                (from.wrapping_add(16), from.wrapping_sub(32))
            } else {
                (to.wrapping_add(16), from.wrapping_add(32))
            };
            if target != 0 || board.at(between) != 0 || board.at(behind) != WALL {
                return None;
            }
            state.crossed = between;
        } else if over.kinds() & piece == 0 {
            return None;
        } else if target == 0 {
            if to != crossed {
                return None;
            }
            *state = en_passant::<WHITE>(board, *state, from, to)?;
            return Some(());
        }
        if ends() {
            if promotion == 0 {
                return None;
            }
            placed = promotion | side::<WHITE>();
            board.put(to, placed);
        }
    } else if piece >= KING | side::<WHITE>() {
        board.put(to, KING | side::<WHITE>());
        board.set_king::<WHITE>(to);
        if over.kinds() & KING == 0 {
            let possible = piece & UNMOVED != 0 && target == 0 && state.checker == NONE;
            *state = castle::<WHITE>(board, *state, from, to, possible)?;
            return Some(());
        }
        if attacked::<WHITE>(board, to) {
            return None;
        }
        state.checker = NONE;
        uncovered::<WHITE>(board, state, board.king_of_other::<WHITE>(), from);
        return Some(());
    } else if piece < KNIGHT | side::<WHITE>() || over.kinds() != KNIGHT {
        return None;
    }
    let king = board.king::<WHITE>();
    if state.checker != NONE {
        if !answered(board, king, state.checker, to) {
            return None;
        }
        state.checker = NONE;
    }
    let line = Difference::new(king, from);
    if line.step() != 0 && slider(board, king, line, !WHITE) != NONE {
        return None;
    }
    check::<WHITE>(board, state, from, to, placed);
    Some(())
}

const fn side<const WHITE: bool>() -> u32 {
    if WHITE { 0 } else { BLACK }
}

const fn pawn<const WHITE: bool>() -> u32 {
    if WHITE { WHITE_PAWN } else { BLACK | BLACK_PAWN }
}

/// Whether a byte of the board is a piece of the player to move, or no square.
#[inline(always)]
const fn own_or_wall<const WHITE: bool>(piece: u32) -> bool {
    if WHITE {
        piece.wrapping_sub(1) < WALL
    } else {
        piece >= WALL
    }
}

/// Whether a move to `to` takes the piece that gives check, or stands between it and the king.
#[inline(always)]
fn answered(board: impl Place, king: u32, checker: u32, to: u32) -> bool {
    if checker == SEVERAL {
        return false;
    }
    let step = Difference::new(king, checker).step();
    to == checker || step != 0 && board.walk(king, step).0 != checker
}

/// The queen, rook or bishop of a side that is seen from a square along a line, or [`NONE`].
#[inline(always)]
fn slider(board: impl Place, from: u32, line: Difference, white: bool) -> u32 {
    let (found, piece) = board.walk(from, line.step());
    let theirs = if white { piece < WHITE_END } else { piece > WALL };
    if theirs && piece & line.kinds() & QUEEN != 0 {
        found
    } else {
        NONE
    }
}

/// Notes who gives check to the other player after a move.
#[inline(always)]
fn check<const WHITE: bool>(board: impl Place, state: &mut State, from: u32, to: u32, placed: u32) {
    let king = board.king_of_other::<WHITE>();
    let over = Difference::new(to, king);
    if placed & over.kinds() != 0 {
        let step = over.step();
        if step == 0 || board.walk(to, step).0 == king {
            state.checker = to;
        }
    }
    uncovered::<WHITE>(board, state, king, from);
}

/// Notes a check along the line through a square that was left.
#[inline(always)]
fn uncovered<const WHITE: bool>(board: impl Place, state: &mut State, king: u32, left: u32) {
    let line = Difference::new(king, left);
    if line.step() != 0 {
        let found = slider(board, king, line, WHITE);
        if found != NONE && found != state.checker {
            state.checker = if state.checker == NONE { found } else { SEVERAL };
        }
    }
}

/// A king's move of more than one square: castling, or none. The king stands on `to` already; whoever attacks the square that it
/// crosses through the one that it left gave check.
#[inline(never)]
fn castle<const WHITE: bool>(
    board: impl Place,
    mut state: State,
    from: u32,
    to: u32,
    possible: bool,
) -> Option<State> {
    let over = Difference::new(from, to);
    let (corner, crossed) = if over.is(2) {
        (from.wrapping_add(3), from.wrapping_add(1))
    } else if over.is(-2) {
        (from.wrapping_sub(4), from.wrapping_sub(1))
    } else {
        return None;
    };
    let rook = ROOK | side::<WHITE>();
    let free = board.at(crossed) == 0 && (corner > from || board.at(corner.wrapping_add(1)) == 0);
    if !possible || !free || board.at(corner) != rook | UNMOVED {
        return None;
    }
    if attacked::<WHITE>(board, crossed) || attacked::<WHITE>(board, to) {
        return None;
    }
    board.put(corner, 0);
    board.put(crossed, rook);
    check::<WHITE>(board, &mut state, from, crossed, rook);
    Some(state)
}

/// The capture of the pawn that has just crossed `to`, where the other pawn stands now.
#[inline(never)]
fn en_passant<const WHITE: bool>(board: impl Place, mut state: State, from: u32, to: u32) -> Option<State> {
    let taken = to.wrapping_add_signed(if WHITE { -16 } else { 16 });
    board.put(taken, 0);
    if attacked::<WHITE>(board, board.king::<WHITE>()) {
        return None;
    }
    state.checker = NONE;
    check::<WHITE>(board, &mut state, from, to, pawn::<WHITE>());
    uncovered::<WHITE>(board, &mut state, board.king_of_other::<WHITE>(), taken);
    Some(state)
}

/// Whether a piece of the other player attacks a square of the board.
#[inline(never)]
fn attacked<const WHITE: bool>(board: impl Place, square: u32) -> bool {
    // Said in a way from which a compiler knows that no leap leaves the board's bytes.
    let place = square.wrapping_sub(A1) & 127;
    let knight = KNIGHT | side::<WHITE>() ^ BLACK;
    for leap in [14, 18, 31, 33] {
        if board.at(place + (A1 + leap)) == knight || board.at(place + (A1 - leap)) == knight {
            return true;
        }
    }
    for way in 0..WAYS {
        let (from, piece) = board.walk_way(way, place + A1);
        let theirs = if WHITE { piece > WALL } else { piece < WHITE_END };
        if theirs && piece & Difference::new(from, square).kinds() != 0 {
            return true;
        }
    }
    false
}

/// The kind that a letter asks for.
#[must_use]
pub const fn promotion(letter: u8) -> Option<u32> {
    match letter {
        b'q' => Some(QUEEN),
        b'r' => Some(ROOK),
        b'b' => Some(BISHOP),
        b'n' => Some(KNIGHT),
        _ => None,
    }
}
