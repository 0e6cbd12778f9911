//! Lies about a chain, one by one and each by its name: every one is refused for what it is, changes nothing, and the
//! truth is accepted afterwards.

mod common;

use common::Network;
use playfair_bls::min_pk;
use playfair_ethereum::{
    Error, Execution, Form, Kind, Malformed, Part, Root, Spec, Staleness, Store, Update,
};

const FORMS: [Form; 3] = [Form::Deneb, Form::Electra, Form::Gloas];

/// The slot of the clock when lies are told.
const NOW: u64 = 50;

type Lie = (&'static str, fn(&mut Update), fn(&Error) -> bool);

fn refused(error: &Error) -> bool {
    *error == Error::Signature(min_pk::Error::Refused)
}

fn no_signature(error: &Error) -> bool {
    matches!(error, Error::Signature(min_pk::Error::Signature(_)))
}

fn attested_execution(error: &Error) -> bool {
    *error == Error::Execution(Part::Attested)
}

fn finalized_execution(error: &Error) -> bool {
    *error == Error::Execution(Part::Finalized)
}

fn finalized_branch(error: &Error) -> bool {
    *error == Error::Branch(Part::Finalized)
}

fn committee_branch(error: &Error) -> bool {
    *error == Error::Branch(Part::NextCommittee)
}

fn flip(root: &mut Root) {
    root[31] ^= 1;
}

fn execution(header: &mut playfair_ethereum::LightClientHeader, lie: fn(&mut Root)) {
    match &mut header.execution {
        Execution::Payload { header, .. } => lie(&mut header.block_hash),
        Execution::Hash { block_hash, .. } => lie(block_hash),
    }
}

fn execution_branch(header: &mut playfair_ethereum::LightClientHeader, lie: fn(&mut Root)) {
    match &mut header.execution {
        Execution::Payload { branch, .. } => lie(&mut branch[3]),
        Execution::Hash { branch, .. } => lie(&mut branch[10]),
    }
}

fn finalized(update: &mut Update) -> &mut playfair_ethereum::LightClientHeader {
    update.finality.as_mut().unwrap().header.as_mut().unwrap()
}

/// Of an update that attests slot 40 with slot 24 as final, of which all but the last member signed.
const LIES: &[Lie] = &[
    (
        "nobody signed",
        |update| update.aggregate.bits.fill(0),
        |error| *error == Error::Participants,
    ),
    (
        "one more signed",
        |update| update.aggregate.bits[3] |= 0x80,
        refused,
    ),
    (
        "one fewer signed",
        |update| update.aggregate.bits[0] &= 0xfe,
        refused,
    ),
    (
        "another signed",
        |update| update.aggregate.bits[3] ^= 0xc0,
        refused,
    ),
    (
        "a bit of the signature",
        |update| update.aggregate.signature[95] ^= 1,
        no_signature,
    ),
    (
        "the signature's other root",
        |update| update.aggregate.signature[0] ^= 0x20,
        refused,
    ),
    (
        "a signature not compressed",
        |update| update.aggregate.signature[0] ^= 0x80,
        no_signature,
    ),
    (
        "the signature of nothing",
        |update| {
            update.aggregate.signature = [0; 96];
            update.aggregate.signature[0] = 0xc0;
        },
        no_signature,
    ),
    ("another slot", |update| update.attested.beacon.slot -= 1, refused),
    (
        "another proposer",
        |update| update.attested.beacon.proposer_index += 1,
        refused,
    ),
    (
        "another parent",
        |update| flip(&mut update.attested.beacon.parent_root),
        refused,
    ),
    (
        "another state, proving nothing",
        |update| {
            flip(&mut update.attested.beacon.state_root);
            (update.finality, update.next) = (None, None);
        },
        refused,
    ),
    (
        "another state",
        |update| flip(&mut update.attested.beacon.state_root),
        finalized_branch,
    ),
    (
        "another body",
        |update| flip(&mut update.attested.beacon.body_root),
        attested_execution,
    ),
    (
        "another execution block",
        |update| execution(&mut update.attested, flip),
        attested_execution,
    ),
    (
        "another execution branch",
        |update| execution_branch(&mut update.attested, flip),
        attested_execution,
    ),
    (
        "another final slot",
        |update| finalized(update).beacon.slot += 1,
        finalized_branch,
    ),
    (
        "another final state",
        |update| flip(&mut finalized(update).beacon.state_root),
        finalized_branch,
    ),
    (
        "another final parent",
        |update| flip(&mut finalized(update).beacon.parent_root),
        finalized_branch,
    ),
    (
        "another final body",
        |update| flip(&mut finalized(update).beacon.body_root),
        finalized_execution,
    ),
    (
        "another final execution block",
        |update| execution(finalized(update), flip),
        finalized_execution,
    ),
    (
        "another final execution branch",
        |update| execution_branch(finalized(update), flip),
        finalized_execution,
    ),
    (
        "another finality branch",
        |update| flip(&mut update.finality.as_mut().unwrap().branch[2]),
        finalized_branch,
    ),
    (
        "a finality branch too short",
        |update| {
            update.finality.as_mut().unwrap().branch.pop();
        },
        finalized_branch,
    ),
    (
        "a finality branch too long",
        |update| {
            update.finality.as_mut().unwrap().branch.insert(0, [1; 32]);
        },
        finalized_branch,
    ),
    (
        "genesis for final",
        |update| update.finality.as_mut().unwrap().header = None,
        finalized_branch,
    ),
    (
        "a full header of genesis",
        |update| finalized(update).beacon.slot = 0,
        |error| *error == Error::Genesis,
    ),
    (
        "another next key",
        |update| update.next.as_mut().unwrap().committee.pubkeys[7][47] ^= 1,
        committee_branch,
    ),
    (
        "next keys exchanged",
        |update| update.next.as_mut().unwrap().committee.pubkeys.swap(0, 1),
        committee_branch,
    ),
    (
        "another next sum",
        |update| update.next.as_mut().unwrap().committee.aggregate_pubkey[9] ^= 1,
        committee_branch,
    ),
    (
        "another committee's branch",
        |update| flip(&mut update.next.as_mut().unwrap().branch[0]),
        committee_branch,
    ),
    (
        "signed before it was there",
        |update| update.signature_slot = 40,
        |error| {
            *error
                == Error::Order {
                    signature: 40,
                    attested: 40,
                    finalized: 24,
                }
        },
    ),
    (
        "final after it was attested",
        |update| finalized(update).beacon.slot = 41,
        |error| {
            *error
                == Error::Order {
                    signature: 41,
                    attested: 40,
                    finalized: 41,
                }
        },
    ),
    (
        "signed in the future",
        |update| update.signature_slot = NOW + 1,
        |error| {
            *error
                == Error::Future {
                    signature: NOW + 1,
                    current: NOW,
                }
        },
    ),
];

#[test]
fn each_lie_is_refused_for_what_it_is() {
    for form in FORMS {
        let network = Network::minimal(form);
        let mut store = network.store(8);
        let truth = network.attest(40, 24, 31);
        let before = store.to_bytes();
        for (name, lie, expected) in LIES {
            let mut update = truth.clone();
            lie(&mut update);
            assert_ne!(update, truth, "{name}");
            let error = store.process(update, NOW).expect_err(name);
            assert!(expected(&error), "{name}, {form:?}: {error:?}");
            // Reading the committee's keys is all that may have happened.
            let kept = store.finalized() == network.store(8).finalized() && !store.next_known();
            assert!(kept && store.optimistic().beacon.slot == 8, "{name}");
        }
        let mut fresh = Store::from_bytes(&network.spec, &before, NOW, Staleness::Refuse).unwrap();
        assert!(fresh.process(truth.clone(), NOW).unwrap().finalized);
        assert!(store.process(truth, NOW).unwrap().finalized);
        fresh.warm().unwrap();
        store.warm().unwrap();
        assert_eq!(store, fresh);
    }
}

/// Whatever byte of an update is changed, it is no update or not one to believe, apart from the slot of the signature,
/// which is only covered as far as it decides the committee and the fork.
#[test]
fn no_byte_can_be_changed() {
    for form in FORMS {
        let network = Network::minimal(form);
        let spec = &network.spec;
        let mut store = network.store(8);
        let bytes = network.attest(40, 24, 31).encode(spec, Kind::Update).unwrap();
        let mut accepted = 0;
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1 << (at % 8);
            let Ok(update) = Update::decode(spec, form, Kind::Update, &other) else {
                continue;
            };
            if let Ok(progress) = store.process(update, NOW) {
                accepted += 1;
                assert_eq!(progress.participants, 31, "{form:?} at {at}");
                assert_eq!(store.finalized(), network.block(24, None).header());
                store = network.store(8);
            }
        }
        assert!(accepted <= 1, "{form:?}: {accepted}");
    }
}

