//! Seeded inputs for the unit tests of this module.

use super::babyjubjub::{BASE8, Point, curve};
use super::field::{Fr, Scalar};
use ark_ff::{MontFp, PrimeField};
use blake2::{Blake2b512, Digest};

/// 64 bytes determined by a label and a number.
pub(crate) fn bytes64(label: &str, i: u64) -> [u8; 64] {
    Blake2b512::new()
        .chain_update(label)
        .chain_update(i.to_be_bytes())
        .finalize()
        .into()
}

pub(crate) fn bytes32(label: &str, i: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&bytes64(label, i)[..32]);
    bytes
}

pub(crate) fn fr(label: &str, i: u64) -> Fr {
    Fr::from_be_bytes_mod_order(&bytes64(label, i))
}

pub(crate) fn scalar(label: &str, i: u64) -> Scalar {
    Scalar::from_be_bytes_mod_order(&bytes64(label, i))
}

/// `k B8`.
pub(crate) fn multiple(k: &Scalar) -> Point {
    Point::from_extended(curve::multiply_secret(&BASE8.extended(), &k.into_bigint().0))
}

pub(crate) fn add(a: &Point, b: &Point) -> Point {
    Point::from_extended(a.extended().add(&b.extended()))
}

/// `0, T, 2T, .. 7T` for a point `T` of order 8.
pub(crate) fn torsion() -> [Point; 8] {
    let generator = Point::from_xy(
        MontFp!("17545522957889784193459637215142187266023652151580582754000402781682644312291"),
        MontFp!("4826523245007015323400664741523384119579596407052839571721035538011798951543"),
    )
    .unwrap();
    let mut all = [Point::IDENTITY; 8];
    for i in 1..8 {
        all[i] = add(&all[i - 1], &generator);
    }
    all
}
