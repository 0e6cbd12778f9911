//! Rows by key, with a provable list of the keys.

use super::{Collection, damaged, get, prove_key, prove_value, set, with_key};
use crate::abi::Stored;
use crate::codec::Codec;
use crate::sys;
use core::marker::PhantomData;

const ROWS: u8 = 0;
const KEYS: u8 = 1;

/// Rows by key that can also be listed. A new row touches three keys of the state, a [`super::Map`]'s one.
#[derive(Debug)]
pub struct Table<K, V> {
    prefix: u8,
    rows: PhantomData<(K, V)>,
}

impl<K: Codec, V: Codec> Collection for Table<K, V> {
    const PROVEN: () = {
        prove_key(2 + K::MAX);
        prove_value(4 + V::MAX);
    };
    const STORED: Stored = Stored {
        prefix: 0,
        name: "",
        kind: "table",
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

impl<K: Codec, V: Codec> Table<K, V> {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        with_key(&[self.prefix], &(), get).unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row of a key.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, key: &K) -> Option<V> {
        self.row(key).map(|(_, value)| value)
    }

    /// Whether the key has a row.
    #[inline(always)]
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        with_key(&[self.prefix, ROWS], key, sys::exists)
    }

    /// Writes the row of a key.
    pub fn set(&mut self, key: &K, value: &V) {
        let place = match self.row(key) {
            Some((place, _)) => place,
            None => {
                let place = self.len();
                let Some(length) = place.checked_add(1) else {
                    damaged()
                };
                self.set_length(length);
                with_key(&[self.prefix, KEYS], &place, |at| set(at, key));
                place
            }
        };
        self.set_row(key, place, value);
    }

    /// Removes the row of a key, and returns it. The last key of the list takes its place there.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (place, value) = self.row(key)?;
        let last = self.len().checked_sub(1).unwrap_or_else(|| damaged());
        with_key(&[self.prefix, ROWS], key, sys::remove);
        if place != last {
            let moved: K = self.key_at(last).unwrap_or_else(|| damaged());
            let (_, row) = self.row(&moved).unwrap_or_else(|| damaged());
            self.set_row(&moved, place, &row);
            with_key(&[self.prefix, KEYS], &place, |at| set(at, &moved));
        }
        with_key(&[self.prefix, KEYS], &last, sys::remove);
        self.set_length(last);
        Some(value)
    }

    /// The key at a place of the list, below [`Table::len`].
    #[must_use]
    pub fn key_at(&self, place: u32) -> Option<K> {
        with_key(&[self.prefix, KEYS], &place, get)
    }

    /// The keys from `start` of the list on, at most `count`.
    pub fn keys(&self, start: u32, count: u32) -> impl Iterator<Item = K> + '_ {
        let end = self.len().min(start.saturating_add(count));
        (start..end).map(|place| self.key_at(place).unwrap_or_else(|| damaged()))
    }

    fn row(&self, key: &K) -> Option<(u32, V)> {
        with_key(&[self.prefix, ROWS], key, get)
    }

    fn set_row(&mut self, key: &K, place: u32, value: &V) {
        with_key(&[self.prefix, ROWS], key, |at| {
            sys::with_room(4 + V::MAX, |room| {
                place.encode(room);
                value.encode(room);
                sys::set(at, room.written());
            });
        });
    }

    fn set_length(&mut self, length: u32) {
        with_key(&[self.prefix], &(), |at| set(at, &length));
    }
}
