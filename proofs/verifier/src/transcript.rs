//! The Fiat-Shamir transcript: a Poseidon sponge of width 3, byte for byte in meaning snark-verifier's, so
//! that the aggregation circuit reads the proofs that browsers read.
//!
//! Permutation: circomlib's (8 full and 57 partial rounds), from `playfair-types`. Mode: the capacity lane
//! starts at `2^64`; elements are added to lanes 1 and 2, two per permutation; a squeeze pads what is pending
//! with a one and zeros, always permutes, and returns lane 1. So no pending elements, or an even number of
//! them, cost one more permutation. The state runs on after a squeeze.
//!
//! A point is its `x` and `y`, each reduced modulo the scalar field. There are no tags between points and
//! scalars: both sides know the sequence.

use ark_bn254::{Fq, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use playfair_types::Fr;
use playfair_types::crypto::poseidon::permute3;

/// The sponge.
#[derive(Clone, Debug)]
pub struct Sponge {
    state: [Fr; 3],
    /// The first element of a pair that is not complete yet.
    pending: Option<Fr>,
}

impl Default for Sponge {
    fn default() -> Self {
        Self::new()
    }
}

impl Sponge {
    /// The sponge before any input.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: [Fr::from(1u128 << 64), Fr::ZERO, Fr::ZERO],
            pending: None,
        }
    }

    fn add(&mut self, first: Fr, second: Fr) {
        let [_, one, two] = &mut self.state;
        *one += first;
        *two += second;
        permute3(&mut self.state);
    }

    /// Absorbs an element.
    pub fn absorb(&mut self, element: Fr) {
        match self.pending.take() {
            None => self.pending = Some(element),
            Some(first) => self.add(first, element),
        }
    }

    /// Absorbs a point. Infinity has no coordinates: `None`, and nothing is absorbed.
    #[must_use]
    pub fn absorb_point(&mut self, point: &G1Affine) -> Option<()> {
        let (x, y) = point.xy()?;
        self.absorb(reduce(x));
        self.absorb(reduce(y));
        Some(())
    }

    /// Draws an element.
    pub fn squeeze(&mut self) -> Fr {
        match self.pending.take() {
            Some(last) => self.add(last, Fr::ONE),
            None => self.add(Fr::ONE, Fr::ZERO),
        }
        let [_, out, _] = self.state;
        out
    }
}

/// A coordinate modulo the scalar field.
#[must_use]
pub fn reduce(coordinate: Fq) -> Fr {
    let mut integer = coordinate.into_bigint();
    // q < 2 r: one subtraction is enough, and the fallback is never taken.
    if integer >= Fr::MODULUS {
        integer.sub_with_borrow(&Fr::MODULUS);
    }
    Fr::from_bigint(integer).unwrap_or_default()
}
