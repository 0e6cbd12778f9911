//! Where values are decoded from.

use core::fmt;

/// Why bytes are not the encoding of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// Too few or too many bytes, or a length above the type's.
    Length,
    /// A tag, a `bool` or an element that has no meaning.
    Value,
    /// Text that is not UTF-8.
    Text,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the encoding has the wrong length",
            Self::Value => "the encoding has a tag or value without meaning",
            Self::Text => "the encoding has text that is not UTF-8",
        })
    }
}

impl core::error::Error for DecodeError {}

/// Bytes that are read from their start.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads `bytes`.
    #[inline(always)]
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when there are fewer.
    #[inline(always)]
    pub fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], DecodeError> {
        let (array, rest) = self.bytes.split_first_chunk().ok_or(DecodeError::Length)?;
        self.bytes = rest;
        Ok(array)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when there are fewer.
    #[inline(always)]
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(DecodeError::Length)?;
        self.bytes = rest;
        Ok(taken)
    }

    /// All bytes that are left: for a type that ends its value, such as one with a form of its own.
    #[inline(always)]
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.bytes)
    }

    /// Demands that nothing is left.
    ///
    /// # Errors
    /// [`DecodeError::Length`] when something is.
    #[inline(always)]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(DecodeError::Length)
        }
    }
}
