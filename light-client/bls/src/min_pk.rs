//! Keys in G1, signatures in G2: the suite of Ethereum's consensus,
//! `BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_` (draft-irtf-cfrg-bls-signature, section 4.2.3).
//!
//! Statement of a verified signature: *all the marked keys of this list signed this one message* (FastAggregateVerify).
//! With `G` the generator of G1, `K` the sum of the marked keys and `H(m)` the hash of the message to G2, the signature
//! `S` satisfies `e(K, H(m)) e(-G, S) = 1`: two Miller loops, one final exponentiation.
//!
//! [`Keys`] is a list of keys as points, read once and used for a day: the sum over all of them is kept, and when more
//! than half are marked the missing ones are taken away from it instead of adding the others up. A few hundred
//! additions are a tenth of the pairing's time at most, so they are plain ones, not batched.
//!
//! What is taken for granted: that every key's owner once proved to know its secret (on Ethereum, with the deposit).
//! Without that, a key may be chosen to cancel others. Keys of this suite and of the crate's first page are different
//! things; a secret belongs to one of them.

use crate::PointError;
use core::fmt;

mod keys;
mod signing;

pub use keys::Keys;
pub use signing::SecretKey;

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A key of the list that is no point of the subgroup of G1 in its canonical form.
    Key {
        /// Its place, from 0.
        at: usize,
        /// What is wrong.
        why: PointError,
    },
    /// A list of kept ordinates that is not that of the keys.
    Kept {
        /// The first key whose ordinate is missing, left over or not on the curve.
        at: usize,
    },
    /// The marked keys add up to nothing, or none is marked: such a sum would sign everything.
    NoSigners,
    /// As many marks as keys are needed.
    Marks {
        /// How many keys there are.
        wanted: usize,
        /// How many marks were given.
        found: usize,
    },
    /// A signature that is not the canonical form of a point of the subgroup of G2.
    Signature(PointError),
    /// A well-formed signature that is not the marked keys' over this message.
    Refused,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key { at, why } => write!(f, "key {at} is {why}"),
            Self::Kept { at } => write!(
                f,
                "the kept form of key {at} is not of this key: throw it away and read the keys again"
            ),
            Self::NoSigners => write!(f, "the keys that are said to have signed add up to nothing"),
            Self::Marks { wanted, found } => write!(f, "{found} marks for {wanted} keys"),
            Self::Signature(why) => write!(f, "the signature is {why}"),
            Self::Refused => write!(f, "the signature is not that of these keys over this message"),
        }
    }
}

impl core::error::Error for Error {}
