//! System entries: what an owner asks of the chain itself instead of the module, by calling an entry >= 240.
//!
//! ```text
//! 240 set key           index u8 | role u8 | scope u64 | gas price max u64 | lanes u8 | expires u48 (ms) | key 32
//! 241 revoke key        index u8
//! 242 transfer          to 20 | amount u128
//! 243 withdraw          L1 address 20 | amount u128
//! 244 announce upgrade  time u48 | module 31 | VK set root 32 | gas schedule u16 | tick gas u32 | least gas price u64
//! 245 pay               entry u8 (< 240) | amount u128 | payload of the module's entry
//! ```
//!
//! The key is a packed Baby Jubjub point for the roles owner (1) and session (2), and twelve zero bytes and an L1
//! address for the role L1 owner (3). What a role does not use is zero; owners do not expire. Any other entry from 240 on, or a payload that does not decode, reverts.

use crate::account::{AccountId, KeyRecord, L1Address, Role, SessionLimits};
use crate::bounded::{Bytes, U48};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::babyjubjub::PublicKey;
use crate::limits::{PAYLOAD_BYTES_MAX, SYSTEM_ENTRY_MIN};
use crate::module::ModuleHash;
use crate::rules::{Upgrade, check_gas_schedule, check_tick_gas, check_vk_set_root};
use alloc::vec::Vec;

/// A decoded system entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemEntry {
    /// Adds or replaces a key.
    SetKey {
        /// Where.
        index: u8,
        /// The key.
        key: KeyRecord,
    },
    /// Removes a key; removing the key that signs the call reverts, so an account never loses its last owner.
    RevokeKey {
        /// Which.
        index: u8,
    },
    /// Moves balance to another account.
    Transfer {
        /// Receiver.
        to: AccountId,
        /// Smallest units.
        amount: u128,
    },
    /// Moves balance to L1, as an outbox message.
    Withdraw {
        /// Receiver on L1.
        to: L1Address,
        /// Smallest units.
        amount: u128,
    },
    /// Announces a module; the genesis' upgrade authority only.
    AnnounceUpgrade(Upgrade),
    /// Moves balance to the module's account and calls an entry of the module with that value, all or nothing.
    Pay {
        /// The module's entry, below [`SYSTEM_ENTRY_MIN`].
        entry: ModuleEntry,
        /// Smallest units.
        amount: u128,
        /// The entry's own payload.
        payload: Bytes<PAY_PAYLOAD_BYTES_MAX>,
    },
}

/// Longest payload behind a payment: what fits a call beside entry and amount.
pub const PAY_PAYLOAD_BYTES_MAX: usize = PAYLOAD_BYTES_MAX - 17;

/// The number of an entry that belongs to the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModuleEntry(u8);

impl ModuleEntry {
    /// `entry`, when it is the module's.
    #[must_use]
    pub const fn new(entry: u8) -> Option<Self> {
        if entry < SYSTEM_ENTRY_MIN {
            Some(Self(entry))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl SystemEntry {
    /// The entry number.
    #[must_use]
    pub const fn entry(&self) -> u8 {
        match self {
            Self::SetKey { .. } => 240,
            Self::RevokeKey { .. } => 241,
            Self::Transfer { .. } => 242,
            Self::Withdraw { .. } => 243,
            Self::AnnounceUpgrade(_) => 244,
            Self::Pay { .. } => 245,
        }
    }

    /// The payload of a call to this entry.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        let bytes = self.encode();
        bytes.get(1..).unwrap_or_default().to_vec()
    }

    /// Decodes the payload of a call to `entry`.
    ///
    /// # Errors
    /// [`DecodeError`] when the entry is not a system entry or the payload is not its canonical argument.
    pub fn from_call(entry: u8, payload: &[u8]) -> Result<Self, DecodeError> {
        let mut bytes = Vec::with_capacity(payload.len().saturating_add(1));
        bytes.push(entry);
        bytes.extend_from_slice(payload);
        Self::decode(&bytes)
    }
}

impl Encode for SystemEntry {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u8(self.entry());
        match self {
            Self::SetKey { index, key } => {
                let limits = key.role.limits();
                w.u8(*index)
                    .u8(key.role.code())
                    .u64(limits.scope)
                    .u64(limits.gas_price_max)
                    .u8(limits.lanes);
                w.u48(key.expires_ms);
                match key.role {
                    Role::Owner(key) | Role::Session(key, _) => w.bytes(&key.to_bytes()),
                    Role::L1Owner(address) => w.zeros(12).bytes(&address.0),
                }
            }
            Self::RevokeKey { index } => w.u8(*index),
            Self::Transfer { to, amount } => w.bytes(&to.0).u128(*amount),
            Self::Withdraw { to, amount } => w.bytes(&to.0).u128(*amount),
            Self::AnnounceUpgrade(new) => {
                w.u48(new.time_ms).bytes(&new.module.0).field(&new.vk_set_root);
                w.u16(new.gas_schedule).u32(new.tick_gas).u64(new.gas_price_min)
            }
            Self::Pay {
                entry,
                amount,
                payload,
            } => w.u8(entry.0).u128(*amount).bytes(payload),
        };
    }
}

impl Decode for SystemEntry {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.u8("system entry")? {
            240 => {
                let (index, role) = (reader.u8("key index")?, reader.u8("key role")?);
                let limits = SessionLimits {
                    scope: reader.u64("key scope")?,
                    gas_price_max: reader.u64("key gas price")?,
                    lanes: reader.u8("key lanes")?,
                };
                let expires_ms = U48::read(reader, "key expiry")?;
                let word = reader.array("key")?;
                let point = || PublicKey::from_bytes(&word).map_err(|_| DecodeError::NonCanonical("key"));
                let key =
                    KeyRecord::from_parts(role, limits, expires_ms, point, L1Address::from_word(&word))?;
                Self::SetKey { index, key }
            }
            241 => Self::RevokeKey {
                index: reader.u8("key index")?,
            },
            242 => Self::Transfer {
                to: AccountId(reader.array("receiver")?),
                amount: reader.u128("amount")?,
            },
            243 => Self::Withdraw {
                to: L1Address(reader.array("L1 receiver")?),
                amount: reader.u128("amount")?,
            },
            244 => Self::AnnounceUpgrade(Upgrade {
                time_ms: U48::read(reader, "activation time")?,
                module: ModuleHash(reader.array("module")?),
                vk_set_root: check_vk_set_root(reader.field("VK set root")?)?,
                gas_schedule: check_gas_schedule(reader.u16("gas schedule")?)?,
                tick_gas: check_tick_gas(reader.u32("tick gas")?)?,
                gas_price_min: reader.u64("least gas price")?,
            }),
            245 => {
                let entry = ModuleEntry::new(reader.u8("paid entry")?)
                    .ok_or(DecodeError::NonCanonical("paid entry"))?;
                let amount = reader.u128("amount")?;
                // The rest of the payload is the entry's.
                let rest = reader.bytes("paid payload", reader.remaining())?;
                check_limit("paid payload", rest.len(), PAY_PAYLOAD_BYTES_MAX)?;
                let payload = Bytes::new(rest).map_err(|_| DecodeError::NonCanonical("paid payload"))?;
                Self::Pay {
                    entry,
                    amount,
                    payload,
                }
            }
            found => {
                return Err(DecodeError::Unknown {
                    what: "system entry",
                    found: u64::from(found),
                });
            }
        })
    }
}