#[test]
fn a_slot_of_the_same_period_and_fork_is_the_same_signature() {
    let network = Network::minimal(Form::Gloas);
    let mut update = network.attest(40, 24, 32);
    update.signature_slot = 45;
    assert!(network.store(8).process(update, NOW).unwrap().finalized);
}

#[test]
fn another_networks_or_forks_signature_is_refused() {
    let network = Network::minimal(Form::Gloas);
    let wrong: [fn(&mut Spec); 2] = [
        |spec| spec.genesis_validators_root = [9; 32],
        |spec| spec.forks[0].version = [6, 0, 0, 1],
    ];
    for change in wrong {
        let mut other = Network::minimal(Form::Gloas);
        change(&mut other.spec);
        let error = network
            .store(8)
            .process(other.attest(40, 24, 32), NOW)
            .unwrap_err();
        assert!(refused(&error), "{error:?}");
    }
}

#[test]
fn the_committee_of_another_period_signs_nothing() {
    let network = Network::minimal(Form::Gloas);
    let period = |signature, store, next_known| Error::Period {
        signature,
        store,
        next_known,
    };
    let mut store = network.store(8);
    // Signed in the next period, whose committee is not known.
    let early = network.attest_in(60, 24, 32, 64);
    assert_eq!(store.process(early.clone(), 200), Err(period(1, 0, false)));
    store.process(network.attest(40, 24, 32), 200).unwrap();
    // Now it is; the block before the boundary counts as one of this period.
    store.process(early, 200).unwrap();
    assert_eq!(
        store.process(network.attest(150, 140, 32), 200),
        Err(period(2, 0, true))
    );
    // The committee of period 0 signs for period 1.
    let block = network.block(80, Some(&network.block(70, None)));
    let finalized = network.block(70, None);
    let wrong = block
        .update(
            &network.spec,
            Some(finalized.header()),
            network.signers(0),
            32,
            81,
        )
        .unwrap();
    assert!(refused(&store.process(wrong, 200).unwrap_err()));
    assert!(store.process(network.attest(80, 70, 32), 200).unwrap().finalized);
    assert_eq!(
        store.process(network.attest(50, 48, 32), 200),
        Err(period(0, 1, true))
    );
}

