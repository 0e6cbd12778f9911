//! How often one client may ask: a token bucket each, as one number.
//!
//! A bucket holds `burst` tokens and gets `per_second` new ones each second. Instead of its level we keep the moment at
//! which it is full again (`full_at`): taking a token moves it one step ahead, and what would move it further ahead
//! than `burst` steps is refused, with the exact time to wait. A client of whom nothing is kept has a full bucket.
//!
//! **Memory is bounded** by two generations of buckets. When the young one is full, the old one is dropped and the
//! young one grows old; who asks again moves back to the young one. So the client forgotten is one that was quiet
//! while half of `clients_max` others came. *How one could cheat*: with that many addresses, each asked from once, one
//! gains a full bucket for each; but so many addresses have that many buckets anyway.
//!
//! The core has no clock: it is told the time, and the same calls give the same answers.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use crate::peer::Network;

const SECOND_NS: u64 = 1_000_000_000;

/// How often one client may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Tokens that come back each second; an ordinary request costs one. At least 1.
    pub per_second: u32,
    /// Tokens of a client that was quiet. At least 1; what costs more than that takes all of them.
    pub burst: u32,
    /// Clients remembered at most, some 100 bytes each.
    pub clients_max: usize,
}

impl Default for RateLimit {
    /// 50 each second, 200 at once, 65,536 clients remembered.
    fn default() -> RateLimit {
        RateLimit {
            per_second: 50,
            burst: 200,
            clients_max: 65_536,
        }
    }
}

/// The buckets of all clients.
#[derive(Debug)]
pub(crate) struct Buckets {
    /// When each is full again, in nanoseconds of the caller's clock.
    young: HashMap<Network, u64>,
    old: HashMap<Network, u64>,
    generation_max: usize,
    step_ns: u64,
    burst: u64,
}

impl Buckets {
    pub(crate) fn new(limit: &RateLimit) -> Buckets {
        Buckets {
            young: HashMap::new(),
            old: HashMap::new(),
            generation_max: (limit.clients_max / 2).max(1),
            step_ns: SECOND_NS / u64::from(limit.per_second.max(1)),
            burst: u64::from(limit.burst.max(1)),
        }
    }

    /// Takes `cost` tokens, or none and says in how many nanoseconds they will be there.
    pub(crate) fn take(&mut self, client: Network, cost: u32, now_ns: u64) -> Result<(), u64> {
        let full_at = match self.young.get(&client) {
            Some(full_at) => *full_at,
            None => self.old.remove(&client).unwrap_or(0),
        };
        // At most 2^32 steps of a second, twice, ahead of now: no sum overflows while now is below 2^63 (292 years).
        let cost = u64::from(cost).min(self.burst);
        let taken = full_at.max(now_ns) + cost * self.step_ns;
        let latest = now_ns + self.burst * self.step_ns;
        let (full_at, answer) = if taken <= latest {
            (taken, Ok(()))
        } else {
            (full_at, Err(taken - latest))
        };
        if self.young.len() >= self.generation_max && !self.young.contains_key(&client) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(client, full_at);
        answer
    }

    /// Takes tokens beyond the one that the request took already. Refused, it comes again as a request: the time to wait is until both are there.
    fn take_more(&mut self, client: Network, cost: u32, now_ns: u64) -> Result<(), u64> {
        let most = u32::try_from(self.burst.saturating_sub(1)).unwrap_or(u32::MAX);
        self.take(client, cost.min(most), now_ns)
            .map_err(|wait_ns| wait_ns + self.step_ns)
    }
}

/// The buckets with a clock.
#[derive(Debug)]
pub(crate) struct Limiter {
    buckets: Mutex<Buckets>,
    start: Instant,
}

impl Limiter {
    pub(crate) fn new(limit: &RateLimit) -> Limiter {
        Limiter {
            buckets: Mutex::new(Buckets::new(limit)),
            start: Instant::now(),
        }
    }

    /// Takes `cost` tokens, or says in how many milliseconds, rounded up, to ask again.
    pub(crate) fn take(&self, client: Network, cost: u32) -> Result<(), u64> {
        self.with(|buckets, now_ns| buckets.take(client, cost, now_ns))
    }

    /// The same for what a request costs beyond the one token that it took, waiting for both included.
    pub(crate) fn take_more(&self, client: Network, cost: u32) -> Result<(), u64> {
        self.with(|buckets, now_ns| buckets.take_more(client, cost, now_ns))
    }

