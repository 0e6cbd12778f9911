//! Why a proof or a key was refused.

/// A refusal. Nothing here depends on a secret; the caller may show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The key's parts do not fit the program; the text names the part.
    KeyShape(&'static str),
    /// A commitment of the key (by number) is not on the curve.
    KeyPoint(usize),
    /// The key rests on the insecure development setup and the caller did not allow it.
    InsecureSetup,
    /// The key rests on a Powers-of-Tau ceremony and the caller pins none.
    UnknownSetup,
    /// What was given as a ceremony's `[s]` is none; the text says why.
    SetupPoint(&'static str),
    /// The ceremony is not the pinned one.
    SetupDigest,
    /// The number of instances is not the program's.
    InstanceCount {
        /// What the program asks for.
        wanted: usize,
        /// What was given.
        found: usize,
    },
    /// The proof's length in bytes is not the program's.
    ProofLength {
        /// What the program asks for.
        wanted: usize,
        /// What was given.
        found: usize,
    },
    /// A word of the proof (by number, 32 bytes each) is not a point in its only accepted form.
    Point(usize),
    /// A word of the proof is not below the scalar field's modulus.
    Scalar(usize),
    /// A challenge hit one of the few values for which the equations have no meaning: no honest proof ever does.
    Challenge,
    /// The claims of a batch rest on different setups: verify them in separate batches.
    MixedSetups,
    /// A batch without claims, which would prove nothing.
    EmptyBatch,
    /// The proof is well-formed and wrong. For a batch: at least one proof is.
    Refused,
}

impl core::fmt::Display for Error {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::KeyShape(what) => {
                write!(
                    f,
                    "the key's {what} does not fit this program: use the key of this version"
                )
            }
            Self::KeyPoint(number) => write!(f, "the key's commitment {number} is not on the curve"),
            Self::InsecureSetup => write!(
                f,
                "the key rests on the insecure development setup: not for real chains"
            ),
            Self::UnknownSetup => write!(
                f,
                "the key rests on a Powers-of-Tau ceremony and none is pinned: give the chain's"
            ),
            Self::SetupPoint(why) => write!(
                f,
                "the setup's point is {why}: take the setup from where the chain says"
            ),
            Self::SetupDigest => write!(f, "the setup is of another ceremony than the pinned one"),
            Self::InstanceCount { wanted, found } => {
                write!(f, "{found} instances where the program has {wanted}")
            }
            Self::ProofLength { wanted, found } => {
                write!(f, "{found} bytes of proof where the program has {wanted}")
            }
            Self::Point(word) => write!(f, "word {word} of the proof is not a canonical curve point"),
            Self::Scalar(word) => write!(f, "word {word} of the proof is not below the field's modulus"),
            Self::Challenge => write!(
                f,
                "a challenge hit an excluded value: the proof was not made honestly"
            ),
            Self::MixedSetups => write!(f, "claims of different setups: verify them in separate batches"),
            Self::EmptyBatch => write!(f, "a batch without claims proves nothing"),
            Self::Refused => write!(f, "the proof is wrong"),
        }
    }
}

impl core::error::Error for Error {}
