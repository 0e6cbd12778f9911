//! The chess module's entries, events and answers in bytes, as its own ABI has them (`playfair module inspect`): little-endian, an option is 0 or 1 and the
//! value, an enum a tag and its fields.
//!
//! What is read here comes out of verified receipts and answers. It may be any module's all the same: a chain's link says which, and the page may be
//! wrong about what it is.

use crate::text;
use playfair_chess_rules::rules::Side;

/// Entries of calls.
pub mod entry {
    pub const CHALLENGE: u8 = 0;
    pub const PLAY: u8 = 1;
    pub const JOIN: u8 = 2;
    pub const OFFER_DRAW: u8 = 3;
    pub const CLAIM_WITH: u8 = 4;
    pub const CLAIM_DRAW: u8 = 5;
    pub const ACCEPT_DRAW: u8 = 6;
    pub const RESIGN: u8 = 7;
    pub const CLAIM_TIME: u8 = 8;
    pub const WITHDRAW: u8 = 9;
}

/// What a call of an entry does, for people.
#[must_use]
pub fn title(entry: u8) -> String {
    let title = match entry {
        entry::CHALLENGE => "begin games",
        entry::PLAY => "move",
        entry::JOIN => "join games",
        entry::OFFER_DRAW => "offer a draw with a move",
        entry::CLAIM_WITH => "claim a draw with a move",
        entry::CLAIM_DRAW => "claim a draw",
        entry::ACCEPT_DRAW => "accept a draw",
        entry::RESIGN => "resign",
        entry::CLAIM_TIME => "claim a win on time",
        entry::WITHDRAW => "take an offered game back",
        other => return format!("call entry {other}"),
    };
    title.to_owned()
}

/// Entries of queries.
pub mod query {
    pub const GAME: u8 = 0;
    pub const CHALLENGE: u8 = 1;
}

/// Prefix of the keys of stored games.
const GAMES: u8 = 0;

/// An account's 20 bytes.
pub type AccountId = [u8; 20];

/// An account from its 40 digits.
#[must_use]
pub fn account(digits: &str) -> Option<AccountId> {
    text::bytes(digits)?.try_into().ok()
}

/// The state key of a stored game.
#[must_use]
pub fn game_key(game: u32) -> Vec<u8> {
    let mut key = vec![GAMES];
    key.extend(game.to_le_bytes());
    key
}

/// Arguments of [`entry::CHALLENGE`].
#[must_use]
pub fn challenge(colour: Side, opponent: Option<AccountId>, base_ms: u32, increment_ms: u32) -> Vec<u8> {
    let mut payload = vec![colour as u8];
    match opponent {
        None => payload.push(0),
        Some(id) => {
            payload.push(1);
            payload.extend(id);
        }
    }
    payload.extend(base_ms.to_le_bytes());
    payload.extend(increment_ms.to_le_bytes());
    payload
}

/// Arguments of entries that take a game.
#[must_use]
pub fn of_game(game: u32) -> Vec<u8> {
    game.to_le_bytes().to_vec()
}

/// Arguments of entries that take a game and a move.
#[must_use]
pub fn of_move(game: u32, mv: u16) -> Vec<u8> {
    let mut payload = of_game(game);
    payload.extend(mv.to_le_bytes());
    payload
}

/// What a call told about a game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It began.
    Started { white: AccountId, black: AccountId },
    /// A move was made.
    Moved(u16),
    /// It ended without a move.
    Ended,
}

/// Reads an event; the number of its game and what it tells.
#[must_use]
pub fn event(topic: u32, data: &[u8]) -> Option<(u32, Told)> {
    let (game, rest) = data.split_first_chunk()?;
    let told = match topic {
        0 => {
            let (white, rest) = rest.split_first_chunk()?;
            let (black, _) = rest.split_first_chunk()?;
            Told::Started {
                white: *white,
                black: *black,
            }
        }
        1 => {
            let (mv, standing) = rest.split_first_chunk()?;
            match standing {
                // A flag had fallen: the move was not made.
                [2 | 3, 2] | [4, 7] => Told::Ended,
                _ => Told::Moved(u16::from_le_bytes(*mv)),
            }
        }
        2 => Told::Ended,
        _ => return None,
    };
    Some((u32::from_le_bytes(*game), told))
}

/// An open challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    pub by: AccountId,
    /// What the challenger plays.
    pub colour: Side,
    /// Who may join; anybody if there is none.
    pub opponent: Option<AccountId>,
    pub base_ms: u32,
    pub increment_ms: u32,
}

