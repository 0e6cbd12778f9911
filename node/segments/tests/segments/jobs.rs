//! Jobs as bytes: all that a prover needs, and nothing that can be changed unnoticed.

use crate::scene::{Scene, modules};
use playfair_proofs_prover::module::Shape;
use playfair_runtime::local::block_record;
use playfair_segments::{Answer, Answers, AnswersError, JOB_BYTES_MAX, Job};
use playfair_types::account::L1Address;
use playfair_types::bounded::Bytes;
use playfair_types::codec::DecodeError;
use playfair_types::crypto::field::Fr;
use playfair_types::module::ModuleHash;
use playfair_types::segment::{Boundary, SegmentInputs};
use playfair_types::state::proof::{ProofError, StateProof};
use playfair_types::state::{StateKey, tree, value_hash};
use playfair_types::{Decode, Encode};
use std::collections::BTreeMap;

/// Rows of a job by itself; nothing if it has no trace.
fn rows(job: &Job) -> Option<usize> {
    let linked = modules()
        .linked(&job.module(), job.shape().careful)
        .expect("it links");
    let known = job
        .answers()
        .known(job.inputs().before.state_root)
        .expect("true answers");
    let usable = linked.module.usable_rows(job.shape());
    linked
        .module
        .length(&job.segment(), &known, usable)
        .ok()
        .flatten()
}

/// The same job with other answers.
fn with(job: &Job, change: impl FnOnce(&mut Answers)) -> Job {
    let mut answers = job.answers().clone();
    change(&mut answers);
    assert_ne!(answers, *job.answers(), "something is changed");
    Job::new(job.shape(), *job.inputs(), job.tape().to_vec(), answers).expect("a job as such")
}

fn known(job: &Job) -> Option<AnswersError> {
    job.answers().known(job.inputs().before.state_root).err()
}

#[test]
fn a_job_is_all_that_a_prover_needs() {
    for cut in Scene::played(11).cuts() {
        let bytes = cut.job.encode();
        assert_eq!(Job::decode(&bytes), Ok(cut.job.clone()));
        assert_eq!(rows(&Job::decode(&bytes).unwrap()), Some(cut.rows));
        println!(
            "{} records, {} keys, {} rows: {} bytes",
            cut.job.records(),
            cut.job.answers().keys.len(),
            cut.rows,
            bytes.len()
        );
    }
}

#[test]
fn no_answer_can_be_another() {
    let cuts = Scene::played(12).cuts();
    let mut changed = [0; 4];
    for job in cuts.iter().map(|cut| &cut.job) {
        for (key, answer) in &job.answers().keys {
            if let Some(value) = &answer.value {
                // Another value, and none.
                let mut other = value.to_vec();
                other.push(1);
                let other = with(job, |answers| {
                    answers.keys.get_mut(key).unwrap().value = Some(Bytes::new(other).unwrap());
                });
                assert_eq!(known(&other), Some(AnswersError::Value(*key)));
                let none = with(job, |answers| answers.keys.get_mut(key).unwrap().value = None);
                assert_eq!((known(&none), rows(&none)), (None, None));
                changed[0] += 1;
            } else {
                let some = with(job, |answers| {
                    answers.keys.get_mut(key).unwrap().value = Some(Bytes::default());
                });
                assert_eq!(known(&some), Some(AnswersError::Value(*key)));
                changed[1] += 1;
            }
            // What is there after cannot be gone, where the way that the kernel takes depends on it. Where it does not, the
            // statement is the same, and true.
            if answer.after.is_some() {
                let gone = with(job, |answers| answers.keys.get_mut(key).unwrap().after = None);
                assert_eq!((known(&gone), gone.inputs()), (None, job.inputs()));
                changed[2] += u32::from(rows(&gone).is_none());
            }
            // Every key has its part in the proof, and no other has.
            if job.answers().keys.len() > 1 {
                let without = with(job, |answers| drop(answers.keys.remove(key)));
                let error = known(&without);
                let fine = error.is_none() && (answer.value.is_none() || rows(&without).is_none());
                assert!(fine || matches!(error, Some(AnswersError::Proof(_))), "{error:?}");
                changed[3] += 1;
            }
        }
        // Another state's proof.
        let proof = with(job, |answers| answers.proof = StateProof::default());
        assert_eq!(known(&proof), Some(AnswersError::Proof(ProofError::Shape)));
        let root = job.inputs().before.state_root + Fr::from(1u64);
        let other = job.answers().known(root).err();
        assert_eq!(other, Some(AnswersError::Proof(ProofError::Root)));
    }
    println!("{changed:?} answers changed");
    assert!(changed.iter().all(|count| *count > 1));
}

