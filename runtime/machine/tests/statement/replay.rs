//! S6, S8: what a tape does depends on the tape alone: not on when the state was committed, on how signatures were
//! checked, on who opened the chain where.

use crate::common::{Chain, History, Player, Random};
use playfair_machine::world::StateRead;
use playfair_machine::{Applied, Error, Fault, Machine, Prepared};
use playfair_types::crypto::babyjubjub::PublicKey;
use playfair_types::receipt::Outcome;
use playfair_types::rules::FeeMode;
use playfair_types::segment::Boundary;
use playfair_types::state::{StateKey, tree, value_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A random tape after its genesis and first block, with what each of its records did.
fn recorded(seed: u64, mode: FeeMode, count: usize) -> (Chain, Vec<Applied>) {
    println!("seed {seed}");
    let mut history = History::new(seed, mode);
    let start = history.chain.tape.len();
    let applied = (0..count).map(|_| {
        let bytes = history.record();
        history.chain.apply(&bytes)
    });
    let applied = applied.collect();
    let mut chain = history.chain;
    chain.tape.drain(..start);
    (chain, applied)
}

/// The same chain before that tape.
fn start(seed: u64, mode: FeeMode) -> Chain {
    History::new(seed, mode).chain
}

fn root(state: &BTreeMap<StateKey, Vec<u8>>) -> playfair_types::Fr {
    tree::root(
        &state
            .iter()
            .map(|(key, value)| (*key, value_hash(value)))
            .collect(),
    )
}

fn same(a: &Applied, b: &Applied) {
    assert_eq!((a.receipt, a.work, a.lanes), (b.receipt, b.work, b.lanes));
    assert_eq!((&a.body, &a.messages, &a.logs), (&b.body, &b.messages, &b.logs));
}

/// What may not differ at the end: all but the root, which is that of the last commit.
fn ends_as(chain: &Chain, wanted: &Chain) {
    let rootless = |boundary: Boundary| Boundary {
        state_root: playfair_types::Fr::from(0u64),
        ..boundary
    };
    assert_eq!(rootless(chain.boundary()), rootless(wanted.boundary()));
    assert!(chain.live() == wanted.live());
    assert_eq!(root(&chain.live()), root(&wanted.live()));
}

#[test]
fn commits_and_openings_change_nothing() {
    for (seed, mode) in [(11, FeeMode::Paid), (12, FeeMode::Sponsored(Player::new(1).id))] {
        let (wanted, applied) = recorded(seed, mode, 120);
        let (mut settling, mut opening) = (start(seed, mode), start(seed, mode));
        for (bytes, before) in wanted.tape.iter().zip(&applied) {
            same(&settling.apply(bytes), before);
            settling.settle();
            assert_eq!(settling.boundary().state_root, root(&settling.live()));
            same(&opening.apply(bytes), before);
            opening = opening.fork(History::engine());
        }
        ends_as(&settling, &wanted);
        ends_as(&opening, &wanted);
        // Reading all records at once is reading them one by one.
        let records = Prepared::read_all(wanted.id(), &wanted.tape.concat()).expect("a tape");
        assert!(
            records
                .iter()
                .map(Prepared::bytes)
                .eq(wanted.tape.iter().map(Vec::as_slice))
        );
    }
}

#[test]
fn receipts_hashed_together_are_the_same() {
    let (seed, mode) = (15, FeeMode::Paid);
    let (wanted, applied) = recorded(seed, mode, 120);
    let records: Vec<Prepared> = Prepared::read_each(wanted.id(), wanted.tape.iter().map(Vec::as_slice))
        .into_iter()
        .map(|record| record.expect("a record"))
        .collect();
    let parts = records.iter().map(Prepared::message);
    let alone = |bytes: &Vec<u8>| Prepared::read(wanted.id(), bytes).expect("a record").message();
    assert!(parts.eq(wanted.tape.iter().map(alone)));
    let mut chain = start(seed, mode);
    for (records, before) in records.chunks(17).zip(applied.chunks(17)) {
        let receipts = chain.boundary().receipts;
        let pending = records.iter().map(|record| chain.machine.append(record));
        let pending: Vec<_> = pending
            .collect::<Result<_, _>>()
            .expect("they stood there before");
        assert_eq!(chain.boundary().receipts, receipts, "not yet");
        let done = chain.machine.complete(pending).expect("all of them");
        assert_eq!(done.len(), before.len());
        done.iter()
            .zip(before)
            .for_each(|(done, before)| same(done, before));
    }
    ends_as(&chain, &wanted);
}

#[test]
fn no_receipt_is_left_out() {
    let (seed, mode) = (16, FeeMode::Paid);
    let (wanted, _) = recorded(seed, mode, 3);
    let mut chain = start(seed, mode);
    let mut records = wanted
        .tape
        .iter()
        .map(|bytes| Prepared::read(wanted.id(), bytes).expect("a record"));
    let mut next = || records.next().expect("three records");
    chain.machine.append(&next()).expect("it stood there before");
    assert_eq!(
        chain.machine.apply(&next()).err(),
        Some(Error::Fault(Fault::Damaged("receipts")))
    );
    assert_eq!(
        chain.machine.append(&next()).err(),
        Some(Error::Fault(Fault::Poisoned))
    );
}

#[test]
fn a_record_that_cannot_be_read_is_alone_in_it() {
    let (wanted, _) = recorded(17, FeeMode::Paid, 12);
    let mut tape = wanted.tape.clone();
    tape[3].pop();
    tape[5].clear();
    let read = Prepared::read_each(wanted.id(), tape.iter().map(Vec::as_slice));
    for ((number, bytes), read) in tape.iter().enumerate().zip(read) {
        let alone = Prepared::read(wanted.id(), bytes);
        assert_eq!(alone.is_err(), number == 3 || number == 5);
        assert_eq!(read.as_ref().err(), alone.as_ref().err());
        assert_eq!(
            read.ok().map(Prepared::into_bytes),
            alone.ok().map(Prepared::into_bytes)
        );
    }
}

#[test]
fn hints_change_no_outcome() {
    let (seed, mode) = (13, FeeMode::Paid);
    let (wanted, applied) = recorded(seed, mode, 120);
    let mut random = Random::new(seed);
    let keys: Vec<PublicKey> = (1..7)
        .map(|number| *Player::new(number).key.public_key())
        .collect();
    let outcomes: BTreeSet<_> = applied.iter().map(|done| done.receipt.outcome.codes()).collect();
    assert!(
        outcomes.contains(&(4, 5)) && outcomes.contains(&(0, 0)),
        "{outcomes:?}"
    );
    for hints in ["early", "wrong", "random", "short", "twice"] {
        let mut chain = start(seed, mode);
        let mut records = Prepared::read_all(wanted.id(), &wanted.tape.concat()).expect("a tape");
        // What the state names before any of them: right for some, outdated or absent for others.
        let early = chain.machine.expected_keys(&records).expect("a state");
        assert!(early.iter().any(Option::is_some));
        let hinted: Vec<Option<PublicKey>> = match hints {
            "early" | "twice" => early.clone(),
            "wrong" => vec![Some(*Player::new(50).key.public_key()); records.len()],
            "short" => early[..20].to_vec(),
            _ => records
                .iter()
                .map(|_| (!random.one_in(4)).then(|| random.pick(&keys)))
                .collect(),
        };
        Prepared::verify_batch(&mut records, &hinted);
        if hints == "twice" {
            Prepared::verify_batch(&mut records, &vec![Some(keys[0]); early.len()]);
        }
        for (record, before) in records.iter().zip(&applied) {
            let done = chain.apply_prepared(record).expect("it stood there before");
            same(&done, before);
        }
        ends_as(&chain, &wanted);
    }
}

#[test]
fn hints_taken_when_they_are_due_are_the_keys_that_judge() {
    let (seed, mode) = (14, FeeMode::Paid);
    let (wanted, applied) = recorded(seed, mode, 60);
    let mut chain = start(seed, mode);
    for (bytes, before) in wanted.tape.iter().zip(&applied) {
        let mut records = vec![Prepared::read(wanted.id(), bytes).expect("a record")];
        let keys = chain.machine.expected_keys(&records).expect("a state");
        if before.receipt.outcome == Outcome::Ok && records[0].message().is_some() {
            assert!(keys[0].is_some(), "a call that passes has its key named");
        }
        Prepared::verify_batch(&mut records, &keys);
        same(
            &chain.apply_prepared(&records[0]).expect("it stood there before"),
            before,
        );
    }
    ends_as(&chain, &wanted);
}

/// A state that fails at one of its reads.
struct Flaky {
    state: BTreeMap<StateKey, Vec<u8>>,
    reads_left: AtomicUsize,
}

impl StateRead for Flaky {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        let left = self
            .reads_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match left {
            Ok(_) => Ok(self.state.get(key).cloned()),
            Err(_) => Err("the disk is gone".into()),
        }
    }
}

