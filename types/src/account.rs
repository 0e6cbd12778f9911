//! Accounts and their keys: ids, and the fixed-size system records that hold them in the state.
//!
//! An account id is not a key: it is derived from the account's *first* key (or from an L1 address), is known before
//! the account exists, and stays when keys change. Records are twelve 64-bit words, little-endian as guest memory is,
//! 96 bytes, so that one Poseidon permutation hashes a whole record.

use crate::bounded::U48;
use crate::codec::{Decode, DecodeError, Encode, Reader};
use crate::crypto::babyjubjub::PublicKey;
use crate::crypto::field::{Fr, low248};
use crate::hash::{Tag, hash};
use crate::limits::{NONCE_LANES, SESSION_ENTRIES};
use crate::words::{field_of, field_words, push_words, read_words, words_to_be};
use alloc::vec::Vec;
use ark_ff::PrimeField;

/// An Ethereum address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct L1Address(pub [u8; 20]);

impl L1Address {
    /// The address as the EVM holds it: twelve zero bytes, then the address.
    #[must_use]
    pub fn to_word(self) -> [u8; 32] {
        let mut word = [0u8; 32];
        let [_, _, _, _, _, _, _, _, _, _, _, _, low @ ..] = &mut word;
        *low = self.0;
        word
    }

    /// The address in an EVM word, `None` when the upper twelve bytes are not zero.
    #[must_use]
    pub fn from_word(word: &[u8; 32]) -> Option<Self> {
        let (zeros, low) = word.split_first_chunk::<12>()?;
        (*zeros == [0; 12]).then_some(Self(low.try_into().ok()?))
    }

    /// The address as a field element.
    #[must_use]
    pub fn to_field(self) -> Fr {
        Fr::from_be_bytes_mod_order(&self.0)
    }
}

/// A 160-bit account id: the low 160 bits of a tagged hash of the first key, or of an L1 address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub [u8; 20]);

impl AccountId {
    /// Nobody.
    pub const NONE: Self = Self([0; 20]);

    /// The module's own account. Hashes never come out this small, so no key can claim it.
    pub const MODULE: Self = Self([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

    /// The account that `key` creates with its first call.
    #[must_use]
    pub fn from_key(key: &PublicKey) -> Self {
        Self::low160(hash(Tag::Account, &[key.x(), key.y()]))
    }

    /// The account that an L1 address owns without any key.
    #[must_use]
    pub fn from_l1(address: L1Address) -> Self {
        Self::low160(hash(Tag::AccountL1, &[address.to_field()]))
    }

    /// The id as a field element.
    #[must_use]
    pub fn to_field(self) -> Fr {
        Fr::from_be_bytes_mod_order(&self.0)
    }

    fn low160(digest: Fr) -> Self {
        let [_, _, _, _, _, _, _, _, _, _, _, low @ ..] = low248(&digest);
        Self(low)
    }
}

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, including changing keys and moving the account's balance.
    Owner(PublicKey),
    /// The module's entry points below 64 whose bit is set in `scope`; never system entries, and no more of the balance
    /// than fees.
    Session {
        /// The key.
        key: PublicKey,
        /// Bit `e` allows entry `e`.
        scope: u64,
        /// The highest gas price that the key may offer.
        gas_price_max: u64,
    },
    /// As an owner, authenticated by L1 (`msg.sender` of an inbox entry) instead of a signature.
    L1Owner(L1Address),
}

/// A key of an account, stored under [`crate::state::SystemKey::Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key and what it may do.
    pub role: Role,
    /// The last block time, ms, at which the key is valid.
    pub expires_ms: U48,
}

impl KeyRecord {
    /// Whether the key may call `entry` at `time`, offering `gas_price`.
    #[must_use]
    pub fn allows(&self, entry: u8, gas_price: u64, time_ms: U48) -> bool {
        let in_scope = match self.role {
            Role::Owner(_) | Role::L1Owner(_) => true,
            Role::Session {
                scope, gas_price_max, ..
            } => entry < SESSION_ENTRIES && (scope >> entry) & 1 == 1 && gas_price <= gas_price_max,
        };
        in_scope && time_ms <= self.expires_ms
    }
}

