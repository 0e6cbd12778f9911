//! Verification of many signatures together.
//!
//! With coefficients `z_i`, all equations `S_i B8 - R_i - 8 h_i A_i = 0` hold if one random
//! combination of them does, which is one sum of multiples of points:
//! `(sum of z_i S_i) B8 - sum of z_i R_i - sum of (8 h_i z_i mod l) A_i = 0`.
//!
//! **The same set as single verification.** If each left side is in the group of order `l` and one
//! is not zero, the combination is zero for at most one in `2^128` choices of its coefficient. In
//! the full group this would be false: an error of order 2 vanishes for every even `z_i`, and
//! errors of two signatures can cancel. So `R_i` is checked to be in the subgroup, one by one and
//! exactly (no combination of small components is conclusive), and keys are in it by their type.
//! An `R_i` outside fails single verification too, with the same error.
//!
//! **Coefficients.** They are 128-bit outputs of BLAKE2b over all keys, messages and signatures
//! of the batch, so that whoever chooses a signature chooses the coefficients anew: to pass a bad
//! batch takes about `2^128` hashes. The result is a function of the input alone.
//!
//! Source: D. Bernstein et al., "High-speed high-security signatures" (2011), section 5; the need
//! for the subgroup check: K. Chalkias et al., "Taming the many EdDSAs" (eprint 2020/1244).

use super::super::babyjubjub::{BASE8, Point, PublicKey, curve::Prepared, unpack_all};
use super::super::field::{Fr, Scalar, fr_to_bytes};
use super::msm::Terms;
use super::{Signature, SignatureError, challenge, check_equation};
use alloc::vec;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use blake2::{Blake2b512, Digest};
use core::fmt;

/// Batches up to this size are verified one by one, which is then as fast.
const SMALL: usize = 4;

/// Parts of a batch that failed are verified one by one from this size on downwards.
const LEAF: usize = 32;

/// Separates the hash of a batch from all other uses of BLAKE2b.
const DOMAIN: &[u8] = b"playfair/eddsa-batch/1";

/// The first signature of a batch that is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BatchError {
    /// Its index in the batch.
    pub index: usize,
    /// Why it is not valid.
    pub error: SignatureError,
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signature {} of the batch: {}", self.index, self.error)
    }
}

impl core::error::Error for BatchError {}

/// Verifies that all signatures are valid. An empty batch is valid.
///
/// Single-threaded; callers with several threads split the batch. Memory: some 700 bytes an item.
///
/// # Errors
/// The first invalid signature, with the error that [`super::verify`] gives for it.
pub fn verify_batch(items: &[(PublicKey, Fr, Signature)]) -> Result<(), BatchError> {
    let first = verify_each(items)
        .into_iter()
        .enumerate()
        .find_map(|(index, result)| Some((index, result.err()?)));
    first.map_or(Ok(()), |(index, error)| Err(BatchError { index, error }))
}

/// Verifies every signature: item by item the results of [`super::verify`].
///
/// A batch that is not valid as a whole is halved until the invalid signatures are found. Halving pays while they are
/// few; after a bounded number of combinations that did not hold the rest is verified one by one, so that a batch made to
/// be slow takes little longer than verifying each signature alone.
pub fn verify_each(items: &[(PublicKey, Fr, Signature)]) -> Vec<Result<(), SignatureError>> {
    if items.len() <= SMALL {
        return items
            .iter()
            .map(|(key, message, s)| super::verify(key, *message, s))
            .collect();
    }
    let mut results = vec![Ok(()); items.len()];
    let mut checks = Vec::with_capacity(items.len());
    let points = unpack_all(items.iter().map(|(_, _, signature)| &signature.r));
    let coefficients = Coefficients::new(items);
    for (((index, item), r), z) in items.iter().enumerate().zip(points).zip(coefficients) {
        match Check::new(index, item, r, z) {
            Ok(check) => checks.push(check),
            Err(error) => {
                if let Some(slot) = results.get_mut(index) {
                    *slot = Err(error);
                }
            }
        }
    }
    let mut patience = 4 + 2 * items.len().ilog2();
    bisect(&checks, false, &mut patience, &mut results);
    results
}

