//! Strict, bounded byte codecs.
//!
//! Every format in this crate implements [`Encode`] and [`Decode`]. The rule that makes a format *canonical* is one
//! sentence and it is tested for each of them: **any bytes that [`Decode::decode`] accepts are exactly the bytes that
//! [`Encode::encode`] writes for the decoded value.** So there is one byte string per value, nothing can be mauled
//! into another encoding of itself, and a hash over bytes is a hash over the value.
//!
//! Integers are big-endian (as the tape's limbs and the EVM are); field elements are 32 bytes, big-endian, below the
//! modulus. Decoders read attacker-controlled bytes: they never panic, never allocate more than the input's own
//! length justifies, and reject trailing bytes.

pub mod bounded;
mod reader;
mod writer;

use alloc::vec::Vec;

pub use reader::Reader;
pub(crate) use reader::check_limit;
pub(crate) use writer::Writer;

/// Why bytes were refused. Every variant names the field, so that the sender can mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The input ended inside this field.
    UnexpectedEnd(&'static str),
    /// Bytes were left over after the value; the count says how many.
    TrailingBytes(usize),
    /// A field element was not below its modulus.
    NonCanonicalField(&'static str),
    /// Bytes that the format reserves as zero were not zero.
    NonZeroPadding(&'static str),
    /// A kind, version or magic that this version of the format does not know.
    Unknown {
        /// The field that selects the kind.
        what: &'static str,
        /// Its value.
        found: u64,
    },
    /// A length or count above the format's limit.
    LimitExceeded {
        /// The field whose length or count it is.
        what: &'static str,
        /// The greatest accepted value.
        limit: u64,
        /// The value found.
        found: u64,
    },
    /// A value that breaks the format's canonical rule for this field.
    NonCanonical(&'static str),
}

impl core::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::UnexpectedEnd(what) => write!(f, "the input ends inside `{what}`: send the whole value"),
            Self::TrailingBytes(count) => write!(f, "{count} bytes follow the value: send exactly one value"),
            Self::NonCanonicalField(what) => {
                write!(
                    f,
                    "`{what}` is not below the field's modulus: reduce it before encoding"
                )
            }
            Self::NonZeroPadding(what) => write!(f, "reserved bytes in `{what}` are not zero"),
            Self::Unknown { what, found } => {
                write!(f, "`{what}` is {found}, which format version 1 does not define")
            }
            Self::LimitExceeded { what, limit, found } => {
                write!(f, "`{what}` is {found}; the limit is {limit}")
            }
            Self::NonCanonical(what) => write!(f, "`{what}` is not in its only accepted form"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// A value with exactly one byte encoding.
pub trait Encode {
    /// Appends the encoding to `out`.
    fn encode_to(&self, out: &mut Vec<u8>);

    /// The encoding as a fresh vector.
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode_to(&mut out);
        out
    }
}

/// The strict inverse of [`Encode`].
pub trait Decode: Sized {
    /// Reads one value from `reader`, leaving what follows it.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not a canonical encoding.
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Reads one value that must fill `bytes` exactly.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not a canonical encoding, or when bytes follow it.
    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let value = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests;
