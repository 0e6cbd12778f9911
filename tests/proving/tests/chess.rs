//! The chess module's calls through kernel, circuit, proof and both verifiers.

use playfair_games::{chess as games, module};
use playfair_proofs_circuit::air::check;
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::segment::{Segment, trace};
use playfair_proofs_prover::state::Around;
use playfair_proving::chess::{keys, linked};
use playfair_proving::game::{accepted, verifier};
use playfair_proving::history::{self, Step, make};
use playfair_types::crypto::field::Fr;
use playfair_types::receipt::{Invalid, Outcome};

/// Rows that a trace may have here.
const ROWS: u32 = 1 << 20;

/// Asserts that a segment has a witness that satisfies every constraint.
fn satisfied(segment: &Segment, step: &Step) {
    let keys = keys();
    let (witness, _) = keys
        .prover
        .witness(segment, Around::new(&step.old, &step.new))
        .unwrap_or_else(|error| panic!("{error}"));
    let report = check(keys.module.air(), &witness).expect("a witness of this table");
    assert!(report.is_clean(), "{report}");
}

#[test]
fn a_whole_game_runs_on_the_register_machine_to_the_same_boundaries() {
    let (local, steps) = history::game(5);
    let segment = history::segment(&steps, local.chain.machine().chain_id());
    let (first, last) = (&steps[0], &steps[steps.len() - 1]);
    // The kernel compares every public input with what it computed: a trace is agreement.
    let around = Around::new(&first.old, &last.new);
    let found = trace(&linked().executable, &segment, around, ROWS).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(found.steps.len() > 100_000);
}

#[test]
fn a_move_is_proven_and_nothing_else() {
    let keys = keys();
    let (local, steps) = history::game(5);
    let step = &steps[7];
    let segment = history::segment(std::slice::from_ref(step), local.chain.machine().chain_id());
    let around = Around::new(&step.old, &step.new);
    let proof = keys
        .prover
        .prove(&segment, around, &Watch::default())
        .unwrap_or_else(|error| panic!("{error}"));
    let key = verifier(keys);
    let instance = segment.inputs.to_fields();
    let bytes = &proof.envelope.proof;
    assert!(accepted(keys, &key, &instance, bytes));

    for i in 0..instance.len() {
        let mut other = instance;
        other[i] += Fr::from(1u64);
        assert!(
            !accepted(keys, &key, &other, bytes),
            "public input {i} may be changed"
        );
    }
    assert!(!accepted(keys, &key, &instance[..30], bytes));
    for at in (0..bytes.len()).step_by(331) {
        let mut other = bytes.to_vec();
        other[at] ^= 1 << (at % 8);
        assert!(
            !accepted(keys, &key, &instance, &other),
            "byte {at} may be changed"
        );
    }
}

#[test]
fn other_boundaries_have_no_trace() {
    let (local, steps) = history::game(5);
    let step = &steps[5];
    let honest = history::segment(std::slice::from_ref(step), local.chain.machine().chain_id());
    let fails = |segment: &Segment| {
        let around = Around::new(&step.old, &step.new);
        trace(&linked().executable, segment, around, ROWS).is_err()
    };
    assert!(!fails(&honest));
    let mut segment = honest.clone();
    segment.inputs.work += 1;
    assert!(fails(&segment), "other work");
    let mut segment = honest.clone();
    segment.inputs.after.receipts += Fr::from(1u64);
    assert!(fails(&segment), "another receipt");
    let mut segment = honest.clone();
    segment.inputs.after.state_root = segment.inputs.before.state_root;
    assert!(fails(&segment), "the old state");
    let mut segment = honest.clone();
    segment.records += 1;
    assert!(fails(&segment), "a record more");
    let mut segment = honest.clone();
    segment.tape[130] ^= 1;
    assert!(fails(&segment), "another tape");
    let mut segment = honest;
    segment.inputs.after.height += 1;
    assert!(fails(&segment), "another height");
}

#[test]
fn calls_that_revert_or_are_invalid_are_provable() {
    let admitted = &module::chess().admitted;
    let mut local = module::local(module::engine(admitted), admitted);
    let recorded = games::recorded();
    let played = games::Match::of(&recorded[5], 1);
    let opening = played.opening(&mut local.players);
    for call in &opening {
        let signed = call.sign(&mut local.players);
        make(&mut local, 1_000, &[signed]);
    }
    // A rook that jumps over its pawn.
    let illegal = played.play(0, games::entry::PLAY, 0).sign(&mut local.players);
    let mut forged = played.moves()[0].sign(&mut local.players);
    forged[80] ^= 1;
    let chain_id = local.chain.machine().chain_id();
    for (record, outcome) in [
        (illegal, Outcome::Reverted),
        (forged, Outcome::Invalid(Invalid::Signature)),
    ] {
        let (step, block) = make(&mut local, 1_000, &[record]);
        assert_eq!(block.applied[1].receipt.outcome, outcome);
        satisfied(&history::segment(std::slice::from_ref(&step), chain_id), &step);
    }
}