#[test]
fn what_is_known_already_is_not_taken_again() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    store.process(network.attest(40, 24, 32), NOW).unwrap();
    let expected = Error::Irrelevant {
        attested: 20,
        finalized: 24,
    };
    assert_eq!(store.process(network.attest(20, 16, 32), NOW), Err(expected));
}

/// A state with another next committee than the known one, in the same period, signed by the committee itself.
#[test]
fn a_second_next_committee_is_refused() {
    let network = Network::minimal(Form::Gloas);
    let mut store = network.store(8);
    store.process(network.attest(40, 24, 32), NOW).unwrap();
    let mut state = network.state(44, [0; 32]);
    state.next = network.signers(network.start(3)).committee().clone();
    let block = network.block_of(44, state);
    let update = network.signed(&block, None, 32, 45);
    assert_eq!(store.process(update, NOW), Err(Error::OtherNextCommittee));
}

#[test]
fn committees_that_are_none_sign_nothing() {
    let network = Network::minimal(Form::Gloas);
    type Lie = (fn(&mut playfair_ethereum::SyncCommittee), fn(&Error) -> bool);
    let lies: [Lie; 3] = [
        (
            |committee| committee.aggregate_pubkey = committee.pubkeys[0],
            |error| *error == Error::Aggregate(Part::CurrentCommittee),
        ),
        (
            |committee| committee.pubkeys[3][0] &= 0x7f,
            |error| matches!(error, Error::Signature(min_pk::Error::Key { at: 3, .. })),
        ),
        (
            |committee| committee.pubkeys[31] = [0xff; 48],
            |error| matches!(error, Error::Signature(min_pk::Error::Key { at: 31, .. })),
        ),
    ];
    for (lie, expected) in lies {
        let mut state = network.state(8, [0; 32]);
        lie(&mut state.current);
        let block = network.block_of(8, state);
        let root = block.header().beacon.root();
        let mut store =
            Store::open(&network.spec, &root, &block.bootstrap(), NOW, Staleness::Refuse).unwrap();
        let error = store.process(network.attest(40, 24, 32), NOW).unwrap_err();
        assert!(expected(&error), "{error:?}");
        assert_eq!(store.warm(), Err(error));
    }
}

