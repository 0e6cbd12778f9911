//! System entries: what an owner asks of the chain itself instead of the module, by calling an entry >= 240.
//!
//! ```text
//! 240 set key           index u8 | role u8 | scope u64 | gas price max u64 | expires u48 (ms) | key 32
//! 241 revoke key        index u8
//! 242 transfer          to 20 | amount u128
//! 243 withdraw          L1 address 20 | amount u128
//! 244 announce upgrade  module 31 | activation height u64 | gas schedule u16 | tick gas u32
//! ```
//!
//! The key is a packed Baby Jubjub point for the roles owner (1) and session (2), and twelve zero bytes and an L1
//! address for the role L1 owner (3). Any other entry from 240 on, or a payload that does not decode, reverts.

use super::genesis::{check_gas_schedule, check_tick_gas};
use crate::account::{AccountId, KeyRecord, L1Address, Role};
use crate::bounded::U48;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::babyjubjub::PublicKey;
use crate::module::ModuleHash;
use crate::state::params::UpgradeAnnouncement;
use alloc::vec::Vec;

/// A decoded system entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    AnnounceUpgrade(UpgradeAnnouncement),
}

const ROLE_OWNER: u8 = 1;
const ROLE_SESSION: u8 = 2;
const ROLE_L1_OWNER: u8 = 3;

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
                let (role, scope, price) = match key.role {
                    Role::Owner(_) => (ROLE_OWNER, 0, 0),
                    Role::Session {
                        scope, gas_price_max, ..
                    } => (ROLE_SESSION, scope, gas_price_max),
                    Role::L1Owner(_) => (ROLE_L1_OWNER, 0, 0),
                };
                w.u8(*index).u8(role).u64(scope).u64(price).u48(key.expires_ms);
                match key.role {
                    Role::Owner(key) | Role::Session { key, .. } => w.bytes(&key.to_bytes()),
                    Role::L1Owner(address) => w.zeros(12).bytes(&address.0),
                }
            }
            Self::RevokeKey { index } => w.u8(*index),
            Self::Transfer { to, amount } => w.bytes(&to.0).u128(*amount),
            Self::Withdraw { to, amount } => w.bytes(&to.0).u128(*amount),
            Self::AnnounceUpgrade(new) => w
                .bytes(&new.module.0)
                .u64(new.height)
                .u16(new.gas_schedule)
                .u32(new.tick_gas),
        };
    }
}

impl Decode for SystemEntry {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.u8("system entry")? {
            240 => {
                let index = reader.u8("key index")?;
                let (role, scope) = (reader.u8("key role")?, reader.u64("key scope")?);
                let gas_price_max = reader.u64("key gas price")?;
                let expires_ms = U48::read(reader, "key expiry")?;
                if role != ROLE_SESSION && (scope != 0 || gas_price_max != 0) {
                    return Err(DecodeError::NonZeroPadding("key scope"));
                }
                let role = match role {
                    ROLE_OWNER => Role::Owner(read_key(reader)?),
                    ROLE_SESSION => Role::Session {
                        key: read_key(reader)?,
                        scope,
                        gas_price_max,
                    },
                    ROLE_L1_OWNER => {
                        reader.zeros("L1 address", 12)?;
                        Role::L1Owner(L1Address(reader.array("L1 address")?))
                    }
                    found => {
                        return Err(DecodeError::Unknown {
                            what: "key role",
                            found: u64::from(found),
                        });
                    }
                };
                Self::SetKey {
                    index,
                    key: KeyRecord { role, expires_ms },
                }
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
            244 => Self::AnnounceUpgrade(UpgradeAnnouncement {
                module: ModuleHash(reader.array("module")?),
                height: reader.u64("activation height")?,
                gas_schedule: check_gas_schedule(reader.u16("gas schedule")?)?,
                tick_gas: check_tick_gas(reader.u32("tick gas")?)?,
            }),
            found => {
                return Err(DecodeError::Unknown {
                    what: "system entry",
                    found: u64::from(found),
                });
            }
        })
    }
}

fn read_key(reader: &mut Reader<'_>) -> Result<PublicKey, DecodeError> {
    PublicKey::from_bytes(&reader.array("key")?).map_err(|_| DecodeError::NonCanonical("key"))
}
