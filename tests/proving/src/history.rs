//! Histories of local chains, block by block, with the state before and after each.

use playfair_games::{chess, module};
use playfair_proofs_prover::segment::Segment;
use playfair_proofs_prover::state::Source;
use playfair_runtime::chain::Block;
use playfair_runtime::local::Local;
use playfair_state::View;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::state::StateKey;
use playfair_types::state::proof::StateProof;

/// A version of a chain's state.
pub struct Version(pub View);

impl Source for &Version {
    fn root(&self) -> Fr {
        self.0.root()
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.0.get(key).ok().flatten()
    }

    fn prove(&self, key: &StateKey) -> Option<StateProof> {
        self.0.prove(&[*key]).ok()
    }
}

/// A block with what is around it.
pub struct Step {
    /// Boundary before.
    pub before: Boundary,
    /// Boundary after.
    pub after: Boundary,
    /// Work of its records.
    pub work: u64,
    /// Number of its records.
    pub records: u64,
    /// Their bytes.
    pub tape: Vec<u8>,
    /// The state before.
    pub old: Version,
    /// The state after.
    pub new: Version,
}

impl Step {
    /// Makes a block of these calls.
    ///
    /// # Panics
    /// When the chain refuses it.
    pub fn make(local: &mut Local, after_ms: u64, calls: &[Vec<u8>]) -> (Self, Block) {
        let before = *local.chain.boundary();
        let old = Version(local.chain.state().newest());
        let block = local.block(after_ms, calls).expect("a block");
        let step = Self {
            before,
            after: *local.chain.boundary(),
            work: block.applied.iter().map(|done| done.work).sum(),
            records: block.applied.len() as u64,
            tape: local.blocks.last().cloned().unwrap_or_default(),
            old,
            new: Version(local.chain.state().newest()),
        };
        (step, block)
    }

    /// The segment of this block alone.
    #[must_use]
    pub fn segment(&self, chain_id: Fr) -> Segment {
        Segment {
            inputs: SegmentInputs {
                chain_id,
                payout: L1Address([7; 20]),
                work: self.work,
                before: self.before,
                after: self.after,
            },
            records: self.records,
            tape: self.tape.clone(),
        }
    }
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
        steps.push(Step::make(&mut local, 1_000, &[signed]).0);
    }
    (local, steps)
}

/// Several blocks as one segment.
///
/// # Panics
/// Without a block.
#[must_use]
pub fn join(steps: &[Step], chain_id: Fr) -> Segment {
    let (first, last) = (steps.first().expect("a block"), steps.last().expect("a block"));
    let mut segment = first.segment(chain_id);
    segment.inputs.after = last.after;
    segment.inputs.work = steps.iter().map(|step| step.work).sum();
    segment.records = steps.iter().map(|step| step.records).sum();
    segment.tape = steps.iter().flat_map(|step| step.tape.clone()).collect();
    segment
}
