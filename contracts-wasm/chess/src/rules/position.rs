//! A position: all that decides which moves are legal (FIDE 9.2.3).

use super::attacks::{ahead, bit, pawns, sight};
use super::board::{Board, Kind, Side};

/// Castling rights: bit 0 White's kingside, 1 White's queenside, 2 and 3 Black's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rights(pub u8);

impl Rights {
    /// All four.
    pub const ALL: Self = Self(0b1111);

    /// The right of `side` to castle to its kingside (0) or queenside (1).
    #[inline(always)]
    #[must_use]
    pub const fn has(self, side: Side, queenside: u8) -> bool {
        self.0 >> (side as u8 * 2 + queenside) & 1 != 0
    }
}

/// The home squares of kings and rooks: a move from or to one ends a right.
const HOMES: u64 = 0x9100_0000_0000_0091;

/// The board, who moves, castling rights and en passant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// The pieces.
    pub board: Board,
    /// Who moves.
    pub turn: Side,
    /// Castling rights of both sides.
    pub rights: Rights,
    /// 1 + the file of a pawn that may be captured en passant, or 0. It is set only if such a capture is legal, so that
    /// equal positions have equal fields.
    pub en_passant: u8,
}

impl Position {
    /// The initial position.
    pub const INITIAL: Self = Self {
        board: Board::INITIAL,
        turn: Side::White,
        rights: Rights::ALL,
        en_passant: 0,
    };

    /// The square that a pawn capturing en passant goes to, as a set.
    #[inline(always)]
    #[must_use]
    pub const fn en_passant_target(&self) -> u64 {
        if self.en_passant == 0 {
            return 0;
        }
        let rank = match self.turn {
            Side::White => 40,
            Side::Black => 16,
        };
        bit(rank + self.en_passant as u32 - 1)
    }

    /// Whether the player to move is in check.
    #[must_use]
    pub fn in_check(&self) -> bool {
        let king = self.board.king_square(self.turn);
        sight(&self.board, king, self.turn).attackers != 0
    }

    /// The board after a move that [`Self::targets`](Self::targets) allows; `kind` stands on `from`, and `becomes` will
    /// stand on `to`.
    #[inline(always)]
    pub(crate) fn board_after(&self, from: u32, to: u32, kind: Kind, becomes: Kind) -> Board {
        let board = &self.board;
        let mut clear = bit(from) | bit(to);
        if kind == Kind::PAWN && bit(to) & self.en_passant_target() != 0 {
            clear |= bit(from & 56 | to & 7);
        }
        let mut after = board.with(clear, to, becomes, self.turn);
        if is_castling(kind, from, to) {
            // The rook jumps over: from h to f, or from a to d.
            let rook = if to > from { 0xa0 } else { 0x09 };
            let rook = u64::wrapping_shl(rook, from & 56);
            after.straight ^= rook;
            if self.turn == Side::White {
                after.white ^= rook;
            }
        }
        after
    }

    /// The position after a legal move, given the board after it.
    #[inline(always)]
    pub(crate) fn next(&self, from: u32, to: u32, kind: Kind, board: Board) -> Self {
        let mut next = Self {
            board,
            turn: self.turn.other(),
            rights: self.rights,
            en_passant: 0,
        };
        let touched = bit(from) | bit(to);
        if touched & HOMES != 0 && self.rights.0 != 0 {
            next.rights = Rights(self.rights.0 & kept_rights(touched));
        }
        if kind == Kind::PAWN && from ^ to == 16 {
            next.set_en_passant(to);
        }
        next
    }

    /// Allows en passant against the pawn that has just gone two squares to `square`, if a capture is legal.
    #[inline(always)]
    pub(crate) fn set_en_passant(&mut self, square: u32) {
        let target = ahead(bit(square), self.turn);
        let capturers = pawns(target, self.turn.other()) & self.board.pawns() & self.board.of(self.turn);
        if capturers != 0 {
            let board = self.board;
            if takes_en_passant(&board, self.turn, capturers, square, target) {
                self.en_passant = (square & 7) as u8 + 1;
            }
        }
    }

    /// Whether the fields agree with each other: a valid board, rights whose king and rook stand at home, and en passant
    /// only against a pawn that has just moved and can be captured. Whether the position can arise in a game, or the side
    /// that has moved left its king in check, is not asked.
    #[inline(always)]
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.board.is_valid() && self.rights_are_valid() && self.en_passant_is_valid()
    }

    #[inline(always)]
    fn rights_are_valid(&self) -> bool {
        let Rights(rights) = self.rights;
        if rights == 0 {
            return true;
        }
        let board = &self.board;
        let (kings, rooks) = (board.kings(), board.straight_sliders() & !board.diagonal);
        let home = |pieces: u64, square: u32| pieces >> square & 1;
        let black = board.of(Side::Black);
        let white_king = home(kings & board.white, 4) * 3;
        let black_king = home(kings & black, 60) * 12;
        let white = home(rooks & board.white, 7) | home(rooks & board.white, 0) << 1;
        let black = home(rooks & black, 63) << 2 | home(rooks & black, 56) << 3;
        u64::from(rights) & !((white & white_king) | (black & black_king)) == 0
    }

    #[inline(always)]
    fn en_passant_is_valid(&self) -> bool {
        if self.en_passant == 0 {
            return true;
        }
        let position = *self;
        position.en_passant_is_possible()
    }

    #[inline(never)]
    fn en_passant_is_possible(&self) -> bool {
        if self.en_passant > 8 {
            return false;
        }
        let target = self.en_passant_target();
        let pawn = ahead(target, self.turn.other());
        let origin = ahead(target, self.turn);
        let stands = self.board.pawns() & self.board.of(self.turn.other()) & pawn != 0;
        if !stands || self.board.occupied() & (target | origin) != 0 {
            return false;
        }
        let mut again = *self;
        again.en_passant = 0;
        again.set_en_passant(pawn.trailing_zeros());
        again == *self
    }
}

/// Whether one of `capturers`, pawns of `side`, may take the pawn on `square` and go to `target`.
#[inline(never)]
fn takes_en_passant(board: &Board, side: Side, mut capturers: u64, square: u32, target: u64) -> bool {
    let king = board.king_square(side);
    while capturers != 0 {
        let from = capturers & capturers.wrapping_neg();
        let clear = from | bit(square) | target;
        let after = board.with(clear, target.trailing_zeros(), Kind::PAWN, side);
        if sight(&after, king, side).attackers == 0 {
            return true;
        }
        capturers ^= from;
    }
    false
}

/// Whether a king's move is castling.
#[inline(always)]
pub(crate) const fn is_castling(kind: Kind, from: u32, to: u32) -> bool {
    matches!(kind, Kind::KING) && from.abs_diff(to) == 2
}

/// The rights that remain when a move touches these squares.
#[inline(always)]
const fn kept_rights(touched: u64) -> u8 {
    const fn lost(touched: u64, squares: u64, right: u8) -> u8 {
        if touched & squares != 0 { right } else { 0 }
    }
    !(lost(touched, 0x90, 1)
        | lost(touched, 0x11, 2)
        | lost(touched, 0x90 << 56, 4)
        | lost(touched, 0x11 << 56, 8))
}
