//! Accounts and keys in the world: reading, writing, and the ways in which a balance moves (T5).
//!
//! An absent account has balance 0. A credit or debit of 0 writes nothing. Any other credit to an absent account makes
//! its record; a debit to 0 keeps it. Sums are conserved by [`transfer`]; [`credit`] alone saturates and is for what comes
//! from outside or was debited before: deposits, fees, refunds, genesis.

use crate::error::Fault;
use crate::world::World;
use playfair_types::account::{AccountId, AccountRecord, KeyRecord};
use playfair_types::state::SystemKey;
use playfair_types::{Decode, Encode};

/// The account's record, if it has one.
pub(crate) fn account(world: &mut World, id: AccountId) -> Result<Option<AccountRecord>, Fault> {
    let key = world.system_key(SystemKey::Account(id));
    let bytes = world.get(&key)?;
    bytes
        .map(|bytes| AccountRecord::decode(&bytes).map_err(|_| Fault::Damaged("account record")))
        .transpose()
}

/// Writes an account's record.
pub(crate) fn set_account(world: &mut World, id: AccountId, record: &AccountRecord) {
    let key = world.system_key(SystemKey::Account(id));
    world.set(key, Some(record.encode()));
}

/// The bytes of a key record, if there is one. Decoding them costs a subgroup check: see [`crate::checks`] for the
/// cache.
pub(crate) fn key_bytes(world: &mut World, id: AccountId, index: u8) -> Result<Option<Vec<u8>>, Fault> {
    let key = world.system_key(SystemKey::Key(id, index));
    Ok(world.get(&key)?.map(std::borrow::Cow::into_owned))
}

/// Writes or removes a key record.
pub(crate) fn set_key(world: &mut World, id: AccountId, index: u8, record: Option<&KeyRecord>) {
    let key = world.system_key(SystemKey::Key(id, index));
    world.set(key, record.map(Encode::encode));
}

/// An account's balance.
pub(crate) fn balance(world: &mut World, id: AccountId) -> Result<u128, Fault> {
    Ok(account(world, id)?.map_or(0, |record| record.balance))
}

/// Adds to a balance; what would reach 2^128 is lost.
pub(crate) fn credit(world: &mut World, id: AccountId, amount: u128) -> Result<(), Fault> {
    if amount == 0 {
        return Ok(());
    }
    let mut record = account(world, id)?.unwrap_or_default();
    record.balance = record.balance.saturating_add(amount);
    set_account(world, id, &record);
    Ok(())
}

/// Takes from a balance, if it has as much.
pub(crate) fn debit(world: &mut World, id: AccountId, amount: u128) -> Result<bool, Fault> {
    if amount == 0 {
        return Ok(true);
    }
    let Some(mut record) = account(world, id)? else {
        return Ok(false);
    };
    let Some(rest) = record.balance.checked_sub(amount) else {
        return Ok(false);
    };
    record.balance = rest;
    set_account(world, id, &record);
    Ok(true)
}

/// Why a transfer did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The payer has less.
    Insufficient,
    /// The receiver's balance would reach 2^128.
    Overflow,
}

/// Moves an amount; to oneself, or of 0, nothing changes.
pub(crate) fn transfer(
    world: &mut World,
    from: AccountId,
    to: AccountId,
    amount: u128,
) -> Result<Result<(), Refused>, Fault> {
    if balance(world, from)? < amount {
        return Ok(Err(Refused::Insufficient));
    }
    if from == to {
        return Ok(Ok(()));
    }
    if balance(world, to)?.checked_add(amount).is_none() {
        return Ok(Err(Refused::Overflow));
    }
    debit(world, from, amount)?;
    credit(world, to, amount)?;
    Ok(Ok(()))
}
