//! Tables to halo2: our proofs before halo2's verifier, halo2's keys, prover and mock prover beside ours.

mod common;
#[path = "common/synthetic.rs"]
mod synthetic;
#[path = "common/toy.rs"]
mod toy;

use common::Table;
use halo2_proofs::dev::{MockProver, VerifyFailure};
use halo2_proofs::plonk::{create_proof, keygen_vk};
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::TranscriptWriterBuffer;
use playfair_proofs_circuit::air::{Air, Change, Checker, Column, System, Witness, check};
use playfair_proofs_prover::fast::{
    Committer, KeyError, ProveError, ProvingKey, Stage, Watch, prove, usable_rows,
};
use playfair_proofs_prover::halo2::verify;
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_proofs_prover::transcript::{Challenge, PoseidonWrite, to_halo2};
use playfair_types::Fr;
use rand_core::{OsRng, RngCore};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use synthetic::{Random, Shape};

const K: u32 = 6;

/// Blinding that can be repeated.
struct Seeded(Random);

impl RngCore for Seeded {
    fn next_u32(&mut self) -> u32 {
        self.0.next() as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.0.next() as u8);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

struct Setup {
    params: Params,
    air: Air,
    key: ProvingKey,
    witness: Witness,
}

fn setup() -> Setup {
    let params = insecure_development(K, None).unwrap();
    let air = toy::air();
    let system = System::new(&air);
    let witness = toy::witness(usable_rows(&system, K), 5);
    let key = ProvingKey::new(system, &witness.fixed, Arc::new(Committer::new(&params))).unwrap();
    Setup {
        params,
        air,
        key,
        witness,
    }
}

fn proof(key: &ProvingKey, witness: &Witness) -> Vec<u8> {
    prove(key, witness.clone(), &mut Seeded(Random(1)), &Watch::default()).unwrap()
}

#[test]
fn a_good_witness_is_proven() {
    let Setup {
        params,
        air,
        key,
        witness,
    } = setup();
    assert!(check(&air, &witness).unwrap().is_clean());
    let bytes = proof(&key, &witness);
    assert!(verify(&params, key.vk(), &witness.instance, &bytes));
    // Blinding that repeats gives the same proof, other blinding another one.
    assert_eq!(bytes, proof(&key, &witness));
    let other = prove(&key, witness.clone(), &mut OsRng, &Watch::default()).unwrap();
    assert_ne!(bytes, other);
    assert!(verify(&params, key.vk(), &witness.instance, &other));
}

#[test]
fn other_statements_and_other_bytes_are_refused() {
    let Setup {
        params, key, witness, ..
    } = setup();
    let bytes = proof(&key, &witness);
    let accepts = |instance: &[Fr], bytes: &[u8]| verify(&params, key.vk(), instance, bytes);
    for place in 0..witness.instance.len() {
        let mut instance = witness.instance.clone();
        instance[place] += Fr::from(1);
        assert!(!accepts(&instance, &bytes), "public input {place}");
    }
    assert!(!accepts(&witness.instance[..1], &bytes));
    assert!(!accepts(&vec![Fr::from(5); 1 << K], &bytes));
    let mut long = bytes.clone();
    long.push(0);
    assert!(!accepts(&witness.instance, &long));
    assert!(!accepts(&witness.instance, &bytes[..bytes.len() - 1]));
    for place in (0..bytes.len()).step_by(61) {
        let mut bad = bytes.clone();
        bad[place] ^= 1;
        assert!(!accepts(&witness.instance, &bad), "byte {place}");
    }
}

#[test]
fn broken_constraints_are_named_and_not_proven() {
    let Setup {
        params,
        air,
        key,
        witness,
    } = setup();
    let checker = Checker::new(&air, &witness).unwrap();
    // Column, row, what must fail.
    let cases: [(u16, usize, &str); 6] = [
        (0, 7, "step"),
        (4, 3, "square"),
        (3, 2, "seen"),
        (1, 4, "limb.use"),
        (2, 3, "limb.table"),
        (3, 9, "value.take"),
    ];
    for (column, row, name) in cases {
        let mut bad = witness.clone();
        let value = bad.advice[usize::from(column)][row] + Fr::from(1);
        bad.advice[usize::from(column)][row] = value;
        let report = checker
            .with(&[Change {
                column: Column::Advice(column),
                row,
                value,
            }])
            .unwrap();
        assert!(report.names().contains(name), "{name}: {report}");
        let bytes = proof(&key, &bad);
        assert!(!verify(&params, key.vk(), &bad.instance, &bytes), "{name}");
    }
    // A first row that contradicts the public input, in agreement with itself otherwise.
    let bad = Witness {
        instance: witness.instance.clone(),
        ..toy::witness(witness.rows(), 6)
    };
    let report = check(&air, &bad).unwrap();
    assert_eq!(report.names(), BTreeSet::from(["first"]));
    assert!(!verify(&params, key.vk(), &bad.instance, &proof(&key, &bad)));
}

#[test]
fn keys_and_proofs_agree_with_halo2() {
    let Setup {
        params, key, witness, ..
    } = setup();
    let table = Table::new(key.system(), &witness);
    let vk = keygen_vk(&params, &table).unwrap();
    assert_eq!(vk.fixed_commitments(), key.vk().fixed_commitments());
    assert_eq!(vk.transcript_repr(), key.vk().transcript_repr());
    assert_eq!(vk.cs().degree(), 5);
    let pk = halo2_proofs::plonk::keygen_pk(&params, vk, &table).unwrap();
    let instance: Vec<_> = witness.instance.iter().map(to_halo2).collect();
    let mut transcript = PoseidonWrite::<Vec<u8>>::init(vec![]);
    create_proof::<KZGCommitmentScheme<_>, ProverSHPLONK<_>, Challenge, _, _, _>(
        &params,
        &pk,
        &[table],
        &[&[&instance]],
        OsRng,
        &mut transcript,
    )
    .unwrap();
    let theirs: Vec<u8> = transcript.finalize();
    assert!(verify(&params, key.vk(), &witness.instance, &theirs));
    assert_eq!(theirs.len(), proof(&key, &witness).len());
}

#[test]
fn the_mock_prover_agrees_with_the_checker() {
    let Setup {
        air, key, witness, ..
    } = setup();
    let checker = Checker::new(&air, &witness).unwrap();
    let mut random = Random(2);
    for round in 0..40 {
        let mut bad = witness.clone();
        let changes: Vec<Change> = (0..random.next() % 3)
            .map(|_| {
                let (column, row) = (
                    random.next() as usize % 5,
                    random.next() as usize % witness.rows(),
                );
                let value = bad.advice[column][row] + Fr::from(random.next() % 2);
                bad.advice[column][row] = value;
                Change {
                    column: Column::Advice(column as u16),
                    row,
                    value,
                }
            })
            .collect();
        let report = checker.with(&changes).unwrap();
        let instance = bad.instance.iter().map(to_halo2).collect();
        let mock = MockProver::run(K, &Table::new(key.system(), &bad), vec![instance]).unwrap();
        let failures: BTreeSet<String> = mock
            .verify()
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|failure| match failure {
                VerifyFailure::ConstraintNotSatisfied { constraint, .. } => format!("{constraint}"),
                other => panic!("round {round}: {other}"),
            })
            .collect();
        let mut expected: BTreeSet<&str> = report
            .violations
            .iter()
            .map(|violation| violation.id.as_str())
            .collect();
        if report.unmatched_count > 0 {
            expected.insert("logup.last");
        }
        assert_eq!(
            failures.len(),
            expected.len(),
            "round {round}: {failures:?} {expected:?}"
        );
        for name in expected {
            assert!(
                failures
                    .iter()
                    .any(|failure| failure.contains(&format!("'{name}'"))),
                "round {round}: {failures:?} {name}"
            );
        }
    }
}

