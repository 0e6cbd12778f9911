//! Proofs of one table in all small sizes, and in the ways of working that larger sizes have.

#[path = "../../tests/toys/random.rs"]
mod random;
#[path = "../../tests/common/toy.rs"]
mod toy;

use super::{Committer, ProvingKey, Watch, prove, usable_rows};
use crate::halo2::verify;
use crate::setup::insecure_development;
use ark_ff::{AdditiveGroup, Field};
use playfair_proofs_circuit::air::{Builder, Rows, System, Witness};
use playfair_types::Fr;
use random::Random;
use std::sync::Arc;

#[test]
fn every_small_size_is_proven_alike_in_every_way() {
    for k in 4..=11 {
        let params = insecure_development(k, None).unwrap();
        let system = System::new(&toy::air());
        let witness = toy::witness(usable_rows(&system, k), 5);
        let committer = Arc::new(Committer::new(&params));
        let mut key = ProvingKey::new(system, &witness.fixed, committer).unwrap();
        let proof =
            |key: &ProvingKey| prove(key, witness.clone(), &mut Random(1), &Watch::default()).unwrap();
        let kept = proof(&key);
        assert!(verify(&params, key.vk(), &witness.instance, &kept), "k = {k}");
        // As from 2^16 rows on, then as from 2^18 on.
        key.fixed_extended = None;
        assert!(proof(&key) == kept, "k = {k}, extended for the proof");
        if k >= 6 {
            key.domain = key.domain.clone().in_parts();
            assert!(proof(&key) == kept, "k = {k}, in parts");
        }
    }
}

/// Columns of zeros, of one value, and with one cell: what is random in them is their blinding alone.
#[test]
fn columns_of_one_value_are_proven() {
    let mut b = Builder::new();
    let fixed = b.fixed("fixed");
    let columns: Vec<_> = (0..5).map(|i| b.advice(format!("x{i}"))).collect();
    for (i, x) in columns.iter().enumerate() {
        // 0 or -1.
        b.constrain(format!("bit{i}"), "A bit's negative.", Rows::All, *x * *x + *x);
    }
    let kind = b.kind("pair");
    b.use_one("use", kind, [columns[0].cur(), columns[1].cur()]);
    b.supply("supply", kind, fixed, [columns[2].cur(), columns[1].cur()]);
    let air = b.build().unwrap();
    for k in 4..=9 {
        let params = insecure_development(k, None).unwrap();
        let system = System::new(&air);
        let rows = usable_rows(&system, k);
        let mut advice = vec![vec![Fr::ZERO; rows]; 5];
        advice[1].fill(-Fr::ONE);
        advice[3][rows - 1] = -Fr::ONE;
        advice[4][0] = -Fr::ONE;
        let witness = Witness {
            fixed: vec![vec![Fr::ONE; rows]].into(),
            advice,
            instance: Vec::new(),
        };
        let key = ProvingKey::new(system, &witness.fixed, Arc::new(Committer::new(&params))).unwrap();
        let proof =
            |witness: Witness| prove(&key, witness, &mut Random(u64::from(k)), &Watch::default()).unwrap();
        assert!(verify(&params, key.vk(), &[], &proof(witness.clone())), "k = {k}");
        let mut lie = witness;
        lie.advice[0][rows - 1] = -Fr::ONE;
        assert!(!verify(&params, key.vk(), &[], &proof(lie)), "k = {k}");
    }
}

/// What needs lanes, on other processors' way of having them.
#[test]
fn the_same_without_vector_instructions() {
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "fast::additions",
            "fast::domain",
            "fast::msm",
            "fast::tests::columns",
        ])
        .env(playfair_proofs_vector::BACKEND_VARIABLE, "portable")
        .status();
    assert!(status.unwrap().success());
}
