//! Which kinds of pieces attack over which distance, in tables that the compiler fills.
//!
//! A square is `16 rank + file`, so that the difference of two squares says how they lie to each other, whatever they are:
//! differences of squares of the board are unique modulo 256.

use crate::board::{BLACK_PAWN, BISHOP, KING, KNIGHT, ROOK, WHITE_PAWN};

/// The difference `to - from`, modulo 256.
#[inline(always)]
pub(crate) const fn difference(from: u32, to: u32) -> u32 {
    to.wrapping_sub(from) & 255
}

/// The kinds of pieces that attack over a difference if nothing is in between.
#[inline(always)]
pub(crate) fn kinds(difference: u32) -> u32 {
    u32::from(KINDS[(difference & 255) as usize])
}

/// The difference of one step along the line of a difference; 0 if it is along no rank, file or diagonal.
#[inline(always)]
pub(crate) fn step(difference: u32) -> u32 {
    u32::from(STEPS[(difference & 255) as usize])
}

/// What a byte of text adds to a square as its file; [`NO_FILE`] if it names none.
#[inline(always)]
pub(crate) fn file(byte: u8) -> u32 {
    u32::from(FILES[byte as usize])
}

/// What a byte of text adds to a square as its rank; 128 if it names none.
#[inline(always)]
pub(crate) fn rank(byte: u8) -> u32 {
    u32::from(RANKS[byte as usize])
}

static KINDS: [u8; 256] = kinds_table();
static STEPS: [u8; 256] = steps_table();
static FILES: [u8; 256] = named(b'a', 1);
static RANKS: [u8; 256] = named(b'1', 16);

/// Files and ranks to the right and ahead of White; those to the left and back have the opposite sign.
const STRAIGHT: [u8; 2] = [1, 16];
const DIAGONAL: [u8; 2] = [15, 17];
const LEAPS: [u8; 4] = [14, 18, 31, 33];

const fn steps_table() -> [u8; 256] {
    let mut table = [0; 256];
    let steps = [STRAIGHT[0], STRAIGHT[1], DIAGONAL[0], DIAGONAL[1]];
    let mut at = 0;
    while at < steps.len() {
        let mut times = 1;
        while times < 8 {
            let difference = steps[at] * times;
            table[difference as usize] = steps[at];
            table[difference.wrapping_neg() as usize] = steps[at].wrapping_neg();
            times += 1;
        }
        at += 1;
    }
    table
}

const fn kinds_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 2 {
        let mut times = 1;
        while times < 8 {
            // Kings and pawns are neighbours.
            let (king, white, black) = if times == 1 {
                (KING, WHITE_PAWN, BLACK_PAWN)
            } else {
                (0, 0, 0)
            };
            let (straight, diagonal) = (STRAIGHT[at] * times, DIAGONAL[at] * times);
            table[straight as usize] = (ROOK | king) as u8;
            table[straight.wrapping_neg() as usize] = (ROOK | king) as u8;
            table[diagonal as usize] = (BISHOP | king | white) as u8;
            table[diagonal.wrapping_neg() as usize] = (BISHOP | king | black) as u8;
            times += 1;
        }
        at += 1;
    }
    let mut at = 0;
    while at < LEAPS.len() {
        table[LEAPS[at] as usize] = KNIGHT as u8;
        table[LEAPS[at].wrapping_neg() as usize] = KNIGHT as u8;
        at += 1;
    }
    table
}

/// Eight bytes from `first` name 0 to 7 times `unit`; every other one is 128, so that a sum with it is no square.
const fn named(first: u8, unit: u8) -> [u8; 256] {
    let mut table = [128; 256];
    let mut at = 0;
    while at < 8 {
        table[(first + at) as usize] = at * unit;
        at += 1;
    }
    table
}
