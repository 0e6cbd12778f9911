//! Proofs made from the bytes of jobs alone, and what is said to them and to lies about them.

use crate::scene::{Scene, admitted, entry, wasm};
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::module::Shape;
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_proofs_verifier::{Error as Refusal, Trust};
use playfair_segments::{Answers, CheckError, Checker, Cut, Job, Keys, Lie, ModuleError, WorkError};
use playfair_types::account::L1Address;
use playfair_types::bounded::Bytes;
use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::module::ModuleHash;
use playfair_types::{Decode, Encode};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

const K14: Shape = Shape::ALL[0];
const CAREFUL: Shape = Shape::ALL[6];

type Setups = fn(u32) -> Result<Params, String>;

fn setups(k: u32) -> Result<Params, String> {
    insecure_development(k, None).map_err(|error| error.to_string())
}

/// Three keys in the smallest shapes; shared by all tests.
pub(crate) fn keys() -> &'static Keys<Setups> {
    static KEYS: OnceLock<Keys<Setups>> = OnceLock::new();
    KEYS.get_or_init(|| Keys::new(setups as Setups, 3 << 14))
}

fn checker() -> Checker {
    let mut checker = Checker::new(Trust::InsecureDevelopmentToo).expect("this build's constraints");
    let hash = admitted(1).hash;
    let prover = keys().prover(hash, K14, &wasm(1)).expect("a key");
    checker.insert(prover.vk.clone()).expect("a key of this circuit");
    checker
}

/// Proves the bytes of a job, somewhere else.
fn prove(bytes: &[u8]) -> Result<ProofEnvelope, WorkError> {
    let job = Job::decode(bytes).expect("a job");
    Ok(keys().prove(&job, &wasm(1), &Watch::default())?.envelope)
}

/// A history, with the envelopes of its first segments.
fn proven() -> &'static (Vec<Cut>, Vec<ProofEnvelope>) {
    static PROVEN: OnceLock<(Vec<Cut>, Vec<ProofEnvelope>)> = OnceLock::new();
    PROVEN.get_or_init(|| {
        let cuts = Scene::played(31).cuts();
        let prove = |cut: &Cut| prove(&cut.job.encode()).unwrap_or_else(|error| panic!("{error}"));
        let envelopes = cuts.iter().take(2).map(prove).collect();
        (cuts, envelopes)
    })
}

#[test]
fn jobs_are_proven_from_their_bytes_and_the_proofs_count() {
    let (cuts, envelopes) = proven();
    let checker = checker();
    for (cut, envelope) in cuts.iter().zip(envelopes) {
        let checked = checker.check(cut.job.inputs(), cut.job.shape(), &envelope.encode());
        assert_eq!(checked.as_ref(), Ok(envelope));
    }
    assert!(
        cuts.windows(2)
            .all(|pair| pair[0].job.inputs().chains_to(pair[1].job.inputs()))
    );
    let before = &cuts[0].job.inputs().before;
    assert_eq!(before.tape.length, 0, "from genesis on");
}

#[test]
fn each_lie_has_its_name() {
    let (cuts, envelopes) = proven();
    let (job, envelope, checker) = (&cuts[1].job, &envelopes[1], checker());
    let lie = |bytes: &[u8]| match checker.check(job.inputs(), job.shape(), bytes) {
        Err(CheckError::Lie(lie)) => lie,
        other => panic!("{other:?}"),
    };
    let bytes = envelope.encode();
    assert!(matches!(lie(&[]), Lie::Malformed(_)));
    assert!(matches!(lie(&bytes[..bytes.len() - 1]), Lie::Malformed(_)));
    assert!(matches!(lie(&[&bytes[..], &[0]].concat()), Lie::Malformed(_)));
    // Another segment's proof.
    assert_eq!(lie(&envelopes[0].encode()), Lie::OtherInputs("work"));
    // Each input by itself.
    let mut names = Vec::new();
    for place in (37..37 + 32 + 20 + 8 + 2 * 298).rev() {
        let mut other = bytes.clone();
        other[place] ^= 1;
        match lie(&other) {
            Lie::OtherInputs(name) => names.push(name),
            Lie::Malformed(_) => {}
            other => panic!("byte {place}: {other}"),
        }
    }
    names.dedup();
    assert_eq!(
        (names.len(), names.first()),
        (31, Some(&"activating after")),
        "{names:?}"
    );
    // Another key, with a proof or without.
    let other = ProofEnvelope {
        vk: envelope.vk + Fr::from(1u64),
        ..envelope.clone()
    };
    assert!(matches!(lie(&other.encode()), Lie::OtherKey { found, .. } if found == other.vk));
    // Another proof, a shorter one, none.
    let mut wrong = envelope.proof.to_vec();
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    let with = |proof: &[u8]| {
        let proof = Bytes::new(proof).unwrap();
        ProofEnvelope {
            proof,
            ..envelope.clone()
        }
    };
    assert!(matches!(lie(&with(&wrong).encode()), Lie::Refused(_)));
    assert!(matches!(
        lie(&with(&[]).encode()),
        Lie::Refused(Refusal::ProofLength { .. })
    ));
    // The proof of another segment under this one's inputs.
    let moved = with(&envelopes[0].proof);
    assert_eq!(lie(&moved.encode()), Lie::Refused(Refusal::Refused));
    // The true one still counts.
    assert!(checker.check(job.inputs(), job.shape(), &bytes).is_ok());
}

