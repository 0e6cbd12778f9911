//! Runs the kernel over a slice of a tape that the native machine has applied.

use super::wasm::{self, Executed};
use super::{Chain, Scripted};
use playfair_proofs_kernel::native::{self, Counts, End};
use playfair_proofs_kernel::oracle::{Opened, Oracle, State, subtrees};
use playfair_types::Fr;
use playfair_types::account::L1Address;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::state::{StateKey, value_hash};
use std::collections::{BTreeMap, HashMap};

type Map = BTreeMap<StateKey, Vec<u8>>;

/// The state around a segment, whole.
#[derive(Clone)]
struct Around {
    root: Fr,
    before: Map,
    after: Map,
    opened: HashMap<Fr, Opened>,
}

impl State for Around {
    fn root(&self) -> Fr {
        self.root
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.before.get(key).cloned()
    }

    fn after(&self, key: &StateKey) -> Option<Fr> {
        self.after.get(key).map(|value| value_hash(value))
    }

    fn open(&self, hash: &Fr) -> Opened {
        self.opened.get(hash).copied().unwrap_or(Opened::Empty)
    }
}

/// A slice of a tape with what the native machine says about it.
pub(crate) struct Segment {
    engine: Scripted,
    chain_id: Fr,
    before: Boundary,
    state: Map,
    after: Option<(Boundary, Map)>,
    pub(crate) records: Vec<Vec<u8>>,
    work: u64,
}

impl Segment {
    /// Starts where the chain is.
    pub(crate) fn start(chain: &mut Chain, engine: Scripted) -> Self {
        chain.settle();
        Self {
            engine,
            chain_id: chain.id(),
            before: chain.boundary(),
            state: chain.live(),
            after: None,
            records: Vec::new(),
            work: 0,
        }
    }

    /// Applies a record and adds it.
    pub(crate) fn push(&mut self, chain: &mut Chain, record: Vec<u8>) -> playfair_machine::Applied {
        let done = chain.apply(&record);
        self.work += done.work;
        self.records.push(record);
        done
    }

    /// Adds a record that the chain has applied already.
    pub(crate) fn applied(&mut self, record: Vec<u8>, work: u64) {
        self.work += work;
        self.records.push(record);
    }

    /// Ends where the chain is.
    pub(crate) fn end(&mut self, chain: &mut Chain) {
        chain.settle();
        self.after = Some((chain.boundary(), chain.live()));
    }

    /// The public inputs of an honest proof.
    pub(crate) fn public(&self) -> [Fr; 31] {
        let (after, _) = self.after.as_ref().expect("the segment has ended");
        let inputs = SegmentInputs {
            chain_id: self.chain_id,
            payout: L1Address([5; 20]),
            work: self.work,
            before: self.before,
            after: *after,
        };
        inputs.to_fields()
    }

    /// What an honest prover knows.
    pub(crate) fn oracle(&self) -> Oracle<impl State + use<>> {
        let (_, after) = self.after.as_ref().expect("the segment has ended");
        let leaves: Vec<(StateKey, Fr)> = self
            .state
            .iter()
            .map(|(key, value)| (*key, value_hash(value)))
            .collect();
        let mut opened = HashMap::new();
        let root = subtrees(&leaves, 0, &mut opened);
        assert_eq!(root, self.before.state_root);
        let around = Around {
            root,
            before: self.state.clone(),
            after: after.clone(),
            opened,
        };
        Oracle::new(around, self.records.len() as u64, &self.records.concat())
    }

    /// The program.
    pub(crate) fn linked(&self) -> native::Linked {
        self.engine.link(self.before.module)
    }

    /// Runs the kernel with these public inputs and an honest oracle.
    pub(crate) fn run(&self, public: [Fr; 31]) -> (End, Counts) {
        native::run(public, self.linked(), Box::new(self.oracle()))
    }

    /// Runs the committed program, instruction by instruction. How it ended, and what it executed.
    pub(crate) fn run_program(&self, public: [Fr; 31]) -> (End, Executed) {
        wasm::run(public, self.linked(), Box::new(self.oracle()))
    }

    /// The kernel must accept exactly this.
    pub(crate) fn prove(&self) -> Counts {
        let (end, counts) = self.run(self.public());
        assert_eq!(end, End::Finished, "stuck at {:?}", native::stuck_at());
        counts
    }
}
