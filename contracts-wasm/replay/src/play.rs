//! One move: whether it is legal, and the board after it (FIDE 3.1 to 3.9).
//!
//! What is kept from move to move, beside the board: where the kings are, who gives check to the player to move, and the square that a
//! pawn has just crossed. Invariants, which the initial position has and every legal move keeps: the player who has moved is not in check,
//! and `checker` names exactly the pieces that attack the king of the player to move. So a piece other than the king exposes it only along
//! the line that it leaves, and a check is answered by taking the one piece that gives it or by standing in between.

use crate::board::{
    BISHOP, BLACK, BLACK_PAWN, Board, KING, KNIGHT, NONE, QUEEN, ROOK, SEVERAL, UNMOVED, WHITE_PAWN,
};
use crate::geometry::{difference, kinds, step};

/// A move as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The square that the piece leaves, on the board.
    pub from: u32,
    /// The square that it goes to, on the board.
    pub to: u32,
    /// The kind that a pawn becomes, or 0.
    pub promotion: u32,
}

/// What is known beside the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Where White's king is.
    pub white_king: u32,
    /// Where Black's king is.
    pub black_king: u32,
    /// Who gives check to the player to move: a square, [`NONE`] or [`SEVERAL`].
    pub checker: u32,
    /// The square that a pawn has just crossed, or [`NONE`].
    pub crossed: u32,
}

impl State {
    /// Beside the initial position.
    pub const INITIAL: Self = Self {
        white_king: 0x04,
        black_king: 0x74,
        checker: NONE,
        crossed: NONE,
    };
}

/// Why a move is illegal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Illegal {
    /// The square that it leaves holds no piece of the player to move.
    NoPiece,
    /// The piece does not move to that square.
    Unreachable,
    /// A pawn reaches the last rank without promotion, or a promotion is asked for elsewhere.
    Promotion,
    /// The king castles without the right to, or out of or through check.
    Castling,
    /// The move leaves the player's own king in check.
    KingInCheck,
}

/// Makes a move of White, or of Black. After an error, board and state are of no use.
///
/// # Errors
/// The first rule that it breaks.
#[inline(always)]
pub fn play<const WHITE: bool>(board: &mut Board, state: &mut State, mv: Move) -> Result<(), Illegal> {
    let Move {
        from, to, promotion, ..
    } = mv;
    let piece = board.at(from);
    if !own::<WHITE>(piece) {
        return Err(Illegal::NoPiece);
    }
    let target = board.at(to);
    if own::<WHITE>(target) {
        return Err(Illegal::Unreachable);
    }
    let crossed = core::mem::replace(&mut state.crossed, NONE);
    let mut placed = piece;
    if piece == pawn::<WHITE>() {
        let ahead = if WHITE { difference(from, to) } else { difference(to, from) };
        if ahead == 16 {
            if target != 0 {
                return Err(Illegal::Unreachable);
            }
        } else if ahead == 32 {
            let between = if WHITE { from + 16 } else { to + 16 };
            let home = if WHITE { from < 0x20 } else { from >= 0x60 };
            if !home || target != 0 || board.at(between) != 0 {
                return Err(Illegal::Unreachable);
            }
            state.crossed = between;
        } else if ahead == 15 || ahead == 17 {
            if target == 0 {
                if to != crossed {
                    return Err(Illegal::Unreachable);
                }
                return en_passant::<WHITE>(board, state, from, to);
            }
        } else {
            return Err(Illegal::Unreachable);
        }
        let last = if WHITE { to >= 0x70 } else { to < 0x10 };
        if last != (promotion != 0) {
            return Err(Illegal::Promotion);
        }
        if last {
            placed = promotion | side::<WHITE>();
        }
    } else {
        if promotion != 0 {
            return Err(Illegal::Promotion);
        }
        let over = difference(from, to);
        if piece & kinds(over) == 0 {
            return castle::<WHITE>(board, state, from, to);
        }
        if piece & QUEEN != 0 {
            let step = step(over);
            let mut square = from;
            loop {
                square = square.wrapping_add(step) & 255;
                if square == to {
                    break;
                }
                if board.at(square) != 0 {
                    return Err(Illegal::Unreachable);
                }
            }
            placed &= !UNMOVED;
        } else if piece & KING != 0 {
            return king::<WHITE>(board, state, from, to);
        }
    }
    board.put(from, 0);
    board.put(to, placed);
    let king = state.king::<WHITE>();
    if state.checker != NONE && to != state.checker && !shielded(board, king, state.checker) {
        return Err(Illegal::KingInCheck);
    }
    // A second piece that gives check cannot be answered by taking one or standing in between.
    if state.checker == SEVERAL || behind(board, king, from, other::<WHITE>()) != NONE {
        return Err(Illegal::KingInCheck);
    }
    state.checker = check::<WHITE>(board, state, from, to, placed);
    Ok(())
}

impl State {
    /// The king of the player to move.
    #[inline(always)]
    fn king<const WHITE: bool>(&self) -> u32 {
        if WHITE { self.white_king } else { self.black_king }
    }

