//! What shall happen later: a queue by block time, worked off in `tick`.
//!
//! ```
//! use playfair::prelude::*;
//!
//! #[playfair::storage]
//! pub struct Bombs {
//!     fuses: Schedule<u32>,
//!     exploded: Item<u32>,
//! }
//!
//! #[playfair::module]
//! impl Bombs {
//!     #[call(0)]
//!     pub fn light(&mut self, ctx: &Context, bomb: u32) {
//!         self.fuses.after_ms(ctx, 3_000, &bomb);
//!     }
//!
//!     #[tick]
//!     fn tick(&mut self, ctx: &Context) {
//!         for _bomb in self.fuses.take_due(ctx, 16) {
//!             self.exploded.update(|exploded| *exploded += 1);
//!         }
//!     }
//! }
//! # fn main() {}
//! ```
//! A tick has a fixed amount of gas, and one that runs out of it changes nothing, again in every block: so take a fixed
//! number of items each time. What is left over is due in the next block. Items are not found again: instead of
//! cancelling one, look, when it is due, whether it still matters.

use crate::abi::Stored;
use crate::codec::Codec;
use crate::context::Context;
use crate::store::{Collection, damaged, get, prove_value, set, with_key};
use crate::sys;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// A storage field: items by the time at which they are due, earliest first, equal times in the order they came.
///
/// It is a heap of four children a node. An item touches about `log4(n)` state keys when it comes and
/// `4 log4(n)` when it goes: with a thousand items 5 and 20.
#[derive(Debug)]
pub struct Schedule<T> {
    prefix: u8,
    items: PhantomData<T>,
}

/// Time, number, item.
type Slot<T> = (u64, u64, T);

const CHILDREN: u32 = 4;

impl<T: Codec> Collection for Schedule<T> {
    const PROVEN: () = prove_value(Slot::<T>::MAX);
    const STORED: Stored = Stored {
        prefix: 0,
        name: "",
        kind: "schedule",
        key: None,
        value: T::TYPE,
    };

    #[inline(always)]
    fn at(prefix: u8) -> Self {
        const { Self::PROVEN };
        Self {
            prefix,
            items: PhantomData,
        }
    }
}

impl<T: Codec> Schedule<T> {
    /// How many items wait.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.head().0
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the first item is due, in ms since 1970.
    #[must_use]
    pub fn next_ms(&self) -> Option<u64> {
        (!self.is_empty()).then(|| self.slot(0).0)
    }

    /// Adds an item that is due when the block's time is `time_ms` or later.
    ///
    /// # Panics
    /// Beyond 2^30 items.
    pub fn at_ms(&mut self, time_ms: u64, item: &T) {
        let (length, number) = self.head();
        assert!(length < 1 << 30, "a schedule is full");
        self.set_head(length + 1, number + 1);
        // The new slot's number is larger than all: only a later time makes another one later.
        let mut place = length;
        while place > 0 {
            let parent = (place - 1) / CHILDREN;
            let above = self.slot(parent);
            if above.0 <= time_ms {
                break;
            }
            self.set_slot(place, &above);
            place = parent;
        }
        with_key(&[self.prefix], &place, |key| {
            sys::with_room(Slot::<T>::MAX, |room| {
                time_ms.encode(room);
                number.encode(room);
                item.encode(room);
                sys::set(key, room.written());
            });
        });
    }

    /// Adds an item that is due so much after this block's time.
    pub fn after_ms(&mut self, ctx: &Context, delay_ms: u64, item: &T) {
        self.at_ms(ctx.time_ms().saturating_add(delay_ms), item);
    }

    /// Takes the items that are due at this block's time, earliest first, at most `limit`.
    #[must_use]
    pub fn take_due(&mut self, ctx: &Context, limit: u32) -> Vec<T> {
        let (now_ms, mut due) = (ctx.time_ms(), Vec::new());
        let (mut length, number) = self.head();
        let before = length;
        while length > 0 && before - length < limit {
            let first = self.slot(0);
            if first.0 > now_ms {
                break;
            }
            length -= 1;
            self.remove_first(length);
            due.push(first.2);
        }
        if length != before {
            self.set_head(length, number);
        }
        due
    }

    /// Takes the first slot away; `last` is the place of the last one, which finds a new place.
    fn remove_first(&mut self, last: u32) {
        let moved = self.slot(last);
        with_key(&[self.prefix], &last, sys::remove);
        if last == 0 {
            return;
        }
        let mut place = 0;
        loop {
            let first = place * CHILDREN + 1;
            let children = first..last.min(first + CHILDREN);
            let least = children
                .map(|child| (self.slot(child), child))
                .reduce(|a, b| if is_before(&b.0, &a.0) { b } else { a });
            match least {
                Some((slot, child)) if is_before(&slot, &moved) => {
                    self.set_slot(place, &slot);
                    place = child;
                }
                _ => break,
            }
        }
        self.set_slot(place, &moved);
    }

    fn head(&self) -> (u32, u64) {
        with_key(&[self.prefix], &(), get).unwrap_or((0, 0))
    }

    fn set_head(&mut self, length: u32, number: u64) {
        with_key(&[self.prefix], &(), |key| set(key, &(length, number)));
    }

    fn slot(&self, place: u32) -> Slot<T> {
        with_key(&[self.prefix], &place, get).unwrap_or_else(|| damaged())
    }

    fn set_slot(&mut self, place: u32, slot: &Slot<T>) {
        with_key(&[self.prefix], &place, |key| set(key, slot));
    }
}

fn is_before<T>(a: &Slot<T>, b: &Slot<T>) -> bool {
    (a.0, a.1) < (b.0, b.1)
}
