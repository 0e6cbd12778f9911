//! Whatever bytes a record has: never a panic, an outcome or a broken tape, nothing changed by what is broken, and no
//! signed call that says anything but what was signed.

use crate::common::{Chain, History, Random, genesis_record};
use playfair_machine::{Broken, Error, Prepared};
use playfair_types::Encode;
use playfair_types::receipt::Outcome;
use playfair_types::rules::FeeMode;
use playfair_types::tape::kind;
use std::collections::BTreeMap;

/// Bytes of a first frame: R, S, account, index, lane, nonce, valid until, gas limit, gas price, entry, length, payload.
const FIELDS: [usize; 12] = [1, 2, 3, 23, 24, 30, 98, 102, 110, 111, 113, 114];

fn mutate(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len() as u64) as usize;
        match random.below(8) {
            0 => bytes[at] = random.next() as u8,
            1 => bytes[at] = random.pick(&[0, 1, 0x7f, 0x80, 0xff]),
            2 => bytes[0] = random.pick(&[1, 2, 3, 6, 7, 0x82, 0x83, 0x84, 0x85]),
            3 => {
                let other = random.below(bytes.len() as u64) as usize;
                bytes.swap(at, other);
            }
            4 => bytes.truncate(at.max(1)),
            5 => bytes.extend(vec![0; 124]),
            // The fields of a first frame, where most of a call's meaning lies.
            _ => bytes[random.pick(&FIELDS)] ^= 1 << random.below(8),
        }
        if bytes.len() < 124 {
            break;
        }
    }
    bytes
}

fn is_signed(bytes: &[u8]) -> bool {
    matches!(bytes[0] & !kind::INBOX, kind::CALL | kind::NEW_KEY_CALL)
}

#[test]
fn mutated_records_never_panic_and_never_pass_for_signed() {
    let seed = 21;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut history = History::new(seed, FeeMode::Paid);
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..80 {
        let bytes = history.record();
        for _ in 0..25 {
            let mutated = mutate(&mut random, &bytes);
            let mut fork = history.chain.fork(History::engine());
            let record = match Prepared::read(fork.id(), &mutated) {
                Ok(record) => record,
                Err(broken) => {
                    assert!(matches!(broken, Broken::Format(_)));
                    *met.entry("format".into()).or_default() += 1;
                    continue;
                }
            };
            match fork.apply_prepared(&record) {
                Ok(done) => {
                    let mut unforced = mutated.clone();
                    unforced[0] = bytes[0];
                    let outcome = done.receipt.outcome;
                    if is_signed(&bytes) && is_signed(&mutated) && unforced != bytes {
                        assert!(
                            matches!(outcome, Outcome::Invalid(_)),
                            "{outcome:?} though nobody signed it"
                        );
                    }
                    *met.entry(format!("{outcome:?}")).or_default() += 1;
                }
                Err(Error::Broken(broken)) => *met.entry(format!("{broken:?}")).or_default() += 1,
                Err(Error::Fault(fault)) => panic!("bytes made a fault: {fault}"),
            }
        }
        history.chain.apply(&bytes);
    }
    println!("{met:?}");
    assert!(met.len() > 8, "{met:?}");
}

#[test]
fn a_mutated_genesis_is_another_chains() {
    let seed = 22;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let genesis = genesis_record(FeeMode::Paid, true);
    let bytes = genesis.encode();
    let mut chain = Chain::before_genesis(&genesis, History::engine());
    for _ in 0..500 {
        let mutated = mutate(&mut random, &bytes);
        if mutated != bytes {
            chain.broken(&mutated);
        }
    }
    assert_eq!(chain.apply(&bytes).receipt.outcome, Outcome::Ok);
}

#[test]
fn any_bytes_are_read_or_refused() {
    let seed = 23;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let id = genesis_record(FeeMode::Paid, true).chain_id();
    for round in 0..2000 {
        let count = random.below(1000) as usize;
        let mut bytes = random.bytes(count);
        if let Some(first) = bytes.first_mut()
            && round % 2 == 0
        {
            *first = random.pick(&[1, 2, 3, 6, 7, 0x82, 0x83, 0x84, 0x85]);
        }
        if let Ok(record) = Prepared::read(id, &bytes) {
            assert_eq!(record.bytes(), bytes);
        }
        let _ = Prepared::read_all(id, &bytes);
    }
}
