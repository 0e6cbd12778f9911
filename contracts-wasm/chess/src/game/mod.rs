//! A game between two players: moves, clocks, draw offers and claims, and how it ends (FIDE articles 5, 6 and 9).
//!
//! How the Laws' words at the board become calls:
//! - **Clock.** The clock of the player to move runs since the last move (or the start); the increment is added after each
//!   move. A flag has fallen when the time used reaches the time left. It counts when the opponent claims it, or when its owner
//!   tries to move, to claim or to accept: the game then ends instead. It is a draw if the opponent lacks the material to mate.
//! - **Draw offer.** Made with a move; it stands until the opponent accepts it or moves, and cannot be taken back.
//! - **Draw claim** (third occurrence of a position, or 50 moves each without pawn move and capture), by the player to move:
//!   for the position on the board, or together with a move for the position after it. A wrong claim is refused and changes
//!   nothing: it costs no time, and is no offer, since whoever asks the module gets the answer at once. Mate by the
//!   move that claims is mate.
//! - **Automatic draws.** Stalemate, dead position by material, fifth occurrence, 75 moves each; mate comes first.

mod actions;
mod clock;
mod codec;
mod record;
mod status;

use crate::rules::{Position, Side};
use clock::Clocks;
pub use clock::Control;
pub use codec::{BYTES_MAX, BYTES_MIN, Malformed, Stored};
pub use record::{Owned, Words};
use record::{Record, WORDS_MAX};
pub use status::{Draw, Played, Refusal, Status, Win};

/// Half-moves without pawn move or capture after which a player may claim a draw.
pub const CLAIM_AT: u8 = 100;
/// Half-moves without pawn move or capture that end the game.
pub const DRAWN_AT: u8 = 150;

/// An account id.
pub type Player = [u8; 20];

/// A game: of its own, or [`Stored`] in the bytes that a call reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Game<W: Words = Owned> {
    /// White's account, then Black's. The rules never look at them.
    players: [u8; 40],
    position: Position,
    clocks: Clocks,
    /// Half-moves made, beginning with 1 if Black began.
    ply: u16,
    /// Half-moves since the last pawn move or capture.
    quiet: u8,
    status: Status,
    /// Whether the player who has just moved offers a draw.
    offered: bool,
    /// Whether en passant was possible in the position that `record` begins with: it then cannot come back.
    began_en_passant: bool,
    record: Record<W>,
}

impl Game {
    /// A game from the initial position whose first clock begins to run at `now_ms`.
    #[must_use]
    pub fn new(white: Player, black: Player, control: Control, now_ms: u64) -> Self {
        Self::from_position(white, black, control, now_ms, Position::INITIAL, 0)
    }

    /// A game from any position that [is valid](Position::is_valid), `quiet` half-moves (at most 149) after the last pawn
    /// move or capture. It is in play even if the position is mate.
    #[must_use]
    pub fn from_position(
        white: Player,
        black: Player,
        control: Control,
        now_ms: u64,
        position: Position,
        quiet: u8,
    ) -> Self {
        let mut players = [0; 40];
        players[..20].copy_from_slice(&white);
        players[20..].copy_from_slice(&black);
        Self {
            players,
            position,
            clocks: Clocks::start(control, now_ms),
            ply: position.turn as u16,
            quiet: quiet.min(DRAWN_AT - 1),
            status: Status::Playing,
            offered: false,
            began_en_passant: position.en_passant != 0,
            record: Record {
                count: 0,
                words: [[0; 8]; WORDS_MAX],
            },
        }
    }
}

impl<W: Words> Game<W> {
    /// The account that plays a side.
    #[must_use]
    pub fn player(&self, side: Side) -> Player {
        let mut player = [0; 20];
        let start = 20 * side as usize;
        player.copy_from_slice(&self.players[start..start + 20]);
        player
    }

    /// The position on the board.
    #[must_use]
    pub const fn position(&self) -> &Position {
        &self.position
    }

    /// Whose turn it is (whose it was when the game ended).
    #[must_use]
    pub const fn turn(&self) -> Side {
        self.position.turn
    }

    /// Whether the game is over, and how it ended.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The time control.
    #[must_use]
    pub const fn control(&self) -> Control {
        self.clocks.control
    }

    /// Time left to a side in milliseconds, when the running clock began to run.
    #[must_use]
    pub const fn left_ms(&self, side: Side) -> u32 {
        self.clocks.left_ms(side)
    }

    /// When the running clock began to run, in milliseconds since 1970.
    #[must_use]
    pub const fn moved_at_ms(&self) -> u64 {
        self.clocks.moved_at_ms
    }

    /// Half-moves made (and one more if Black began).
    #[must_use]
    pub const fn ply(&self) -> u16 {
        self.ply
    }

    /// Half-moves since the last pawn move or capture.
    #[must_use]
    pub const fn quiet(&self) -> u8 {
        self.quiet
    }

    /// Whether the player to move has a draw offer to answer.
    #[must_use]
    pub const fn is_offered_draw(&self) -> bool {
        self.offered
    }

    /// How often the position on the board has occurred, now included.
    #[must_use]
    pub fn occurrences(&self) -> u32 {
        self.record
            .occurrences(&self.position.board, self.began_en_passant)
    }
}
