//! Points in proofs: 32 bytes, `x` little-endian, the parity of `y` in bit 254, bit 255 zero.
//!
//! Bit 255 would mark infinity, which no proof may contain.

use ark_bn254::{Fq, G1Affine};
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use playfair_types::Fr;

/// Four limbs of 32 little-endian bytes.
fn limbs(bytes: &[u8; 32]) -> [u64; 4] {
    let mut limbs = [0u64; 4];
    let (words, _) = bytes.as_chunks::<8>();
    for (limb, word) in limbs.iter_mut().zip(words) {
        *limb = u64::from_le_bytes(*word);
    }
    limbs
}

/// A scalar below the modulus.
pub(crate) fn scalar(bytes: &[u8; 32]) -> Option<Fr> {
    Fr::from_bigint(BigInt::new(limbs(bytes)))
}

/// A point other than infinity, in its only accepted form.
pub(crate) fn decompress(bytes: &[u8; 32]) -> Option<G1Affine> {
    let mut bytes = *bytes;
    let [.., top] = &mut bytes;
    let flags = *top >> 6;
    *top &= 0b0011_1111;
    let odd = match flags {
        0b00 => false,
        0b01 => true,
        _ => return None,
    };
    let x = Fq::from_bigint(BigInt::new(limbs(&bytes)))?;
    let y = (x.square() * x + Fq::from(3u8)).sqrt()?;
    let y = if y.into_bigint().is_odd() == odd { y } else { -y };
    Some(G1Affine::new_unchecked(x, y))
}

/// A point from coordinates; `None` when they are not on the curve.
pub(crate) fn on_curve(x: Fq, y: Fq) -> Option<G1Affine> {
    (y.square() == x.square() * x + Fq::from(3u8)).then(|| G1Affine::new_unchecked(x, y))
}
