//! Calls as a page describes them, and their signatures.

use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::codec::Encode;
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::limits::{CALL_GAS_MAX, NONCE_LANES};
use playfair_types::tape::call::Call;
use serde_json::Value;

/// A signed call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its record: what is submitted.
    pub record: Vec<u8>,
    /// Its name: the signed message.
    pub id: [u8; 32],
}

/// The account whose first key this is.
#[must_use]
pub fn account_of(key: &SecretKey) -> AccountId {
    AccountId::from_key(key.public_key())
}

/// Signs what a page describes: an object with the members of `wallet.d.ts`, and its payload.
///
/// # Errors
/// What is not as it should be, for people.
pub fn sign(chain: Fr, key: &SecretKey, described: &Value, payload: &[u8]) -> Result<Signed, String> {
    let byte = |name: &str, most: u64, otherwise| -> Result<u8, String> {
        number(described, name, most, otherwise).map(|value| u8::try_from(value).unwrap_or(u8::MAX))
    };
    let time = |name: &str| -> Result<U48, String> {
        let value = number(described, name, U48::MAX.get(), None)?;
        U48::new(value).ok_or_else(|| format!("{name} is below 2^48"))
    };
    let is_new = described.get("isNew").and_then(Value::as_bool);
    let is_new = is_new.ok_or("isNew is true or false")?;
    let own = account_of(key);
    let account = match described.get("account") {
        None | Some(Value::Null) => own,
        Some(text) => account(text).ok_or("an account's id has 40 digits")?,
    };
    let key_index = byte("keyIndex", 255, Some(0))?;
    if is_new && (account != own || key_index != 0) {
        return Err("the call that makes an account is signed by its first key, for itself".to_owned());
    }
    let lanes = u64::try_from(NONCE_LANES).unwrap_or(1);
    let gas_limit = number(
        described,
        "gasLimit",
        u64::from(u32::MAX),
        Some(u64::from(CALL_GAS_MAX)),
    )?;
    let call = Call {
        account,
        key_index,
        lane: byte("lane", lanes.saturating_sub(1), Some(0))?,
        nonce: time("nonce")?,
        valid_until_ms: time("validUntilMs")?,
        gas_limit: u32::try_from(gas_limit).unwrap_or(u32::MAX),
        gas_price: price(described.get("gasPrice"))?,
        entry: byte("entry", 255, None)?,
        payload: Bytes::new(payload).map_err(|_| "a payload has at most 4,096 bytes".to_owned())?,
        new_key: is_new.then(|| key.public_key().to_bytes()),
    };
    let id = fr_to_bytes(&call.message(chain));
    Ok(Signed {
        record: call.sign(chain, key).encode(),
        id,
    })
}

/// A member that is a whole number; `otherwise` where there is none.
pub(crate) fn number(
    described: &Value,
    name: &str,
    most: u64,
    otherwise: Option<u64>,
) -> Result<u64, String> {
    let value = match described.get(name) {
        None | Some(Value::Null) => otherwise,
        Some(value) => value.as_u64(),
    };
    let value = value.filter(|value| *value <= most);
    value.ok_or_else(|| format!("{name} is a whole number from 0 to {most}"))
}

/// A decimal number: prices may be more than JavaScript has exactly.
pub(crate) fn price(value: Option<&Value>) -> Result<u64, String> {
    let text = match value {
        None | Some(Value::Null) => return Ok(0),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    let price = text.parse().ok().filter(|_| is_plain);
    price.ok_or_else(|| "a gas price is a decimal number below 2^64, as text".to_owned())
}

fn account(value: &Value) -> Option<AccountId> {
    bytes(value.as_str()?)?.try_into().ok().map(AccountId)
}

/// The bytes of lowercase digits; none when the text is not exactly that.
#[must_use]
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pairs = pairs.iter();
    let bytes = pairs.map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

/// Bytes as digits.
#[must_use]
pub fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::Decode;
    use playfair_types::crypto::eddsa::{Signature, verify};
    use playfair_types::tape::call::SignedCall;
    use serde_json::json;

    #[test]
    fn what_is_signed_is_what_was_described() {
        let (chain, key) = (Fr::from(7u64), SecretKey::from_seed(&[3; 32]));
        let described = json!({ "nonce": 4, "entry": 2, "isNew": false, "validUntilMs": 9, "gasPrice": "18446744073709551615" });
        let signed = sign(chain, &key, &described, b"move").unwrap();
        let call = SignedCall::decode(&signed.record).unwrap();
        assert_eq!(call.call.account, account_of(&key));
        assert_eq!(
            (call.call.nonce.get(), call.call.entry, call.call.lane),
            (4, 2, 0)
        );
        assert_eq!(
            (call.call.gas_limit, call.call.gas_price),
            (CALL_GAS_MAX, u64::MAX)
        );
        assert_eq!(call.call.payload.as_slice(), b"move");
        let message = call.call.message(chain);
        assert_eq!(fr_to_bytes(&message), signed.id);
        let signature = Signature::from_bytes(&call.signature.0).unwrap();
        assert!(verify(key.public_key(), message, &signature).is_ok());
        assert!(verify(key.public_key(), call.call.message(Fr::from(8u64)), &signature).is_err());

        let new =
            json!({ "nonce": 0, "entry": 2, "isNew": true, "validUntilMs": 9, "lane": 7, "gasLimit": 1 });
        let call = SignedCall::decode(&sign(chain, &key, &new, b"").unwrap().record).unwrap();
        assert_eq!(call.call.new_key, Some(key.public_key().to_bytes()));
        assert_eq!((call.call.lane, call.call.gas_limit), (7, 1));
    }

    #[test]
    fn what_is_no_call_is_not_signed() {
        let (chain, key) = (Fr::from(7u64), SecretKey::from_seed(&[3; 32]));
        let good = json!({ "nonce": 0, "entry": 2, "isNew": false, "validUntilMs": 9 });
        for (name, value) in [
            ("nonce", json!(1u64 << 48)),
            ("nonce", json!(-1)),
            ("nonce", json!(1.5)),
            ("nonce", json!("1")),
            ("entry", json!(256)),
            ("entry", json!(null)),
            ("isNew", json!(1)),
            ("validUntilMs", json!(1u64 << 48)),
            ("lane", json!(8)),
            ("gasLimit", json!(1u64 << 32)),
            ("gasPrice", json!(1)),
            ("gasPrice", json!("01")),
            ("gasPrice", json!("+1")),
            ("gasPrice", json!("18446744073709551616")),
            ("account", json!("00")),
            ("keyIndex", json!(256)),
        ] {
            let mut bad = good.clone();
            bad[name] = value.clone();
            assert!(sign(chain, &key, &bad, b"").is_err(), "{name} {value}");
        }
        assert!(sign(chain, &key, &good, &[0; 4097]).is_err());
        let mut others = good.clone();
        others["account"] = json!("00".repeat(20));
        assert!(
            sign(chain, &key, &others, b"").is_ok(),
            "a session key signs for another account"
        );
        others["isNew"] = json!(true);
        assert!(sign(chain, &key, &others, b"").is_err());
    }
}
