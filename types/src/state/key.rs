//! State keys: 248 bits of a tagged hash, so that a module's keys and the system's can never meet.

use crate::account::AccountId;
use crate::bounded::Bytes;
use crate::crypto::field::{Fr, limb31_from_bytes, low248};
use crate::hash::{Tag, hash, hash_bytes24};
use crate::limits::KEY_BYTES_MAX;

/// Where a value lies in the state: 248 bits, most significant first from the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey(pub [u8; 31]);

/// The records that the chain itself keeps in the state. Modules cannot name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SystemKey {
    /// An account, [`crate::account::AccountRecord`].
    Account(AccountId),
    /// A key of an account, [`crate::account::KeyRecord`].
    Key(AccountId, u8),
    /// The parameters that calls need, [`super::params::ParamsRecord`].
    Params,
    /// The announced module, if any, [`crate::rules::Upgrade`].
    Upgrade,
}

impl StateKey {
    /// The place of a module's own key: low 248 bits of `hash(Key; 24-byte limbs)` with the length in bytes.
    #[must_use]
    pub fn of_user(key: &Bytes<KEY_BYTES_MAX>) -> Self {
        Self(low248(&hash_bytes24(Tag::Key, key)))
    }

    /// The place of a system record: low 248 bits of `hash(System; kind, id, index)`.
    #[must_use]
    pub fn of_system(key: SystemKey) -> Self {
        let (kind, id, index) = match key {
            SystemKey::Account(id) => (1u64, id, 0),
            SystemKey::Key(id, index) => (2, id, index),
            SystemKey::Params => (3, AccountId::NONE, 0),
            SystemKey::Upgrade => (4, AccountId::NONE, 0),
        };
        Self(low248(&hash(
            Tag::System,
            &[Fr::from(kind), id.to_field(), Fr::from(index)],
        )))
    }

    /// The key as a field element below 2^248.
    #[must_use]
    pub fn to_field(self) -> Fr {
        limb31_from_bytes(&self.0)
    }

    /// Bit `level` from the root: `true` is right. False past the end.
    #[must_use]
    pub fn bit(&self, level: usize) -> bool {
        self.0
            .get(level / 8)
            .is_some_and(|byte| (byte >> (7 - level % 8)) & 1 == 1)
    }

    /// How many leading bits two keys share.
    #[must_use]
    pub fn common_bits(&self, other: &Self) -> usize {
        let mut bits = 0;
        for (a, b) in self.0.iter().zip(other.0) {
            let same = (a ^ b).leading_zeros() as usize;
            bits += same;
            if same < 8 {
                break;
            }
        }
        bits
    }
}
