//! Which kinds of pieces attack over which distance, in tables that the compiler fills.
//!
//! The difference of two squares of the board says how they lie to each other, whatever they are: that is what numbering
//! ranks by 16 is for.

use crate::board::{A1, BISHOP, BLACK_PAWN, KING, KNIGHT, ROOK, WHITE_PAWN};

/// How one square lies seen from another: their difference modulo 256, which no two differences on the board share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Difference(u32);

impl Difference {
    #[inline(always)]
    pub(crate) const fn new(from: u32, to: u32) -> Self {
        Self(to.wrapping_sub(from) & 255)
    }

    /// So many squares along ranks (16 each) and files.
    #[inline(always)]
    pub(crate) const fn is(self, difference: i32) -> bool {
        self.0 == difference as u32 & 255
    }

    /// The kinds of pieces that attack over it if nothing is in between.
    #[inline(always)]
    pub(crate) fn kinds(self) -> u32 {
        u32::from(KINDS[(self.0 & 255) as usize])
    }

    /// One step along its line, modulo 256; 0 if it is along no rank, file or diagonal.
    #[inline(always)]
    pub(crate) fn step(self) -> u32 {
        u32::from(STEPS[(self.0 & 255) as usize])
    }
}

/// The square that two bytes of text name, or one that is not on the board.
#[inline(always)]
pub(crate) fn square(file: u8, rank: u8) -> u32 {
    u32::from(FILES[file as usize]) + u32::from(RANKS[rank as usize])
}

/// Directions.
pub(crate) const WAYS: usize = 8;

/// The square after another in a direction: a table, since what is read as a byte need not be cut to one.
#[inline(always)]
pub(crate) fn after(way: usize, square: u32) -> u32 {
    u32::from(AFTER[way % WAYS][(square & 255) as usize])
}

static AFTER: [[u8; 256]; WAYS] = after_table();
static KINDS: [u8; 256] = kinds_table();
static STEPS: [u8; 256] = steps_table();
/// What is no file is the one behind h, what is no rank the one behind 8.
static FILES: [u8; 256] = named(b'a', A1 as u8, 1);
static RANKS: [u8; 256] = named(b'1', 0, 16);

/// The steps along ranks and files, ahead of White and to its right; the others have the opposite sign.
const STRAIGHT: [u8; 2] = [1, 16];
const DIAGONAL: [u8; 2] = [15, 17];
const LEAPS: [u8; 4] = [14, 18, 31, 33];

const fn after_table() -> [[u8; 256]; WAYS] {
    let mut table = [[0; 256]; WAYS];
    let steps = [STRAIGHT[0], STRAIGHT[1], DIAGONAL[0], DIAGONAL[1]];
    let mut square = 0;
    while square < 256 {
        let mut at = 0;
        while at < steps.len() {
            table[2 * at][square] = (square as u8).wrapping_add(steps[at]);
            table[2 * at + 1][square] = (square as u8).wrapping_sub(steps[at]);
            at += 1;
        }
        square += 1;
    }
    table
}

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
            let (straight, diagonal) = (STRAIGHT[at] * times, DIAGONAL[at] * times);
            table[straight as usize] = ROOK as u8;
            table[straight.wrapping_neg() as usize] = ROOK as u8;
            table[diagonal as usize] = BISHOP as u8;
            table[diagonal.wrapping_neg() as usize] = BISHOP as u8;
            times += 1;
        }
        let (straight, diagonal) = (STRAIGHT[at], DIAGONAL[at]);
        table[straight as usize] |= KING as u8;
        table[straight.wrapping_neg() as usize] |= KING as u8;
        table[diagonal as usize] |= (KING | WHITE_PAWN) as u8;
        table[diagonal.wrapping_neg() as usize] |= (KING | BLACK_PAWN) as u8;
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

/// Eight bytes from `first` on name the eight multiples of `unit` from `zero` on, every other one the ninth.
const fn named(first: u8, zero: u8, unit: u8) -> [u8; 256] {
    let mut table = [zero + 8 * unit; 256];
    let mut at = 0;
    while at < 8 {
        table[(first + at) as usize] = zero + at * unit;
        at += 1;
    }
    table
}
