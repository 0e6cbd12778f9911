//! Bytes in JSON and in paths: pairs of hexadecimal digits, written in lower case.

use playfair_host::hex;
use playfair_http::Problem;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::{Serialize, Serializer};
use std::fmt;
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
        f.write_str(&hex::encode(&self.0))
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
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
                hex::decode(text)
                    .map(Hex)
                    .ok_or_else(|| E::custom("these are no pairs of hexadecimal digits"))
            }
        }
        deserializer.deserialize_str(Digits)
    }
}

/// The `N` bytes of a path's part.
pub(crate) fn array<const N: usize>(what: &str, text: &str) -> Result<[u8; N], Problem> {
    let found = hex::decode(text).and_then(|bytes| bytes.try_into().ok());
    found.ok_or_else(|| Problem::bad_request(format!("{what} has {} hexadecimal digits", 2 * N)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paths_part_has_its_length() {
        assert!(array::<2>("it", "00").is_err() && array::<2>("it", "0102") == Ok([1, 2]));
        assert_eq!(Hex(vec![0, 255, 161]).to_string(), "00ffa1");
    }
}
