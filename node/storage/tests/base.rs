//! Bases in a real folder: what is written is read, and what is not what was written is refused.

use playfair_state::{Changes, MemoryStore, State};
use playfair_storage::base::{Base, BaseError, heights, remove, set_aside, take, write, write_to};
use playfair_storage::{Disk, Done, Folder, Sealed};
use playfair_types::Encode;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::inclusion;
use playfair_types::module::ModuleHash;
use playfair_types::receipt::{Outcome, Receipt, ReceiptBody};
use playfair_types::segment::Boundary;
use playfair_types::state::StateKey;
use playfair_types::tape::system::BlockRecord;

const DRAFT: &str = "base.tmp";

fn name(height: u64) -> String {
    format!("{height:020}.base")
}

struct Scene {
    folder: Folder,
    state: State,
    block: Sealed,
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.folder.path());
    }
}

impl Scene {
    /// A block of height 7 after which the state has some keys.
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("playfair-base-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        let state = State::open(MemoryStore::new()).unwrap();
        let entry = |n: u8| (StateKey([n; 31]), Some(vec![n; usize::from(n)]));
        let changes: Changes = (0..60).map(entry).collect();
        let state_root = state.commit(&changes, b"note").unwrap();
        let record = BlockRecord {
            height: 7,
            time_ms: U48::new(9).unwrap(),
            seed: [1; 31],
            seed_signature: [2; 48],
        };
        let body = ReceiptBody {
            output: Bytes::new(vec![1, 2]).unwrap(),
            events: Vec::new(),
        };
        let (output, events) = body.hashes();
        let receipt = Receipt {
            outcome: Outcome::Ok,
            gas_used: 1,
            fee: 0,
            messages: 0,
            frames: 1,
            tape: Fr::from(3u64),
            output,
            events,
        };
        let done = Done {
            record: record.encode(),
            id: None,
            receipt,
            body,
            messages: Vec::new(),
        };
        let header = Header {
            chain_id: chain(),
            parent: [1; 32],
            tape_before: Fr::from(2u64),
            records: 1,
            after: Boundary {
                height: 7,
                state_root,
                ..Boundary::before_genesis(chain(), ModuleHash([3; 31]))
            },
            calls_root: inclusion::root(&[&done.record[..]]),
            receipts_root: inclusion::root(&[done.receipt.encode()]),
        };
        let block = Sealed {
            header,
            certificate: None,
            work: 9,
            records: vec![done],
        };
        Self {
            folder: Folder::new(path).unwrap(),
            state,
            block,
        }
    }

    fn write(&self) {
        write(&self.folder, &self.block, &self.state.newest(), &|| true).unwrap();
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join(name(7))
    }

    /// Reads it all.
    fn read(&self) -> Result<State, BaseError> {
        Base::open(&self.folder, chain(), 7)?.state(MemoryStore::new(), b"note")
    }
}

fn chain() -> Fr {
    Fr::from(11u64)
}

#[test]
fn a_base_gives_its_block_and_its_state() {
    let scene = Scene::new("whole");
    assert_eq!(heights(&scene.folder).unwrap(), [0u64; 0]);
    scene.write();
    assert_eq!(heights(&scene.folder).unwrap(), [7]);
    assert_eq!(scene.folder.list().unwrap(), [name(7)], "no draft is left");
    let base = Base::open(&scene.folder, chain(), 7).unwrap();
    assert_eq!(*base.block(), scene.block);
    let state = base.state(MemoryStore::new(), b"note").unwrap();
    assert_eq!((state.version(), &*state.note()), (8, &b"note"[..]));
    assert_eq!(state.root(), scene.state.root());
    assert_eq!(state.get(&StateKey([9; 31])).unwrap(), Some(vec![9; 9]));
    remove(&scene.folder, 7).unwrap();
    assert_eq!(scene.folder.list().unwrap(), [""; 0]);
}

#[test]
fn every_damaged_byte_is_found() {
    let scene = Scene::new("damage");
    scene.write();
    let whole = std::fs::read(scene.path()).unwrap();
    for at in 0..whole.len() {
        let mut bad = whole.clone();
        bad[at] ^= 1 << (at % 8);
        std::fs::write(scene.path(), &bad).unwrap();
        let error = scene.read().unwrap_err();
        let named = error.is_damage() || matches!(error, BaseError::Format { .. });
        assert!(named, "byte {at}: {error}");
    }
    for length in 0..whole.len() {
        std::fs::write(scene.path(), &whole[..length]).unwrap();
        assert!(scene.read().unwrap_err().is_damage(), "{length} bytes");
    }
    std::fs::write(scene.path(), [&whole[..], b"x"].concat()).unwrap();
    assert!(scene.read().unwrap_err().is_damage(), "something follows");
    std::fs::write(scene.path(), &whole).unwrap();
    scene.read().unwrap();
}

#[test]
fn what_belongs_elsewhere_is_refused() {
    let scene = Scene::new("other");
    scene.write();
    let other = Base::open(&scene.folder, Fr::from(12u64), 7).unwrap_err();
    assert!(other.is_damage(), "{other}");
    scene.folder.rename(&name(7), &name(8)).unwrap();
    let renamed = Base::open(&scene.folder, chain(), 8).unwrap_err();
    assert!(renamed.is_damage(), "{renamed}");
    // A state that is not the header's: it is found when it is written.
    let mut lying = scene.block.clone();
    lying.header.after.state_root = Fr::from(5u64);
    let error = write(&scene.folder, &lying, &scene.state.newest(), &|| true).unwrap_err();
    assert!(error.is_damage(), "{error}");
    // Records that are not.
    let mut lying = scene.block.clone();
    lying.header.calls_root[0] ^= 1;
    let error = write(&scene.folder, &lying, &scene.state.newest(), &|| true).unwrap_err();
    assert!(error.is_damage(), "{error}");
    assert_eq!(
        scene.folder.list().unwrap(),
        [name(8)],
        "and nothing is left of it"
    );
    set_aside(&scene.folder, 8).unwrap();
    assert_eq!(heights(&scene.folder).unwrap(), [0u64; 0]);
}

#[test]
fn a_writing_that_ends_early_leaves_nothing() {
    let scene = Scene::new("early");
    // Left of a writing that was cut short.
    std::fs::write(scene.folder.path().join(DRAFT), b"half").unwrap();
    write(&scene.folder, &scene.block, &scene.state.newest(), &|| false).unwrap_err();
    assert_eq!(scene.folder.list().unwrap(), [""; 0]);
    scene.write();
    scene.read().unwrap();
}

#[test]
fn a_base_is_taken_from_bytes() {
    let (from, to) = (Scene::new("from"), Scene::new("to"));
    let mut bytes = Vec::new();
    write_to(&mut bytes, &from.block, &from.state.newest()).unwrap();
    let taken = take(&to.folder, &mut &bytes[..], chain()).unwrap();
    assert_eq!(taken.height(), 7);
    to.read().unwrap();
    remove(&to.folder, 7).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    take(&to.folder, &mut &bytes[..], chain()).unwrap_err();
    take(&to.folder, &mut &bytes[..20], chain()).unwrap_err();
    assert_eq!(to.folder.list().unwrap(), [""; 0]);
}