#[test]
fn a_read_that_fails_is_never_an_outcome() {
    let (seed, mode) = (15, FeeMode::Paid);
    let (wanted, applied) = recorded(seed, mode, 25);
    let (mut chain, mut faults) = (start(seed, mode), 0);
    for (bytes, before) in wanted.tape.iter().zip(&applied) {
        let record = Prepared::read(wanted.id(), bytes).expect("a record");
        for reads in 0.. {
            let flaky = Flaky {
                state: chain.live(),
                // Opening reads the parameters.
                reads_left: AtomicUsize::new(1 + reads),
            };
            let machine = Machine::open(History::engine(), chain.id(), chain.boundary(), Arc::new(flaky));
            let mut machine = machine.expect("one read was enough");
            match machine.apply(&record) {
                Ok(done) => {
                    same(&done, before);
                    break;
                }
                Err(error) => {
                    assert_eq!(error, Error::Fault(Fault::Storage("the disk is gone".into())));
                    let again = machine.apply(&record).map(drop);
                    assert_eq!(again, Err(Error::Fault(Fault::Poisoned)));
                    faults += 1;
                }
            }
        }
        chain.apply(bytes);
    }
    assert!(faults > 50);
}

#[test]
fn a_segment_may_be_cut_anywhere() {
    // Work is a sum over records, and a boundary is made of records: two cuts of one slice agree.
    let (wanted, applied) = recorded(16, FeeMode::Free, 40);
    let total: u64 = applied.iter().map(|done| done.work).sum();
    for cut in [1, 7, 20, 39] {
        let mut chain = start(16, FeeMode::Free);
        let mut work = 0;
        for (index, bytes) in wanted.tape.iter().enumerate() {
            if index == cut {
                chain.settle();
                chain = chain.fork(History::engine());
            }
            work += chain.apply(bytes).work;
        }
        assert_eq!(work, total);
        ends_as(&chain, &wanted);
    }
}
