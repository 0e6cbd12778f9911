//! Token buckets: what a lane of an account of a free chain may send.
//!
//! Each lane has its own, since a lane may be another device's: a session that spends all it may, by sending one nonce
//! again and again, must not spend what the owner needs to revoke it. An account that uses all its lanes may send
//! eight times as much, as eight accounts could, and making those costs nobody more; in the round it is still one.
//!
//! A bucket is kept as what it *lacks*, in thousandths, which shrink by the rate per second each millisecond: whole
//! numbers, no rounding, and a lane of which nothing is remembered has full buckets. Those that are full again are
//! forgotten.
//!
//! When more lanes than [`Limits::buckets_max`] have buckets that are not full, the one that will be full first is
//! forgotten. Refusing new lanes instead would let a flood shut everybody out; this way a flood gains the little
//! that its fullest bucket lacked, after it has kept that many others emptier. At the default rates that takes 100,000
//! lanes that each send several calls per second: 12,500 accounts with eight lanes each. The bound is on buckets, so
//! their memory is the same however many lanes an account uses.
//!
//! When the clock goes back, nothing refills until it has moved on from there.

use crate::limits::{Limits, Quota};
use playfair_types::account::AccountId;
use std::collections::{BTreeMap, BTreeSet};

/// One call or unit of gas, as buckets count.
const UNIT: u64 = 1_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bucket {
    calls_lacking: u64,
    gas_lacking: u64,
    at_ms: u64,
    full_at_ms: u64,
}

impl Bucket {
    fn refill(&mut self, quota: &Quota, now_ms: u64) {
        let elapsed = now_ms.saturating_sub(self.at_ms);
        self.at_ms = now_ms;
        let calls = elapsed.saturating_mul(u64::from(quota.calls_per_s));
        self.calls_lacking = self.calls_lacking.saturating_sub(calls);
        self.gas_lacking = self
            .gas_lacking
            .saturating_sub(elapsed.saturating_mul(quota.gas_per_s));
    }

    fn spend(&mut self, quota: &Quota, gas: u32) {
        self.calls_lacking = self.calls_lacking.saturating_add(UNIT);
        self.gas_lacking = self.gas_lacking.saturating_add(u64::from(gas) * UNIT);
        let calls_ms = self.calls_lacking.div_ceil(u64::from(quota.calls_per_s));
        let gas_ms = self.gas_lacking.div_ceil(quota.gas_per_s);
        self.full_at_ms = self.at_ms.saturating_add(calls_ms.max(gas_ms));
    }

    /// How long until a call fits, ms.
    fn wait_ms(&self, quota: &Quota, gas: u32) -> u64 {
        let wait = |lacking: u64, cost: u64, burst: u64, per_s: u64| {
            let after = u128::from(lacking) + u128::from(cost) * u128::from(UNIT);
            let over = after.saturating_sub(u128::from(burst) * u128::from(UNIT));
            u64::try_from(over.div_ceil(u128::from(per_s))).unwrap_or(u64::MAX)
        };
        let calls = wait(
            self.calls_lacking,
            1,
            quota.calls_burst.into(),
            quota.calls_per_s.into(),
        );
        calls.max(wait(
            self.gas_lacking,
            gas.into(),
            quota.gas_burst,
            quota.gas_per_s,
        ))
    }
}

/// Who has a bucket: a lane of an account.
pub(crate) type Holder = (AccountId, u8);

/// The buckets of all lanes that are not full.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    buckets: BTreeMap<Holder, Bucket>,
    by_full: BTreeSet<(u64, Holder)>,
}

impl Quotas {
    /// How long `holder` has to wait before it may send a call of `gas`, ms; 0 is now.
    pub(crate) fn wait_ms(&self, limits: &Limits, holder: Holder, gas: u32, now_ms: u64) -> u64 {
        let mut bucket = self.buckets.get(&holder).copied().unwrap_or_default();
        bucket.refill(&limits.quota, now_ms);
        bucket.wait_ms(&limits.quota, gas)
    }

    /// Charges a call to `holder`. Returns how many buckets were forgotten before they were full.
    pub(crate) fn spend(&mut self, limits: &Limits, holder: Holder, gas: u32, now_ms: u64) -> u64 {
        let mut bucket = self.buckets.remove(&holder).unwrap_or_default();
        self.by_full.remove(&(bucket.full_at_ms, holder));
        bucket.refill(&limits.quota, now_ms);
        bucket.spend(&limits.quota, gas);
        self.buckets.insert(holder, bucket);
        self.by_full.insert((bucket.full_at_ms, holder));

        self.forget_full(now_ms);
        let mut forgotten = 0;
        while self.buckets.len() > limits.buckets_max as usize {
            let Some((_, fullest)) = self.by_full.pop_first() else {
                break;
            };
            self.buckets.remove(&fullest);
            forgotten += 1;
        }
        forgotten
    }

    /// Forgets the buckets that are full again.
    pub(crate) fn forget_full(&mut self, now_ms: u64) {
        while let Some(&(full_at_ms, holder)) = self.by_full.first() {
            if full_at_ms > now_ms {
                return;
            }
            self.by_full.pop_first();
            self.buckets.remove(&holder);
        }
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        assert_eq!(self.buckets.len(), self.by_full.len());
        self.buckets.len()
    }
}
