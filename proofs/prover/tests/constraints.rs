//! The constraint program that the verifier has compiled in is that of the machine.

use halo2_proofs::plonk::ConstraintSystem;
use playfair_proofs_circuit::air::System;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_prover::{export, halo2};
use playfair_types::Encode;
use playfair_types::segment::SEGMENT_FIELDS;
use std::path::Path;

#[test]
fn the_verifier_has_this_machines_constraints() {
    let machine = Machine::new().expect("the machine");
    let mut cs = ConstraintSystem::default();
    halo2::configure(&mut cs, &System::new(&machine.air));
    let bytes = export::program(&cs, SEGMENT_FIELDS).expect("a program").encode();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/segment.constraints");
    if std::env::var_os("PLAYFAIR_BLESS").is_some() {
        std::fs::write(&file, &bytes).expect("written");
    }
    let found = std::fs::read(&file).expect("the committed constraints");
    assert!(
        found == bytes,
        "the machine's constraints changed, and with them every verifying key: `cargo xtask bless` if that is meant"
    );
    assert!(playfair_proofs_verifier::segment_constraints().is_ok());
}
