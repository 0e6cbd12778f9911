//! What the tests share: segments of calls, true ones and lies.

#![allow(dead_code, reason = "every test file is a crate of its own and uses a part")]

pub(crate) mod ends;
pub(crate) mod game;

use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::segment::{Segment, trace};
use playfair_proofs_prover::state::Around;
use playfair_proving::chess::Keys;
use playfair_proving::history::{self, Step, make};
use playfair_runtime::chain::Block;
use playfair_runtime::local::Local;
use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::hash::absorb;
use playfair_types::receipt::{Outcome, Receipt};

/// Rows that a trace may have where nobody assigns it.
const ROWS: u32 = 1 << 20;

/// A block with what it led to.
pub(crate) struct Made {
    pub(crate) step: Step,
    pub(crate) block: Block,
    pub(crate) segment: Segment,
}

impl Made {
    /// The next block: of these calls.
    pub(crate) fn of(local: &mut Local, calls: &[Vec<u8>]) -> Self {
        let (step, block) = make(local, 1_000, calls);
        let segment = history::segment(std::slice::from_ref(&step), local.chain.machine().chain_id());
        Self { step, block, segment }
    }

    /// How its calls ended.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        let calls = self.block.applied.iter().skip(1);
        calls.map(|done| done.receipt.outcome).collect()
    }

    /// The receipts accumulator, had its records these receipts.
    pub(crate) fn receipts(&self, receipts: &[Receipt]) -> Fr {
        let start = self.step.before.receipts;
        receipts
            .iter()
            .fold(start, |sum, receipt| absorb(sum, &receipt.elements()))
    }

    /// The same segment, in which call number `call` is said to have ended otherwise.
    pub(crate) fn claiming(&self, call: usize, outcome: Outcome) -> Segment {
        let mut receipts: Vec<Receipt> = self.block.applied.iter().map(|done| done.receipt).collect();
        assert_eq!(self.receipts(&receipts), self.step.after.receipts);
        receipts[1 + call].outcome = outcome;
        let mut segment = self.segment.clone();
        segment.inputs.after.receipts = self.receipts(&receipts);
        segment
    }

    /// Whether an honest prover's hints lead to a trace of this segment, which may lie about this block.
    pub(crate) fn has_trace(&self, keys: &Keys, segment: &Segment) -> bool {
        let around = Around::new(&self.step.old, &self.step.new);
        trace(&keys.module.executable, segment, around, ROWS).is_ok()
    }

    /// A proof of it.
    pub(crate) fn proven(&self, keys: &Keys) -> ProofEnvelope {
        let around = Around::new(&self.step.old, &self.step.new);
        let proof = keys.prover.prove(&self.segment, around, &Watch::default());
        let proof = proof.unwrap_or_else(|error| panic!("{:?}: {error}", self.outcomes()));
        println!("{:?}: {} rows, {:?}", self.outcomes(), proof.rows, proof.prove);
        proof.envelope
    }
}
