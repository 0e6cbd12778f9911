//! A small chain of our own making, with real signatures: the seeds of its committees are known to these tests alone.
#![allow(dead_code, reason = "each test links its own copy and uses a part")]

use playfair_ethereum::development::{Block, Payload, Signers, State};
use playfair_ethereum::{
    ExecutionPayloadHeader, Fork, Form, LightClientHeader, Preset, Root, Spec, Staleness, Store, Update,
};

/// A network in which a form begins at epoch 0, and its committees by period.
pub(crate) struct Network {
    pub(crate) spec: Spec,
    pub(crate) form: Form,
    signers: Vec<Signers>,
}

impl Network {
    pub(crate) fn new(preset: Preset, form: Form, periods: u8) -> Self {
        let signers = |period| Signers::from_seed(&preset, &[period; 32]).unwrap();
        let fork = Fork {
            epoch: 0,
            version: [4, 0, 0, 1],
            form,
        };
        Self {
            spec: Spec {
                preset,
                forks: vec![fork],
                genesis_validators_root: [3; 32],
                genesis_time_ms: 0,
                slot_ms: 6000,
                weak_subjectivity_epochs: 256,
            },
            form,
            signers: (0..=periods).map(signers).collect(),
        }
    }

    pub(crate) fn minimal(form: Form) -> Self {
        Self::new(Preset::MINIMAL, form, 4)
    }

    /// The first slot of a period.
    pub(crate) fn start(&self, period: u64) -> u64 {
        period * self.spec.preset.slots_per_epoch * self.spec.preset.epochs_per_period
    }

    /// The committee that signs in a slot.
    pub(crate) fn signers(&self, slot: u64) -> &Signers {
        &self.signers[self.spec.period(slot) as usize]
    }

    pub(crate) fn state(&self, slot: u64, finalized_root: Root) -> State {
        let next = slot + self.start(1);
        State {
            finalized_root,
            current: self.signers(slot).committee().clone(),
            next: self.signers(next).committee().clone(),
        }
    }

    /// The execution block of a slot.
    pub(crate) fn payload(&self, slot: u64) -> Payload {
        let block_hash = [slot as u8; 32];
        match self.form {
            Form::Gloas => Payload::Hash(block_hash),
            Form::Deneb | Form::Electra => Payload::Header(Box::new(ExecutionPayloadHeader {
                block_hash,
                block_number: slot,
                state_root: [slot as u8 ^ 0xff; 32],
                extra_data: vec![1, 2, 3],
                ..ExecutionPayloadHeader::EMPTY
            })),
        }
    }

    pub(crate) fn block_of(&self, slot: u64, state: State) -> Block {
        Block::new(&self.spec, slot, [5; 32], state, self.payload(slot)).unwrap()
    }

    /// The block of a slot, in whose state another one is final.
    pub(crate) fn block(&self, slot: u64, finalized: Option<&Block>) -> Block {
        let root = finalized.map_or([0; 32], |block| block.header().beacon.root());
        self.block_of(slot, self.state(slot, root))
    }

    /// A block with the one before it as final, attested in the slot after it.
    pub(crate) fn attest(&self, slot: u64, finalized_slot: u64, participants: usize) -> Update {
        self.attest_in(slot, finalized_slot, participants, slot + 1)
    }

    pub(crate) fn attest_in(
        &self,
        slot: u64,
        finalized_slot: u64,
        participants: usize,
        signature_slot: u64,
    ) -> Update {
        let finalized = self.block(finalized_slot, None);
        let block = self.block(slot, Some(&finalized));
        self.signed(&block, Some(finalized.header()), participants, signature_slot)
    }

    pub(crate) fn signed(
        &self,
        block: &Block,
        finalized: Option<&LightClientHeader>,
        participants: usize,
        signature_slot: u64,
    ) -> Update {
        let signers = self.signers(signature_slot);
        block
            .update(&self.spec, finalized, signers, participants, signature_slot)
            .unwrap()
    }

    /// A store that begins at a slot.
    pub(crate) fn store(&self, slot: u64) -> Store {
        let block = self.block(slot, None);
        let root = block.header().beacon.root();
        Store::open(&self.spec, &root, &block.bootstrap(), slot, Staleness::Refuse).unwrap()
    }

    /// Everybody.
    pub(crate) fn all(&self) -> usize {
        self.spec.preset.committee_size
    }

    /// The fewest that are two thirds.
    pub(crate) fn two_thirds(&self) -> usize {
        (self.all() * 2).div_ceil(3)
    }
}
