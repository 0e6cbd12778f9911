//! The prover's answers to hints that are about a tape and a state: what an honest prover knows, kept in order.
//!
//! The kernel names what it touches as it goes; the oracle remembers the order. At the end ([`hint::EXTRAS`]) it plans the walk
//! down the old tree, and finds out which further leaves have to be opened.

use crate::hint;
use crate::pure;
use playfair_types::crypto::field::{Fr, limb31_to_bytes};
use playfair_types::state::{StateKey, value_hash};
use std::collections::{HashMap, VecDeque};

/// What a subtree of the old state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// No key.
    Empty,
    /// One key, with the hash of its value.
    Leaf(StateKey, Fr),
    /// Two halves.
    Node(Fr, Fr),
}

/// The state around a segment.
pub trait State {
    /// The root before.
    fn root(&self) -> Fr;
    /// The value of a key before.
    fn value(&self, key: &StateKey) -> Option<Vec<u8>>;
    /// The hash of the value of a key after.
    fn after(&self, key: &StateKey) -> Option<Fr>;
    /// The subtree of the state before with this hash; empty for 0 and for what is none.
    fn open(&self, hash: &Fr) -> Opened;
}

/// The oracle of one segment.
pub struct Oracle<S> {
    state: S,
    records: u64,
    tape: VecDeque<u64>,
    slots: HashMap<Fr, u64>,
    keys: Vec<StateKey>,
    places: HashMap<StateKey, u64>,
    values: HashMap<Fr, Vec<u8>>,
    value: VecDeque<u64>,
    extras: VecDeque<u64>,
    order: Vec<u64>,
    stems_old: VecDeque<u64>,
    stems_new: VecDeque<u64>,
    parts: VecDeque<u64>,
    siblings: VecDeque<Fr>,
}

/// Words of a limb, most significant first.
fn limb_words(limb: &[u8; 31]) -> [u64; 4] {
    let mut wide = [0; 32];
    wide[1..].copy_from_slice(limb);
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(wide.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*bytes);
    }
    words
}

impl<S: State> Oracle<S> {
    /// For the frames of `tape`, which are so many records, and the state around them.
    #[must_use]
    pub fn new(state: S, records: u64, tape: &[u8]) -> Self {
        Self {
            state,
            records,
            tape: tape.as_chunks::<31>().0.iter().flat_map(limb_words).collect(),
            slots: HashMap::new(),
            keys: Vec::new(),
            places: HashMap::new(),
            values: HashMap::new(),
            value: VecDeque::new(),
            extras: VecDeque::new(),
            order: Vec::new(),
            stems_old: VecDeque::new(),
            stems_new: VecDeque::new(),
            parts: VecDeque::new(),
            siblings: VecDeque::new(),
        }
    }

