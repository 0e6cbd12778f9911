//! One nonce lane of one account: what waits in it, in the order of nonces.

use std::cmp::Reverse;

/// What a lane must know of an entry without looking it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) nonce: u64,
    /// The entry's arrival: its key in the pool.
    pub(crate) arrival: u64,
    pub(crate) gas_price: u64,
    pub(crate) gas_limit: u32,
    pub(crate) bytes: u32,
}

/// What the pool evicts by on paid chains: the lowest offer first, the newest arrival among equals.
pub(crate) type Offer = (u64, Reverse<u64>);

#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) number: u8,
    /// The nonce that is played next, or is in play.
    pub(crate) next: u64,
    /// The nonce `next` was taken, and what became of it is not known.
    pub(crate) in_play: bool,
    /// By rising nonce; none below `next`, nor equal to it while it is in play.
    pub(crate) queue: Vec<Slot>,
    /// The last slot's offer as the pool's index has it.
    pub(crate) indexed: Option<Offer>,
}

impl Lane {
    pub(crate) fn new(number: u8, next: u64) -> Self {
        Self {
            number,
            next,
            in_play: false,
            queue: Vec::new(),
            indexed: None,
        }
    }

    /// The call that can be played now.
    pub(crate) fn ready(&self) -> Option<&Slot> {
        self.queue
            .first()
            .filter(|slot| !self.in_play && slot.nonce == self.next)
    }

    pub(crate) fn find(&self, nonce: u64) -> Option<&Slot> {
        let place = self.queue.binary_search_by_key(&nonce, |slot| slot.nonce).ok()?;
        self.queue.get(place)
    }

    /// Whether a call with this nonce would be the only one that waits here, in a free place or in that of the one there.
    pub(crate) fn alone(&self, nonce: u64) -> bool {
        self.queue.iter().all(|slot| slot.nonce == nonce)
    }

    /// Adds a slot in its place; its nonce is not in the queue.
    pub(crate) fn put(&mut self, slot: Slot) {
        let place = self.queue.partition_point(|other| other.nonce < slot.nonce);
        self.queue.insert(place, slot);
    }

    pub(crate) fn remove(&mut self, nonce: u64) -> Option<Slot> {
        let place = self.queue.binary_search_by_key(&nonce, |slot| slot.nonce).ok()?;
        Some(self.queue.remove(place))
    }

    /// The first nonce that neither waits nor is in play: what stands behind it waits for it.
    pub(crate) fn gap(&self) -> u64 {
        let mut expected = self.next.saturating_add(u64::from(self.in_play));
        for slot in &self.queue {
            if slot.nonce != expected {
                break;
            }
            expected = expected.saturating_add(1);
        }
        expected
    }

    /// What the last of the first `count` slots offers: the lowest price up to it, nothing behind a gap.
    pub(crate) fn offer(&self, count: usize) -> Option<Offer> {
        let kept = self.queue.get(..count)?;
        let last = kept.last()?;
        let mut expected = self.next.saturating_add(u64::from(self.in_play));
        let mut least = u64::MAX;
        for slot in kept {
            if slot.nonce != expected {
                least = 0;
                break;
            }
            least = least.min(slot.gas_price);
            expected = expected.saturating_add(1);
        }
        Some((least, Reverse(last.arrival)))
    }

    /// What a call of `nonce` and `gas_price` would offer here; one with that nonce may wait, which it would replace.
    pub(crate) fn offer_of(&self, nonce: u64, gas_price: u64) -> u64 {
        if self.gap() < nonce {
            return 0;
        }
        let before = self.queue.iter().take_while(|slot| slot.nonce < nonce);
        before.map(|slot| slot.gas_price).fold(gas_price, u64::min)
    }
}
