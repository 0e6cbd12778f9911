//! The encoding of everything a module stores, receives, returns and emits: compact, canonical, little-endian.
//!
//! | type | bytes |
//! |---|---|
//! | `u8` to `u128`, `i8` to `i128` | that many, little-endian |
//! | `bool` | 0 or 1 |
//! | `Option<T>` | 0, or 1 and the value |
//! | `[T; N]`, tuples, structs | their parts in order |
//! | [`Text<N>`](crate::Text), [`List<T, N>`](crate::List), [`Bytes<N>`](crate::Bytes) | length `u16`, then the parts |
//! | enums | tag `u8` (the variant's place from 0, or its `= n`), then the fields |
//! | [`AccountId`](crate::AccountId), [`L1Address`](crate::L1Address) | 20 |
//! | [`Field`](crate::Field) | 32, below the modulus |
//! | [`Fixed`](crate::Fixed) | 8, as its `i64` |
//!
//! One value has one encoding, and bytes left over are refused. Every type has a longest encoding, [`Codec::MAX`], known
//! at compile time: so a module that could store 4,097 bytes does not compile. That is why `String` and `Vec` have no
//! encoding, and floats, `usize` and references none either.

mod bounded;
mod primitives;
mod reader;

pub use crate::sys::raw::Writer;
pub use bounded::{Bytes, List, Text, TooLong};
pub use reader::{DecodeError, Reader};

use crate::abi::Type;

/// A type with an encoding of bounded length. Derive it: `#[derive(playfair::Codec)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no encoding",
    label = "cannot be stored, sent or returned",
    note = "structs and enums: add `#[derive(playfair::Codec)]`",
    note = "instead of String and Vec use Text<N>, Bytes<N> and List<T, N>, which have a longest length; instead of floats use Fixed; instead of usize use u32"
)]
pub trait Codec: Sized + 'static {
    /// The longest encoding, in bytes.
    const MAX: usize;
    /// What the ABI says about the type.
    const TYPE: &'static Type;

    /// Appends the encoding.
    fn encode(&self, to: &mut Writer<'_>);

    /// Reads one value.
    ///
    /// # Errors
    /// [`DecodeError`] when the bytes are not the encoding of a value.
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Reads `N` values; integers do it with one check of the length.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    #[inline(always)]
    #[doc(hidden)]
    fn decode_array<const N: usize>(from: &mut Reader<'_>) -> Result<[Self; N], DecodeError> {
        let mut failed = None;
        let values: [Option<Self>; N] = core::array::from_fn(|_| match failed {
            None => Self::decode(from).map_err(|error| failed = Some(error)).ok(),
            Some(_) => None,
        });
        match failed {
            Some(error) => Err(error),
            None if values.iter().all(Option::is_some) => {
                Ok(values.map(|value| value.unwrap_or_else(|| unreachable!())))
            }
            None => Err(DecodeError::Length),
        }
    }

    /// Appends values one after the other; bytes do it in one copy.
    #[inline(always)]
    #[doc(hidden)]
    fn encode_slice(values: &[Self], to: &mut Writer<'_>) {
        for value in values {
            value.encode(to);
        }
    }
}

/// Reads a value from all of `bytes`.
///
/// # Errors
/// [`DecodeError`]; bytes left over are one.
#[inline(always)]
pub fn decode<T: Codec>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut reader = Reader::new(bytes);
    let value = T::decode(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// The encoding of a value, for tests and tools.
#[cfg(not(target_arch = "wasm32"))]
pub fn encode<T: Codec>(value: &T) -> Vec<u8> {
    let mut buffer = crate::sys::raw::Buffer::<8192>::new();
    let mut writer = buffer.writer();
    value.encode(&mut writer);
    writer.written().bytes().to_vec()
}
