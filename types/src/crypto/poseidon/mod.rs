//! The Poseidon hash over [`Fr`] with the parameters of circomlib.
//!
//! Computes the permutation with S-box `x^5`, 8 full rounds and 57 (width 3) or 60 (width 6)
//! partial rounds, and from it the hash of two or five elements: the state starts as
//! `[0, inputs...]` and the hash is lane 0 of the permuted state.
//!
//! Sources: L. Grassi et al., "Poseidon: A New Hash Function for Zero-Knowledge Proof Systems"
//! (eprint 2019/458); the parameters are those its Grain generator gives for field 1, S-box 0,
//! 254 bits. The unit tests generate them anew and compare them with the committed tables; with
//! `PLAYFAIR_BLESS=1` they write the tables. How the partial rounds are made fast is described in
//! the private module `fast`.

use super::fe::Fe;
pub use super::field::Fr;

#[cfg(test)]
mod derive;
mod fast;
#[cfg(test)]
mod grain;
mod tables;

/// Number of full rounds, half of them before and half after the partial rounds.
pub const FULL_ROUNDS: usize = 8;
/// Number of partial rounds at width 3.
pub const PARTIAL_ROUNDS_3: usize = 57;
/// Number of partial rounds at width 6.
pub const PARTIAL_ROUNDS_6: usize = 60;
/// Number of all rounds at width 3.
pub const ROUNDS_3: usize = FULL_ROUNDS + PARTIAL_ROUNDS_3;
/// Number of all rounds at width 6.
pub const ROUNDS_6: usize = FULL_ROUNDS + PARTIAL_ROUNDS_6;

/// The hash of two elements: circomlib's `poseidon([a, b])`.
pub fn poseidon2(a: Fr, b: Fr) -> Fr {
    let state = [Fe::ZERO, Fe::from_fr(&a), Fe::from_fr(&b)];
    fast::hash(&tables::fast3::TABLE, &tables::standard3::TABLE, state).to_fr()
}

/// The hash of five elements: circomlib's `poseidon([a, b, c, d, e])`.
pub fn poseidon5(inputs: &[Fr; 5]) -> Fr {
    let [a, b, c, d, e] = inputs.each_ref().map(Fe::from_fr);
    let state = [Fe::ZERO, a, b, c, d, e];
    fast::hash(&tables::fast6::TABLE, &tables::standard6::TABLE, state).to_fr()
}

/// The permutation of width 3.
pub fn permute3(state: &mut [Fr; 3]) {
    let fe = state.each_ref().map(Fe::from_fr);
    *state = fast::permute(&tables::fast3::TABLE, &tables::standard3::TABLE, fe).map(Fe::to_fr);
}

/// The permutation of width 6.
pub fn permute6(state: &mut [Fr; 6]) {
    let fe = state.each_ref().map(Fe::from_fr);
    *state = fast::permute(&tables::fast6::TABLE, &tables::standard6::TABLE, fe).map(Fe::to_fr);
}

/// The round constants of width 3 in the textbook form: row `i` is added before round `i`.
///
/// Rounds 4 to 60 are the partial ones, whose S-box acts on lane 0 only.
pub fn round_constants3() -> &'static [[Fr; 3]; ROUNDS_3] {
    &tables::standard3::TABLE.round_constants
}

/// The round constants of width 6 in the textbook form: row `i` is added before round `i`.
///
/// Rounds 4 to 63 are the partial ones, whose S-box acts on lane 0 only.
pub fn round_constants6() -> &'static [[Fr; 6]; ROUNDS_6] {
    &tables::standard6::TABLE.round_constants
}

/// The MDS matrix of width 3: lane `i` after a round is the sum of `mds[i][j] * lane j`.
pub fn mds3() -> &'static [[Fr; 3]; 3] {
    &tables::standard3::TABLE.mds
}

/// The MDS matrix of width 6: lane `i` after a round is the sum of `mds[i][j] * lane j`.
pub fn mds6() -> &'static [[Fr; 6]; 6] {
    &tables::standard6::TABLE.mds
}

#[cfg(test)]
mod tests;
