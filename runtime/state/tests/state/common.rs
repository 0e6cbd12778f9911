//! Keys, batches and the model that tests compare the state with.

use playfair_state::store::CACHE_BYTES_DEFAULT;
use playfair_state::{Changes, MemoryStore, RedbStore, State, Store};
use playfair_types::Fr;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, tree, value_hash};
use playfair_types::{Decode, Encode};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, process};

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Mostly removals, short values and long ones; one in twenty empty.
    pub(crate) fn value(&mut self) -> Option<Vec<u8>> {
        let length = match self.below(20) {
            0..=5 => return None,
            6 => 0,
            7 => self.below(300),
            _ => self.below(30),
        };
        Some((0..length).map(|_| self.next() as u8).collect())
    }

    pub(crate) fn batch(&mut self, keys: usize, size: usize) -> Changes {
        (0..size)
            .map(|_| (pool(self.below(keys)), self.value()))
            .collect()
    }
}

/// A fixed supply of keys: every second one is spread like a hash, the others share up to 247 bits with one another.
pub(crate) fn pool(number: usize) -> StateKey {
    let mut random = Random(number as u64);
    if number.is_multiple_of(2) {
        return StateKey(std::array::from_fn(|_| random.next() as u8));
    }
    let mut key = [0xa5; 31];
    let bit = 247 - number / 2 % 248;
    key[bit / 8] ^= 0x80 >> (bit % 8);
    if number / 2 >= 248 {
        key[random.below(31)] ^= 1;
    }
    StateKey(key)
}

/// What a version must be.
#[derive(Clone, Default)]
pub(crate) struct Model {
    pub(crate) values: BTreeMap<StateKey, Vec<u8>>,
    hashes: BTreeMap<StateKey, Fr>,
    root: Fr,
}

impl Model {
    pub(crate) fn apply(&mut self, changes: &Changes) {
        for (key, value) in changes {
            match value {
                Some(value) => {
                    self.hashes.insert(*key, value_hash(value));
                    self.values.insert(*key, value.clone());
                }
                None => {
                    self.hashes.remove(key);
                    self.values.remove(key);
                }
            }
        }
        self.root = tree::root(&self.hashes);
    }

    /// By the definition.
    pub(crate) fn root(&self) -> Fr {
        self.root
    }

    /// The newest version is this.
    pub(crate) fn assert_newest(&self, state: &State, keys: usize) {
        assert_eq!(state.root(), self.root());
        assert_eq!(state.len(), self.values.len() as u64);
        for key in (0..keys).map(pool) {
            assert_eq!(state.get(&key).unwrap().as_ref(), self.values.get(&key));
        }
    }

    /// `version` is this: some values, and a proof of a few keys that goes over the wire.
    pub(crate) fn assert_version(&self, state: &State, version: u64, keys: usize, random: &mut Random) {
        let view = state.at(version).unwrap();
        assert_eq!((view.version(), view.root()), (version, self.root()));
        assert_eq!(view.len(), self.values.len() as u64);
        let mut asked: Vec<StateKey> = (0..=random.below(12)).map(|_| pool(random.below(keys))).collect();
        for key in &asked {
            assert_eq!(view.get(key).unwrap().as_ref(), self.values.get(key));
        }
        let proof = view.prove(&asked).unwrap();
        asked.sort_unstable();
        asked.dedup();
        let proof = StateProof::decode(&proof.encode()).unwrap();
        let proven = proof.verify(self.root(), &asked).unwrap();
        let expected: Vec<Option<Fr>> = asked.iter().map(|key| self.hashes.get(key).copied()).collect();
        assert_eq!(proven, expected);
        assert_eq!(
            proof,
            StateProof::from_map(&self.hashes, &asked),
            "there is one proof"
        );
    }
}

/// A place for a store, from which it can be opened again.
pub(crate) enum Place {
    Memory(MemoryStore),
    File(Folder),
}

impl Place {
    pub(crate) fn both() -> [Self; 2] {
        [Self::Memory(MemoryStore::new()), Self::File(Folder::new())]
    }

    pub(crate) fn open(&self) -> State {
        match self {
            Self::Memory(store) => State::open(store.clone()).unwrap(),
            Self::File(folder) => State::open(redb(folder)).unwrap(),
        }
    }
}

pub(crate) fn redb(folder: &Folder) -> impl Store + use<> {
    RedbStore::open(folder.file(), CACHE_BYTES_DEFAULT).unwrap()
}

/// A temporary folder, removed at the end.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("playfair-state-{}-{number}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("state.redb")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        fs::remove_dir_all(&self.0).ok();
    }
}
