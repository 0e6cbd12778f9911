//! SHPLONK: many polynomials opened at few points by two commitments, as halo2's verifier expects it.
//!
//! Polynomials that are opened at the same points form a set. All of a set are combined with powers of `y` once, and the
//! combination serves both commitments; halo2's own prover copies and scales every polynomial twice.

use super::Block;
use super::domain::Domain;
use super::vectors::weighted_sum;
use ark_ff::{AdditiveGroup, Field};
use playfair_types::Fr;
use rayon::prelude::*;

/// Blocks of rows that a task combines.
const TASK: usize = 1 << 6;

/// Polynomials with their values at the set's points; coefficients in the domain's order.
#[derive(Default)]
pub(super) struct Set<'a> {
    /// Places in the list of points.
    pub(super) points: Vec<usize>,
    pub(super) polynomials: Vec<&'a [Block]>,
    /// Values at each point, by polynomial.
    pub(super) values: Vec<Vec<Fr>>,
}

/// A polynomial to be opened: coefficients, places of its points, values there.
pub(super) type Query<'a> = (&'a [Block], Vec<usize>, Vec<Fr>);

/// Groups by points, both in order of appearance.
pub(super) fn sets(queries: Vec<Query<'_>>) -> Vec<Set<'_>> {
    let mut sets: Vec<Set<'_>> = Vec::new();
    for (polynomial, points, values) in queries {
        let at = sets
            .iter()
            .position(|set| set.points == points)
            .unwrap_or_else(|| {
                sets.push(Set {
                    points,
                    ..Set::default()
                });
                sets.len() - 1
            });
        sets[at].polynomials.push(polynomial);
        sets[at].values.push(values);
    }
    sets
}

/// The sets combined: what is left of an opening before its challenges `v` and `u`.
pub(super) struct Combined {
    /// Per set: points, combination (natural order), the polynomial that interpolates its values.
    sets: Vec<(Vec<Fr>, Vec<Fr>, Vec<Fr>)>,
    points: Vec<Fr>,
}

impl Combined {
    pub(super) fn new(domain: &Domain, sets: &[Set<'_>], points: &[Fr], y: Fr) -> Self {
        let sets = sets.iter().map(|set| {
            let powers: Vec<Fr> = std::iter::successors(Some(Fr::ONE), |p| Some(*p * y))
                .take(set.values.len())
                .collect();
            let mut sum = vec![Block::ZERO; domain.blocks()];
            sum.par_chunks_mut(TASK).enumerate().for_each(|(task, sum)| {
                let part = task * TASK..task * TASK + sum.len();
                let parts: Vec<&[Block]> = set.polynomials.iter().map(|p| &p[part.clone()]).collect();
                weighted_sum(&parts, &powers, sum);
            });
            let own: Vec<Fr> = set.points.iter().map(|place| points[*place]).collect();
            let values: Vec<Fr> = (0..own.len())
                .map(|p| {
                    set.values
                        .iter()
                        .zip(&powers)
                        .map(|(values, power)| values[p] * power)
                        .sum()
                })
                .collect();
            let low = interpolate(&own, &values);
            (own, domain.natural(&sum), low)
        });
        Self {
            sets: sets.collect(),
            points: points.to_vec(),
        }
    }

    /// `h = sum v^i (C_i - R_i) / Z_i`, divided exactly.
    pub(super) fn quotient(&self, v: Fr) -> Vec<Fr> {
        let mut total = Vec::new();
        let mut scale = Fr::ONE;
        for (points, combination, low) in &self.sets {
            let mut part = combination.clone();
            for (c, r) in part.iter_mut().zip(low) {
                *c -= r;
            }
            for point in points {
                divide(&mut part, *point);
            }
            add_scaled(&mut total, &part, scale);
            scale *= v;
        }
        total
    }

    /// `(sum v^i z_i (C_i - R_i(u)) - Z(u) h) / (X - u)`, divided by the first `z_i`; `z_i` is the vanishing polynomial, at `u`, of
    /// the points that set `i` lacks, `Z` that of all.
    pub(super) fn remainder(&self, h: &[Fr], v: Fr, u: Fr) -> Vec<Fr> {
        let vanishing =
            |points: &mut dyn Iterator<Item = &Fr>| points.fold(Fr::ONE, |acc, point| acc * (u - point));
        let mut total = Vec::new();
        let mut scale = Fr::ONE;
        let mut first = Fr::ONE;
        for (i, (points, combination, low)) in self.sets.iter().enumerate() {
            let z = vanishing(&mut self.points.iter().filter(|point| !points.contains(point)));
            if i == 0 {
                first = z;
            }
            add_scaled(&mut total, combination, scale * z);
            let constant = low.iter().rev().fold(Fr::ZERO, |acc, c| acc * u + c);
            if let Some(c) = total.first_mut() {
                *c -= constant * scale * z;
            }
            scale *= v;
        }
        add_scaled(&mut total, h, -vanishing(&mut self.points.iter()));
        divide(&mut total, u);
        let inverse = first.inverse().unwrap_or_default();
        total.par_iter_mut().for_each(|c| *c *= inverse);
        total
    }
}

fn add_scaled(total: &mut Vec<Fr>, part: &[Fr], scale: Fr) {
    if total.len() < part.len() {
        total.resize(part.len(), Fr::ZERO);
    }
    total
        .par_iter_mut()
        .zip(part)
        .for_each(|(sum, c)| *sum += *c * scale);
}

/// Divides by `X - point`; the remainder, which callers know to be zero, is dropped.
fn divide(polynomial: &mut [Fr], point: Fr) {
    let mut carry = Fr::ZERO;
    for c in polynomial.iter_mut().rev() {
        let quotient = carry;
        carry = *c + carry * point;
        *c = quotient;
    }
}

/// The polynomial of least degree with these values; one or two points, or few.
fn interpolate(points: &[Fr], values: &[Fr]) -> Vec<Fr> {
    let mut result = vec![Fr::ZERO; points.len()];
    for (j, (x, value)) in points.iter().zip(values).enumerate() {
        let mut basis = vec![Fr::ONE];
        let mut denominator = Fr::ONE;
        for (_, other) in points.iter().enumerate().filter(|(i, _)| *i != j) {
            denominator *= *x - other;
            basis.push(Fr::ZERO);
            for p in (0..basis.len()).rev() {
                let below = if p == 0 { Fr::ZERO } else { basis[p - 1] };
                basis[p] = below - basis[p] * other;
            }
        }
        let scale = denominator.inverse().unwrap_or_default() * value;
        for (sum, c) in result.iter_mut().zip(&basis) {
            *sum += *c * scale;
        }
    }
    result
}
