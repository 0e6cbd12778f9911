//! Who could still give mate (FIDE 5.2.2 and 6.9), judged by material.
//!
//! A side that has only its king, or a knight or bishops for which the opponent has no piece to block its own king with, cannot
//! mate by any series of legal moves. Blocked positions that are dead for other reasons are not looked for: the Laws
//! ask for a proof that no engine finds cheaply, and such a game ends by repetition or the 75-move rule.

use super::attacks::{FILE_A, FILE_H};
use super::board::{Board, Side};

const DARK: u64 = 0xaa55_aa55_aa55_aa55;
const _: () = assert!(DARK & FILE_A == 0x0001_0001_0001_0001 && DARK & FILE_H == 0x8000_8000_8000_8000);

/// Whether neither side could ever mate. Nearly always decided by the first line: a pawn, rook or queen is enough.
#[inline(always)]
#[must_use]
pub fn is_dead(board: &Board) -> bool {
    if board.straight_sliders() | board.pawns() != 0 {
        return false;
    }
    let board = *board;
    !can_mate(&board, Side::White) && !can_mate(&board, Side::Black)
}

/// Whether `side` has the material to mate, with the help of the worst possible play.
#[inline(never)]
#[must_use]
pub fn can_mate(board: &Board, side: Side) -> bool {
    let own = board.of(side);
    let other = board.of(side.other());
    if (board.straight_sliders() | board.pawns()) & own != 0 {
        return true;
    }
    let knights = board.knights() & own;
    let bishops = board.diagonal_sliders();
    if knights != 0 {
        // A lone knight needs an enemy piece that can be in its king's way; a queen never has to be.
        let queens = board.straight_sliders() & board.diagonal;
        return own.count_ones() > 2 || other & !(board.kings() | queens) != 0;
    }
    if bishops & own == 0 {
        return false;
    }
    // Only bishops: those of one colour never attack a king that steps to the other, unless a piece stands there.
    let all = bishops & !board.straight;
    let both_colours = all & DARK != 0 && all & !DARK != 0;
    both_colours || board.pawns() | board.knights() != 0
}
