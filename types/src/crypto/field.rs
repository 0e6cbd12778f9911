//! Encodings of the two prime fields of the protocol.
//!
//! * [`Fr`]: the scalar field of BN254, of order `r` (254 bits). Hashes, messages and the
//!   coordinates of Baby Jubjub are its elements.
//! * [`Scalar`]: integers modulo `l` (251 bits), the order of the prime subgroup of Baby Jubjub.
//!
//! An element is encoded as its canonical integer in 32 bytes, most significant byte first.
//! Decoding never reduces: an integer that is not below the modulus is refused, so that every
//! element has one encoding only. Source of the moduli: EIP-196 (`r`), EIP-2494 (`l`).

use alloc::vec::Vec;
use ark_ff::{BigInt, PrimeField};

/// The scalar field of BN254.
pub type Fr = ark_bn254::Fr;

/// The scalar field of the prime subgroup of Baby Jubjub.
pub type Scalar = ark_ed_on_bn254::Fr;

/// Four limbs, least significant first, of an integer in 32 big-endian bytes.
pub(crate) fn limbs_from_bytes(bytes: &[u8; 32]) -> [u64; 4] {
    let mut limbs = [0u64; 4];
    for (limb, word) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = word.iter().fold(0, |acc, b| acc << 8 | u64::from(*b));
    }
    limbs
}

/// The inverse of [`limbs_from_bytes`].
pub(crate) fn limbs_to_bytes(limbs: &[u64; 4]) -> [u8; 32] {
    let mut bytes = [0u8; 32];
    for (word, limb) in bytes.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        word.copy_from_slice(&limb.to_be_bytes());
    }
    bytes
}

/// Encodes an element of [`Fr`] as its canonical integer, 32 bytes, big-endian.
pub fn fr_to_bytes(a: &Fr) -> [u8; 32] {
    limbs_to_bytes(&a.into_bigint().0)
}

/// Decodes 32 big-endian bytes as an element of [`Fr`]; `None` if the integer is not below `r`.
pub fn fr_from_bytes(bytes: &[u8; 32]) -> Option<Fr> {
    Fr::from_bigint(BigInt::new(limbs_from_bytes(bytes)))
}

/// Encodes a [`Scalar`] as its canonical integer, 32 bytes, big-endian.
pub fn scalar_to_bytes(a: &Scalar) -> [u8; 32] {
    limbs_to_bytes(&a.into_bigint().0)
}

/// Decodes 32 big-endian bytes as a [`Scalar`]; `None` if the integer is not below `l`.
pub fn scalar_from_bytes(bytes: &[u8; 32]) -> Option<Scalar> {
    Scalar::from_bigint(BigInt::new(limbs_from_bytes(bytes)))
}

/// The element whose canonical integer is 31 big-endian bytes; below `2^248`, hence below `r`.
pub fn limb31_from_bytes(bytes: &[u8; 31]) -> Fr {
    let mut wide = [0u8; 32];
    wide[1..].copy_from_slice(bytes);
    // Below 2^248 every integer is canonical, so the fallback is never taken.
    fr_from_bytes(&wide).unwrap_or_default()
}

/// The 31 big-endian bytes of the canonical integer of `a`; `None` if it is `2^248` or more.
pub fn limb31_to_bytes(a: &Fr) -> Option<[u8; 31]> {
    let [top, low @ ..] = fr_to_bytes(a);
    (top == 0).then_some(low)
}

/// The low 248 bits of the canonical integer of `a`, 31 bytes, big-endian.
pub fn low248(a: &Fr) -> [u8; 31] {
    let [_, low @ ..] = fr_to_bytes(a);
    low
}

/// Packs bytes into elements of 24 bytes each, little-endian, the last padded with zeros.
///
/// No bytes give no elements. The packing alone does not record the number of bytes: trailing
/// zeros are lost, so that a format that needs it hashes the length too.
pub fn pack24(bytes: &[u8]) -> Vec<Fr> {
    bytes
        .chunks(24)
        .map(|chunk| {
            let mut limbs = [0u64; 4];
            for (limb, word) in limbs.iter_mut().zip(chunk.chunks(8)) {
                *limb = word.iter().rev().fold(0, |acc, b| acc << 8 | u64::from(*b));
            }
            // Below 2^192 every integer is canonical, so the fallback is never taken.
            Fr::from_bigint(BigInt::new(limbs)).unwrap_or_default()
        })
        .collect()
}

#[cfg(test)]
mod tests;
