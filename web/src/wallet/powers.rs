//! What another device may be allowed to do in a person's words. None of it touches money or keys: the chain keeps its own entries from every session's key.

use crate::play::abi::{self, entry};

/// Entries that are given together.
#[derive(Debug, PartialEq, Eq)]
pub struct Power {
    pub name: &'static str,
    pub title: &'static str,
    pub what: &'static str,
    pub entries: &'static [u8],
    /// Whether it is proposed.
    pub is_usual: bool,
}

pub const POWERS: [Power; 3] = [
    Power {
        name: "play",
        title: "Play games that are going on",
        what: "make moves, offer, claim and accept draws, claim a win on time",
        entries: &[
            entry::PLAY,
            entry::OFFER_DRAW,
            entry::CLAIM_WITH,
            entry::CLAIM_DRAW,
            entry::ACCEPT_DRAW,
            entry::CLAIM_TIME,
        ],
        is_usual: true,
    },
    Power {
        name: "resign",
        title: "Resign them",
        what: "give a game up",
        entries: &[entry::RESIGN],
        is_usual: false,
    },
    Power {
        name: "begin",
        title: "Begin games",
        what: "offer games, join them, take offers back",
        entries: &[entry::CHALLENGE, entry::JOIN, entry::WITHDRAW],
        is_usual: false,
    },
];

/// What entries come to: whole powers by their titles, what is left one by one.
#[must_use]
pub fn words(entries: &[u8]) -> String {
    let (mut left, mut words) = (entries.to_vec(), Vec::new());
    for power in &POWERS {
        if power.entries.iter().all(|entry| entries.contains(entry)) {
            words.push(power.title.to_lowercase());
            left.retain(|entry| !power.entries.contains(entry));
        }
    }
    words.extend(left.into_iter().map(abi::title));
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_in_one_power() {
        let mut all: Vec<u8> = POWERS.iter().flat_map(|power| power.entries).copied().collect();
        all.sort_unstable();
        assert_eq!(all, (0..=9).collect::<Vec<u8>>());
    }

    #[test]
    fn entries_are_told_in_words() {
        assert_eq!(
            words(&[1, 3, 4, 5, 6, 7, 8]),
            "play games that are going on; resign them"
        );
        assert_eq!(words(&[1, 7, 60]), "resign them; move; call entry 60");
        assert_eq!(words(&[]), "nothing");
    }
}
