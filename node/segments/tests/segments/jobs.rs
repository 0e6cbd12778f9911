//! Jobs as bytes: all that a prover needs, and nothing that can be changed unnoticed.

use crate::scene::{Scene, modules};
use playfair_segments::{Answers, AnswersError, JOB_BYTES_MAX, Job};
use playfair_types::bounded::Bytes;
use playfair_types::codec::DecodeError;
use playfair_types::crypto::field::Fr;
use playfair_types::state::StateKey;
use playfair_types::state::proof::{ProofError, StateProof};
use playfair_types::{Decode, Encode};

/// Rows of a job by itself; nothing if it has no trace.
fn rows(job: &Job) -> Option<usize> {
    let linked = modules().linked(&job.module(), job.shape().careful).expect("it links");
    let known = job.answers().known(job.inputs().before.state_root).expect("true answers");
    let usable = linked.module.usable_rows(job.shape());
    linked.module.length(&job.segment(), &known, usable).ok().flatten()
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
            // What is there after cannot be gone.
            if answer.after.is_some() {
                let gone = with(job, |answers| answers.keys.get_mut(key).unwrap().after = None);
                assert_eq!((known(&gone), rows(&gone)), (None, None));
                changed[2] += 1;
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
    assert!(changed.iter().all(|count| *count > 3));
}

#[test]
fn no_byte_of_the_tape_or_the_inputs_can_be_another() {
    let cuts = Scene::played(13).cuts();
    let job = &cuts[1].job;
    let bytes = job.encode();
    // Shape, inputs and tape; a payout is anybody's, and a tape may be another tape's until the kernel reads it.
    let (inputs, tape) = (6, 6 + job.inputs().encode().len());
    let payout = inputs + 32..inputs + 52;
    let mut refused = 0;
    for place in (inputs..tape + job.tape().len()).step_by(7) {
        let mut other = bytes.clone();
        other[place] ^= 1;
        match Job::decode(&other) {
            Err(_) => refused += 1,
            Ok(other) if payout.contains(&place) => assert_eq!(rows(&other), rows(job)),
            Ok(other) if known(&other).is_some() => {}
            // A module that nobody has.
            Ok(other) if other.module() != job.module() => {}
            Ok(other) => assert_eq!(rows(&other), None, "byte {place}"),
        }
    }
    assert!(refused > 0);
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
    assert_eq!(changed(5, 6), Err(DecodeError::Unknown { what: "shape", found: 6 }));
    let long = vec![0; JOB_BYTES_MAX + 1];
    assert!(matches!(Job::decode(&long), Err(DecodeError::LimitExceeded { what: "job", .. })));

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
        answers.keys = (0..count).map(|number| (key(number), Default::default())).collect();
        Job::new(job.shape(), *job.inputs(), tape.to_vec(), answers)
    };
    assert!(with_keys(0).is_err() && with_keys(1_025).is_err() && with_keys(1_024).is_ok());
}

/// The bytes of a job, so that a change of the format does not go unnoticed between versions of nodes and workers.
#[test]
fn the_format_is_what_it_was() {
    let cuts = Scene::played(15).cuts();
    let bytes = cuts[0].job.encode();
    let digest = playfair_types::crypto::field::fr_to_bytes(&playfair_types::state::value_hash(&bytes));
    let found: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let golden = include_str!("job.golden").trim();
    assert_eq!(format!("{} {found}", bytes.len()), golden, "a change needs a new version of the job's format");
}
