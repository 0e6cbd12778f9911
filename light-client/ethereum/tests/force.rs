//! Forced steps: never silent, never early, and remembered.

mod common;

use common::Network;
use playfair_ethereum::{Error, Forced, Form, Staleness, Store};

/// A period of the minimal preset, without which nothing can be forced.
const TIMEOUT: u64 = 64;

#[test]
fn one_member_moves_nothing_until_somebody_forces_it_and_it_is_said() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    assert_eq!(store.force_update(1000), Ok(None));
    // Nobody else was seen, so that even one is likely; final it is not.
    let progress = store.process(network.attest(40, 24, 1), 41).unwrap();
    assert!(progress.optimistic && !progress.finalized && !progress.committee);
    assert_eq!(store.force_update(8 + TIMEOUT), Ok(None));
    assert_eq!((store.finalized().beacon.slot, store.forced()), (8, None));
    let forced = store.force_update(8 + TIMEOUT + 1).unwrap().unwrap();
    let expected = Forced {
        slot: 24,
        participants: 1,
        committee_size: 32,
        was_final: true,
        committee: true,
    };
    assert_eq!(forced, expected);
    assert_eq!((store.finalized().beacon.slot, store.next_known()), (24, true));
    // A committee was taken, so nothing that it signs ends this, nor does storage.
    let progress = store.process(network.attest(60, 48, 32), 100).unwrap();
    assert!(progress.finalized);
    let read = Store::from_bytes(&network.spec, &store.to_bytes(), 100, Staleness::Refuse).unwrap();
    assert_eq!(read.forced(), Some(&expected));
    assert_eq!(
        store.force_update(10_000_000),
        Err(Error::Stale {
            slot: 48,
            current: 10_000_000,
            epochs_max: 256
        })
    );
}

#[test]
fn a_header_that_never_became_final_is_taken_only_by_force() {
    let network = Network::minimal(Form::Electra);
    let mut store = network.store(8);
    store.process(network.attest(30, 24, 32), 31).unwrap();
    let mut update = network.attest(60, 40, 32);
    (update.finality, update.next) = (None, None);
    let progress = store.process(update, 61).unwrap();
    assert!(progress.supermajority() && progress.optimistic && !progress.finalized);
    let forced = store.force_update(24 + TIMEOUT + 1).unwrap().unwrap();
    let expected = Forced {
        slot: 60,
        participants: 32,
        committee_size: 32,
        was_final: false,
        committee: false,
    };
    assert_eq!((forced, store.forced()), (expected, Some(&expected)));
    assert_eq!(store.finalized().beacon.slot, 60);
    // The committees are as good as before: a finalised header ends it.
    let later = network.start(1) + 20;
    assert!(
        store
            .process(network.attest(later, 63, 32), later + 1)
            .unwrap()
            .finalized
    );
    assert_eq!(store.forced(), None);
}

#[test]
fn the_best_is_taken_and_a_normal_step_forgets_it() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    for participants in [5, 20, 3] {
        store.process(network.attest(40, 24, participants), 41).unwrap();
    }
    let mut forced = store.clone();
    assert_eq!(forced.force_update(500).unwrap().unwrap().participants, 20);
    assert_eq!(forced.force_update(500), Ok(None));
    store.process(network.attest(42, 24, 32), 43).unwrap();
    assert_eq!(store.force_update(500), Ok(None));
}