#[test]
fn no_byte_of_the_tape_or_the_inputs_can_be_another() {
    let cuts = Scene::played(13).cuts();
    let job = &cuts[1].job;
    let bytes = job.encode();
    // Shape, then inputs: chain id, payout, work, before, after; then the tape.
    let inputs = 6;
    let (payout, work) = (inputs + 32, inputs + 52);
    let before = work + 8;
    let (after, tape) = (before + 298, before + 2 * 298);
    assert_eq!(tape - inputs, job.inputs().encode().len());
    let mut seen = [0; 3];
    for place in (inputs..tape + job.tape().len()).step_by(13) {
        let mut other = bytes.clone();
        other[place] ^= 1;
        let Ok(other) = Job::decode(&other) else {
            seen[0] += 1;
            continue;
        };
        if known(&other).is_some() || other.module() != job.module() {
            seen[1] += 1;
            continue;
        }
        match place {
            // Who is paid is for the prover to say.
            _ if (payout..work).contains(&place) => assert_eq!(rows(&other), rows(job)),
            // Some of what was before may be otherwise and lead to the same; then it is another statement.
            _ if (before..after).contains(&place) => assert_ne!(other.inputs(), job.inputs()),
            _ => {
                assert_eq!(rows(&other), None, "byte {place}");
                seen[2] += 1;
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}

/// Answers can be true of a state that no chain has. Whatever it is, the run ends within its rows, without a panic, and without
/// a trace: true values that somebody changed lead elsewhere.
#[test]
fn a_state_that_no_chain_has_leads_nowhere() {
    let cuts = Scene::played(16).cuts();
    let mut seed = 16u64;
    let mut random = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let (mut rounds, mut traces) = (0, 0);
    for job in cuts.iter().skip(1).map(|cut| &cut.job).cycle().take(30) {
        let mut answers = job.answers().clone();
        for answer in answers.keys.values_mut() {
            let Some(value) = &mut answer.value else { continue };
            let mut bytes = value.to_vec();
            match random() % 6 {
                0 if !bytes.is_empty() => {
                    let place = random() % bytes.len();
                    bytes[place] ^= 1 << (random() % 8);
                }
                1 => bytes.truncate(random() % (bytes.len() + 1)),
                2 => bytes = vec![random() as u8; random() % 4_097],
                _ => {}
            }
            *value = Bytes::new(bytes).unwrap();
        }
        let values = answers
            .keys
            .iter()
            .filter_map(|(key, answer)| Some((*key, value_hash(answer.value.as_ref()?))));
        let hashes: BTreeMap<StateKey, Fr> = values.collect();
        let keys: Vec<StateKey> = answers.keys.keys().copied().collect();
        answers.proof = StateProof::from_map(&hashes, &keys);
        let mut inputs = *job.inputs();
        inputs.before.state_root = tree::root(&hashes);
        let other = Job::new(job.shape(), inputs, job.tape().to_vec(), answers).unwrap();
        assert_eq!(known(&other), None);
        rounds += 1;
        traces += u32::from(rows(&other).is_some());
    }
    assert_eq!((rounds, traces), (30, 0));
}

#[test]
fn what_is_no_job_is_refused() {
    let cuts = Scene::played(14).cuts();
    let job = &cuts[0].job;
    let bytes = job.encode();
    for length in (0..bytes.len()).step_by(11) {
        assert!(Job::decode(&bytes[..length]).is_err());
    }
    let changed = |place: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = to;
        Job::decode(&bytes)
    };
    assert!(changed(0, b'X').is_err() && changed(4, 2).is_err());
    assert_eq!(
        changed(5, 6),
        Err(DecodeError::Unknown {
            what: "shape",
            found: 6
        })
    );
    let long = vec![0; JOB_BYTES_MAX + 1];
    assert!(matches!(
        Job::decode(&long),
        Err(DecodeError::LimitExceeded { what: "job", .. })
    ));

    let with_tape = |tape: &[u8]| Job::new(job.shape(), *job.inputs(), tape.to_vec(), job.answers().clone());
    let tape = job.tape();
    assert_eq!(with_tape(tape).as_ref(), Ok(job));
    assert!(with_tape(&[]).is_err() && with_tape(&tape[..tape.len() - 124]).is_err());
    assert!(with_tape(&[tape, tape].concat()).is_err());
    let mut inputs = *job.inputs();
    inputs.after = inputs.before;
    assert!(Job::new(job.shape(), inputs, Vec::new(), job.answers().clone()).is_err());
    let with_keys = |count: u32| {
        let key = |number: u32| {
            let mut key = [0; 31];
            key[..4].copy_from_slice(&number.to_be_bytes());
            StateKey(key)
        };
        let mut answers = job.answers().clone();
        answers.keys = (0..count)
            .map(|number| (key(number), Default::default()))
            .collect();
        Job::new(job.shape(), *job.inputs(), tape.to_vec(), answers)
    };
    assert!(with_keys(0).is_err() && with_keys(1_025).is_err() && with_keys(1_024).is_ok());
}

/// A change of the format does not go unnoticed between versions of nodes and workers.
#[test]
fn the_format_is_what_it_was() {
    let chain_id = Fr::from(11u64);
    let before = Boundary::before_genesis(chain_id, ModuleHash([1; 31]));
    let mut after = before;
    let tape = block_record(1, 5);
    after.tape.absorb_frames(&tape).unwrap();
    let inputs = SegmentInputs {
        chain_id,
        payout: L1Address([2; 20]),
        work: 4_080,
        before,
        after,
    };
    let values: BTreeMap<StateKey, Vec<u8>> = [
        (StateKey([3; 31]), vec![4, 5]),
        (StateKey([0xf3; 31]), Vec::new()),
    ]
    .into();
    let hashes = values
        .iter()
        .map(|(key, value)| (*key, value_hash(value)))
        .collect();
    let keys = [StateKey([3; 31]), StateKey([9; 31]), StateKey([0xf3; 31])];
    let answer = |(number, key): (usize, &StateKey)| {
        let value = values.get(key).map(|value| Bytes::new(value.clone()).unwrap());
        let after = (number > 0).then_some(Fr::from(number as u64));
        (*key, Answer { value, after })
    };
    let answers = Answers {
        keys: keys.iter().enumerate().map(answer).collect(),
        proof: StateProof::from_map(&hashes, &keys),
    };
    assert!(answers.known(tree::root(&hashes)).is_ok());
    let job = Job::new(Shape::ALL[7], inputs, tape, answers).unwrap();
    let found: String = job.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let golden = include_str!("job.golden").trim();
    assert!(
        found == golden,
        "a change needs a new version of the job's format: it is now {found}"
    );
}
