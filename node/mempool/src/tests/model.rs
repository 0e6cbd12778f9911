//! The pool as one would write it down first: lists that are searched from end to end. It shares nothing with the pool
//! but the limits.

use super::*;

#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) entry: Entry<u64>,
    arrival: u64,
    due_ms: u64,
    gapped: bool,
}

#[derive(Clone, Copy, Debug)]
struct Lane {
    next: u64,
    in_play: bool,
}

/// An account's place in the round, in order.
#[derive(Clone, Copy, Debug)]
struct Seat {
    account: AccountId,
    in_turn: bool,
    deficit: u64,
    last_lane: Option<u8>,
    skipped: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    calls_lacking: u64,
    gas_lacking: u64,
    at_ms: u64,
}

pub(crate) type Left = Vec<([u8; 32], Why)>;

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pricing: Pricing,
    limits: Limits,
    pub(crate) kept: Vec<Kept>,
    lanes: BTreeMap<(AccountId, u8), Lane>,
    seats: Vec<Seat>,
    /// Where an account's lanes go on, while it has a call.
    last_lanes: BTreeMap<AccountId, u8>,
    added: BTreeMap<AccountId, u64>,
    buckets: BTreeMap<(AccountId, u8), Bucket>,
    arrivals: u64,
}

impl Model {
    pub(crate) fn new(pricing: Pricing, limits: Limits) -> Self {
        Self {
            pricing,
            limits,
            kept: Vec::new(),
            lanes: BTreeMap::new(),
            seats: Vec::new(),
            last_lanes: BTreeMap::new(),
            added: BTreeMap::new(),
            buckets: BTreeMap::new(),
            arrivals: 0,
        }
    }

    fn of(kept: &[Kept], account: AccountId) -> impl Iterator<Item = &Kept> {
        kept.iter().filter(move |kept| kept.entry.account == account)
    }

    /// A lane's calls by nonce.
    fn queue(kept: &[Kept], account: AccountId, lane: u8) -> Vec<&Kept> {
        let mut queue: Vec<&Kept> = Self::of(kept, account)
            .filter(|kept| kept.entry.lane == lane)
            .collect();
        queue.sort_by_key(|kept| kept.entry.nonce);
        queue
    }

    /// Every nonce from the lane's first to this one waits, but this one itself need not.
    fn reachable(&self, kept: &[Kept], account: AccountId, lane: u8, next: u64, nonce: u64) -> bool {
        let in_play = self.lanes.get(&(account, lane)).is_some_and(|lane| lane.in_play);
        let first = next + u64::from(in_play);
        let queue = Self::queue(kept, account, lane);
        (first..nonce).all(|nonce| queue.iter().any(|kept| kept.entry.nonce == nonce))
    }

    fn settle(&mut self) {
        let kept = &self.kept;
        self.lanes.retain(|(account, number), lane| {
            lane.in_play || !Self::queue(kept, *account, *number).is_empty()
        });
        let accounts: Vec<AccountId> = self.lanes.keys().map(|(account, _)| *account).collect();
        self.last_lanes.retain(|account, _| accounts.contains(account));
        let active = |model: &Self, account| {
            model
                .lanes
                .iter()
                .any(|((name, _), lane)| *name == account && lane.in_play)
                || model.ready(account, None).is_some()
        };
        let still: Vec<bool> = self.seats.iter().map(|seat| active(self, seat.account)).collect();
        let mut still = still.into_iter();
        self.seats.retain(|_| still.next().unwrap());
        for account in accounts {
            let seated = self.seats.iter().any(|seat| seat.account == account);
            if !seated && active(self, account) {
                self.seats.push(Seat {
                    account,
                    in_turn: false,
                    deficit: 0,
                    last_lane: self.last_lanes.get(&account).copied(),
                    skipped: false,
                });
            }
        }
    }

    fn ready(&self, account: AccountId, last: Option<u8>) -> Option<Entry<u64>> {
        let start = last.map_or(0, |last| last + 1);
        (0..8).map(|step| (start + step) % 8).find_map(|number| {
            let lane = self.lanes.get(&(account, number))?;
            let queue = Self::queue(&self.kept, account, number);
            let first = &queue.first()?.entry;
            (!lane.in_play && first.nonce == lane.next).then(|| first.clone())
        })
    }

    fn remove(&mut self, id: [u8; 32]) -> Entry<u64> {
        let at = self.kept.iter().position(|kept| kept.entry.id == id).unwrap();
        self.kept.remove(at).entry
    }

