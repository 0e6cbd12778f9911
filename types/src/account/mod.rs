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
use crate::words::{
    VERSION, expect_version, field_of, field_words, low20, push_words, read_words, words_to_be,
};
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
        low20(word).map(Self)
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
    /// The module's entry points within its limits; never system entries, and no more of the balance than fees.
    Session(PublicKey, SessionLimits),
    /// As an owner, authenticated by L1 (`msg.sender` of an inbox entry) instead of a signature.
    L1Owner(L1Address),
}

/// What a session key is bounded by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionLimits {
    /// Bit `e` allows entry `e` of the module, 0 to 63.
    pub scope: u64,
    /// The highest gas price that the key may offer in fee mode *paid*.
    pub gas_price_max: u64,
    /// Bit `n` allows nonce lane `n`; at least one. A lane that no session has is the owner's alone: nobody can play a
    /// nonce there before the owner's revocation.
    pub lanes: u8,
}

impl Role {
    /// The role's number in records and payloads.
    #[must_use]
    pub const fn code(&self) -> u8 {
        match self {
            Self::Owner(_) => 1,
            Self::Session(..) => 2,
            Self::L1Owner(_) => 3,
        }
    }

    /// A session's limits; all zero for owners.
    #[must_use]
    pub fn limits(&self) -> SessionLimits {
        match self {
            Self::Session(_, limits) => *limits,
            Self::Owner(_) | Self::L1Owner(_) => SessionLimits::default(),
        }
    }
}

/// A key of an account, stored under [`crate::state::SystemKey::Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// The key and what it may do.
    pub role: Role,
    /// The last block time, ms, at which the key is valid. [`U48::MAX`] for owners.
    pub expires_ms: U48,
}

impl KeyRecord {
    /// An owner's key.
    #[must_use]
    pub const fn owner(key: PublicKey) -> Self {
        Self {
            role: Role::Owner(key),
            expires_ms: U48::MAX,
        }
    }

    /// Whether the key may call `entry` on `lane` at `time`; `gas_price` is the price that callers pay, in
    /// fee mode *paid*.
    #[must_use]
    pub fn allows(&self, entry: u8, lane: u8, gas_price: Option<u64>, time_ms: U48) -> bool {
        let within = match self.role {
            Role::Owner(_) | Role::L1Owner(_) => true,
            Role::Session(_, limits) => {
                entry < SESSION_ENTRIES
                    && (limits.scope >> entry) & 1 == 1
                    && u32::from(limits.lanes)
                        .checked_shr(u32::from(lane))
                        .is_some_and(|lanes| lanes & 1 == 1)
                    && gas_price.is_none_or(|price| price <= limits.gas_price_max)
            }
        };
        within && time_ms <= self.expires_ms
    }

    /// A record from its parts, in the one form that each role has. `point` and `address` are the two readings of the
    /// key's bytes.
    pub(crate) fn from_parts(
        role: u8,
        limits: SessionLimits,
        expires_ms: U48,
        point: impl FnOnce() -> Result<PublicKey, DecodeError>,
        address: Option<L1Address>,
    ) -> Result<Self, DecodeError> {
        let role = match role {
            1 => Role::Owner(point()?),
            2 if limits.lanes != 0 => {
                return Ok(Self {
                    role: Role::Session(point()?, limits),
                    expires_ms,
                });
            }
            2 => return Err(DecodeError::NonCanonical("key lanes")),
            3 => {
                let address = address.filter(|address| *address != L1Address::default());
                Role::L1Owner(address.ok_or(DecodeError::NonCanonical("key L1 address"))?)
            }
            found => {
                return Err(DecodeError::Unknown {
                    what: "key role",
                    found: u64::from(found),
                });
            }
        };
        if limits != SessionLimits::default() {
            return Err(DecodeError::NonZeroPadding("limits of an owner's key"));
        }
        if expires_ms != U48::MAX {
            return Err(DecodeError::NonCanonical("expiry of an owner's key"));
        }
        Ok(Self { role, expires_ms })
    }
}

/// An account, stored under [`crate::state::SystemKey::Account`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountRecord {
    /// Balance in the smallest unit of the chain's native asset.
    pub balance: u128,
    /// The next nonce of each lane.
    pub next_nonces: [U48; NONCE_LANES],
    /// Whether the account has made its first own call. A credit makes a record without this flag; the flag never goes
    /// away, so a key that was replaced cannot create its account a second time.
    pub created: bool,
}

const CREATED: u64 = 1 << 8;

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
        expect_version("account version and flags", flags & !CREATED)?;
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
        let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = match self.role {
            Role::Owner(key) | Role::Session(key, _) => (field_words(&key.x()), field_words(&key.y())),
            Role::L1Owner(address) => (field_words(&address.to_field()), [0; 4]),
        };
        let SessionLimits {
            scope,
            gas_price_max,
            lanes,
        } = self.role.limits();
        let until = self.expires_ms.get() | u64::from(lanes) << 48;
        let head = VERSION | u64::from(self.role.code()) << 8;
        push_words(
            out,
            &[x0, x1, x2, x3, y0, y1, y2, y3, scope, until, head, gas_price_max],
        );
    }
}

impl Decode for KeyRecord {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let [x0, x1, x2, x3, y0, y1, y2, y3, scope, until, head, gas_price_max] =
            read_words(reader, "key record")?;
        expect_version("key record version", head & 0xff)?;
        let (x, y) = ([x0, x1, x2, x3], [y0, y1, y2, y3]);
        let point = || {
            PublicKey::from_xy(field_of(x, "key x")?, field_of(y, "key y")?)
                .map_err(|_| DecodeError::NonCanonical("key point"))
        };
        let address = L1Address::from_word(&words_to_be(x)).filter(|_| y == [0; 4]);
        let [above, lanes, time @ ..] = until.to_be_bytes();
        let role = u8::try_from(head >> 8)
            .ok()
            .filter(|_| above == 0)
            .ok_or(DecodeError::NonZeroPadding("key record"))?;
        let expires_ms = U48::read(&mut Reader::new(&time), "key expiry")?;
        Self::from_parts(
            role,
            SessionLimits {
                scope,
                gas_price_max,
                lanes,
            },
            expires_ms,
            point,
            address,
        )
    }
}

#[cfg(test)]
mod tests;
