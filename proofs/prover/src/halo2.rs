//! A compiled table as a constraint system of halo2.
//!
//! One gate per polynomial, in the order of [`System::gates`], selectors as ordinary fixed columns, no equality columns and no
//! lookup arguments. Advice columns come in two phases with both challenges between them.
//!
//! halo2 caps the degree of a constraint system at the value of an environment variable without a word, and would then prove
//! nothing; so a degree above five is an error here.

use crate::setup::Params;
use crate::transcript::{self, PoseidonRead, to_halo2};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::plonk::{
    Advice, Challenge, Column, ConstraintSystem, Expression, FirstPhase, Fixed, Instance, SecondPhase,
    VerifyingKey, VirtualCells, verify_proof,
};
use halo2_proofs::poly::Rotation;
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::VerifierSHPLONK;
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::TranscriptReadBuffer;
use playfair_proofs_circuit::air::{self, Expr, MAX_DEGREE, Node, System};
use std::collections::HashMap;

/// The columns of a configured table.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Fixed columns of the `Air`, then its selectors.
    pub fixed: Vec<Column<Fixed>>,
    /// Advice columns of the `Air`, then those of the second phase.
    pub advice: Vec<Column<Advice>>,
    /// The public inputs.
    pub instance: Column<Instance>,
    /// What is drawn between the phases.
    pub challenges: Vec<Challenge>,
}

/// Declares the columns and gates of `system`.
pub fn configure(cs: &mut ConstraintSystem<Fr>, system: &System) -> Columns {
    let fixed = (0..system.fixed_columns()).map(|_| cs.fixed_column()).collect();
    let mut advice: Vec<_> = (0..system.first_phase())
        .map(|_| cs.advice_column_in(FirstPhase))
        .collect();
    let challenges = (0..system.challenges())
        .map(|_| cs.challenge_usable_after(FirstPhase))
        .collect();
    advice.extend((0..system.second_phase()).map(|_| cs.advice_column_in(SecondPhase)));
    let columns = Columns {
        fixed,
        advice,
        instance: cs.instance_column(),
        challenges,
    };
    for gate in system.gates() {
        cs.create_gate(&gate.id, |cells| {
            let mut translated = HashMap::new();
            [translate(&gate.expr, &columns, cells, &mut translated)]
        });
    }
    // The compiler of the table keeps to this degree; were it wrong, halo2 would not say so.
    assert!(system.gates().iter().all(|gate| gate.expr.degree() <= MAX_DEGREE));
    columns
}

/// Whether halo2's own verifier accepts `proof` for these public inputs, with no byte left over.
///
/// It is one of three verifiers and serves to check the others; nodes and browsers use the crate `playfair-proofs-verifier`.
#[must_use]
pub fn verify(
    params: &Params,
    vk: &VerifyingKey<G1Affine>,
    instance: &[playfair_types::Fr],
    proof: &[u8],
) -> bool {
    let usable = (1usize << vk.get_domain().k()).saturating_sub(vk.cs().blinding_factors() + 1);
    if instance.len() > usable {
        return false;
    }
    let instance: Vec<Fr> = instance.iter().map(to_halo2).collect();
    let mut transcript = PoseidonRead::<&[u8]>::init(proof);
    let accepted = verify_proof::<KZGCommitmentScheme<_>, VerifierSHPLONK<_>, transcript::Challenge, _, _>(
        params.verifier_params(),
        vk,
        SingleStrategy::new(params),
        &[&[&instance]],
        &mut transcript,
    );
    accepted.is_ok() && transcript.into_rest().is_empty()
}

fn translate(
    expr: &Expr,
    columns: &Columns,
    cells: &mut VirtualCells<'_, Fr>,
    done: &mut HashMap<usize, Expression<Fr>>,
) -> Expression<Fr> {
    if let Some(known) = done.get(&expr.address()) {
        return known.clone();
    }
    let mut part = |expr: &Expr| translate(expr, columns, cells, done);
    let result = match expr.node() {
        Node::Const(value) => Expression::Constant(to_halo2(value)),
        Node::Challenge(i) => columns.challenges[usize::from(*i)].expr(),
        Node::Add(a, b) => part(a) + part(b),
        Node::Sub(a, b) => part(a) - part(b),
        Node::Mul(a, b) => part(a) * part(b),
        Node::Neg(a) => -part(a),
        Node::Cell(column, rotation) => {
            let rotation = Rotation(i32::from(*rotation));
            match column {
                air::Column::Fixed(i) => cells.query_fixed(columns.fixed[usize::from(*i)], rotation),
                air::Column::Advice(i) => cells.query_advice(columns.advice[usize::from(*i)], rotation),
                air::Column::Instance => cells.query_instance(columns.instance, rotation),
            }
        }
    };
    done.insert(expr.address(), result.clone());
    result
}
