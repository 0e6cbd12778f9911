//! What a node reads back from its disk, and the keys of committees.

use crate::random::Random;
use crate::samples;
use playfair_bls::{PublicKey, SecretKey};
use playfair_simulation::disk::SimDisk;
use playfair_state::{Changes, MemoryStore, State};
use playfair_storage::base::{self, Base};
use playfair_storage::log::{Body, LogError, TapeLog, repair};
use playfair_storage::{Disk, Done, Sealed};
use playfair_types::receipt::Outcome;
use playfair_types::state::StateKey;
use playfair_types::tape::frame::{FRAME_BYTES, RECORD_FRAMES_MAX};
use playfair_types::{Encode, Fr, inclusion};

/// The first file of a log.
const FILE: &str = "00000000000000000000.tape";
/// Bytes of its header.
const LOG_HEADER_BYTES: usize = 80;
/// The height of a base.
const BASE: u64 = 7;
const SALT: [u8; 16] = [7; 16];

fn chain() -> Fr {
    Fr::from(11u64)
}

/// A block as the history keeps it.
pub(crate) fn sealed(random: &mut Random) -> Sealed {
    let certified = random.below(8) != 0;
    let records = (0..random.below(4)).map(|_| Done {
        record: samples::record(random).encode(),
        id: (random.below(2) == 0).then(|| random.array()),
        receipt: samples::receipt(random),
        body: samples::receipt_body(random),
        messages: (0..random.below(3)).map(|_| samples::message(random)).collect(),
    });
    let records = records.collect();
    Sealed {
        header: samples::header(random),
        certificate: certified.then(|| samples::certificate(random)),
        work: random.next(),
        records,
    }
}

/// A log's file with some blocks, without most of the zeros at its end.
pub(crate) fn log_sample(random: &mut Random) -> Vec<u8> {
    let disk = SimDisk::new();
    let mut log = TapeLog::create(disk.clone(), chain(), 0, SALT).expect("a new log");
    for _ in 0..=random.below(4) {
        log.append(&Body::of(&sealed(random))).expect("room");
        if random.below(2) == 0 {
            log.sync().expect("a disk");
        }
    }
    let mut bytes = disk.bytes(FILE).expect("its file");
    let used = bytes
        .iter()
        .rposition(|byte| *byte != 0)
        .map_or(0, |last| last + 1);
    // The last record may end with zeros of its own, fewer than the longest has bytes.
    bytes.truncate(used + RECORD_FRAMES_MAX * FRAME_BYTES);
    bytes
}

/// Opens, reads and repairs the log that the bytes are: none of it panics, and what was read once is there again.
pub(crate) fn log_check(bytes: &[u8]) -> bool {
    let disk = SimDisk::new();
    drop(disk.create(FILE).expect("a new file"));
    disk.damage(FILE, |file| file.extend_from_slice(bytes));
    let Ok(Some((log, _))) = TapeLog::open(disk.clone(), chain()) else {
        // Whatever it is, healing it without copies does not panic either.
        let _ = repair(&disk, chain(), 0, 0, SALT, |_| None);
        return false;
    };
    let mut blocks = Vec::new();
    let read = log.read(0, |_, body| {
        blocks.push(body);
        Ok::<_, LogError>(true)
    });
    let next = log.next();
    let again = TapeLog::open(disk, chain());
    let again = again.expect("it opened before").expect("it was there before").0;
    assert_eq!(again.next(), next, "opening changes nothing that was read");
    read.is_ok() && blocks.len() as u64 == next && next > 0
}

/// What an entry of a log holds: a block's certificate, if it has one, and its records.
fn body(body: &Body) -> Vec<u8> {
    let certificate = body.certificate.as_ref().map(Encode::encode).unwrap_or_default();
    let mut bytes = vec![u8::try_from(certificate.len()).expect("a certificate is short")];
    bytes.extend_from_slice(&certificate);
    bytes.extend_from_slice(&body.records);
    bytes
}

pub(crate) fn body_sample(random: &mut Random) -> Vec<u8> {
    body(&Body::of(&sealed(random)))
}

