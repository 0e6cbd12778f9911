//! Whether points are what a setup is made of: powers `P_i` of one secret, and the Lagrange basis `L_i` over them.
//!
//! Each check is one random linear combination; `r` is drawn after the points are fixed.
//!
//! * **Powers.** With `S = sum_(i<n) r^i P_i`, the equation `P_(i+1) = s P_i` for all `i` at once is
//!   `e(S - P_0, [1]) = e(r (S - r^(n-1) P_(n-1)), [s])`. If one of the `n - 1` equations is wrong, a polynomial in `r` of degree
//!   below `n` vanishes: chance below `2^-229` for `n` up to `2^24`.
//! * **Lagrange basis.** For the polynomial `p(X) = sum_(j<n) (r X)^j` it must hold that `sum_i p(w^i) L_i = S`. The
//!   differences between the `L_i` and the true ones give a polynomial in `r` again, whose coefficients are the differences'
//!   Fourier transform: zero only where all of them are.
//!
//! Both are done whenever a setup is loaded, not only when it is imported: who computes a verifying key from a forged
//! basis would get the key of another program, and a file's own hash says nothing about who wrote it.
//!
//! Sums are taken with complete addition formulas only: the points may be anybody's.

use super::{along, inverse};
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1, G1Affine, G2Affine, G2Prepared};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::group::{Curve, Group};
use halo2_proofs::halo2curves::msm::msm_parallel;
use halo2_proofs::halo2curves::pairing::{MillerLoopResult, MultiMillerLoop};
use rayon::prelude::*;
use std::fmt;

/// Why points are no setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StructureError {
    /// The first power is not the generator of G1.
    FirstInG1,
    /// The first power is not the generator of G2.
    FirstInG2,
    /// The secret is small, the inverse of something small, or a root of unity.
    KnownSecret,
    /// `[s]` is of one secret in G1 and of another in G2.
    Groups,
    /// Some power is not the secret times the one before it.
    Powers,
    /// The Lagrange basis is not that of the powers.
    Lagrange,
}

impl fmt::Display for StructureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FirstInG1 => "its first power in G1 is not the generator",
            Self::FirstInG2 => "its first power in G2 is not the generator",
            Self::KnownSecret => {
                "its secret is one that anybody finds, as that of a ceremony to which nobody contributed"
            }
            Self::Groups => "its powers are of one secret in G1 and of another in G2",
            Self::Powers => "its points are not the powers of one secret",
            Self::Lagrange => "its Lagrange basis is not that of its powers",
        })
    }
}

impl std::error::Error for StructureError {}

/// Secrets up to this, their negatives and inverses are tried.
const SMALL: u64 = 1 << 16;

/// `S = sum r^i P_i`.
pub(super) fn sum(powers: &[G1Affine], r: Fr) -> G1 {
    let weights = along(r, powers.len(), |power| power);
    msm_parallel(&weights, powers)
}

/// Powers of one secret, the one in `[s]`, and none that is easily found.
pub(super) fn check_powers(
    powers: &[G1Affine],
    secret_in_g2: &G2Affine,
    r: Fr,
    sum: &G1,
) -> Result<(), StructureError> {
    let generator = G1Affine::generator();
    let (Some(first), Some(second), Some(last)) = (powers.first(), powers.get(1), powers.last()) else {
        return Err(StructureError::Powers);
    };
    if *first != generator {
        return Err(StructureError::FirstInG1);
    }
    // A power of it that is one, or minus one, makes it a root of unity of small order.
    let is_one = |power: &G1Affine| power.x == generator.x;
    if is_small(second) || powers.iter().skip(1).any(is_one) {
        return Err(StructureError::KnownSecret);
    }
    if !is_multiple(second, &generator, secret_in_g2) {
        return Err(StructureError::Groups);
    }
    let above = (sum - generator).to_affine();
    let below = *sum - last * r.pow_vartime([powers.len() as u64 - 1]);
    if !is_multiple(&above, &(below * r).to_affine(), secret_in_g2) {
        return Err(StructureError::Powers);
    }
    Ok(())
}

/// The Lagrange basis over as many powers, whose sum for `r` is `sum`.
pub(super) fn check_lagrange(basis: &[G1Affine], r: Fr, sum: &G1) -> Result<(), StructureError> {
    // L_i(s) = 0: the secret is another root of unity.
    if basis.iter().any(|point| bool::from(point.is_identity())) {
        return Err(StructureError::KnownSecret);
    }
    let weights = evaluations(basis.len(), r);
    if msm_parallel(&weights, basis) == *sum {
        Ok(())
    } else {
        Err(StructureError::Lagrange)
    }
}

/// `p(w^i) = (r^n - 1) / (r w^i - 1)`.
fn evaluations(n: usize, r: Fr) -> Vec<Fr> {
    let numerator = r.pow_vartime([n as u64]) - Fr::ONE;
    along(super::root(n), n, |row| numerator * inverse(r * row - Fr::ONE))
}

/// `a = s b`, as `e(a, [1]) = e(b, [s])`.
fn is_multiple(a: &G1Affine, b: &G1Affine, secret_in_g2: &G2Affine) -> bool {
    let one = G2Prepared::from(G2Affine::generator());
    let secret = G2Prepared::from(*secret_in_g2);
    let result = Bn256::multi_miller_loop(&[(a, &one), (&-*b, &secret)]).final_exponentiation();
    bool::from(result.is_identity())
}

/// Whether `[s]` is of a small secret, positive or negative, or of the inverse of one.
fn is_small(secret: &G1Affine) -> bool {
    let generator = G1Affine::generator();
    // i [1] = ±[s], or i [s] = ±[1].
    [(generator, secret), (*secret, &generator)]
        .into_par_iter()
        .any(|(base, wanted)| {
            let mut multiple = G1::identity();
            let multiples: Vec<G1> = (0..SMALL)
                .map(|_| {
                    multiple += base;
                    multiple
                })
                .collect();
            let mut affine = vec![G1Affine::identity(); multiples.len()];
            G1::batch_normalize(&multiples, &mut affine);
            affine.iter().any(|point| point.x == wanted.x)
        })
}

#[cfg(test)]
mod tests;
