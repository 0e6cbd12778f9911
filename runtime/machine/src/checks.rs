//! The checks C1 to C9, in their order: the first that fails is the outcome `invalid` with its reason.

use crate::accounts;
use crate::error::Fault;
use crate::prepared::Prepared;
use crate::world::World;
use playfair_types::Decode;
use playfair_types::account::{AccountId, AccountRecord, KeyRecord, L1Address, Role};
use playfair_types::bounded::U48;
use playfair_types::limits::{CALL_GAS_MAX, GasSchedule};
use playfair_types::receipt::Invalid;
use playfair_types::rules::FeeMode;
use playfair_types::state::params::ParamsRecord;
use playfair_types::tape::call::{L1Call, SignedCall};
use std::collections::HashMap;

/// The fields that both kinds of call have.
pub(crate) struct Request<'a> {
    pub(crate) account: AccountId,
    pub(crate) key_index: u8,
    pub(crate) lane: u8,
    pub(crate) valid_until_ms: U48,
    pub(crate) gas_limit: u32,
    pub(crate) gas_price: u64,
    pub(crate) entry: u8,
    pub(crate) payload: &'a [u8],
    pub(crate) forced: bool,
    /// Frames of the record.
    pub(crate) frames: u32,
    pub(crate) by: By<'a>,
}

/// Who says that the call is theirs.
pub(crate) enum By<'a> {
    /// A key, by signature.
    Key {
        prepared: &'a Prepared,
        nonce: U48,
        new: bool,
    },
    /// An address on L1, by L1.
    L1(L1Address),
}

/// A call that passed: what C10 does with it.
pub(crate) struct Authorised {
    /// The caller's account as it stands; the default for one without a record.
    pub(crate) record: AccountRecord,
    /// The key to store at index 0 of an account that this call creates.
    pub(crate) creates: Option<KeyRecord>,
    /// The index of the key that authorised the call.
    pub(crate) own_index: u8,
    /// Whose balance pays, at the request's gas price.
    pub(crate) payer: Option<AccountId>,
}

/// What the checks are judged by.
pub(crate) struct Rules<'a> {
    pub(crate) params: &'a ParamsRecord,
    pub(crate) schedule: &'static GasSchedule,
    pub(crate) time_ms: U48,
}

impl<'a> Request<'a> {
    pub(crate) fn signed(prepared: &'a Prepared, signed: &'a SignedCall, frames: u32) -> Self {
        let call = &signed.call;
        Self {
            account: call.account,
            key_index: call.key_index,
            lane: call.lane,
            valid_until_ms: call.valid_until_ms,
            gas_limit: call.gas_limit,
            gas_price: call.gas_price,
            entry: call.entry,
            payload: &call.payload,
            forced: signed.forced,
            frames,
            by: By::Key {
                prepared,
                nonce: call.nonce,
                new: call.new_key.is_some(),
            },
        }
    }

    pub(crate) fn l1(call: &'a L1Call, frames: u32) -> Self {
        Self {
            account: call.account,
            key_index: call.key_index,
            lane: 0,
            valid_until_ms: call.valid_until_ms,
            gas_limit: call.gas_limit,
            gas_price: 0,
            entry: call.entry,
            payload: &call.payload,
            forced: true,
            frames,
            by: By::L1(call.sender),
        }
    }

