//! Snapshots: round trips, and every way to be wrong.

use crate::common::{Folder, Model, Place, Random, pool, redb};
use playfair_state::{Changes, MemoryStore, SnapshotError, State, StateError};
use playfair_types::Fr;

const KEYS: usize = 400;

/// A state, its model and its snapshot, of more than one block.
fn exported() -> (State, Model, Vec<u8>) {
    let state = State::open(MemoryStore::new()).unwrap();
    let mut model = Model::default();
    let mut random = Random(2);
    let mut changes = random.batch(KEYS, 300);
    changes.extend((0..60).map(|number| (pool(number * 5), Some(vec![number as u8; 4096 - number]))));
    model.apply(&changes);
    state.commit(&changes, b"note").unwrap();
    let snapshot = export(&state, 1);
    assert!(snapshot.len() > 3 << 16);
    // Later versions do not matter.
    state.commit(&random.batch(KEYS, 100), &[]).unwrap();
    assert_eq!(export(&state, 1), snapshot);
    (state, model, snapshot)
}

fn export(state: &State, version: u64) -> Vec<u8> {
    let mut out = Vec::new();
    state.export(version, &mut out).unwrap();
    out
}

fn import(snapshot: &[u8], root: Fr) -> Result<State, SnapshotError> {
    match State::import(MemoryStore::new(), &mut &*snapshot, root, 0, &[]) {
        Ok(state) => Ok(state),
        Err(StateError::Snapshot(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_snapshot_makes_the_same_state() {
    let (state, model, snapshot) = exported();
    let root = model.root();
    assert_eq!(state.at_root(root).unwrap().version(), 1);
    for place in Place::both() {
        let imported = match &place {
            Place::Memory(store) => {
                State::import(store.clone(), &mut &*snapshot, root, 0, b"boundary").unwrap()
            }
            Place::File(folder) => {
                State::import(redb(folder), &mut &*snapshot, root, 0, b"boundary").unwrap()
            }
        };
        assert_eq!((imported.version(), imported.flushed_version()), (0, Some(0)));
        assert_eq!(*imported.note(), *b"boundary");
        imported.check().unwrap();
        drop(imported);
        let again = place.open();
        model.assert_newest(&again, KEYS);
        model.assert_version(&again, 0, KEYS, &mut Random(0));
        assert_eq!(export(&again, 0), snapshot, "one map has one snapshot");
        // And it goes on from there.
        let (mut model, changes) = (model.clone(), Random(8).batch(KEYS, 50));
        model.apply(&changes);
        again.commit(&changes, &[]).unwrap();
        again.prune(1).unwrap();
        again.flush().unwrap();
        again.check().unwrap();
        model.assert_newest(&again, KEYS);
    }
}

#[test]
fn an_imported_state_counts_on_from_the_version_it_is_given() {
    let (_, model, snapshot) = exported();
    let place = Place::Memory(MemoryStore::new());
    let Place::Memory(store) = &place else {
        unreachable!()
    };
    let imported = State::import(store.clone(), &mut &*snapshot, model.root(), 41, b"41").unwrap();
    assert_eq!((imported.version(), imported.flushed_version()), (41, Some(41)));
    drop(imported);
    let again = place.open();
    assert_eq!((again.versions(), &*again.note()), (vec![41], &b"41"[..]));
    let (mut model, changes) = (model.clone(), Random(8).batch(KEYS, 50));
    model.apply(&changes);
    again.commit(&changes, &[]).unwrap();
    assert_eq!(again.versions(), [41, 42]);
    again.prune(42).unwrap();
    again.flush().unwrap();
    again.check().unwrap();
    model.assert_newest(&place.open(), KEYS);
}

#[test]
fn small_trees_too() {
    let mut random = Random(4);
    for keys in [0, 1, 2, 3, 5, 8, 40] {
        let state = State::open(MemoryStore::new()).unwrap();
        let entries = (0..keys).map(|_| (pool(random.below(1000)), Some(vec![1, 2, 3])));
        let root = state.commit(&entries.collect::<Changes>(), &[]).unwrap();
        let imported = import(&export(&state, 1), root).unwrap();
        assert_eq!(imported.root(), root);
        imported.check().unwrap();
    }
    // Neighbours that share all bits but the last, at both ends.
    let ends = [[0; 31], [0xff; 31]].map(|end: [u8; 31]| {
        let mut other = end;
        other[30] ^= 1;
        [end, other]
    });
    let state = State::open(MemoryStore::new()).unwrap();
    let entries = ends
        .as_flattened()
        .iter()
        .map(|key| (playfair_types::state::StateKey(*key), Some(Vec::new())));
    let root = state.commit(&entries.collect(), &[]).unwrap();
    import(&export(&state, 1), root).unwrap().check().unwrap();
}

#[test]
fn every_flipped_byte_is_found() {
    let (_, model, snapshot) = exported();
    let root = model.root();
    let mut random = Random(6);
    // All of the header and of the end, and many places between.
    let places = (0..80).chain(snapshot.len() - 12..snapshot.len());
    let more: Vec<usize> = (0..300).map(|_| random.below(snapshot.len())).collect();
    for place in places.chain(more) {
        let mut damaged = snapshot.clone();
        damaged[place] ^= 1 << random.below(8);
        assert!(import(&damaged, root).is_err(), "byte {place}");
    }
}

#[test]
fn every_cut_is_found() {
    let (_, model, snapshot) = exported();
    let root = model.root();
    let mut random = Random(6);
    let lengths = (0..80).chain(snapshot.len() - 12..snapshot.len());
    let more: Vec<usize> = (0..50).map(|_| random.below(snapshot.len())).collect();
    for length in lengths.chain(more) {
        let error = import(&snapshot[..length], root).unwrap_err();
        assert!(matches!(error, SnapshotError::Truncated), "{length}: {error}");
    }
    let mut longer = snapshot;
    longer.push(0);
    assert!(matches!(import(&longer, root), Err(SnapshotError::Trailing)));
}

/// Snapshots with good checksums and bad content.
mod forged {
    use super::*;

    fn crc(number: u64, bytes: &[u8]) -> [u8; 4] {
        let mut crc = u32::MAX;
        for byte in number.to_le_bytes().iter().chain(bytes) {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
            }
        }
        (!crc).to_be_bytes()
    }

    fn forge(format: u32, root: Fr, keys: u64, blocks: &[Vec<u8>]) -> Vec<u8> {
        let mut out = b"playfair snap\n\0\0".to_vec();
        out.extend(format.to_be_bytes());
        out.extend(playfair_types::crypto::field::fr_to_bytes(&root));
        out.extend(keys.to_be_bytes());
        out.extend(crc(0, &out));
        for (number, block) in (1..).zip(blocks.iter().chain([&Vec::new()])) {
            out.extend((block.len() as u32).to_be_bytes());
            out.extend(block);
            out.extend(crc(number, block));
        }
        out
    }

    fn entry(number: u8, length: u16) -> Vec<u8> {
        let mut entry = vec![number; 31];
        entry.extend(length.to_be_bytes());
        entry.extend(vec![9; length.into()]);
        entry
    }

    fn refused(keys: u64, blocks: &[Vec<u8>]) -> SnapshotError {
        import(&forge(1, Fr::from(1u64), keys, blocks), Fr::from(1u64)).unwrap_err()
    }

    #[test]
    fn each_lie_is_named() {
        let (a, b) = (entry(1, 10), entry(2, 10));
        let root = {
            let state = State::open(MemoryStore::new()).unwrap();
            let keys = [1, 2].map(|byte| playfair_types::state::StateKey([byte; 31]));
            state
                .commit(
                    &keys.into_iter().map(|key| (key, Some(vec![9; 10]))).collect(),
                    &[],
                )
                .unwrap()
        };
        let both = [a.clone(), b.clone()].concat();
        let honest = forge(1, root, 2, std::slice::from_ref(&both));
        assert_eq!(import(&honest, root).unwrap().len(), 2);
        assert!(
            matches!(import(&honest, Fr::from(1u64)), Err(SnapshotError::Root)),
            "asked for another"
        );
        assert!(matches!(
            import(&forge(2, root, 2, &[]), root),
            Err(SnapshotError::Format(2))
        ));
        assert!(matches!(
            import(
                b"PK\x03\x04 and whatever follows in a file that is something else entirely....",
                root
            ),
            Err(SnapshotError::NotASnapshot)
        ));

        assert!(
            matches!(refused(2, std::slice::from_ref(&both)), SnapshotError::Root),
            "says another"
        );
        assert!(matches!(
            refused(3, std::slice::from_ref(&both)),
            SnapshotError::Count
        ));
        assert!(matches!(
            refused(1, std::slice::from_ref(&both)),
            SnapshotError::Count
        ));
        assert!(matches!(
            refused(2, &[[b.clone(), a.clone()].concat()]),
            SnapshotError::Order
        ));
        assert!(matches!(
            refused(2, &[[a.clone(), a.clone()].concat()]),
            SnapshotError::Order
        ));
        assert!(matches!(
            refused(1, &[entry(1, 4097)]),
            SnapshotError::Block { block: 1 }
        ));
        assert!(matches!(
            refused(1, &[a[..40].to_vec()]),
            SnapshotError::Block { block: 1 }
        ));
        assert!(matches!(
            refused(1, &[[a.clone(), vec![0]].concat()]),
            SnapshotError::Block { block: 1 }
        ));
        assert!(
            matches!(refused(2, &[a.clone(), b]), SnapshotError::Block { block: 2 }),
            "a short block before another"
        );
        let long: Vec<u8> = (0..20).flat_map(|number| entry(number, 4096)).collect();
        assert!(
            matches!(refused(20, &[long]), SnapshotError::Block { block: 1 }),
            "more than a block"
        );
        let late: Vec<u8> = (0..16)
            .flat_map(|number| entry(number, 4096))
            .chain(entry(16, 0))
            .collect();
        assert!(
            matches!(refused(17, &[late]), SnapshotError::Block { block: 1 }),
            "an entry after a full block"
        );
    }

    #[test]
    fn a_promised_length_is_not_allocated() {
        let mut huge = forge(1, Fr::from(1u64), u64::MAX, &[]);
        huge.truncate(64);
        huge.extend(u32::MAX.to_be_bytes());
        assert!(matches!(
            import(&huge, Fr::from(1u64)),
            Err(SnapshotError::Block { block: 1 })
        ));
    }
}

#[test]
fn an_unfinished_import_does_not_open() {
    let (state, model, snapshot) = exported();
    let folder = Folder::new();
    let cut = &snapshot[..snapshot.len() - 5];
    assert!(State::import(redb(&folder), &mut &*cut, model.root(), 0, &[]).is_err());
    let error = State::open(redb(&folder)).unwrap_err();
    assert!(matches!(error, StateError::ImportUnfinished));
    assert!(error.to_string().contains("delete the file"), "{error}");
    let again = State::import(redb(&folder), &mut &*snapshot, model.root(), 0, &[]).unwrap_err();
    assert!(matches!(again, StateError::NotEmpty));
    // Another root in the header is refused before anything is written.
    let folder = Folder::new();
    assert!(State::import(redb(&folder), &mut &*snapshot, state.root(), 0, &[]).is_err());
    assert!(State::import(redb(&folder), &mut &*snapshot, model.root(), 0, &[]).is_ok());
    let filled = State::import(redb(&folder), &mut &*snapshot, model.root(), 0, &[]).unwrap_err();
    assert!(matches!(filled, StateError::NotEmpty));
}
