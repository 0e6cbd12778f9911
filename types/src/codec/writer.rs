//! The counterpart of [`super::Reader`]: appends big-endian integers and field elements.

use crate::bounded::U48;
use crate::crypto::field::{Fr, fr_to_bytes};
use alloc::vec::Vec;

/// Appends encodings to a vector, chainable.
pub(crate) struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.out.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    pub(crate) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn u48(&mut self, value: U48) -> &mut Self {
        let [_, _, low @ ..] = value.get().to_be_bytes();
        self.bytes(&low)
    }

    pub(crate) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    /// The low 96 bits.
    pub(crate) fn u96(&mut self, value: u128) -> &mut Self {
        let [_, _, _, _, low @ ..] = value.to_be_bytes();
        self.bytes(&low)
    }

    pub(crate) fn u128(&mut self, value: u128) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(crate) fn field(&mut self, value: &Fr) -> &mut Self {
        self.bytes(&fr_to_bytes(value))
    }

    pub(crate) fn zeros(&mut self, count: usize) -> &mut Self {
        self.out.resize(self.out.len().saturating_add(count), 0);
        self
    }

    /// A `u16` length and the bytes. Lengths above 65,535 cannot come from a decoded or validated value.
    pub(crate) fn bytes16(&mut self, bytes: &[u8]) -> &mut Self {
        self.u16(u16::try_from(bytes.len()).unwrap_or(u16::MAX))
            .bytes(bytes)
    }
}
