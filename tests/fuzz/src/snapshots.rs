//! Snapshots, which come from anybody and make a chain where they are restored.

use crate::random::Random;
use playfair_host::snapshot::{ProofCheck, Restored, restore};
use playfair_host::{Chain, ChainSettings, Host, HostError, NewChain, Status};
use playfair_runtime::local::{Players, Start};
use playfair_storage::base;
use playfair_storage::log::Body;
use playfair_types::Fr;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::envelope::ProofEnvelope;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// Sets a key to what it is called with, and takes anything.
const MODULE: &str = r#"
(module
  (import "playfair" "set" (func $set (param i32 i32 i32 i32)))
  (memory 1)
  (data (i32.const 0) "n")
  (func (export "call") (param i32 i32)
    i32.const 0 i32.const 1 i32.const 8 i32.const 8 call $set))
"#;
/// What stands before the parts: a magic word and the format.
const HEAD_BYTES: usize = 20;

/// Nobody proves this chain: a proof is one that does not hold.
struct NoProofs;

impl ProofCheck for NoProofs {
    fn key(&mut self, _: Fr, _: &[u8]) -> Result<(), String> {
        Ok(())
    }

    fn proof(&mut self, _: &ProofEnvelope) -> Result<(), String> {
        Err("no proof".to_owned())
    }

    fn end(&mut self) -> Result<(), String> {
        Ok(())
    }
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().expect("a runtime")
}

fn host(data: &Path) -> Host {
    Host::open(data, Arc::new(|_| Ok(()))).expect("a data folder")
}

/// Blocks that are played.
const BLOCKS: u64 = 6;
/// The block of the base that has blocks after it.
const BASE: u64 = 2;
/// Kinds of the parts that are made here.
const BASE_PART: u8 = 4;
const BLOCKS_PART: u8 = 5;
const KEYS_PART: u8 = 6;
const PROOFS_PART: u8 = 7;

/// A chain with its committee's key: as a node without proofs writes it, which is from its last block on; and from an earlier block on, with
/// blocks after it and a verifying key.
fn made() -> [Vec<u8>; 2] {
    let data = tempfile::tempdir().expect("a folder");
    let node = host(data.path());
    let wasm = wat::parse_str(MODULE).expect("a module");
    let module = node.modules().add(&wasm).expect("an admitted module").hash;
    let start = Start {
        time_ms: U48::new(1_800_000_000_000).expect("a time"),
        ..Start::of(module)
    };
    let new = NewChain {
        name: "chain".to_owned(),
        genesis: start.genesis(),
        settings: ChainSettings {
            interval_ms: 1,
            prove: false,
            ..ChainSettings::default()
        },
    };
    let chain = node.create(new).expect("a new chain");
    runtime().block_on(async {
        assert_eq!(chain.settled().await, Status::Running);
        let mut players = Players::of(chain.id);
        for _ in 0..BLOCKS {
            let call = players.call("anna", 0, b"").expect("a call");
            let reply = chain.submit(call).expect("room").await.expect("a reply");
            reply.expect("sealed");
        }
    });
    let middle = middle(&chain);
    let last = snapshot(&node, &chain);
    let [from, to] =
        [BASE_PART, PROOFS_PART].map(|kind| place(&last, kind).expect("a part of every snapshot"));
    let (head, end) = (last.get(..from), last.get(to..));
    let earlier = [head.expect("its own"), &middle, end.expect("its own")].concat();
    [last, earlier]
}

/// The parts from an earlier block on, up to the proofs.
fn middle(chain: &Chain) -> Vec<u8> {
    let readers = chain.readers().expect("it runs");
    let block = |height| readers.history.block(height).expect("a disk").expect("a block");
    let version = readers.at(BASE).expect("a state that is kept");
    let mut state = Vec::new();
    base::write_to(&mut state, &block(BASE), &version.view).expect("room");
    let bodies = (BASE + 1..=readers.last()).map(|height| Body::of(&block(height)).encode());
    let key = [&fr_to_bytes(&Fr::from(7u64))[..], b"a key"].concat();
    [
        part(BASE_PART, &[state]),
        part(BLOCKS_PART, &bodies.collect::<Vec<_>>()),
        part(KEYS_PART, &[key]),
    ]
    .concat()
}

/// A part; its check comes later.
fn part(kind: u8, chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![kind];
    for chunk in chunks {
        let length = u32::try_from(chunk.len()).expect("a short chunk");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(chunk);
    }
    bytes.extend_from_slice(&[0; 8]);
    bytes
}

fn snapshot(node: &Host, chain: &Chain) -> Vec<u8> {
    let mut bytes = Vec::new();
    node.snapshot(chain, true, &mut bytes).expect("an open chain");
    node.stop();
    bytes
}

pub(crate) fn sample(random: &mut Random) -> Vec<u8> {
    static MADE: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    let [last, earlier] = MADE.get_or_init(made);
    match random.below(4) {
        0 => last.clone(),
        _ => earlier.clone(),
    }
}

/// Where the part of a kind begins.
fn place(bytes: &[u8], kind: u8) -> Option<usize> {
    let mut at = HEAD_BYTES;
    while *bytes.get(at)? != kind {
        at = check_of(bytes, at, |_| {})? + 4;
    }
    Some(at)
}

/// Where the check of the part stands that begins here. Everything that the check is about is handed over.
fn check_of(bytes: &[u8], mut at: usize, mut about: impl FnMut(&[u8])) -> Option<usize> {
    about(bytes.get(at..at + 1)?);
    at += 1;
    loop {
        let length = bytes.get(at..)?.first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        at += 4;
        if length == 0 {
            return Some(at);
        }
        about(bytes.get(at..at.checked_add(length)?)?);
        at += length;
    }
}

/// Gives every part the check that its bytes have, as far as they are parts, so that only what is in them can be wrong.
fn mend(bytes: &mut [u8]) -> Option<()> {
    let mut at = HEAD_BYTES;
    loop {
        let mut crc = crc32fast::Hasher::new();
        at = check_of(bytes, at, |about| crc.update(about))?;
        let check = bytes.get_mut(at..at + 4)?;
        check.copy_from_slice(&crc.finalize().to_be_bytes());
        at += 4;
    }
}

fn restored(data: &Path, bytes: &[u8]) -> Result<Restored, HostError> {
    restore(data, Arc::new(|_| Ok(())), bytes, None, None, &mut NoProofs)
}

/// Restores whatever it is: what is refused leaves no chain behind; what is accepted runs, and what it has can be handed on.
pub(crate) fn check(bytes: &[u8]) -> bool {
    let mut bytes = bytes.to_vec();
    // Nothing to do where the parts end.
    let _ = mend(&mut bytes);
    let data = tempfile::tempdir().expect("a folder");
    let Ok(told) = restored(data.path(), &bytes) else {
        let chains = fs::read_dir(data.path().join("chains")).expect("it was made");
        assert_eq!(chains.count(), 0, "nothing is left of it");
        return false;
    };
    let node = host(data.path());
    let chain = node.chain(&told.name).expect("it was restored");
    assert_eq!(runtime().block_on(chain.settled()), Status::Running);
    let readers = chain.readers().expect("it runs");
    assert_eq!(readers.last(), told.height);
    drop(readers);
    let again = snapshot(&node, &chain);
    drop((chain, node));
    let other = tempfile::tempdir().expect("a folder");
    let twice = restored(other.path(), &again).expect("it was written by a node");
    assert_eq!((twice.id, twice.height), (told.id, told.height));
    true
}
