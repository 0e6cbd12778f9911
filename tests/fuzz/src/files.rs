//! What operators carry around, and what a node keeps in files beside its chains' blocks.
//!
//! Texts and databases have more spellings than the one that is written. So for most of them the claim is a weaker one than for the formats:
//! reading does not panic, and what was accepted, written again by the node itself, is read as the same.

use crate::random::Random;
use crate::samples;
use playfair_host::{Chain, ChainSettings, Host, HostError, Record, hex};
use playfair_http::Fingerprint;
use playfair_provers::{Access, Invite};
use playfair_simulation::disk::SimDisk;
use playfair_storage::Medium;
use playfair_storage::proofs::{Proofs, Tip};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::{Encode, Fr};
use redb::{StorageBackend, TableDefinition};
use std::fs;
use std::sync::Arc;

/// Memory for a database of a few pages.
const CACHE_BYTES: usize = 1 << 20;
const PROOFS: &str = "proofs.redb";
const META: TableDefinition<'_, (), &[u8]> = TableDefinition::new("meta");

/// What a worker from elsewhere is given.
pub(crate) fn invite_sample(random: &mut Random) -> Vec<u8> {
    let invite = Invite {
        address: format!(
            "https://node-{}.example:{}",
            random.below(100),
            1 + random.below(65_535)
        ),
        fingerprint: Fingerprint(random.array()),
        secret: random.array(),
    };
    let text = invite.to_string();
    assert_eq!(
        text.parse().as_ref(),
        Ok(&invite),
        "a valid invitation round-trips"
    );
    text.into_bytes()
}

/// An invitation has one spelling, but for the white space around it.
pub(crate) fn invite_check(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else {
        return false;
    };
    let Ok(invite) = text.parse::<Invite>() else {
        return false;
    };
    assert_eq!(
        invite.to_string(),
        text.trim(),
        "accepted text is the invitation's own"
    );
    true
}

/// A list of workers that are invited.
pub(crate) fn access_sample(random: &mut Random) -> Vec<u8> {
    let mut workers = Vec::new();
    for number in 0..random.below(4) {
        workers.push(format!(
            "\"rig-{number}\": \"{}\"",
            hex::encode(&random.array::<32>())
        ));
    }
    format!("{{\n  \"invited\": {{ {} }}\n}}", workers.join(", ")).into_bytes()
}

/// Who is invited stays so when somebody else is, and after the list was read again.
pub(crate) fn access_check(bytes: &[u8]) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("provers.json");
    fs::write(&path, bytes).expect("a file");
    let Ok(access) = Access::open(&path) else {
        return false;
    };
    let names = access.names();
    let new = (0..)
        .map(|number| format!("new-{number}"))
        .find(|name| !names.contains(name));
    let new = new.unwrap_or_default();
    access.invite(&new).expect("room");
    let read = || Access::open(&path).expect("it was written by us").names();
    let mut more = names.clone();
    more.push(new.clone());
    more.sort_unstable();
    assert_eq!(read(), more);
    access.revoke(&new).expect("it is invited");
    assert_eq!(read(), names);
    true
}

/// A chain's id, and the file that its folder has.
pub(crate) fn chain_sample(random: &mut Random) -> Vec<u8> {
    let genesis = samples::genesis(random);
    let wish = ["running", "paused", "archived"][random.below(3) as usize];
    let settings = match random.below(2) {
        0 => String::new(),
        _ => format!("\"interval_ms\": {}, \"prove\": false", random.number()),
    };
    let mut bytes = fr_to_bytes(&genesis.chain_id()).to_vec();
    let text = format!(
        "{{\n  \"name\": \"chain\",\n  \"genesis\": \"{}\",\n  \"wish\": \"{wish}\",\n  \"settings\": {{ {settings} }}\n}}",
        hex::encode(&genesis.encode())
    );
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A node opens whatever is there; a chain that it takes is the one that its folder is named for, and is the same after its file was
/// written again.
pub(crate) fn chain_check(bytes: &[u8]) -> bool {
    let Some((id, text)) = bytes.split_first_chunk::<32>() else {
        return false;
    };
    let data = tempfile::tempdir().expect("a folder");
    let chain = data.path().join("chains").join(hex::encode(id));
    let open = || Host::open(data.path(), Arc::new(|_| Ok(()))).expect("a folder that was new");
    drop(open());
    fs::create_dir_all(&chain).expect("a folder");
    fs::write(chain.join("chain.json"), text).expect("a file");
    let Some(found) = record(&open(), |_, _| Ok(())) else {
        return false;
    };
    assert_eq!(fr_to_bytes(&found.genesis.chain_id()), *id);
    let settings = ChainSettings {
        prove: !found.settings.prove,
        ..found.settings
    };
    record(&open(), |host, chain| host.set_settings(chain, settings));
    assert_eq!(record(&open(), |_, _| Ok(())), Some(Record { settings, ..found }));
    true
}

/// The chain of a node that has one or none, after something was done to it; the node is stopped.
fn record(host: &Host, change: impl FnOnce(&Host, &Chain) -> Result<(), HostError>) -> Option<Record> {
    let chains = host.chains();
    let chain = chains.first()?;
    change(host, chain).expect("what was read can be written");
    let record = chain.record();
    host.stop();
    Some(record)
}

fn chain() -> Fr {
    Fr::from(11u64)
}

/// How far a chain is proven, as its proofs' file notes it (`node/storage`, `proofs`).
fn note(tip: &Tip) -> Vec<u8> {
    let mut bytes = 1u32.to_be_bytes().to_vec();
    bytes.extend_from_slice(&fr_to_bytes(&chain()));
    bytes.extend_from_slice(&tip.proofs.to_be_bytes());
    bytes.extend_from_slice(&tip.work.to_be_bytes());
    bytes.push(u8::from(tip.boundary.is_some()));
    bytes.extend(tip.boundary.iter().flat_map(Encode::encode));
    bytes
}

pub(crate) fn note_sample(random: &mut Random) -> Vec<u8> {
    note(&Tip {
        proofs: random.number(),
        work: random.number(),
        boundary: (random.below(4) != 0).then(|| samples::boundary(random)),
    })
}

/// A note has one spelling, and is there again when the file is opened again.
pub(crate) fn note_check(bytes: &[u8]) -> bool {
    let disk = SimDisk::new();
    let medium = || Medium::open(&disk, PROOFS).expect("nobody has it");
    write_note(medium(), bytes).expect("a disk");
    let open = || Proofs::open(medium(), CACHE_BYTES, chain()).map(|proofs| proofs.tip());
    let Ok(tip) = open() else { return false };
    assert_eq!(note(&tip), bytes, "an accepted note is the tip's own");
    assert_eq!(open().ok(), Some(tip));
    true
}

fn write_note(medium: impl StorageBackend, bytes: &[u8]) -> Result<(), redb::Error> {
    let database = redb::Builder::new()
        .set_cache_size(CACHE_BYTES)
        .create_with_backend(medium)?;
    let transaction = database.begin_write()?;
    transaction.open_table(META)?.insert((), bytes)?;
    transaction.commit()?;
    Ok(())
}
