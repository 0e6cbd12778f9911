//! Snapshots, which come from anybody and make a chain where they are restored.

use crate::random::Random;
use playfair_host::snapshot::{ProofCheck, Restored, restore};
use playfair_host::{Chain, ChainSettings, Host, HostError, NewChain, Status};
use playfair_runtime::local::{Players, Start};
use playfair_types::Fr;
use playfair_types::bounded::U48;
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

/// A chain of some blocks, with its committee's key: from genesis on, or from a base on with blocks after it.
fn made(blocks: u64) -> Vec<u8> {
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
        for _ in 0..blocks {
            let call = players.call("anna", 0, b"").expect("a call");
            let reply = chain.submit(call).expect("room").await.expect("a reply");
            reply.expect("sealed");
        }
    });
    snapshot(&node, &chain)
}

fn snapshot(node: &Host, chain: &Chain) -> Vec<u8> {
    let mut bytes = Vec::new();
    node.snapshot(chain, true, &mut bytes).expect("an open chain");
    node.stop();
    bytes
}

pub(crate) fn sample(random: &mut Random) -> Vec<u8> {
    static MADE: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];
    let place = random.below(2);
    let one = MADE.get(usize::try_from(place).expect("a small number"));
    one.expect("there are two")
        .get_or_init(|| made(1 + 4 * place))
        .clone()
}

/// Gives every part the check that its bytes have, as far as they are parts, so that only what is in them can be wrong.
fn mend(bytes: &mut [u8]) -> Option<()> {
    let mut at = HEAD_BYTES;
    loop {
        let mut crc = crc32fast::Hasher::new();
        crc.update(bytes.get(at..at + 1)?);
        at += 1;
        loop {
            let length = bytes.get(at..)?.first_chunk()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            at += 4;
            if length == 0 {
                break;
            }
            crc.update(bytes.get(at..at.checked_add(length)?)?);
            at += length;
        }
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
