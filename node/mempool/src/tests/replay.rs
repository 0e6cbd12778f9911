//! Random histories, step by step beside the model.

use super::model::{Left, Model};
use super::*;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

const STEPS: usize = 3_000;

fn limits(random: &mut Random) -> Limits {
    Limits {
        calls_max: 12 + random.below(20) as u32,
        bytes_max: 1_500 + random.below(1_500),
        account_calls_max: 4 + random.below(8) as u32,
        account_bytes_max: 600 + random.below(1_000),
        lane_window: 2 + random.below(6) as u32,
        margin_ms: random.below(30),
        gap_ms: 50 + random.below(300),
        call_gas_max: 100,
        quantum: 100 + random.below(300),
        skips_max: 1 + random.below(4) as u32,
        quota: Quota {
            calls_burst: 5 + random.below(30) as u32,
            calls_per_s: 20 + random.below(200) as u32,
            gas_burst: 100 + random.below(2_000),
            gas_per_s: 1_000 + random.below(9_000),
        },
        buckets_max: 1_000,
    }
}

struct Replay {
    random: Random,
    pool: Pool<u64>,
    model: Model,
    state: BTreeMap<(AccountId, u8), u64>,
    in_play: Vec<Entry<u64>>,
    now_ms: u64,
    gas_left: u64,
    bytes_left: u64,
    variants: u64,
    inside: BTreeSet<u64>,
    played: BTreeMap<(AccountId, u8), u64>,
    history: DefaultHasher,
    happened: BTreeMap<String, u64>,
}

impl Replay {
    fn new(pricing: Pricing, seed: u64) -> Self {
        let mut random = Random(seed);
        let limits = limits(&mut random);
        Self {
            random,
            pool: Pool::new(pricing, limits),
            model: Model::new(pricing, limits),
            state: BTreeMap::new(),
            in_play: Vec::new(),
            now_ms: NOW,
            gas_left: 500,
            bytes_left: 1_000,
            variants: 0,
            inside: BTreeSet::new(),
            played: BTreeMap::new(),
            history: DefaultHasher::new(),
            happened: BTreeMap::new(),
        }
    }

    /// Each entry has a number of its own as item, and leaves once.
    fn leaves(&mut self, gone: Vec<Gone<u64>>, left: &Left) {
        let theirs: Left = gone.iter().map(|gone| (gone.entry.id, gone.why)).collect();
        assert_eq!(theirs, *left);
        for gone in gone {
            assert!(self.inside.remove(&gone.entry.item), "{gone:?}");
            self.note(&format!("{:?}", gone.why));
        }
        left.hash(&mut self.history);
    }

    fn note(&mut self, what: &str) {
        let name = what.split([' ', '(', '{']).next().unwrap_or(what);
        *self.happened.entry(name.to_owned()).or_default() += 1;
    }

    fn place(&mut self) -> (AccountId, u8) {
        // Account 0 sends as much as all others together.
        let number = self.random.below(14).saturating_sub(6);
        (account(number), self.random.below(3) as u8)
    }

    fn insert(&mut self) {
        let (name, mut lane) = self.place();
        if self.random.below(100) == 0 {
            lane = 8;
        }
        let next = self.state.get(&(name, lane)).copied().unwrap_or(0);
        self.variants += 1;
        let variant = match self.random.below(8) {
            0 => self.random.below(self.variants),
            _ => self.variants,
        };
        let nonce = (next + self.random.below(7)).saturating_sub(1);
        let entry = Entry {
            account: name,
            lane,
            nonce,
            valid_until_ms: self.now_ms + self.random.below(1_500),
            gas_limit: 1 + self.random.below(102) as u32,
            gas_price: self.random.below(40),
            bytes: 1 + self.random.below(200) as u32,
            id: id(name, lane, nonce, variant % 50),
            item: self.variants,
        };
        let (expected, left) = self.model.insert(&entry, next, self.now_ms);
        let inserted = self.pool.insert(entry.clone(), next, self.now_ms);
        let answer = said(&inserted.answer);
        assert_eq!(answer, expected);
        match inserted.answer {
            Answer::Added | Answer::Replaced => assert!(self.inside.insert(entry.item)),
            Answer::Known(back) | Answer::Refused(_, back) => assert_eq!(back, entry),
        }
        if answer == Said::Added && self.beyond(name) {
            self.note("Beyond");
        }
        let own = |gone: &Gone<u64>| gone.why == Why::Evicted && gone.entry.account == name;
        if self.pool.pricing == Pricing::Free && inserted.gone.iter().any(own) {
            self.note("GaveWay");
        }
        match answer {
            Said::Refused(refused) => self.note(refused.name()),
            other => self.note(&format!("{other:?}")),
        }
        format!("{answer:?}").hash(&mut self.history);
        self.leaves(inserted.gone, &left);
    }

    /// The account holds more than its limits, by calls that are alone in their lanes.
    fn beyond(&self, name: AccountId) -> bool {
        let (limits, known) = (self.pool.limits(), &self.pool.accounts[&name]);
        known.calls > limits.account_calls_max || known.bytes > limits.account_bytes_max
    }

