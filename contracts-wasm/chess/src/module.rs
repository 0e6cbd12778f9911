//! The chain's side of chess: challenges, games by number, who may move, and what is told to the world.
//!
//! Entry 1, [`Chess::play`], is the one that every instruction counts of: it works on the stored game in place. Numbers of
//! games begin at 1; a game's state is its stored form, as [`crate::game`] documents it, under its number.

use crate::game::{BYTES_MAX, Control, Draw, Game, Malformed, Refusal, Status, Stored, Win};
use crate::rules::{Illegal, Move, Side};
use playfair::Codec;
use playfair::prelude::*;
use playfair::store::Blobs;

/// All that a chain of chess remembers.
#[playfair::storage]
pub struct Chess {
    games: Blobs<u32, BYTES_MAX>,
    challenges: Map<u32, Challenge>,
    last: Item<u32>,
}

/// A side of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Codec)]
pub enum Colour {
    /// White.
    White,
    /// Black.
    Black,
}

/// A game that waits for its second player.
#[derive(Clone, Debug, PartialEq, Eq, Codec)]
pub struct Challenge {
    /// Who challenges.
    pub by: AccountId,
    /// What they play.
    pub colour: Colour,
    /// Who may join; anybody if there is none.
    pub opponent: Option<AccountId>,
    /// Time for all moves, in ms; 0 with an increment of 0 is a game without clocks.
    pub base_ms: u32,
    /// Time added after each move, in ms.
    pub increment_ms: u32,
}

/// How a game stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Codec)]
pub enum Standing {
    /// It goes on.
    Playing,
    /// It goes on, and the player to move is in check.
    Check,
    /// White has won.
    WhiteWon(Victory),
    /// Black has won.
    BlackWon(Victory),
    /// Nobody has won.
    Drawn(Reason),
}

/// How a game was won.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Codec)]
pub enum Victory {
    /// The king is mated.
    Checkmate,
    /// The opponent resigned.
    Resignation,
    /// The opponent's flag fell.
    Time,
}

/// Why a game was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Codec)]
pub enum Reason {
    /// No legal move, and no check.
    Stalemate,
    /// Nobody can mate.
    DeadPosition,
    /// The players agreed.
    Agreement,
    /// A position occurred three times, and a player claimed.
    Threefold,
    /// 50 moves without pawn move and capture, and a player claimed.
    FiftyMoves,
    /// A position occurred five times.
    Fivefold,
    /// 75 moves without pawn move and capture.
    SeventyFiveMoves,
    /// A flag fell, but the opponent could not mate.
    TimeWithoutMaterial,
}

/// A game began.
#[playfair::event]
pub struct Started {
    /// Its number.
    pub game: u32,
    /// Who plays White.
    pub white: AccountId,
    /// Who plays Black.
    pub black: AccountId,
}

/// A move was made.
#[playfair::event]
pub struct Moved {
    /// The game's number.
    pub game: u32,
    /// To-square (bits 0 to 5, a1 = 0, h8 = 63), from-square (6 to 11), promotion (12 to 14: knight 1 to queen 4).
    pub mv: u16,
    /// How the game stands now.
    pub standing: Standing,
}

/// A game ended without a move.
#[playfair::event]
pub struct Ended {
    /// The game's number.
    pub game: u32,
    /// How.
    pub standing: Standing,
}

/// Why a call was refused.
#[playfair::error]
pub enum ChessError {
    #[error("there is no game of this number")]
    NoGame,
    #[error("there is no open challenge of this number")]
    NoChallenge,
    #[error("you do not play in this game")]
    NotAPlayer,
    #[error("this challenge is for somebody else")]
    NotForYou,
    #[error("you cannot play against yourself")]
    YourOwn,
    #[error("an increment needs a base time")]
    Control,
    #[error("the game is over")]
    Over,
    #[error("it is not your turn")]
    NotYourTurn,
    #[error("the promotion must be 0 to 4")]
    Encoding,
    #[error("none of your pieces stands there")]
    NoPiece,
    #[error("this piece cannot go there")]
    Unreachable,
    #[error("say a promotion on the last rank, and only there")]
    Promotion,
    #[error("castling is not possible out of or through check")]
    CastlingThroughCheck,
    #[error("this leaves your king in check")]
    KingInCheck,
    #[error("there is no draw to claim")]
    NothingToClaim,
    #[error("there is no draw offer to accept")]
    NoOffer,
    #[error("your opponent's flag has not fallen")]
    TimeLeft,
    #[error("the game cannot have more moves")]
    TooLong,
}

