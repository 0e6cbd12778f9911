//! What players can do.

use super::record::{Record, Words};
use super::status::{Draw, Played, Refusal, Status, Win};
use super::{CLAIM_AT, DRAWN_AT, Game};
use crate::rules::attacks::{Sight, sight};
use crate::rules::{Move, Position, Side, can_mate, is_dead};

/// Half-moves after which a position can be on the board for the fifth time.
const FIVEFOLD_FROM: u8 = 16;

impl<W: Words> Game<W> {
    /// Makes a move for the player to move, at `now_ms`, with a draw offer or a draw claim if asked for.
    ///
    /// If the player's flag has fallen the move is not made and the game ends: see the status.
    ///
    /// # Errors
    /// Why the move, or the claim that comes with it, is refused; the game has not changed.
    #[inline(always)]
    pub fn play(
        &mut self,
        by: Side,
        mv: Move,
        offers: bool,
        claims: bool,
        now_ms: u64,
    ) -> Result<Played, Refusal> {
        self.expect_turn(by)?;
        let Some(left_ms) = self.clocks.running(by, now_ms) else {
            let status = self.flag_falls(by);
            return Ok(Played { status, check: false });
        };
        if self.ply == u16::MAX {
            return Err(Refusal::TooLong);
        }
        let made = self.position.make(mv)?;
        let position = made.position;
        let quiet = if made.resets_clock {
            0
        } else {
            self.quiet.saturating_add(1)
        };

        let count = self.record.count;
        let mut began_en_passant = self.began_en_passant;
        if made.reversible {
            self.record.push(mv);
        } else {
            self.record.clear();
            began_en_passant = position.en_passant != 0;
        }
        let seen = sight(
            &position.board,
            position.board.king_square(position.turn),
            position.turn,
        );
        let status = status_after(&position, seen, quiet, claims, &self.record, began_en_passant);
        if claims && status == Status::Playing {
            self.record.undo(count);
            return Err(Refusal::NothingToClaim);
        }

        self.clocks.press(by, left_ms, now_ms);
        self.position = position;
        self.quiet = quiet;
        self.began_en_passant = began_en_passant;
        self.ply += 1;
        self.offered = offers && status == Status::Playing;
        self.status = status;
        Ok(Played {
            status,
            check: seen.attackers != 0,
        })
    }

    /// Claims a draw for the position on the board, by the player to move.
    ///
    /// # Errors
    /// [`Refusal::NothingToClaim`] if neither rule applies; or it is not this player's turn.
    pub fn claim_draw(&mut self, by: Side, now_ms: u64) -> Result<Status, Refusal> {
        self.expect_turn(by)?;
        if self.clocks.running(by, now_ms).is_none() {
            return Ok(self.flag_falls(by));
        }
        let draw = self.claimable().ok_or(Refusal::NothingToClaim)?;
        Ok(self.end(Status::Drawn(draw)))
    }

    /// Accepts the opponent's draw offer, by the player to move.
    ///
    /// # Errors
    /// [`Refusal::NoOffer`] if there is none; or it is not this player's turn.
    pub fn accept_draw(&mut self, by: Side, now_ms: u64) -> Result<Status, Refusal> {
        self.expect_turn(by)?;
        if !self.offered {
            return Err(Refusal::NoOffer);
        }
        if self.clocks.running(by, now_ms).is_none() {
            return Ok(self.flag_falls(by));
        }
        Ok(self.end(Status::Drawn(Draw::Agreement)))
    }

    /// Resigns, by either player at any time.
    ///
    /// # Errors
    /// [`Refusal::Over`] if the game has ended.
    pub fn resign(&mut self, by: Side) -> Result<Status, Refusal> {
        self.expect_playing()?;
        Ok(self.end(Status::Won(by.other(), Win::Resignation)))
    }

    /// Ends the game because the flag of the opponent, whose turn it is, has fallen.
    ///
    /// # Errors
    /// [`Refusal::TimeLeft`] if it has not, or if it is the claimant's own clock that runs.
    pub fn claim_time(&mut self, by: Side, now_ms: u64) -> Result<Status, Refusal> {
        self.expect_playing()?;
        let late = by.other();
        if self.position.turn != late || self.clocks.running(late, now_ms).is_some() {
            return Err(Refusal::TimeLeft);
        }
        Ok(self.flag_falls(late))
    }

    /// The draw that the player to move may claim for the position on the board.
    #[must_use]
    pub fn claimable(&self) -> Option<Draw> {
        if self.status != Status::Playing {
            None
        } else if self
            .record
            .occurrences(&self.position.board, self.began_en_passant)
            >= 3
        {
            Some(Draw::Threefold)
        } else if self.quiet >= CLAIM_AT {
            Some(Draw::FiftyMoves)
        } else {
            None
        }
    }

    #[inline(always)]
    fn expect_playing(&self) -> Result<(), Refusal> {
        if self.status == Status::Playing {
            Ok(())
        } else {
            Err(Refusal::Over)
        }
    }

    #[inline(always)]
    fn expect_turn(&self, by: Side) -> Result<(), Refusal> {
        self.expect_playing()?;
        if self.position.turn == by {
            Ok(())
        } else {
            Err(Refusal::NotYourTurn)
        }
    }

    /// The flag of `late` has fallen: a loss, unless nobody could mate it.
    #[inline(always)]
    fn flag_falls(&mut self, late: Side) -> Status {
        self.clocks.set(late, 0);
        let winner = late.other();
        let board = self.position.board;
        self.end(if can_mate(&board, winner) {
            Status::Won(winner, Win::Time)
        } else {
            Status::Drawn(Draw::TimeWithoutMaterial)
        })
    }

    #[inline(always)]
    fn end(&mut self, status: Status) -> Status {
        self.offered = false;
        self.status = status;
        status
    }
}

/// How a game stands after a move; `seen` is what the king of the player to move sees.
#[inline(always)]
fn status_after<W: Words>(
    position: &Position,
    seen: Sight,
    quiet: u8,
    claims: bool,
    record: &Record<W>,
    began_en_passant: bool,
) -> Status {
    if !position.has_legal_move(seen) {
        return if seen.attackers != 0 {
            Status::Won(position.turn.other(), Win::Checkmate)
        } else {
            Status::Drawn(Draw::Stalemate)
        };
    }
    if is_dead(&position.board) {
        return Status::Drawn(Draw::DeadPosition);
    }
    let occurrences = if claims || record.count >= FIVEFOLD_FROM {
        record.occurrences(&position.board, began_en_passant)
    } else {
        1
    };
    if occurrences >= 5 {
        Status::Drawn(Draw::Fivefold)
    } else if quiet >= DRAWN_AT {
        Status::Drawn(Draw::SeventyFiveMoves)
    } else if claims && occurrences >= 3 {
        Status::Drawn(Draw::Threefold)
    } else if claims && quiet >= CLAIM_AT {
        Status::Drawn(Draw::FiftyMoves)
    } else {
        Status::Playing
    }
}
