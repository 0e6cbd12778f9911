//! Legal moves (FIDE 3.1 to 3.10): where a piece goes, then whether its own king is safe afterwards.

use super::attacks::{self, Sight, ahead, bit, lowest, sight};
use super::board::{Kind, Side};
use super::moves::{Illegal, Move};
use super::position::{Position, is_castling};

/// A legal move made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    /// The position after it.
    pub(crate) position: Position,
    /// Whether a pawn moved or something was captured: the 50 and 75 moves start again.
    pub(crate) resets_clock: bool,
    /// Whether the position before it can come back: no such move, no castling, and no castling right lost.
    pub(crate) reversible: bool,
}

impl Position {
    /// Squares that the piece on `from`, of kind `kind` and of the player to move, goes to, were its own king no concern.
    /// No move takes a king, even in a position that no game leads to.
    #[inline(always)]
    #[must_use]
    pub fn targets(&self, from: u32, kind: Kind) -> u64 {
        let board = &self.board;
        let (here, occupied) = (bit(from), board.occupied());
        let own = board.of(self.turn);
        let reached = match kind {
            Kind::PAWN => {
                let one = ahead(here, self.turn) & !occupied;
                let third_rank = match self.turn {
                    Side::White => 0xff << 16,
                    Side::Black => 0xff << 40,
                };
                let two = ahead(one & third_rank, self.turn) & !occupied;
                let prey = occupied | self.en_passant_target();
                one | two | attacks::pawns(here, self.turn) & prey
            }
            Kind::KNIGHT => attacks::knights(here),
            Kind::KING => attacks::king(here) | self.castling_targets(occupied),
            Kind::BISHOP => attacks::bishop(from, occupied),
            Kind::ROOK => attacks::rook(from, occupied),
            _ => attacks::bishop(from, occupied) | attacks::rook(from, occupied),
        };
        reached & !(own | board.kings())
    }

    /// Squares to which the king may castle as far as rights and pieces in between say.
    #[inline(always)]
    fn castling_targets(&self, occupied: u64) -> u64 {
        let shift = match self.turn {
            Side::White => 0,
            Side::Black => 56,
        };
        let row = occupied >> shift;
        let mut targets = 0;
        if self.rights.has(self.turn, 0) && row & 0x60 == 0 {
            targets |= 0x40;
        }
        if self.rights.has(self.turn, 1) && row & 0x0e == 0 {
            targets |= 0x04;
        }
        targets << shift
    }

    /// Whether a move that [`Self::targets`] allows is legal.
    #[inline(always)]
    fn checked(&self, from: u32, to: u32, kind: Kind, becomes: Kind) -> Result<super::Board, Illegal> {
        if is_castling(kind, from, to) {
            let position = *self;
            if position.castles_through_check(from, to) {
                return Err(Illegal::CastlingThroughCheck);
            }
        }
        let board = self.board_after(from, to, kind, becomes);
        let king = board.king_square(self.turn);
        if sight(&board, king, self.turn).attackers != 0 {
            return Err(Illegal::KingInCheck);
        }
        Ok(board)
    }

    /// Whether the king that castles is in check, or the square that it crosses is attacked.
    #[inline(never)]
    fn castles_through_check(&self, from: u32, to: u32) -> bool {
        let crossed = u32::midpoint(from, to);
        [from, crossed]
            .into_iter()
            .any(|square| sight(&self.board, square, self.turn).attackers != 0)
    }

    /// Makes a move.
    ///
    /// # Errors
    /// The first rule that it breaks; `self` stays as it is either way.
    pub fn play(&self, mv: Move) -> Result<Self, Illegal> {
        self.make(mv).map(|made| made.position)
    }

