//! What a segment's prover asks of the chain's state, written down and read again.
//!
//! The kernel asks for values, for whether they change, and for halves of nodes of the old tree by their hashes. The hashes
//! that it comes to lie on the ways of certain keys; so instead of one answer after the other, this keeps the keys, and one
//! state proof that opens all their ways from the root before.
//!
//! # How can I attack it?
//! Whoever makes a job may write any answers into it. [`Answers::known`] believes nothing: the proof must lead to the root before the
//! segment, which also bounds the depth of every walk (made-up nodes could otherwise be each other's halves for ever), and a
//! value must have the hash that the proof shows. What is left are lies about the state after, and answers that are
//! missing: with them the kernel's run ends at a root that the public inputs do not have, and there is no trace.

use playfair_proofs_kernel::oracle::{Opened, State};
use playfair_proofs_prover::state::{Around, Source};
use playfair_state::{Fork, StateError};
use playfair_types::bounded::Bytes;
use playfair_types::codec::{DecodeError, Reader};
use playfair_types::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use playfair_types::hash::node;
use playfair_types::limits::{STATE_PROOF_KEYS_MAX, VALUE_BYTES_MAX};
use playfair_types::state::proof::{ProofError, StateProof};
use playfair_types::state::{StateKey, leaf, value_hash};
use playfair_types::{Decode, Encode};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// What was said about one key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its value before; `None` without one, and for keys of which only the way was asked for.
    pub value: Option<Bytes<VALUE_BYTES_MAX>>,
    /// The hash of its value after.
    pub after: Option<Fr>,
}

/// All that a segment's prover asks of the state.
///
/// ```text
/// keys u16 >= 1, strictly increasing, each: key 31 | flags u8 (1 value, 2 after) | value u16 + bytes | after 32
/// | state proof of these keys (docs/FORMATS.md section 8), to the end
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// By key; 1 to 1,024.
    pub keys: BTreeMap<StateKey, Answer>,
    /// The ways of these keys in the tree before.
    pub proof: StateProof,
}

/// Why answers are none about a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswersError {
    /// The proof does not hold.
    Proof(ProofError),
    /// A key's value is not the one that the proof shows.
    Value(StateKey),
}

impl fmt::Display for AnswersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof(error) => write!(f, "the answers about the state are not about its root: {error}"),
            Self::Value(_) => f.write_str("a value is not the one that the state's root commits to"),
        }
    }
}

impl std::error::Error for AnswersError {}

const VALUE: u8 = 1;
const AFTER: u8 = 2;

impl Encode for Answers {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let count = u16::try_from(self.keys.len()).unwrap_or(u16::MAX);
        out.extend(count.to_be_bytes());
        for (key, answer) in &self.keys {
            let flag = |here: bool, flag: u8| if here { flag } else { 0 };
            out.extend(key.0);
            out.push(flag(answer.value.is_some(), VALUE) | flag(answer.after.is_some(), AFTER));
            if let Some(value) = &answer.value {
                out.extend(value.len_u16().to_be_bytes());
                out.extend(value.as_slice());
            }
            if let Some(after) = &answer.after {
                out.extend(fr_to_bytes(after));
            }
        }
        self.proof.encode_to(out);
    }
}

impl Decode for Answers {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (count, limit) = (reader.u16("keys")?, STATE_PROOF_KEYS_MAX);
        if count == 0 {
            return Err(DecodeError::NonCanonical("keys"));
        }
        if usize::from(count) > limit {
            return Err(DecodeError::LimitExceeded {
                what: "keys",
                limit: limit as u64,
                found: u64::from(count),
            });
        }
        let mut keys = BTreeMap::new();
        for _ in 0..count {
            let key = StateKey(reader.array("key")?);
            if keys.last_key_value().is_some_and(|(last, _)| *last >= key) {
                return Err(DecodeError::NonCanonical("order of keys"));
            }
            let flags = reader.u8("flags")?;
            if flags > VALUE | AFTER {
                return Err(DecodeError::NonZeroPadding("flags"));
            }
            let mut answer = Answer::default();
            if flags & VALUE != 0 {
                let value = reader.bytes16("value", VALUE_BYTES_MAX)?;
                answer.value = Bytes::new(value).ok();
            }
            if flags & AFTER != 0 {
                answer.after = Some(reader.field("value after")?);
            }
            keys.insert(key, answer);
        }
        Ok(Self {
            keys,
            proof: StateProof::read(reader)?,
        })
    }
}

impl Answers {
    /// The state as far as these tell it, once they are found to be about the state with this root.
    ///
    /// # Errors
    /// [`AnswersError`].
    pub fn known(&self, root: Fr) -> Result<Known<'_>, AnswersError> {
        let keys: Vec<StateKey> = self.keys.keys().copied().collect();
        let shown = self.proof.verify(root, &keys).map_err(AnswersError::Proof)?;
        for ((key, answer), shown) in self.keys.iter().zip(shown) {
            if let Some(value) = &answer.value
                && Some(value_hash(value)) != shown
            {
                return Err(AnswersError::Value(*key));
            }
        }
        let mut opened = HashMap::new();
        Symbols::of(&self.proof.encode(), &mut opened).subtree();
        Ok(Known {
            answers: self,
            root,
            opened,
        })
    }
}

/// The state around a segment, as far as answers tell it.
pub struct Known<'a> {
    answers: &'a Answers,
    root: Fr,
    opened: HashMap<Fr, Opened>,
}

impl State for &Known<'_> {
    fn root(&self) -> Fr {
        self.root
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        let value = self.answers.keys.get(key)?.value.as_ref();
        value.map(|value| value.as_slice().to_vec())
    }

    fn after(&self, key: &StateKey) -> Option<Fr> {
        self.answers.keys.get(key)?.after
    }

    fn open(&self, hash: &Fr) -> Opened {
        self.opened.get(hash).copied().unwrap_or(Opened::Empty)
    }
}

