//! What a proof costs, by parts of a synthetic table.
//!
//! ```text
//! cargo run --release -p playfair-proofs-prover --example cost -- prove K     one proof by stages
//! cargo run --release -p playfair-proofs-prover --example cost -- halo2 K     the same table by halo2's own prover
//! cargo run --release -p playfair-proofs-prover --example cost -- margins K   what one more column of each sort costs
//! ```
//!
//! Two times are given: by the clock, and of all threads by the processor (Linux only), which
//! other programs disturb less.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/common/synthetic.rs"]
mod synthetic;

use common::Table;
use halo2_proofs::plonk::{create_proof, keygen_pk, keygen_vk};
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::TranscriptWriterBuffer;
use playfair_proofs_circuit::air::{System, Witness};
use playfair_proofs_prover::fast::{Committer, ProvingKey, Stage, Watch, prove, usable_rows};
use playfair_proofs_prover::halo2::verify;
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_proofs_prover::transcript::{Challenge, PoseidonWrite};
use rand_core::OsRng;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use synthetic::{MACHINE, Shape};

/// Rounds of `margins`.
const ROUNDS: usize = 5;

/// Processor time of all threads in seconds; zero where it is not known.
fn processor() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let times = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok());
    let nanoseconds = times.filter_map(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.sum::<f64>() / 1e9
}

/// Seconds by the clock and of the processor.
struct Watched(Instant, f64);

impl Watched {
    fn start() -> Self {
        Self(Instant::now(), processor())
    }

    fn seconds(&self) -> (f64, f64) {
        (self.0.elapsed().as_secs_f64(), processor() - self.1)
    }
}

fn table(shape: Shape, k: u32) -> (System, Witness) {
    let system = System::new(&synthetic::air(shape));
    let witness = synthetic::witness(shape, usable_rows(&system, k), 1);
    (system, witness)
}

/// The least times of `runs` proofs, after one that warms up.
fn best(key: &ProvingKey, witness: &Witness, runs: usize) -> (f64, f64) {
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..=runs {
        let watched = Watched::start();
        prove(key, witness.clone(), &mut OsRng, &Watch::default()).expect("a proof");
        let (clock, processor) = watched.seconds();
        best = (best.0.min(clock), best.1.min(processor));
    }
    best
}

fn report(params: &Params, committer: Arc<Committer>, k: u32) {
    let (system, witness) = table(MACHINE, k);
    let watched = Watched::start();
    let key = ProvingKey::new(system, &witness.fixed, committer).expect("a key");
    println!(
        "key: {:.2?} s; {} multiplications per row; {MACHINE:?}",
        watched.seconds(),
        key.multiplications()
    );
    let (clock, processor) = best(&key, &witness, 3);
    println!(
        "prove: {clock:.3} s clock, {processor:.2} s processor, {:.0} rows/s",
        key.usable_rows() as f64 / clock
    );
    let stages: Mutex<Vec<(Stage, (f64, f64))>> = Mutex::default();
    let watched = Watched::start();
    let progress = |stage| {
        if let Ok(mut stages) = stages.lock() {
            stages.push((stage, watched.seconds()));
        }
    };
    let watch = Watch {
        progress: Some(&progress),
        ..Watch::default()
    };
    let proof = prove(&key, witness.clone(), &mut OsRng, &watch).expect("a proof");
    for pair in stages.into_inner().unwrap_or_default().windows(2) {
        let ((stage, from), (_, to)) = (pair[0], pair[1]);
        println!(
            "  {stage:?}: {:.3} s clock, {:.2} s processor",
            to.0 - from.0,
            to.1 - from.1
        );
    }
    println!(
        "{} bytes, verified: {}",
        proof.len(),
        verify(params, key.vk(), &[], &proof)
    );
}

fn margins(committer: &Arc<Committer>, k: u32) {
    let variants = [
        ("base", 1, MACHINE),
        (
            "bit column",
            20,
            Shape {
                bits: MACHINE.bits + 20,
                ..MACHINE
            },
        ),
        (
            "small column",
            20,
            Shape {
                small: MACHINE.small + 20,
                ..MACHINE
            },
        ),
        (
            "full column",
            20,
            Shape {
                full: MACHINE.full + 20,
                ..MACHINE
            },
        ),
        (
            "fixed column",
            20,
            Shape {
                fixed: MACHINE.fixed + 20,
                ..MACHINE
            },
        ),
        (
            "helper of three terms",
            10,
            Shape {
                helpers: MACHINE.helpers + 10,
                ..MACHINE
            },
        ),
        (
            "hundred products",
            5,
            Shape {
                products: MACHINE.products + 500,
                ..MACHINE
            },
        ),
    ];
    // In turns, so that a busy minute of the machine does not fall on one of them.
    let tables = variants.map(|(_, _, shape)| table(shape, k));
    let keys = tables.each_ref().map(|(system, witness)| {
        ProvingKey::new(system.clone(), &witness.fixed, committer.clone()).expect("a key")
    });
    let mut times = [(f64::MAX, f64::MAX); 7];
    for _ in 0..ROUNDS {
        for ((time, key), (_, witness)) in times.iter_mut().zip(&keys).zip(&tables) {
            let (clock, processor) = best(key, witness, 0);
            *time = (time.0.min(clock), time.1.min(processor));
        }
    }
    println!("base: {:.3} s clock, {:.3} s processor", times[0].0, times[0].1);
    for ((name, count, _), time) in variants.iter().zip(&times).skip(1) {
        let per = |more: f64, base: f64| (more - base) / f64::from(*count) * 1e3;
        println!(
            "{name}: {:.1} ms clock, {:.1} ms processor",
            per(time.0, times[0].0),
            per(time.1, times[0].1)
        );
    }
}

fn halo2(params: &Params, k: u32) {
    let (system, witness) = table(MACHINE, k);
    let table = Table::new(&system, &witness);
    let watched = Watched::start();
    let vk = keygen_vk(params, &table).expect("a key");
    let pk = keygen_pk(params, vk, &table).expect("a key");
    println!("halo2 keys: {:.2?} s", watched.seconds());
    for _ in 0..2 {
        let watched = Watched::start();
        let mut transcript = PoseidonWrite::<Vec<u8>>::init(vec![]);
        create_proof::<KZGCommitmentScheme<_>, ProverSHPLONK<_>, Challenge, _, _, _>(
            params,
            &pk,
            std::slice::from_ref(&table),
            &[&[&[]]],
            OsRng,
            &mut transcript,
        )
        .expect("a proof");
        println!("halo2 prove: {:.2?} s (clock, processor)", watched.seconds());
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let what = words.first().map_or("prove", String::as_str);
    let k = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(14);
    let params = insecure_development(k, None).expect("a setup");
    if what == "halo2" {
        return halo2(&params, k);
    }
    let watched = Watched::start();
    let committer = Arc::new(Committer::new(&params));
    println!(
        "k = {k}; committer: {:.2?} s (clock, processor)",
        watched.seconds()
    );
    match what {
        "margins" => margins(&committer, k),
        _ => report(&params, committer, k),
    }
}
