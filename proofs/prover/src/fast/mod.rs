//! A prover for halo2's protocol, for tables without equality columns and lookup arguments.
//!
//! Its proofs are those of halo2 0.5.3 with SHPLONK and this crate's Poseidon transcript: halo2's verifier accepts them, and that is
//! how they are tested. halo2's own prover spends most of its time where this one does not: it commits to columns of bits as if they
//! were random, extends columns one after another with transforms that compute every root of unity anew, applies the selector to each
//! gate by itself, and copies every polynomial twice for the opening.
//!
//! Blinding: like halo2's, the rows after the usable ones are random in every advice column. The vanishing argument's random polynomial
//! has eight random coefficients instead of `2^k`. Nothing here claims zero knowledge: what is proven is public.

mod additions;
mod bus;
mod code;
mod domain;
mod key;
mod msm;
mod opening;
mod prove;
mod quotient;
#[cfg(test)]
mod tests;
mod transform;
mod vectors;

/// Eight rows of a column.
type Block = playfair_proofs_vector::Block<ark_bn254::FrConfig>;
/// A column, or its coefficients.
type Column = Vec<Block>;

pub use key::{Committer, KeyError, ProvingKey, usable_rows};
pub use prove::{ProveError, Stage, Watch, prove};