    /// The answer to a hint of either sort, see [`hint::is_element`].
    pub fn answer(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> Fr {
        if hint::is_element(kind) {
            return self.element(kind, arg);
        }
        Fr::from(self.word(kind, arg, guest))
    }

    /// The answer to a hint of a word. `guest` reads the word of the module's memory at a multiple of 8.
    pub fn word(&mut self, kind: u32, arg: &Fr, guest: &dyn Fn(u32) -> u64) -> u64 {
        if let Some(word) = pure::word(kind, arg) {
            return word;
        }
        let small = pure::word(hint::WORD0, arg).unwrap_or_default();
        match kind {
            hint::RECORDS => self.records,
            hint::TAPE => self.tape.pop_front().unwrap_or_default(),
            hint::SLOT => {
                let next = self.slots.len() as u64;
                *self.slots.entry(*arg).or_insert(next)
            }
            hint::ENTRY => {
                let next = self.keys.len() as u64;
                limb31_to_bytes(arg)
                    .and_then(|key| self.places.get(&StateKey(key)).copied())
                    .unwrap_or(next)
            }
            hint::VALUE_LENGTH => self.open_value(arg),
            hint::VALUE_WORD => self.value.pop_front().unwrap_or_default(),
            hint::NOTE_SET => {
                self.note(small as u32, (small >> 32) as usize, guest);
                0
            }
            hint::EXTRAS => self.plan(),
            hint::EXTRA_WORD => self.extras.pop_front().unwrap_or_default(),
            hint::ORDER => usize::try_from(small)
                .ok()
                .and_then(|place| self.order.get(place).copied())
                .unwrap_or_default(),
            hint::STEM_OLD => self.stems_old.pop_front().unwrap_or_default(),
            hint::STEM_NEW => self.stems_new.pop_front().unwrap_or_default(),
            hint::PART => self.parts.pop_front().unwrap_or_default(),
            _ => 0,
        }
    }

    /// The answer to a hint of an element.
    pub fn element(&mut self, kind: u32, arg: &Fr) -> Fr {
        if let Some(element) = pure::element(kind, arg) {
            return element;
        }
        match kind {
            hint::INITIAL => self.initial(arg),
            hint::SIBLING => self.siblings.pop_front().unwrap_or_default(),
            hint::LEFT | hint::RIGHT => match self.state.open(arg) {
                Opened::Node(left, _) if kind == hint::LEFT => left,
                Opened::Node(_, right) => right,
                _ => Fr::default(),
            },
            _ => Fr::default(),
        }
    }

    fn initial(&mut self, key: &Fr) -> Fr {
        let key = StateKey(limb31_to_bytes(key).unwrap_or_default());
        self.places.insert(key, self.keys.len() as u64);
        self.keys.push(key);
        match self.state.value(&key) {
            Some(value) => {
                let hash = value_hash(&value);
                self.values.insert(hash, value);
                hash
            }
            None => Fr::default(),
        }
    }

    fn open_value(&mut self, hash: &Fr) -> u64 {
        let value = self.values.get(hash).cloned().unwrap_or_default();
        self.value = value
            .chunks(8)
            .map(|chunk| {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                u64::from_le_bytes(word)
            })
            .collect();
        value.len() as u64
    }

    fn note(&mut self, from: u32, length: usize, guest: &dyn Fn(u32) -> u64) {
        let mut value: Vec<u8> = (0..length.div_ceil(8))
            .flat_map(|word| guest(from + 8 * word as u32).to_le_bytes())
            .collect();
        value.truncate(length);
        self.values.insert(value_hash(&value), value);
    }

    /// Plans the update; the number of keys that it opens beside those touched.
    ///
    /// A walk names all leaves that it lacks, and is done again with them: they can lack others only where a subtree that became
    /// empty moves up, so that a few walks are enough whatever was touched. The state is asked about each key once.
    fn plan(&mut self) -> u64 {
        let mut keys: Vec<(StateKey, u64)> = self.keys.iter().copied().zip(0..).collect();
        let touched = keys.len();
        let change = |(key, _): &(StateKey, u64)| {
            let before = self.state.value(key).map(|value| value_hash(&value));
            let after = self.state.after(key);
            (*key, (before != after, after.is_some()))
        };
        let mut changes: HashMap<StateKey, (bool, bool)> = keys.iter().map(change).collect();
        loop {
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            let mut walk = Walk {
                oracle: self,
                keys: &sorted,
                changes: &changes,
                missing: Vec::new(),
                stems_old: VecDeque::new(),
                stems_new: VecDeque::new(),
                parts: VecDeque::new(),
                siblings: VecDeque::new(),
            };
            let root = walk.oracle.state.root();
            walk.subtree(root, 0, sorted.len(), 0, true);
            let Walk {
                missing,
                stems_old,
                stems_new,
                parts,
                siblings,
                ..
            } = walk;
            let before = keys.len();
            for key in missing {
                // It is there, and nobody touched it.
                changes.entry(key).or_insert_with(|| {
                    keys.push((key, keys.len() as u64));
                    (false, true)
                });
            }
            // A leaf that is missing although it was touched is a state that contradicts itself: no walk would do.
            if keys.len() == before {
                (self.stems_old, self.stems_new) = (stems_old, stems_new);
                (self.parts, self.siblings) = (parts, siblings);
                self.order = sorted.iter().map(|(_, place)| *place).collect();
                break;
            }
        }
        let extras = &keys[touched..];
        self.extras = extras.iter().flat_map(|(key, _)| limb_words(&key.0)).collect();
        extras.len() as u64
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Leaf,
    Node,
}

/// The kernel's walk, done by the prover; it is of use if no leaf is missing among the touched.
struct Walk<'a, S> {
    oracle: &'a Oracle<S>,
    keys: &'a [(StateKey, u64)],
    /// Of each key: whether it changes, and whether it is there afterwards.
    changes: &'a HashMap<StateKey, (bool, bool)>,
    /// Leaves that have to be touched and are not.
    missing: Vec<StateKey>,
    stems_old: VecDeque<u64>,
    stems_new: VecDeque<u64>,
    parts: VecDeque<u64>,
    siblings: VecDeque<Fr>,
}

impl<S: State> Walk<'_, S> {
    fn open(&self, hash: &Fr) -> Opened {
        if *hash == Fr::default() {
            return Opened::Empty;
        }
        self.oracle.state.open(hash)
    }

