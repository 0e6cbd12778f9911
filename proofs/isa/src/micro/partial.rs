//! Linear algebra of the partial rounds.

use ark_ff::{AdditiveGroup, Field};
use playfair_types::crypto::field::Fr;

/// A linear form over the lanes X_1.. before a row of partial rounds and the outputs y_0.. of its S-boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linear {
    /// Coefficients of X_1, X_2, ..
    pub x: Vec<Fr>,
    /// Coefficients of y_0, y_1, .. (all rounds of the row; later ones are zero).
    pub y: Vec<Fr>,
}

impl Linear {
    fn zero(lanes: usize, rounds: usize) -> Self {
        Self {
            x: vec![Fr::ZERO; lanes - 1],
            y: vec![Fr::ZERO; rounds],
        }
    }

    fn add(&mut self, factor: Fr, other: &Self) {
        let pairs = self
            .x
            .iter_mut()
            .zip(&other.x)
            .chain(self.y.iter_mut().zip(&other.y));
        for (mine, theirs) in pairs {
            *mine += factor * theirs;
        }
    }

    /// Its value, of as many y as there are given.
    #[must_use]
    pub fn at(&self, x: &[Fr], y: &[Fr]) -> Fr {
        dot(&self.x, x) + dot(&self.y, y)
    }
}

/// The sum of products, as far as both go.
pub(crate) fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).fold(Fr::ZERO, |sum, (a, b)| sum + *a * b)
}

/// A row of partial rounds without its constants: `z_0 = X_0`, `y_j = z_j^5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialRounds {
    /// `z_1, z_2, ..`, to which constants 0, 1, .. are added.
    pub z: Vec<Linear>,
    /// The next row's `X_0, X_1, ..`; the last constant is added to `X_0`.
    pub next: Vec<Linear>,
}

impl PartialRounds {
    /// The forms of `rounds` partial rounds with this matrix.
    #[must_use]
    pub fn new(mds: &[Vec<Fr>], rounds: usize) -> Self {
        let lanes = mds.len();
        let mut others: Vec<Linear> = (0..lanes - 1)
            .map(|i| {
                let mut form = Linear::zero(lanes, rounds);
                form.x[i] = Fr::ONE;
                form
            })
            .collect();
        let mut z = Vec::new();
        for round in 0..rounds {
            let mut first = Linear::zero(lanes, rounds);
            first.y[round] = Fr::ONE;
            let state: Vec<&Linear> = core::iter::once(&first).chain(&others).collect();
            let mixed: Vec<Linear> = mds
                .iter()
                .map(|row| {
                    let mut form = Linear::zero(lanes, rounds);
                    for (coefficient, lane) in row.iter().zip(&state) {
                        form.add(*coefficient, lane);
                    }
                    form
                })
                .collect();
            z.push(mixed[0].clone());
            others = mixed[1..].to_vec();
        }
        let mut next: Vec<Linear> = z.pop().into_iter().collect();
        next.append(&mut others);
        Self { z, next }
    }
}

/// The constants of Poseidon as the machine's rows add them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Added to the inputs.
    pub start: Vec<Fr>,
    /// Added by the full rounds of the first half, after the matrix.
    pub first_half: Vec<Vec<Fr>>,
    /// Added to lane 0 by each partial round, after the matrix.
    pub partial: Vec<Fr>,
    /// Added by the full rounds of the second half, after the matrix; the last ones are zero.
    pub second_half: Vec<Vec<Fr>>,
}

impl Schedule {
    /// From the textbook's constants: row i is added before round i, and `half` full rounds begin and end.
    ///
    /// Behind a partial round stand constants `d`. With `v_0 = 0` and `(M v)_i = d_i` for the lanes i other than 0, adding
    /// `v` before the matrix leaves only `d_0 - (M v)_0` to add behind it; and lanes other than 0 pass the round
    /// unchanged before the matrix, so that `v` joins the constants of the round before.
    pub(super) fn new(mds: &[Vec<Fr>], constants: &[Vec<Fr>], half: usize) -> Self {
        let inner: Vec<Vec<Fr>> = mds[1..].iter().map(|row| row[1..].to_vec()).collect();
        let inverse = inverted(inner);
        let rounds = constants.len();
        let mut behind = constants[rounds - half].clone();
        let mut partial = Vec::new();
        for round in (half..rounds - half).rev() {
            let v: Vec<Fr> = inverse.iter().map(|row| dot(row, &behind[1..])).collect();
            partial.push(behind[0] - dot(&mds[0][1..], &v));
            behind = constants[round].clone();
            for (constant, v) in behind[1..].iter_mut().zip(&v) {
                *constant += v;
            }
        }
        partial.reverse();
        let mut first_half = constants[1..half].to_vec();
        first_half.push(behind);
        let mut second_half = constants[rounds - half + 1..].to_vec();
        second_half.push(vec![Fr::ZERO; mds.len()]);
        Self {
            start: constants[0].clone(),
            first_half,
            partial,
            second_half,
        }
    }
}

/// The inverse of a matrix whose minors are not zero, as those of a Cauchy matrix.
fn inverted(mut rows: Vec<Vec<Fr>>) -> Vec<Vec<Fr>> {
    let n = rows.len();
    for (i, row) in rows.iter_mut().enumerate() {
        row.extend((0..n).map(|j| if i == j { Fr::ONE } else { Fr::ZERO }));
    }
    for i in 0..n {
        let pivot = rows[i][i].inverse().unwrap_or_default();
        rows[i].iter_mut().for_each(|a| *a *= pivot);
        let row = rows[i].clone();
        for (k, other) in rows.iter_mut().enumerate() {
            let factor = other[i];
            if k != i {
                other.iter_mut().zip(&row).for_each(|(a, b)| *a -= factor * b);
            }
        }
    }
    rows.into_iter().map(|row| row[n..].to_vec()).collect()
}
