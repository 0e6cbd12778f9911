//! Forks are what a state would be that committed the same changes, whatever happens to the real one meanwhile.

use crate::common::{Random, pool};
use playfair_state::{Changes, Fork, MemoryStore, State};
use playfair_types::Encode;
use playfair_types::state::StateKey;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const KEYS: usize = 300;

/// A fork and the newest version of a state are the same.
fn assert_same(fork: &Fork, state: &State, random: &mut Random) {
    let newest = state.newest();
    assert_eq!((fork.root(), fork.len()), (newest.root(), newest.len()));
    assert_eq!(fork.is_empty(), newest.is_empty());
    let asked: Vec<StateKey> = (0..=random.below(12)).map(|_| pool(random.below(KEYS))).collect();
    for key in &asked {
        assert_eq!(fork.get(key).unwrap(), newest.get(key).unwrap());
    }
    let (of_fork, of_state) = (fork.prove(&asked).unwrap(), newest.prove(&asked).unwrap());
    assert_eq!(of_fork.encode(), of_state.encode());
}

fn batches(random: &mut Random, count: usize, most: usize) -> Vec<Changes> {
    (0..count)
        .map(|_| {
            let size = random.below(most);
            random.batch(KEYS, size)
        })
        .collect()
}

fn state(batches: &[Changes]) -> State {
    let state = State::open(MemoryStore::new()).unwrap();
    for batch in batches {
        state.commit(batch, b"").unwrap();
    }
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, rng_seed: RngSeed::Fixed(6), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_chain_of_forks_is_a_chain_of_commits(seed in any::<u64>(), before in 0..4usize, after in 1..12usize, most in 1..60usize) {
        let mut random = Random(seed);
        let common = batches(&mut random, before, 200);
        let (original, twin) = (state(&common), state(&common));
        let (version, root) = (original.version(), original.root());
        let mut forks = vec![Fork::from(original.newest())];
        assert_same(&forks[0], &twin, &mut random);
        let chain = batches(&mut random, after, most);
        for batch in &chain {
            forks.push(forks[forks.len() - 1].with(batch).unwrap());
            twin.commit(batch, b"").unwrap();
            assert_same(&forks[forks.len() - 1], &twin, &mut random);
        }
        // Nobody has touched the original: neither its version nor what it would store.
        prop_assert_eq!((original.version(), original.root()), (version, root));
        original.flush().unwrap();
        let alone = state(&common);
        alone.flush().unwrap();
        prop_assert_eq!(original.stored().unwrap().nodes, alone.stored().unwrap().nodes);
        // It goes elsewhere, forgets what it can, and the forks stay what they are.
        for batch in batches(&mut random, 3, 200) {
            original.commit(&batch, b"").unwrap();
        }
        original.prune(original.version()).unwrap();
        original.flush().unwrap();
        let again = state(&common);
        for (fork, batch) in forks.iter().zip(chain.iter().map(Some).chain([None])) {
            assert_same(fork, &again, &mut random);
            if let Some(batch) = batch {
                again.commit(batch, b"").unwrap();
            }
        }
    }

    #[test]
    fn forks_of_one_fork_do_not_meet(seed in any::<u64>(), most in 1..60usize) {
        let mut random = Random(seed);
        let common = batches(&mut random, 2, 200);
        let original = state(&common);
        let trunk = Fork::from(original.newest()).with(&random.batch(KEYS, most)).unwrap();
        let left = random.batch(KEYS, most);
        let right = random.batch(KEYS, most);
        let (one, two) = (trunk.with(&left).unwrap(), trunk.with(&right).unwrap());
        let three = one.with(&right).unwrap();
        for (fork, batches) in [(&one, vec![&left]), (&two, vec![&right]), (&three, vec![&left, &right])] {
            let twin = state(&common);
            twin.commit(&trunk_of(seed, most), b"").unwrap();
            for batch in batches {
                twin.commit(batch, b"").unwrap();
            }
            assert_same(fork, &twin, &mut random);
        }
    }
}

/// The trunk's batch again.
fn trunk_of(seed: u64, most: usize) -> Changes {
    let mut random = Random(seed);
    batches(&mut random, 2, 200);
    random.batch(KEYS, most)
}

#[test]
fn a_fork_of_nothing_is_an_empty_state() {
    let mut random = Random(3);
    let twin = state(&[]);
    let nothing = Fork::default();
    assert_same(&nothing, &twin, &mut random);
    let batch = random.batch(KEYS, 40);
    twin.commit(&batch, b"").unwrap();
    let fork = nothing.with(&batch).unwrap();
    assert_same(&fork, &twin, &mut random);
    assert!(fork.heap_nodes() > 0);
    assert!(nothing.is_empty() && nothing.root() == state(&[]).root());
}

#[test]
fn a_fork_keeps_its_view_from_being_pruned_and_refuses_long_values() {
    let original = state(&[Changes::from([(pool(0), Some(vec![1]))])]);
    let fork = Fork::from(original.newest());
    original
        .commit(&Changes::from([(pool(0), Some(vec![2]))]), b"")
        .unwrap();
    original.prune(2).unwrap();
    original.flush().unwrap();
    assert!(original.at(1).is_ok());
    assert_eq!(fork.get(&pool(0)).unwrap(), Some(vec![1]));
    assert!(
        fork.with(&Changes::from([(pool(1), Some(vec![0; 4097]))]))
            .is_err()
    );
    drop(fork);
    original.prune(2).unwrap();
    assert!(original.at(1).is_err());
}
