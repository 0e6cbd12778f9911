//! Following a chain of our own making: what a store takes, at both presets and in every form.

mod common;

use common::Network;
use playfair_ethereum::{Error, Form, Kind, Preset, Progress, Spec, Staleness, Store, Update};

const FORMS: [Form; 3] = [Form::Deneb, Form::Electra, Form::Gloas];

fn follow(preset: Preset, form: Form) {
    let network = Network::new(preset, form, 1);
    let size = u64::try_from(network.all()).unwrap();
    let fewest = network.two_thirds();
    for (participants, finalized) in [(network.all(), true), (fewest, true), (fewest - 1, false)] {
        let mut store = network.store(8);
        let progress = store.process(network.attest(40, 24, participants), 41).unwrap();
        let expected = Progress {
            participants: u64::try_from(participants).unwrap(),
            committee_size: size,
            finalized,
            optimistic: true,
            committee: finalized,
        };
        assert_eq!(progress, expected);
        assert_eq!(store.finalized().beacon.slot, if finalized { 24 } else { 8 });
        assert_eq!(store.optimistic().beacon.slot, 40);
        assert_eq!((store.next_known(), store.forced()), (finalized, None));
    }
}

#[test]
fn two_thirds_finalise_and_less_does_not() {
    for form in FORMS {
        follow(Preset::MINIMAL, form);
    }
}

#[test]
fn two_thirds_of_512_finalise_and_less_does_not() {
    follow(Preset::MAINNET, Form::Electra);
    follow(Preset::MAINNET, Form::Gloas);
}

#[test]
fn one_update_a_period_is_enough_and_none_may_be_left_out() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    for period in 0..4 {
        let start = network.start(period);
        let progress = store
            .process(network.attest(start + 40, start + 24, 32), 1000)
            .unwrap();
        assert!(progress.finalized && progress.committee);
        assert_eq!(store.period(), period);
        // The one after the next is signed by a committee that is not known yet.
        if period < 2 {
            let later = network.start(period + 2);
            let refused = store.process(network.attest(later + 40, later + 24, 32), 1000);
            let expected = Error::Period {
                signature: period + 2,
                store: period,
                next_known: true,
            };
            assert_eq!(refused, Err(expected));
        }
    }
    let old = store.process(network.attest(60, 50, 32), 1000).unwrap_err();
    assert_eq!(
        old,
        Error::Period {
            signature: 0,
            store: 3,
            next_known: true
        }
    );
}

#[test]
fn the_three_containers_go_through_their_bytes() {
    for form in FORMS {
        let network = Network::minimal(form);
        let spec = &network.spec;
        let update = network.attest(40, 24, 32);
        let read = |kind| {
            let bytes = update.encode(spec, kind).unwrap();
            let update = Update::decode(spec, form, kind, &bytes).unwrap();
            assert_eq!(update.encode(spec, kind).unwrap(), bytes);
            update
        };
        assert_eq!(read(Kind::Update), update);
        let mut store = network.store(8);
        let progress = store.process(read(Kind::Optimistic), 41).unwrap();
        assert!(progress.optimistic && !progress.finalized && !progress.committee);
        let progress = store.process(read(Kind::Finality), 41).unwrap();
        assert!(progress.finalized && !progress.committee);
        // Nothing is newer in the whole update but the committee.
        let progress = store.process(read(Kind::Update), 41).unwrap();
        assert!(progress.committee && !progress.finalized);
    }
}

#[test]
fn a_network_whose_genesis_is_final_is_followed() {
    let network = Network::minimal(Form::Electra);
    let mut store = network.store(8);
    let block = network.block(20, None);
    let update = network.signed(&block, None, 32, 21);
    let finality = update.finality.as_ref().unwrap();
    assert_eq!(finality.header, None);
    let bytes = update.encode(&network.spec, Kind::Update).unwrap();
    let update = Update::decode(&network.spec, Form::Electra, Kind::Update, &bytes).unwrap();
    let progress = store.process(update, 21).unwrap();
    assert_eq!(
        (progress.finalized, progress.optimistic, store.next_known()),
        (false, true, true)
    );
}

#[test]
fn few_signers_are_not_even_likely_after_many() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    store.process(network.attest(40, 24, 32), 41).unwrap();
    let progress = store.process(network.attest(42, 24, 16), 43).unwrap();
    assert!(!progress.optimistic);
    assert_eq!(store.optimistic().beacon.slot, 40);
    let progress = store.process(network.attest(42, 24, 17), 43).unwrap();
    assert!(progress.optimistic);
}

