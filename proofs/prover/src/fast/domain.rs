//! Fourier transforms over the rows, without reordering.
//!
//! A transform from values to coefficients leaves them in *bit-reversed* order, scaled by `n`; the transform to a coset takes them
//! in that order and gives values in natural order. So nothing is ever permuted on the way, and the factor `1/n` hides in the powers
//! of the coset's shift. Each transform runs on one thread: there are always more columns than threads.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use rayon::prelude::*;

/// How many cosets carry the quotient: its degree is below four times the rows.
pub(super) const COSETS: usize = 4;

/// Transforms of at most this size stay in the caches stage by stage; larger ones are halved first.
const CACHED: usize = 1 << 12;

/// Roots of unity and shifts for `2^k` rows.
#[derive(Clone, Debug)]
pub(super) struct Domain {
    k: u32,
    omega: Fr,
    /// `roots[m + j] = w^j` with `w` a primitive `2m`th root of unity, for `m` a power of two below `n`.
    roots: Vec<Fr>,
    /// The same for the inverse root.
    inverse_roots: Vec<Fr>,
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
    Option::from(x.invert()).unwrap_or(Fr::ZERO)
}

/// All roots of the stages, the small ones first.
fn stage_roots(k: u32, omega: Fr) -> Vec<Fr> {
    let n = 1usize << k;
    let mut roots = vec![Fr::ONE; n.max(2)];
    for log in 0..k {
        let m = 1usize << log;
        let step = (log + 1..k).fold(omega, |w, _| w.square());
        let mut power = Fr::ONE;
        for root in &mut roots[m..2 * m] {
            *root = power;
            power *= step;
        }
    }
    roots
}

impl Domain {
    pub(super) fn new(k: u32) -> Self {
        let n = 1u64 << k;
        let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
        // The shifts are `g^(2j+1)` for a root `g` of order 8n: none lies in the rows' group, and their `n`th powers differ.
        let odd = (k + 3..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
        let shifts = [1u64, 3, 5, 7].map(|e| odd.pow_vartime([e]));
        let powers = shifts.map(|shift| shift.pow_vartime([n]));
        Self {
            k,
            omega,
            roots: stage_roots(k, omega),
            inverse_roots: stage_roots(k, inverse(omega)),
            n_inverse: inverse(Fr::from(n)),
            shifts,
            vanishing_inverses: powers.map(|power| inverse(power - Fr::ONE)),
            pieces: inverse_vandermonde(powers),
        }
    }

    pub(super) fn n(&self) -> usize {
        1 << self.k
    }

    pub(super) fn omega(&self) -> Fr {
        self.omega
    }

    pub(super) fn vanishing_inverse(&self, coset: usize) -> Fr {
        self.vanishing_inverses[coset]
    }

    /// `base^i` for all rows, in bit-reversed order, times `factor`.
    pub(super) fn powers(&self, base: Fr, factor: Fr) -> Vec<Fr> {
        let mut powers = vec![factor; self.n()];
        // Position `p` stands for the reversed bits of `p`: each further bit of the position halves the exponent's place.
        let mut filled = 1;
        for log in (0..self.k).rev() {
            let step = base.pow_vartime([1u64 << log]);
            let (low, high) = powers.split_at_mut(filled);
            for (to, from) in high.iter_mut().zip(&*low) {
                *to = *from * step;
            }
            filled *= 2;
        }
        powers
    }

    /// What a coset's transform multiplies the coefficients with.
    pub(super) fn coset_powers(&self, coset: usize) -> Vec<Fr> {
        self.powers(self.shifts[coset], self.n_inverse)
    }

    /// Powers of a point against which coefficients are summed up to evaluate there.
    pub(super) fn point_powers(&self, point: Fr) -> Vec<Fr> {
        self.powers(point, self.n_inverse)
    }

    /// Values on the rows to coefficients: bit-reversed, times `n`.
    pub(super) fn coefficients(&self, values: &mut [Fr]) {
        decimate_frequency(values, &self.inverse_roots);
    }

    /// Coefficients as above to values on a coset, given [`Domain::coset_powers`].
    pub(super) fn coset(&self, coefficients: &[Fr], powers: &[Fr], values: &mut [Fr]) {
        for ((value, c), power) in values.iter_mut().zip(coefficients).zip(powers) {
            *value = *c * power;
        }
        decimate_time(values, &self.roots);
    }

    /// Coefficients as above to natural order and scale.
    pub(super) fn natural(&self, coefficients: &[Fr]) -> Vec<Fr> {
        (0..self.n())
            .into_par_iter()
            .map(|i| coefficients[reversed(i, self.k)] * self.n_inverse)
            .collect()
    }

    /// The four pieces of a polynomial of degree below `4n` from its values on the four cosets.
    pub(super) fn pieces(&self, mut cosets: Vec<Vec<Fr>>) -> Vec<Vec<Fr>> {
        cosets.par_iter_mut().enumerate().for_each(|(j, values)| {
            self.coefficients(values);
            let unshift = self.powers(inverse(self.shifts[j]), Fr::ONE);
            for (value, power) in values.iter_mut().zip(&unshift) {
                *value *= power;
            }
        });
        self.pieces
            .par_iter()
            .map(|weights| {
                let sum: Vec<Fr> = (0..self.n())
                    .map(|i| {
                        cosets
                            .iter()
                            .zip(weights)
                            .fold(Fr::ZERO, |acc, (coset, weight)| acc + coset[i] * weight)
                    })
                    .collect();
                self.natural(&sum)
            })
            .collect()
    }
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
pub(super) fn reversed(i: usize, bits: u32) -> usize {
    if bits == 0 {
        0
    } else {
        i.reverse_bits() >> (usize::BITS - bits)
    }
}

/// Natural order in, bit-reversed order out.
fn decimate_frequency(values: &mut [Fr], roots: &[Fr]) {
    let mut half = values.len() / 2;
    if values.len() > CACHED {
        let (low, high) = values.split_at_mut(half);
        frequency_stage(low, high, &roots[half..]);
        decimate_frequency(low, roots);
        decimate_frequency(high, roots);
        return;
    }
    while half > 0 {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            frequency_stage(low, high, &roots[half..]);
        }
        half /= 2;
    }
}

fn frequency_stage(low: &mut [Fr], high: &mut [Fr], roots: &[Fr]) {
    if let ([a], [b]) = (&mut *low, &mut *high) {
        (*a, *b) = (*a + *b, *a - *b);
        return;
    }
    for ((a, b), root) in low.iter_mut().zip(high).zip(roots) {
        let difference = *a - *b;
        *a += *b;
        *b = difference * root;
    }
}

/// Bit-reversed order in, natural order out.
fn decimate_time(values: &mut [Fr], roots: &[Fr]) {
    let length = values.len();
    if length > CACHED {
        let (low, high) = values.split_at_mut(length / 2);
        decimate_time(low, roots);
        decimate_time(high, roots);
        time_stage(low, high, &roots[length / 2..]);
        return;
    }
    let mut half = 1;
    while half < length {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            time_stage(low, high, &roots[half..]);
        }
        half *= 2;
    }
}

