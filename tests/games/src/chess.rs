//! Recorded games of chess as calls of the chess module.

use playfair_chess::pgn::{Pgn, Score};
use playfair_runtime::local::Players;
use std::path::Path;

/// Entries of the chess module.
pub mod entry {
    /// `challenge(colour u8, opponent option account, base u32, increment u32)`
    pub const CHALLENGE: u8 = 0;
    /// `play(game u32, move u16)`
    pub const PLAY: u8 = 1;
    /// `join(game u32)`
    pub const JOIN: u8 = 2;
    /// `offer_draw(game u32, move u16)`
    pub const OFFER_DRAW: u8 = 3;
    /// `accept_draw(game u32)`
    pub const ACCEPT_DRAW: u8 = 6;
    /// `resign(game u32)`
    pub const RESIGN: u8 = 7;
}

/// Entries that players give to their session keys: all of them.
pub const SCOPE: u64 = 0x3ff;

/// One call of a game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Who calls.
    pub by: String,
    /// The module's entry.
    pub entry: u8,
    /// Its arguments.
    pub payload: Vec<u8>,
}

/// A recorded game between two players, as calls.
#[derive(Clone, Debug)]
pub struct Match {
    /// The game's record.
    pub pgn: Pgn,
    /// Its number on the chain.
    pub number: u32,
    /// Who plays White.
    pub white: String,
    /// Who plays Black.
    pub black: String,
}

/// The games of Kasparov against Deep Blue, 1997.
///
/// # Panics
/// When the file is missing or no PGN.
#[must_use]
pub fn recorded() -> Vec<Pgn> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/kasparov-deep-blue-1997.pgn");
    let text = std::fs::read_to_string(file).expect("the recorded games");
    Pgn::parse_all(&text).expect("games in PGN")
}

impl Match {
    /// The recorded game that will be number `number` on its chain, between players of the recorded names.
    #[must_use]
    pub fn of(pgn: &Pgn, number: u32) -> Self {
        let name = |tag: &str| pgn.tag(tag).unwrap_or(tag).to_owned();
        Self {
            white: name("White"),
            black: name("Black"),
            pgn: pgn.clone(),
            number,
        }
    }

    /// The two calls that begin the game: White challenges Black to two hours and half a minute a move, Black joins.
    #[must_use]
    pub fn opening(&self, players: &mut Players) -> [Move; 2] {
        let mut challenge = vec![0, 1];
        challenge.extend(players.id(&self.black).0);
        challenge.extend(7_200_000u32.to_le_bytes());
        challenge.extend(30_000u32.to_le_bytes());
        [
            self.call(&self.white, entry::CHALLENGE, challenge),
            self.call(&self.black, entry::JOIN, self.number.to_le_bytes().to_vec()),
        ]
    }

    /// The moves, the last with a draw offer if the game was drawn.
    #[must_use]
    pub fn moves(&self) -> Vec<Move> {
        let last = self.pgn.moves.len().saturating_sub(1);
        let moves = self.pgn.moves.iter().enumerate();
        moves
            .map(|(ply, mv)| {
                let offers = ply == last && self.pgn.score == Score::Draw;
                let entry = if offers { entry::OFFER_DRAW } else { entry::PLAY };
                self.play(ply, entry, mv.0)
            })
            .collect()
    }

    /// A move at a ply, whatever the record says.
    #[must_use]
    pub fn play(&self, ply: usize, entry: u8, mv: u16) -> Move {
        let mut payload = self.number.to_le_bytes().to_vec();
        payload.extend(mv.to_le_bytes());
        self.call(self.to_move(ply), entry, payload)
    }

    /// The call that ends the game as recorded: the loser resigns, or the draw is accepted.
    #[must_use]
    pub fn ending(&self) -> Option<Move> {
        let (by, entry) = match self.pgn.score {
            Score::White => (self.black.as_str(), entry::RESIGN),
            Score::Black => (self.white.as_str(), entry::RESIGN),
            Score::Draw => (self.to_move(self.pgn.moves.len()), entry::ACCEPT_DRAW),
            Score::Unknown => return None,
        };
        Some(self.call(by, entry, self.number.to_le_bytes().to_vec()))
    }

    /// Who moves at a ply.
    #[must_use]
    pub fn to_move(&self, ply: usize) -> &str {
        if ply.is_multiple_of(2) {
            &self.white
        } else {
            &self.black
        }
    }

    fn call(&self, by: &str, entry: u8, payload: Vec<u8>) -> Move {
        Move {
            by: by.to_owned(),
            entry,
            payload,
        }
    }
}

impl Move {
    /// The signed call.
    ///
    /// # Panics
    /// Never: payloads of chess are short.
    pub fn sign(&self, players: &mut Players) -> Vec<u8> {
        players
            .call(&self.by, self.entry, &self.payload)
            .expect("a short payload")
    }
}
