//! What a node's workers read: jobs.

use crate::random::Random;
use crate::samples;
use playfair_proofs_prover::module::Shape;
use playfair_segments::{Answer, Answers, Job};
use playfair_types::bounded::Bytes;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, tree, value_hash};
use playfair_types::tape::frame::FRAME_BYTES;
use playfair_types::{Decode, Encode};
use std::collections::BTreeMap;

/// A job of some records, with answers about a small state.
fn job(random: &mut Random) -> Job {
    let mut tape = Vec::new();
    for _ in 0..=random.below(3) {
        samples::record(random).encode_to(&mut tape);
    }
    let (hashes, mut keys) = samples::small_map(random);
    keys.push(StateKey(random.array()));
    keys.sort_unstable();
    keys.dedup();
    // The same keys with values of ours, so that hashes are values' own.
    let values: BTreeMap<StateKey, Vec<u8>> = hashes.keys().map(|key| (*key, random.bytes(100))).collect();
    let hashes = values
        .iter()
        .map(|(key, value)| (*key, value_hash(value)))
        .collect();
    let answers = keys.iter().map(|key| {
        let value = values.get(key).filter(|_| !random.one_in(3));
        let answer = Answer {
            value: value.and_then(|value| Bytes::new(value.clone()).ok()),
            after: random.one_in(2).then(|| samples::field(random)),
        };
        (*key, answer)
    });
    let answers = Answers {
        keys: answers.collect(),
        proof: StateProof::from_map(&hashes, &keys),
    };
    let mut inputs = samples::segment_inputs(random);
    inputs.before.state_root = tree::root(&hashes);
    inputs.before.tape.length = random.next() >> 1;
    inputs.after.tape.length = inputs.before.tape.length + (tape.len() / FRAME_BYTES) as u64;
    let shape = Shape::ALL[random.below(Shape::ALL.len() as u64) as usize];
    Job::new(shape, inputs, tape, answers).expect("a job")
}

pub(crate) fn sample(random: &mut Random) -> Vec<u8> {
    let job = job(random);
    let bytes = job.encode();
    assert_eq!(Job::decode(&bytes).as_ref(), Ok(&job), "a valid job round-trips");
    let known = job.answers().known(job.inputs().before.state_root);
    assert!(known.is_ok(), "answers about a state are known to be so");
    bytes
}

/// Decodes canonically; what is said about the state is judged without a panic; and a job is no longer than its bytes.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let Ok(job) = Job::decode(bytes) else { return false };
    assert_eq!(job.encode(), bytes, "accepted bytes are the job's own encoding");
    assert!(job.tape().len() < bytes.len() && job.records() > 0);
    let _ = job.answers().known(job.inputs().before.state_root);
    true
}