/// Chess by the FIDE Laws; many games at once.
#[playfair::module(events(Started, Moved, Ended))]
impl Chess {
    /// Offers a game; returns its number. It begins when somebody joins.
    #[call(0)]
    pub fn challenge(
        &mut self,
        ctx: &mut Context,
        colour: Colour,
        opponent: Option<AccountId>,
        base_ms: u32,
        increment_ms: u32,
    ) -> Result<u32, ChessError> {
        ensure!(base_ms > 0 || increment_ms == 0, ChessError::Control);
        let by = ctx.caller();
        ensure!(opponent != Some(by), ChessError::YourOwn);
        let game = self.last.get_or_default() + 1;
        self.last.set(&game);
        let challenge = Challenge {
            by,
            colour,
            opponent,
            base_ms,
            increment_ms,
        };
        self.challenges.set(&game, &challenge);
        Ok(game)
    }

    /// Moves. The move is to-square (bits 0 to 5), from-square (6 to 11), promotion (12 to 14).
    #[call(1)]
    pub fn play(&mut self, ctx: &mut Context, game: u32, mv: u16) -> Result<Standing, ChessError> {
        self.make(ctx, game, mv, false, false)
    }

    /// Joins a challenge: the game begins, and White's clock runs.
    #[call(2)]
    pub fn join(&mut self, ctx: &mut Context, game: u32) -> Result<(), ChessError> {
        let challenge = self.challenges.get(&game).ok_or(ChessError::NoChallenge)?;
        let joiner = ctx.caller();
        ensure!(challenge.by != joiner, ChessError::YourOwn);
        ensure!(
            challenge.opponent.is_none_or(|invited| invited == joiner),
            ChessError::NotForYou
        );
        let (white, black) = match challenge.colour {
            Colour::White => (challenge.by, joiner),
            Colour::Black => (joiner, challenge.by),
        };
        let control = Control {
            base_ms: challenge.base_ms,
            increment_ms: challenge.increment_ms,
        };
        let started = Game::new(white.to_bytes(), black.to_bytes(), control, ctx.time_ms());
        let mut bytes = [0; BYTES_MAX];
        let length = started.encode(&mut bytes);
        self.games.set(&game, bytes.get(..length).unwrap_or_default());
        self.challenges.remove(&game);
        ctx.emit(Started { game, white, black });
        Ok(())
    }

    /// Moves and offers a draw.
    #[call(3)]
    pub fn offer_draw(&mut self, ctx: &mut Context, game: u32, mv: u16) -> Result<Standing, ChessError> {
        self.make(ctx, game, mv, true, false)
    }

    /// Claims a draw for the position after this move.
    #[call(4)]
    pub fn claim_with(&mut self, ctx: &mut Context, game: u32, mv: u16) -> Result<Standing, ChessError> {
        self.make(ctx, game, mv, false, true)
    }

    /// Claims a draw for the position on the board.
    #[call(5)]
    pub fn claim_draw(&mut self, ctx: &mut Context, game: u32) -> Result<Standing, ChessError> {
        self.decide(ctx, game, |stored, by, now| stored.claim_draw(by, now))
    }

    /// Accepts the opponent's draw offer.
    #[call(6)]
    pub fn accept_draw(&mut self, ctx: &mut Context, game: u32) -> Result<Standing, ChessError> {
        self.decide(ctx, game, |stored, by, now| stored.accept_draw(by, now))
    }

    /// Resigns.
    #[call(7)]
    pub fn resign(&mut self, ctx: &mut Context, game: u32) -> Result<Standing, ChessError> {
        self.decide(ctx, game, |stored, by, _| stored.resign(by))
    }

    /// Claims that the opponent's flag has fallen.
    #[call(8)]
    pub fn claim_time(&mut self, ctx: &mut Context, game: u32) -> Result<Standing, ChessError> {
        self.decide(ctx, game, |stored, by, now| stored.claim_time(by, now))
    }

    /// Takes a challenge back.
    #[call(9)]
    pub fn withdraw(&mut self, ctx: &mut Context, game: u32) -> Result<(), ChessError> {
        let challenge = self.challenges.get(&game).ok_or(ChessError::NoChallenge)?;
        ensure!(challenge.by == ctx.caller(), ChessError::NotForYou);
        self.challenges.remove(&game);
        Ok(())
    }

    /// A game's stored form.
    #[query(0)]
    pub fn game(&self, game: u32) -> Option<Bytes<BYTES_MAX>> {
        self.games.read(&game, |bytes| Bytes::new(bytes).ok()).flatten()
    }

    /// An open challenge.
    #[query(1)]
    pub fn open_challenge(&self, game: u32) -> Option<Challenge> {
        self.challenges.get(&game)
    }