/// Reads the symbols of a proof that has been verified.
struct Symbols<'a> {
    count: usize,
    at: usize,
    packed: &'a [u8],
    leaves: &'a [u8],
    hashes: &'a [u8],
    opened: &'a mut HashMap<Fr, Opened>,
}

/// Bytes of a leaf: key and value hash.
const LEAF: usize = 63;

impl<'a> Symbols<'a> {
    fn of(bytes: &'a [u8], opened: &'a mut HashMap<Fr, Opened>) -> Self {
        let (count, rest) = bytes.split_first_chunk().unwrap_or((&[0; 4], &[]));
        let count = u32::from_be_bytes(*count) as usize;
        let (packed, data) = rest.split_at_checked(count.div_ceil(4)).unwrap_or_default();
        let mut symbols = Self {
            count,
            at: 0,
            packed,
            leaves: &[],
            hashes: &[],
            opened,
        };
        let leaves = (0..count).filter(|at| symbols.symbol(*at) == 1).count();
        (symbols.leaves, symbols.hashes) = data.split_at_checked(LEAF * leaves).unwrap_or_default();
        symbols
    }

    fn symbol(&self, at: usize) -> u8 {
        let byte = self.packed.get(at / 4).filter(|_| at < self.count);
        byte.map_or(0, |byte| byte >> (6 - 2 * (at % 4)) & 3)
    }

    /// The hash of the next subtree. It is at most as deep as a key has bits: the proof was verified.
    fn subtree(&mut self) -> Fr {
        let symbol = self.symbol(self.at);
        self.at += 1;
        let (hash, opened) = match symbol {
            1 => {
                let (found, rest) = self
                    .leaves
                    .split_first_chunk::<LEAF>()
                    .unwrap_or((&[0; LEAF], &[]));
                self.leaves = rest;
                let (key, value) = found.split_first_chunk().unwrap_or((&[0; 31], &[]));
                let (key, value) = (StateKey(*key), element(value));
                (leaf(&key, value), Opened::Leaf(key, value))
            }
            2 => {
                let (left, right) = (self.subtree(), self.subtree());
                (node(left, right), Opened::Node(left, right))
            }
            3 => {
                let (found, rest) = self.hashes.split_at_checked(32).unwrap_or_default();
                self.hashes = rest;
                return element(found);
            }
            _ => return Fr::default(),
        };
        self.opened.insert(hash, opened);
        hash
    }
}

fn element(bytes: &[u8]) -> Fr {
    bytes.first_chunk().and_then(fr_from_bytes).unwrap_or_default()
}

/// Two versions of a state that write down what they are asked.
pub(crate) struct Recorder<'f> {
    before: &'f Fork,
    after: &'f Fork,
    asked: RefCell<Asked>,
}

#[derive(Default)]
struct Asked {
    keys: BTreeMap<StateKey, Answer>,
    failed: Option<StateError>,
}

impl<'f> Recorder<'f> {
    pub(crate) fn new(before: &'f Fork, after: &'f Fork) -> Self {
        Self {
            before,
            after,
            asked: RefCell::default(),
        }
    }

    /// What the kernel's oracle asks.
    pub(crate) fn state(&self) -> impl State {
        Around::new(Before(self), After(self))
    }

    /// What was answered; `None` if it is more than one state proof holds.
    ///
    /// # Errors
    /// When the state could not be read: what was answered instead means nothing.
    pub(crate) fn finish(self) -> Result<Option<Answers>, StateError> {
        let Asked { keys, failed } = self.asked.into_inner();
        if let Some(error) = failed {
            return Err(error);
        }
        let asked: Vec<StateKey> = keys.keys().copied().collect();
        match self.before.prove(&asked) {
            Ok(proof) => Ok(Some(Answers { keys, proof })),
            Err(StateError::ProofKeys { .. } | StateError::ProofTooLong) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the state could be read so far.
    pub(crate) fn failed(&self) -> Option<StateError> {
        self.asked.borrow_mut().failed.take()
    }

    fn read(&self, fork: &Fork, key: &StateKey) -> Option<Bytes<VALUE_BYTES_MAX>> {
        match fork.get(key) {
            Ok(value) => value.and_then(|value| Bytes::new(value).ok()),
            Err(error) => {
                self.asked.borrow_mut().failed.get_or_insert(error);
                None
            }
        }
    }
}

struct Before<'r>(&'r Recorder<'r>);
struct After<'r>(&'r Recorder<'r>);

impl Source for Before<'_> {
    fn root(&self) -> Fr {
        self.0.before.root()
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        let value = self.0.read(self.0.before, key);
        let bytes = value.as_ref().map(|value| value.as_slice().to_vec());
        self.0.asked.borrow_mut().keys.entry(*key).or_default().value = value;
        bytes
    }

    fn prove(&self, key: &StateKey) -> Option<StateProof> {
        let mut asked = self.0.asked.borrow_mut();
        asked.keys.entry(*key).or_default();
        match self.0.before.prove(&[*key]) {
            Ok(proof) => Some(proof),
            Err(error) => {
                asked.failed.get_or_insert(error);
                None
            }
        }
    }
}

impl Source for After<'_> {
    fn root(&self) -> Fr {
        self.0.after.root()
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        let value = self.0.read(self.0.after, key);
        let after = value.as_ref().map(|value| value_hash(value));
        self.0.asked.borrow_mut().keys.entry(*key).or_default().after = after;
        value.map(|value| value.as_slice().to_vec())
    }

    fn prove(&self, key: &StateKey) -> Option<StateProof> {
        self.0.after.prove(&[*key]).ok()
    }
}
