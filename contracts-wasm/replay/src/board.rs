//! The board: a byte for each square, walls around it.
//!
//! A square is `48 + 16 rank + file`. The bytes that are no square of the board hold a wall, wherever a piece's step or a leap from the
//! board ends: so a walk ends at a piece or a wall and asks nothing else, and text that names no square names a wall.
//!
//! In a module this is a `static`: what lies at a fixed address needs no address to be computed, and a call begins with fresh
//! memory, so that the initial position is there already. Atomics are how a `static` changes without unsafe code; there is one thread,
//! and in WebAssembly they are plain loads and stores.

use crate::geometry::after;
use core::ops::Deref;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// A king or rook that has not moved. A piece's byte is the sum of this, its kinds, and its side.
pub const UNMOVED: u32 = 1;
/// Knights.
pub const KNIGHT: u32 = 2;
/// Kings.
pub const KING: u32 = 4;
/// White pawns.
pub const WHITE_PAWN: u32 = 8;
/// Black pawns.
pub const BLACK_PAWN: u32 = 16;
/// Bishops, and queens. What moves along lines is not below this, beside its side.
pub const BISHOP: u32 = 32;
/// Rooks, and queens.
pub const ROOK: u32 = 64;
/// Both.
pub const QUEEN: u32 = BISHOP | ROOK;
/// Black's pieces.
pub const BLACK: u32 = 128;
/// No square: no kind, above White's pieces, below Black's.
pub const WALL: u32 = BLACK | UNMOVED;
/// Below it are White's pieces and what is empty.
pub const WHITE_END: u32 = QUEEN + 4;

/// The square a1.
pub const A1: u32 = 48;
/// Bytes: more than two bytes of text can name.
const BYTES: usize = 512;

/// Which board: a reference to any, or in the module a type of no size that means the one `static`, whose address then is known wherever it
/// is used.
pub trait Place: Copy + Deref<Target = Board> {}

impl<T: Copy + Deref<Target = Board>> Place for T {}

/// The squares, and where the kings are.
#[derive(Debug)]
#[repr(C, align(8))]
pub struct Board {
    squares: [AtomicU8; BYTES],
    white_king: AtomicU8,
    black_king: AtomicU8,
}

impl Board {
    /// The initial position.
    #[must_use]
    pub const fn initial() -> Self {
        let pieces = [
            ROOK | UNMOVED,
            KNIGHT,
            BISHOP,
            QUEEN,
            KING | UNMOVED,
            BISHOP,
            KNIGHT,
            ROOK | UNMOVED,
        ];
        let mut bytes = [WALL as u8; BYTES];
        let mut file = 0;
        while file < 8 {
            let column = [
                pieces[file],
                WHITE_PAWN,
                0,
                0,
                0,
                0,
                BLACK | BLACK_PAWN,
                BLACK | pieces[file],
            ];
            let mut rank = 0;
            while rank < 8 {
                bytes[A1 as usize + 16 * rank + file] = column[rank] as u8;
                rank += 1;
            }
            file += 1;
        }
        let mut squares = [const { AtomicU8::new(0) }; BYTES];
        let mut at = 0;
        while at < BYTES {
            squares[at] = AtomicU8::new(bytes[at]);
            at += 1;
        }
        Self {
            squares,
            white_king: AtomicU8::new(A1 as u8 + 4),
            black_king: AtomicU8::new(A1 as u8 + 16 * 7 + 4),
        }
    }

    /// What stands on a square below 512 (those above are squares again): 0 if nothing does.
    #[inline(always)]
    #[must_use]
    pub fn at(&self, square: u32) -> u32 {
        u32::from(self.squares[square as usize % BYTES].load(Relaxed))
    }

    /// Puts a piece on a square, or 0.
    #[inline(always)]
    pub fn put(&self, square: u32, piece: u32) {
        self.squares[square as usize % BYTES].store(piece as u8, Relaxed);
    }

    /// Where the king of White or Black is.
    #[inline(always)]
    #[must_use]
    pub fn king<const WHITE: bool>(&self) -> u32 {
        let king = if WHITE { &self.white_king } else { &self.black_king };
        u32::from(king.load(Relaxed))
    }

    /// Where the king of the other is.
    #[inline(always)]
    #[must_use]
    pub fn king_of_other<const WHITE: bool>(&self) -> u32 {
        if WHITE {
            self.king::<false>()
        } else {
            self.king::<true>()
        }
    }

    /// Says where it is now.
    #[inline(always)]
    pub fn set_king<const WHITE: bool>(&self, square: u32) {
        let king = if WHITE { &self.white_king } else { &self.black_king };
        king.store(square as u8, Relaxed);
    }

    /// What stands on a rank (0 to 7), the a-file in the lowest byte.
    #[inline(always)]
    #[must_use]
    pub fn rank(&self, rank: u32) -> u64 {
        let first = A1 + 16 * (rank & 7);
        (0..8).rfold(0, |sum, file| sum << 8 | u64::from(self.at(first + file)))
    }

    /// The first square from `from` on, in steps of `step` modulo 256, that is not empty, and what stands there.
    #[inline(always)]
    pub(crate) fn walk(&self, from: u32, step: u32) -> (u32, u32) {
        let mut square = from;
        loop {
            square = square.wrapping_add(step) & 255;
            let piece = self.at(square);
            if piece != 0 {
                return (square, piece);
            }
        }
    }

    /// The first square from `from` on, in a direction below [`crate::geometry::WAYS`], that is not empty, and what
    /// stands there.
    #[inline(always)]
    pub(crate) fn walk_way(&self, way: usize, from: u32) -> (u32, u32) {
        let mut square = from;
        loop {
            square = after(way, square);
            let piece = self.at(square);
            if piece != 0 {
                return (square, piece);
            }
        }
    }
}
