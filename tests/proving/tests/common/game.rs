//! A game of chess between two callers, from where White is to move.

use super::Made;
use playfair_games::{chess, module};
use playfair_proving::caller::{Caller, started};
use playfair_runtime::local::{Local, Start};
use playfair_types::crypto::field::Fr;
use playfair_types::receipt::Outcome;
use playfair_types::tape::call::Call;

/// Number of the game on its chain.
const NUMBER: [u8; 4] = 1u32.to_le_bytes();

/// A game that has begun.
pub(crate) struct Game {
    pub(crate) local: Local,
    pub(crate) chain_id: Fr,
    pub(crate) white: Caller,
    pub(crate) black: Caller,
}

impl Game {
    /// On the chain of this salt.
    pub(crate) fn begun(salt: u8) -> Self {
        let admitted = &module::chess().admitted;
        let mut start = Start::of(admitted.hash);
        start.salt = [salt; 31];
        let mut local = started(admitted, &start.genesis());
        let chain_id = local.chain.machine().chain_id();
        let (white, black) = (Caller::new(1), Caller::new(2));
        let mut challenge = vec![0, 1];
        challenge.extend(black.id.0);
        challenge.extend(7_200_000u32.to_le_bytes());
        challenge.extend(30_000u32.to_le_bytes());
        for call in [
            white.sign(chain_id, white.first(chess::entry::CHALLENGE, &challenge)),
            black.sign(chain_id, black.first(chess::entry::JOIN, &NUMBER)),
        ] {
            assert_eq!(Made::of(&mut local, &[call]).outcomes(), [Outcome::Ok]);
        }
        Self {
            local,
            chain_id,
            white,
            black,
        }
    }

    /// The next block.
    pub(crate) fn block(&mut self, calls: &[Vec<u8>]) -> Made {
        Made::of(&mut self.local, calls)
    }

    /// A recorded move: legal if all before it were played.
    pub(crate) fn recorded(ply: usize) -> u16 {
        chess::recorded()[5].moves[ply].0
    }

    /// A call that plays a move.
    pub(crate) fn play(by: &Caller, nonce: u32, mv: u16) -> Call {
        let payload = [&NUMBER[..], &mv.to_le_bytes()].concat();
        by.call(nonce, chess::entry::PLAY, &payload)
    }
}

/// A move of a rook that jumps over its pawn.
pub(crate) const ILLEGAL: u16 = 0;
