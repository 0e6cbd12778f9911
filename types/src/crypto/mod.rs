//! Fields, hash and signatures.
//!
//! All of it is pure computation on `no_std` with `alloc`: no randomness, no input or output, no
//! panic on any input, and the same results on every target.
//!
//! * [`field`]: encodings of the scalar field of BN254 and of the scalars of Baby Jubjub.
//! * [`poseidon`]: the Poseidon hash with the parameters of circomlib, of two and of five inputs.
//! * [`babyjubjub`]: points and public keys of Baby Jubjub in circomlib's coordinates.
//! * [`eddsa`]: EdDSA over Baby Jubjub with Poseidon; single and batch verification.

pub mod babyjubjub;
pub mod eddsa;
mod fe;
pub mod field;
pub mod poseidon;
#[cfg(test)]
pub(crate) mod testing;
