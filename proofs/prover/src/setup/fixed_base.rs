//! Many multiples of one point: a table of all digits of all windows, then one addition per window.

use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::group::{Curve, Group};
use rayon::prelude::*;

/// Bits of a scalar.
const BITS: usize = 254;
/// Points that are made affine with one inversion.
const CHUNK: usize = 1 << 10;

/// `digit * 2^(width * window) * base` for every window and digit.
pub(super) struct FixedBase {
    width: usize,
    windows: Vec<Vec<G1Affine>>,
}

impl FixedBase {
    /// Tables for about `2^k` multiples: a table of a quarter of that size pays for itself, up to 13 bits (10 MB).
    pub(super) fn new(base: G1Affine, k: u32) -> Self {
        let width = (k as usize).saturating_sub(2).clamp(3, 13);
        let mut bases = Vec::new();
        let mut current = base.to_curve();
        for _ in 0..BITS.div_ceil(width) {
            bases.push(current);
            for _ in 0..width {
                current = current.double();
            }
        }
        let windows = bases.into_par_iter().map(|base| {
            let mut multiple = G1::identity();
            let mut multiples = Vec::with_capacity(1 << width);
            for _ in 0..1usize << width {
                multiples.push(multiple);
                multiple += base;
            }
            affine(&multiples)
        });
        Self {
            width,
            windows: windows.collect(),
        }
    }

    /// The multiples of the base.
    pub(super) fn multiply(&self, scalars: &[Fr]) -> Vec<G1Affine> {
        let mut points = vec![G1Affine::identity(); scalars.len()];
        let chunks = points.par_chunks_mut(CHUNK).zip(scalars.par_chunks(CHUNK));
        chunks.for_each(|(points, scalars)| {
            let multiples: Vec<G1> = scalars.iter().map(|scalar| self.multiple(scalar)).collect();
            G1::batch_normalize(&multiples, points);
        });
        points
    }

    fn multiple(&self, scalar: &Fr) -> G1 {
        let mut limbs = [0u64; 5];
        let repr = scalar.to_repr();
        for (limb, word) in limbs.iter_mut().zip(repr.as_ref().as_chunks::<8>().0) {
            *limb = u64::from_le_bytes(*word);
        }
        let mut sum = G1::identity();
        for (number, window) in self.windows.iter().enumerate() {
            let bit = number * self.width;
            let (limb, shift) = (bit / 64, bit % 64);
            let wide = u128::from(limbs[limb]) | u128::from(limbs[limb + 1]) << 64;
            let digit = (wide >> shift) as usize & ((1 << self.width) - 1);
            if digit != 0 {
                sum += window[digit];
            }
        }
        sum
    }
}

fn affine(points: &[G1]) -> Vec<G1Affine> {
    let mut out = vec![G1Affine::identity(); points.len()];
    G1::batch_normalize(points, &mut out);
    out
}
