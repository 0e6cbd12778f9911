//! The node's side of a proof that somebody sent: it counts, or it is a lie with a name.
//!
//! **Statement.** [`Checker::check`] accepts bytes if and only if they are an envelope with exactly the inputs that were asked for, under the
//! verifying key that this node holds for the module before them in the shape that was asked for, whose proof verifies.
//!
//! # How can I attack it?
//! - **A key of my own.** Keys come from the node's own modules ([`Checker::insert`]), never with an envelope; an envelope names its key by
//!   digest, which must be that of the node's.
//! - **Another statement**: another chain, another slice, another payout, more work. Every input is compared with the job's before
//!   anything is verified.
//! - **The insecure setup** on a chain of value: [`Trust`] refuses the key.
//! - **Twice the same proof**, or two proofs of one job: both verify, and they say the same. Counting them once is the queue's
//!   matter; a proof's bytes are never an identity.

use playfair_proofs_prover::module::Shape;
use playfair_proofs_verifier::{Error as Refusal, Key, Program, Trust, segment_constraints, verify};
use playfair_types::Decode;
use playfair_types::codec::DecodeError;
use playfair_types::crypto::field::Fr;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::module::ModuleHash;
use playfair_types::segment::{SEGMENT_FIELDS, SegmentInputs};
use playfair_types::vk::VerifyingKey;
use std::collections::HashMap;
use std::fmt;

/// What is wrong with a proof that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// The bytes are no envelope.
    Malformed(DecodeError),
    /// It says something else than was asked for: the first input that differs.
    OtherInputs(&'static str),
    /// It is for another key than that of the module in the shape.
    OtherKey {
        /// Digest of the key that was asked for.
        expected: Fr,
        /// Digest of the key that the envelope names.
        found: Fr,
    },
    /// The proof does not verify.
    Refused(Refusal),
}

/// Why a proof does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckError {
    /// The node has no key for this module in this shape: make it first. Nothing is said about the proof.
    NoKey {
        /// The module.
        module: ModuleHash,
        /// The shape.
        shape: Shape,
    },
    /// The sender lies, or is broken.
    Lie(Lie),
}

/// Names of the inputs, in their order.
const INPUTS: [&str; SEGMENT_FIELDS] = [
    "chain id",
    "payout",
    "work",
    "module before",
    "VK set root before",
    "state root before",
    "tape before",
    "tape frames before",
    "receipts before",
    "outbox before",
    "outbox frames before",
    "inbox before",
    "inbox records before",
    "height before",
    "time before",
    "randomness before",
    "activating before",
    "module after",
    "VK set root after",
    "state root after",
    "tape after",
    "tape frames after",
    "receipts after",
    "outbox after",
    "outbox frames after",
    "inbox after",
    "inbox records after",
    "height after",
    "time after",
    "randomness after",
    "activating after",
];

/// Verifying keys that the node made itself, by module and shape.
#[derive(Debug)]
pub struct Checker {
    constraints: Program,
    trust: Trust,
    keys: HashMap<(ModuleHash, u8), VerifyingKey>,
}

impl Checker {
    /// Without keys. `trust` says which setups the node believes in.
    ///
    /// # Errors
    /// Never, unless this build is damaged.
    pub fn new(trust: Trust) -> Result<Self, DecodeError> {
        Ok(Self {
            constraints: segment_constraints()?,
            trust,
            keys: HashMap::new(),
        })
    }

    /// Takes a key that this node made from a module ([`crate::Keys::prover`] has it, as `vk`; 0.2 s to some seconds, not for asynchronous
    /// threads), or has read from where it wrote such a key. A key names its module and its shape.
    ///
    /// # Errors
    /// When it is none for this build's circuit, or rests on a setup that the node does not believe in.
    pub fn insert(&mut self, vk: VerifyingKey) -> Result<(), Refusal> {
        let fits = |shape: &Shape| shape.number == vk.shape && shape.k == u32::from(vk.k);
        if !Shape::ALL.iter().any(fits) {
            return Err(Refusal::KeyShape("shape"));
        }
        Key::new(&self.constraints, &vk, self.trust)?;
        self.keys.insert((vk.module, vk.shape), vk);
        Ok(())
    }

    /// The key of a module in a shape.
    #[must_use]
    pub fn key(&self, module: ModuleHash, shape: Shape) -> Option<&VerifyingKey> {
        self.keys.get(&(module, shape.number))
    }

    /// Forgets a module's keys.
    pub fn remove(&mut self, module: ModuleHash) {
        self.keys.retain(|(found, _), _| *found != module);
    }

    /// Whether `envelope` proves what was asked for: `expected`, in `shape`. Takes some ten milliseconds.
    ///
    /// # Errors
    /// [`CheckError`].
    pub fn check(
        &self,
        expected: &SegmentInputs,
        shape: Shape,
        envelope: &[u8],
    ) -> Result<ProofEnvelope, CheckError> {
        let module = expected.before.module;
        let vk = self.key(module, shape);
        let vk = vk.ok_or(CheckError::NoKey { module, shape })?;
        self.judge(expected, vk, envelope).map_err(CheckError::Lie)
    }

    fn judge(
        &self,
        expected: &SegmentInputs,
        vk: &VerifyingKey,
        envelope: &[u8],
    ) -> Result<ProofEnvelope, Lie> {
        let envelope = ProofEnvelope::decode(envelope).map_err(Lie::Malformed)?;
        let (asked, said) = (expected.to_fields(), envelope.inputs.to_fields());
        let different = asked.iter().zip(&said).zip(INPUTS).find(|((a, b), _)| a != b);
        if let Some((_, name)) = different {
            return Err(Lie::OtherInputs(name));
        }
        // The elements are all that a proof is about; that the bytes are the same too costs nothing to demand.
        if envelope.inputs != *expected {
            return Err(Lie::OtherInputs("bytes"));
        }
        let key = Key::new(&self.constraints, vk, self.trust).map_err(Lie::Refused)?;
        let (digest, found) = (key.digest(), envelope.vk);
        if found != digest {
            let expected = digest;
            return Err(Lie::OtherKey { expected, found });
        }
        verify(&key, &asked, &envelope.proof).map_err(Lie::Refused)?;
        Ok(envelope)
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "it is no proof envelope: {error}"),
            Self::OtherInputs(name) => {
                write!(f, "it is about something else than the job: its {name} differs")
            }
            Self::OtherKey { .. } => f.write_str("it is for another verifying key than the job's"),
            Self::Refused(error) => write!(f, "it does not verify: {error}"),
        }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKey { shape, .. } => {
                write!(
                    f,
                    "there is no key of the module in shape {}: make it",
                    shape.number
                )
            }
            Self::Lie(lie) => lie.fmt(f),
        }
    }
}

impl std::error::Error for Lie {}
impl std::error::Error for CheckError {}