    fn change(&self, key: &StateKey) -> (bool, bool) {
        self.changes.get(key).copied().unwrap_or_default()
    }

    fn changed(&self, low: usize, high: usize) -> bool {
        self.keys[low..high].iter().any(|(key, _)| self.change(key).0)
    }

    fn subtree(&mut self, old: Fr, low: usize, high: usize, depth: usize, inside: bool) -> Kind {
        let keys = &self.keys[low..high];
        let (first, last) = (keys[0].0, keys[keys.len() - 1].0);
        let (mut bottom, mut here, mut beside) = (depth, self.open(&old), Vec::new());
        if inside {
            while let Opened::Node(left, right) = here {
                if first.bit(bottom) != last.bit(bottom) {
                    break;
                }
                let (next, other) = if first.bit(bottom) {
                    (right, left)
                } else {
                    (left, right)
                };
                beside.push(other);
                here = self.open(&next);
                bottom += 1;
            }
            self.stems_old.push_back((bottom - depth) as u64);
        }
        if let Opened::Leaf(key, _) = here
            && !keys.iter().any(|(touched, _)| *touched == key)
        {
            self.missing.push(key);
        }
        // A key that was asked for twice is one; the kernel refuses it.
        let mut kind = match first == last {
            true if self.change(&first).1 => Kind::Leaf,
            true => Kind::Empty,
            false => self.part(here, low, high, bottom),
        };
        let changed = self.changed(low, high);
        for sibling in beside.into_iter().rev() {
            self.siblings.push_back(sibling);
            if !changed {
                kind = Kind::Node;
            } else if kind != Kind::Node && sibling != Fr::default() {
                if kind == Kind::Empty
                    && let Opened::Leaf(key, _) = self.open(&sibling)
                {
                    self.missing.push(key);
                }
                kind = Kind::Node;
            }
        }
        kind
    }

    fn part(&mut self, here: Opened, low: usize, high: usize, bottom: usize) -> Kind {
        let keys = &self.keys[low..high];
        let (first, last) = (keys[0].0, keys[keys.len() - 1].0);
        let level = first.common_bits(&last);
        let middle = low + keys.partition_point(|(key, _)| !key.bit(level));
        let (left, right, real) = match here {
            Opened::Node(left, right) => (left, right, true),
            _ => (Fr::default(), Fr::default(), false),
        };
        self.stems_new
            .push_back(if real { 0 } else { (level - bottom) as u64 + 1 });
        self.parts.push_back(middle as u64);
        let left = self.subtree(left, low, middle, level + 1, real);
        let right = self.subtree(right, middle, high, level + 1, real);
        match (left, right) {
            _ if real && !self.changed(low, high) => Kind::Node,
            (Kind::Empty, Kind::Empty) => Kind::Empty,
            (Kind::Empty, Kind::Leaf) | (Kind::Leaf, Kind::Empty) => Kind::Leaf,
            _ => Kind::Node,
        }
    }
}

/// A map's tree with every subtree by its hash: a [`State`] for small states.
pub fn subtrees(leaves: &[(StateKey, Fr)], level: usize, into: &mut HashMap<Fr, Opened>) -> Fr {
    let (hash, opened) = match leaves {
        [] => return Fr::default(),
        [(key, value)] => (
            playfair_types::state::leaf(key, *value),
            Opened::Leaf(*key, *value),
        ),
        _ => {
            let (left, right) = leaves.split_at(leaves.partition_point(|(key, _)| !key.bit(level)));
            let (left, right) = (subtrees(left, level + 1, into), subtrees(right, level + 1, into));
            (playfair_types::hash::node(left, right), Opened::Node(left, right))
        }
    };
    into.insert(hash, opened);
    hash
}
