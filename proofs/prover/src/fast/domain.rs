//! Fourier transforms over the rows, without reordering, eight rows at a time (`transform`).
//!
//! A transform from values to coefficients leaves them in *bit-reversed* order, scaled by `n`; the transform to a coset takes them
//! in that order and gives values in natural order. So nothing is ever permuted on the way, and the factor `1/n` hides in the powers
//! of the coset's shift. Each transform runs on one thread: there are always more columns than threads.

use super::transform::{Roots, decimate_frequency, decimate_time};
use super::vectors::{multiply, scale, weighted_sum};
use super::{Block, Column};
use crate::transcript::from_halo2;
use ark_bn254::FrConfig as Config;
use ark_ff::{AdditiveGroup, Field};
use halo2_proofs::halo2curves::bn256;
use halo2_proofs::halo2curves::ff::PrimeField;
use playfair_proofs_vector::{Lanes, Task, WIDTH, dispatch, pack, unpack};
use playfair_types::Fr;
use rayon::prelude::*;

/// How many cosets carry the quotient: its degree is below four times the rows.
pub(super) const COSETS: usize = 4;

/// The least log2 of the rows: two blocks.
pub(super) const LEAST_K: u32 = 4;

/// Larger cosets are worked on in this many parts, so that not all columns' values are in memory at once.
const PARTS: usize = 4;

/// The least log2 of rows that are worked on in parts.
const IN_PARTS: u32 = 18;

/// Roots of unity and shifts for `2^k` rows.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    k: u32,
    parts: usize,
    omega: Fr,
    roots: Roots,
    inverse_roots: Roots,
    n_inverse: Fr,
    /// What moves the rows onto each coset.
    shifts: [Fr; COSETS],
    /// The vanishing polynomial of the rows on each coset, `shift^n - 1`, inverted.
    vanishing_inverses: [Fr; COSETS],
    /// Entry `(p, j)`: how much of coset `j`'s coefficients goes to piece `p` of the quotient.
    pieces: [[Fr; COSETS]; COSETS],
}

fn inverse(x: Fr) -> Fr {
    // Callers invert roots of unity, shifts, powers of two and differences of distinct points.
    x.inverse().unwrap_or_default()
}

impl Domain {
    /// For `2^k` rows, at least [`LEAST_K`].
    pub(super) fn new(k: u32) -> Self {
        let n = 1u64 << k;
        // halo2's, which is not arkworks'.
        let root = from_halo2(&bn256::Fr::ROOT_OF_UNITY);
        let omega = (k..bn256::Fr::S).fold(root, |root, _| root.square());
        // The shifts are `g^(2j+1)` for a root `g` of order 8n: none lies in the rows' group, and their `n`th powers differ.
        let odd = (k + 3..bn256::Fr::S).fold(root, |root, _| root.square());
        let shifts = [1u64, 3, 5, 7].map(|e| odd.pow([e]));
        let powers = shifts.map(|shift| shift.pow([n]));
        Self {
            k,
            parts: if k < IN_PARTS { 1 } else { PARTS },
            omega,
            roots: Roots::new(k, omega),
            inverse_roots: Roots::new(k, inverse(omega)),
            n_inverse: inverse(Fr::from(n)),
            shifts,
            vanishing_inverses: powers.map(|power| inverse(power - Fr::ONE)),
            pieces: inverse_vandermonde(powers),
        }
    }

    pub(super) fn n(&self) -> usize {
        1 << self.k
    }

    /// How many blocks hold a column.
    pub(super) fn blocks(&self) -> usize {
        self.n() / WIDTH
    }

    pub(super) fn omega(&self) -> Fr {
        self.omega
    }

    /// In how many parts a coset is worked on. Part `i` of `P` has the rows whose number is `i` modulo `P`.
    pub(super) fn parts(&self) -> usize {
        self.parts
    }

    /// The same, worked on in parts; from 64 rows on.
    #[cfg(test)]
    pub(super) fn in_parts(self) -> Self {
        Self { parts: PARTS, ..self }
    }

    pub(super) fn vanishing_inverse(&self, coset: usize) -> Fr {
        self.vanishing_inverses[coset]
    }

