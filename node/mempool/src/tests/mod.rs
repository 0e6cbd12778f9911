//! Shared by the tests: entries, a seeded generator, and a check of everything that the pool's parts say of each other.

mod adversarial;
mod bounds;
mod fairness;
mod model;
mod quotas;
mod replay;
mod rules;
mod sessions;

use crate::account::Account;
use crate::*;
use playfair_types::account::AccountId;
use std::collections::BTreeMap;

/// A time that is far from both ends.
pub(crate) const NOW: u64 = 1_000_000;

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

pub(crate) fn account(number: u64) -> AccountId {
    let mut id = [0; 20];
    id[..8].copy_from_slice(&number.to_be_bytes());
    AccountId(id)
}

/// An id that no other place in the pool has; `variant` tells calls of one place apart.
pub(crate) fn id(account: AccountId, lane: u8, nonce: u64, variant: u64) -> [u8; 32] {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&account.0[..8]);
    id[8] = lane;
    id[9..17].copy_from_slice(&nonce.to_be_bytes());
    id[17..25].copy_from_slice(&variant.to_be_bytes());
    id
}

/// A call of 100 bytes and 1,000 gas at price 10 that lives for long.
pub(crate) fn entry(number: u64, lane: u8, nonce: u64) -> Entry<u64> {
    let account = account(number);
    Entry {
        account,
        lane,
        nonce,
        valid_until_ms: NOW + 1_000_000,
        gas_limit: 1_000,
        gas_price: 10,
        bytes: 100,
        id: id(account, lane, nonce, 0),
        item: 0,
    }
}

/// The same place, another call.
pub(crate) fn other(mut entry: Entry<u64>, variant: u64) -> Entry<u64> {
    entry.id = id(entry.account, entry.lane, entry.nonce, variant);
    entry
}

/// What an insertion answers, without the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Added,
    Replaced,
    Known,
    Refused(Refused),
}

pub(crate) fn said<T>(answer: &Answer<T>) -> Said {
    match answer {
        Answer::Added => Said::Added,
        Answer::Replaced => Said::Replaced,
        Answer::Known(_) => Said::Known,
        Answer::Refused(refused, _) => Said::Refused(*refused),
    }
}

/// Inserts with next nonce 0 at [`NOW`], where nobody has to leave.
pub(crate) fn put(pool: &mut Pool<u64>, entry: Entry<u64>) -> Said {
    let inserted = pool.insert(entry, 0, NOW);
    assert!(inserted.gone.is_empty());
    check(pool);
    said(&inserted.answer)
}

/// Takes a call that fits any block.
pub(crate) fn take(pool: &mut Pool<u64>) -> Option<Entry<u64>> {
    let taken = pool.take(u64::MAX, u64::MAX, NOW);
    assert!(taken.gone.is_empty());
    check(pool);
    taken.call
}

/// Takes a call and reports it played.
pub(crate) fn play(pool: &mut Pool<u64>) -> Option<Entry<u64>> {
    let entry = take(pool)?;
    assert!(pool.played(&entry.account, entry.lane, entry.nonce).is_empty());
    check(pool);
    Some(entry)
}

/// Limits that no test runs into by accident.
pub(crate) fn wide() -> Limits {
    Limits {
        quota: Quota {
            calls_burst: u32::MAX,
            calls_per_s: u32::MAX,
            gas_burst: u64::MAX,
            gas_per_s: u64::MAX,
        },
        ..Limits::default()
    }
}

pub(crate) fn free(limits: Limits) -> Pool<u64> {
    Pool::new(Pricing::Free, limits)
}

pub(crate) fn paid(limits: Limits) -> Pool<u64> {
    Pool::new(Pricing::Paid, limits)
}