    fn take(&mut self) {
        let (expected, left) = self.model.take(self.gas_left, self.bytes_left, self.now_ms);
        let taken = self.pool.take(self.gas_left, self.bytes_left, self.now_ms);
        assert_eq!(taken.call.as_ref().map(|call| call.id), expected);
        self.leaves(taken.gone, &left);
        let Some(call) = taken.call else {
            return self.note("Nothing");
        };
        self.note("Taken");
        assert!(self.inside.remove(&call.item));
        assert!(call.valid_until_ms >= self.now_ms);
        self.gas_left -= u64::from(call.gas_limit);
        self.bytes_left -= u64::from(call.bytes);
        let lane = (call.account, call.lane);
        assert_eq!(call.nonce, self.state.get(&lane).copied().unwrap_or(0));
        assert!(
            self.in_play
                .iter()
                .all(|other| (other.account, other.lane) != lane)
        );
        self.in_play.push(call);
        // Mostly the sequencer reports at once.
        if self.random.below(4) > 0 {
            self.report();
        }
    }

    fn report(&mut self) {
        let Some(call) = self.in_play.pop() else {
            return;
        };
        if self.random.below(8) == 0 {
            self.model.dropped(call.account, call.lane, call.nonce);
            self.pool.dropped(&call.account, call.lane, call.nonce);
            return;
        }
        let lane = (call.account, call.lane);
        let before = self.played.insert(lane, call.nonce);
        assert!(before.is_none_or(|before| before < call.nonce));
        self.state.insert(lane, call.nonce + 1);
        let left = self.model.forget_below(lane.0, lane.1, call.nonce + 1);
        let gone = self.pool.played(&lane.0, lane.1, call.nonce);
        self.leaves(gone, &left);
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..50 => self.insert(),
            50..75 => self.take(),
            75..80 => self.report(),
            80..86 => {
                self.model.start_block();
                self.pool.start_block();
                (self.gas_left, self.bytes_left) = (100 + self.random.below(500), 1_000);
            }
            86..96 => self.now_ms += self.random.below(60),
            96 => {
                let left = self.model.expire(self.now_ms);
                let gone = self.pool.expire(self.now_ms);
                self.leaves(gone, &left);
            }
            97 => self.now_ms -= self.random.below(40),
            98 => {
                let (name, lane) = self.place();
                let next = self.state.entry((name, lane)).or_default();
                if self
                    .in_play
                    .iter()
                    .all(|call| (call.account, call.lane) != (name, lane))
                {
                    *next += self.random.below(3);
                    let left = self.model.forget_below(name, lane, *next);
                    let gone = self.pool.forget_below(&name, lane, *next);
                    self.leaves(gone, &left);
                }
            }
            _ if self.random.below(4) > 0 => {
                let (name, lane) = self.place();
                let left = self.model.drop_lane(name, lane);
                let gone = self.pool.drop_lane(&name, lane);
                self.leaves(gone, &left);
            }
            _ => self.drain(),
        }
        check(&self.pool);
        let mut theirs: Vec<_> = self.model.kept.iter().map(|kept| kept.entry.id).collect();
        theirs.sort_unstable();
        assert!(self.pool.ids.keys().eq(theirs.iter()));
    }

    fn drain(&mut self) {
        let expected = self.model.drain();
        let drained = self.pool.drain();
        let ids: Vec<_> = drained.iter().map(|entry| entry.id).collect();
        assert_eq!(ids, expected);
        for entry in drained {
            assert!(self.inside.remove(&entry.item));
        }
        assert!(self.inside.is_empty(), "lost: {:?}", self.inside);
        self.in_play.clear();
        self.note("Drained");
    }

    fn run(mut self) -> (u64, BTreeMap<String, u64>) {
        for _ in 0..STEPS {
            self.step();
        }
        self.drain();
        check(&self.pool);
        (self.history.finish(), self.happened)
    }
}

#[test]
fn random_histories_are_the_models() {
    let mut happened = BTreeMap::<String, u64>::new();
    for seed in 0..40 {
        for pricing in [Pricing::Free, Pricing::Paid] {
            println!("seed {seed} {pricing:?}");
            let (_, counts) = Replay::new(pricing, seed).run();
            for (what, count) in counts {
                *happened.entry(what).or_default() += count;
            }
        }
    }
    // A history in which something never happens says nothing about it.
    let all = [
        "Added",
        "Beyond",
        "Drained",
        "Evicted",
        "Expired",
        "GaveWay",
        "Known",
        "Nothing",
        "Passed",
        "Replaced",
        "Stranded",
        "Taken",
        "Withdrawn",
        "account_bytes",
        "account_calls",
        "full",
        "gas_limit",
        "in_play",
        "lane",
        "quota",
        "stale",
        "too_far_ahead",
        "too_late",
        "underpriced",
    ];
    for what in all {
        assert!(
            happened.get(what).is_some_and(|count| *count > 20),
            "{what}: {happened:?}"
        );
    }
}

#[test]
fn the_same_seed_makes_the_same_history() {
    let run = |seed| Replay::new(Pricing::Free, seed).run().0;
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}