#[test]
fn forks_are_crossed_and_each_signs_with_its_own_version() {
    let mut network = Network::minimal(Form::Electra);
    let mut fork = network.spec.forks[0];
    (fork.epoch, fork.version, fork.form) = (4, [7, 0, 0, 1], Form::Gloas);
    let mut store = {
        network.spec.forks.push(fork);
        network.store(8)
    };
    // Finalised before the fork, attested after it, all in the containers of Gloas.
    let finalized = network.block(24, None);
    network.form = Form::Gloas;
    let state = network.state(40, finalized.header().beacon.root());
    let block = network.block_of(40, state);
    let update = network.signed(&block, Some(&finalized.header().to_gloas()), 32, 41);
    let bytes = update.encode(&network.spec, Kind::Update).unwrap();
    for wrong in [Form::Deneb, Form::Electra] {
        let refused = Update::decode(&network.spec, wrong, Kind::Update, &bytes);
        assert!(
            matches!(refused, Err(Error::Malformed { .. } | Error::Form { .. })),
            "{wrong:?}"
        );
    }
    let update = Update::decode(&network.spec, Form::Gloas, Kind::Update, &bytes).unwrap();
    assert!(store.process(update, 41).unwrap().finalized);
    assert_eq!(store.finalized().block_hash(), [24; 32]);
    // Signed in the fork's first slot is signed with the version before it.
    let old = network.spec.signing_root(&[1; 32], 32).unwrap();
    let before = Spec {
        forks: vec![network.spec.forks[0]],
        ..network.spec.clone()
    };
    assert_eq!(old, before.signing_root(&[1; 32], 32).unwrap());
    assert_ne!(
        network.spec.signing_root(&[1; 32], 33).unwrap(),
        before.signing_root(&[1; 32], 33).unwrap()
    );
}

#[test]
fn an_old_checkpoint_or_store_is_refused_unless_it_is_allowed() {
    let network = Network::minimal(Form::Gloas);
    let block = network.block(8, None);
    let (root, bootstrap) = (block.header().beacon.root(), block.bootstrap());
    let open = |current, staleness| Store::open(&network.spec, &root, &bootstrap, current, staleness);
    // Slot 8 is of epoch 1, which 256 epochs later is just young enough.
    let last = (1 + 256) * 8 + 7;
    let stale = Error::Stale {
        slot: 8,
        current: last + 1,
        epochs_max: 256,
    };
    assert!(open(last, Staleness::Refuse).is_ok());
    assert_eq!(open(last + 1, Staleness::Refuse).unwrap_err(), stale);
    let allowed = open(last + 1, Staleness::Allow).unwrap();
    let bytes = allowed.to_bytes();
    let restored = |staleness| Store::from_bytes(&network.spec, &bytes, last + 1, staleness);
    assert_eq!(restored(Staleness::Refuse).unwrap_err(), stale);
    assert!(restored(Staleness::Allow).is_ok());
    // A tab that slept.
    let mut store = network.store(8);
    let update = network.attest(40, 24, 32);
    assert_eq!(store.process(update.clone(), last + 1), Err(stale));
    assert_eq!(store.force_update(last + 1), Err(stale));
    store.allow_stale();
    store.process(update.clone(), last + 1).unwrap();
    // The permission ends with a finalised header that is young.
    let young = last + 16;
    assert!(
        store
            .process(network.attest(42, 26, 32), young)
            .unwrap()
            .finalized
    );
    let current = last + 100;
    let stale = Error::Stale {
        slot: 26,
        current,
        epochs_max: 256,
    };
    assert_eq!(store.process(network.attest(44, 27, 32), current), Err(stale));
}

#[test]
fn a_store_comes_back_from_its_bytes_and_from_no_others() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    store.process(network.attest(40, 24, 32), 41).unwrap();
    let cold = store.to_bytes();
    store.warm().unwrap();
    let bytes = store.to_bytes();
    assert!(bytes.len() > cold.len());
    let read = |bytes: &[u8]| Store::from_bytes(&network.spec, bytes, 41, Staleness::Refuse);
    assert_eq!(read(&bytes).unwrap(), store);
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        assert!(read(&other).is_err(), "{at}");
        assert!(read(&bytes[..at]).is_err(), "{at}");
    }
    let other = Spec {
        genesis_validators_root: [4; 32],
        ..network.spec.clone()
    };
    let found = Store::from_bytes(&other, &bytes, 41, Staleness::Refuse);
    assert_eq!(found.unwrap_err(), Error::OtherNetwork);
    let early = Store::from_bytes(&network.spec, &bytes, 10, Staleness::Refuse);
    assert_eq!(
        early.unwrap_err(),
        Error::Future {
            signature: 24,
            current: 10
        }
    );
    // And it goes on.
    let mut again = read(&bytes).unwrap();
    assert!(again.process(network.attest(60, 48, 32), 61).unwrap().finalized);
}
