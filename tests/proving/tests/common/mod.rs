//! What the tests share: callers that sign anything, segments of their calls, and both verifiers.

#![allow(dead_code, reason = "every test file is a crate of its own and uses a part")]

pub(crate) mod ends;
pub(crate) mod game;

use playfair_games::module;
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::halo2;
use playfair_proofs_prover::segment::{Segment, trace};
use playfair_proofs_prover::state::Around;
use playfair_proofs_verifier::{Key, Trust, verify};
use playfair_proving::chess::Keys;
use playfair_proving::history::{self, Step, make};
use playfair_runtime::chain::{Block, Chain};
use playfair_runtime::local::{Local, Players};
use playfair_types::Encode;
use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::eddsa::SecretKey;
use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::hash::absorb;
use playfair_types::limits::CALL_GAS_MAX;
use playfair_types::receipt::{Outcome, Receipt};
use playfair_types::tape::call::Call;
use playfair_types::tape::genesis::GenesisRecord;

/// Rows that a trace may have where nobody assigns it.
const ROWS: u32 = 1 << 20;

/// A key and the account that it makes.
pub(crate) struct Caller {
    pub(crate) key: SecretKey,
    pub(crate) id: AccountId,
}

impl Caller {
    pub(crate) fn new(number: u8) -> Self {
        let key = SecretKey::from_seed(&[number; 32]);
        let id = AccountId::from_key(key.public_key());
        Self { key, id }
    }

    /// A free call on lane 0.
    pub(crate) fn call(&self, nonce: u32, entry: u8, payload: &[u8]) -> Call {
        Call {
            account: self.id,
            key_index: 0,
            lane: 0,
            nonce: nonce.into(),
            valid_until_ms: U48::MAX,
            gas_limit: CALL_GAS_MAX,
            gas_price: 0,
            entry,
            payload: Bytes::new(payload).expect("a short payload"),
            new_key: None,
        }
    }

    /// The call that creates the account.
    pub(crate) fn first(&self, entry: u8, payload: &[u8]) -> Call {
        Call {
            new_key: Some(self.key.public_key().to_bytes()),
            ..self.call(0, entry, payload)
        }
    }

    /// The record of a call, signed with this caller's key, whoever is said to call.
    pub(crate) fn sign(&self, chain_id: Fr, call: Call) -> Vec<u8> {
        call.sign(chain_id, &self.key).encode()
    }
}

/// A chain of a genesis, with its state in memory.
pub(crate) fn started(admitted: &playfair_admission::Admitted, genesis: &GenesisRecord) -> Local {
    let (chain, _) = Chain::create(module::engine(admitted), module::memory(), genesis).expect("a chain");
    Local {
        chain,
        players: Players::of(genesis.chain_id()),
        blocks: vec![genesis.encode()],
    }
}

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

/// The arkworks verifier's key.
pub(crate) fn ours(keys: &Keys) -> Key<'_> {
    let trust = Trust::InsecureDevelopmentToo;
    Key::new(&keys.prover.constraints, &keys.prover.vk, trust).expect("a key")
}

/// Whether both verifiers accept; they must agree.
pub(crate) fn accepted(keys: &Keys, key: &Key<'_>, instance: &[Fr], proof: &[u8]) -> bool {
    let ours = verify(key, instance, proof).is_ok();
    let halo2 = halo2::verify(&keys.params, keys.prover.key().vk(), instance, proof);
    assert_eq!(ours, halo2, "the verifiers disagree");
    ours
}