    pub(crate) fn insert(&mut self, entry: &Entry<u64>, next: u64, now_ms: u64) -> (Said, Left) {
        let mut left = self.forget_below(entry.account, entry.lane, next);
        match self.judge(entry, next, now_ms) {
            Err(said) => (said, left),
            Ok(evicts) => {
                for id in evicts {
                    self.remove(id);
                    left.push((id, Why::Evicted));
                }
                if self.pricing == Pricing::Free {
                    let mut bucket = self.bucket((entry.account, entry.lane), now_ms);
                    bucket.calls_lacking += 1_000;
                    bucket.gas_lacking += 1_000 * u64::from(entry.gas_limit);
                    self.buckets.insert((entry.account, entry.lane), bucket);
                    self.forget_full(now_ms);
                }
                let old = self.same(entry);
                if let Some(old) = old {
                    self.remove(old.id);
                    left.push((old.id, Why::Replaced));
                }
                // An eviction may have closed the lane.
                let evicted = self.kept.clone();
                if Self::queue(&evicted, entry.account, entry.lane).is_empty() {
                    let lane = self.lanes.get(&(entry.account, entry.lane)).copied();
                    let next = lane.map_or(next, |lane| lane.next.max(next));
                    self.lanes
                        .entry((entry.account, entry.lane))
                        .or_insert(Lane { next, in_play: false });
                }
                self.kept.push(Kept {
                    entry: entry.clone(),
                    arrival: self.arrivals,
                    due_ms: entry.valid_until_ms.min(now_ms + self.limits.gap_ms),
                    gapped: false,
                });
                self.added.insert(entry.account, self.arrivals);
                self.arrivals += 1;
                self.settle();
                let replaced = left.last().is_some_and(|(_, why)| *why == Why::Replaced);
                (if replaced { Said::Replaced } else { Said::Added }, left)
            }
        }
    }

    fn same(&self, entry: &Entry<u64>) -> Option<Entry<u64>> {
        let place = (entry.account, entry.lane, entry.nonce);
        let mut kept = self.kept.iter().map(|kept| &kept.entry);
        kept.find(|kept| (kept.account, kept.lane, kept.nonce) == place)
            .cloned()
    }

    /// Full once is full, even if the clock goes back.
    fn forget_full(&mut self, now_ms: u64) {
        let now = self.clone();
        self.buckets.retain(|holder, _| {
            let bucket = now.bucket(*holder, now_ms);
            bucket.calls_lacking > 0 || bucket.gas_lacking > 0
        });
    }

    fn bucket(&self, holder: (AccountId, u8), now_ms: u64) -> Bucket {
        let mut bucket = self.buckets.get(&holder).copied().unwrap_or_default();
        let elapsed = now_ms.saturating_sub(bucket.at_ms);
        let quota = self.limits.quota;
        bucket.calls_lacking = bucket
            .calls_lacking
            .saturating_sub(elapsed * u64::from(quota.calls_per_s));
        bucket.gas_lacking = bucket.gas_lacking.saturating_sub(elapsed * quota.gas_per_s);
        bucket.at_ms = now_ms;
        bucket
    }

    fn judge(&self, entry: &Entry<u64>, next: u64, now_ms: u64) -> Result<Vec<[u8; 32]>, Said> {
        let limits = &self.limits;
        let refuse = |refused| Err(Said::Refused(refused));
        if entry.lane >= 8 {
            return refuse(Refused::Lane);
        }
        if self.kept.iter().any(|kept| kept.entry.id == entry.id) {
            return Err(Said::Known);
        }
        if entry.gas_limit > limits.call_gas_max {
            return refuse(Refused::GasLimit {
                most: limits.call_gas_max,
            });
        }
        if entry.valid_until_ms < now_ms + limits.margin_ms {
            return refuse(Refused::TooLate {
                least_ms: now_ms + limits.margin_ms,
            });
        }
        let lane = self.lanes.get(&(entry.account, entry.lane));
        let next = lane.map_or(next, |lane| lane.next.max(next));
        let end = next + u64::from(limits.lane_window);
        if entry.nonce < next {
            return refuse(Refused::Stale { next });
        }
        if entry.nonce >= end {
            return refuse(Refused::TooFarAhead { next, end });
        }
        if entry.nonce == next && lane.is_some_and(|lane| lane.in_play) {
            return refuse(Refused::InPlay);
        }
        let old = self.same(entry);
        if let (Pricing::Paid, Some(old)) = (self.pricing, &old) {
            let least = (old.gas_price + 1).max((old.gas_price * 11).div_ceil(10));
            if entry.gas_price < least {
                return refuse(Refused::Underpriced { least });
            }
        }
        let mut kept: Vec<Kept> = self.kept.clone();
        kept.retain(|kept| Some(kept.entry.id) != old.as_ref().map(|old| old.id));
        let alone = Self::queue(&kept, entry.account, entry.lane).is_empty();
        let calls = Self::of(&kept, entry.account).count();
        if !alone && old.is_none() && calls >= limits.account_calls_max as usize {
            return refuse(Refused::AccountCalls {
                most: limits.account_calls_max,
            });
        }
        let bytes = |kept: &mut dyn Iterator<Item = &Kept>| -> u64 {
            kept.map(|kept| u64::from(kept.entry.bytes)).sum()
        };
        let grows = old.as_ref().is_none_or(|old| entry.bytes > old.bytes);
        let after = bytes(&mut Self::of(&kept, entry.account)) + u64::from(entry.bytes);
        if !alone && grows && after > limits.account_bytes_max {
            return refuse(Refused::AccountBytes {
                most: limits.account_bytes_max,
            });
        }
        if self.pricing == Pricing::Free {
            let bucket = self.bucket((entry.account, entry.lane), now_ms);
            let quota = limits.quota;
            let calls = (bucket.calls_lacking + 1_000)
                .saturating_sub(1_000 * u64::from(quota.calls_burst))
                .div_ceil(quota.calls_per_s.into());
            let gas = (bucket.gas_lacking + 1_000 * u64::from(entry.gas_limit))
                .saturating_sub(1_000 * quota.gas_burst)
                .div_ceil(quota.gas_per_s);
            if calls.max(gas) > 0 {
                return refuse(Refused::Quota {
                    retry_after_ms: calls.max(gas),
                });
            }
        }
        let mut evicts = Vec::new();
        let mut own = false;
        while kept.len() >= limits.calls_max as usize
            || bytes(&mut kept.iter()) + u64::from(entry.bytes) > limits.bytes_max
        {
            let id = match self.pricing {
                Pricing::Paid => self.lowest(&kept, entry, next, old.as_ref()),
                Pricing::Free => self.most(&kept, entry, &mut own),
            };
            let id = id.map_err(Said::Refused)?;
            evicts.push(id);
            kept.retain(|kept| kept.entry.id != id);
        }
        Ok(evicts)
    }

