//! What a backup holds, before it is encrypted.
//!
//! ```text
//! "PFWB" | version u8 = 1 | count u16 | count times: chain id 32 | name's length u8 | name, UTF-8 | created u48 (ms) | seed 32
//! ```
//!
//! Entries ascend by chain id and name, each pair once, so that one set of keys has one encoding. A chain id is a field element; a name has
//! 1 to 32 characters, none of them a control character ([`is_kept`]; what a new key may be called is a narrower rule of [`crate::names`]).

use crate::names::{NAME_CHARS_MAX, is_kept};
use playfair_types::bounded::U48;
use playfair_types::codec::{Decode, DecodeError, Encode, Reader};
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use std::fmt;
use zeroize::Zeroize;

/// Most keys of one backup.
pub const KEYS_MAX: usize = 1024;
const MAGIC: [u8; 4] = *b"PFWB";
const VERSION: u8 = 1;

/// Keys with all that is needed to have them again.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Backup {
    entries: Vec<Entry>,
}

/// One key.
#[derive(PartialEq, Eq)]
pub struct Entry {
    /// The chain that it is for.
    pub chain: [u8; 32],
    /// What its owner calls it.
    pub name: String,
    /// When it was made, ms since 1970.
    pub created_ms: U48,
    /// The secret. In a box, so that moving the entry leaves none behind.
    pub seed: Box<[u8; 32]>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.seed.as_mut().zeroize();
    }
}

