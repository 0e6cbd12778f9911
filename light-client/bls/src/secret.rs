//! Secret keys: a number from 1 to the group's order less one.

use crate::{Error, hash, point};
use ark_bls12_381::{Fr, G2Affine};
use ark_ec::short_weierstrass::{Affine, Projective, SWCurveConfig};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, BigInt, One, PrimeField, Zero};
use core::fmt;
use zeroize::Zeroize;

/// A secret key. Its memory is overwritten when it is dropped.
///
/// Signing is deterministic and takes no randomness. What it may tell by its timing: see the crate's first page.
#[derive(Clone)]
pub struct SecretKey(Fr);

impl SecretKey {
    /// Reads a key as [`SecretKey::to_bytes`] writes it: 32 bytes, big-endian.
    ///
    /// # Errors
    /// [`Error::SecretKey`] if the number is zero or not below the order: it is never reduced, so that a key has one
    /// form.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, Error> {
        let mut limbs = [0u64; 4];
        for (limb, word) in limbs.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_be_bytes(*word);
        }
        let number = Fr::from_bigint(BigInt::new(limbs));
        limbs.zeroize();
        match number {
            Some(number) if !number.is_zero() => Ok(Self(number)),
            _ => Err(Error::SecretKey),
        }
    }

    /// The key of 64 uniformly random bytes: their big-endian number modulo the order, with a bias below 2^-256.
    ///
    /// The bytes must be random, not a password or a counter: they are reduced, not hashed. The residue zero, which
    /// nobody will ever draw, gives the key 1, so that every seed gives a key.
    pub fn from_seed(seed: &[u8; 64]) -> Self {
        // Read little-endian: the big-endian reading of arkworks leaves a copy of the bytes on the heap.
        let mut reversed = *seed;
        reversed.reverse();
        let number = Fr::from_le_bytes_mod_order(&reversed);
        reversed.zeroize();
        Self(if number.is_zero() { Fr::one() } else { number })
    }

    /// The key as 32 bytes, big-endian, for whoever stores it; overwrite them after use.
    pub fn to_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let mut limbs = self.0.into_bigint().0;
        for (word, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(limbs.iter().rev()) {
            *word = limb.to_be_bytes();
        }
        limbs.zeroize();
        bytes
    }

    /// The public key: the generator of G2 times this number, compressed. Computed anew each time.
    pub fn public(&self) -> [u8; 96] {
        point::encode_g2(&self.times(&G2Affine::generator()))
    }

    /// Signs a message. The caller is responsible for what the message means: see [`crate::Signer`].
    pub fn sign(&self, message: &[u8]) -> [u8; 48] {
        point::encode_g1(&self.times(&hash::hash_to_g1(message)))
    }

    /// The sum of keys, unless it is zero.
    pub(crate) fn sum<'a>(keys: impl Iterator<Item = &'a Self>) -> Option<Self> {
        let sum = Self(keys.fold(Fr::zero(), |sum, key| sum + key.0));
        (!sum.0.is_zero()).then_some(sum)
    }

    /// A point times this number.
    pub(crate) fn times<P: SWCurveConfig>(&self, base: &Affine<P>) -> Affine<P> {
        let mut limbs = self.0.into_bigint().0;
        let product = multiply(base, &limbs).into_affine();
        limbs.zeroize();
        product
    }
}

/// Four bits at a time: four doublings, one addition from a table that is read as a whole. arkworks' own
/// multiplication is as fast on G1, but splits the number on the heap.
fn multiply<P: SWCurveConfig>(base: &Affine<P>, limbs: &[u64; 4]) -> Projective<P> {
    let mut multiple = Projective::zero();
    let table: [Projective<P>; 16] = core::array::from_fn(|_| {
        let this = multiple;
        multiple += base;
        this
    });
    let mut product = Projective::zero();
    for limb in limbs.iter().rev() {
        for shift in (0..64).step_by(4).rev() {
            for _ in 0..4 {
                product.double_in_place();
            }
            let digit = (limb >> shift) & 15;
            let mut chosen = Projective::zero();
            for (entry, number) in table.iter().zip(0u64..) {
                if number == digit {
                    chosen = *entry;
                }
            }
            product += chosen;
        }
    }
    product
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").finish_non_exhaustive()
    }
}
