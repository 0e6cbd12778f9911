//! Random histories, cut anywhere.

use crate::common::{Chain, History, Player, Segment, genesis_record};
use playfair_proofs_kernel::native::End;
use playfair_types::rules::FeeMode;
use playfair_types::{Encode, Fr};
use std::collections::BTreeSet;

/// Proves a random history in segments; the outcomes that it had.
fn proven(seed: u64, mode: FeeMode, segments: u64, program: bool) -> BTreeSet<(u8, u8)> {
    println!("seed {seed}");
    let mut history = History::new(seed, mode);
    let mut outcomes = BTreeSet::new();
    for number in 0..segments {
        let mut segment = Segment::start(&mut history.chain, History::engine());
        for _ in 0..1 + (seed + number) % 7 * 2 {
            let record = history.record();
            let done = segment.push(&mut history.chain, record);
            outcomes.insert(done.receipt.outcome.codes());
        }
        segment.end(&mut history.chain);
        segment.prove();
        if program {
            let (end, _) = segment.run_program(segment.public());
            assert_eq!(end, End::Finished);
        }
    }
    println!("{outcomes:?}");
    outcomes
}

#[test]
fn free_chains() {
    proven(1, FeeMode::Free, 20, false);
}

#[test]
fn paid_chains() {
    let outcomes = proven(2, FeeMode::Paid, 40, false);
    for wanted in [(0, 0), (1, 0), (2, 3), (2, 9), (2, 10), (3, 0), (4, 1), (4, 8)] {
        assert!(outcomes.contains(&wanted), "{wanted:?} in {outcomes:?}");
    }
}

#[test]
fn sponsored_chains() {
    proven(3, FeeMode::Sponsored(Player::new(1).id), 20, false);
}

#[test]
fn the_program_itself() {
    proven(4, FeeMode::Paid, 12, true);
}

#[test]
fn genesis_and_first_blocks() {
    let genesis = genesis_record(FeeMode::Paid, true);
    let mut chain = Chain::before_genesis(&genesis, History::engine());
    let mut segment = Segment::start(&mut chain, History::engine());
    segment.push(&mut chain, genesis.encode());
    let block = playfair_types::tape::Record::Block(chain.block_record(5)).encode();
    segment.push(&mut chain, block);
    segment.end(&mut chain);
    segment.prove();
    // Every public input but the payout key is fixed.
    for place in 0..31 {
        let mut public = segment.public();
        public[place] += Fr::from(1u64);
        let wanted = if place == 1 { End::Finished } else { End::Stuck };
        assert_eq!(segment.run(public).0, wanted, "public input {place}");
    }
}
