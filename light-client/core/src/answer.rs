//! Reading a node's answers: JSON with bytes in it, of which only what can be checked is looked at.

use crate::hex;
use crate::lie::Lie;
use playfair_types::Decode;
use serde_json::Value;

/// An answer's JSON.
pub(crate) fn json(body: &[u8]) -> Result<Value, Lie> {
    serde_json::from_slice(body).map_err(|_| Lie::Form("JSON"))
}

/// A member of an object.
pub(crate) fn member<'a>(value: &'a Value, name: &'static str) -> Result<&'a Value, Lie> {
    value.get(name).ok_or(Lie::Form(name))
}

/// A list, of at most `count_max`.
pub(crate) fn list(value: &Value, name: &'static str, count_max: usize) -> Result<Vec<Value>, Lie> {
    match value.as_array() {
        Some(list) if list.len() <= count_max => Ok(list.clone()),
        _ => Err(Lie::Form(name)),
    }
}

/// A number.
pub(crate) fn number(value: &Value, name: &'static str) -> Result<u64, Lie> {
    member(value, name)?.as_u64().ok_or(Lie::Form(name))
}

/// Bytes in digits.
pub(crate) fn bytes(value: &Value, name: &'static str) -> Result<Vec<u8>, Lie> {
    let text = member(value, name)?.as_str().ok_or(Lie::Form(name))?;
    hex::bytes(text).ok_or(Lie::Form(name))
}

/// Bytes in digits, or `null`.
pub(crate) fn maybe_bytes(value: &Value, name: &'static str) -> Result<Option<Vec<u8>>, Lie> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => hex::bytes(text).map(Some).ok_or(Lie::Form(name)),
        _ => Err(Lie::Form(name)),
    }
}

/// What bytes are the only encoding of.
pub(crate) fn decoded<T: Decode>(bytes: &[u8], what: &'static str) -> Result<T, Lie> {
    T::decode(bytes).map_err(|error| Lie::Encoding(what, error))
}

/// A problem as the node tells it, for people: its name and message, cut to what fits on a page.
pub(crate) fn problem(body: &[u8]) -> (String, String) {
    const CHARS_MAX: usize = 400;
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| -> String {
        let text = told
            .get("error")
            .and_then(|error| error.get(name))
            .and_then(Value::as_str);
        text.unwrap_or_default().chars().take(CHARS_MAX).collect()
    };
    (text("code"), text("message"))
}
