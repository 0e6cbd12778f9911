//! One account's part of the pool: its lanes, what it holds, and its place in the round.

use crate::lane::{Lane, Slot};
use playfair_types::account::AccountId;

/// What the pool evicts by on free chains: the most slots first, among equals the account that added last.
pub(crate) type Holding = (u64, u64, AccountId);

#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// By rising number; at most 8. Without calls and nothing in play a lane is forgotten.
    pub(crate) lanes: Vec<Lane>,
    pub(crate) calls: u32,
    pub(crate) bytes: u64,
    /// Sum of the gas limits.
    pub(crate) gas: u64,
    /// Sum of gas limit times gas price.
    pub(crate) promised: u128,
    pub(crate) slots: u64,
    /// Arrival of what it added last.
    pub(crate) added: u64,
    /// Its place in the round; none without anything to play.
    pub(crate) ticket: Option<u64>,
    /// Its turn has begun and is not over.
    pub(crate) in_turn: bool,
    /// Gas that it may still be served.
    pub(crate) deficit: u64,
    /// The lane that was served last.
    pub(crate) last_lane: u8,
    /// Its holding as the pool's index has it.
    pub(crate) indexed: Option<Holding>,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self {
            lanes: Vec::new(),
            calls: 0,
            bytes: 0,
            gas: 0,
            promised: 0,
            slots: 0,
            added: 0,
            ticket: None,
            in_turn: false,
            deficit: 0,
            // So that lane 0 is the first.
            last_lane: u8::MAX,
            indexed: None,
        }
    }

    pub(crate) fn lane(&self, number: u8) -> Option<&Lane> {
        let place = self
            .lanes
            .binary_search_by_key(&number, |lane| lane.number)
            .ok()?;
        self.lanes.get(place)
    }

    pub(crate) fn lane_mut(&mut self, number: u8) -> Option<&mut Lane> {
        let place = self
            .lanes
            .binary_search_by_key(&number, |lane| lane.number)
            .ok()?;
        self.lanes.get_mut(place)
    }

    /// Adds a lane, unless it is there.
    pub(crate) fn open_lane(&mut self, number: u8, next: u64) {
        if let Err(place) = self.lanes.binary_search_by_key(&number, |lane| lane.number) {
            self.lanes.insert(place, Lane::new(number, next));
        }
    }

    /// Something can be played, or is in play.
    pub(crate) fn active(&self) -> bool {
        self.lanes
            .iter()
            .any(|lane| lane.in_play || lane.ready().is_some())
    }

    /// The call whose turn it is: the first lane after the one that was served last.
    pub(crate) fn next_ready(&self) -> Option<(u8, Slot)> {
        let ready = |lane: &Lane| lane.ready().map(|slot| (lane.number, *slot));
        let after = self.lanes.iter().filter(|lane| lane.number > self.last_lane);
        let before = self.lanes.iter().filter(|lane| lane.number <= self.last_lane);
        after.chain(before).find_map(ready)
    }
}
