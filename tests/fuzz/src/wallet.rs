//! What a player's wallet reads: the keys of a backup.

use crate::random::Random;
use crate::samples;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_wallet::backup::{Backup, Entry};

const LETTERS: [char; 4] = ['a', 'z', '\u{e9}', '\u{1f984}'];

/// A few keys; names that are taken already are left out.
pub(crate) fn backup(random: &mut Random) -> Backup {
    let mut backup = Backup::default();
    let chains = [samples::field(random), samples::field(random)];
    for _ in 0..random.below(6) {
        let letters = 1 + random.below(6);
        let name = (0..letters)
            .map(|_| LETTERS[random.below(LETTERS.len() as u64) as usize])
            .collect();
        let entry = Entry {
            chain: fr_to_bytes(&chains[random.below(2) as usize]),
            name,
            created_ms: U48::new(random.next() >> 16).unwrap_or_default(),
            seed: Box::new(random.array()),
        };
        let _ = backup.add(entry);
    }
    backup
}
