//! Single checks, made ready so that JavaScript can take the time of nothing else.

use playfair_ethereum::development::{Block, Payload, Signers, State};
use playfair_ethereum::{Fork, Form, Preset, Spec, Staleness, Store, Update};
use playfair_light_client_core::values::ShownValues;
use playfair_light_client_core::{Anchors, certified::Shown};
use playfair_light_client_tests::scenario::{anchors, keys};
use playfair_light_client_tests::table::{Answers, Recorded};
use playfair_proofs_verifier::{Claim, Key, Program, Trust, segment_constraints, verify_batch};
use playfair_types::Decode;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::state::StateKey;
use playfair_types::vk::VerifyingKey;
use serde_json::Value;
use wasm_bindgen::prelude::*;

/// Checks of the recorded chain.
#[wasm_bindgen]
pub struct Checks {
    constraints: &'static Program,
    vk: VerifyingKey,
    key: Key<'static>,
    envelopes: Vec<ProofEnvelope>,
    anchors: Anchors,
    head: Value,
    state: Value,
    keys: Vec<StateKey>,
}

/// The answer to the first question that is about this.
fn answer<'a>(answers: &'a Answers, about: &str, is_it: impl Fn(&str) -> bool) -> &'a [u8] {
    let found = answers.iter().find(|(question, _)| is_it(question));
    &found.unwrap_or_else(|| panic!("{about} was not asked")).1.body
}

fn ready(constraints: &'static Program, vk: &VerifyingKey) -> Key<'static> {
    Key::new(constraints, vk, Trust::InsecureDevelopmentToo).unwrap()
}

#[wasm_bindgen]
impl Checks {
    /// Reads everything that is not measured.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "JavaScript constructs it")]
    pub fn new() -> Self {
        let recorded = Recorded::committed();
        let answers = &recorded.parts[1];
        let envelopes = answers.iter().filter(|(question, _)| {
            let frame = question.rsplit_once("/proofs/").map(|(_, frame)| frame);
            frame.is_some_and(|frame| frame.bytes().all(|byte| byte.is_ascii_digit()))
        });
        // There is one for as long as the module lives.
        let constraints: &'static Program = Box::leak(Box::new(segment_constraints().unwrap()));
        let vk = answer(answers, "the key", |question| question.contains("/keys/"));
        let vk = VerifyingKey::decode(vk).unwrap();
        let chain = answer(answers, "the chain", |_| true);
        let chain: Value = serde_json::from_slice(chain).unwrap();
        let keys = keys(recorded.account);
        let state = answer(answers, "the state", |question| {
            question.contains("/state ") && question.matches("place").count() == keys.len()
        });
        Self {
            key: ready(constraints, &vk),
            constraints,
            vk,
            envelopes: envelopes
                .map(|(_, answer)| ProofEnvelope::decode(&answer.body).unwrap())
                .collect(),
            anchors: anchors(&recorded.link),
            head: chain["head"].clone(),
            state: serde_json::from_slice(state).unwrap(),
            keys,
        }
    }

    /// How many proofs there are.
    #[must_use]
    pub fn proofs(&self) -> usize {
        self.envelopes.len()
    }

    /// Makes the key ready, which happens once for each.
    pub fn key(&self) {
        let _ = ready(self.constraints, &self.vk);
    }

    /// Verifies the first `count` proofs.
    pub fn proof(&self, count: usize) {
        let instances: Vec<_> = self
            .envelopes
            .iter()
            .map(|envelope| envelope.inputs.to_fields())
            .collect();
        let claims = self.envelopes.iter().zip(&instances).take(count);
        let claims: Vec<Claim<'_>> = claims
            .map(|(envelope, instances)| Claim {
                key: &self.key,
                instances,
                proof: &envelope.proof,
            })
            .collect();
        verify_batch(&claims).unwrap();
    }

    /// Verifies the head's certificate.
    pub fn certificate(&self) {
        let shown = Shown::read(&self.head).unwrap();
        shown.verify(&self.anchors).unwrap();
    }

    /// Verifies three values against the state root of their block.
    pub fn state(&self) {
        let shown = ShownValues::read(&self.state, self.keys.len()).unwrap();
        let root = shown.block.header.after.state_root;
        shown.verify(root, &self.keys).unwrap();
    }
}

/// A sync committee of 512 keys, its keys read, and an update that it signed.
#[wasm_bindgen]
pub struct Committee {
    store: Store,
    all: Update,
    two_thirds: Update,
}

/// The slot that the clock shows.
const NOW: u64 = 200;

#[wasm_bindgen]
impl Committee {
    /// Makes the committee, which takes a while, and reads its keys.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::new_without_default, reason = "JavaScript constructs it")]
    pub fn new() -> Self {
        let form = Form::Gloas;
        let spec = Spec {
            forks: vec![Fork {
                epoch: 0,
                version: [7, 0, 0, 0],
                form,
            }],
            ..Spec::mainnet()
        };
        let signers = Signers::from_seed(&Preset::MAINNET, &[1; 32]).unwrap();
        let state = |finalized_root| State {
            finalized_root,
            current: signers.committee().clone(),
            next: signers.committee().clone(),
        };
        let first = Block::new(&spec, 64, [0; 32], state([0; 32]), Payload::Hash([1; 32])).unwrap();
        let root = first.header().beacon.root();
        let second = Block::new(&spec, 128, root, state(root), Payload::Hash([2; 32])).unwrap();
        let update = |participants| {
            let update = second.update(&spec, Some(first.header()), &signers, participants, 129);
            update.unwrap()
        };
        let mut store = Store::open(&spec, &root, &first.bootstrap(), NOW, Staleness::Refuse).unwrap();
        store.warm().unwrap();
        Self {
            store,
            all: update(512),
            two_thirds: update(343),
        }
    }

    /// An update that all members signed.
    pub fn all(&self) {
        self.store.clone().process(self.all.clone(), NOW).unwrap();
    }

    /// An update that two thirds signed.
    pub fn two_thirds(&self) {
        self.store.clone().process(self.two_thirds.clone(), NOW).unwrap();
    }
}
