//! Values that carry their limit in their type, so that an encoder can never be handed something a decoder refuses.

use crate::codec::{DecodeError, Reader};
use alloc::vec::Vec;

/// An integer below 2^48: block times and expiries in milliseconds (until the year 10,889), nonces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct U48(u64);

impl U48 {
    /// The greatest value, 2^48 - 1.
    pub const MAX: Self = Self((1 << 48) - 1);

    /// `value`, when it is below 2^48.
    #[must_use]
    pub const fn new(value: u64) -> Option<Self> {
        if value <= Self::MAX.0 {
            Some(Self(value))
        } else {
            None
        }
    }

    /// The integer.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    pub(crate) fn read(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, DecodeError> {
        Ok(Self(reader.u48(what)?))
    }
}

impl From<u32> for U48 {
    fn from(value: u32) -> Self {
        Self(u64::from(value))
    }
}

impl core::fmt::Display for U48 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// At most `MAX` bytes (`MAX <= 65,535`, so that every length fits its `u16` prefix).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

/// More bytes than the format allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The greatest accepted length, bytes.
    pub limit: usize,
    /// The length offered, bytes.
    pub found: usize,
}

impl core::fmt::Display for TooLong {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "{} bytes, but the format holds at most {}",
            self.found, self.limit
        )
    }
}

impl core::error::Error for TooLong {}

impl<const MAX: usize> Bytes<MAX> {
    const FITS_U16: () = assert!(MAX <= u16::MAX as usize);

    /// Wraps `bytes`.
    ///
    /// # Errors
    /// [`TooLong`] above `MAX` bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, TooLong> {
        let () = Self::FITS_U16;
        let bytes = bytes.into();
        if bytes.len() > MAX {
            return Err(TooLong {
                limit: MAX,
                found: bytes.len(),
            });
        }
        Ok(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The length as the encodings carry it.
    #[must_use]
    pub fn len_u16(&self) -> u16 {
        u16::try_from(self.0.len()).unwrap_or(u16::MAX)
    }

    pub(crate) fn read16(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, DecodeError> {
        Ok(Self(reader.bytes16(what, MAX)?.to_vec()))
    }
}

impl<const MAX: usize> core::ops::Deref for Bytes<MAX> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> TryFrom<&[u8]> for Bytes<MAX> {
    type Error = TooLong;
    fn try_from(bytes: &[u8]) -> Result<Self, TooLong> {
        Self::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_the_edge() {
        assert_eq!(U48::new(1 << 48), None);
        assert_eq!(U48::new((1 << 48) - 1), Some(U48::MAX));
        assert!(Bytes::<3>::new([1, 2, 3]).is_ok());
        assert_eq!(Bytes::<3>::new([1, 2, 3, 4]), Err(TooLong { limit: 3, found: 4 }));
    }
}
