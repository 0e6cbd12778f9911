//! Values by key.

use super::{Collection, get, prove_key, prove_value, set, with_key};
use crate::abi::Stored;
use crate::codec::Codec;
use crate::sys;
use core::marker::PhantomData;

/// Values by key, without a list of the keys; [`super::Table`] has one.
#[derive(Debug)]
pub struct Map<K, V> {
    prefix: u8,
    rows: PhantomData<(K, V)>,
}

impl<K: Codec, V: Codec> Collection for Map<K, V> {
    const PROVEN: () = {
        prove_key(1 + K::MAX);
        prove_value(V::MAX);
    };
    const STORED: Stored = Stored {
        prefix: 0,
        name: "",
        kind: "map",
        key: Some(K::TYPE),
        value: V::TYPE,
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

impl<K: Codec, V: Codec> Map<K, V> {
    /// The value of a key, if it has one.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        with_key(&[self.prefix], key, get)
    }

    /// The value of a key, or the type's default if it has none.
    #[inline(always)]
    #[must_use]
    pub fn get_or_default(&self, key: &K) -> V
    where
        V: Default,
    {
        self.get(key).unwrap_or_default()
    }

    /// Whether the key has a value.
    #[inline(always)]
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        with_key(&[self.prefix], key, sys::exists)
    }

    /// Writes the value of a key.
    #[inline(always)]
    pub fn set(&mut self, key: &K, value: &V) {
        with_key(&[self.prefix], key, |key| set(key, value));
    }

    /// Removes a key's value; whether there was one.
    #[inline(always)]
    pub fn remove(&mut self, key: &K) -> bool {
        with_key(&[self.prefix], key, sys::remove)
    }

    /// Changes a key's value, or the type's default if it has none, and writes it. Returns what `change` returns.
    #[inline(always)]
    pub fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> R
    where
        V: Default,
    {
        with_key(&[self.prefix], key, |key| {
            let mut value = get(key).unwrap_or_default();
            let result = change(&mut value);
            set(key, &value);
            result
        })
    }
}