    /// How a game stands.
    #[query(2)]
    pub fn standing(&self, game: u32) -> Option<Standing> {
        let standing = |bytes: &[u8]| Some(Standing::of(Game::decode(bytes).ok()?.status(), false));
        self.games.read(&game, standing).flatten()
    }

    /// The number of the last game or challenge.
    #[query(3)]
    pub fn last(&self) -> u32 {
        self.last.get_or_default()
    }

    #[inline(always)]
    fn make(
        &mut self,
        ctx: &mut Context,
        game: u32,
        mv: u16,
        offers: bool,
        claims: bool,
    ) -> Result<Standing, ChessError> {
        let now = ctx.time_ms();
        let played = self.change(ctx, game, |stored, by| {
            stored.play(by, Move(mv), offers, claims, now)
        })?;
        let standing = Standing::of(played.status, played.check);
        ctx.emit(Moved { game, mv, standing });
        Ok(standing)
    }

    fn decide(
        &mut self,
        ctx: &mut Context,
        game: u32,
        decide: impl FnOnce(&mut Game<Stored<'_>>, Side, u64) -> Result<Status, Refusal>,
    ) -> Result<Standing, ChessError> {
        let now = ctx.time_ms();
        let status = self.change(ctx, game, |stored, by| decide(stored, by, now))?;
        let standing = Standing::of(status, false);
        ctx.emit(Ended { game, standing });
        Ok(standing)
    }

    /// Changes a stored game in place, as the side that the caller plays.
    #[inline(always)]
    fn change<T>(
        &mut self,
        ctx: &Context,
        game: u32,
        change: impl FnOnce(&mut Game<Stored<'_>>, Side) -> Result<T, Refusal>,
    ) -> Result<T, ChessError> {
        let caller = ctx.caller().to_bytes();
        let done = self.games.edit(&game, |bytes, length| {
            let mut stored = Game::open(bytes, *length).unwrap_or_else(|damage| damaged(damage));
            let by = if stored.player(Side::White) == caller {
                Side::White
            } else if stored.player(Side::Black) == caller {
                Side::Black
            } else {
                return Err(ChessError::NotAPlayer);
            };
            let value = change(&mut stored, by)?;
            *length = stored.save();
            Ok(value)
        });
        done.ok_or(ChessError::NoGame)?
    }
}

/// Only this module writes games.
#[cold]
#[inline(never)]
fn damaged(_: Malformed) -> ! {
    panic!("a stored game is damaged")
}

impl Standing {
    #[inline(always)]
    fn of(status: Status, check: bool) -> Self {
        match status {
            Status::Playing if check => Self::Check,
            Status::Playing => Self::Playing,
            Status::Won(Side::White, how) => Self::WhiteWon(Victory::of(how)),
            Status::Won(Side::Black, how) => Self::BlackWon(Victory::of(how)),
            Status::Drawn(how) => Self::Drawn(Reason::of(how)),
        }
    }
}

impl Victory {
    fn of(how: Win) -> Self {
        match how {
            Win::Checkmate => Self::Checkmate,
            Win::Resignation => Self::Resignation,
            Win::Time => Self::Time,
        }
    }
}

impl Reason {
    fn of(how: Draw) -> Self {
        match how {
            Draw::Stalemate => Self::Stalemate,
            Draw::DeadPosition => Self::DeadPosition,
            Draw::Agreement => Self::Agreement,
            Draw::Threefold => Self::Threefold,
            Draw::FiftyMoves => Self::FiftyMoves,
            Draw::Fivefold => Self::Fivefold,
            Draw::SeventyFiveMoves => Self::SeventyFiveMoves,
            Draw::TimeWithoutMaterial => Self::TimeWithoutMaterial,
        }
    }
}

impl From<Refusal> for ChessError {
    #[inline(always)]
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Over => Self::Over,
            Refusal::NotYourTurn => Self::NotYourTurn,
            Refusal::Illegal(Illegal::Encoding) => Self::Encoding,
            Refusal::Illegal(Illegal::NoPiece) => Self::NoPiece,
            Refusal::Illegal(Illegal::Unreachable) => Self::Unreachable,
            Refusal::Illegal(Illegal::Promotion) => Self::Promotion,
            Refusal::Illegal(Illegal::CastlingThroughCheck) => Self::CastlingThroughCheck,
            Refusal::Illegal(Illegal::KingInCheck) => Self::KingInCheck,
            Refusal::NothingToClaim => Self::NothingToClaim,
            Refusal::NoOffer => Self::NoOffer,
            Refusal::TimeLeft => Self::TimeLeft,
            Refusal::TooLong => Self::TooLong,
        }
    }
}
