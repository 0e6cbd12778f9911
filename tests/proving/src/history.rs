//! Histories of local chains, block by block, with the state before and after each.

use playfair_games::{chess, module};
use playfair_node::prove::history::{self, Before};
use playfair_proofs_prover::segment::Segment;
use playfair_runtime::chain::Block;
use playfair_runtime::local::Local;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;

pub use playfair_node::prove::history::Step;

/// Makes a block of these calls.
///
/// # Panics
/// When the chain refuses it.
pub fn make(local: &mut Local, after_ms: u64, calls: &[Vec<u8>]) -> (Step, Block) {
    let before = Before::block(&local.chain);
    let block = local.block(after_ms, calls).expect("a block");
    let tape = local.blocks.last().cloned().unwrap_or_default();
    (before.then(&local.chain, &block, tape), block)
}

/// A recorded game (0 to 5) on a chain of its own: a block for each call, the opening calls first.
///
/// # Panics
/// When the chain refuses a call.
#[must_use]
pub fn game(number: usize) -> (Local, Vec<Step>) {
    let admitted = &module::chess().admitted;
    let mut local = module::local(module::engine(admitted), admitted);
    let recorded = chess::recorded();
    let played = chess::Match::of(&recorded[number], 1);
    let mut calls = played.opening(&mut local.players).to_vec();
    calls.extend(played.moves());
    calls.extend(played.ending());
    let mut steps = Vec::new();
    for call in calls {
        let signed = call.sign(&mut local.players);
        steps.push(make(&mut local, 1_000, &[signed]).0);
    }
    (local, steps)
}

/// Consecutive blocks as one segment.
///
/// # Panics
/// Without a block.
#[must_use]
pub fn segment(steps: &[Step], chain_id: Fr) -> Segment {
    history::segment(steps, chain_id, L1Address([7; 20])).expect("a block")
}
