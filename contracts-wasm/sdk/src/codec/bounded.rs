//! Text, bytes and lists with a longest length.

use super::{Codec, DecodeError, Reader, Writer};
use crate::abi::Type;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

/// More than a bounded type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("longer than its type allows")
    }
}

impl core::error::Error for TooLong {}

/// UTF-8 text of at most `N` bytes. Reads like a `str`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize>(String);

/// At most `N` bytes. Reads like a `[u8]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const N: usize>(Vec<u8>);

/// At most `N` values. Reads like a slice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct List<T, const N: usize>(Vec<T>);

impl<const N: usize> Text<N> {
    /// The text, if it is short enough.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn new(text: &str) -> Result<Self, TooLong> {
        if text.len() > N {
            Err(TooLong)
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl<const N: usize> Bytes<N> {
    /// The bytes, if they are few enough.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn new(bytes: &[u8]) -> Result<Self, TooLong> {
        if bytes.len() > N {
            Err(TooLong)
        } else {
            Ok(Self(bytes.into()))
        }
    }
}

impl<T, const N: usize> List<T, N> {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends a value.
    ///
    /// # Errors
    /// [`TooLong`] when it is full; the list is as before.
    pub fn push(&mut self, value: T) -> Result<(), TooLong> {
        if self.0.len() >= N {
            return Err(TooLong);
        }
        self.0.push(value);
        Ok(())
    }

    /// Takes the last value away.
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop()
    }

    /// Takes the value at a place away, and moves the last one there.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn swap_remove(&mut self, at: usize) -> T {
        self.0.swap_remove(at)
    }

    /// Takes every value away.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> TryFrom<Vec<T>> for List<T, N> {
    type Error = TooLong;

    fn try_from(values: Vec<T>) -> Result<Self, TooLong> {
        if values.len() > N {
            Err(TooLong)
        } else {
            Ok(Self(values))
        }
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const N: usize> Deref for Bytes<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<T, const N: usize> Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const N: usize> core::ops::DerefMut for List<T, N> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// The longest length of a bounded type fits its `u16`.
const fn bound(n: usize) -> usize {
    assert!(n <= 4096, "a bounded type holds at most 4,096 parts");
    n
}

fn put_length(length: usize, to: &mut Writer<'_>) {
    // `bound` keeps it below 2^16.
    to.put(&(length as u16).to_le_bytes());
}

fn length(from: &mut Reader<'_>, max: usize) -> Result<usize, DecodeError> {
    let length = usize::from(u16::from_le_bytes(*from.array()?));
    if length > max {
        Err(DecodeError::Length)
    } else {
        Ok(length)
    }
}

impl<const N: usize> Codec for Text<N> {
    const MAX: usize = 2 + bound(N);
    const TYPE: &'static Type = &Type::Text(N);

    fn encode(&self, to: &mut Writer<'_>) {
        put_length(self.len(), to);
        to.put(self.as_bytes());
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = length(from, N)?;
        let text = core::str::from_utf8(from.take(length)?).map_err(|_| DecodeError::Text)?;
        Ok(Self(text.into()))
    }
}

impl<const N: usize> Codec for Bytes<N> {
    const MAX: usize = 2 + bound(N);
    const TYPE: &'static Type = &Type::Bytes(N);

    fn encode(&self, to: &mut Writer<'_>) {
        put_length(self.len(), to);
        to.put(self);
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = length(from, N)?;
        Ok(Self(from.take(length)?.into()))
    }
}

impl<T: Codec, const N: usize> Codec for List<T, N> {
    const MAX: usize = 2 + bound(N) * T::MAX;
    const TYPE: &'static Type = &Type::List(T::TYPE, N);

    fn encode(&self, to: &mut Writer<'_>) {
        put_length(self.len(), to);
        T::encode_slice(self, to);
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = length(from, N)?;
        let mut values = Vec::with_capacity(length);
        for _ in 0..length {
            values.push(T::decode(from)?);
        }
        Ok(Self(values))
    }
}