    /// `base^i` for all rows, in bit-reversed order, times `factor`.
    pub(super) fn powers(&self, base: Fr, factor: Fr) -> Column {
        Self::powers_of(self.k, base, factor)
    }

    fn powers_of(k: u32, base: Fr, factor: Fr) -> Column {
        // Position `p` stands for the reversed bits of `p`: each further bit of the position halves the exponent's place.
        let step = |log: u32| base.pow([1u64 << log]);
        let mut first = [factor; WIDTH];
        for (i, log) in (k - 3..k).rev().enumerate() {
            let filled = 1 << i;
            for p in 0..filled {
                first[filled + p] = first[p] * step(log);
            }
        }
        let mut powers = vec![Block::ZERO; (1 << k) / WIDTH];
        pack(&first, &mut powers);
        let mut filled = 1;
        for log in (0..k - 3).rev() {
            let (low, high) = powers.split_at_mut(filled);
            scale(&low[..filled], step(log), &mut high[..filled]);
            filled *= 2;
        }
        powers
    }

    /// What takes coefficients to a part of a coset.
    pub(super) fn coset_part(&self, coset: usize, part: usize) -> CosetPart {
        let shift = self.shifts[coset] * self.omega.pow([part as u64]);
        if self.parts() == 1 {
            return CosetPart {
                fold: None,
                powers: self.powers(shift, self.n_inverse),
            };
        }
        // Neighbours in the order of coefficients are `c_j, c_(j+n/2), c_(j+n/4), c_(j+3n/4)`.
        let z = shift.pow([(self.n() / PARTS) as u64]);
        let weights = [Fr::ONE, z * z, z, z * z * z];
        let mut fold = [Block::ZERO];
        pack(&[weights, weights].concat(), &mut fold);
        let smaller = Self::powers_of(self.k - PARTS.trailing_zeros(), shift, self.n_inverse);
        CosetPart {
            fold: Some(fold[0]),
            powers: smaller,
        }
    }

    /// Powers of a point against which coefficients are summed up to evaluate there.
    pub(super) fn point_powers(&self, point: Fr) -> Column {
        self.powers(point, self.n_inverse)
    }

    /// Values on the rows to coefficients: bit-reversed, times `n`.
    pub(super) fn coefficients(&self, values: &mut [Block]) {
        decimate_frequency(values, &self.inverse_roots);
    }

    /// The same for elements, zeros behind them.
    pub(super) fn interpolated(&self, values: &[Fr]) -> Column {
        let mut column = vec![Block::ZERO; self.blocks()];
        pack(values, &mut column);
        self.coefficients(&mut column);
        column
    }

    /// Coefficients as above to values on a part of a coset.
    pub(super) fn coset(&self, coefficients: &[Block], part: &CosetPart, values: &mut [Block]) {
        match &part.fold {
            None => multiply(coefficients, &part.powers, values),
            Some(weights) => dispatch(Fold(coefficients, weights, &part.powers, values)),
        }
        decimate_time(values, &self.roots);
    }

    /// Coefficients as above to values on the rows.
    pub(super) fn values(&self, coefficients: &[Block]) -> Vec<Fr> {
        let mut values = vec![Block::ZERO; self.blocks()];
        scale(coefficients, self.n_inverse, &mut values);
        decimate_time(&mut values, &self.roots);
        let mut elements = vec![Fr::ZERO; self.n()];
        unpack(&values, &mut elements);
        elements
    }

    /// Coefficients as above to natural order and scale.
    pub(super) fn natural(&self, coefficients: &[Block]) -> Vec<Fr> {
        let mut scaled = vec![Block::ZERO; coefficients.len()];
        scale(coefficients, self.n_inverse, &mut scaled);
        let mut elements = vec![Fr::ZERO; self.n()];
        unpack(&scaled, &mut elements);
        (0..self.n())
            .into_par_iter()
            .map(|i| elements[reversed(i, self.k)])
            .collect()
    }

