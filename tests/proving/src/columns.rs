//! What a proof commits to: how many polynomials, and how many of them are full of full-size values.
//!
//! A commitment to small numbers is cheap, one to field elements at large is what takes time. A value is *large* if it is 2^64 or
//! more in absolute value (the smaller of x and p - x), and a column *full-size* if most of the rows that do something (all but END) have
//! a large one. That is measured for the columns, both phases, on a real witness. Of the other polynomials, the pieces of the
//! quotient and the two openings are full-size by nature; the random one has eight coefficients, so it is not.

use playfair_proofs_circuit::air::Witness;
use playfair_proofs_isa::trace::Value;
use playfair_proofs_prover::module::Prover;
use playfair_types::crypto::field::Fr;

/// Openings of a proof: halo2's W and W'.
const OPENINGS: usize = 2;
/// The vanishing argument's random polynomial.
const RANDOM: usize = 1;

/// A column of a witness.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name; helpers of the bus have numbers.
    pub name: String,
    /// Rows with a value of 2^64 or more in absolute value.
    pub large: usize,
}

impl Column {
    fn new(name: String, values: &[Fr]) -> Self {
        let large = values.iter().filter(|value| is_large(value)).count();
        Self { name, large }
    }

    /// Whether it counts as full-size, where so many rows do something.
    #[must_use]
    pub fn is_full_size(&self, rows: usize) -> bool {
        self.large * 2 > rows
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

/// The commitments of a proof whose columns are these, where so many rows do something.
#[must_use]
pub fn commitments(prover: &Prover, columns: &[Column], rows: usize) -> Commitments {
    let pieces = usize::from(prover.constraints.parts().degree).saturating_sub(1);
    let always = pieces + OPENINGS;
    Commitments {
        all: columns.len() + always + RANDOM,
        full_size: columns.iter().filter(|column| column.is_full_size(rows)).count() + always,
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
    fn a_column_with_large_values_on_most_rows_is_full_size() {
        let large = Fr::from(1u64) / Fr::from(3u64);
        let values = [large, large, Fr::from(7u64), Fr::from(0u64)];
        let column = Column::new("x".to_owned(), &values);
        assert_eq!(column.large, 2);
        assert!(column.is_full_size(3) && !column.is_full_size(4));
    }
}