/// One equation with its coefficient.
struct Check {
    index: usize,
    key: PublicKey,
    message: Fr,
    r: Point,
    s: Scalar,
    /// `z`, below `2^128`.
    z: [u64; 4],
    /// `z S`.
    base: Scalar,
    /// `8 h z`.
    factor: Scalar,
}

impl Check {
    fn new(
        index: usize,
        (key, message, signature): &(PublicKey, Fr, Signature),
        r: Result<Point, super::PointError>,
        z: [u64; 4],
    ) -> Result<Self, SignatureError> {
        let s = signature.scalar()?;
        let r = r.map_err(SignatureError::InvalidR)?;
        if !r.is_in_subgroup() {
            return Err(SignatureError::Mismatch);
        }
        let scalar = Scalar::from_bigint(BigInt::new(z)).unwrap_or_default();
        let factor = challenge(&r, key, *message) * scalar.double().double().double();
        Ok(Self {
            index,
            key: *key,
            message: *message,
            r,
            s,
            z,
            base: s * scalar,
            factor,
        })
    }
}

/// Whether the combination of all equations holds.
fn holds(checks: &[Check]) -> bool {
    let mut terms = Terms::with_capacity(2 * checks.len() + 1);
    let mut base = Scalar::ZERO;
    for check in checks {
        base += check.base;
        terms.push(check.r.prepared(), check.z);
        terms.push(check.key.point().prepared(), check.factor.into_bigint().0);
    }
    // R and A are added, so that B8 is subtracted.
    let generator: Prepared = BASE8.prepared().negated();
    terms.push(generator, base.into_bigint().0);
    terms.sum().is_identity()
}

/// Marks the invalid ones of `checks` and says whether there are any. With `known_bad` the caller
/// knows that the combination does not hold. `patience` is how many more combinations may fail.
fn bisect(
    checks: &[Check],
    known_bad: bool,
    patience: &mut u32,
    results: &mut [Result<(), SignatureError>],
) -> bool {
    if checks.len() > LEAF && *patience > 0 {
        if !known_bad {
            if holds(checks) {
                return false;
            }
            *patience -= 1;
        }
        let (left, right) = checks.split_at(checks.len() / 2);
        let found = bisect(left, false, patience, results);
        // If the left half is zero and the whole is not, then neither is the right half.
        return bisect(right, !found, patience, results) || found;
    }
    let mut found = false;
    for check in checks {
        if let Some(slot) = results.get_mut(check.index) {
            *slot = check_equation(&check.key, check.message, &check.r, check.s);
            found |= slot.is_err();
        }
    }
    found
}

/// The coefficients of a batch, four from each hash.
struct Coefficients {
    seed: [u8; 64],
    counter: u64,
    ready: [[u64; 4]; 4],
}

impl Coefficients {
    fn new(items: &[(PublicKey, Fr, Signature)]) -> Self {
        let mut hash = Blake2b512::new()
            .chain_update(DOMAIN)
            .chain_update((items.len() as u64).to_be_bytes());
        for (key, message, signature) in items {
            hash.update(key.to_bytes());
            hash.update(fr_to_bytes(message));
            hash.update(signature.r);
            hash.update(signature.s);
        }
        Self {
            seed: hash.finalize().into(),
            counter: 0,
            ready: [[0; 4]; 4],
        }
    }
}

impl Iterator for Coefficients {
    type Item = [u64; 4];

    fn next(&mut self) -> Option<[u64; 4]> {
        let slot = (self.counter % 4) as usize;
        if slot == 0 {
            let hash: [u8; 64] = Blake2b512::new()
                .chain_update(self.seed)
                .chain_update(self.counter.to_be_bytes())
                .finalize()
                .into();
            for (z, bytes) in self.ready.iter_mut().zip(hash.chunks_exact(16)) {
                let value = bytes.iter().fold(0u128, |acc, b| acc << 8 | u128::from(*b));
                *z = [value as u64, (value >> 64) as u64, 0, 0];
            }
        }
        self.counter += 1;
        self.ready.get(slot).copied()
    }
}