#[test]
fn a_bootstrap_is_that_of_the_trusted_block() {
    for form in FORMS {
        let network = Network::minimal(form);
        let block = network.block(8, None);
        let (root, truth) = (block.header().beacon.root(), block.bootstrap());
        let open = |bootstrap: &_| Store::open(&network.spec, &root, bootstrap, NOW, Staleness::Refuse);
        assert!(open(&truth).is_ok());
        let mut lie = truth.clone();
        lie.header.beacon.slot += 1;
        let found = lie.header.beacon.root();
        assert_eq!(open(&lie).unwrap_err(), Error::Checkpoint { wanted: root, found });
        let mut lie = truth.clone();
        execution(&mut lie.header, flip);
        assert_eq!(open(&lie).unwrap_err(), Error::Execution(Part::Bootstrap));
        let committee = Error::Branch(Part::CurrentCommittee);
        let mut lie = truth.clone();
        lie.committee = network.signers(network.start(1)).committee().clone();
        assert_eq!(open(&lie).unwrap_err(), committee);
        let mut lie = truth.clone();
        flip(&mut lie.branch[0]);
        assert_eq!(open(&lie).unwrap_err(), committee);
        let future = Store::open(&network.spec, &root, &truth, 7, Staleness::Refuse);
        assert_eq!(
            future.unwrap_err(),
            Error::Future {
                signature: 8,
                current: 7
            }
        );
    }
}

#[test]
fn nothing_is_carried_without_a_branch() {
    for form in FORMS {
        let network = Network::minimal(form);
        let why = |update: &Update| {
            let bytes = update.encode(&network.spec, Kind::Update).unwrap();
            match Update::decode(&network.spec, form, Kind::Update, &bytes).unwrap_err() {
                Error::Malformed { why, .. } => why,
                other => panic!("{other}"),
            }
        };
        let mut update = network.attest(40, 24, 32);
        update.finality.as_mut().unwrap().branch.fill([0; 32]);
        assert_eq!(why(&update), Malformed::Branchless);
        let mut update = network.attest(40, 24, 32);
        update.next.as_mut().unwrap().branch.fill([0; 32]);
        assert_eq!(why(&update), Malformed::Branchless);
    }
}
