//! Points as bytes: compressed, big-endian, three flags in the top bits of the first byte.
//!
//! ```text
//! G1   flags | x 48                                0x80 compressed, always set
//! G2   flags | x.c1 48 | x.c0 48                   0x40 infinity, never set
//!                                                  0x20 y is the larger of the two roots
//! ```
//!
//! For `x` in Fq2, roots are compared by `c1` first. Decoding accepts exactly what encoding a point of the subgroup
//! other than the identity writes. There is no point of order two on either curve, so `y` is never its own negative.
//!
//! Membership in the subgroup is arkworks' test by endomorphisms (eprint 2021/1130). Its multiplication by `x` on G1
//! passes through the decomposition that is only right *inside* of the subgroup, but leaves numbers below 2^64 whole, so
//! that it is right outside as well; a test holds it against multiplication by the order, for every prime of both
//! cofactors.

use crate::PointError;
use ark_bls12_381::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInt, Field, PrimeField};

const COMPRESSED: u8 = 0x80;
const INFINITY: u8 = 0x40;
const LARGER: u8 = 0x20;

/// A point of the subgroup of G1, not the identity.
pub(crate) fn decode_g1(bytes: &[u8; 48]) -> Result<G1Affine, PointError> {
    let mut x = *bytes;
    let larger = take_flags(&mut x)?;
    let x = fq(&x).ok_or(PointError::Coordinate)?;
    let y = (x.square() * x + Fq::from(4u8)).sqrt();
    let y = y.ok_or(PointError::Curve)?;
    let point = G1Affine::new_unchecked(x, if (y > -y) == larger { y } else { -y });
    // Roots are checked, not believed.
    if !point.is_on_curve() {
        return Err(PointError::Curve);
    }
    match point.is_in_correct_subgroup_assuming_on_curve() {
        true => Ok(point),
        false => Err(PointError::Subgroup),
    }
}

/// A point of the subgroup of G2, not the identity.
pub(crate) fn decode_g2(bytes: &[u8; 96]) -> Result<G2Affine, PointError> {
    let (mut c1, mut c0) = ([0; 48], [0; 48]);
    let (high, low) = bytes.split_at(48);
    c1.copy_from_slice(high);
    c0.copy_from_slice(low);
    let larger = take_flags(&mut c1)?;
    let (c0, c1) = (fq(&c0), fq(&c1));
    let x = c0.zip(c1).map(|(c0, c1)| Fq2::new(c0, c1));
    let x = x.ok_or(PointError::Coordinate)?;
    let y = (x.square() * x + Fq2::new(Fq::from(4u8), Fq::from(4u8))).sqrt();
    let y = y.ok_or(PointError::Curve)?;
    let point = G2Affine::new_unchecked(x, if (y > -y) == larger { y } else { -y });
    if !point.is_on_curve() {
        return Err(PointError::Curve);
    }
    match point.is_in_correct_subgroup_assuming_on_curve() {
        true => Ok(point),
        false => Err(PointError::Subgroup),
    }
}

/// The point of these compressed bytes and this ordinate, if they are of one point of the curve. Whether it is in the
/// subgroup is not looked at.
pub(crate) fn join_g1(bytes: &[u8; 48], y: &[u8; 48]) -> Result<Option<G1Affine>, PointError> {
    let mut x = *bytes;
    let larger = take_flags(&mut x)?;
    let x = fq(&x).ok_or(PointError::Coordinate)?;
    let y = fq(y).ok_or(PointError::Coordinate)?;
    let point = G1Affine::new_unchecked(x, y);
    Ok((point.is_on_curve() && (y > -y) == larger).then_some(point))
}

/// The ordinate of a point that is not the identity.
pub(crate) fn ordinate_g1(point: &G1Affine) -> [u8; 48] {
    fq_bytes(&point.y)
}

/// The bytes of a point that is not the identity.
pub(crate) fn encode_g1(point: &G1Affine) -> [u8; 48] {
    let mut bytes = fq_bytes(&point.x);
    put_flags(&mut bytes, point.y > -point.y);
    bytes
}

/// The bytes of a point that is not the identity.
pub(crate) fn encode_g2(point: &G2Affine) -> [u8; 96] {
    let mut c1 = fq_bytes(&point.x.c1);
    put_flags(&mut c1, point.y > -point.y);
    let mut bytes = [0; 96];
    let (high, low) = bytes.split_at_mut(48);
    high.copy_from_slice(&c1);
    low.copy_from_slice(&fq_bytes(&point.x.c0));
    bytes
}

/// Clears the flags; whether `y` is the larger root.
fn take_flags(bytes: &mut [u8; 48]) -> Result<bool, PointError> {
    let [first, ..] = bytes;
    let flags = *first;
    *first &= !(COMPRESSED | INFINITY | LARGER);
    if flags & COMPRESSED == 0 {
        return Err(PointError::Form);
    }
    if flags & INFINITY != 0 {
        return Err(PointError::Infinity);
    }
    Ok(flags & LARGER != 0)
}

fn put_flags(bytes: &mut [u8; 48], larger: bool) {
    let [first, ..] = bytes;
    *first |= if larger { COMPRESSED | LARGER } else { COMPRESSED };
}

/// A coordinate below the modulus, which leaves the three top bits zero.
fn fq(bytes: &[u8; 48]) -> Option<Fq> {
    let mut limbs = [0u64; 6];
    for (limb, word) in limbs.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
        *limb = u64::from_be_bytes(*word);
    }
    Fq::from_bigint(BigInt::new(limbs))
}

fn fq_bytes(value: &Fq) -> [u8; 48] {
    let mut bytes = [0; 48];
    let limbs = value.into_bigint().0;
    for (word, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(limbs.iter().rev()) {
        *word = limb.to_be_bytes();
    }
    bytes
}
