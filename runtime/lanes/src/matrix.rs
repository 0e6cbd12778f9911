//! The little linear algebra that the tables need.

use ark_ff::{AdditiveGroup, Field};
use playfair_types::Fr;

/// Row by row.
pub(crate) type Matrix<const N: usize> = [[Fr; N]; N];

/// The sum of the products.
pub(crate) fn dot(a: &[Fr], b: &[Fr]) -> Fr {
    a.iter().zip(b).map(|(a, b)| *a * b).sum()
}

/// A row times a matrix.
pub(crate) fn row_times<const N: usize>(row: &[Fr; N], matrix: &Matrix<N>) -> [Fr; N] {
    let mut result = [Fr::ZERO; N];
    for (factor, line) in row.iter().zip(matrix) {
        for (slot, element) in result.iter_mut().zip(line) {
            *slot += *factor * element;
        }
    }
    result
}

/// A matrix times a column.
pub(crate) fn times_column<const N: usize>(matrix: &Matrix<N>, column: &[Fr; N]) -> [Fr; N] {
    matrix.each_ref().map(|row| dot(row, column))
}

/// The product of two matrices.
pub(crate) fn product<const N: usize>(a: &Matrix<N>, b: &Matrix<N>) -> Matrix<N> {
    a.each_ref().map(|row| row_times(row, b))
}

/// `factor` times the identity.
fn diagonal<const N: usize>(factor: Fr) -> Matrix<N> {
    std::array::from_fn(|i| std::array::from_fn(|j| if i == j { factor } else { Fr::ZERO }))
}

/// The inverse, by the algorithm of Faddeev and LeVerrier: no pivots to be found. Zeros for a matrix that has none.
pub(crate) fn inverse<const N: usize>(a: &Matrix<N>) -> Matrix<N> {
    let mut m = diagonal::<N>(Fr::ONE);
    let mut k = 1u64;
    loop {
        let product = product(a, &m);
        let diagonal_of = |matrix: &Matrix<N>| -> Fr {
            let entry = |(i, row): (usize, &[Fr; N])| row.get(i).copied().unwrap_or_default();
            matrix.iter().enumerate().map(entry).sum()
        };
        let coefficient = -(diagonal_of(&product) * Fr::from(k).inverse().unwrap_or_default());
        if k >= N as u64 {
            let factor = -coefficient.inverse().unwrap_or_default();
            return m.map(|row| row.map(|entry| entry * factor));
        }
        let shift = diagonal::<N>(coefficient);
        m = product;
        for (row, shift) in m.iter_mut().zip(&shift) {
            row.iter_mut()
                .zip(shift)
                .for_each(|(entry, shift)| *entry += shift);
        }
        k += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_its_inverse() {
        let at = |i: usize, j: usize| Fr::from((3 + i * i + 7 * j) as u64).inverse().unwrap();
        let matrix: Matrix<5> = std::array::from_fn(|i| std::array::from_fn(|j| at(i, j)));
        assert_eq!(product(&matrix, &inverse(&matrix)), diagonal(Fr::ONE));
        let alone = [[Fr::from(7u64)]];
        assert_eq!(product(&alone, &inverse(&alone)), diagonal(Fr::ONE));
        assert_eq!(inverse(&[[Fr::ZERO; 2]; 2]), [[Fr::ZERO; 2]; 2]);
    }
}