    /// The inverse of [`Domain::natural`].
    pub(super) fn reordered(&self, natural: &[Fr]) -> Column {
        let factor = Fr::from(self.n() as u64);
        let elements: Vec<Fr> = (0..self.n())
            .into_par_iter()
            .map(|i| natural.get(reversed(i, self.k)).map_or(Fr::ZERO, |c| *c * factor))
            .collect();
        let mut blocks = vec![Block::ZERO; self.blocks()];
        pack(&elements, &mut blocks);
        blocks
    }

    /// The four pieces of a polynomial of degree below `4n` from its values on the four cosets: coefficients as above.
    pub(super) fn pieces(&self, mut cosets: Vec<Column>) -> Vec<Column> {
        cosets.par_iter_mut().enumerate().for_each(|(j, values)| {
            self.coefficients(values);
            let unshift = self.powers(inverse(self.shifts[j]), Fr::ONE);
            let shifted = values.clone();
            multiply(&shifted, &unshift, values);
        });
        let cosets: Vec<&[Block]> = cosets.iter().map(Vec::as_slice).collect();
        self.pieces
            .par_iter()
            .map(|weights| {
                let mut sum = vec![Block::ZERO; self.blocks()];
                weighted_sum(&cosets, weights, &mut sum);
                sum
            })
            .collect()
    }
}

/// What takes coefficients to a part of a coset.
pub(super) struct CosetPart {
    /// Weights of four neighbouring coefficients, twice, if they are added up.
    fold: Option<Block>,
    /// Powers of the first point.
    powers: Column,
}

/// The inverse of the matrix `powers[j]^p` (row `j`, column `p`): row `p` has the coefficients of `X^p` in the Lagrange polynomials.
fn inverse_vandermonde(powers: [Fr; COSETS]) -> [[Fr; COSETS]; COSETS] {
    let mut result = [[Fr::ZERO; COSETS]; COSETS];
    for (j, x) in powers.iter().enumerate() {
        let mut polynomial = vec![Fr::ONE];
        let mut denominator = Fr::ONE;
        for (_, other) in powers.iter().enumerate().filter(|(i, _)| *i != j) {
            denominator *= *x - other;
            polynomial.push(Fr::ZERO);
            for p in (0..polynomial.len()).rev() {
                let below = if p == 0 { Fr::ZERO } else { polynomial[p - 1] };
                polynomial[p] = below - polynomial[p] * other;
            }
        }
        let scale = inverse(denominator);
        for (p, coefficient) in polynomial.iter().enumerate() {
            result[p][j] = *coefficient * scale;
        }
    }
    result
}

/// The low `bits` bits of `i`, reversed.
fn reversed(i: usize, bits: u32) -> usize {
    i.reverse_bits() >> (usize::BITS - bits)
}

/// Weighted sums of four neighbours, multiplied place by place: four blocks become one.
struct Fold<'a>(&'a [Block], &'a Block, &'a [Block], &'a mut [Block]);

