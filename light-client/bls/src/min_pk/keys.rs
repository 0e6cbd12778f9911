//! A list of keys as points, and signatures of some of them.

use super::Error;
use crate::{hash, point};
use alloc::vec::Vec;
use ark_bls12_381::{Bls12_381, G1Affine, G1Projective};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{One, Zero};

/// Keys as points of the subgroup of G1, in the order of their list, and their sum. A key may be in it several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    points: Vec<G1Affine>,
    sum: G1Projective,
}

impl Keys {
    /// Reads compressed keys: a square root and a check for the subgroup each, some 0.1 ms.
    ///
    /// # Errors
    /// [`Error::Key`] with the first that is none.
    pub fn decode(keys: &[[u8; 48]]) -> Result<Self, Error> {
        let read = |(at, key)| point::decode_g1(key).map_err(|why| Error::Key { at, why });
        let points = keys.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self::of(points))
    }

    /// Reads keys again with the ordinates that [`Keys::ordinates`] gave for them: some microseconds each.
    ///
    /// That each ordinate is the one its key means, and on the curve, is checked. That the keys are in the subgroup is
    /// not, since [`Keys::decode`] did so for the same compressed bytes: call this with a list that was accepted there,
    /// never with one from outside.
    ///
    /// # Errors
    /// [`Error::Key`], and [`Error::Kept`] if the ordinates are not those of the keys.
    pub fn restore(keys: &[[u8; 48]], ordinates: &[[u8; 48]]) -> Result<Self, Error> {
        if keys.len() != ordinates.len() {
            let at = keys.len().min(ordinates.len());
            return Err(Error::Kept { at });
        }
        let mut points = Vec::with_capacity(keys.len());
        for (at, (key, y)) in keys.iter().zip(ordinates).enumerate() {
            let point = point::join_g1(key, y).map_err(|why| Error::Key { at, why })?;
            points.push(point.ok_or(Error::Kept { at })?);
        }
        Ok(Self::of(points))
    }

    /// The ordinate of each key, 48 bytes big-endian: what makes reading the keys a second time cheap.
    pub fn ordinates(&self) -> impl Iterator<Item = [u8; 48]> + '_ {
        self.points.iter().map(point::ordinate_g1)
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The sum of all keys, compressed.
    ///
    /// # Errors
    /// [`Error::NoSigners`] if they add up to nothing.
    pub fn aggregate(&self) -> Result<[u8; 48], Error> {
        match self.sum.is_zero() {
            true => Err(Error::NoSigners),
            false => Ok(point::encode_g1(&self.sum.into_affine())),
        }
    }

    /// Verifies that all marked keys signed the message, each once for every mark of it.
    ///
    /// # Errors
    /// [`Error::Marks`], [`Error::NoSigners`]; [`Error::Signature`] for bytes that are no signature, [`Error::Refused`]
    /// for one that is not theirs.
    pub fn verify(&self, marks: &[bool], message: &[u8], signature: &[u8; 96]) -> Result<(), Error> {
        let key = self.sum_of(marks)?;
        let signature = point::decode_g2(signature).map_err(Error::Signature)?;
        let generator = -G1Affine::generator();
        let product = Bls12_381::multi_miller_loop([key, generator], [hash::hash_to_g2(message), signature]);
        match Bls12_381::final_exponentiation(product) {
            Some(result) if result.0.is_one() => Ok(()),
            _ => Err(Error::Refused),
        }
    }

    /// The sum of the marked keys, by adding them or by taking the others away, whichever is less.
    fn sum_of(&self, marks: &[bool]) -> Result<G1Affine, Error> {
        let (wanted, found) = (self.points.len(), marks.len());
        if wanted != found {
            return Err(Error::Marks { wanted, found });
        }
        let marked = marks.iter().filter(|mark| **mark).count();
        let missing = wanted.saturating_sub(marked);
        let add = marked <= missing;
        let mut sum = if add { G1Projective::zero() } else { self.sum };
        for (point, mark) in self.points.iter().zip(marks) {
            match (add, mark) {
                (true, true) => sum += point,
                (false, false) => sum -= point,
                _ => {}
            }
        }
        match sum.is_zero() {
            true => Err(Error::NoSigners),
            false => Ok(sum.into_affine()),
        }
    }

    fn of(points: Vec<G1Affine>) -> Self {
        let sum = points.iter().fold(G1Projective::zero(), |sum, point| sum + point);
        Self { points, sum }
    }
}
