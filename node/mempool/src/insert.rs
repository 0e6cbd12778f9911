//! Whether a call may wait.
//!
//! All is judged before anything changes, so a refusal leaves the pool as it was, but for calls that the state has
//! passed meanwhile.

use crate::answer::{Answer, Entry, Gone, Inserted, Refused, Why};
use crate::counters::add;
use crate::limits::Pricing;
use crate::pool::Pool;
use crate::room::Need;
use playfair_types::limits::NONCE_LANES;

/// The first number that is no nonce.
const NONCE_END: u64 = 1 << 48;

/// What must happen before a newcomer can wait.
struct Plan {
    next: u64,
    replaces: Option<u64>,
    evicts: Vec<u64>,
}

/// Why it does not.
enum Verdict {
    Known,
    Refused(Refused),
}

impl<T> Pool<T> {
    /// Lets `entry` wait, or says why not. `next_nonce` is that of its lane as the state has it: what waits below it is handed
    /// back as passed. If the pool remembers a later one, that counts; but it forgets a lane in which nothing waits or is in
    /// play. So give the nonce after all that was reported as played, not that of an older state, or the call will wait for a
    /// gap that nobody fills.
    ///
    /// The caller has verified the entry's signature, and on paid chains its price against the chain's least and its account's
    /// balance. Costs O(log n), and a refusal no more than that.
    pub fn insert(&mut self, entry: Entry<T>, next_nonce: u64, now_ms: u64) -> Inserted<T> {
        let mut gone = self.forget_below(&entry.account, entry.lane, next_nonce);
        let answer = match self.judge(&entry, next_nonce, now_ms) {
            Ok(plan) => self.admit(entry, plan, now_ms, &mut gone),
            Err(Verdict::Known) => {
                add(&mut self.counters.known);
                Answer::Known(entry)
            }
            Err(Verdict::Refused(refused)) => {
                self.counters.refuse(refused.name());
                Answer::Refused(refused, entry)
            }
        };
        Inserted { answer, gone }
    }

    fn admit(&mut self, entry: Entry<T>, plan: Plan, now_ms: u64, gone: &mut Vec<Gone<T>>) -> Answer<T> {
        for arrival in plan.evicts {
            self.remove(arrival, Why::Evicted, gone);
        }
        if self.pricing == Pricing::Free {
            let holder = (entry.account, entry.lane);
            let forgotten = self.quotas.spend(&self.limits, holder, entry.gas_limit, now_ms);
            self.counters.buckets_forgotten = self.counters.buckets_forgotten.saturating_add(forgotten);
        }
        add(&mut self.counters.inserted);
        match plan.replaces {
            Some(old) => {
                if let Some(entry) = self.replace(old, entry, plan.next, now_ms) {
                    let why = Why::Replaced;
                    self.counters.left(why);
                    gone.push(Gone { entry, why });
                }
                Answer::Replaced
            }
            None => {
                self.attach(entry, plan.next, now_ms);
                Answer::Added
            }
        }
    }

    fn judge(&self, entry: &Entry<T>, next_nonce: u64, now_ms: u64) -> Result<Plan, Verdict> {
        if usize::from(entry.lane) >= NONCE_LANES {
            return Err(Refused::Lane.into());
        }
        if self.ids.contains_key(&entry.id) {
            return Err(Verdict::Known);
        }
        if entry.gas_limit > self.limits.call_gas_max {
            let most = self.limits.call_gas_max;
            return Err(Refused::GasLimit { most }.into());
        }
        let least_ms = now_ms.saturating_add(self.limits.margin_ms);
        if entry.valid_until_ms < least_ms {
            return Err(Refused::TooLate { least_ms }.into());
        }
        let next = self.judge_nonce(entry, next_nonce)?;
        let replaces = self.judge_price(entry)?;
        let need = self.judge_account(entry, replaces)?;
        if self.pricing == Pricing::Free {
            let holder = (entry.account, entry.lane);
            let retry_after_ms = self.quotas.wait_ms(&self.limits, holder, entry.gas_limit, now_ms);
            if retry_after_ms > 0 {
                return Err(Refused::Quota { retry_after_ms }.into());
            }
        }
        let evicts = self.make_room(entry, next, &need)?;
        Ok(Plan {
            next,
            replaces,
            evicts,
        })
    }

    /// The lane's next nonce, if the entry's is one that may wait.
    fn judge_nonce(&self, entry: &Entry<T>, next_nonce: u64) -> Result<u64, Refused> {
        let account = self.accounts.get(&entry.account);
        let lane = account.and_then(|account| account.lane(entry.lane));
        let next = lane.map_or(next_nonce, |lane| lane.next.max(next_nonce));
        let end = next.saturating_add(self.limits.lane_window.into()).min(NONCE_END);
        if entry.nonce < next {
            Err(Refused::Stale { next })
        } else if entry.nonce >= end {
            Err(Refused::TooFarAhead { next, end })
        } else if lane.is_some_and(|lane| lane.in_play && lane.next == entry.nonce) {
            Err(Refused::InPlay)
        } else {
            Ok(next)
        }
    }

    /// The arrival of the call whose place the entry takes, if it offers enough for it.
    fn judge_price(&self, entry: &Entry<T>) -> Result<Option<u64>, Refused> {
        let account = self.accounts.get(&entry.account);
        let lane = account.and_then(|account| account.lane(entry.lane));
        let Some(old) = lane.and_then(|lane| lane.find(entry.nonce)) else {
            return Ok(None);
        };
        if self.pricing == Pricing::Paid {
            let raise = old.gas_price.div_ceil(10).max(1);
            let least = old.gas_price.checked_add(raise);
            if least.is_none_or(|least| entry.gas_price < least) {
                let least = least.unwrap_or(u64::MAX);
                return Err(Refused::Underpriced { least });
            }
        }
        Ok(Some(old.arrival))
    }

    /// What the entry needs of the pool, if its account may hold it. A call that would be alone in its lane may always:
    /// the other lanes may be another device's, and must not keep this one out.
    fn judge_account(&self, entry: &Entry<T>, replaces: Option<u64>) -> Result<Need, Refused> {
        let old = replaces.and_then(|arrival| self.entries.get(&arrival));
        let old = old.map(|waiting| waiting.entry.bytes);
        let account = self.accounts.get(&entry.account);
        let (calls, bytes, slots) = match account {
            Some(account) => (account.calls, account.bytes, account.slots),
            None => (0, 0, 0),
        };
        let lane = account.and_then(|account| account.lane(entry.lane));
        let alone = lane.is_none_or(|lane| lane.alone(entry.nonce));
        let old_bytes = u64::from(old.unwrap_or(0));
        let old_slots = old.map_or(0, |bytes| self.limits.slots(bytes));
        if !alone && old.is_none() && calls >= self.limits.account_calls_max {
            let most = self.limits.account_calls_max;
            return Err(Refused::AccountCalls { most });
        }
        let after = bytes.saturating_sub(old_bytes).saturating_add(entry.bytes.into());
        // Calls that are alone may stand beyond the bound; what only takes a place and is no larger is not refused for it.
        if !alone && after > bytes.max(self.limits.account_bytes_max) {
            let most = self.limits.account_bytes_max;
            return Err(Refused::AccountBytes { most });
        }
        Ok(Need {
            calls: u64::from(old.is_none()),
            bytes: u64::from(entry.bytes).saturating_sub(old_bytes),
            alone,
            slots_after: slots
                .saturating_sub(old_slots)
                .saturating_add(self.limits.slots(entry.bytes)),
        })
    }
}

impl From<Refused> for Verdict {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}
