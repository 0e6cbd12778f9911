//! The pool's parts and how they are kept in step.
//!
//! Entries lie in one map by arrival, a number that only grows. All else are indexes, and what an index says of an account or
//! lane is written down there as well, so that [`Pool::reindex`] can take the old word out before it puts the new one
//! in. Whatever changes a lane ends with it.

use crate::account::{Account, Holding};
use crate::answer::{Entry, Gone, Why};
use crate::counters::Counters;
use crate::lane::{Offer, Slot};
use crate::limits::{Limits, Pricing};
use crate::quota::Quotas;
use playfair_types::account::AccountId;
use std::collections::{BTreeMap, BTreeSet};

/// An entry that waits.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    pub(crate) entry: Entry<T>,
    /// When it is looked at next: its time is over, or it stands behind a gap for too long.
    pub(crate) due_ms: u64,
    /// It stood behind a gap when it was looked at last.
    pub(crate) gapped: bool,
}

/// The waiting room of one chain's calls. See the crate's documentation for protocol and rules.
#[derive(Debug)]
pub struct Pool<T> {
    pub(crate) limits: Limits,
    pub(crate) pricing: Pricing,
    pub(crate) entries: BTreeMap<u64, Waiting<T>>,
    pub(crate) ids: BTreeMap<[u8; 32], u64>,
    pub(crate) due: BTreeSet<(u64, u64)>,
    pub(crate) accounts: BTreeMap<AccountId, Account>,
    /// Paid chains: the last of each lane, by what it offers.
    pub(crate) offers: BTreeSet<Offer>,
    /// Free chains: accounts by what they hold.
    pub(crate) holdings: BTreeSet<Holding>,
    /// Accounts with something to play, by ticket: the lowest is next.
    pub(crate) round: BTreeMap<u64, AccountId>,
    /// Those that this block passed over; they keep their tickets.
    pub(crate) skipped: BTreeMap<u64, AccountId>,
    pub(crate) quotas: Quotas,
    pub(crate) arrivals: u64,
    pub(crate) tickets: u64,
    pub(crate) bytes: u64,
    pub(crate) gas: u64,
    pub(crate) counters: Counters,
}

impl<T> Pool<T> {
    /// An empty pool. Limits that contradict each other are raised as [`Limits`] says.
    #[must_use]
    pub fn new(pricing: Pricing, limits: Limits) -> Self {
        Self {
            limits: limits.sound(),
            pricing,
            entries: BTreeMap::new(),
            ids: BTreeMap::new(),
            due: BTreeSet::new(),
            accounts: BTreeMap::new(),
            offers: BTreeSet::new(),
            holdings: BTreeSet::new(),
            round: BTreeMap::new(),
            skipped: BTreeMap::new(),
            quotas: Quotas::default(),
            arrivals: 0,
            tickets: 0,
            bytes: 0,
            gas: 0,
            counters: Counters::default(),
        }
    }

    /// The limits in force.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Calls that wait; those in play are not among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No call waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of the records that wait.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Sum of the gas limits that wait.
    #[must_use]
    pub const fn gas(&self) -> u64 {
        self.gas
    }

    /// Accounts that have a call waiting or in play.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Some account has a call that can be played now. (A call whose time is over counts until [`Pool::expire`].)
    #[must_use]
    pub fn has_ready(&self) -> bool {
        let accounts = self.round.values().chain(self.skipped.values());
        let mut accounts = accounts.filter_map(|account| self.accounts.get(account));
        accounts.any(|account| account.next_ready().is_some())
    }

    /// The next time after which [`Pool::expire`] has something to look at, ms. It may find that it can wait on.
    #[must_use]
    pub fn next_due_ms(&self) -> Option<u64> {
        self.due.first().map(|(due_ms, _)| *due_ms)
    }

    /// What happened so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The waiting entry with this id.
    #[must_use]
    pub fn get(&self, id: &[u8; 32]) -> Option<&Entry<T>> {
        let waiting = self.entries.get(self.ids.get(id)?)?;
        Some(&waiting.entry)
    }

