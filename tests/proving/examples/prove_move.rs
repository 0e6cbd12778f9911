//! One move proven and verified twice.
use playfair_games::module;
use playfair_proofs_circuit::air::check;
use playfair_proofs_prover::fast::{Committer, Watch};
use playfair_proofs_prover::module::{Module, Prover, Shape};
use playfair_proofs_prover::state::Around;
use playfair_proofs_prover::{halo2, setup};
use playfair_proofs_verifier::{Key, Trust, verify};
use playfair_proving::history;
use playfair_types::vk::Setup;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let admitted = &module::chess().admitted;
    let start = Instant::now();
    let chess = Arc::new(Module::new(&admitted.instrumented, admitted.hash).unwrap());
    println!("linked in {:?}: {:?}", start.elapsed(), chess.linked.sizes);
    let shape = match std::env::args().nth(1) {
        Some(k) => Shape::ALL
            .into_iter()
            .find(|shape| shape.k.to_string() == k)
            .unwrap(),
        None => chess.smallest().unwrap(),
    };
    let start = Instant::now();
    let params = setup::insecure_development(shape.k, None).unwrap();
    println!("setup {:?}", start.elapsed());
    let start = Instant::now();
    let committer = Arc::new(Committer::new(&params));
    println!("committer {:?}", start.elapsed());
    let start = Instant::now();
    let prover = Prover::new(chess.clone(), shape, committer, Setup::InsecureDevelopment).unwrap();
    println!(
        "keys {:?}, shape {shape:?}, {} multiplications",
        start.elapsed(),
        prover.key().multiplications()
    );
    let (local, steps) = history::game(5);
    let chain_id = local.chain.machine().chain_id();
    let key = Key::new(&prover.constraints, &prover.vk, Trust::InsecureDevelopmentToo).unwrap();
    for step in steps.iter().skip(2).take(3) {
        let segment = history::segment(std::slice::from_ref(step), chain_id);
        if std::env::args().nth(2).is_some() {
            let (witness, _) = prover
                .witness(&segment, Around::new(&step.old, &step.new))
                .unwrap();
            let start = Instant::now();
            println!(
                "check: {} in {:?}",
                check(chess.air(), &witness).unwrap(),
                start.elapsed()
            );
        }
        let proof = prover
            .prove(&segment, Around::new(&step.old, &step.new), &Watch::default())
            .unwrap();
        println!(
            "rows {} trace {:?} assign {:?} prove {:?} bytes {}",
            proof.rows,
            proof.trace,
            proof.assign,
            proof.prove,
            proof.envelope.proof.len()
        );
        let instance = segment.inputs.to_fields();
        let start = Instant::now();
        println!(
            "halo2: {} in {:?}",
            halo2::verify(&params, prover.key().vk(), &instance, &proof.envelope.proof),
            start.elapsed()
        );
        let start = Instant::now();
        println!(
            "ours: {:?} in {:?}",
            verify(&key, &instance, &proof.envelope.proof),
            start.elapsed()
        );
    }
}