impl fmt::Debug for Entry {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Backup {
    /// The keys, in their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds a key in its place.
    ///
    /// # Errors
    /// When its name or chain is none, there is one of that name, or there are too many.
    pub fn add(&mut self, entry: Entry) -> Result<(), DecodeError> {
        is_entry(&entry)?;
        if self.entries.len() >= KEYS_MAX {
            return Err(DecodeError::NonCanonical("number of keys"));
        }
        let place = self
            .entries
            .binary_search_by(|other| order(other).cmp(&order(&entry)));
        match place {
            Ok(_) => Err(DecodeError::NonCanonical("keys of one name")),
            Err(place) => {
                self.entries.insert(place, entry);
                Ok(())
            }
        }
    }
}

fn order(entry: &Entry) -> (&[u8; 32], &[u8]) {
    (&entry.chain, entry.name.as_bytes())
}

fn is_entry(entry: &Entry) -> Result<(), DecodeError> {
    if fr_from_bytes(&entry.chain).is_none() {
        return Err(DecodeError::NonCanonical("chain id"));
    }
    match is_kept(&entry.name) {
        true => Ok(()),
        false => Err(DecodeError::NonCanonical("name")),
    }
}

impl Encode for Backup {
    fn encode_to(&self, out: &mut Vec<u8>) {
        // Nothing is moved while it is written, which would leave copies of secrets behind.
        out.reserve(7 + self.entries.len() * (32 + 1 + 4 * NAME_CHARS_MAX + 6 + 32));
        out.extend(MAGIC);
        out.push(VERSION);
        let count = u16::try_from(self.entries.len()).unwrap_or(u16::MAX);
        out.extend(count.to_be_bytes());
        for entry in &self.entries {
            out.extend(entry.chain);
            out.push(u8::try_from(entry.name.len()).unwrap_or(u8::MAX));
            out.extend(entry.name.as_bytes());
            let [_, _, created @ ..] = entry.created_ms.get().to_be_bytes();
            out.extend(created);
            out.extend_from_slice(entry.seed.as_slice());
        }
    }
}

fn created(ms: u64) -> Result<U48, DecodeError> {
    U48::new(ms).ok_or(DecodeError::NonCanonical("created"))
}

impl Decode for Backup {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_magic(MAGIC)?;
        reader.expect_u8("backup version", VERSION)?;
        let count = usize::from(reader.u16("number of keys")?);
        if count > KEYS_MAX {
            return Err(DecodeError::NonCanonical("number of keys"));
        }
        let mut backup = Self::default();
        for _ in 0..count {
            let chain = fr_to_bytes(&reader.field("chain id")?);
            let length = usize::from(reader.u8("name")?);
            let name = std::str::from_utf8(reader.bytes("name", length)?);
            let entry = Entry {
                chain,
                name: name.map_err(|_| DecodeError::NonCanonical("name"))?.to_owned(),
                created_ms: created(reader.u48("created")?)?,
                seed: Box::new(reader.array("seed")?),
            };
            if backup
                .entries
                .last()
                .is_some_and(|last| order(last) >= order(&entry))
            {
                return Err(DecodeError::NonCanonical("order of keys"));
            }
            backup.add(entry)?;
        }
        Ok(backup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(chain: u8, name: &str) -> Entry {
        let mut id = [0; 32];
        id[31] = chain;
        Entry {
            chain: id,
            name: name.to_owned(),
            created_ms: U48::new(7).unwrap(),
            seed: Box::new([chain; 32]),
        }
    }

    fn of(entries: Vec<Entry>) -> Backup {
        let mut backup = Backup::default();
        for entry in entries {
            backup.add(entry).unwrap();
        }
        backup
    }

    #[test]
    fn one_set_of_keys_has_one_encoding() {
        let one = of(vec![entry(1, "anna"), entry(2, "bert"), entry(1, "\u{1f984}")]);
        let other = of(vec![entry(1, "\u{1f984}"), entry(2, "bert"), entry(1, "anna")]);
        let bytes = one.encode();
        assert_eq!(bytes, other.encode());
        assert_eq!(Backup::decode(&bytes), Ok(one));
        assert_eq!(Backup::decode(&Backup::default().encode()), Ok(Backup::default()));
        for length in 0..bytes.len() {
            assert!(Backup::decode(&bytes[..length]).is_err(), "{length}");
        }
        let more = [bytes.as_slice(), &[0]].concat();
        assert!(Backup::decode(&more).is_err());
    }

    #[test]
    fn what_is_out_of_order_or_no_name_is_refused() {
        let mut backup = of(vec![entry(1, "anna")]);
        assert!(backup.add(entry(1, "anna")).is_err());
        for name in ["", &"x".repeat(33), "a\nb"] {
            assert!(backup.add(entry(1, name)).is_err(), "{name:?}");
        }
        assert!(backup.add(entry(1, &"\u{1f984}".repeat(32))).is_ok());
        let mut no_chain = entry(1, "bert");
        no_chain.chain = [0xff; 32];
        assert!(backup.add(no_chain).is_err());
        let two = of(vec![entry(1, "anna"), entry(1, "bert")]).encode();
        let (head, entries) = two.split_at(7);
        let (first, second) = entries.split_at(entries.len() / 2);
        assert!(Backup::decode(&[head, second, first].concat()).is_err());
        assert!(Backup::decode(&[head, first, first].concat()).is_err());
    }

    #[test]
    fn a_name_that_no_new_key_may_have_is_kept() {
        let old = of(vec![entry(1, "an\u{200b}na"), entry(1, "\u{202e}")]);
        assert_eq!(Backup::decode(&old.encode()), Ok(old));
    }

    #[test]
    fn as_many_keys_as_a_backup_holds_and_no_more() {
        let mut backup = Backup::default();
        for place in 0..KEYS_MAX {
            backup.add(entry(1, &format!("{place}"))).unwrap();
        }
        assert!(backup.add(entry(1, "one more")).is_err());
        let mut bytes = backup.encode();
        assert_eq!(Backup::decode(&bytes), Ok(backup));
        bytes[5..7].copy_from_slice(&1025_u16.to_be_bytes());
        assert!(Backup::decode(&bytes).is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        assert!(!format!("{:?}", of(vec![entry(77, "anna")])).contains("77"));
    }
}
