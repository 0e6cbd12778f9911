//! The openings as one linear combination (SHPLONK, eprint 2020/081, section 4.1, in halo2's arrangement).
//!
//! With groups `i` of commitments `C_ij` opened at the points `S_i`, `T` the union of the sets, `Z_S(u)` the
//! product of `u - p` over `S`, and `r_ij` the polynomial through the claimed values, the verifier checks at a
//! random `u`
//!
//! `sum_i v^i Z_(T-S_i)(u) sum_j y'^j (C_ij - r_ij(u) [1]) - Z_T(u) W + u W'  =  s W'`,
//!
//! here divided by `Z_(T-S_0)(u)`, as halo2's prover divides too.

use crate::error::Error;
use crate::key::Key;
use crate::program::{Group, Source, Values};
use crate::proof::Proof;
use alloc::vec;
use alloc::vec::Vec;
use ark_bn254::G1Affine;
use ark_ff::{AdditiveGroup, Field, batch_inversion};
use playfair_types::Fr;

/// One claim as coefficients: `e(left, [s]) = e(sum of the rest, [1])`.
#[derive(Clone, Debug)]
pub(crate) struct Equation {
    pub(crate) left: G1Affine,
    /// Coefficients of the key's commitments.
    pub(crate) fixed: Vec<Fr>,
    /// Coefficient of the generator.
    pub(crate) generator: Fr,
    /// The proof's own points.
    pub(crate) points: Vec<(G1Affine, Fr)>,
}

/// Reduces a proof to its equation.
pub(crate) fn equation(key: &Key<'_>, instances: &[Fr], proof: &Proof) -> Result<Equation, Error> {
    // At zero all rotations meet.
    if proof.x == Fr::ZERO {
        return Err(Error::Challenge);
    }
    let power = key.domain.power(proof.x);
    let quotient = quotient(key, instances, proof, power)?;
    let evaluations: Vec<Fr> = proof.evaluations.iter().copied().chain([quotient]).collect();

    let plan = key.program.plan();
    let points = plan
        .rotations
        .iter()
        .map(|rotation| key.domain.rotate(proof.x, *rotation));
    let points: Vec<Fr> = points.collect();
    let mut fixed = vec![Fr::ZERO; key.fixed.len()];
    let mut own: Vec<(G1Affine, Fr)> = Vec::with_capacity(proof.advice.len().saturating_add(8));
    let mut claimed = Fr::ZERO;

    // Z_(T-S_i)(u), the first of which must have an inverse.
    let missing: Vec<Fr> = plan
        .groups
        .iter()
        .map(|group| vanish(&points, proof.u, |place| !group.rotations.contains(&place)))
        .collect();
    let normal = missing.first().and_then(Field::inverse).ok_or(Error::Challenge)?;
    let mut group_power = Fr::ONE;
    for (group, missing) in plan.groups.iter().zip(&missing) {
        let weights = lagrange(group, &points, proof.u)?;
        let mut coefficient = group_power * missing * normal;
        for member in &group.members {
            let values = member.evaluations.iter().map(|place| evaluations.get(*place));
            for (value, weight) in values.zip(&weights) {
                claimed += *value.ok_or(Error::Refused)? * weight * coefficient;
            }
            match member.source {
                Source::Advice(column) => {
                    own.push((*proof.advice.get(column).ok_or(Error::Refused)?, coefficient))
                }
                Source::Fixed(column) => *fixed.get_mut(column).ok_or(Error::Refused)? += coefficient,
                Source::Random => own.push((proof.random, coefficient)),
                Source::Quotient => {
                    let mut shifted = coefficient;
                    for piece in &proof.pieces {
                        own.push((*piece, shifted));
                        shifted *= power;
                    }
                }
            }
            coefficient *= proof.member;
        }
        group_power *= proof.group;
    }
    let first = plan.groups.first().ok_or(Error::Refused)?;
    let z_first = vanish(&points, proof.u, |place| first.rotations.contains(&place));
    own.push((proof.w, -z_first));
    own.push((proof.w_prime, proof.u));
    Ok(Equation {
        left: proof.w_prime,
        fixed,
        generator: -claimed,
        points: own,
    })
}

/// The value that the quotient must have at `x`.
fn quotient(key: &Key<'_>, instances: &[Fr], proof: &Proof, power: Fr) -> Result<Fr, Error> {
    let parts = key.program.parts();
    let inverse = (power - Fr::ONE).inverse().ok_or(Error::Challenge)?;
    let instance = parts.instance_queries.iter();
    let instance = instance.map(|rotation| {
        key.domain
            .evaluate(instances, key.domain.rotate(proof.x, *rotation))
    });
    let instance: Vec<Fr> = instance.collect::<Result<_, _>>()?;
    let split = proof.evaluations.split_at_checked(parts.advice_queries.len());
    let (advice, fixed) = split.ok_or(Error::Refused)?;
    let values = Values {
        advice,
        fixed,
        instance: &instance,
        challenges: &proof.challenges,
    };
    let folded = key.program.evaluate(&values, proof.y).ok_or(Error::Refused)?;
    Ok(folded * inverse)
}

/// The product of `u - p` over the chosen points.
fn vanish(points: &[Fr], u: Fr, chosen: impl Fn(usize) -> bool) -> Fr {
    let chosen = points.iter().enumerate().filter(|(place, _)| chosen(*place));
    chosen.fold(Fr::ONE, |product, (_, point)| product * (u - point))
}

/// The Lagrange weights at `u` over the group's points: a value's share in `r(u)`.
fn lagrange(group: &Group, points: &[Fr], u: Fr) -> Result<Vec<Fr>, Error> {
    let own = group.rotations.iter().map(|place| points.get(*place).copied());
    let own: Vec<Fr> = own.collect::<Option<_>>().ok_or(Error::Refused)?;
    let others = |at: &Fr| {
        own.iter()
            .filter(move |other| *other != at)
            .copied()
            .collect::<Vec<_>>()
    };
    let denominator = |at: &Fr| {
        others(at)
            .iter()
            .fold(Fr::ONE, |product, other| product * (*at - other))
    };
    let mut inverses: Vec<Fr> = own.iter().map(denominator).collect();
    batch_inversion(&mut inverses);
    let numerator = |at: &Fr| {
        others(at)
            .iter()
            .fold(Fr::ONE, |product, other| product * (u - other))
    };
    Ok(own
        .iter()
        .zip(inverses)
        .map(|(at, inverse)| numerator(at) * inverse)
        .collect())
}
