//! What an owner tells the chain about his account's keys: the payloads of its entries *set key* and *revoke key* (FORMATS.md section 5).
//!
//! A session's key has a part of what owners may do: entries of the module, lanes, a time. The bytes are written here, since a page that loads the chain's own
//! types for them loads a fifth more; tests hold them against these. Whether 32 bytes are a key is for the chain to say, which takes no others.

use crate::call::{bytes, number, price};
use playfair_types::bounded::U48;
use playfair_types::limits::{NONCE_LANES, SESSION_ENTRIES};
use serde_json::Value;

const SET_KEY: u8 = 240;
const REVOKE_KEY: u8 = 241;
/// The role of a session's key.
const SESSION: u8 = 2;

/// What is called, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCall {
    /// The chain's entry.
    pub entry: u8,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// Lets a session's key act for the account: an object with the members of `wallet.d.mts`.
///
/// # Errors
/// What is not as it should be, for people.
pub fn allow(described: &Value) -> Result<SystemCall, String> {
    // The last time is that of keys that never expire, which is the owners'.
    let expires_ms = number(described, "expiresMs", U48::MAX.get().saturating_sub(1), None)?;
    let [_, _, expires_ms @ ..] = expires_ms.to_be_bytes();
    let entries = mask(described, "entries", u64::from(SESSION_ENTRIES))?;
    let [.., lanes] = mask(described, "lanes", u64::try_from(NONCE_LANES).unwrap_or(0))?.to_be_bytes();
    let mut payload = vec![place(described)?, SESSION];
    payload.extend(entries.to_be_bytes());
    payload.extend(price(described.get("gasPriceMax"))?.to_be_bytes());
    payload.push(lanes);
    payload.extend(expires_ms);
    payload.extend(key(described.get("publicKey"))?);
    Ok(SystemCall {
        entry: SET_KEY,
        payload,
    })
}

/// Takes the key at a place away.
///
/// # Errors
/// What is not as it should be, for people.
pub fn revoke(described: &Value) -> Result<SystemCall, String> {
    Ok(SystemCall {
        entry: REVOKE_KEY,
        payload: vec![place(described)?],
    })
}

fn place(described: &Value) -> Result<u8, String> {
    let place = number(described, "place", u64::from(u8::MAX), None)?;
    Ok(u8::try_from(place).unwrap_or(u8::MAX))
}

fn key(value: Option<&Value>) -> Result<[u8; 32], String> {
    let packed = value.and_then(Value::as_str).and_then(bytes);
    let packed = packed.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    packed.ok_or_else(|| "a public key has 64 digits, 0 to 9 and a to f".to_owned())
}

/// A list of different numbers below `end`, at least one, as a mask.
fn mask(described: &Value, name: &str, end: u64) -> Result<u64, String> {
    let wrong = || {
        format!(
            "{name} are different whole numbers from 0 to {}",
            end.saturating_sub(1)
        )
    };
    let list = described.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
    let mask = list.iter().try_fold(0u64, |mask, value| {
        let bit = 1u64 << value.as_u64().filter(|value| *value < end)?;
        (mask & bit == 0).then_some(mask | bit)
    });
    mask.filter(|mask| *mask != 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::account::{KeyRecord, Role, SessionLimits};
    use playfair_types::crypto::babyjubjub::PublicKey;
    use playfair_types::crypto::eddsa::SecretKey;
    use playfair_types::tape::system_entry::SystemEntry;
    use serde_json::json;

    fn public_key() -> PublicKey {
        *SecretKey::from_seed(&[3; 32]).public_key()
    }

    fn described() -> Value {
        json!({
            "place": 3,
            "publicKey": crate::call::digits(&public_key().to_bytes()),
            "entries": [1, 7, 63],
            "lanes": [2, 7],
            "expiresMs": 0x0102_0304_0506u64,
        })
    }

    #[test]
    fn a_key_is_what_the_format_says() {
        let call = allow(&described()).unwrap();
        // FORMATS.md: index u8 | role u8 | scope u64 | gas price max u64 | lanes u8 | expires u48 | key 32.
        let mut payload = vec![3, 2];
        payload.extend((1u64 << 1 | 1 << 7 | 1 << 63).to_be_bytes());
        payload.extend(0u64.to_be_bytes());
        payload.push(1 << 2 | 1 << 7);
        payload.extend([1, 2, 3, 4, 5, 6]);
        payload.extend(public_key().to_bytes());
        assert_eq!((call.entry, call.payload), (240, payload));

        let mut dear = described();
        dear["gasPriceMax"] = json!("18446744073709551615");
        let limits = SessionLimits {
            scope: 1 << 1 | 1 << 7 | 1 << 63,
            gas_price_max: u64::MAX,
            lanes: 1 << 2 | 1 << 7,
        };
        let key = KeyRecord {
            role: Role::Session(public_key(), limits),
            expires_ms: U48::new(0x0102_0304_0506).unwrap(),
        };
        let read = SystemEntry::from_call(240, &allow(&dear).unwrap().payload);
        assert_eq!(read, Ok(SystemEntry::SetKey { index: 3, key }));
        let revoked = revoke(&json!({ "place": 3 })).unwrap();
        assert_eq!((revoked.entry, &revoked.payload), (241, &vec![3]));
        let read = SystemEntry::from_call(241, &revoked.payload);
        assert_eq!(read, Ok(SystemEntry::RevokeKey { index: 3 }));
    }

    #[test]
    fn what_is_no_key_of_a_session_is_not_written() {
        assert!(allow(&described()).is_ok());
        for (name, value) in [
            ("place", json!(256)),
            ("place", json!(-1)),
            ("place", json!("3")),
            ("publicKey", json!("00")),
            ("publicKey", json!(null)),
            ("publicKey", json!("0A".repeat(32))),
            ("publicKey", json!("00".repeat(33))),
            ("entries", json!([])),
            ("entries", json!([64])),
            ("entries", json!([1, 1])),
            ("entries", json!([1.5])),
            ("entries", json!(7)),
            ("entries", json!(null)),
            ("lanes", json!([])),
            ("lanes", json!([8])),
            ("lanes", json!([3, 3])),
            ("expiresMs", json!((1u64 << 48) - 1)),
            ("expiresMs", json!(-1)),
            ("expiresMs", json!(1.5)),
            ("expiresMs", json!(null)),
            ("gasPriceMax", json!(1)),
            ("gasPriceMax", json!("-1")),
        ] {
            let mut bad = described();
            bad[name] = value.clone();
            assert!(allow(&bad).is_err(), "{name} {value}");
        }
        for bad in [
            json!({}),
            json!({ "place": 256 }),
            json!({ "place": "1" }),
            json!(null),
        ] {
            assert!(revoke(&bad).is_err(), "{bad}");
        }
    }
}
