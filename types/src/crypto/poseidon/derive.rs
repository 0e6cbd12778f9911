//! Derivation of the tables of `fast.rs` from the textbook parameters, for tests.

use super::{FULL_ROUNDS, Fr};
use alloc::vec;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, Field};

/// A linear form over `[u_B (n); s_B .. s_(B+n) (n + 1); 1]` for some round `B`.
type Form = Vec<Fr>;

/// Coefficients and addend of a row.
pub(super) type PlainRow = (Vec<Fr>, Fr);

pub(super) struct Derived {
    pub(super) first: Vec<PlainRow>,
    pub(super) middle: Vec<PlainRow>,
    pub(super) last: Vec<PlainRow>,
}

struct System<'a> {
    n: usize,
    mds: &'a [Vec<Fr>],
    /// Round constants from the first partial round on.
    constants: &'a [Vec<Fr>],
}

impl System<'_> {
    /// Forms of `[x_(B+k), u_(B+k)]` for `k = 1..=n+1`; those of `u_B` are unit vectors.
    fn forms(&self, base: usize) -> Vec<Vec<Form>> {
        let n = self.n;
        let size = 2 * n + 2;
        let unit = |i: usize| {
            let mut f = vec![Fr::ZERO; size];
            f[i] = Fr::ONE;
            f
        };
        let mut lanes: Vec<Form> = (0..n).map(unit).collect();
        let mut all = Vec::new();
        for k in 1..=n + 1 {
            let mut inputs = vec![unit(n + k - 1)];
            inputs.extend(lanes.iter().cloned());
            let next: Vec<Form> = (0..=n)
                .map(|i| {
                    let mut f = vec![Fr::ZERO; size];
                    for (coefficient, input) in self.mds[i].iter().zip(&inputs) {
                        for (a, b) in f.iter_mut().zip(input) {
                            *a += *coefficient * b;
                        }
                    }
                    f[size - 1] += self.constants[base + k][i];
                    f
                })
                .collect();
            lanes = next[1..].to_vec();
            all.push(next);
        }
        all
    }

    /// Rewrites forms at `B + n + 1` over `[x_(B+n) .. x_(B+1); s_(B+n-1) .. s_B; s_(B+n); 1]`.
    fn over_window(&self, base: usize) -> Vec<Form> {
        let n = self.n;
        let forms = self.forms(base);
        // x_(B+k) = O_k u_B + (rest): solve for u_B as forms over [x_(B+1)..; s_B..; 1].
        let mut matrix: Vec<Vec<Fr>> = (0..n)
            .map(|k| {
                let x = &forms[k][0];
                let mut row = x[..n].to_vec();
                row.extend((0..n).map(|j| if j == k { Fr::ONE } else { Fr::ZERO }));
                row.extend(x[n..].iter().map(|a| -*a));
                row
            })
            .collect();
        eliminate(&mut matrix, n);
        forms[n]
            .iter()
            .map(|form| {
                // Over [x_(B+1)..x_(B+n); s_B..s_(B+n); 1].
                let mut out = vec![Fr::ZERO; n];
                out.extend_from_slice(&form[n..]);
                for (coefficient, row) in form[..n].iter().zip(&matrix) {
                    for (a, b) in out.iter_mut().zip(&row[n..]) {
                        *a += *coefficient * b;
                    }
                }
                let mut ordered: Form = out[..n].iter().rev().copied().collect();
                ordered.extend(out[n..2 * n].iter().rev());
                ordered.extend_from_slice(&out[2 * n..]);
                ordered
            })
            .collect()
    }
}

/// Gauss-Jordan elimination of the first `n` columns.
fn eliminate(rows: &mut [Vec<Fr>], n: usize) {
    for i in 0..n {
        let pivot = (i..n).find(|k| rows[*k][i] != Fr::ZERO).expect("observable");
        rows.swap(i, pivot);
        let inverse = rows[i][i].inverse().expect("pivot");
        rows[i].iter_mut().for_each(|a| *a *= inverse);
        let row = rows[i].clone();
        for (k, other) in rows.iter_mut().enumerate() {
            let factor = other[i];
            if k != i {
                other.iter_mut().zip(&row).for_each(|(a, b)| *a -= factor * b);
            }
        }
    }
}

pub(super) fn derive(mds: &[Vec<Fr>], round_constants: &[Vec<Fr>]) -> Derived {
    let n = mds.len() - 1;
    let partial = round_constants.len() - FULL_ROUNDS;
    let system = System {
        n,
        mds,
        constants: &round_constants[FULL_ROUNDS / 2..],
    };
    let mut scale = vec![Fr::ONE];
    for i in 0..partial - 1 {
        let power = scale[i].pow([5]);
        scale.push(power / mds[0][0]);
    }
    // 1 / k_i for an output, 1 / k_i^5 for an input.
    let x_unit = |i: usize| scale[i].inverse().expect("nonzero");
    let s_unit = |i: usize| scale[i].pow([5]).inverse().expect("nonzero");

    let from_start = system.forms(0);
    let first = (1..=n)
        .map(|i| {
            let form = &from_start[i - 1][0];
            let mut row: Vec<Fr> = form[..n].iter().map(|a| *a * scale[i]).collect();
            // Newest first: s_(i-2) down to s_0, then slots that are still empty.
            row.extend((0..i - 1).rev().map(|j| form[n + j] * scale[i] * s_unit(j)));
            row.resize(2 * n, Fr::ZERO);
            assert_eq!(form[n + i - 1] * scale[i] * s_unit(i - 1), Fr::ONE);
            (row, form[2 * n + 1] * scale[i])
        })
        .collect();
    let window = |form: &Form, newest: usize, factor: Fr| -> Vec<Fr> {
        let xs = (0..n).map(|k| form[k] * factor * x_unit(newest - k));
        let ss = (1..=n).map(|k| form[n + k - 1] * factor * s_unit(newest - k));
        xs.chain(ss).collect()
    };
    let middle = (n..partial - 1)
        .map(|i| {
            let form = &system.over_window(i - n)[0];
            assert_eq!(form[2 * n] * scale[i + 1] * s_unit(i), Fr::ONE);
            (window(form, i, scale[i + 1]), form[2 * n + 1] * scale[i + 1])
        })
        .collect();
    let newest = partial - 1;
    let last = system
        .over_window(newest - n)
        .iter()
        .map(|form| {
            let mut row = window(form, newest, Fr::ONE);
            row.push(form[2 * n] * s_unit(newest));
            (row, form[2 * n + 1])
        })
        .collect();
    Derived { first, middle, last }
}