#[test]
fn provers_can_be_watched_and_stopped() {
    let Setup { key, witness, .. } = setup();
    let stages = std::sync::Mutex::new(Vec::new());
    let cancel = AtomicBool::new(false);
    let progress = |stage| {
        stages.lock().unwrap().push(stage);
        if stage == Stage::Quotient(1) {
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let watch = Watch {
        cancel: Some(&cancel),
        progress: Some(&progress),
    };
    assert_eq!(
        prove(&key, witness.clone(), &mut Seeded(Random(1)), &watch),
        Err(ProveError::Cancelled)
    );
    assert_eq!(
        *stages.lock().unwrap(),
        [Stage::Advice, Stage::Bus, Stage::Quotient(0), Stage::Quotient(1)]
    );
}

#[test]
fn other_shapes_are_refused() {
    let Setup {
        params, key, witness, ..
    } = setup();
    let mut bad = witness.clone();
    bad.advice[2].pop();
    assert_eq!(
        prove(&key, bad.clone(), &mut OsRng, &Watch::default()),
        Err(ProveError::Shape)
    );
    let committer = Arc::new(Committer::new(&params));
    let new = |fixed: &[Vec<Fr>]| ProvingKey::new(key.system().clone(), fixed, committer.clone()).map(|_| ());
    assert_eq!(
        new(&witness.fixed[1..]),
        Err(KeyError::Columns {
            expected: 3,
            found: 2
        })
    );
    let mut fixed = witness.fixed.to_vec();
    fixed[0].clear();
    assert_eq!(
        new(&fixed),
        Err(KeyError::Rows {
            expected: witness.rows(),
            found: 0
        })
    );
    fixed[0] = vec![Fr::from(0); witness.rows()];
    assert_eq!(new(&fixed), Err(KeyError::Zero(0)));
}

/// Everything else here runs on what this processor has; other processors are tested by a process that is told so.
#[test]
fn the_same_without_vector_instructions() {
    let exe = std::env::current_exe().unwrap();
    let status = std::process::Command::new(exe)
        .args(["--exact", "tables_of_many_shapes_are_proven"])
        .env(playfair_proofs_vector::BACKEND_VARIABLE, "portable")
        .status();
    assert!(status.unwrap().success());
}

#[test]
fn tables_of_many_shapes_are_proven() {
    let params = insecure_development(7, None).unwrap();
    let committer = Arc::new(Committer::new(&params));
    let base = Shape {
        bits: 3,
        small: 4,
        full: 2,
        fixed: 2,
        helpers: 3,
        products: 12,
    };
    let shapes = [
        base,
        Shape { helpers: 0, ..base },
        Shape {
            helpers: 1,
            products: 40,
            ..base
        },
        Shape {
            fixed: 0,
            bits: 1,
            ..base
        },
    ];
    for shape in shapes {
        let system = System::new(&synthetic::air(shape));
        let witness = synthetic::witness(shape, usable_rows(&system, 7), 3);
        let key = ProvingKey::new(system, &witness.fixed, committer.clone()).unwrap();
        assert!(
            verify(&params, key.vk(), &[], &proof(&key, &witness)),
            "{shape:?}"
        );
    }
}

/// From 2^18 rows on cosets are worked on in parts, which read each other's first rows.
#[test]
fn a_large_table_is_proven_in_parts() {
    const LARGE: u32 = 18;
    let params = insecure_development(LARGE, None).unwrap();
    let committer = Arc::new(Committer::new(&params));
    let shape = Shape {
        bits: 1,
        small: 2,
        full: 1,
        fixed: 2,
        helpers: 1,
        products: 4,
    };
    let system = System::new(&synthetic::air(shape));
    let witness = synthetic::witness(shape, usable_rows(&system, LARGE), 3);
    let key = ProvingKey::new(system, &witness.fixed, committer).unwrap();
    assert!(verify(&params, key.vk(), &[], &proof(&key, &witness)));
}