    /// The caller's part of the waiting entry with this id, to add another who waits for its answer.
    #[must_use]
    pub fn item_mut(&mut self, id: &[u8; 32]) -> Option<&mut T> {
        let waiting = self.entries.get_mut(self.ids.get(id)?)?;
        Some(&mut waiting.entry.item)
    }

    /// What the account's waiting calls may cost it beside a call in this place: the sum of gas limit times gas price, without that of
    /// the call whose place it takes. A caller that inserts only what the balance covers beside this keeps calls out
    /// that cannot be paid. Nothing for a call that would be alone in its lane: as with the bounds, what other devices wait for
    /// does not keep it out.
    #[must_use]
    pub fn promised_beside(&self, account: &AccountId, lane: u8, nonce: u64) -> u128 {
        let Some(account) = self.accounts.get(account) else {
            return 0;
        };
        match account.lane(lane) {
            Some(lane) if !lane.alone(nonce) => {
                let old = lane.find(nonce).map_or(0, price);
                account.promised.saturating_sub(old)
            }
            _ => 0,
        }
    }

    /// Gas limits that are likely to be played before the call with this id, itself not included: its own account's
    /// before it, and of the others what they hold, but no more than they can be served in as many turns. An estimate
    /// from above, as long as nobody joins. None: no such call waits, or it stands behind a gap.
    #[must_use]
    pub fn gas_ahead(&self, id: &[u8; 32]) -> Option<u64> {
        let entry = self.get(id)?;
        let account = self.accounts.get(&entry.account)?;
        let lane = account.lane(entry.lane)?;
        if entry.nonce > lane.gap() {
            return None;
        }
        // The account's lanes take turns, so the call has as many of each other lane before it as of its own.
        let place = lane.queue.partition_point(|slot| slot.nonce < entry.nonce);
        let mut own = 0_u64;
        for other in &account.lanes {
            let count = if other.number == entry.lane {
                place
            } else {
                place + 1
            };
            let gas = other
                .queue
                .iter()
                .take(count)
                .map(|slot| u64::from(slot.gas_limit));
            own = own.saturating_add(gas.sum());
        }
        let turns = own
            .saturating_add(entry.gas_limit.into())
            .div_ceil(self.limits.quantum);
        let others = (self.round.len() + self.skipped.len()).saturating_sub(1);
        let served = turns
            .saturating_mul(self.limits.quantum)
            .saturating_mul(others as u64);
        Some(own.saturating_add(served.min(self.gas.saturating_sub(account.gas))))
    }

    /// Lets an entry wait. Its place is free, and the limits were checked.
    pub(crate) fn attach(&mut self, entry: Entry<T>, next: u64, now_ms: u64) {
        let (name, number) = (entry.account, entry.lane);
        self.link(entry, next, now_ms);
        self.reindex(name, number);
    }

    /// Takes an entry out. `play`: its lane waits for what becomes of it.
    pub(crate) fn detach(&mut self, arrival: u64, play: bool) -> Option<Entry<T>> {
        let entry = self.unlink(arrival, play)?;
        self.reindex(entry.account, entry.lane);
        Some(entry)
    }

    /// Lets an entry wait in the place of another one. Its account keeps its turn.
    pub(crate) fn replace(&mut self, old: u64, entry: Entry<T>, next: u64, now_ms: u64) -> Option<Entry<T>> {
        let old = self.unlink(old, false);
        self.attach(entry, next, now_ms);
        old
    }

