//! The cursor all decoders read through: every read is checked, none can panic.

use super::DecodeError;
use crate::crypto::field::{Fr, fr_from_bytes};

/// A bounds-checked cursor over bytes from outside.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A cursor at the start of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Takes `count` bytes.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] when fewer are left.
    pub fn bytes(&mut self, what: &'static str, count: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(DecodeError::UnexpectedEnd(what))?;
        self.rest = rest;
        Ok(head)
    }

    /// Takes `N` bytes as an array.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] when fewer are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(DecodeError::UnexpectedEnd(what))?;
        self.rest = rest;
        Ok(*head)
    }

    /// A big-endian unsigned integer of `N` bytes, `N <= 16`.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] when fewer bytes are left.
    fn uint<const N: usize>(&mut self, what: &'static str) -> Result<u128, DecodeError> {
        let bytes = self.array::<N>(what)?;
        Ok(bytes
            .iter()
            .fold(0u128, |acc, byte| (acc << 8) | u128::from(*byte)))
    }

    /// A byte.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u8(&mut self, what: &'static str) -> Result<u8, DecodeError> {
        Ok(u8::from_be_bytes(self.array(what)?))
    }

    /// A byte that must be `wanted`: a version, or a record's kind.
    ///
    /// # Errors
    /// [`DecodeError::Unknown`] when it is another one; [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn expect_u8(&mut self, what: &'static str, wanted: u8) -> Result<(), DecodeError> {
        match self.u8(what)? {
            found if found == wanted => Ok(()),
            found => Err(DecodeError::Unknown {
                what,
                found: u64::from(found),
            }),
        }
    }

    /// Four bytes that must be `wanted`.
    ///
    /// # Errors
    /// [`DecodeError::Unknown`] when they are others; [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn expect_magic(&mut self, wanted: [u8; 4]) -> Result<(), DecodeError> {
        match self.u32("magic")? {
            found if found == u32::from_be_bytes(wanted) => Ok(()),
            found => Err(DecodeError::Unknown {
                what: "magic",
                found: u64::from(found),
            }),
        }
    }

    /// A 16-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u16(&mut self, what: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array(what)?))
    }

    /// A 32-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u32(&mut self, what: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array(what)?))
    }

    /// A 48-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u48(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        // 48 bits always fit.
        Ok(u64::try_from(self.uint::<6>(what)?).unwrap_or(u64::MAX))
    }

    /// A 64-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u64(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        Ok(u64::from_be_bytes(self.array(what)?))
    }

    /// A 96-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u96(&mut self, what: &'static str) -> Result<u128, DecodeError> {
        self.uint::<12>(what)
    }

    /// A 128-bit integer.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] at the end of the input.
    pub fn u128(&mut self, what: &'static str) -> Result<u128, DecodeError> {
        Ok(u128::from_be_bytes(self.array(what)?))
    }

    /// A field element: 32 bytes, big-endian, below the modulus.
    ///
    /// # Errors
    /// [`DecodeError::NonCanonicalField`] at or above the modulus; [`DecodeError::UnexpectedEnd`] at the end.
    pub fn field(&mut self, what: &'static str) -> Result<Fr, DecodeError> {
        fr_from_bytes(&self.array(what)?).ok_or(DecodeError::NonCanonicalField(what))
    }

    /// Takes `count` bytes that the format fixes to zero.
    ///
    /// # Errors
    /// [`DecodeError::NonZeroPadding`] when one is not zero; [`DecodeError::UnexpectedEnd`] at the end.
    pub fn zeros(&mut self, what: &'static str, count: usize) -> Result<(), DecodeError> {
        if self.bytes(what, count)?.iter().all(|byte| *byte == 0) {
            Ok(())
        } else {
            Err(DecodeError::NonZeroPadding(what))
        }
    }

    /// A `u16` length up to `limit`, then that many bytes.
    ///
    /// # Errors
    /// [`DecodeError::LimitExceeded`] above the limit; [`DecodeError::UnexpectedEnd`] at the end.
    pub fn bytes16(&mut self, what: &'static str, limit: usize) -> Result<&'a [u8], DecodeError> {
        let length = usize::from(self.u16(what)?);
        check_limit(what, length, limit)?;
        self.bytes(what, length)
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DecodeError::TrailingBytes`] when bytes are left.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(DecodeError::TrailingBytes(left)),
        }
    }
}

/// Refuses a length or count above its limit.
pub(crate) fn check_limit(what: &'static str, found: usize, limit: usize) -> Result<(), DecodeError> {
    if found > limit {
        return Err(DecodeError::LimitExceeded {
            what,
            limit: limit as u64,
            found: found as u64,
        });
    }
    Ok(())
}
