//! Why a key, a signature or what it stands under was refused.

use core::fmt;

/// Why bytes are not a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PointError {
    /// Not marked as compressed, the only form that is accepted.
    Form,
    /// The point at infinity, which is no key and no signature.
    Infinity,
    /// A coordinate is not below the field's modulus.
    Coordinate,
    /// No point of the curve has this `x`.
    Curve,
    /// On the curve, outside of the subgroup.
    Subgroup,
}

impl fmt::Display for PointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "not in compressed form",
            Self::Infinity => "the point at infinity",
            Self::Coordinate => "a coordinate that is not below the modulus",
            Self::Curve => "not on the curve",
            Self::Subgroup => "outside of the subgroup",
        })
    }
}

/// A refusal. Nothing here depends on a secret; the caller may show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A secret key that is zero or not below the group's order.
    SecretKey,
    /// A public key that is not the canonical form of a point of the subgroup of G2.
    Key(PointError),
    /// A signature that is not the canonical form of a point of the subgroup of G1.
    Signature(PointError),
    /// A well-formed signature that is not this key's over this message. For a batch: at least one is not.
    Refused,
    /// A batch without signatures, which would prove nothing.
    EmptyBatch,
    /// A committee without members, or whose threshold is not that of its members.
    Committee,
    /// Of another epoch than the committee's.
    Epoch {
        /// The committee's.
        wanted: u64,
        /// The one that was given.
        found: u64,
    },
    /// A round that is not above its parent's.
    Round,
    /// A committee of one left out a round, which would let it choose its seeds.
    Gap,
    /// A certificate that names another parent round than that of the certificate before.
    Parent {
        /// The round of the certificate before, or 0 for the first of an epoch.
        wanted: u64,
        /// The parent round that the certificate names.
        found: u64,
    },
    /// A handover by another committee than this one, though perhaps of the same epoch.
    OtherCommittee,
    /// No round or no epoch comes after the last number.
    Exhausted,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretKey => write!(
                f,
                "the secret key is zero or not below the group's order: it was not made by this program"
            ),
            Self::Key(why) => write!(f, "the committee's key is {why}: do not use it"),
            Self::Signature(why) => write!(f, "the signature is {why}"),
            Self::Refused => write!(f, "the signature is not the committee's over this"),
            Self::EmptyBatch => write!(f, "a batch without signatures proves nothing"),
            Self::Committee => write!(f, "the committee's threshold does not fit its members"),
            Self::Epoch { wanted, found } => {
                write!(
                    f,
                    "of epoch {found}, but the committee is that of epoch {wanted}: take the committee of that epoch"
                )
            }
            Self::Round => write!(f, "the round is not above its parent's"),
            Self::Gap => write!(f, "a committee of one left out a round"),
            Self::Parent { wanted, found } => write!(
                f,
                "the certificate stands on round {found}, the one before is of round {wanted}"
            ),
            Self::OtherCommittee => write!(f, "handed over by another committee than this one"),
            Self::Exhausted => write!(f, "there is no number after this one"),
        }
    }
}

impl core::error::Error for Error {}
