//! How entries leave that are not taken: their time is over, the state has passed them, or the caller wants them back.

use crate::answer::{Entry, Gone, Why};
use crate::counters::add;
use crate::limits::Pricing;
use crate::pool::Pool;
use playfair_types::account::AccountId;

impl<T> Pool<T> {
    /// Hands back what can no longer be played at `now_ms`, and what has waited for a gap for too long. Costs nothing
    /// while there is none.
    ///
    /// A time before that of an earlier call is no harm: less is over then.
    #[must_use = "entries that had to leave are handed back"]
    pub fn expire(&mut self, now_ms: u64) -> Vec<Gone<T>> {
        let mut gone = Vec::new();
        while let Some(&(due_ms, arrival)) = self.due.first() {
            if due_ms >= now_ms {
                break;
            }
            self.look_at(due_ms, arrival, now_ms, &mut gone);
        }
        if self.pricing == Pricing::Free {
            self.quotas.forget_full(now_ms);
        }
        gone
    }

    fn look_at(&mut self, due_ms: u64, arrival: u64, now_ms: u64, gone: &mut Vec<Gone<T>>) {
        self.due.remove(&(due_ms, arrival));
        let Some(waiting) = self.entries.get_mut(&arrival) else {
            return;
        };
        let entry = &waiting.entry;
        if entry.valid_until_ms < now_ms {
            return self.remove(arrival, Why::Expired, gone);
        }
        let account = self.accounts.get(&entry.account);
        let lane = account.and_then(|account| account.lane(entry.lane));
        let gapped = lane.is_some_and(|lane| entry.nonce > lane.gap());
        if gapped && waiting.gapped {
            return self.remove(arrival, Why::Stranded, gone);
        }
        // Seen behind a gap for the first time, it is given the whole time again: the gap may be new.
        waiting.gapped = gapped;
        waiting.due_ms = entry
            .valid_until_ms
            .min(now_ms.saturating_add(self.limits.gap_ms));
        self.due.insert((waiting.due_ms, arrival));
    }

    /// The state's next nonce of this lane is `next_nonce`: what waits below it is handed back, what is in play below
    /// it is over.
    #[must_use = "entries that had to leave are handed back"]
    pub fn forget_below(&mut self, account: &AccountId, lane: u8, next_nonce: u64) -> Vec<Gone<T>> {
        let mut gone = Vec::new();
        let known = self.accounts.get_mut(account);
        let Some(known) = known.and_then(|known| known.lane_mut(lane)) else {
            return gone;
        };
        if known.next >= next_nonce {
            return gone;
        }
        known.next = next_nonce;
        known.in_play = false;
        let passed = known.queue.iter().take_while(|slot| slot.nonce < next_nonce);
        let passed: Vec<u64> = passed.map(|slot| slot.arrival).collect();
        // Reindexed once all are out: in between nothing looks ready, and the account would lose its turn.
        for arrival in passed {
            let why = Why::Passed;
            if let Some(entry) = self.unlink(arrival, false) {
                self.counters.left(why);
                gone.push(Gone { entry, why });
            }
        }
        self.reindex(*account, lane);
        gone
    }

    /// Hands back all that waits in a lane, first nonce first.
    #[must_use = "entries that had to leave are handed back"]
    pub fn drop_lane(&mut self, account: &AccountId, lane: u8) -> Vec<Gone<T>> {
        let mut gone = Vec::new();
        let known = self.accounts.get(account);
        if let Some(known) = known.and_then(|known| known.lane(lane)) {
            let all: Vec<u64> = known.queue.iter().map(|slot| slot.arrival).collect();
            for arrival in all {
                self.remove(arrival, Why::Withdrawn, &mut gone);
            }
        }
        gone
    }

    /// Hands everything back in the order of arrival, forgets what is in play, and keeps only quotas and counters.
    #[must_use = "somebody may wait for them"]
    pub fn drain(&mut self) -> Vec<Entry<T>> {
        self.ids.clear();
        self.due.clear();
        self.accounts.clear();
        self.offers.clear();
        self.holdings.clear();
        self.round.clear();
        self.skipped.clear();
        self.bytes = 0;
        self.gas = 0;
        let entries = std::mem::take(&mut self.entries);
        for _ in 0..entries.len() {
            add(&mut self.counters.drained);
        }
        entries.into_values().map(|waiting| waiting.entry).collect()
    }
}