    /// What the call offers where `kept` wait.
    fn offer(&self, kept: &[Kept], entry: &Entry<u64>, next: u64) -> u64 {
        if !self.reachable(kept, entry.account, entry.lane, next, entry.nonce) {
            return 0;
        }
        let queue = Self::queue(kept, entry.account, entry.lane);
        let before = queue.iter().filter(|kept| kept.entry.nonce < entry.nonce);
        before
            .map(|kept| kept.entry.gas_price)
            .fold(entry.gas_price, u64::min)
    }

    fn lowest(
        &self,
        kept: &[Kept],
        entry: &Entry<u64>,
        next: u64,
        old: Option<&Entry<u64>>,
    ) -> Result<[u8; 32], Refused> {
        let mut worst: Option<(u64, u64, [u8; 32])> = None;
        for ((account, number), lane) in &self.lanes {
            let queue = Self::queue(kept, *account, *number);
            let Some(last) = queue.last() else {
                continue;
            };
            if (*account, *number) == (entry.account, entry.lane) && last.entry.nonce <= entry.nonce {
                continue;
            }
            // The call to be replaced waits until all is judged.
            let mut there: Vec<Kept> = kept.to_vec();
            there.extend(old.map(|old| Kept {
                entry: old.clone(),
                arrival: 0,
                due_ms: 0,
                gapped: false,
            }));
            let offer = self.offer(&there, &last.entry, lane.next);
            let better = worst
                .is_none_or(|(least, arrival, _)| offer < least || offer == least && last.arrival > arrival);
            if better {
                worst = Some((offer, last.arrival, last.entry.id));
            }
        }
        let (least, _, id) = worst.ok_or(Refused::Full { offer_above: None })?;
        if least >= self.offer(&self.kept, entry, next) {
            return Err(Refused::Full {
                offer_above: Some(least),
            });
        }
        Ok(id)
    }

    /// `own`: no other account gives way any more.
    fn most(&self, kept: &[Kept], entry: &Entry<u64>, own: &mut bool) -> Result<[u8; 32], Refused> {
        let slots = |account| -> u64 {
            Self::of(kept, account)
                .map(|kept| self.limits.slots(kept.entry.bytes))
                .sum()
        };
        let holders = kept.iter().map(|kept| kept.entry.account);
        let most = holders.max_by_key(|account| (slots(*account), self.added[account]));
        let least = slots(entry.account) + self.limits.slots(entry.bytes) + 2;
        let most = most.filter(|most| slots(*most) >= least);
        *own |= most.is_none();
        let alone = Self::queue(kept, entry.account, entry.lane).is_empty();
        let (giver, keeps) = match most {
            Some(most) if !*own => (most, 0),
            _ if alone => (entry.account, 1),
            _ => return Err(Refused::Full { offer_above: None }),
        };
        let queues = (0..8).map(|lane| Self::queue(kept, giver, lane));
        queues
            .filter(|queue| queue.len() > keeps)
            .max_by_key(|queue| (queue.len(), queue[queue.len() - 1].arrival))
            .map(|queue| queue[queue.len() - 1].entry.id)
            .ok_or(Refused::Full { offer_above: None })
    }

