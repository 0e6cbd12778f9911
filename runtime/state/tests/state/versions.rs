//! Old versions: kept, pinned, viewed, pruned; and read while new ones are made.

use crate::common::{Model, Place, Random, pool};
use playfair_state::{Changes, MemoryStore, Pruned, State, StateError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const KEYS: usize = 300;

/// A state with some versions, flushed every third time, and their models.
fn history(state: &State, versions: u64) -> Vec<Model> {
    let mut random = Random(11);
    let mut models = vec![Model::default()];
    for version in 1..=versions {
        let changes = random.batch(KEYS, 40);
        let mut model = models.last().unwrap().clone();
        model.apply(&changes);
        state.commit(&changes, &version.to_le_bytes()).unwrap();
        models.push(model);
        if version % 3 == 0 {
            state.flush().unwrap();
        }
    }
    models
}

#[test]
fn pruning_frees_exactly_what_nobody_has() {
    for place in Place::both() {
        let state = place.open();
        let models = history(&state, 20);
        let random = &mut Random(5);
        state.flush().unwrap();
        let before = state.check().unwrap();
        assert_eq!(state.stored().unwrap().nodes, before);
        for version in [4, 9, 10] {
            state.pin(version).unwrap();
        }
        let pruned = state.prune(15).unwrap();
        assert_eq!(pruned.versions, 12);
        assert_eq!(state.versions(), [4, 9, 10, 15, 16, 17, 18, 19, 20]);
        state.flush().unwrap();
        // `check` counts what the retained versions have and compares it with the store.
        assert_eq!(state.check().unwrap(), before - pruned.nodes as u64);
        for version in state.versions() {
            models[version as usize].assert_version(&state, version, KEYS, random);
        }
        assert_eq!(state.prune(15).unwrap(), Pruned::default(), "nothing more to do");
        // Unpinned from the middle, then from the oldest.
        for version in [9, 4, 10] {
            state.unpin(version).unwrap();
            assert_eq!(state.prune(15).unwrap().versions, 1);
            state.flush().unwrap();
            state.check().unwrap();
        }
        state.prune(u64::MAX).unwrap();
        assert_eq!(state.versions(), [20], "the newest stays");
        state.flush().unwrap();
        let nodes = state.check().unwrap();
        models[20].assert_newest(&state, KEYS);
        // As many as a state that never had another version.
        let fresh = State::open(MemoryStore::new()).unwrap();
        let values = models[20].values.clone();
        fresh
            .commit(
                &values
                    .into_iter()
                    .map(|(key, value)| (key, Some(value)))
                    .collect(),
                &[],
            )
            .unwrap();
        assert_eq!(fresh.check().unwrap(), nodes);
    }
}

#[test]
fn pruned_before_the_flush_never_reaches_the_store() {
    let store = MemoryStore::new();
    let state = State::open(store).unwrap();
    history(&state, 2);
    for version in 0..10u8 {
        let changes = (0..KEYS)
            .map(|number| (pool(number), Some(vec![version])))
            .collect();
        state.commit(&changes, &[]).unwrap();
        state.prune(state.version()).unwrap();
    }
    state.flush().unwrap();
    assert_eq!(state.stored().unwrap().nodes, state.check().unwrap());
    assert_eq!(state.versions(), [12]);
}

#[test]
fn unknown_versions_are_refused() {
    let state = State::open(MemoryStore::new()).unwrap();
    let models = history(&state, 5);
    assert_eq!(state.at_root(models[2].root()).unwrap().version(), 2);
    state.prune(4).unwrap();
    let pruned = state.at(2).unwrap_err();
    assert!(matches!(
        pruned,
        StateError::UnknownVersion {
            version: 2,
            newest: 5
        }
    ));
    assert!(pruned.to_string().contains("pruned"), "{pruned}");
    let future = state.at(6).unwrap_err();
    assert!(future.to_string().contains("does not exist yet"), "{future}");
    assert!(matches!(
        state.at_root(models[2].root()),
        Err(StateError::UnknownRoot)
    ));
    assert!(state.pin(2).is_err());
    assert!(state.unpin(6).is_err());
    assert!(state.export(2, &mut Vec::new()).is_err());
}

#[test]
fn a_view_keeps_its_version() {
    for place in Place::both() {
        let state = place.open();
        let models = history(&state, 6);
        let view = state.at(3).unwrap();
        assert_eq!(view.note(), 3u64.to_le_bytes());
        state.prune(6).unwrap();
        state.flush().unwrap();
        assert_eq!(state.versions(), [3, 6]);
        let second = state.at(3).unwrap();
        drop(view);
        state.prune(6).unwrap();
        for number in 0..KEYS {
            assert_eq!(
                second.get(&pool(number)).unwrap().as_ref(),
                models[3].values.get(&pool(number))
            );
        }
        drop(second);
        assert_eq!(state.prune(6).unwrap().versions, 1);
        state.flush().unwrap();
        state.check().unwrap();
        // It outlives the state.
        let view = state.newest();
        drop(state);
        assert_eq!(
            view.get(&pool(4)).unwrap().as_ref(),
            models[6].values.get(&pool(4))
        );
    }
}

#[test]
fn readers_go_on_while_versions_come_and_go() {
    for place in Place::both() {
        let state = place.open();
        let models = history(&state, 40);
        let kept = 8;
        state.pin(kept).unwrap();
        let (old, done) = (state.at(30).unwrap(), AtomicBool::new(false));
        let (state, old, done, models) = (&state, &old, &done, &models);
        thread::scope(|scope| {
            for seed in 0..2 {
                scope.spawn(move || {
                    let mut random = Random(seed);
                    loop {
                        // Every value ever written to a key is one of a version's, or the writer's below.
                        let key = pool(random.below(KEYS));
                        let value = state.get(&key).unwrap();
                        let known = models
                            .iter()
                            .any(|model| model.values.get(&key) == value.as_ref());
                        assert!(known || value.is_some_and(|value| value.starts_with(b"new")));
                        assert_eq!(old.get(&key).unwrap().as_ref(), models[30].values.get(&key));
                        models[kept as usize].assert_version(state, kept, KEYS, &mut random);
                        let newest = state.newest();
                        let proof = newest.prove(&[key]).unwrap();
                        assert!(proof.verify(newest.root(), &[key]).is_ok());
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                });
            }
            let mut random = Random(99);
            for round in 0..40u32 {
                let new = |number: usize| Some(format!("new {round} {number}").into_bytes());
                let changes: Changes = (0..60)
                    .map(|number| (pool(random.below(KEYS)), new(number)))
                    .collect();
                state.commit(&changes, &[]).unwrap();
                if round % 2 == 0 {
                    state.prune(state.version() - 1).unwrap();
                    state.flush().unwrap();
                }
            }
            done.store(true, Ordering::Relaxed);
        });
        state.flush().unwrap();
        state.check().unwrap();
    }
}

/// More nodes than one garbage list holds, in lists of several flushes.
#[test]
fn long_garbage_lists() {
    let some = |byte: u8, choose: fn(&usize) -> bool| {
        let numbers = (0..3000usize).filter(choose);
        numbers
            .map(|number| (pool(number * 2), Some(vec![byte])))
            .collect::<Changes>()
    };
    for place in Place::both() {
        let state = place.open();
        state.commit(&some(1, |_| true), &[]).unwrap();
        state.pin(1).unwrap();
        // Version 1's list first gets two thirds of its nodes, then, when version 2 goes, the others.
        state.commit(&some(2, |number| number % 3 > 0), &[]).unwrap();
        state.flush().unwrap();
        state.commit(&some(3, |number| number % 3 == 0), &[]).unwrap();
        state.prune(3).unwrap();
        state.flush().unwrap();
        assert_eq!(state.versions(), [1, 3]);
        drop(state);
        let state = place.open();
        let before = state.check().unwrap();
        state.unpin(1).unwrap();
        let pruned = state.prune(3).unwrap();
        assert_eq!(pruned.nodes as u64, before / 2, "the versions share nothing");
        state.flush().unwrap();
        assert_eq!(state.check().unwrap(), before / 2);
    }
}