    #[inline(always)]
    pub(crate) fn make(&self, mv: Move) -> Result<Made, Illegal> {
        let (from, to) = (mv.from(), mv.to());
        let promotion = mv.promotion().ok_or(Illegal::Encoding)?;
        if self.board.of(self.turn) & bit(from) == 0 {
            return Err(Illegal::NoPiece);
        }
        let kind = self.board.kind_at(from);
        if self.targets(from, kind) & bit(to) == 0 {
            return Err(Illegal::Unreachable);
        }
        let promotes = kind == Kind::PAWN && bit(to) & attacks::LAST_RANKS != 0;
        if promotes != (promotion != Kind::NONE) {
            return Err(Illegal::Promotion);
        }
        let becomes = if promotes { promotion } else { kind };
        let board = self.checked(from, to, kind, becomes)?;
        let position = self.next(from, to, kind, board);
        let resets_clock = kind == Kind::PAWN || self.board.occupied() & bit(to) != 0;
        Ok(Made {
            position,
            resets_clock,
            reversible: !resets_clock && position.rights == self.rights,
        })
    }

    /// Whether the player to move has a legal move. `sight` is what its king sees.
    ///
    /// Out of check, a piece that the king does not see is not pinned, so the first of them that can take a step settles
    /// it. Only what is left, and checks, are tried move by move.
    #[inline(always)]
    pub(crate) fn has_legal_move(&self, sight: Sight) -> bool {
        if self.en_passant != 0 {
            return true;
        }
        if sight.attackers == 0 {
            let board = &self.board;
            let (own, occupied) = (board.of(self.turn), board.occupied());
            let free = own & !sight.lines & !board.kings();
            if ahead(board.pawns() & free, self.turn) & !occupied != 0 {
                return true;
            }
            let steps = attacks::knights(board.knights() & free)
                | attacks::diagonal_steps(board.diagonal_sliders() & free)
                | attacks::straight_steps(board.straight_sliders() & free);
            if steps & !own != 0 {
                return true;
            }
        }
        // A copy: a reference would keep the position in memory on the way that nearly every move takes.
        let position = *self;
        position.finds_legal_move(sight)
    }

    /// Tries the king's moves, then those of the other pieces that could answer the check.
    #[inline(never)]
    fn finds_legal_move(&self, sight: Sight) -> bool {
        let king = self.board.kings() & self.board.of(self.turn);
        let answers = if sight.attackers == 0 {
            u64::MAX
        } else {
            sight.lines & !self.board.occupied() | sight.attackers
        };
        let others = if sight.attackers & sight.attackers.wrapping_sub(1) == 0 {
            self.board.of(self.turn) ^ king
        } else {
            0
        };
        let steps = [(king, u64::MAX), (others, answers)];
        steps
            .into_iter()
            .any(|(pieces, squares)| self.search(pieces, squares, |_, _| true))
    }

    /// Calls `visit` for every legal move, without promotion, of these pieces to these squares, until it returns true.
    /// Returns whether it did.
    #[inline(always)]
    fn search(&self, mut pieces: u64, squares: u64, mut visit: impl FnMut(u32, u32) -> bool) -> bool {
        while pieces != 0 {
            let from = lowest(pieces);
            let kind = self.board.kind_at(from);
            let mut targets = self.targets(from, kind) & squares;
            while targets != 0 {
                let to = lowest(targets);
                if self.checked(from, to, kind, kind).is_ok() && visit(from, to) {
                    return true;
                }
                targets &= targets.wrapping_sub(1);
            }
            pieces &= pieces.wrapping_sub(1);
        }
        false
    }

    /// Calls `visit` for every legal move; the four promotions of a pawn are four moves.
    pub fn each_legal_move(&self, mut visit: impl FnMut(Move)) {
        self.search(self.board.of(self.turn), u64::MAX, |from, to| {
            let mv = Move::new(from, to);
            if self.board.kind_at(from) == Kind::PAWN && bit(to) & attacks::LAST_RANKS != 0 {
                for kind in [Kind::QUEEN, Kind::KNIGHT, Kind::ROOK, Kind::BISHOP] {
                    visit(mv.promoting(kind));
                }
            } else {
                visit(mv);
            }
            false
        });
    }

    /// Whether the player to move is mated: in check and without a legal move.
    #[must_use]
    pub fn is_checkmate(&self) -> bool {
        let sight = sight(&self.board, self.board.king_square(self.turn), self.turn);
        sight.attackers != 0 && !self.has_legal_move(sight)
    }
}