impl Task<Config> for Fold<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let Self(coefficients, weights, powers, out) = self;
        let weights = L::read(weights);
        let fours = coefficients.as_chunks::<4>().0;
        for (([a, b, c, d], power), out) in fours.iter().zip(powers).zip(out) {
            let (a, b) = (L::read(a).mul(weights), L::read(b).mul(weights));
            let (c, d) = (L::read(c).mul(weights), L::read(d).mul(weights));
            // First halves, second halves; then neighbours, then neighbours at a distance of two.
            let (ac0, ac1) = a.trade::<4>(c);
            let (bd0, bd1) = b.trade::<4>(d);
            let (x, y) = ac0.trade::<1>(ac1);
            let (z, w) = bd0.trade::<1>(bd1);
            let (x, y) = x.add(y).trade::<2>(z.add(w));
            x.add(y).mul(L::read(power)).write(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::inner_product;
    use super::*;

    fn values(n: usize) -> Vec<Fr> {
        (0..n as u64)
            .map(|i| Fr::from(i * i + 3).square() + Fr::from(i))
            .collect()
    }

    fn packed(values: &[Fr]) -> Column {
        let mut blocks = vec![Block::ZERO; values.len() / WIDTH];
        pack(values, &mut blocks);
        blocks
    }

    fn element(column: &[Block], i: usize) -> Fr {
        let mut all = vec![Fr::ZERO; column.len() * WIDTH];
        unpack(column, &mut all);
        all[i]
    }

    #[test]
    fn coefficients_evaluate_to_the_values() {
        for k in 4..=17 {
            let domain = Domain::new(k);
            let mut coefficients = packed(&values(domain.n()));
            domain.coefficients(&mut coefficients);
            let natural = domain.natural(&coefficients);
            let row = domain.n() / 2 + 1;
            let at = |x: Fr| natural.iter().rev().fold(Fr::ZERO, |acc, c| acc * x + c);
            assert_eq!(at(domain.omega().pow([row as u64])), values(domain.n())[row]);
            // The same at a point by powers, and on every coset.
            let point = Fr::from(77);
            for coefficients in [&coefficients, &domain.reordered(&natural)] {
                let sum = inner_product(&domain.point_powers(point), coefficients);
                assert_eq!(sum, at(point));
            }
            assert_eq!(domain.values(&coefficients), values(domain.n()));
            for j in 0..COSETS {
                let mut coset = vec![Block::ZERO; domain.blocks()];
                domain.coset(&coefficients, &domain.coset_part(j, 0), &mut coset);
                for i in [0, 1, row] {
                    assert_eq!(
                        element(&coset, i),
                        at(domain.shifts[j] * domain.omega().pow([i as u64]))
                    );
                }
            }
        }
    }

    #[test]
    fn pieces_of_a_long_polynomial() {
        let domain = Domain::new(4);
        let long = values(4 * domain.n());
        let at = |x: Fr| long.iter().rev().fold(Fr::ZERO, |acc, c| acc * x + c);
        let row = |i: usize| domain.omega().pow([i as u64]);
        let cosets = domain
            .shifts
            .map(|shift| packed(&(0..domain.n()).map(|i| at(shift * row(i))).collect::<Vec<_>>()))
            .to_vec();
        let pieces: Vec<Vec<Fr>> = domain.pieces(cosets).iter().map(|p| domain.natural(p)).collect();
        assert_eq!(pieces.concat(), long);
    }

    #[test]
    fn parts_of_a_coset() {
        for k in 6..IN_PARTS {
            parts_of(&Domain::new(k).in_parts());
        }
        for k in [IN_PARTS, IN_PARTS + 1] {
            let domain = Domain::new(k);
            assert_eq!(domain.parts(), PARTS);
            parts_of(&domain);
        }
    }

    fn parts_of(domain: &Domain) {
        // A polynomial of few coefficients, so that values are quickly computed.
        let few = values(9);
        let n = domain.n();
        let mut natural = vec![Fr::ZERO; n];
        let places = [0, 1, 2, 5, n / 8, n / 4, n / 2, 3 * n / 4, n - 1];
        for (place, value) in places.iter().zip(&few) {
            natural[*place] = *value;
        }
        let coefficients = domain.reordered(&natural);
        for (coset, part) in [(0, 0), (1, 1), (2, 2), (3, 3), (0, 3)] {
            let mut out = vec![Block::ZERO; domain.blocks() / domain.parts()];
            domain.coset(&coefficients, &domain.coset_part(coset, part), &mut out);
            for t in [0, 1, 7, 8, n / PARTS - 1] {
                let row = t * domain.parts() + part;
                let x = domain.shifts[coset] * domain.omega().pow([row as u64]);
                let expected: Fr = places
                    .iter()
                    .zip(&few)
                    .map(|(e, c)| *c * x.pow([*e as u64]))
                    .sum();
                assert_eq!(
                    element(&out, t),
                    expected,
                    "coset {coset}, part {part}, row {row}"
                );
            }
        }
    }

    #[test]
    fn linear_combinations() {
        let columns = [packed(&values(16)), packed(&values(16))];
        let mut out = columns[0].clone();
        weighted_sum(
            &[&columns[0], &columns[1]],
            &[Fr::from(5), -Fr::from(3)],
            &mut out,
        );
        assert_eq!(element(&out, 9), values(16)[9] * Fr::from(3));
    }
}
