//! The Lagrange basis from the powers: an inverse Fourier transform over points.
//!
//! `L_i(s) = 1/n sum_j w^(-ij) s^j`. A multiplication of a point for each pair of each layer, by two halves of 127 bits (the
//! curve's endomorphism) with signed windows. The factor `1/n` costs next to nothing: a sum `a + w b` times `f` is
//! `f a + (w f) b`, so that only blocks that hold the first power carry it, in their roots.
//!
//! Nothing here need be trusted: the result is held against the powers ([`super::structure`]).

use super::{along, inverse, root};
use crate::transcript::from_halo2;
use ark_bn254::g1::Config;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::PrimeField as _;
use halo2_proofs::halo2curves::bn256::{Fq, Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::group::{Curve, Group};
use rayon::prelude::*;

/// Pairs, or points, that are one task.
const TASK: usize = 1 << 6;
/// Bits of a digit, its sign included.
const WIDTH: u32 = 5;
/// Odd multiples up to the greatest digit.
const MULTIPLES: usize = 1 << (WIDTH - 2);
/// Digits of half a scalar.
const DIGITS: usize = 130;

/// `[L_i(s)]` for as many `i` as there are powers, a power of two.
pub(super) fn lagrange(powers: &[G1Affine]) -> Vec<G1Affine> {
    let n = powers.len();
    let bits = n.trailing_zeros();
    let back = inverse(root(n));
    let scale = inverse(Fr::from(n as u64));
    let roots: Vec<Halves> = along(back, n / 2, |root| root)
        .par_iter()
        .map(Halves::new)
        .collect();
    let place = |i: usize| {
        if bits == 0 {
            0
        } else {
            i.reverse_bits() >> (usize::BITS - bits)
        }
    };
    let beta = beta();
    let mut points: Vec<G1> = (0..n)
        .into_par_iter()
        .map(|i| powers[place(i)].to_curve())
        .collect();
    if let Some(first) = points.first_mut() {
        *first = multiply(first, &Halves::new(&scale), beta);
    }
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        let scaled = |j: usize| Halves::new(&(back.pow_vartime([(j * stride) as u64]) * scale));
        points
            .par_chunks_mut(2 * half)
            .enumerate()
            .for_each(|(block, points)| {
                let (low, high) = points.split_at_mut(half);
                let tasks = low.par_chunks_mut(TASK).zip(high.par_chunks_mut(TASK));
                tasks.enumerate().for_each(|(task, (low, high))| {
                    for (i, (low, high)) in low.iter_mut().zip(high).enumerate() {
                        let j = task * TASK + i;
                        let turned = match (block, j) {
                            (0, _) => multiply(high, &scaled(j), beta),
                            (_, 0) => *high,
                            _ => multiply(high, &roots[j * stride], beta),
                        };
                        *high = *low - turned;
                        *low += turned;
                    }
                });
            });
        half *= 2;
    }
    let mut affine = vec![G1Affine::identity(); n];
    affine
        .par_chunks_mut(TASK)
        .zip(points.par_chunks(TASK))
        .for_each(|(affine, points)| G1::batch_normalize(points, affine));
    affine
}

/// A scalar as `a + lambda b`, both with their signs and of 127 bits.
struct Halves([(bool, u128); 2]);

impl Halves {
    fn new(scalar: &Fr) -> Self {
        let (a, b) = Config::scalar_decomposition(from_halo2(scalar));
        Self([a, b].map(|(positive, value)| {
            let [low, high, ..] = value.into_bigint().0;
            (positive, u128::from(high) << 64 | u128::from(low))
        }))
    }
}

/// `x` of `lambda P` over `x` of `P`.
fn beta() -> Fq {
    let beta = Config::ENDO_COEFFS.first().copied().unwrap_or_default();
    let mut repr = <Fq as PrimeField>::Repr::default();
    for (word, limb) in repr
        .as_mut()
        .as_chunks_mut::<8>()
        .0
        .iter_mut()
        .zip(beta.into_bigint().0)
    {
        *word = limb.to_le_bytes();
    }
    Option::from(Fq::from_repr(repr)).unwrap_or(Fq::ZERO)
}

/// Signed digits, odd or zero, lowest first.
fn digits(mut value: u128) -> [i8; DIGITS] {
    let mut digits = [0; DIGITS];
    for digit in &mut digits {
        if value & 1 == 1 {
            let low = (value & ((1 << WIDTH) - 1)) as i8;
            *digit = if low < 1 << (WIDTH - 1) {
                low
            } else {
                low - (1 << WIDTH)
            };
            value = value.wrapping_sub_signed(i128::from(*digit));
        }
        value >>= 1;
    }
    digits
}

fn multiply(point: &G1, scalar: &Halves, beta: Fq) -> G1 {
    let double = point.double();
    let mut multiples = [*point; MULTIPLES];
    for i in 1..MULTIPLES {
        multiples[i] = multiples[i - 1] + double;
    }
    let turned = multiples.map(|multiple| G1 {
        x: multiple.x * beta,
        ..multiple
    });
    let halves = scalar.0.map(|(positive, value)| (positive, digits(value)));
    let mut sum = G1::identity();
    for place in (0..DIGITS).rev() {
        sum = sum.double();
        for ((positive, digits), table) in halves.iter().zip([&multiples, &turned]) {
            let digit = digits[place];
            if digit != 0 {
                let multiple = table[usize::from(digit.unsigned_abs() >> 1)];
                if (digit > 0) == *positive {
                    sum += multiple;
                } else {
                    sum -= multiple;
                }
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_as_the_library_does() {
        let point = G1::generator() * Fr::from(77);
        let mut scalars = vec![
            Fr::ZERO,
            Fr::ONE,
            -Fr::ONE,
            Fr::ROOT_OF_UNITY,
            -Fr::from(u64::MAX),
        ];
        for _ in 0..100 {
            let last = scalars[scalars.len() - 1];
            scalars.push(last.square() + Fr::ONE);
        }
        for scalar in scalars {
            assert_eq!(multiply(&point, &Halves::new(&scalar), beta()), point * scalar);
        }
        assert_eq!(
            multiply(&G1::identity(), &Halves::new(&Fr::from(5)), beta()),
            G1::identity()
        );
    }

    #[test]
    fn digits_are_the_number() {
        for value in [
            0,
            1,
            15,
            16,
            17,
            31,
            u128::MAX >> 2,
            0x5555 << 110,
            12_345_678_901,
        ] {
            let mut sum = 0i128;
            for digit in digits(value).iter().rev() {
                sum = sum * 2 + i128::from(*digit);
            }
            assert_eq!(sum as u128, value);
        }
    }
}
