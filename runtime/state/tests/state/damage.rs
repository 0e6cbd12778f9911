//! Files that are open elsewhere, are something else, or were damaged: an error that says what to do, never a panic.

use crate::common::{Folder, Model, Random, pool};
use crate::disk::{Disk, Loss};
use playfair_state::store::{Batch, CACHE_BYTES_DEFAULT};
use playfair_state::{MemoryStore, RedbStore, State, StateError, Store, StoreError};
use std::fs;

const KEYS: usize = 200;

#[test]
fn a_second_opener_is_refused() {
    let folder = Folder::new();
    let first = RedbStore::open(folder.file(), CACHE_BYTES_DEFAULT).unwrap();
    let error = RedbStore::open(folder.file(), CACHE_BYTES_DEFAULT).unwrap_err();
    assert!(matches!(error, StoreError::InUse), "{error:?}");
    assert!(error.to_string().contains("open already"), "{error}");
    drop(first);
    assert!(RedbStore::open(folder.file(), CACHE_BYTES_DEFAULT).is_ok());
}

#[test]
fn other_files_are_refused() {
    let folder = Folder::new();
    fs::write(folder.file(), "a letter to the editor").unwrap();
    let error = RedbStore::open(folder.file(), CACHE_BYTES_DEFAULT).unwrap_err();
    assert!(matches!(error, StoreError::NotAStore), "{error:?}");
    assert_eq!(
        fs::read(folder.file()).unwrap(),
        b"a letter to the editor",
        "and left alone"
    );
    let folder = Folder::new();
    {
        let foreign = redb::Database::create(folder.file()).unwrap();
        let transaction = foreign.begin_write().unwrap();
        transaction
            .open_table(redb::TableDefinition::<u64, u64>::new("other"))
            .unwrap();
        transaction.commit().unwrap();
    }
    let error = RedbStore::open(folder.file(), CACHE_BYTES_DEFAULT).unwrap_err();
    assert!(matches!(error, StoreError::NotAStore), "{error:?}");
}

#[test]
fn other_formats_are_refused() {
    let store = MemoryStore::new();
    State::open(store.clone()).unwrap().flush().unwrap();
    let mut meta = store.read().unwrap().meta().unwrap().unwrap();
    let put = |meta: &[u8]| {
        let batch = Batch {
            meta: meta.to_vec(),
            ..Batch::default()
        };
        store.write(&batch).unwrap();
        State::open(store.clone()).unwrap_err()
    };
    meta[16] = 2;
    let error = put(&meta);
    assert!(matches!(
        error,
        StateError::Store(StoreError::Format { found: 2, known: 1 })
    ));
    meta[16] = 1;
    meta[20] ^= 1;
    assert!(matches!(put(&meta), StateError::Damaged(_)));
    assert!(matches!(put(&meta[..10]), StateError::Damaged(_)));
    assert!(matches!(put(&[]), StateError::Damaged(_)));
}

/// A file with a few versions.
fn image() -> (Vec<u8>, Model) {
    let disk = Disk::new(Vec::new());
    let state = State::open(RedbStore::open_backend(disk.clone(), 1 << 20).unwrap()).unwrap();
    let (mut random, mut model) = (Random(3), Model::default());
    for _ in 0..6 {
        let changes = random.batch(KEYS, 60);
        model.apply(&changes);
        state.commit(&changes, &[]).unwrap();
        state.flush().unwrap();
    }
    state.prune(4).unwrap();
    state.flush().unwrap();
    drop(state);
    (disk.crash(Loss::None, &mut random), model)
}

/// Uses the state on this file in every way; whatever is read must be right, or missing and found by a check.
fn use_all(image: Vec<u8>, model: &Model) -> Result<(), StateError> {
    let state = State::open(RedbStore::open_backend(Disk::new(image), 1 << 20)?)?;
    // Damage that makes another flush the last one is indistinguishable from a crash; roots then tell.
    let right = state.root() == model.root();
    let mut hidden = false;
    for key in (0..KEYS).map(pool) {
        let value = state.get(&key)?;
        hidden |= right && value.is_none() && model.values.contains_key(&key);
        assert!(
            !right || value.is_none() || value.as_ref() == model.values.get(&key),
            "a wrong value"
        );
    }
    assert!(
        !hidden || state.check().is_err(),
        "a hidden key that a check does not find"
    );
    state.newest().prove(&[pool(1), pool(2)])?;
    state.export(state.version(), &mut Vec::new())?;
    state.check()?;
    let changes = Random(9).batch(KEYS, 50);
    state.commit(&changes, &[])?;
    state.prune(u64::MAX)?;
    state.flush()?;
    state.check()?;
    Ok(())
}

#[test]
fn flipped_bits_never_panic() {
    let (image, model) = image();
    use_all(image.clone(), &model).unwrap();
    // Where the file has content; damage elsewhere does nothing.
    let places: Vec<usize> = (0..image.len()).filter(|at| image[*at] != 0).collect();
    let mut random = Random(13);
    let mut found = 0;
    for seed in 0..150 {
        let mut damaged = image.clone();
        for _ in 0..=random.below(3) {
            let at = if random.below(3) == 0 {
                random.below(320)
            } else {
                places[random.below(places.len())]
            };
            damaged[at] ^= 1 << random.below(8);
        }
        if let Err(error) = use_all(damaged, &model) {
            found += 1;
            assert!(!error.to_string().is_empty(), "seed {seed}");
        }
    }
    assert!(found > 50, "{found}");
}

#[test]
fn cut_and_zeroed_files_never_panic() {
    let (image, model) = image();
    let mut random = Random(17);
    for _ in 0..40 {
        let cut = image[..random.below(image.len())].to_vec();
        use_all(cut, &model).err();
        let mut zeroed = image.clone();
        let at = random.below(image.len() / 4096) * 4096;
        zeroed[at..at + 4096].fill(0);
        use_all(zeroed, &model).err();
    }
}
