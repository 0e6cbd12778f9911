//! The accounts of a development chain: the same on every machine, so that scripts and guides can name them.

use crate::client::keys::Keys;
use crate::table::hex;
use anyhow::Result;
use playfair_types::account::AccountId;
use playfair_types::crypto::eddsa::SecretKey;

/// Who may upgrade the chain.
pub(super) const OPERATOR: &str = "operator";
/// All of them.
const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", OPERATOR];
/// What each has from the start, smallest units.
pub(super) const BALANCE: &str = "1000000000000";

/// A key's seed: what it is for, and zeros. No secret, and so that nobody takes it for one.
fn seed(name: &str) -> [u8; 32] {
    let mut seed = [0; 32];
    let text = format!("playfair dev account {name}");
    for (to, from) in seed.iter_mut().zip(text.bytes()) {
        *to = from;
    }
    seed
}

fn account(name: &str) -> AccountId {
    AccountId::from_key(SecretKey::from_seed(&seed(name)).public_key())
}

/// Names and accounts, in hexadecimal digits.
pub(super) fn all() -> impl Iterator<Item = (&'static str, String)> {
    NAMES.into_iter().map(|name| (name, hex(&account(name).0)))
}

/// Who may upgrade the chain.
pub(super) fn operator() -> String {
    hex(&account(OPERATOR).0)
}

/// Writes the keys that are not there yet.
pub(super) fn write(keys: &Keys) -> Result<()> {
    for name in NAMES {
        if keys.load(name).is_err() {
            keys.write(name, &seed(name))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_the_same_everywhere_and_no_two_are() {
        let temp = tempfile::tempdir().unwrap();
        let keys = Keys::at(temp.path().join("keys"));
        write(&keys).unwrap();
        write(&keys).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for (name, account) in all() {
            assert_eq!(hex(&keys.load(name).unwrap().account().0), account);
            assert!(seen.insert(account));
            assert_ne!(seed(name)[31 - 3], b'x');
        }
        assert_eq!(seen.len(), NAMES.len());
    }
}