/// The bytes as an entry with checksums that are right, so that only what it holds can be wrong: it is read as what it is, or not at all.
pub(crate) fn body_check(bytes: &[u8]) -> bool {
    let disk = SimDisk::new();
    drop(TapeLog::create(disk.clone(), chain(), 0, SALT).expect("a new log"));
    let length = u32::try_from(bytes.len()).expect("a short body").to_be_bytes();
    // Height and the height from which on it is durable.
    let place = [0; 16];
    let check = checksum(&[&length, &place, bytes]);
    let head_check = checksum(&[&length, &check, &place]);
    let entry = [&length, &check, &place[..], &head_check, bytes].concat();
    disk.damage(FILE, |file| {
        file.truncate(LOG_HEADER_BYTES);
        file.extend_from_slice(&entry);
    });
    let Ok(Some((log, _))) = TapeLog::open(disk, chain()) else {
        return false;
    };
    let mut found = Vec::new();
    let read = log.read(0, |_, body| {
        found.push(body);
        Ok::<_, LogError>(true)
    });
    match (read, found.as_slice()) {
        (Ok(_), [one]) => {
            assert_eq!(body(one), bytes, "accepted bytes are the block's own");
            true
        }
        _ => false,
    }
}

/// CRC-32 as a log makes it: over its salt first.
fn checksum(parts: &[&[u8]]) -> [u8; 4] {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&SALT);
    parts.iter().for_each(|part| crc.update(part));
    crc.finalize().to_be_bytes()
}

/// A base: a block that is what its header says, with the state after it.
pub(crate) fn base_sample(random: &mut Random) -> Vec<u8> {
    let mut block = sealed(random);
    while block.records.is_empty() {
        block = sealed(random);
    }
    let state = State::open(MemoryStore::new()).expect("a new state");
    let keys = random.below(12);
    let entries = (0..keys).map(|_| (StateKey(random.array()), Some(random.bytes(80))));
    let changes: Changes = entries.collect();
    block.header.after.state_root = state.commit(&changes, &[]).expect("short values");
    block.header.chain_id = chain();
    block.header.after.height = BASE;
    for done in &mut block.records {
        done.receipt.outcome = Outcome::Ok;
        (done.receipt.output, done.receipt.events) = done.body.hashes();
    }
    let records: Vec<_> = block.records.iter().map(|done| done.record.clone()).collect();
    let receipts: Vec<_> = block.records.iter().map(|done| done.receipt.encode()).collect();
    block.header.records = u32::try_from(records.len()).expect("few records");
    block.header.calls_root = inclusion::root(&records);
    block.header.receipts_root = inclusion::root(&receipts);
    let mut bytes = Vec::new();
    base::write_to(&mut bytes, &block, &state.newest()).expect("room");
    bytes
}

/// Reads the base that the bytes are, block and state: what is accepted is written as it was.
pub(crate) fn base_check(bytes: &[u8]) -> bool {
    let disk = SimDisk::new();
    let name = format!("{BASE:020}.base");
    drop(disk.create(&name).expect("a new file"));
    disk.damage(&name, |file| file.extend_from_slice(bytes));
    let Ok(found) = Base::open(&disk, chain(), BASE) else {
        return false;
    };
    let Ok(state) = found.state(MemoryStore::new(), &[]) else {
        return false;
    };
    let mut again = Vec::new();
    base::write_to(&mut again, found.block(), &state.newest()).expect("room");
    assert_eq!(again, bytes, "a base has one encoding");
    true
}

/// A committee's key.
pub(crate) fn key_sample(random: &mut Random) -> Vec<u8> {
    SecretKey::from_seed(&random.array()).public().to_vec()
}

/// A key has one encoding.
pub(crate) fn key_check(bytes: &[u8]) -> bool {
    let Some(key) = bytes
        .try_into()
        .ok()
        .and_then(|bytes| PublicKey::from_bytes(bytes).ok())
    else {
        return false;
    };
    assert_eq!(key.to_bytes().as_slice(), bytes);
    true
}
