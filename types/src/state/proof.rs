//! State proofs: one format for one key or many, for presence and absence.
//!
//! A proof shows the part of the tree that the asked keys pass through, in preorder (a node, then its left half, then
//! its right half), as a stream of two-bit symbols:
//!
//! | symbol | meaning | data |
//! |---|---|---|
//! | 0 | empty subtree | none |
//! | 1 | leaf on the way of at least one asked key | key 31, value hash 32 |
//! | 2 | node on the way of at least one asked key; its halves follow | none |
//! | 3 | subtree that no asked key enters | its hash 32, not zero |
//!
//! ```text
//! symbol count u32 | symbols, four a byte, first in the high bits, zero-filled | leaf data in order | hashes in order
//! ```
//!
//! Verifying needs the asked keys: which subtrees they enter decides which symbols are allowed, so for a given root
//! and set of keys there is one acceptable proof. An asked key is present with the value hash of its leaf, or absent
//! because its way ends in an empty subtree or at another key's leaf.
//!
//! How could one cheat? By showing a leaf in a place where its key does not lead (checked: a leaf's key must agree
//! with its place), a node as a leaf or a leaf as a node (they are hashed by different permutations), a non-canonical
//! tree (checked: no node above an empty half and a leaf), hiding an asked key inside a hashed subtree (checked), or
//! depth beyond the key's bits (checked).

use super::{StateKey, leaf};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::field::{Fr, fr_to_bytes};
use crate::hash::node;
use crate::limits::{STATE_KEY_BITS, STATE_PROOF_BYTES_MAX, STATE_PROOF_KEYS_MAX};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Empty,
    Leaf,
    Node,
    Hash,
}

/// A state proof, not yet verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateProof {
    symbols: Vec<Symbol>,
    leaves: Vec<(StateKey, Fr)>,
    hashes: Vec<Fr>,
}

/// Why a state proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
    /// No key was asked, too many were, or they are not strictly increasing.
    Keys,
    /// The stream ends early, goes on after the root's subtree, or does not use all its data.
    Shape,
    /// A subtree that an asked key enters is hidden behind a hash, or one that none enters is opened.
    Coverage,
    /// A leaf stands where its key does not lead.
    Place,
    /// A node stands above less than two keys, or below the last bit.
    Canonical,
    /// The root is another one.
    Root,
}

impl core::fmt::Display for ProofError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Keys => "ask for 1 to 1,024 keys in strictly increasing order",
            Self::Shape => "the state proof's symbols and data do not make one tree",
            Self::Coverage => "the state proof does not open exactly the subtrees of the asked keys",
            Self::Place => "the state proof shows a leaf where its key does not lead",
            Self::Canonical => "the state proof shows a tree that is not in its compact form",
            Self::Root => "the state proof leads to another root",
        })
    }
}

impl core::error::Error for ProofError {}

/// A subtree that is done: its hash, and whether it is a single leaf.
#[derive(Clone, Copy)]
struct Done {
    hash: Fr,
    kind: Symbol,
}

/// A node whose halves are still being read.
struct Open<'k> {
    right_keys: &'k [StateKey],
    left: Option<Done>,
}

impl StateProof {
    /// Verifies the proof for `keys` against `root`.
    ///
    /// Returns, for each key in order, its value hash, or `None` for a key that is absent.
    ///
    /// # Errors
    /// [`ProofError`] when the proof shows nothing about these keys under this root.
    pub fn verify(&self, root: Fr, keys: &[StateKey]) -> Result<Vec<Option<Fr>>, ProofError> {
        let sorted = keys.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if keys.is_empty() || keys.len() > STATE_PROOF_KEYS_MAX || !sorted {
            return Err(ProofError::Keys);
        }
        let mut found = BTreeMap::new();
        let (mut leaves, mut hashes) = (self.leaves.iter(), self.hashes.iter());
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut path = Path::default();
        let mut inside = keys;
        let mut symbols = self.symbols.iter();
        let total = loop {
            let symbol = *symbols.next().ok_or(ProofError::Shape)?;
            let mut done = match (symbol, inside.is_empty()) {
                (Symbol::Empty, _) => Done {
                    hash: Fr::ZERO,
                    kind: symbol,
                },
                (Symbol::Hash, true) => Done {
                    hash: *hashes.next().ok_or(ProofError::Shape)?,
                    kind: symbol,
                },
                (Symbol::Leaf, false) => {
                    let (key, value) = leaves.next().ok_or(ProofError::Shape)?;
                    if !path.leads_to(key) {
                        return Err(ProofError::Place);
                    }
                    found.insert(*key, *value);
                    Done {
                        hash: leaf(key, *value),
                        kind: symbol,
                    }
                }
                (Symbol::Node, false) => {
                    let level = open.len();
                    if level >= STATE_KEY_BITS {
                        return Err(ProofError::Canonical);
                    }
                    let (left, right) = inside.split_at(inside.partition_point(|key| !key.bit(level)));
                    open.push(Open {
                        right_keys: right,
                        left: None,
                    });
                    path.push(false);
                    inside = left;
                    continue;
                }
                (Symbol::Hash, false) | (Symbol::Leaf | Symbol::Node, true) => {
                    return Err(ProofError::Coverage);
                }
            };
            // Close every node whose right half this completes; stop at one whose right half comes next.
            let next = loop {
                let Some(top) = open.last_mut() else { break None };
                path.pop();
                match top.left {
                    None => {
                        top.left = Some(done);
                        path.push(true);
                        break Some(top.right_keys);
                    }
                    Some(left) => {
                        done = join(left, done)?;
                        open.pop();
                    }
                }
            };
            match next {
                Some(keys) => inside = keys,
                None => break done.hash,
            }
        };
        if symbols.next().is_some() || leaves.next().is_some() || hashes.next().is_some() {
            return Err(ProofError::Shape);
        }
        if total != root {
            return Err(ProofError::Root);
        }
        Ok(keys.iter().map(|key| found.get(key).copied()).collect())
    }

