//! Speed of the state: batches, reads and proofs over a million keys with values of 100 bytes.
//!
//! The tree is hashed once and goes into both stores at the same time. A batch changes 1,000 keys chosen at random.
//! The file is a temporary one; where the temporary folder is memory, so is the file, and a sync costs nothing.

use playfair_state::store::{Batch, CACHE_BYTES_DEFAULT, StoreView};
use playfair_state::{Changes, MemoryStore, RedbStore, State, Store, StoreError};
use playfair_types::state::StateKey;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs, process};

const KEYS: u64 = 1_000_000;
/// Keys that one commit of the loading makes.
const LOAD_KEYS: u64 = 250_000;
const BATCH_KEYS: usize = 1_000;
const BATCHES: usize = 9;
const VALUE_BYTES: usize = 100;
const READS: usize = 50_000;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn value(&mut self) -> Option<Vec<u8>> {
        let words = std::iter::repeat_with(|| self.next().to_le_bytes());
        Some(words.flatten().take(VALUE_BYTES).collect())
    }

    fn existing(&mut self) -> StateKey {
        key(self.next() % KEYS)
    }

    fn batch(&mut self, mut key: impl FnMut(&mut Self) -> StateKey) -> Changes {
        let mut changes = Changes::new();
        while changes.len() < BATCH_KEYS {
            changes.insert(key(self), self.value());
        }
        changes
    }
}

/// The key with this number: as evenly spread as a hash.
fn key(number: u64) -> StateKey {
    let mut random = Random(number);
    let mut bytes = [0; 31];
    for chunk in bytes.chunks_mut(8) {
        let word = random.next().to_le_bytes();
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
    StateKey(bytes)
}

/// Writes to both stores, so that the tree is hashed once.
struct Tee(MemoryStore, Arc<RedbStore>);

impl Store for Tee {
    fn read(&self) -> Result<Arc<dyn StoreView>, StoreError> {
        self.0.read()
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        self.0.write(batch)?;
        self.1.write(batch)
    }
}

fn print(name: &str, value: f64, unit: &str) {
    println!("{name}\t{value:.3}\t{unit}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("playfair-bench-state-{}", process::id()));
    fs::create_dir_all(&folder)?;
    let result = bench(&folder.join("state.redb"));
    fs::remove_dir_all(&folder)?;
    result
}

fn bench(file: &std::path::Path) -> Result<(), Box<dyn Error>> {
    let random = &mut Random(1);
    let (memory, redb) = (
        MemoryStore::new(),
        Arc::new(RedbStore::open(file, CACHE_BYTES_DEFAULT)?),
    );
    load(Tee(memory.clone(), redb.clone()), random)?;
    print(
        "file_mib",
        fs::metadata(file)?.len() as f64 / f64::from(1 << 20),
        "MiB",
    );

    let state = State::open(memory)?;
    let mut update = Vec::new();
    for _ in 0..BATCHES {
        let changes = random.batch(Random::existing);
        let start = Instant::now();
        state.commit(&changes, &[])?;
        update.push(milliseconds(start));
        state.flush()?;
    }
    print("tree_batch_1k_ms", median(update), "ms");
    let mut insert = Vec::new();
    for _ in 0..BATCHES {
        let changes = random.batch(|random| key(random.next() | 1 << 63));
        let start = Instant::now();
        state.commit(&changes, &[])?;
        insert.push(milliseconds(start));
        state.flush()?;
    }
    print("tree_insert_1k_ms", median(insert), "ms");
    reads(&state, "memory", random)?;
    let start = Instant::now();
    state.export(state.version(), &mut std::io::sink())?;
    print("snapshot_export_million_s", milliseconds(start) / 1e3, "s");
    drop(state);

    let state = State::open(redb)?;
    let (mut both, mut commit, mut prune) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..BATCHES {
        let changes = random.batch(Random::existing);
        let start = Instant::now();
        state.commit(&changes, &[])?;
        commit.push(milliseconds(start));
        state.flush()?;
        both.push(milliseconds(start));
    }
    for version in state.versions().into_iter().rev().take(BATCHES).rev() {
        let start = Instant::now();
        state.prune(version)?;
        state.flush()?;
        prune.push(milliseconds(start));
    }
    print("tree_batch_1k_redb_ms", median(both), "ms");
    print("tree_batch_1k_redb_commit_ms", median(commit), "ms");
    print("tree_prune_1k_redb_ms", median(prune), "ms");
    reads(&state, "redb", random)?;
    snapshot_import(random)?;
    print(
        "file_after_mib",
        fs::metadata(file)?.len() as f64 / f64::from(1 << 20),
        "MiB",
    );
    Ok(())
}

/// A million keys, in a few large commits.
fn load(store: Tee, random: &mut Random) -> Result<(), Box<dyn Error>> {
    let state = State::open(store)?;
    let (mut hashing, mut writing) = (0.0, 0.0);
    for first in (0..KEYS).step_by(LOAD_KEYS as usize) {
        let changes: Changes = (first..first + LOAD_KEYS)
            .map(|number| (key(number), random.value()))
            .collect();
        let start = Instant::now();
        state.commit(&changes, &[])?;
        state.prune(state.version())?;
        hashing += milliseconds(start);
        let start = Instant::now();
        state.flush()?;
        writing += milliseconds(start);
    }
    print("tree_load_million_s", hashing / 1e3, "s");
    print("write_million_both_stores_s", writing / 1e3, "s");
    Ok(())
}

/// A tenth of a million, so that it does not take a minute.
fn snapshot_import(random: &mut Random) -> Result<(), Box<dyn Error>> {
    let state = State::open(MemoryStore::new())?;
    let changes: Changes = (0..KEYS / 10)
        .map(|number| (key(number), random.value()))
        .collect();
    let root = state.commit(&changes, &[])?;
    let mut snapshot = Vec::new();
    state.export(1, &mut snapshot)?;
    let start = Instant::now();
    State::import(MemoryStore::new(), &mut snapshot.as_slice(), root, 0, &[])?;
    print("snapshot_import_100k_s", milliseconds(start) / 1e3, "s");
    Ok(())
}

fn reads(state: &State, name: &str, random: &mut Random) -> Result<(), Box<dyn Error>> {
    let keys: Vec<StateKey> = (0..READS).map(|_| random.existing()).collect();
    let start = Instant::now();
    for key in &keys {
        black_box(state.get(key)?);
    }
    let each = start.elapsed().as_secs_f64() * 1e6 / READS as f64;
    print(&format!("get_{name}_us"), each, "us");
    let view = state.newest();
    let times = keys.chunks_exact(16).take(500).map(|keys| {
        let start = Instant::now();
        black_box(view.prove(keys)?);
        Ok(start.elapsed().as_secs_f64() * 1e6)
    });
    let times: Vec<f64> = times.collect::<Result<_, playfair_state::StateError>>()?;
    print(&format!("prove_16_keys_{name}_us"), median(times), "us");
    Ok(())
}
