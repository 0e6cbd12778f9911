//! EdDSA over Baby Jubjub with Poseidon, as circomlib and `@zk-kit/eddsa-poseidon` do it.
//!
//! A signature `(R, S)` of the field element `M` under the key `A` is valid iff
//! `S B8 = R + 8 h A` with `h = poseidon5(R.x, R.y, A.x, A.y, M)` and `S < l`.
//! Keys and nonces are derived from a seed of 32 bytes as in the module `blake-2b` of
//! `@zk-kit/eddsa-poseidon` 1.1.0, so that the same seed gives the same key and signatures there:
//! with `H` = BLAKE2b-512 and `(k, p) = H(seed)`, `k` is pruned as in RFC 8032 and read as a
//! little-endian integer; the key is `(k / 8) B8`, the nonce `H(p || M) mod l` with `M` in 32
//! little-endian bytes, and `S = nonce + h k mod l`.
//!
//! A verifier takes a [`PublicKey`], which is in the subgroup of order `l` and not the identity:
//! this is stricter than circomlib's verifier. An `R` outside of the subgroup never satisfies the
//! equation then, as all other terms are inside.
//!
//! Verification takes a time that depends on its (public) inputs. Signing avoids steps chosen by the secret where it is
//! ours to avoid (tables, inversion), as far as the compiler keeps them; the arithmetic modulo `l` is that of arkworks,
//! which is not written to be free of timing differences. A key is overwritten when it is dropped; copies that moves and
//! intermediate values leave on the stack are not.

mod batch;
mod msm;

use super::babyjubjub::{BASE8, Point, PointError, PublicKey, curve};
use super::field::{Fr, Scalar, fr_to_bytes, limbs_from_bytes, scalar_from_bytes, scalar_to_bytes};
use super::poseidon::poseidon5;
use ark_ff::{BigInt, BigInteger, PrimeField};
use blake2::{Blake2b512, Digest};
use core::fmt;
use zeroize::Zeroize;

pub use batch::{BatchError, verify_batch, verify_each};

/// Why a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureError {
    /// `S` is not below `l`.
    NonCanonicalS,
    /// `R` is not the packed form of a point.
    InvalidR(PointError),
    /// The equation does not hold.
    Mismatch,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NonCanonicalS => f.write_str("S is not below the order of the subgroup"),
            Self::InvalidR(e) => write!(f, "R is not a point: {e}"),
            Self::Mismatch => f.write_str("the signature does not match the message and the key"),
        }
    }
}

impl core::error::Error for SignatureError {}

/// A signature: `R` packed as by [`Point::to_bytes`], and `S` below `l`, big-endian.
///
/// The bytes are as received. Whether `R` is a point is found by verification, since it costs a
/// square root; [`Signature::from_bytes`] checks all that can be checked without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The packed `R`.
    pub r: [u8; 32],
    /// `S`, big-endian.
    pub s: [u8; 32],
}

impl Signature {
    /// Decodes `R || S`, 64 bytes.
    ///
    /// # Errors
    /// [`SignatureError::NonCanonicalS`] if `S` is not below `l`; [`SignatureError::InvalidR`] if
    /// bit 254 of `R` is set, its `y` is not below `r`, or its sign is set though `y` is 1 or -1
    /// (where `x` is 0). That `y` belongs to a point of the curve is not checked here.
    pub fn from_bytes(bytes: &[u8; 64]) -> Result<Self, SignatureError> {
        let mut signature = Self {
            r: [0; 32],
            s: [0; 32],
        };
        let (r, s) = bytes.split_at(32);
        signature.r.copy_from_slice(r);
        signature.s.copy_from_slice(s);
        scalar_from_bytes(&signature.s).ok_or(SignatureError::NonCanonicalS)?;
        Point::check_packed(&signature.r).map_err(SignatureError::InvalidR)?;
        Ok(signature)
    }

    /// Encodes `R || S`.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let (r, s) = bytes.split_at_mut(32);
        r.copy_from_slice(&self.r);
        s.copy_from_slice(&self.s);
        bytes
    }

    fn scalar(&self) -> Result<Scalar, SignatureError> {
        scalar_from_bytes(&self.s).ok_or(SignatureError::NonCanonicalS)
    }
}

/// A secret key, derived from a seed of 32 bytes. Its memory is overwritten when it is dropped.
#[derive(Clone)]
pub struct SecretKey {
    /// The pruned integer modulo `l`, eight times the logarithm of the key.
    pruned: Scalar,
    /// The second half of the hash of the seed, from which nonces are derived.
    prefix: [u8; 32],
    public: PublicKey,
}