#[test]
fn who_is_paid_is_part_of_the_proof() {
    let (cuts, _) = proven();
    let (job, checker) = (&cuts[0].job, checker());
    let mut inputs = *job.inputs();
    inputs.payout = L1Address([8; 20]);
    let mine = Job::new(job.shape(), inputs, job.tape().to_vec(), job.answers().clone()).unwrap();
    // Whoever changes it can prove that it is another proof.
    let envelope = prove(&mine.encode()).expect("a proof").encode();
    assert!(checker.check(&inputs, job.shape(), &envelope).is_ok());
    let checked = checker.check(job.inputs(), job.shape(), &envelope);
    assert_eq!(checked, Err(CheckError::Lie(Lie::OtherInputs("payout"))));
}

#[test]
fn a_module_that_lies_about_its_alignment_is_proven_with_care() {
    let mut scene = Scene::new(32);
    let calls = vec![scene.call("ann", entry::LIE, &[])];
    scene.block(&calls);
    let cuts = scene.cuts();
    let job = &cuts
        .iter()
        .find(|cut| cut.job.shape() == CAREFUL)
        .expect("the lie")
        .job;
    let envelope = prove(&job.encode()).expect("a proof").encode();
    let mut checker = checker();
    let none = checker.check(job.inputs(), CAREFUL, &envelope);
    assert!(matches!(none, Err(CheckError::NoKey { .. })));
    let prover = keys().prover(job.module(), CAREFUL, &[]).expect("it is there");
    checker.insert(prover.vk.clone()).unwrap();
    assert!(checker.check(job.inputs(), CAREFUL, &envelope).is_ok());
    // Whoever asked for the ordinary shape is not served with it.
    let other = checker.check(job.inputs(), K14, &envelope);
    assert!(matches!(other, Err(CheckError::Lie(Lie::OtherKey { .. }))));
}

#[test]
fn a_checker_believes_in_its_own_keys_only() {
    let (cuts, envelopes) = proven();
    let (job, bytes) = (&cuts[1].job, envelopes[1].encode());
    let mut empty = Checker::new(Trust::InsecureDevelopmentToo).unwrap();
    let none = empty.check(job.inputs(), job.shape(), &bytes);
    let (module, shape) = (job.module(), job.shape());
    assert_eq!(none, Err(CheckError::NoKey { module, shape }));
    let vk = checker().key(module, shape).cloned().expect("its key");
    // The careful shape's key is another one.
    let mut careful = vk.clone();
    careful.shape = CAREFUL.number;
    empty.insert(careful).expect("it looks like one");
    let other = empty.check(job.inputs(), CAREFUL, &bytes);
    assert!(matches!(other, Err(CheckError::Lie(Lie::OtherKey { .. }))));
    // Keys that are none, and keys that rest on what anybody knows.
    let mut wrong = vk.clone();
    wrong.k = 15;
    assert_eq!(empty.insert(wrong), Err(Refusal::KeyShape("shape")));
    let mut short = vk.clone();
    short.fixed.pop();
    assert!(empty.insert(short).is_err());
    let mut public = Checker::new(Trust::PublicSetup).unwrap();
    assert_eq!(public.insert(vk.clone()), Err(Refusal::InsecureSetup));
    // A key that was written down and read again.
    let read = playfair_types::vk::VerifyingKey::decode(&vk.encode()).unwrap();
    empty.insert(read).unwrap();
    assert!(empty.check(job.inputs(), shape, &bytes).is_ok());
    empty.remove(module);
    assert!(empty.key(module, shape).is_none());
}

