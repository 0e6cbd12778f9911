//! Claims: one proof, or many with one pairing.

use crate::error::Error;
use crate::key::Key;
use crate::opening::{Equation, equation};
use crate::proof::Proof;
use crate::transcript::Sponge;
use alloc::vec;
use alloc::vec::Vec;
use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{AdditiveGroup, Field, Zero};
use playfair_types::Fr;

/// A statement and its proof.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The key. Claims that share the *same reference* share the work on its commitments.
    pub key: &'a Key<'a>,
    /// The instances, exactly as many as the program has.
    pub instances: &'a [Fr],
    /// The proof.
    pub proof: &'a [u8],
}

/// Verifies one proof.
///
/// # Errors
/// [`Error`] says what is wrong with the input; [`Error::Refused`] that the input is well-formed and the proof
/// is wrong.
pub fn verify(key: &Key<'_>, instances: &[Fr], proof: &[u8]) -> Result<(), Error> {
    let proof = Proof::read(key, instances, proof)?;
    let equation = equation(key, instances, &proof)?;
    let mut sum = Sum::default();
    sum.add(&equation, Fr::ONE);
    sum.add_fixed(key, &equation.fixed);
    check(key.secret, equation.left, sum.evaluate())
}

/// Verifies all claims with one pairing: far cheaper than one by one, and does not say which claim is wrong.
///
/// # Errors
/// As [`verify`], of the first claim that is not well-formed; [`Error::Refused`] when at least one is wrong;
/// [`Error::MixedSetups`], [`Error::EmptyBatch`].
pub fn verify_batch(claims: &[Claim<'_>]) -> Result<(), Error> {
    let secret = claims.first().ok_or(Error::EmptyBatch)?.key.secret;
    if claims.iter().any(|claim| claim.key.secret != secret) {
        return Err(Error::MixedSetups);
    }
    let mut sponge = Sponge::new();
    sponge.absorb(Fr::from(u64::try_from(claims.len()).unwrap_or(u64::MAX)));
    let mut equations = Vec::with_capacity(claims.len());
    for claim in claims {
        let proof = Proof::read(claim.key, claim.instances, claim.proof)?;
        equations.push(equation(claim.key, claim.instances, &proof)?);
        sponge.absorb(proof.digest);
    }
    let weight = sponge.squeeze();

    let mut sum = Sum::default();
    let mut keys: Vec<(&Key<'_>, Vec<Fr>)> = Vec::new();
    let (mut lefts, mut weights) = (Vec::new(), Vec::new());
    let mut power = Fr::ONE;
    for (claim, equation) in claims.iter().zip(&equations) {
        sum.add(equation, power);
        lefts.push(equation.left);
        weights.push(power);
        let known = keys.iter().position(|(key, _)| core::ptr::eq(*key, claim.key));
        let place = known.unwrap_or_else(|| {
            keys.push((claim.key, vec![Fr::ZERO; equation.fixed.len()]));
            keys.len().saturating_sub(1)
        });
        let (_, shared) = keys.get_mut(place).ok_or(Error::Refused)?;
        for (total, coefficient) in shared.iter_mut().zip(&equation.fixed) {
            *total += *coefficient * power;
        }
        power *= weight;
    }
    for (key, coefficients) in &keys {
        sum.add_fixed(key, coefficients);
    }
    let left = G1Projective::msm_unchecked(&lefts, &weights);
    check(secret, left.into_affine(), sum.evaluate())
}

/// The right side of the equation, gathered.
#[derive(Default)]
struct Sum {
    generator: Fr,
    points: Vec<G1Affine>,
    coefficients: Vec<Fr>,
}

impl Sum {
    /// The proof's own points, weighted.
    fn add(&mut self, equation: &Equation, weight: Fr) {
        self.generator += equation.generator * weight;
        for (point, coefficient) in &equation.points {
            self.points.push(*point);
            self.coefficients.push(*coefficient * weight);
        }
    }

    /// The key's points.
    fn add_fixed(&mut self, key: &Key<'_>, coefficients: &[Fr]) {
        self.points.extend_from_slice(&key.fixed);
        self.coefficients.extend_from_slice(coefficients);
    }

    fn evaluate(mut self) -> G1Affine {
        self.points.push(G1Affine::generator());
        self.coefficients.push(self.generator);
        G1Projective::msm_unchecked(&self.points, &self.coefficients).into_affine()
    }
}

/// `e(left, [s]) = e(right, [1])`.
fn check(secret: G2Affine, left: G1Affine, right: G1Affine) -> Result<(), Error> {
    let result = Bn254::multi_pairing([left, -right], [secret, G2Affine::generator()]);
    if result.is_zero() {
        Ok(())
    } else {
        Err(Error::Refused)
    }
}
