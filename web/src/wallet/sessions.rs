//! Letting another device act for the visitor's account, and taking that back. What is told is what was verified afterwards.

use crate::browser::now_ms;
use crate::given::{Given, PLACES};
use crate::js::{SessionKey, Told};
use crate::play::caller::{Caller, PLAYER};
use crate::told::{Account, AccountKey, KeyRole, Trouble};

/// Lanes that are given away. The first is the owner's alone, so that no session can play the nonce of his revocation before him.
const LANES: std::ops::Range<u8> = 1..8;
const DAY_MS: f64 = 86_400_000.0;

/// What the visitor wants another device to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    pub public_key: String,
    pub days: u32,
    pub entries: Vec<u8>,
}

/// The visitor's account at the head, and the public key of this browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mine {
    pub account: Account,
    pub public_key: String,
}

impl Mine {
    /// None while this browser has no key.
    pub async fn there(caller: &Caller) -> Told<Option<Self>> {
        match caller.public_key_there().await? {
            Some(_) => Self::made(caller).await.map(Some),
            None => Ok(None),
        }
    }

    /// The key is made, if this browser has none.
    async fn made(caller: &Caller) -> Told<Self> {
        let own = caller.own(PLAYER).await?;
        Ok(Self {
            account: caller.look_at(&own).await?,
            public_key: caller.public_key().await?,
        })
    }

    /// Whether this browser's key may change keys: it owns the account, or makes it with its first call.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        let first = self.account.keys.iter().find(|key| key.place == 0);
        first.map_or(!self.account.exists, |key| {
            key.role == KeyRole::Owner && key.public_key.as_ref() == Some(&self.public_key)
        })
    }

    /// The key that a wish comes to, at a place and with a lane that no other has. Else why there is none, for people.
    fn key(&self, wish: &Wish, now_ms: f64) -> Result<SessionKey, String> {
        let keys = &self.account.keys;
        let holder = |key: &&AccountKey| key.public_key.as_ref() == Some(&wish.public_key);
        if !self.is_owner() {
            return Err("This browser's key is not the owner of its account any more.".to_owned());
        }
        if wish.public_key == self.public_key {
            return Err("This is the key of this browser: paste what the other device shows.".to_owned());
        }
        if let Some(key) = keys.iter().find(holder) {
            return Err(format!(
                "That device has key {} already: revoke it first, if it is to have another.",
                key.place
            ));
        }
        if wish.entries.is_empty() {
            return Err("Choose something that the device may do.".to_owned());
        }
        let is_taken = |lane: &u8| {
            let sessions = keys.iter().filter_map(|key| key.session.as_ref());
            sessions.into_iter().any(|limits| limits.lanes.contains(lane))
        };
        let place = { PLACES }.find(|place| keys.iter().all(|key| key.place != *place));
        let lane = { LANES }.find(|lane| !is_taken(lane));
        let (Some(place), Some(lane)) = (place, lane) else {
            return Err("There is no room for another device: revoke one first.".to_owned());
        };
        Ok(SessionKey {
            place,
            public_key: wish.public_key.clone(),
            entries: wish.entries.clone(),
            lane,
            expires_ms: (now_ms + f64::from(wish.days) * DAY_MS) as u64,
        })
    }
}

/// What a visitor pastes: digits, with what copying adds.
#[must_use]
pub fn pasted(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let is_key = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_key.then_some(text)
}

/// Lets a device act for the account that the visitor was `shown`, or for the one that his first key makes. Gives the account as it was verified then, and where the key lies.
pub async fn allow(caller: &Caller, shown: Option<&str>, wish: &Wish) -> Told<(Account, Given)> {
    let mine = Mine::made(caller).await?;
    if shown.is_some_and(|shown| shown != mine.account.id) {
        return Err(changed());
    }
    let key = mine.key(wish, now_ms()).map_err(|why| Trouble::of("page", why))?;
    let call = caller.wallet()?.allow(&key).await?;
    let account = caller
        .call_as_owner(&mine.account, call.entry, call.payload)
        .await;
    let account = account.map_err(|trouble| match trouble.kind.as_str() {
        "outcome" => Trouble::of(
            "outcome",
            format!(
                "The chain refused that key ({}): copy it from the other device once more.",
                trouble.message
            ),
        ),
        _ => trouble,
    })?;
    let given = Given::new(&account.id, key.place).filter(|_| is_there(&account, &key));
    let given =
        given.ok_or_else(|| Trouble::of("page", "the key is not there, although the call did well"))?;
    Ok((account, given))
}

/// Whether an account has exactly this key.
fn is_there(account: &Account, key: &SessionKey) -> bool {
    account.keys.iter().any(|found| {
        let limits = found.session.as_ref();
        found.place == key.place
            && found.role == KeyRole::Session
            && found.public_key.as_ref() == Some(&key.public_key)
            && limits.is_some_and(|limits| {
                limits.entries == key.entries
                    && limits.lanes == [key.lane]
                    && limits.expires_ms == key.expires_ms
                    && limits.gas_price_max == "0"
            })
    })
}

fn changed() -> Trouble {
    Trouble::of(
        "page",
        "the account or its keys are not those that you were shown any more: look again",
    )
}

