//! What several tests need.
#![allow(dead_code, reason = "each test uses its part")]

use ark_bls12_381::{Fr, G2Affine};
use ark_ff::{BigInteger, PrimeField};
use ark_serialize::CanonicalSerialize;

/// Exactly `N` bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> [u8; N] {
    unhex_vec(text).try_into().expect("as many bytes as asked for")
}

pub(crate) fn unhex_vec(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    assert_eq!(digits.len() % 2, 0);
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal");
    digits.chunks(2).map(byte).collect()
}

/// The group's order, big-endian.
pub(crate) fn order() -> [u8; 32] {
    Fr::MODULUS.to_bytes_be().try_into().expect("32 bytes")
}

/// A point's bytes as arkworks writes them.
pub(crate) fn bytes_of<const N: usize>(point: &impl CanonicalSerialize) -> [u8; N] {
    let mut bytes = Vec::new();
    point
        .serialize_compressed(&mut bytes)
        .expect("memory does not fail");
    bytes.try_into().expect("as many bytes as asked for")
}

/// A point of the curve that is not in the subgroup, for the test of keys that are signed for but none.
pub(crate) fn outside_g2() -> G2Affine {
    let mut x = ark_bls12_381::Fq2::from(1u64);
    loop {
        x += ark_bls12_381::Fq2::from(1u64);
        let point = G2Affine::get_point_from_x_unchecked(x, false);
        if let Some(point) = point.filter(|point| !point.is_in_correct_subgroup_assuming_on_curve()) {
            return point;
        }
    }
}
