//! Values by index, with a provable length.

use super::{Collection, damaged, get, prove_value, set, with_key};
use crate::abi::Stored;
use crate::codec::Codec;
use crate::sys;
use core::marker::PhantomData;

/// Values by index. The length is stored too, so a client can prove that it has seen all.
#[derive(Debug)]
pub struct Vector<T> {
    prefix: u8,
    values: PhantomData<T>,
}

impl<T: Codec> Collection for Vector<T> {
    const PROVEN: () = prove_value(T::MAX);
    const STORED: Stored = Stored {
        prefix: 0,
        name: "",
        kind: "vector",
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

impl<T: Codec> Vector<T> {
    /// How many values there are.
    #[inline(always)]
    #[must_use]
    pub fn len(&self) -> u32 {
        with_key(&[self.prefix], &(), get).unwrap_or(0)
    }

    /// Whether there are none.
    #[inline(always)]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at an index, if the vector is that long.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, index: u32) -> Option<T> {
        with_key(&[self.prefix], &index, get)
    }

    /// The last value.
    #[must_use]
    pub fn last(&self) -> Option<T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Overwrites the value at an index.
    ///
    /// # Panics
    /// When the vector is not that long.
    #[inline(always)]
    pub fn set(&mut self, index: u32, value: &T) {
        with_key(&[self.prefix], &index, |key| {
            if !sys::exists(key) {
                beyond();
            }
            set(key, value);
        });
    }

    /// Appends a value, and returns its index.
    ///
    /// # Panics
    /// Beyond 2^32 - 1 values.
    #[inline(always)]
    pub fn push(&mut self, value: &T) -> u32 {
        let index = self.len();
        let Some(length) = index.checked_add(1) else {
            beyond()
        };
        with_key(&[self.prefix], &index, |key| set(key, value));
        self.set_length(length);
        index
    }

    /// Takes the last value away.
    pub fn pop(&mut self) -> Option<T> {
        let index = self.len().checked_sub(1)?;
        self.set_length(index);
        self.take(index)
    }

    /// Takes the value at an index away, and moves the last one there.
    ///
    /// # Panics
    /// When the vector is not that long.
    pub fn swap_remove(&mut self, index: u32) -> T {
        let last = self.len().checked_sub(1);
        match (self.pop(), last) {
            (Some(value), Some(last)) if index == last => value,
            (Some(value), Some(last)) if index < last => with_key(&[self.prefix], &index, |key| {
                let removed = get(key);
                set(key, &value);
                removed.unwrap_or_else(|| damaged())
            }),
            _ => beyond(),
        }
    }

    /// The values from `start` on, at most `count`.
    pub fn range(&self, start: u32, count: u32) -> impl Iterator<Item = T> + '_ {
        let end = self.len().min(start.saturating_add(count));
        (start..end).map(|index| self.get(index).unwrap_or_else(|| damaged()))
    }

    fn set_length(&mut self, length: u32) {
        with_key(&[self.prefix], &(), |key| set(key, &length));
    }

    fn take(&mut self, index: u32) -> Option<T> {
        with_key(&[self.prefix], &index, |key| {
            let value = get(key);
            sys::remove(key);
            value
        })
    }
}

#[cold]
#[inline(never)]
fn beyond() -> ! {
    panic!("beyond the end of a Vector")
}