    pub(crate) fn start_block(&mut self) {
        for seat in &mut self.seats {
            seat.skipped = false;
        }
        // Who was passed over was never moved, so it stands where it stood.
    }

    pub(crate) fn take(&mut self, gas: u64, bytes: u64, now_ms: u64) -> (Option<[u8; 32]>, Left) {
        let left = self.expire(now_ms);
        for _ in 0..100 {
            if self.seats.iter().filter(|seat| seat.skipped).count() >= self.limits.skips_max as usize {
                break;
            }
            let candidates = self.seats.iter().enumerate().filter(|(_, seat)| !seat.skipped);
            let next = candidates
                .filter_map(|(at, seat)| Some((at, self.ready(seat.account, seat.last_lane)?)))
                .next();
            let Some((at, call)) = next else {
                break;
            };
            if !self.seats[at].in_turn {
                self.seats[at].in_turn = true;
                self.seats[at].deficit += self.limits.quantum;
            }
            if u64::from(call.gas_limit) > self.seats[at].deficit {
                let mut seat = self.seats.remove(at);
                seat.in_turn = false;
                self.seats.push(seat);
                continue;
            }
            if u64::from(call.gas_limit) > gas || u64::from(call.bytes) > bytes {
                self.seats[at].skipped = true;
                continue;
            }
            self.seats[at].deficit -= u64::from(call.gas_limit);
            self.seats[at].last_lane = Some(call.lane);
            self.last_lanes.insert(call.account, call.lane);
            self.remove(call.id);
            self.lanes.get_mut(&(call.account, call.lane)).unwrap().in_play = true;
            self.settle();
            return (Some(call.id), left);
        }
        (None, left)
    }

    pub(crate) fn dropped(&mut self, account: AccountId, lane: u8, nonce: u64) {
        if let Some(lane) = self.lanes.get_mut(&(account, lane))
            && lane.next == nonce
        {
            lane.in_play = false;
        }
        self.settle();
    }

    pub(crate) fn forget_below(&mut self, account: AccountId, lane: u8, next: u64) -> Left {
        let Some(known) = self.lanes.get_mut(&(account, lane)) else {
            return Left::new();
        };
        if known.next >= next {
            return Left::new();
        }
        *known = Lane { next, in_play: false };
        let passed = Self::queue(&self.kept, account, lane).into_iter();
        let passed: Vec<_> = passed.filter(|kept| kept.entry.nonce < next).collect();
        let left: Left = passed.iter().map(|kept| (kept.entry.id, Why::Passed)).collect();
        for (id, _) in &left {
            self.remove(*id);
        }
        self.settle();
        left
    }

    pub(crate) fn drop_lane(&mut self, account: AccountId, lane: u8) -> Left {
        let queue = Self::queue(&self.kept, account, lane).into_iter();
        let left: Left = queue.map(|kept| (kept.entry.id, Why::Withdrawn)).collect();
        for (id, _) in &left {
            self.remove(*id);
            self.settle();
        }
        left
    }

    pub(crate) fn expire(&mut self, now_ms: u64) -> Left {
        self.forget_full(now_ms);
        let mut left = Left::new();
        loop {
            let first = (0..self.kept.len()).min_by_key(|at| (self.kept[*at].due_ms, self.kept[*at].arrival));
            let Some(at) = first.filter(|at| self.kept[*at].due_ms < now_ms) else {
                return left;
            };
            let Kept { entry, gapped, .. } = self.kept[at].clone();
            let next = self.lanes[&(entry.account, entry.lane)].next;
            let behind = !self.reachable(&self.kept, entry.account, entry.lane, next, entry.nonce);
            if entry.valid_until_ms < now_ms || behind && gapped {
                let over = entry.valid_until_ms < now_ms;
                left.push((entry.id, if over { Why::Expired } else { Why::Stranded }));
                self.kept.remove(at);
                self.settle();
            } else {
                self.kept[at].gapped = behind;
                self.kept[at].due_ms = entry.valid_until_ms.min(now_ms + self.limits.gap_ms);
            }
        }
    }

    pub(crate) fn drain(&mut self) -> Vec<[u8; 32]> {
        let quotas = std::mem::take(&mut self.buckets);
        let (arrivals, added) = (self.arrivals, std::mem::take(&mut self.added));
        let kept = std::mem::take(&mut self.kept);
        *self = Self {
            buckets: quotas,
            arrivals,
            added,
            ..Self::new(self.pricing, self.limits)
        };
        kept.into_iter().map(|kept| kept.entry.id).collect()
    }
}
