//! The constraint program that the verifier has compiled in is that of the machine.

use halo2_proofs::plonk::ConstraintSystem;
use playfair_proofs_circuit::air::System;
use playfair_proofs_circuit::lanes::Machine;
use playfair_proofs_prover::{export, halo2};
use playfair_proofs_verifier::program::Node;
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

/// A column that no constraint reads, or an evaluation that none uses, would be the prover's (or the key's publisher's) to choose.
#[test]
fn every_column_query_and_challenge_is_constrained() {
    let program = playfair_proofs_verifier::segment_constraints().expect("a program");
    let parts = program.parts();
    let used = |node: Node| parts.nodes.contains(&node);
    for (columns, queries) in [
        (parts.advice.len(), &parts.advice_queries),
        (usize::from(parts.fixed), &parts.fixed_queries),
    ] {
        for column in 0..columns {
            assert!(
                queries.iter().any(|query| usize::from(query.column) == column),
                "column {column} is never opened"
            );
        }
    }
    let places = |count: usize| (0..count).map(|place| place as u16);
    assert!(places(parts.advice_queries.len()).all(|place| used(Node::Advice(place))));
    assert!(places(parts.fixed_queries.len()).all(|place| used(Node::Fixed(place))));
    assert!(places(parts.challenges.len()).all(|place| used(Node::Challenge(place))));
    assert_eq!(parts.instance_queries, [0]);
    assert!(used(Node::Instance(0)));
    // Both challenges of the bus come after all columns of the first phase and before the others.
    assert_eq!(parts.challenges, [0, 0]);
    assert!(parts.advice.is_sorted() && parts.advice.last() == Some(&1));
}