    fn with(&self, take: impl FnOnce(&mut Buckets, u64) -> Result<(), u64>) -> Result<(), u64> {
        let now_ns = u64::try_from(self.start.elapsed().as_nanos())
            .unwrap_or(u64::MAX)
            .min(u64::MAX / 2);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        take(&mut buckets, now_ns).map_err(|wait_ns| wait_ns.div_ceil(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Network {
        Network::V4(number.to_be_bytes())
    }

    fn buckets(per_second: u32, burst: u32, clients_max: usize) -> Buckets {
        Buckets::new(&RateLimit {
            per_second,
            burst,
            clients_max,
        })
    }

    #[test]
    fn who_waits_as_told_is_served() {
        for (burst, cost) in [(3, 2), (3, 3), (3, 50), (1, 4)] {
            let mut buckets = buckets(10, burst, 100);
            let mut now = 5 * SECOND_NS;
            for _ in 0..burst {
                assert_eq!(buckets.take(client(1), 1, now), Ok(()));
            }
            // A dear request: it takes its own token first, and loses it when there are not enough.
            let mut waits = 0;
            loop {
                let asked = buckets.take(client(1), 1, now);
                match asked.and_then(|()| buckets.take_more(client(1), cost, now)) {
                    Ok(()) => break,
                    Err(wait_ns) => now += wait_ns,
                }
                waits += 1;
                assert!(waits <= 2, "burst {burst}, cost {cost}: refused for ever");
            }
        }
    }

    #[test]
    fn a_burst_then_the_rate() {
        let mut buckets = buckets(10, 3, 100);
        let start = 5 * SECOND_NS;
        for _ in 0..3 {
            assert_eq!(buckets.take(client(1), 1, start), Ok(()));
        }
        assert_eq!(buckets.take(client(1), 1, start), Err(SECOND_NS / 10));
        assert_eq!(buckets.take(client(2), 1, start), Ok(()));
        // Refusals cost nothing: exactly after the time told, one passes and no second one does.
        let later = start + SECOND_NS / 10;
        assert_eq!(buckets.take(client(1), 1, later - 1), Err(1));
        assert_eq!(buckets.take(client(1), 1, later), Ok(()));
        assert_eq!(buckets.take(client(1), 1, later), Err(SECOND_NS / 10));
    }

    #[test]
    fn what_costs_more_than_a_bucket_takes_all_of_it() {
        let mut buckets = buckets(10, 5, 100);
        assert_eq!(buckets.take(client(1), 1000, 0), Ok(()));
        assert_eq!(buckets.take(client(1), 1, 0), Err(SECOND_NS / 10));
        assert_eq!(buckets.take(client(1), 5, 0), Err(SECOND_NS / 2));
        assert_eq!(buckets.take(client(1), u32::MAX, SECOND_NS / 2), Ok(()));
    }

    #[test]
    fn a_day_never_gives_more_than_rate_and_burst() {
        let mut buckets = buckets(7, 4, 100);
        let (mut now_ns, mut seed, mut passed) = (0_u64, 1_u64, 0_u64);
        while now_ns < 100 * SECOND_NS {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            now_ns += (seed >> 40) % 50_000_000;
            let cost = (seed >> 33) as u32 % 4 + 1;
            if buckets.take(client(1), cost, now_ns).is_ok() {
                passed += u64::from(cost);
            }
            assert!(passed <= 4 + now_ns / buckets.step_ns, "at {now_ns}");
        }
        assert!(passed > 600, "{passed}");
    }

    #[test]
    fn memory_is_bounded_and_the_quiet_are_forgotten() {
        let mut buckets = buckets(1, 1, 100);
        for number in 0..10_000 {
            assert_eq!(buckets.take(client(number), 1, 0), Ok(()));
            // One that keeps asking is remembered among any number of others.
            assert_eq!(
                buckets.take(client(u32::MAX), 1, 0).is_ok(),
                number == 0,
                "{number}"
            );
            assert!(buckets.young.len() + buckets.old.len() <= 100);
        }
        assert_eq!(buckets.take(client(0), 1, 0), Ok(()));
    }

    #[test]
    fn extreme_limits_and_times_are_harmless() {
        let mut none = buckets(0, 0, 0);
        assert_eq!(none.take(client(1), 0, u64::MAX / 2), Ok(()));
        assert_eq!(none.take(client(1), u32::MAX, u64::MAX / 2), Ok(()));
        assert!(none.take(client(1), u32::MAX, u64::MAX / 2).is_err());
        let mut all = buckets(u32::MAX, u32::MAX, 1);
        assert_eq!(all.take(client(1), u32::MAX, 0), Ok(()));
    }
}