    fn link(&mut self, entry: Entry<T>, next: u64, now_ms: u64) {
        let arrival = self.arrivals;
        self.arrivals = self.arrivals.saturating_add(1);
        let due_ms = entry
            .valid_until_ms
            .min(now_ms.saturating_add(self.limits.gap_ms));
        let slot = Slot {
            nonce: entry.nonce,
            arrival,
            gas_price: entry.gas_price,
            gas_limit: entry.gas_limit,
            bytes: entry.bytes,
        };
        let (name, number) = (entry.account, entry.lane);
        let account = self.accounts.entry(name).or_insert_with(Account::new);
        account.open_lane(number, next);
        if let Some(lane) = account.lane_mut(number) {
            lane.put(slot);
        }
        account.calls = account.calls.saturating_add(1);
        account.bytes = account.bytes.saturating_add(slot.bytes.into());
        account.gas = account.gas.saturating_add(slot.gas_limit.into());
        account.promised = account.promised.saturating_add(price(&slot));
        account.slots = account.slots.saturating_add(self.limits.slots(slot.bytes));
        account.added = arrival;
        self.bytes = self.bytes.saturating_add(slot.bytes.into());
        self.gas = self.gas.saturating_add(slot.gas_limit.into());
        self.ids.insert(entry.id, arrival);
        self.due.insert((due_ms, arrival));
        let waiting = Waiting {
            entry,
            due_ms,
            gapped: false,
        };
        self.entries.insert(arrival, waiting);
    }

    /// As [`Pool::detach`]; the caller reindexes.
    pub(crate) fn unlink(&mut self, arrival: u64, play: bool) -> Option<Entry<T>> {
        let waiting = self.entries.remove(&arrival)?;
        let entry = waiting.entry;
        self.ids.remove(&entry.id);
        self.due.remove(&(waiting.due_ms, arrival));
        self.bytes = self.bytes.saturating_sub(entry.bytes.into());
        self.gas = self.gas.saturating_sub(entry.gas_limit.into());
        if let Some(account) = self.accounts.get_mut(&entry.account) {
            if let Some(lane) = account.lane_mut(entry.lane)
                && let Some(slot) = lane.remove(entry.nonce)
            {
                lane.in_play |= play;
                account.promised = account.promised.saturating_sub(price(&slot));
            }
            account.calls = account.calls.saturating_sub(1);
            account.bytes = account.bytes.saturating_sub(entry.bytes.into());
            account.gas = account.gas.saturating_sub(entry.gas_limit.into());
            account.slots = account.slots.saturating_sub(self.limits.slots(entry.bytes));
        }
        Some(entry)
    }

    /// Takes an entry out for a reason other than its turn.
    pub(crate) fn remove(&mut self, arrival: u64, why: Why, gone: &mut Vec<Gone<T>>) {
        if let Some(entry) = self.detach(arrival, false) {
            self.counters.left(why);
            gone.push(Gone { entry, why });
        }
    }

    /// Brings the indexes in step with an account after one of its lanes changed, and forgets what is empty.
    pub(crate) fn reindex(&mut self, name: AccountId, number: u8) {
        let Some(account) = self.accounts.get_mut(&name) else {
            return;
        };
        match self.pricing {
            Pricing::Paid => {
                if let Some(lane) = account.lane_mut(number) {
                    let offer = lane.offer(lane.queue.len());
                    swap(&mut self.offers, &mut lane.indexed, offer);
                }
            }
            Pricing::Free => {
                let holding = (account.calls > 0).then_some((account.slots, account.added, name));
                swap(&mut self.holdings, &mut account.indexed, holding);
            }
        }
        account
            .lanes
            .retain(|lane| lane.in_play || !lane.queue.is_empty());

        match (account.active(), account.ticket) {
            (true, None) => {
                let ticket = self.tickets;
                self.tickets = self.tickets.saturating_add(1);
                account.ticket = Some(ticket);
                self.round.insert(ticket, name);
            }
            (false, Some(ticket)) => {
                account.ticket = None;
                account.in_turn = false;
                account.deficit = 0;
                self.round.remove(&ticket);
                self.skipped.remove(&ticket);
            }
            (true, Some(_)) | (false, None) => {}
        }
        if account.lanes.is_empty() {
            self.accounts.remove(&name);
        }
    }
}

fn price(slot: &Slot) -> u128 {
    u128::from(slot.gas_limit) * u128::from(slot.gas_price)
}

/// Puts `new` into the index in place of what it has.
fn swap<K: Ord + Copy>(index: &mut BTreeSet<K>, indexed: &mut Option<K>, new: Option<K>) {
    if *indexed == new {
        return;
    }
    if let Some(old) = indexed.take() {
        index.remove(&old);
    }
    if let Some(new) = new {
        index.insert(new);
    }
    *indexed = new;
}