#[test]
fn a_node_that_lies_to_a_worker_gets_an_error() {
    let (cuts, _) = proven();
    let job = &cuts[1].job;
    let error = |job: &Job| match keys().prove(job, &wasm(1), &Watch::default()) {
        Err(error) => error,
        Ok(proof) => panic!("a proof of {} rows", proof.rows),
    };
    let with = |change: &dyn Fn(&mut Answers)| {
        let mut answers = job.answers().clone();
        change(&mut answers);
        Job::new(job.shape(), *job.inputs(), job.tape().to_vec(), answers).unwrap()
    };
    let known = *job
        .answers()
        .keys
        .iter()
        .find(|(_, answer)| answer.value.is_some())
        .unwrap()
        .0;
    let value = with(&|answers| answers.keys.get_mut(&known).unwrap().value = Some(Bytes::default()));
    assert!(matches!(error(&value), WorkError::Answers(_)));
    let gone = with(&|answers| answers.keys.get_mut(&known).unwrap().value = None);
    assert!(matches!(error(&gone), WorkError::Prover(_)));
    // Another tape, another end, another shape.
    let mut tape = job.tape().to_vec();
    tape[60] ^= 1;
    let other = Job::new(job.shape(), *job.inputs(), tape, job.answers().clone()).unwrap();
    assert!(matches!(error(&other), WorkError::Prover(_)));
    let mut inputs = *job.inputs();
    inputs.work += 1;
    let other = Job::new(job.shape(), inputs, job.tape().to_vec(), job.answers().clone()).unwrap();
    assert!(matches!(error(&other), WorkError::Prover(_)));
    let large = Job::new(
        Shape::ALL[5],
        *job.inputs(),
        job.tape().to_vec(),
        job.answers().clone(),
    )
    .unwrap();
    assert!(matches!(
        error(&large),
        WorkError::TooLarge {
            rows: 524_288,
            most: 49_152
        }
    ));
    // Modules.
    let nobody = Keys::new(setups, 1 << 15);
    let module = |wasm: &[u8]| match nobody.prove(job, wasm, &Watch::default()) {
        Err(WorkError::Module(error)) => error,
        Err(error) => panic!("{error}"),
        Ok(proof) => panic!("a proof of {} rows", proof.rows),
    };
    assert!(matches!(module(&[]), ModuleError::Rejected(_)));
    assert!(matches!(module(&wasm(2)), ModuleError::Other { wanted, found }
        if wanted == job.module() && found == admitted(2).hash));
    assert_eq!(nobody.rows(), 0);
    // The setup is missing.
    let without = Keys::new(|_| Err("there is none".to_owned()), 1 << 15);
    let error = without.prove(job, &wasm(1), &Watch::default());
    assert!(matches!(error, Err(WorkError::Setup { k: 14, .. })));
}

#[test]
fn proving_stops_when_it_is_told_to() {
    let (cuts, _) = proven();
    let cancel = AtomicBool::new(true);
    let watch = Watch {
        cancel: Some(&cancel),
        progress: None,
    };
    let stopped = keys().prove(&cuts[0].job, &wasm(1), &watch);
    assert!(matches!(stopped, Err(WorkError::Cancelled)));
    // In the middle.
    let cancel = AtomicBool::new(false);
    let set = |_| cancel.store(true, std::sync::atomic::Ordering::Relaxed);
    let watch = Watch {
        cancel: Some(&cancel),
        progress: Some(&set),
    };
    let stopped = keys().prove(&cuts[0].job, &wasm(1), &watch);
    assert!(matches!(stopped, Err(WorkError::Cancelled)));
}

#[test]
fn keys_are_forgotten_in_the_order_of_their_use() {
    let keys = Keys::new(setups, 1 << 15);
    let hashes: [ModuleHash; 2] = [admitted(1).hash, admitted(2).hash];
    let (first, second) = (wasm(1), wasm(2));
    let one = keys.prover(hashes[0], K14, &first).expect("a key");
    keys.prover(hashes[1], K14, &second).expect("a key");
    assert_eq!(keys.rows(), 1 << 15);
    // What is there needs no bytes.
    let again = keys.prover(hashes[0], K14, &[]).expect("it is there");
    assert_eq!(again.vk, one.vk);
    let careful = keys.prover(hashes[1], CAREFUL, &second).expect("a key");
    assert_ne!(careful.vk.digest(), one.vk.digest());
    assert_eq!(keys.rows(), 1 << 15);
    let there = |hash: ModuleHash, shape: Shape| keys.has(hash, shape);
    assert!(there(hashes[0], K14) && there(hashes[1], CAREFUL) && !there(hashes[1], K14));
    let large = keys.prover(hashes[0], Shape::ALL[2], &first);
    assert!(matches!(large, Err(WorkError::TooLarge { .. })));
}

#[test]
fn everything_goes_to_threads_that_may_block() {
    fn sends<T: Send>() {}
    fn shared<T: Send + Sync>() {}
    sends::<playfair_segments::Segmenter>();
    sends::<playfair_segments::Replica>();
    shared::<Keys<Setups>>();
    shared::<playfair_segments::Modules>();
    shared::<Checker>();
    shared::<Job>();
    shared::<playfair_state::Fork>();
}
