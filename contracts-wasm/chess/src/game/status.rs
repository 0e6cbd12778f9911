//! How a game stands, and why an action is refused.

use crate::rules::{Illegal, Side};
use core::fmt;

/// How a game was won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Win {
    /// The king of the loser is mated.
    Checkmate = 1,
    /// The loser resigned.
    Resignation = 2,
    /// The loser's flag fell.
    Time = 3,
}

/// How a game was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Draw {
    /// The player to move has no legal move and is not in check.
    Stalemate = 1,
    /// Nobody has the material to mate.
    DeadPosition = 2,
    /// An offer was accepted.
    Agreement = 3,
    /// A player claimed the third occurrence of a position.
    Threefold = 4,
    /// A player claimed 50 moves each without pawn move and capture.
    FiftyMoves = 5,
    /// A position occurred for the fifth time.
    Fivefold = 6,
    /// Both players made 75 moves without pawn move and capture.
    SeventyFiveMoves = 7,
    /// A flag fell, but the opponent lacks the material to mate.
    TimeWithoutMaterial = 8,
}

/// How a game stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It goes on.
    Playing,
    /// This side has won.
    Won(Side, Win),
    /// Nobody has won.
    Drawn(Draw),
}

/// What an accepted move led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// How the game stands now.
    pub status: Status,
    /// Whether the move gave check.
    pub check: bool,
}

/// Why an action is refused. The game has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The game has ended.
    Over,
    /// It is the opponent's turn.
    NotYourTurn,
    /// The move is illegal.
    Illegal(Illegal),
    /// The position has not occurred three times and the last 50 moves had a pawn move or a capture.
    NothingToClaim,
    /// There is no draw offer to accept.
    NoOffer,
    /// The opponent's flag has not fallen, or the game has no clocks.
    TimeLeft,
    /// The game has as many moves as its record can count; no game by the Laws gets there.
    TooLong,
}

impl Refusal {
    /// A short text for the player.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Over => "the game is over",
            Self::NotYourTurn => "it is not your turn",
            Self::Illegal(illegal) => illegal.text(),
            Self::NothingToClaim => "there is no draw to claim",
            Self::NoOffer => "there is no draw offer to accept",
            Self::TimeLeft => "your opponent's flag has not fallen",
            Self::TooLong => "the game cannot have more moves",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl core::error::Error for Refusal {}

impl From<Illegal> for Refusal {
    fn from(illegal: Illegal) -> Self {
        Self::Illegal(illegal)
    }
}

impl Status {
    /// Two bits of result (0 in play, 1 White won, 2 Black won, 3 drawn), then four of reason.
    pub(super) const fn code(self) -> u64 {
        match self {
            Self::Playing => 0,
            Self::Won(side, how) => (1 + side as u64) | ((how as u64) << 2),
            Self::Drawn(how) => 3 | (how as u64) << 2,
        }
    }

    /// The status with this code, if there is one.
    pub(super) const fn from_code(code: u64) -> Option<Self> {
        let side = match code & 3 {
            0 if code == 0 => return Some(Self::Playing),
            1 => Side::White,
            2 => Side::Black,
            3 => {
                return Some(Self::Drawn(match code >> 2 {
                    1 => Draw::Stalemate,
                    2 => Draw::DeadPosition,
                    3 => Draw::Agreement,
                    4 => Draw::Threefold,
                    5 => Draw::FiftyMoves,
                    6 => Draw::Fivefold,
                    7 => Draw::SeventyFiveMoves,
                    8 => Draw::TimeWithoutMaterial,
                    _ => return None,
                }));
            }
            _ => return None,
        };
        let how = match code >> 2 {
            1 => Win::Checkmate,
            2 => Win::Resignation,
            3 => Win::Time,
            _ => return None,
        };
        Some(Self::Won(side, how))
    }
}
