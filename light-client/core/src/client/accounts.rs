//! Accounts: their records from the state, and where the node says that their calls lie.

use super::Client;
use crate::answer;
use crate::hex::digits;
use crate::ladder::Rung;
use crate::lie::{Lie, Trouble};
use crate::owners::{Holder, Key};
use crate::platform::Platform;
use playfair_types::Decode;
use playfair_types::account::{AccountId, AccountRecord};
use playfair_types::state::{StateKey, SystemKey};
use serde_json::Value;

/// Places of an account that are looked at for keys: the first ones.
pub const KEYS_LOOKED_AT: u8 = 16;
/// Calls in one answer.
pub const CALLS_MAX: u32 = 256;
/// More than their places take.
const PLACES_BYTES_MAX: usize = 1 << 16;

/// An account whose record was verified. One that is not in the state is new: it has nothing, and its nonces begin at 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub id: AccountId,
    /// After which block.
    pub height: u64,
    /// How far the root that it is under was verified.
    pub rung: Rung,
    /// Its record; that of an account without one is all zero.
    pub record: AccountRecord,
    /// The keys of its first [`KEYS_LOOKED_AT`] places, in their order.
    pub keys: Vec<Key>,
}

/// Where a call lies, as the node says. Nothing of it is verified: it says what to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallPlace {
    /// The block's height.
    pub height: u64,
    /// The record's place in the block.
    pub index: u32,
    /// The call's name, if the node tells it.
    pub id: Option<[u8; 32]>,
}

impl<P: Platform> Client<P> {
    /// An account at the chain's head: one state proof for its record and keys, present or absent.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn account(&mut self, id: AccountId) -> Result<Account, Trouble> {
        let keys = (0..KEYS_LOOKED_AT).map(|index| SystemKey::Key(id, index));
        let places: Vec<StateKey> = std::iter::once(SystemKey::Account(id))
            .chain(keys)
            .map(StateKey::of_system)
            .collect();
        let (asked, values) = self.values_asked(&places).await?;
        let mut found = values.values.into_iter();
        let record = match found.next().flatten() {
            Some(bytes) => AccountRecord::decode(&bytes),
            None => Ok(AccountRecord::default()),
        };
        let record =
            record.map_err(|error| self.caught(&asked, Lie::Encoding("an account's record", error)))?;
        Ok(Account {
            id,
            height: values.height,
            rung: values.rung,
            record,
            keys: decoded_keys(found).map_err(|lie| self.caught(&asked, lie))?,
        })
    }

    /// Where an account's calls lie, the newest first, in blocks below `before`: at most `count`, up to [`CALLS_MAX`]. A hint of the node,
    /// which may leave calls out; each call is verified when it is asked for.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn calls_of(
        &mut self,
        account: AccountId,
        count: u32,
        before: Option<u64>,
    ) -> Result<Vec<CallPlace>, Trouble> {
        let count = count.clamp(1, CALLS_MAX);
        let before = before.map_or_else(String::new, |height| format!("&before={height}"));
        let account = digits(&account.0);
        let path = self.chain_path(&format!("/accounts/{account}/calls?count={count}{before}"));
        let asked = self.ask(path, None, PLACES_BYTES_MAX).await?;
        places(&asked.answer, count).map_err(|lie| self.caught(&asked, lie))
    }
}

/// The keys among the values of an account's places. A chain writes no other record there, so one that is none is its committee's doing.
fn decoded_keys(values: impl Iterator<Item = Option<Vec<u8>>>) -> Result<Vec<Key>, Lie> {
    let places = (0..KEYS_LOOKED_AT).zip(values);
    let keys = places.filter_map(|(place, value)| {
        let key = Holder::decode(&value?).map(|holder| Key { place, holder });
        Some(key.map_err(|error| Lie::Encoding("a key's record", error)))
    });
    keys.collect()
}

/// The places of an answer.
fn places(answer: &[u8], count: u32) -> Result<Vec<CallPlace>, Lie> {
    let value = answer::json(answer)?;
    let most = usize::try_from(count).unwrap_or(0);
    let places = answer::list(&value, "list of calls", most)?;
    places.iter().map(place).collect()
}

fn place(value: &Value) -> Result<CallPlace, Lie> {
    let index = answer::number(value, "index")?;
    let id = match value.get("id") {
        None => None,
        Some(id) => answer::maybe_bytes(id, "id")?,
    };
    let id = id.map(<[u8; 32]>::try_from).transpose();
    Ok(CallPlace {
        height: answer::number(value, "height")?,
        index: u32::try_from(index).map_err(|_| Lie::Form("index"))?,
        id: id.map_err(|_| Lie::Form("id"))?,
    })
}
