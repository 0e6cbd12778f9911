//! Random histories on both stores, compared with a map and the tree's definition after every step.

use crate::common::{Model, Place, Random, pool};
use playfair_state::{Changes, State, StateError};
use playfair_types::Fr;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeMap;

const KEYS: usize = 700;

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    /// Commits a batch of this size with this seed.
    Commit(u64, usize),
    Flush,
    /// Prunes below the newest version less this.
    Prune(u64),
    /// Pins, or unpins, the version that is this far back.
    Pin(u64),
    /// Takes a view of the newest version, or drops it.
    View,
    /// Drops the state without a flush and opens it again.
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<u64>(), prop_oneof![0..4usize, 0..40usize, 0..300usize]).prop_map(|(seed, size)| Step::Commit(seed, size)),
        2 => Just(Step::Flush),
        1 => (0..4u64).prop_map(Step::Prune),
        1 => (0..4u64).prop_map(Step::Pin),
        1 => Just(Step::View),
        1 => Just(Step::Reopen),
    ]
}

/// What a state must be.
#[derive(Clone)]
struct Versions {
    all: BTreeMap<u64, Model>,
    pinned: Vec<u64>,
}

impl Versions {
    fn newest(&self) -> (u64, &Model) {
        let (version, model) = self.all.last_key_value().unwrap();
        (*version, model)
    }
}

struct History {
    place: Place,
    state: State,
    view: Option<playfair_state::View>,
    now: Versions,
    /// What a crash leaves.
    flushed: Versions,
    random: Random,
}

impl History {
    fn new(place: Place) -> Self {
        let state = place.open();
        let all = BTreeMap::from([(0, Model::default())]);
        let now = Versions {
            all,
            pinned: Vec::new(),
        };
        Self {
            state,
            place,
            view: None,
            flushed: now.clone(),
            now,
            random: Random(7),
        }
    }

    fn step(&mut self, step: &Step) {
        let (newest, model) = self.now.newest();
        match *step {
            Step::Commit(seed, size) => {
                let changes = Random(seed).batch(KEYS, size);
                let mut model = model.clone();
                model.apply(&changes);
                let root = self.state.root_of(&changes).unwrap();
                assert_eq!((root, self.state.version()), (model.root(), newest));
                assert_eq!(self.state.commit(&changes, &seed.to_le_bytes()).unwrap(), root);
                assert_eq!(*self.state.note(), seed.to_le_bytes());
                self.now.all.insert(newest + 1, model);
            }
            Step::Flush => {
                self.state.flush().unwrap();
                self.flushed = self.now.clone();
                self.state.check().unwrap();
            }
            Step::Prune(back) => {
                let before = newest.saturating_sub(back);
                let viewed = self.view.as_ref().map(|view| view.version());
                let pinned = &self.now.pinned;
                self.now.all.retain(|version, _| {
                    *version >= before.min(newest) || pinned.contains(version) || viewed == Some(*version)
                });
                self.state.prune(before).unwrap();
            }
            Step::Pin(back) => {
                let version = newest.saturating_sub(back);
                if self.now.pinned.contains(&version) {
                    self.state.unpin(version).unwrap();
                    self.now.pinned.retain(|pinned| *pinned != version);
                } else if self.now.all.contains_key(&version) {
                    self.state.pin(version).unwrap();
                    self.now.pinned.push(version);
                    self.now.pinned.sort_unstable();
                } else {
                    assert!(matches!(
                        self.state.pin(version),
                        Err(StateError::UnknownVersion { .. })
                    ));
                }
            }
            Step::View => {
                self.view = match self.view.take() {
                    None => Some(self.state.newest()),
                    Some(_) => None,
                };
            }
            Step::Reopen => self.reopen(),
        }
        self.check();
    }

    fn reopen(&mut self) {
        self.view = None;
        // A file is open once only.
        self.state = State::open(playfair_state::MemoryStore::new()).unwrap();
        self.state = self.place.open();
        self.now = self.flushed.clone();
        self.state.check().unwrap();
    }

    fn check(&mut self) {
        let (newest, model) = self.now.newest();
        assert_eq!(self.state.version(), newest);
        assert_eq!(
            self.state.versions(),
            self.now.all.keys().copied().collect::<Vec<_>>()
        );
        assert_eq!(self.state.pinned(), self.now.pinned);
        model.assert_newest(&self.state, KEYS);
        for (version, model) in self.now.all.iter().rev().take(4) {
            model.assert_version(&self.state, *version, KEYS, &mut self.random);
        }
        if let Some(view) = &self.view {
            let key = pool(self.random.below(KEYS));
            assert_eq!(
                view.get(&key).unwrap().as_ref(),
                self.now.all[&view.version()].values.get(&key)
            );
        }
    }
}

proptest! {
    // The seed is fixed, so every run is the same; a failing history is shrunk and printed.
    #![proptest_config(ProptestConfig {
        cases: 20,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    })]

    #[test]
    fn histories_match_the_model(steps in prop::collection::vec(step(), 1..24)) {
        for place in Place::both() {
            let mut history = History::new(place);
            for step in &steps {
                history.step(step);
            }
            history.reopen();
            history.check();
        }
    }
}