/// Takes a key away that the visitor was shown; it is verified that it is gone.
pub async fn revoke(caller: &Caller, shown: &Given, public_key: Option<&String>) -> Told<()> {
    let account = caller.look_at(&shown.account).await?;
    let place = shown.place;
    let is_it = |key: &AccountKey| key.place == place && key.public_key.as_ref() == public_key;
    if !account.keys.iter().any(is_it) {
        return Err(changed());
    }
    let call = caller.wallet()?.revoke(place).await?;
    let account = caller.call_as_owner(&account, call.entry, call.payload).await?;
    match account.keys.iter().all(|key| key.place != place) {
        true => Ok(()),
        false => Err(Trouble::of(
            "page",
            "the key is there still, although the call did well",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::SessionLimits;

    fn session(place: u8, lanes: &[u8]) -> AccountKey {
        AccountKey {
            place,
            role: KeyRole::Session,
            public_key: Some(format!("{place:064x}")),
            session: Some(SessionLimits {
                entries: vec![1],
                lanes: lanes.to_vec(),
                gas_price_max: "0".to_owned(),
                expires_ms: 0,
            }),
        }
    }

    fn mine(sessions: Vec<AccountKey>) -> Mine {
        let owner = AccountKey {
            role: KeyRole::Owner,
            session: None,
            ..session(0, &[])
        };
        Mine {
            public_key: owner.public_key.clone().unwrap(),
            account: Account {
                id: "07".repeat(20),
                height: 1,
                exists: true,
                balance: "0".to_owned(),
                nonces: vec![0; 8],
                keys: [vec![owner], sessions].concat(),
            },
        }
    }

    fn wish() -> Wish {
        Wish {
            public_key: "ab".repeat(32),
            days: 7,
            entries: vec![1, 8],
        }
    }

    #[test]
    fn a_device_gets_a_place_and_a_lane_of_its_own() {
        let key = mine(Vec::new()).key(&wish(), 5.0).unwrap();
        assert_eq!((key.place, key.lane, key.expires_ms), (1, 1, 604_800_005));
        // A time that is over frees nothing: the record is there until it is revoked.
        let key = mine(vec![session(1, &[1, 2]), session(3, &[0, 4])]).key(&wish(), 5.0);
        assert_eq!(key.map(|key| (key.place, key.lane)), Ok((2, 3)));
        let full: Vec<_> = (1..8).map(|place| session(place, &[place])).collect();
        assert!(mine(full).key(&wish(), 5.0).unwrap_err().contains("no room"));
        let full: Vec<_> = (1..16).map(|place| session(place, &[1])).collect();
        assert!(mine(full).key(&wish(), 5.0).unwrap_err().contains("no room"));
    }

    #[test]
    fn only_another_devices_key_is_let_in_and_only_by_the_owner() {
        let mut other = wish();
        other.public_key = mine(Vec::new()).public_key;
        assert!(
            mine(Vec::new())
                .key(&other, 5.0)
                .unwrap_err()
                .contains("this browser")
        );
        let held = mine(vec![AccountKey {
            public_key: Some("ab".repeat(32)),
            ..session(4, &[1])
        }]);
        assert!(held.key(&wish(), 5.0).unwrap_err().contains("key 4 already"));
        let nothing = Wish {
            entries: Vec::new(),
            ..wish()
        };
        assert!(mine(Vec::new()).key(&nothing, 5.0).is_err());

        let mut robbed = mine(Vec::new());
        robbed.account.keys[0].public_key = Some("cd".repeat(32));
        assert!(robbed.key(&wish(), 5.0).is_err());
        robbed.account.keys.clear();
        assert!(robbed.key(&wish(), 5.0).is_err());
        robbed.account.exists = false;
        assert!(
            robbed.key(&wish(), 5.0).is_ok(),
            "the first call makes the account"
        );
    }

    #[test]
    fn what_is_told_is_what_is_there() {
        let key = mine(Vec::new()).key(&wish(), 5.0).unwrap();
        let written = AccountKey {
            place: key.place,
            role: KeyRole::Session,
            public_key: Some(key.public_key.clone()),
            session: Some(SessionLimits {
                entries: key.entries.clone(),
                lanes: vec![key.lane],
                gas_price_max: "0".to_owned(),
                expires_ms: key.expires_ms,
            }),
        };
        assert!(is_there(&mine(vec![written.clone()]).account, &key));
        let wrong: [fn(&mut AccountKey); 4] = [
            |key| key.place = 2,
            |key| key.public_key = None,
            |key| key.session.as_mut().unwrap().entries.push(9),
            |key| key.session.as_mut().unwrap().expires_ms += 1,
        ];
        for change in wrong {
            let mut changed = written.clone();
            change(&mut changed);
            assert!(!is_there(&mine(vec![changed]).account, &key));
        }
    }

    #[test]
    fn digits_are_taken_as_they_are_pasted() {
        assert_eq!(pasted(&format!(" {}\n", "AB".repeat(32))), Some("ab".repeat(32)));
        for wrong in ["", "ab", &"g0".repeat(32), &"ab".repeat(33)] {
            assert_eq!(pasted(wrong), None, "{wrong}");
        }
    }
}