/// An account, stored under [`crate::state::SystemKey::Account`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountRecord {
    /// Balance in the smallest unit of the chain's native asset.
    pub balance: u128,
    /// The next nonce of each lane.
    pub next_nonces: [U48; NONCE_LANES],
    /// Whether the account has been created by its first key. A deposit makes a record without this flag; the flag
    /// never goes away, so a key that was replaced cannot create its account a second time.
    pub created: bool,
}

const VERSION: u64 = 1;
const CREATED: u64 = 1 << 8;
const ROLE_OWNER: u64 = 1;
const ROLE_SESSION: u64 = 2;
const ROLE_L1_OWNER: u64 = 3;

impl Encode for AccountRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let [n0, n1, n2, n3, n4, n5, n6, n7] = self.next_nonces.map(U48::get);
        let (low, high) = (self.balance as u64, (self.balance >> 64) as u64);
        let flags = VERSION | if self.created { CREATED } else { 0 };
        push_words(out, &[low, high, n0, n1, n2, n3, n4, n5, n6, n7, flags, 0]);
    }
}

impl Decode for AccountRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [low, high, n0, n1, n2, n3, n4, n5, n6, n7, flags, zero] = read_words(reader, "account record")?;
        let mut next_nonces = [U48::default(); NONCE_LANES];
        for (slot, nonce) in next_nonces.iter_mut().zip([n0, n1, n2, n3, n4, n5, n6, n7]) {
            *slot = U48::new(nonce).ok_or(DecodeError::NonCanonical("account nonce"))?;
        }
        if flags & !CREATED != VERSION {
            return Err(DecodeError::Unknown {
                what: "account version and flags",
                found: flags,
            });
        }
        if zero != 0 {
            return Err(DecodeError::NonZeroPadding("account record"));
        }
        let balance = u128::from(high) << 64 | u128::from(low);
        Ok(Self {
            balance,
            next_nonces,
            created: flags & CREATED != 0,
        })
    }
}

impl Encode for KeyRecord {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let expires = self.expires_ms.get();
        let of_key = |key: PublicKey| (field_words(&key.x()), field_words(&key.y()));
        let (([x0, x1, x2, x3], [y0, y1, y2, y3]), scope, price, role) = match self.role {
            Role::Owner(key) => (of_key(key), 0, 0, ROLE_OWNER),
            Role::Session {
                key,
                scope,
                gas_price_max,
            } => (of_key(key), scope, gas_price_max, ROLE_SESSION),
            Role::L1Owner(address) => ((field_words(&address.to_field()), [0; 4]), 0, 0, ROLE_L1_OWNER),
        };
        push_words(
            out,
            &[
                x0,
                x1,
                x2,
                x3,
                y0,
                y1,
                y2,
                y3,
                scope,
                expires,
                VERSION | role << 8,
                price,
            ],
        );
    }
}

impl Decode for KeyRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [
            x0,
            x1,
            x2,
            x3,
            y0,
            y1,
            y2,
            y3,
            scope,
            expires,
            flags,
            gas_price_max,
        ] = read_words(reader, "key record")?;
        if flags & 0xff != VERSION {
            return Err(DecodeError::Unknown {
                what: "key record version",
                found: flags & 0xff,
            });
        }
        let expires_ms = U48::new(expires).ok_or(DecodeError::NonCanonical("key expiry"))?;
        let (x, y) = ([x0, x1, x2, x3], [y0, y1, y2, y3]);
        let key = || {
            PublicKey::from_xy(field_of(x, "key x")?, field_of(y, "key y")?)
                .map_err(|_| DecodeError::NonCanonical("key point"))
        };
        let plain = scope == 0 && gas_price_max == 0;
        let role = match flags >> 8 {
            ROLE_OWNER if plain => Role::Owner(key()?),
            ROLE_SESSION => Role::Session {
                key: key()?,
                scope,
                gas_price_max,
            },
            ROLE_L1_OWNER if plain => {
                let address = L1Address::from_word(&words_to_be(x)).filter(|_| y == [0; 4]);
                Role::L1Owner(address.ok_or(DecodeError::NonCanonical("key L1 address"))?)
            }
            ROLE_OWNER | ROLE_L1_OWNER => return Err(DecodeError::NonZeroPadding("key scope and gas price")),
            found => {
                return Err(DecodeError::Unknown {
                    what: "key role",
                    found,
                });
            }
        };
        Ok(Self { role, expires_ms })
    }
}
