//! Attack sets by shifts, without tables or loops.
//!
//! Squares are numbered a1 = 0, b1 = 1, ... h8 = 63, and a set of squares is a `u64` with one bit each. A rotation by a
//! variable amount is one WebAssembly instruction, so both colours share one piece of code for pawns.

use super::board::{Board, Side};

/// The a-file.
pub const FILE_A: u64 = 0x0101_0101_0101_0101;
/// The h-file.
pub const FILE_H: u64 = FILE_A << 7;
/// The first and the last rank, where no pawn stands.
pub const LAST_RANKS: u64 = 0xff00_0000_0000_00ff;

const FILES_AB: u64 = FILE_A | FILE_A << 1;
const FILES_GH: u64 = FILE_H | FILE_H >> 1;
const DIAGONAL: u64 = 0x8040_2010_0804_0201;
const ANTIDIAGONAL: u64 = 0x0102_0408_1020_4080;

/// The set of one square. Bits of the number above the sixth are ignored.
#[inline(always)]
#[must_use]
pub const fn bit(square: u32) -> u64 {
    1_u64.wrapping_shl(square)
}

/// The square of the lowest bit (0 for the empty set).
#[inline(always)]
#[must_use]
pub const fn lowest(set: u64) -> u32 {
    set.trailing_zeros() & 63
}

/// Squares seen from `square` along a line that does not include it, up to and including the nearest piece each way.
///
/// *Obstruction difference*: subtracting the nearest lower blocker from the upper ones borrows exactly up to the nearest
/// upper blocker. The empty lower side counts as a blocker on a1, the empty upper side borrows past h8.
#[inline(always)]
fn along(line: u64, square: u32, occupied: u64) -> u64 {
    let blockers = line & occupied;
    let lower = blockers & bit(square).wrapping_sub(1);
    let upper = blockers ^ lower;
    let minus_nearest = u64::MAX.wrapping_shl(63 ^ (lower | 1).leading_zeros());
    (upper ^ upper.wrapping_add(minus_nearest)) & line
}

/// `line` moved up by `ranks8 / 8` ranks, or down if that is negative.
#[inline(always)]
fn moved(line: u64, ranks8: i32) -> u64 {
    let up = line.wrapping_shl(ranks8 as u32);
    let down = line.wrapping_shr(ranks8.wrapping_neg() as u32);
    if ranks8 < 0 { down } else { up }
}

/// Squares that a bishop on `square` sees.
#[inline(always)]
#[must_use]
pub fn bishop(square: u32, occupied: u64) -> u64 {
    let (rank8, file8) = ((square & 56) as i32, (square << 3 & 56) as i32);
    let here = bit(square);
    along(moved(DIAGONAL, rank8 - file8) ^ here, square, occupied)
        | along(moved(ANTIDIAGONAL, rank8 + file8 - 56) ^ here, square, occupied)
}

/// Squares that a rook on `square` sees.
#[inline(always)]
#[must_use]
pub fn rook(square: u32, occupied: u64) -> u64 {
    let here = bit(square);
    let file = FILE_A.wrapping_shl(square & 7);
    let rank = 0xff_u64.wrapping_shl(square & 56);
    along(file ^ here, square, occupied) | along(rank ^ here, square, occupied)
}

/// Squares that a set of knights attacks.
#[inline(always)]
#[must_use]
pub fn knights(set: u64) -> u64 {
    let one = (set << 1 & !FILE_A) | (set >> 1 & !FILE_H);
    let two = (set << 2 & !FILES_AB) | (set >> 2 & !FILES_GH);
    one << 16 | one >> 16 | two << 8 | two >> 8
}

/// Squares next to a set, along ranks and files.
#[inline(always)]
#[must_use]
pub fn straight_steps(set: u64) -> u64 {
    (set << 1 & !FILE_A) | (set >> 1 & !FILE_H) | set << 8 | set >> 8
}

/// Squares next to a set, along diagonals.
#[inline(always)]
#[must_use]
pub fn diagonal_steps(set: u64) -> u64 {
    let one = (set << 1 & !FILE_A) | (set >> 1 & !FILE_H);
    one << 8 | one >> 8
}

/// Squares that a king on the one square of `set` attacks.
#[inline(always)]
#[must_use]
pub fn king(set: u64) -> u64 {
    let one = (set << 1 & !FILE_A) | (set >> 1 & !FILE_H);
    let row = one | set;
    one | row << 8 | row >> 8
}

/// Squares one step ahead of a set of pawns of `side`. No pawn stands on its last rank.
#[inline(always)]
#[must_use]
pub fn ahead(set: u64, side: Side) -> u64 {
    set.rotate_left(side.forward())
}

/// Squares that a set of pawns of `side` attacks; also right for a set on its last rank (nothing) and its first.
#[inline(always)]
#[must_use]
pub fn pawns(set: u64, side: Side) -> u64 {
    let sideways = (set << 1 & !FILE_A) | (set >> 1 & !FILE_H);
    match side {
        Side::White => sideways << 8,
        Side::Black => sideways >> 8,
    }
}

/// What is seen from a square: by whom it is attacked, and how far the eight lines from it reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Pieces of the other side that attack the square.
    pub attackers: u64,
    /// Squares that a queen on it would see.
    pub lines: u64,
}

/// Looks around from `square`, which `side` holds or wants to hold, for pieces of the other side.
#[inline(always)]
#[must_use]
pub fn sight(board: &Board, square: u32, side: Side) -> Sight {
    let occupied = board.occupied();
    let here = bit(square);
    let (diagonals, straights) = (bishop(square, occupied), rook(square, occupied));
    let long = (diagonals & board.diagonal | straights & board.straight) & !board.short;
    let leapers = knights(here) & board.diagonal | king(here) & board.straight;
    let near = pawns(here, side) & !(board.diagonal | board.straight) | leapers;
    Sight {
        attackers: (long | near & board.short) & board.of(side.other()),
        lines: diagonals | straights,
    }
}