#[test]
fn roots_do_not_depend_on_the_way() {
    let mut random = Random(3);
    let all: Changes = (0..200)
        .map(|number| (pool(number), Some(vec![number as u8; number])))
        .collect();
    let at_once = State::open(playfair_state::MemoryStore::new()).unwrap();
    let root = at_once.commit(&all, &[]).unwrap();
    let one_by_one = State::open(playfair_state::MemoryStore::new()).unwrap();
    let mut entries: Vec<_> = all.iter().collect();
    for at in 0..entries.len() {
        let other = random.below(entries.len());
        entries.swap(at, other);
    }
    for (key, value) in entries {
        // By way of another value and a removal.
        for value in [Some(vec![1]), None, value.clone()] {
            one_by_one.commit(&Changes::from([(*key, value)]), &[]).unwrap();
        }
    }
    assert_eq!(one_by_one.root(), root);
    let removals: Changes = all.keys().map(|key| (*key, None)).collect();
    assert_eq!(one_by_one.commit(&removals, &[]).unwrap(), Fr::default());
    assert!(one_by_one.is_empty());
    one_by_one.check().unwrap();
}

/// Batches that are split between tasks, on trees that have less to split: nothing, a leaf, a few.
#[test]
fn large_batches_meet_small_trees() {
    println!("hashed at a time: {}", playfair_lanes::width());
    let removals: Changes = (0..KEYS).map(|number| (pool(number), None)).collect();
    for (before, seed) in [0, 1, 20].into_iter().zip(0..) {
        let mut random = Random(seed);
        let state = State::open(playfair_state::MemoryStore::new()).unwrap();
        let mut model = Model::default();
        let small: Changes = (0..before)
            .map(|number| (pool(number * 7), Some(vec![7])))
            .collect();
        let mut spared = removals.clone();
        spared.retain(|key, _| !small.contains_key(key));
        let same: Changes = small.clone().into_iter().chain(spared.clone()).collect();
        let large = random.batch(KEYS, 500);
        // Nothing changes with `spared` and `same`; at the end nothing is left.
        for changes in [&small, &spared, &same, &large, &removals, &small, &removals] {
            state.commit(changes, &[]).unwrap();
            model.apply(changes);
            model.assert_newest(&state, KEYS);
            state.check().unwrap();
        }
        assert!(state.is_empty());
        state.prune(state.version()).unwrap();
        state.flush().unwrap();
        assert_eq!(
            state.stored().unwrap(),
            State::open(playfair_state::MemoryStore::new())
                .unwrap()
                .stored()
                .unwrap()
        );
    }
}

/// A process has one way of hashing, so the other one has a process of its own.
#[test]
fn the_same_one_by_one() {
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "model::large_batches_meet_small_trees", "--nocapture"])
        .env(playfair_lanes::BACKEND_VARIABLE, "portable")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(
        again.status.success() && said.contains("hashed at a time: 1"),
        "{said}"
    );
}

#[test]
fn equal_values_make_no_nodes() {
    let store = playfair_state::MemoryStore::new();
    let state = State::open(store).unwrap();
    let mut changes: Changes = (0..100)
        .map(|number| (pool(number), Some(vec![number as u8])))
        .collect();
    let root = state.commit(&changes, &[]).unwrap();
    state.flush().unwrap();
    let stored = state.stored().unwrap();
    changes.extend((500..550).map(|number| (pool(number), None)));
    assert_eq!(state.commit(&changes, &[1]).unwrap(), root);
    assert_eq!(state.commit(&Changes::new(), &[2]).unwrap(), root);
    state.flush().unwrap();
    assert_eq!(state.stored().unwrap(), stored);
    assert_eq!(state.versions(), [0, 1, 2, 3]);
    assert_eq!(*state.note(), [2]);
    assert_eq!(
        state.at_root(root).unwrap().version(),
        3,
        "the newest with this root"
    );
}

#[test]
fn limits_are_named_and_change_nothing() {
    let state = State::open(playfair_state::MemoryStore::new()).unwrap();
    let with = |length| Changes::from([(pool(0), Some(vec![0; 3])), (pool(1), Some(vec![0; length]))]);
    let error = state.commit(&with(4097), &[]).unwrap_err();
    assert!(matches!(error, StateError::ValueTooLong { key, length: 4097 } if key == pool(1)));
    assert!(state.root_of(&with(4097)).is_err());
    let error = state.commit(&with(4096), &[0; 4097]).unwrap_err();
    assert!(matches!(error, StateError::NoteTooLong { length: 4097 }));
    assert_eq!((state.version(), state.root()), (0, Fr::default()));
    state.commit(&with(4096), &[0; 4096]).unwrap();
    assert_eq!(state.get(&pool(1)).unwrap().unwrap().len(), 4096);
    let view = state.newest();
    assert!(matches!(view.prove(&[]), Err(StateError::ProofKeys { count: 0 })));
    let many: Vec<_> = (0..1025u16).map(|number| pool(usize::from(number) * 2)).collect();
    assert!(matches!(
        view.prove(&many),
        Err(StateError::ProofKeys { count: 1025 })
    ));
    let proof = view.prove(&many[1..]).unwrap();
    let mut sorted = many[1..].to_vec();
    sorted.sort_unstable();
    assert!(
        proof
            .verify(view.root(), &sorted)
            .unwrap()
            .iter()
            .all(Option::is_none)
    );
}
