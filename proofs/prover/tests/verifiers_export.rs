//! What cannot be exported: features that the verifiers do not know, and degrees that halo2 would not prove.

#![allow(missing_docs)]

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression, FirstPhase, SecondPhase, ThirdPhase};
use halo2_proofs::poly::Rotation;
use playfair_proofs_prover::export::{ExportError, program};
use playfair_proofs_verifier::program::{Node, ProgramError};

/// One column, one gate of the given degree, one instance column, and what `more` adds.
fn system(degree: usize, more: impl FnOnce(&mut ConstraintSystem<Fr>)) -> Result<(), ExportError> {
    let mut meta = ConstraintSystem::default();
    let (column, instance) = (meta.advice_column(), meta.instance_column());
    meta.create_gate("power", |meta| {
        let cell = meta.query_advice(column, Rotation::cur());
        let power = (1..degree).fold(cell.clone(), |product, _| product * cell.clone());
        vec![power - meta.query_instance(instance, Rotation::cur())]
    });
    more(&mut meta);
    program(&meta, 1).map(|_| ())
}

#[test]
fn degrees_up_to_five() {
    for degree in 1..=5 {
        assert_eq!(system(degree, |_| ()), Ok(()));
    }
    let error = system(6, |_| ()).unwrap_err();
    let wanted = ExportError::Degree {
        gate: "power".to_owned(),
        degree: 6,
    };
    assert_eq!(error, wanted);
    assert!(error.to_string().contains("split it"), "{error}");
    // A minimum raises the degree of all proofs: more pieces than the format has.
    assert_eq!(
        system(5, |meta| meta.set_minimum_degree(7)),
        Err(ExportError::Program(ProgramError("degrees")))
    );
}

#[test]
fn only_what_the_verifier_knows() {
    let refused = |more: fn(&mut ConstraintSystem<Fr>)| match system(3, more) {
        Err(ExportError::Unsupported(what)) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(|meta| _ = meta.selector()), "virtual selectors");
    assert_eq!(
        refused(|meta| {
            let column = meta.advice_column();
            meta.enable_equality(column);
        }),
        "equality columns"
    );
    assert_eq!(
        refused(|meta| {
            let column = meta.fixed_column();
            meta.enable_constant(column);
        }),
        "equality columns"
    );
    assert_eq!(
        refused(|meta| {
            let (column, table) = (meta.advice_column(), meta.lookup_table_column());
            meta.lookup("lookup", |meta| {
                vec![(meta.query_advice(column, Rotation::cur()), table)]
            });
        }),
        "lookup arguments"
    );
    assert_eq!(
        refused(|meta| _ = meta.instance_column()),
        "number of instance columns but one"
    );
    let third = system(3, |meta| {
        meta.advice_column_in(SecondPhase);
        meta.advice_column_in(ThirdPhase);
    });
    assert_eq!(third, Err(ExportError::Program(ProgramError("advice phases"))));
    let far = system(3, |meta| {
        let column = meta.advice_column();
        meta.create_gate("far", |meta| vec![meta.query_advice(column, Rotation(17))]);
    });
    assert_eq!(far, Err(ExportError::Program(ProgramError("advice queries"))));
}

/// Equal terms are one node; differences, scalings and challenges are what they say.
#[test]
fn terms_are_shared() {
    let mut meta = ConstraintSystem::<Fr>::default();
    let (column, _) = (meta.advice_column(), meta.instance_column());
    let challenge = meta.challenge_usable_after(FirstPhase);
    meta.create_gate("shared", |meta| {
        let cell = meta.query_advice(column, Rotation::cur());
        let challenge = meta.query_challenge(challenge);
        let term: Expression<Fr> = challenge * cell.clone() - Expression::Constant(Fr::from(5));
        vec![term.clone() * cell.clone(), term.clone() * Fr::from(5), term]
    });
    let program = program(&meta, 0).unwrap();
    assert_eq!(
        program.parts().nodes,
        [
            Node::Challenge(0),
            Node::Advice(0),
            Node::Multiply(0, 1),
            Node::Constant(0),
            Node::Subtract(2, 3),
            Node::Multiply(4, 1),
            Node::Multiply(4, 3),
        ]
    );
    assert_eq!(program.parts().polynomials, [5, 6, 4]);
    assert_eq!(program.parts().constants.len(), 1);
}