/// Everything that the pool's parts say of each other is true, and the bounds hold.
pub(crate) fn check<T>(pool: &Pool<T>) {
    let limits = pool.limits();
    assert!(pool.len() <= limits.calls_max as usize && pool.bytes() <= limits.bytes_max);
    assert_eq!(pool.ids.len(), pool.len());
    assert_eq!(pool.due.len(), pool.len());

    let mut accounts: BTreeMap<AccountId, (u32, u64, u64, u128, u64)> = BTreeMap::new();
    for (arrival, waiting) in &pool.entries {
        let entry = &waiting.entry;
        assert_eq!(pool.ids.get(&entry.id), Some(arrival));
        assert!(pool.due.contains(&(waiting.due_ms, *arrival)));
        let lane = pool.accounts[&entry.account].lane(entry.lane).unwrap();
        let slot = lane.find(entry.nonce).unwrap();
        assert_eq!(slot.arrival, *arrival);
        assert_eq!(
            (slot.gas_price, slot.gas_limit, slot.bytes),
            (entry.gas_price, entry.gas_limit, entry.bytes)
        );
        let sums = accounts.entry(entry.account).or_default();
        sums.0 += 1;
        sums.1 += u64::from(entry.bytes);
        sums.2 += u64::from(entry.gas_limit);
        sums.3 += u128::from(entry.gas_limit) * u128::from(entry.gas_price);
        sums.4 += limits.slots(entry.bytes);
    }
    assert_eq!(pool.bytes(), accounts.values().map(|sums| sums.1).sum::<u64>());
    assert_eq!(pool.gas(), accounts.values().map(|sums| sums.2).sum::<u64>());

    let (mut offers, mut holdings, mut active) = (0, 0, 0);
    for (name, known) in &pool.accounts {
        let sums = accounts.get(name).copied().unwrap_or_default();
        assert_eq!(
            (known.calls, known.bytes, known.gas, known.promised, known.slots),
            sums
        );
        check_bounds(limits, known);
        check_lanes(pool, known);
        match known.ticket {
            Some(ticket) => {
                let place = pool.round.get(&ticket).or(pool.skipped.get(&ticket));
                assert_eq!(place, Some(name));
                active += 1;
            }
            None => assert_eq!((known.in_turn, known.deficit), (false, 0)),
        }
        assert_eq!(known.ticket.is_some(), known.active());
        offers += known.lanes.iter().filter(|lane| lane.indexed.is_some()).count();
        if pool.pricing == Pricing::Free {
            let holding = (known.calls > 0).then_some((known.slots, known.added, *name));
            assert_eq!(known.indexed, holding);
            assert!(holding.is_none_or(|holding| pool.holdings.contains(&holding)));
            holdings += usize::from(holding.is_some());
        }
    }
    assert_eq!((pool.offers.len(), pool.holdings.len()), (offers, holdings));
    assert_eq!(pool.round.len() + pool.skipped.len(), active);

    let counters = pool.counters();
    let left = counters.gone.values().sum::<u64>() + counters.taken + counters.drained;
    assert_eq!(counters.inserted - left, pool.len() as u64);
}

/// What waits in lanes with more than one call is within the account's limits.
fn check_bounds(limits: &Limits, known: &Account) {
    let lanes = known.lanes.iter().filter(|lane| lane.queue.len() > 1);
    let slots: Vec<_> = lanes.flat_map(|lane| &lane.queue).collect();
    assert!(slots.len() <= limits.account_calls_max as usize);
    let bytes: u64 = slots.iter().map(|slot| u64::from(slot.bytes)).sum();
    assert!(bytes <= limits.account_bytes_max);
    assert!(known.calls <= limits.account_calls_max.saturating_add(8));
}

fn check_lanes<T>(pool: &Pool<T>, known: &Account) {
    assert!(!known.lanes.is_empty() && known.lanes.len() <= 8);
    assert!(known.lanes.windows(2).all(|pair| pair[0].number < pair[1].number));
    let slots: usize = known.lanes.iter().map(|lane| lane.queue.len()).sum();
    assert_eq!(slots, known.calls as usize);
    for lane in &known.lanes {
        assert!(lane.in_play || !lane.queue.is_empty());
        assert!(lane.queue.windows(2).all(|pair| pair[0].nonce < pair[1].nonce));
        let first = lane.next + u64::from(lane.in_play);
        let end = lane.next + u64::from(pool.limits().lane_window);
        assert!(lane.queue.iter().all(|slot| (first..end).contains(&slot.nonce)));
        if pool.pricing == Pricing::Paid {
            assert_eq!(lane.indexed, lane.offer(lane.queue.len()));
            assert!(lane.indexed.is_none_or(|offer| pool.offers.contains(&offer)));
        }
    }
}
