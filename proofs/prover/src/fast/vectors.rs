//! Columns added and multiplied, place by place.

use super::Block;
use ark_bn254::FrConfig as Config;
use playfair_proofs_vector::{Lanes, Scalar, Task, dispatch};
use playfair_types::Fr;

/// Products, place by place.
struct Multiply<'a>(&'a [Block], &'a [Block], &'a mut [Block]);

impl Task<Config> for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        for ((a, b), out) in self.0.iter().zip(self.1).zip(self.2) {
            L::read(a).mul(L::read(b)).write(out);
        }
    }
}

/// Products, place by place.
pub(super) fn multiply(a: &[Block], b: &[Block], out: &mut [Block]) {
    dispatch(Multiply(a, b, out));
}

/// A multiple.
struct Scale<'a>(&'a [Block], Scalar<Config>, &'a mut [Block]);

impl Task<Config> for Scale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let factor = L::splat(&self.1);
        for (a, out) in self.0.iter().zip(self.2) {
            L::read(a).mul(factor).write(out);
        }
    }
}

/// A multiple of a column.
pub(super) fn scale(from: &[Block], factor: Fr, to: &mut [Block]) {
    dispatch(Scale(from, Scalar::new(&factor), to));
}

/// A linear combination of columns.
struct WeightedSum<'a>(&'a [&'a [Block]], &'a [Scalar<Config>], &'a mut [Block]);

impl Task<Config> for WeightedSum<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) {
        let Self(columns, weights, out) = self;
        for (i, out) in out.iter_mut().enumerate() {
            let mut sum = L::read(out);
            for (column, weight) in columns.iter().zip(weights) {
                sum = sum.add(L::read(&column[i]).mul(L::splat(weight)));
            }
            sum.write(out);
        }
    }
}

/// Adds `sum weights[i] columns[i]` to `out`, place by place.
pub(super) fn weighted_sum(columns: &[&[Block]], weights: &[Fr], out: &mut [Block]) {
    let weights: Vec<_> = weights.iter().map(Scalar::new).collect();
    dispatch(WeightedSum(columns, &weights, out));
}

/// The sum of products.
struct InnerProduct<'a>(&'a [Block], &'a [Block]);

impl Task<Config> for InnerProduct<'_> {
    type Output = Fr;

    #[inline(always)]
    fn run<L: Lanes<Config>>(self) -> Fr {
        let mut sum = L::read(&Block::ZERO);
        for (a, b) in self.0.iter().zip(self.1) {
            sum = sum.add(L::read(a).mul(L::read(b)));
        }
        sum.to_elements().iter().sum()
    }
}

/// The sum of the products, place by place: a polynomial's value, given [`Domain::point_powers`].
pub(super) fn inner_product(a: &[Block], b: &[Block]) -> Fr {
    dispatch(InnerProduct(a, b))
}
