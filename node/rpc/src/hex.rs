//! Bytes in JSON and in paths: pairs of hexadecimal digits, written in lower case.

use playfair_http::Problem;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::fmt::{self, Write};
use utoipa::ToSchema;

/// Bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, pattern = "^([0-9a-f]{2})*$", example = "00ff")]
pub(crate) struct Hex(pub(crate) Vec<u8>);

impl Hex {
    pub(crate) fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(2 * self.0.len());
        let _ = write!(text, "{self}");
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Hex;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("pairs of hexadecimal digits")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Hex, E> {
                bytes(text)
                    .map(Hex)
                    .ok_or_else(|| E::custom("these are no pairs of hexadecimal digits"))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

/// The bytes of hexadecimal digits.
pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: &u8| (*byte as char).to_digit(16).map(|digit| digit as u8);
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

/// The `N` bytes of a path's part.
pub(crate) fn array<const N: usize>(what: &str, text: &str) -> Result<[u8; N], Problem> {
    let found = bytes(text).and_then(|bytes| bytes.try_into().ok());
    found.ok_or_else(|| Problem::bad_request(format!("{what} has {} hexadecimal digits", 2 * N)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_and_back() {
        assert_eq!(bytes("00fFa1"), Some(vec![0, 255, 161]));
        assert_eq!(Hex(vec![0, 255, 161]).to_string(), "00ffa1");
        for text in ["0", "0g", "0x00", " 00", "é0", "+0"] {
            assert_eq!(bytes(text), None, "{text}");
        }
        assert_eq!(bytes(""), Some(Vec::new()));
        assert!(array::<2>("it", "00").is_err() && array::<2>("it", "0102") == Ok([1, 2]));
    }
}
