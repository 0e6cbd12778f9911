//! Playing for another account: its owner gave this browser's key a place among the account's keys.
//!
//! What is kept of it is the place ([`Given`]): that a key is there, whose it is, what it may do and until when is proven again whenever it is used.

use super::abi;
use crate::given::Given;
use crate::text;
use crate::told::{Account, KeyRole, SessionLimits};

/// What a key was proven to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub limits: SessionLimits,
    /// The lane that this browser uses.
    pub lane: u8,
}

impl Session {
    /// Whether it may call an entry; else why not, for people.
    pub fn may(&self, given: &Given, entry: u8) -> Result<(), String> {
        match self.limits.entries.contains(&entry) {
            true => Ok(()),
            false => Err(format!(
                "Account {} does not let this browser {}. Its owner chose what it may do; the Wallet has it all.",
                text::short(&given.account),
                abi::title(entry)
            )),
        }
    }
}

/// Holds what is kept against an account that was verified: the key at the place must be this browser's, a session's, and not expired at the chain's own `time_ms`. Else why not, for people.
pub fn proven(account: &Account, given: &Given, public_key: &str, time_ms: u64) -> Result<Session, String> {
    let Given { place, .. } = given;
    let who = text::short(&given.account);
    let key = account.keys.iter().find(|key| key.place == *place);
    let key = key.ok_or_else(|| {
        format!("Account {who} has no key at place {place}, which is verified: its owner took it away, or never gave it.")
    })?;
    if account.id != given.account || key.public_key.as_deref() != Some(public_key) {
        return Err(format!(
            "The key at place {place} of account {who} is not this browser's: it was given to another device."
        ));
    }
    let limits = key.session.as_ref().filter(|_| key.role == KeyRole::Session);
    let limits = limits.ok_or_else(|| {
        format!("This browser's key is an owner of account {who}: this page plays for others only by keys with limits.")
    })?;
    if limits.expires_ms < time_ms {
        return Err(format!(
            "The time of this browser's key for account {who} is over: ask its owner for another one."
        ));
    }
    // The first lane is the owner's, if he has left the choice.
    let lane = limits.lanes.iter().max().copied();
    Ok(Session {
        limits: limits.clone(),
        lane: lane.ok_or_else(|| format!("The key for account {who} has no lane."))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::AccountKey;

    const MINE: &str = "0a";

    fn given() -> Given {
        Given::new(&"07".repeat(20), 3).unwrap()
    }

    fn account(role: KeyRole, key: &str) -> Account {
        let session = (role == KeyRole::Session).then(|| SessionLimits {
            entries: vec![1, 8],
            lanes: vec![2],
            gas_price_max: "0".to_owned(),
            expires_ms: 1_000,
        });
        Account {
            id: "07".repeat(20),
            height: 1,
            exists: true,
            balance: "0".to_owned(),
            nonces: vec![0; 8],
            keys: vec![AccountKey {
                place: 3,
                role,
                public_key: Some(key.to_owned()),
                session,
            }],
        }
    }

    #[test]
    fn only_a_living_session_of_this_browsers_key_is_one() {
        let session = proven(&account(KeyRole::Session, MINE), &given(), MINE, 1_000).unwrap();
        assert_eq!(session.lane, 2);
        assert!(session.may(&given(), 1).is_ok());
        assert!(session.may(&given(), 0).unwrap_err().contains("begin games"));

        let why = |account: &Account, given: &Given, now: u64| proven(account, given, MINE, now).unwrap_err();
        let mine = account(KeyRole::Session, MINE);
        assert!(why(&mine, &given(), 1_001).contains("is over"));
        assert!(why(&account(KeyRole::Owner, MINE), &given(), 0).contains("is an owner"));
        assert!(why(&account(KeyRole::Session, "0b"), &given(), 0).contains("another device"));
        assert!(why(&account(KeyRole::L1Owner, MINE), &given(), 0).contains("is an owner"));
        let elsewhere = Given { place: 4, ..given() };
        assert!(why(&mine, &elsewhere, 0).contains("no key at place 4"));
        let others = Given::new(&"08".repeat(20), 3).unwrap();
        assert!(why(&mine, &others, 0).contains("not this browser's"));
    }
}
