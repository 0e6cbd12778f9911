//! Bytes by key, worked on in place.

use super::{Collection, prove_key, prove_value, with_key};
use crate::abi::{Stored, Type};
use crate::codec::Codec;
use crate::sys;
use crate::sys::raw::Buffer;
use core::marker::PhantomData;

/// Bytes by key, at most `N` of them (a multiple of 8): for state that a module keeps in a form of its own, so that a call changes a few
/// words of it without decoding and encoding the rest.
#[derive(Debug)]
pub struct Blobs<K, const N: usize> {
    prefix: u8,
    rows: PhantomData<K>,
}

impl<K: Codec, const N: usize> Collection for Blobs<K, N> {
    const PROVEN: () = {
        prove_key(1 + K::MAX);
        prove_value(N);
    };
    const STORED: Stored = Stored {
        prefix: 0,
        name: "",
        kind: "blobs",
        key: Some(K::TYPE),
        value: &Type::Raw(N),
    };

    #[inline(always)]
    fn at(prefix: u8) -> Self {
        const { Self::PROVEN };
        Self {
            prefix,
            rows: PhantomData,
        }
    }
}

impl<K: Codec, const N: usize> Blobs<K, N> {
    /// Reads the bytes of a key, if it has any.
    #[inline(always)]
    pub fn read<R>(&self, key: &K, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        with_key(&[self.prefix], key, |key| {
            let mut buffer = Buffer::<N>::new();
            let mut room = buffer.writer();
            sys::get(key, &mut room).then(|| read(room.written().bytes()))
        })
    }

    /// Whether the key has bytes.
    #[inline(always)]
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        with_key(&[self.prefix], key, sys::exists)
    }

    /// Writes the bytes of a key.
    ///
    /// # Panics
    /// When there are more than `N`.
    #[inline(always)]
    pub fn set(&mut self, key: &K, bytes: &[u8]) {
        with_key(&[self.prefix], key, |key| {
            let mut buffer = Buffer::<N>::new();
            let mut room = buffer.writer();
            room.put(bytes);
            sys::set(key, room.written());
        });
    }

    /// Removes a key's bytes; whether there were any.
    #[inline(always)]
    pub fn remove(&mut self, key: &K) -> bool {
        with_key(&[self.prefix], key, sys::remove)
    }

    /// Changes the bytes of a key in place, if it has any. `change` sees all `N` bytes, of which the first `length` are the
    /// value and the others zero, and may set another length. If it returns an error, nothing is written.
    #[inline(always)]
    pub fn edit<R, E>(
        &mut self,
        key: &K,
        change: impl FnOnce(&mut [u8; N], &mut usize) -> Result<R, E>,
    ) -> Option<Result<R, E>> {
        with_key(&[self.prefix], key, |key| {
            let mut buffer = Buffer::<N>::new();
            let mut room = buffer.writer();
            if !sys::get(key, &mut room) {
                return None;
            }
            let result = room.edit(change);
            if result.is_ok() {
                sys::set(key, room.written());
            }
            Some(result)
        })
    }
}
