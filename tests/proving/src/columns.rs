//! What a proof commits to: how many polynomials, and how many of them are full of full-size values.
//!
//! A commitment to small numbers is cheap, one to field elements at large is what a proof's time consists of. A polynomial
//! counts as *full-size* if more than a tenth of its values on the rows are 2^64 or more in absolute value (the smaller
//! of x and p - x). That is measured for the columns, both phases, on a real witness. Of the others, the four pieces of the quotient
//! and the two openings are full-size by nature; the random polynomial has eight coefficients, so it is not.

use playfair_proofs_circuit::air::Witness;
use playfair_proofs_isa::trace::Value;
use playfair_proofs_prover::module::Prover;
use playfair_types::crypto::field::Fr;

/// Openings of a proof: halo2's W and W'.
const OPENINGS: usize = 2;
/// The vanishing argument's random polynomial.
const RANDOM: usize = 1;
/// Values at least this share of which are large make a column full-size: one of so many.
const ONE_OF: usize = 10;

/// A column of a witness.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name; helpers of the bus have numbers.
    pub name: String,
    /// Rows with a value of 2^64 or more in absolute value.
    pub large: usize,
    /// Rows with any other value but zero.
    pub small: usize,
    /// All rows.
    pub rows: usize,
}

impl Column {
    fn new(name: String, values: &[Fr]) -> Self {
        let is_zero = |value: &Fr| *value == Fr::from(0u64);
        let large = values.iter().filter(|value| is_large(value)).count();
        let zero = values.iter().filter(|value| is_zero(value)).count();
        Self {
            name,
            large,
            small: values.len() - large - zero,
            rows: values.len(),
        }
    }

    /// Whether it counts as full-size.
    #[must_use]
    pub fn is_full_size(&self) -> bool {
        self.large * ONE_OF > self.rows
    }
}

fn is_large(value: &Fr) -> bool {
    [*value, -*value]
        .iter()
        .all(|value| Value::from(*value).word().is_none())
}

/// The advice columns of a witness, both phases. The challenges are fixed numbers: any but a few make the same picture.
#[must_use]
pub fn columns(prover: &Prover, names: &[String], witness: &Witness) -> Vec<Column> {
    let challenge = |seed: u64| Fr::from(seed) / Fr::from(7u64);
    let second = prover
        .key()
        .system()
        .second_phase_values(witness, challenge(3), challenge(5));
    let first = names.iter().cloned().zip(&witness.advice);
    let second = second
        .iter()
        .enumerate()
        .map(|(number, values)| (format!("bus {number}"), values));
    first
        .chain(second)
        .map(|(name, values)| Column::new(name, values))
        .collect()
}

/// How many polynomials a proof commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitments {
    /// All.
    pub all: usize,
    /// The full-size ones.
    pub full_size: usize,
}

/// The commitments of a proof whose columns are these.
#[must_use]
pub fn commitments(prover: &Prover, columns: &[Column]) -> Commitments {
    let pieces = usize::from(prover.constraints.parts().degree).saturating_sub(1);
    let always = pieces + OPENINGS;
    Commitments {
        all: columns.len() + always + RANDOM,
        full_size: columns.iter().filter(|column| column.is_full_size()).count() + always,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_is_by_absolute_value() {
        let two64 = Fr::from(u64::MAX) + Fr::from(1u64);
        assert!(!is_large(&Fr::from(u64::MAX)) && !is_large(&-Fr::from(u64::MAX)));
        assert!(is_large(&two64) && is_large(&-two64));
    }

    #[test]
    fn a_tenth_of_large_values_is_not_yet_full_size() {
        let large = Fr::from(1u64) / Fr::from(3u64);
        let values = |count: usize| -> Vec<Fr> {
            (0..100)
                .map(|i| {
                    if i < count {
                        large
                    } else {
                        Fr::from(u64::from(i == 99))
                    }
                })
                .collect()
        };
        let column = Column::new("x".to_owned(), &values(10));
        assert_eq!((column.large, column.small, column.rows), (10, 1, 100));
        assert!(!column.is_full_size());
        assert!(Column::new("x".to_owned(), &values(11)).is_full_size());
    }
}
