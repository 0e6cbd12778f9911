//! The state around a segment, as hints need it: values by key, and subtrees by hash.
//!
//! The kernel walks down the old tree from its root and asks for the halves of nodes by their hashes. A store knows paths of
//! keys; so the path of each key that is asked for is taken from a state proof, and what a hash is follows from where it was seen:
//! another key with the same first bits opens it.

use playfair_proofs_kernel::oracle::{Opened, State};
use playfair_types::Encode;
use playfair_types::crypto::field::{Fr, fr_from_bytes};
use playfair_types::hash::node;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, leaf, value_hash};
use std::cell::RefCell;
use std::collections::HashMap;

/// One version of a state.
pub trait Source {
    /// Its root.
    fn root(&self) -> Fr;
    /// The value of a key. A source that fails answers `None`: the proof then fails, it does not lie.
    fn value(&self, key: &StateKey) -> Option<Vec<u8>>;
    /// The path of a key.
    fn prove(&self, key: &StateKey) -> Option<StateProof>;
}

/// The state before a segment and after it.
pub struct Around<B, A> {
    before: B,
    after: A,
    known: RefCell<HashMap<Fr, Known>>,
}

/// What is known of a subtree.
#[derive(Clone, Copy)]
enum Known {
    Opened(Opened),
    /// Only where it is: the first bits of its keys are those of this one.
    At(StateKey),
}

impl<B: Source, A: Source> Around<B, A> {
    /// Around these.
    pub fn new(before: B, after: A) -> Self {
        let root = (before.root(), Known::At(StateKey([0; 31])));
        Self {
            before,
            after,
            known: RefCell::new(HashMap::from([root])),
        }
    }

    /// Learns the path of a key.
    fn learn(&self, key: &StateKey) {
        if let Some(proof) = self.before.prove(key) {
            let mut known = self.known.borrow_mut();
            Reader::of(&proof.encode(), &mut known).subtree(StateKey([0; 31]), 0);
        }
    }
}

impl<B: Source, A: Source> State for Around<B, A> {
    fn root(&self) -> Fr {
        self.before.root()
    }

    fn value(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.before.value(key)
    }

    fn after(&self, key: &StateKey) -> Option<Fr> {
        self.after.value(key).map(|value| value_hash(&value))
    }

    fn open(&self, hash: &Fr) -> Opened {
        let look = || self.known.borrow().get(hash).copied();
        match look() {
            Some(Known::Opened(opened)) => return opened,
            Some(Known::At(key)) => self.learn(&key),
            None => return Opened::Empty,
        }
        match look() {
            Some(Known::Opened(opened)) => opened,
            _ => Opened::Empty,
        }
    }
}

/// Reads a state proof of the source's own, whose shape it trusts (docs/FORMATS.md section 8).
struct Reader<'a> {
    symbols: Vec<u8>,
    at: usize,
    leaves: &'a [u8],
    hashes: &'a [u8],
    known: &'a mut HashMap<Fr, Known>,
}

/// Bytes of a leaf: key and value hash.
const LEAF: usize = 63;

impl<'a> Reader<'a> {
    fn of(bytes: &'a [u8], known: &'a mut HashMap<Fr, Known>) -> Self {
        let (count, rest) = bytes.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
        let count = u32::from_be_bytes(*count) as usize;
        let (packed, data) = rest.split_at_checked(count.div_ceil(4)).unwrap_or_default();
        let symbols: Vec<u8> = (0..count.min(4 * packed.len()))
            .map(|i| packed[i / 4] >> (6 - 2 * (i % 4)) & 3)
            .collect();
        let leaves = LEAF * symbols.iter().filter(|symbol| **symbol == 1).count();
        let (leaves, hashes) = data.split_at_checked(leaves).unwrap_or_default();
        Self {
            symbols,
            at: 0,
            leaves,
            hashes,
            known,
        }
    }

    /// The hash of the subtree at `level` whose keys start as `place` does. Depth is at most that of the tree, 248.
    fn subtree(&mut self, place: StateKey, level: usize) -> Fr {
        let symbol = self.symbols.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        let (hash, opened) = match symbol {
            1 => {
                let (found, rest) = self.leaves.split_at_checked(LEAF).unwrap_or((&[0; LEAF], &[]));
                self.leaves = rest;
                let mut key = StateKey([0; 31]);
                key.0.copy_from_slice(&found[..31]);
                let value = element(&found[31..]);
                (leaf(&key, value), Known::Opened(Opened::Leaf(key, value)))
            }
            2 => {
                let left = self.subtree(place, level + 1);
                let mut right_place = place;
                if let Some(byte) = right_place.0.get_mut(level / 8) {
                    *byte |= 0x80 >> (level % 8);
                }
                let right = self.subtree(right_place, level + 1);
                (node(left, right), Known::Opened(Opened::Node(left, right)))
            }
            3 => {
                let (found, rest) = self.hashes.split_at_checked(32).unwrap_or((&[0; 32], &[]));
                self.hashes = rest;
                (element(found), Known::At(place))
            }
            _ => return Fr::default(),
        };
        let entry = self.known.entry(hash).or_insert(opened);
        if matches!(entry, Known::At(_)) {
            *entry = opened;
        }
        hash
    }
}

fn element(bytes: &[u8]) -> Fr {
    bytes
        .first_chunk::<32>()
        .and_then(fr_from_bytes)
        .unwrap_or_default()
}