/// The answer of [`query::CHALLENGE`]: an option of a challenge.
#[must_use]
pub fn open_challenge(answer: &[u8]) -> Option<Option<Challenge>> {
    let rest = match answer {
        [0] => return Some(None),
        [1, rest @ ..] => rest,
        _ => return None,
    };
    let (by, rest) = rest.split_first_chunk()?;
    let (colour, rest) = rest.split_first()?;
    let colour = match colour {
        0 => Side::White,
        1 => Side::Black,
        _ => return None,
    };
    let (opponent, rest) = match rest {
        [0, rest @ ..] => (None, rest),
        [1, rest @ ..] => {
            let (id, rest) = rest.split_first_chunk()?;
            (Some(*id), rest)
        }
        _ => return None,
    };
    let (base, rest) = rest.split_first_chunk()?;
    let (increment, rest) = rest.split_first_chunk()?;
    rest.is_empty().then_some(Some(Challenge {
        by: *by,
        colour,
        opponent,
        base_ms: u32::from_le_bytes(*base),
        increment_ms: u32::from_le_bytes(*increment),
    }))
}

/// The answer of [`query::GAME`]: an option of a stored game's bytes.
#[must_use]
pub fn stored_game(answer: &[u8]) -> Option<Option<&[u8]>> {
    match answer {
        [0] => Some(None),
        [1, low, high, bytes @ ..] if bytes.len() == usize::from(u16::from_le_bytes([*low, *high])) => {
            Some(Some(bytes))
        }
        _ => None,
    }
}

/// The text of a revert: behind its code.
#[must_use]
pub fn revert(output: &[u8]) -> String {
    match output {
        [_, _, text @ ..] if !text.is_empty() => String::from_utf8_lossy(text).into_owned(),
        _ => "the module refuses it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: AccountId = [7; 20];
    const B: AccountId = [9; 20];

    #[test]
    fn answers_are_read_strictly() {
        assert_eq!(stored_game(&[0]), Some(None));
        assert_eq!(stored_game(&[1, 2, 0, 5, 6]), Some(Some(&[5, 6][..])));
        for wrong in [&[][..], &[1][..], &[2, 0][..], &[1, 3, 0, 5, 6][..], &[0, 0][..]] {
            assert_eq!(stored_game(wrong), None, "{wrong:?}");
        }
        let mut bytes = vec![1];
        bytes.extend(A);
        bytes.extend([1, 1]);
        bytes.extend(B);
        bytes.extend(300_000u32.to_le_bytes());
        bytes.extend(2_000u32.to_le_bytes());
        let read = open_challenge(&bytes).unwrap().unwrap();
        assert_eq!((read.by, read.colour, read.opponent), (A, Side::Black, Some(B)));
        assert_eq!((read.base_ms, read.increment_ms), (300_000, 2_000));
        for length in 1..bytes.len() {
            assert_eq!(open_challenge(&bytes[..length]), None, "{length}");
        }
        bytes.push(0);
        assert_eq!(open_challenge(&bytes), None);
        assert_eq!(open_challenge(&[0]), Some(None));
    }

    #[test]
    fn events_are_read_by_their_topics() {
        let mut started = 3u32.to_le_bytes().to_vec();
        started.extend(A);
        started.extend(B);
        assert_eq!(
            event(0, &started),
            Some((3, Told::Started { white: A, black: B }))
        );
        assert_eq!(
            event(1, &[3, 0, 0, 0, 0x1c, 0x03, 0]),
            Some((3, Told::Moved(0x31c)))
        );
        for flag in [[2, 2], [3, 2], [4, 7]] {
            let data = [&[3, 0, 0, 0, 0x1c, 0x03], &flag[..]].concat();
            assert_eq!(event(1, &data), Some((3, Told::Ended)));
        }
        assert_eq!(
            event(1, &[3, 0, 0, 0, 0x1c, 0x03, 2, 0]),
            Some((3, Told::Moved(0x31c)))
        );
        assert_eq!(event(2, &[3, 0, 0, 0, 2, 1]), Some((3, Told::Ended)));
        assert_eq!(event(9, &[3, 0, 0, 0]), None);
        assert_eq!(event(1, &[3, 0, 0, 0, 1]), None);
        assert_eq!(revert(&[0, 1, b'n', b'o']), "no");
    }
}