fn time_stage(low: &mut [Fr], high: &mut [Fr], roots: &[Fr]) {
    if let ([a], [b]) = (&mut *low, &mut *high) {
        (*a, *b) = (*a + *b, *a - *b);
        return;
    }
    for ((a, b), root) in low.iter_mut().zip(high).zip(roots) {
        let product = *b * root;
        *b = *a - product;
        *a += product;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: usize) -> Vec<Fr> {
        (0..n as u64)
            .map(|i| Fr::from(i * i + 3).square() + Fr::from(i))
            .collect()
    }

    #[test]
    fn coefficients_evaluate_to_the_values() {
        for k in [1, 3, 5, 13] {
            let domain = Domain::new(k);
            let mut coefficients = values(domain.n());
            domain.coefficients(&mut coefficients);
            let natural = domain.natural(&coefficients);
            let row = domain.n() / 2 + 1;
            let at = |x: Fr| natural.iter().rev().fold(Fr::ZERO, |acc, c| acc * x + c);
            assert_eq!(
                at(domain.omega().pow_vartime([row as u64])),
                values(domain.n())[row % domain.n()]
            );
            // The same at a point by powers, and on every coset.
            let point = Fr::from(77);
            let sum: Fr = domain
                .point_powers(point)
                .iter()
                .zip(&coefficients)
                .map(|(p, c)| *p * c)
                .sum();
            assert_eq!(sum, at(point));
            for j in 0..COSETS {
                let mut coset = vec![Fr::ZERO; domain.n()];
                domain.coset(&coefficients, &domain.coset_powers(j), &mut coset);
                assert_eq!(coset[1], at(domain.shifts[j] * domain.omega()));
            }
        }
    }

    #[test]
    fn pieces_of_a_long_polynomial() {
        let domain = Domain::new(4);
        let long = values(4 * domain.n());
        let at = |x: Fr| long.iter().rev().fold(Fr::ZERO, |acc, c| acc * x + c);
        let row = |i: usize| domain.omega().pow_vartime([i as u64]);
        let cosets = domain
            .shifts
            .map(|shift| (0..domain.n()).map(|i| at(shift * row(i))).collect())
            .to_vec();
        assert_eq!(domain.pieces(cosets).concat(), long);
    }
}