impl SecretKey {
    /// The key of a seed; every seed is valid.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let mut hash: [u8; 64] = Blake2b512::digest(seed).into();
        let mut integer = [0u8; 32];
        let mut prefix = [0u8; 32];
        let (low, high) = hash.split_at(32);
        integer.copy_from_slice(low);
        prefix.copy_from_slice(high);
        let [bottom, .., top] = &mut integer;
        *bottom &= 0xf8;
        *top = *top & 0x7f | 0x40;

        // Read little-endian: the big-endian reading of arkworks leaves a copy of the bytes on the heap.
        let mut pruned = Scalar::from_le_bytes_mod_order(&integer);
        integer.reverse();
        let mut limbs = limbs_from_bytes(&integer);
        // k / 8 is exact on the integer; below 2^252, it need not be reduced for the multiplication.
        for i in 0..4 {
            let above = limbs.get(i + 1).copied().unwrap_or(0);
            if let Some(limb) = limbs.get_mut(i) {
                *limb = *limb >> 3 | above << 61;
            }
        }
        let point = Point::from_extended(curve::multiply_secret(&BASE8.extended(), &limbs));
        // k / 8 lies between 2^251 and 2^252, where 2 l is the only multiple of l: the identity
        // comes out for one integer only, whose seed would be a preimage of BLAKE2b.
        let public = PublicKey::from_multiple(point);
        let key = Self {
            pruned,
            prefix,
            public,
        };
        hash.zeroize();
        integer.zeroize();
        prefix.zeroize();
        limbs.zeroize();
        pruned.zeroize();
        key
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Signs a field element. The same key and message always give the same signature.
    pub fn sign(&self, message: Fr) -> Signature {
        let mut message_le = fr_to_bytes(&message);
        message_le.reverse();
        let mut hash: [u8; 64] = Blake2b512::new()
            .chain_update(self.prefix)
            .chain_update(message_le)
            .finalize()
            .into();
        let mut nonce = Scalar::from_le_bytes_mod_order(&hash);
        let mut limbs = nonce.into_bigint().0;
        let r = Point::from_extended(curve::multiply_secret(&BASE8.extended(), &limbs));
        let s = nonce + challenge(&r, &self.public, message) * self.pruned;
        hash.zeroize();
        limbs.zeroize();
        nonce.zeroize();
        Signature {
            r: r.to_bytes(),
            s: scalar_to_bytes(&s),
        }
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.pruned.zeroize();
        self.prefix.zeroize();
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// `h mod l` for `h = poseidon5(R.x, R.y, A.x, A.y, M)`.
fn challenge(r: &Point, key: &PublicKey, message: Fr) -> Scalar {
    let h = poseidon5(&[r.x(), r.y(), key.x(), key.y(), message]);
    reduce(h.into_bigint())
}

/// An integer below `8 l`, as all of [`Fr`] are, modulo `l`: subtracts `4 l`, `2 l` and `l` where
/// they fit.
fn reduce(mut integer: BigInt<4>) -> Scalar {
    for multiple in MULTIPLES {
        if integer >= multiple {
            integer.sub_with_borrow(&multiple);
        }
    }
    // Below l by now, so that the fallback is never taken.
    Scalar::from_bigint(integer).unwrap_or_default()
}

/// `4 l`, `2 l` and `l`.
const MULTIPLES: [BigInt<4>; 3] = {
    let [a, b, c, d] = Scalar::MODULUS.0;
    [
        BigInt::new([a << 2, b << 2 | a >> 62, c << 2 | b >> 62, d << 2 | c >> 62]),
        BigInt::new([a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63]),
        Scalar::MODULUS,
    ]
};

/// Verifies one signature.
///
/// # Errors
/// Every [`SignatureError`]; the first that applies in the order of the enum.
pub fn verify(key: &PublicKey, message: Fr, signature: &Signature) -> Result<(), SignatureError> {
    let s = signature.scalar()?;
    let r = Point::from_bytes(&signature.r).map_err(SignatureError::InvalidR)?;
    check_equation(key, message, &r, s)
}

/// Whether `S B8 - 8 h A = R`. As the left side is in the subgroup, equality puts `R` there too.
fn check_equation(key: &PublicKey, message: Fr, r: &Point, s: Scalar) -> Result<(), SignatureError> {
    let factor = -(challenge(r, key, message) * Scalar::from(8u64));
    let sum = curve::multiply_two(
        &BASE8.extended(),
        &s.into_bigint().0,
        &key.point().extended(),
        &factor.into_bigint().0,
    );
    if sum.add_prepared(&r.prepared().negated()).is_identity() {
        Ok(())
    } else {
        Err(SignatureError::Mismatch)
    }
}

#[cfg(test)]
mod tests;
