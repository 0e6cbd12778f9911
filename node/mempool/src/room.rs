//! Who leaves when the pool is full.
//!
//! A plan is made before anybody leaves: a newcomer that would not fit after all must not have cost others their place.
//! Each step looks at the lanes as they would be after the steps before it. Always the last of a lane leaves, so nobody
//! is cut off.

use crate::account::Account;
use crate::answer::{Entry, Refused};
use crate::lane::Offer;
use crate::limits::Pricing;
use crate::pool::Pool;
use playfair_types::account::AccountId;
use std::collections::{BTreeMap, BTreeSet};

/// Most calls that leave for one. The largest record has 35 times the bytes of the smallest.
const EVICTIONS_MAX: usize = 64;

/// What a newcomer needs.
pub(crate) struct Need {
    pub(crate) calls: u64,
    pub(crate) bytes: u64,
    /// No other call would wait in its lane.
    pub(crate) alone: bool,
    /// What its account would hold.
    pub(crate) slots_after: u64,
}

/// What is still missing.
struct Missing {
    calls: u64,
    bytes: u64,
}

impl Missing {
    fn nothing(&self) -> bool {
        self.calls == 0 && self.bytes == 0
    }

    fn without(&mut self, bytes: u32) {
        self.calls = self.calls.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes.into());
    }
}

/// How many were planned to leave of which lane.
type Planned = BTreeMap<(AccountId, u8), usize>;

impl<T> Pool<T> {
    /// The arrivals of those that have to leave for `entry`, in order; none if there is room.
    pub(crate) fn make_room(&self, entry: &Entry<T>, next: u64, need: &Need) -> Result<Vec<u64>, Refused> {
        let calls = (self.entries.len() as u64).saturating_add(need.calls);
        let bytes = self.bytes.saturating_add(need.bytes);
        let missing = Missing {
            calls: calls.saturating_sub(self.limits.calls_max.into()),
            bytes: bytes.saturating_sub(self.limits.bytes_max),
        };
        if missing.nothing() {
            return Ok(Vec::new());
        }
        match self.pricing {
            Pricing::Paid => self.outbid(entry, next, missing),
            Pricing::Free => self.even_out(entry.account, need, missing),
        }
    }

    /// Paid chains: the lowest offers leave, while the newcomer's is higher.
    fn outbid(&self, entry: &Entry<T>, next: u64, mut missing: Missing) -> Result<Vec<u64>, Refused> {
        let own = self
            .accounts
            .get(&entry.account)
            .and_then(|account| account.lane(entry.lane));
        let offer = match own {
            Some(lane) => lane.offer_of(entry.nonce, entry.gas_price),
            None if entry.nonce == next => entry.gas_price,
            // Behind a gap.
            None => 0,
        };
        let mut evicts = Vec::new();
        // Lanes whose last was planned to leave stand here with the one before it.
        let mut again: BTreeSet<Offer> = BTreeSet::new();
        let mut planned = Planned::new();
        let mut lowest = self.offers.iter().peekable();
        while !missing.nothing() {
            let from_again = match (again.first(), lowest.peek()) {
                (Some(one), Some(other)) => one < *other,
                (one, _) => one.is_some(),
            };
            let next = if from_again {
                again.pop_first()
            } else {
                lowest.next().copied()
            };
            let Some((least, arrival)) = next else {
                return Err(Refused::Full { offer_above: None });
            };
            let Some(waiting) = self.entries.get(&arrival.0) else {
                continue;
            };
            let victim = &waiting.entry;
            let place = (victim.account, victim.lane);
            if place == (entry.account, entry.lane) && victim.nonce <= entry.nonce {
                // The newcomer cannot be played without it.
                continue;
            }
            if least >= offer || evicts.len() >= EVICTIONS_MAX {
                return Err(Refused::Full {
                    offer_above: Some(least),
                });
            }
            evicts.push(arrival.0);
            missing.without(victim.bytes);
            let count = planned.entry(place).or_insert(0);
            *count += 1;
            let lane = self
                .accounts
                .get(&place.0)
                .and_then(|account| account.lane(place.1));
            let before = lane.and_then(|lane| lane.offer(lane.queue.len().checked_sub(*count)?));
            again.extend(before);
        }
        Ok(evicts)
    }

    /// Free chains: others who hold more give way; if they do not, the other lanes of the newcomer's account do where it
    /// would be alone in its own. Otherwise one device could keep another of the same account out of a full pool.
    fn even_out(&self, account: AccountId, need: &Need, mut missing: Missing) -> Result<Vec<u64>, Refused> {
        let mut evicts = self.of_others(need.slots_after, &mut missing);
        if need.alone {
            self.of_own(account, &mut missing, &mut evicts);
        }
        if missing.nothing() {
            Ok(evicts)
        } else {
            Err(Refused::Full { offer_above: None })
        }
    }

    /// Those that hold the most give way, while they hold two slots more than the newcomer's account would. So none of
    /// them can come back by the same rule, and the newcomer's own account is not among them.
    fn of_others(&self, slots_after: u64, missing: &mut Missing) -> Vec<u64> {
        let mut evicts = Vec::new();
        let mut again = BTreeSet::new();
        let mut planned = Planned::new();
        let mut most = self.holdings.iter().rev().peekable();
        while !missing.nothing() && evicts.len() < EVICTIONS_MAX {
            let from_again = match (again.last(), most.peek()) {
                (Some(one), Some(other)) => one > *other,
                (one, _) => one.is_some(),
            };
            let next = if from_again {
                again.pop_last()
            } else {
                most.next().copied()
            };
            let Some((slots, added, name)) = next else {
                break;
            };
            if slots < slots_after.saturating_add(2) {
                break;
            }
            let Some(last) = self
                .accounts
                .get(&name)
                .and_then(|account| fullest(account, name, &planned))
            else {
                break;
            };
            evicts.push(last.arrival);
            missing.without(last.bytes);
            *planned.entry((name, last.lane)).or_insert(0) += 1;
            again.insert((slots.saturating_sub(self.limits.slots(last.bytes)), added, name));
        }
        evicts
    }

    /// The newcomer's own account gives way, but no call that is alone in its lane. A lane that gave way is not empty, so
    /// it cannot come back by the same rule.
    fn of_own(&self, name: AccountId, missing: &mut Missing, evicts: &mut Vec<u64>) {
        let Some(account) = self.accounts.get(&name) else {
            return;
        };
        let mut planned = Planned::new();
        while !missing.nothing() && evicts.len() < EVICTIONS_MAX {
            let Some(last) = fullest(account, name, &planned).filter(|last| last.calls > 1) else {
                return;
            };
            evicts.push(last.arrival);
            missing.without(last.bytes);
            *planned.entry((name, last.lane)).or_insert(0) += 1;
        }
    }
}

/// The last call of a lane.
struct Last {
    lane: u8,
    /// How many wait in the lane, itself included.
    calls: usize,
    arrival: u64,
    bytes: u32,
}

/// The last of the lane in which most wait, as they would be; among equals the newest. So the only call of a lane goes
/// when no other lane of the account has more.
fn fullest(account: &Account, name: AccountId, planned: &Planned) -> Option<Last> {
    let lanes = account.lanes.iter().filter_map(|lane| {
        let out = planned.get(&(name, lane.number)).copied().unwrap_or(0);
        let calls = lane.queue.len().checked_sub(out)?;
        let slot = lane.queue.get(calls.checked_sub(1)?)?;
        Some(Last {
            lane: lane.number,
            calls,
            arrival: slot.arrival,
            bytes: slot.bytes,
        })
    });
    lanes.max_by_key(|last| (last.calls, last.arrival))
}
