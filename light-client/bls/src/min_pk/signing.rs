//! Secret keys of this suite: for development networks and tests. Nothing here was written for a validator.

use crate::{hash, point};
use ark_bls12_381::G1Affine;
use ark_ec::AffineRepr;

/// A secret key whose public key is in G1. What the crate's first page says of timing and memory holds here as well.
#[derive(Clone, Debug)]
pub struct SecretKey(crate::SecretKey);

impl SecretKey {
    /// The key of 64 uniformly random bytes, as [`crate::SecretKey::from_seed`] makes it.
    pub fn from_seed(seed: &[u8; 64]) -> Self {
        Self(crate::SecretKey::from_seed(seed))
    }

    /// The sum of keys: what it signs is what all of them signed, added up. `None` if they add up to nothing.
    pub fn sum<'a>(keys: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        crate::SecretKey::sum(keys.into_iter().map(|key| &key.0)).map(Self)
    }

    /// The public key: the generator of G1 times this number, compressed. Computed anew each time.
    pub fn public(&self) -> [u8; 48] {
        point::encode_g1(&self.0.times(&G1Affine::generator()))
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 96] {
        point::encode_g2(&self.0.times(&hash::hash_to_g2(message)))
    }
}
