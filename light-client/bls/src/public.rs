//! Public keys, and signatures under them: one at a time, or many under one key at the price of one.

use crate::{Error, hash, point};
use alloc::vec::Vec;
use ark_bls12_381::{Bls12_381, G1Affine, G1Projective, G2Affine};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{AdditiveGroup, One, Zero};
use core::fmt;
use sha2::{Digest, Sha256};

type Prepared = <Bls12_381 as Pairing>::G2Prepared;

/// A public key: a point of the subgroup of G2 other than the identity, with the lines that verification needs
/// (40 kB, computed once).
#[derive(Clone)]
pub struct PublicKey {
    bytes: [u8; 96],
    key: Prepared,
    minus_generator: Prepared,
}

impl PublicKey {
    /// Reads a key in its only accepted form.
    ///
    /// # Errors
    /// [`Error::Key`] with what is wrong.
    pub fn from_bytes(bytes: &[u8; 96]) -> Result<Self, Error> {
        let point = point::decode_g2(bytes).map_err(Error::Key)?;
        Ok(Self {
            bytes: *bytes,
            key: point.into(),
            minus_generator: (-G2Affine::generator()).into(),
        })
    }

    /// The key as [`PublicKey::from_bytes`] reads it.
    pub fn to_bytes(&self) -> [u8; 96] {
        self.bytes
    }

    /// Verifies one signature.
    ///
    /// # Errors
    /// [`Error::Signature`] if the bytes are no signature at all, [`Error::Refused`] if they are not this key's over
    /// this message.
    pub fn verify(&self, message: &[u8], signature: &[u8; 48]) -> Result<(), Error> {
        let signature = point::decode_g1(signature).map_err(Error::Signature)?;
        self.balance(signature, hash::hash_to_g1(message))
    }

    /// Verifies many signatures, each over its own message, by one equation over their sums.
    ///
    /// Let `E_i = S_i - k H(m_i)` be the error of signature `i`. All are in the subgroup, whose order is a prime above
    /// 2^254, since every signature is checked for that. The equation says `sum w_i E_i = 0`. If some `E_j` is not
    /// zero, then for any choice of the other weights at most one value of `w_j` balances it, so that weights drawn
    /// uniformly from 128 bits after everything else is fixed let it pass with probability 2^-128 at most. They are
    /// drawn by hashing key, messages and signatures: who wants to be lucky must try 2^128 batches.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`]; [`Error::Signature`] for the first that is no signature at all; [`Error::Refused`] if any
    /// is wrong: verify them one by one to learn which.
    pub fn verify_all<M: AsRef<[u8]>>(&self, batch: &[(M, &[u8; 48])]) -> Result<(), Error> {
        match batch {
            [] => return Err(Error::EmptyBatch),
            [(message, signature)] => return self.verify(message.as_ref(), signature),
            _ => {}
        }
        let mut signatures = Vec::with_capacity(batch.len());
        for (_, signature) in batch {
            signatures.push(point::decode_g1(signature).map_err(Error::Signature)?);
        }
        let weights = weights(&self.bytes, batch);
        let hashes: Vec<G1Affine> = batch
            .iter()
            .map(|(message, _)| hash::hash_to_g1(message.as_ref()))
            .collect();
        self.balance(weigh(&signatures, &weights), weigh(&hashes, &weights))
    }

    /// Whether `e(signature, -G) e(hash, K) = 1`.
    fn balance(&self, signature: G1Affine, hash: G1Affine) -> Result<(), Error> {
        let lines = [self.minus_generator.clone(), self.key.clone()];
        let product = Bls12_381::multi_miller_loop([signature, hash], lines);
        match Bls12_381::final_exponentiation(product) {
            Some(result) if result.0.is_one() => Ok(()),
            _ => Err(Error::Refused),
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKey(")?;
        for byte in self.bytes {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}

/// The weights of a batch: hashes of all that the equation depends on, and the place.
fn weights<M: AsRef<[u8]>>(key: &[u8; 96], batch: &[(M, &[u8; 48])]) -> Vec<u128> {
    let mut transcript = Sha256::new()
        .chain_update(b"playfair/1/bls-batch")
        .chain_update(key);
    for (message, signature) in batch {
        // Everything has a fixed length, so two batches never look alike.
        transcript.update(Sha256::digest(message.as_ref()));
        transcript.update(signature);
    }
    let transcript: [u8; 32] = transcript.finalize().into();
    let weight = |at: u64| {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(transcript)
            .chain_update(at.to_be_bytes())
            .finalize()
            .into();
        let (words, _) = digest.as_chunks::<16>();
        words
            .first()
            .copied()
            .map(u128::from_be_bytes)
            .unwrap_or_default()
    };
    (0u64..).zip(batch).map(|(at, _)| weight(at)).collect()
}

/// The sum of the points times their weights, with one chain of doublings for all.
fn weigh(points: &[G1Affine], weights: &[u128]) -> G1Affine {
    let mut sum = G1Projective::zero();
    for bit in (0..u128::BITS).rev() {
        sum.double_in_place();
        for (point, weight) in points.iter().zip(weights) {
            if (weight >> bit) & 1 == 1 {
                sum += point;
            }
        }
    }
    sum.into_affine()
}

#[cfg(test)]
mod tests;