    /// Runs the checks.
    pub(crate) fn check(
        &self,
        rules: &Rules<'_>,
        world: &mut World,
        keys: &mut KeyCache,
    ) -> Result<Result<Authorised, Invalid>, Fault> {
        // C1. What the bytes alone decide; the rest of it was decided when the record was read.
        if let By::Key { prepared, .. } = &self.by
            && !prepared.is_encoded()
        {
            return Ok(Err(Invalid::Encoding));
        }
        // C2 and the two kinds of call that create an account.
        let record = accounts::account(world, self.account)?;
        let created = record.is_some_and(|record| record.created);
        let creates = match &self.by {
            By::Key {
                prepared, new: true, ..
            } => {
                let key = prepared
                    .new_key()
                    .filter(|key| AccountId::from_key(key) == self.account);
                let Some(key) = key else {
                    return Ok(Err(Invalid::Account));
                };
                if created {
                    return Ok(Err(Invalid::AccountExists));
                }
                Some(KeyRecord::owner(key))
            }
            By::L1(sender) if !created && AccountId::from_l1(*sender) == self.account => Some(KeyRecord {
                role: Role::L1Owner(*sender),
                expires_ms: U48::MAX,
            }),
            _ if !created => return Ok(Err(Invalid::Account)),
            _ => None,
        };
        // C3.
        let key = match creates {
            Some(key) => Some(key),
            None => keys.get(world, self.account, self.key_index)?,
        };
        let Some(key) = key else {
            return Ok(Err(Invalid::Key));
        };
        // C3's kind of key, and C4.
        match (&self.by, &key.role) {
            (By::Key { prepared, .. }, Role::Owner(key) | Role::Session(key, _)) => {
                if !prepared.is_signed_by(key) {
                    return Ok(Err(Invalid::Signature));
                }
            }
            (By::L1(sender), Role::L1Owner(address)) => {
                if sender != address {
                    return Ok(Err(Invalid::Signature));
                }
            }
            (By::Key { .. }, Role::L1Owner(_)) | (By::L1(_), Role::Owner(_) | Role::Session(..)) => {
                return Ok(Err(Invalid::Key));
            }
        }
        let record = record.unwrap_or_default();
        let checked = self.check_terms(rules, &key, &record);
        let payer = match checked {
            Ok(payer) => payer,
            Err(invalid) => return Ok(Err(invalid)),
        };
        // C9.
        if let Some(payer) = payer {
            let most = u128::from(self.gas_limit) * u128::from(self.gas_price);
            if accounts::balance(world, payer)? < most {
                return Ok(Err(Invalid::Funds));
            }
        }
        Ok(Ok(Authorised {
            record,
            own_index: if creates.is_some() { 0 } else { self.key_index },
            creates,
            payer,
        }))
    }

    /// C5 to C8; who pays.
    fn check_terms(
        &self,
        rules: &Rules<'_>,
        key: &KeyRecord,
        record: &AccountRecord,
    ) -> Result<Option<AccountId>, Invalid> {
        let params = rules.params;
        let pays_itself = params.fee_mode == FeeMode::Paid && !self.forced;
        let offered = pays_itself.then_some(self.gas_price);
        if !key.allows(self.entry, self.lane, offered, rules.time_ms) {
            return Err(Invalid::Scope);
        }
        if rules.time_ms > self.valid_until_ms {
            return Err(Invalid::Expired);
        }
        if let By::Key { nonce, .. } = self.by {
            let next = record.next_nonces.get(usize::from(self.lane));
            if next != Some(&nonce) || nonce == U48::MAX {
                return Err(Invalid::Nonce);
            }
        }
        let base = rules.schedule.record_base(self.frames);
        if !(base..=CALL_GAS_MAX).contains(&self.gas_limit) {
            return Err(Invalid::GasLimit);
        }
        let least = params.gas_price_min;
        let fits = match params.fee_mode {
            _ if self.forced => true,
            FeeMode::Free => self.gas_price == 0,
            FeeMode::Paid => self.gas_price >= least,
            FeeMode::Sponsored(_) => self.gas_price == least,
        };
        if !fits {
            return Err(Invalid::GasPrice);
        }
        Ok(match params.fee_mode {
            _ if self.forced => None,
            FeeMode::Free => None,
            FeeMode::Paid => Some(self.account),
            FeeMode::Sponsored(sponsor) => Some(sponsor),
        })
    }
}

/// Decoded key records. Decoding one checks that its point is in the subgroup, which costs more than all the rest of a
/// lookup; a session's key is used for every move of a game.
#[derive(Default)]
pub(crate) struct KeyCache(HashMap<(AccountId, u8), (Vec<u8>, KeyRecord)>);

/// Entries before the cache starts anew: some 10 MB.
const KEYS_MAX: usize = 32_768;

impl KeyCache {
    /// The key record that the world holds at this index.
    pub(crate) fn get(
        &mut self,
        world: &mut World,
        id: AccountId,
        index: u8,
    ) -> Result<Option<KeyRecord>, Fault> {
        let Some(bytes) = accounts::key_bytes(world, id, index)? else {
            return Ok(None);
        };
        // The stored bytes decide: a record that was replaced or rolled back is never taken from the cache.
        if let Some((known, record)) = self.0.get(&(id, index))
            && *known == bytes
        {
            return Ok(Some(*record));
        }
        let record = KeyRecord::decode(&bytes).map_err(|_| Fault::Damaged("key record"))?;
        if self.0.len() >= KEYS_MAX {
            self.0.clear();
        }
        self.0.insert((id, index), (bytes, record));
        Ok(Some(record))
    }
}