    /// The other king.
    #[inline(always)]
    fn other_king<const WHITE: bool>(&self) -> u32 {
        if WHITE { self.black_king } else { self.white_king }
    }

    #[inline(always)]
    fn set_king<const WHITE: bool>(&mut self, square: u32) {
        if WHITE {
            self.white_king = square;
        } else {
            self.black_king = square;
        }
    }
}

const fn side<const WHITE: bool>() -> u32 {
    if WHITE { 0 } else { BLACK }
}

const fn other<const WHITE: bool>() -> u32 {
    if WHITE { BLACK } else { 0 }
}

const fn pawn<const WHITE: bool>() -> u32 {
    if WHITE { WHITE_PAWN } else { BLACK | BLACK_PAWN }
}

/// Whether a square of the board holds a piece of the player to move.
#[inline(always)]
const fn own<const WHITE: bool>(piece: u32) -> bool {
    if WHITE {
        piece.wrapping_sub(1) < BLACK - 1
    } else {
        piece >= BLACK
    }
}

/// Whether something stands between a king and the one piece that gives it check.
#[inline(always)]
fn shielded(board: &Board, king: u32, checker: u32) -> bool {
    let step = step(difference(king, checker));
    step != 0 && board.walk(king, step) != checker
}

/// The queen, rook or bishop of `side` that a king sees along the line through a square, or [`NONE`].
#[inline(always)]
fn behind(board: &Board, king: u32, square: u32, side: u32) -> u32 {
    let line = difference(king, square);
    let step = step(line);
    if step == 0 {
        return NONE;
    }
    let found = board.walk(king, step);
    let piece = board.at(found);
    if piece & BLACK == side && piece & kinds(line) & QUEEN != 0 {
        found
    } else {
        NONE
    }
}

/// Who gives check to the other player after a move.
#[inline(always)]
fn check<const WHITE: bool>(board: &Board, state: &State, from: u32, to: u32, placed: u32) -> u32 {
    let king = state.other_king::<WHITE>();
    let mut checker = NONE;
    let over = difference(to, king);
    if placed & kinds(over) != 0 {
        let step = step(over);
        if step == 0 || board.walk(to, step) == king {
            checker = to;
        }
    }
    let uncovered = behind(board, king, from, side::<WHITE>());
    if uncovered != NONE && uncovered != to {
        checker = if checker == NONE { uncovered } else { SEVERAL };
    }
    checker
}

/// The king's move of one square.
#[inline(always)]
fn king<const WHITE: bool>(board: &mut Board, state: &mut State, from: u32, to: u32) -> Result<(), Illegal> {
    board.put(from, 0);
    board.put(to, KING | side::<WHITE>());
    state.set_king::<WHITE>(to);
    if board.attacker(to, other::<WHITE>()) != NONE {
        return Err(Illegal::KingInCheck);
    }
    state.checker = behind(board, state.other_king::<WHITE>(), from, side::<WHITE>());
    Ok(())
}

/// A move that the piece does not make by itself: castling, or nothing.
#[inline(never)]
fn castle<const WHITE: bool>(board: &mut Board, state: &mut State, from: u32, to: u32) -> Result<(), Illegal> {
    if board.at(from) != KING | UNMOVED | side::<WHITE>() {
        return Err(Illegal::Unreachable);
    }
    let (corner, crossed) = match difference(from, to) {
        2 => (from + 3, from + 1),
        254 => (from - 4, from - 1),
        _ => return Err(Illegal::Unreachable),
    };
    let rook = ROOK | side::<WHITE>();
    let clear = board.at(crossed) == 0
        && board.at(to) == 0
        && (corner > from || board.at(corner + 1) == 0)
        && board.at(corner) == rook | UNMOVED;
    let through = || [crossed, to].map(|square| board.attacker(square, other::<WHITE>()));
    if !clear || state.checker != NONE || through() != [NONE; 2] {
        return Err(Illegal::Castling);
    }
    board.put(from, 0);
    board.put(corner, 0);
    board.put(to, KING | side::<WHITE>());
    board.put(crossed, rook);
    state.set_king::<WHITE>(to);
    state.checker = board.attacker(state.other_king::<WHITE>(), side::<WHITE>());
    Ok(())
}

/// The capture of the pawn that has just crossed `to`.
#[inline(never)]
fn en_passant<const WHITE: bool>(board: &mut Board, state: &mut State, from: u32, to: u32) -> Result<(), Illegal> {
    board.put(from, 0);
    board.put(if WHITE { to - 16 } else { to + 16 }, 0);
    board.put(to, pawn::<WHITE>());
    if board.attacker(state.king::<WHITE>(), other::<WHITE>()) != NONE {
        return Err(Illegal::KingInCheck);
    }
    state.checker = board.attacker(state.other_king::<WHITE>(), side::<WHITE>());
    Ok(())
}

/// The kind of a piece's letter, small, as moves are written; 0 if there is none.
#[must_use]
pub const fn promotion(letter: u8) -> u32 {
    match letter {
        b'q' => QUEEN,
        b'r' => ROOK,
        b'b' => BISHOP,
        b'n' => KNIGHT,
        _ => 0,
    }
}
