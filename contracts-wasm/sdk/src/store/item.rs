//! One value.

use super::{Collection, get, prove_value, set, with_key};
use crate::abi::Stored;
use crate::codec::Codec;
use crate::sys;
use core::marker::PhantomData;

/// One value, or none yet.
#[derive(Debug)]
pub struct Item<T> {
    prefix: u8,
    values: PhantomData<T>,
}

impl<T: Codec> Collection for Item<T> {
    const PROVEN: () = prove_value(T::MAX);
    const STORED: Stored = Stored {
        prefix: 0,
        name: "",
        kind: "item",
        key: None,
        value: T::TYPE,
    };

    #[inline(always)]
    fn at(prefix: u8) -> Self {
        const { Self::PROVEN };
        Self {
            prefix,
            values: PhantomData,
        }
    }
}

impl<T: Codec> Item<T> {
    /// The value, if there is one.
    #[inline(always)]
    #[must_use]
    pub fn get(&self) -> Option<T> {
        with_key(&[self.prefix], &(), get)
    }

    /// The value, or the type's default if there is none yet.
    #[inline(always)]
    #[must_use]
    pub fn get_or_default(&self) -> T
    where
        T: Default,
    {
        self.get().unwrap_or_default()
    }

    /// Whether there is a value.
    #[inline(always)]
    #[must_use]
    pub fn exists(&self) -> bool {
        with_key(&[self.prefix], &(), sys::exists)
    }

    /// Writes the value.
    #[inline(always)]
    pub fn set(&mut self, value: &T) {
        with_key(&[self.prefix], &(), |key| set(key, value));
    }

    /// Removes the value; whether there was one.
    #[inline(always)]
    pub fn remove(&mut self) -> bool {
        with_key(&[self.prefix], &(), sys::remove)
    }

    /// Changes the value, or the type's default if there is none yet, and writes it. Returns what `change` returns.
    #[inline(always)]
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R
    where
        T: Default,
    {
        with_key(&[self.prefix], &(), |key| {
            let mut value = get(key).unwrap_or_default();
            let result = change(&mut value);
            set(key, &value);
            result
        })
    }
}