    /// Makes the proof for `keys` from a whole map. The definition, not the fast way; keys may come in any order.
    #[must_use]
    pub fn from_map(map: &BTreeMap<StateKey, Fr>, keys: &[StateKey]) -> Self {
        let leaves: Vec<(StateKey, Fr, Fr)> = map.iter().map(|(key, v)| (*key, *v, leaf(key, *v))).collect();
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        let mut proof = Self::default();
        proof.show(&leaves, &keys, 0);
        proof
    }

    fn show(&mut self, leaves: &[(StateKey, Fr, Fr)], keys: &[StateKey], level: usize) {
        match leaves {
            [] => self.symbols.push(Symbol::Empty),
            _ if keys.is_empty() => {
                let hashed: Vec<(StateKey, Fr)> = leaves.iter().map(|(key, _, leaf)| (*key, *leaf)).collect();
                self.symbols.push(Symbol::Hash);
                self.hashes.push(super::tree::subtree(&hashed, level));
            }
            [(key, value, _)] => {
                self.symbols.push(Symbol::Leaf);
                self.leaves.push((*key, *value));
            }
            _ if level >= STATE_KEY_BITS => {}
            _ => {
                self.symbols.push(Symbol::Node);
                let (left, right) = leaves.split_at(leaves.partition_point(|(key, ..)| !key.bit(level)));
                let (left_keys, right_keys) = keys.split_at(keys.partition_point(|key| !key.bit(level)));
                self.show(left, left_keys, level + 1);
                self.show(right, right_keys, level + 1);
            }
        }
    }
}

/// Joins two halves, refusing a pair that the compact form would have merged.
fn join(left: Done, right: Done) -> Result<Done, ProofError> {
    match (left.kind, right.kind) {
        (Symbol::Empty, Symbol::Empty | Symbol::Leaf) | (Symbol::Leaf, Symbol::Empty) => {
            Err(ProofError::Canonical)
        }
        _ => Ok(Done {
            hash: node(left.hash, right.hash),
            kind: Symbol::Node,
        }),
    }
}

/// The bits from the root to where the reading is.
#[derive(Default)]
struct Path {
    bits: Vec<bool>,
}

impl Path {
    fn push(&mut self, right: bool) {
        self.bits.push(right);
    }

    fn pop(&mut self) {
        self.bits.pop();
    }

    fn leads_to(&self, key: &StateKey) -> bool {
        self.bits
            .iter()
            .enumerate()
            .all(|(level, bit)| key.bit(level) == *bit)
    }
}

impl Encode for StateProof {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.u32(u32::try_from(self.symbols.len()).unwrap_or(u32::MAX));
        for four in self.symbols.chunks(4) {
            let byte = four
                .iter()
                .enumerate()
                .fold(0u8, |byte, (at, symbol)| byte | (*symbol as u8) << (6 - 2 * at));
            w.u8(byte);
        }
        for (key, value) in &self.leaves {
            w.bytes(&key.0).field(value);
        }
        for hash in &self.hashes {
            w.bytes(&fr_to_bytes(hash));
        }
    }
}

impl Decode for StateProof {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        check_limit("state proof", reader.remaining(), STATE_PROOF_BYTES_MAX)?;
        let count = reader.u32("symbol count")? as usize;
        let packed = reader.bytes("symbols", count.div_ceil(4))?;
        let all = packed
            .iter()
            .flat_map(|byte| [byte >> 6, byte >> 4 & 3, byte >> 2 & 3, byte & 3]);
        if all.clone().skip(count).any(|fill| fill != 0) {
            return Err(DecodeError::NonZeroPadding("symbols"));
        }
        let symbols: Vec<Symbol> = all
            .take(count)
            .map(|code| match code {
                0 => Symbol::Empty,
                1 => Symbol::Leaf,
                2 => Symbol::Node,
                _ => Symbol::Hash,
            })
            .collect();
        let mut leaves = Vec::new();
        let mut hashes = Vec::new();
        for _ in symbols.iter().filter(|symbol| **symbol == Symbol::Leaf) {
            leaves.push((StateKey(reader.array("leaf key")?), reader.field("value hash")?));
        }
        for _ in symbols.iter().filter(|symbol| **symbol == Symbol::Hash) {
            let hash = reader.field("subtree hash")?;
            if hash == Fr::ZERO {
                return Err(DecodeError::NonCanonical("subtree hash"));
            }
            hashes.push(hash);
        }
        Ok(Self {
            symbols,
            leaves,
            hashes,
        })
    }
}
