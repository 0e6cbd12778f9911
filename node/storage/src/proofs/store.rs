//! The proofs' tables in redb.

use super::{Listed, ProofsError, Tip};
use crate::database::Database;
use playfair_state::store::fence::Failure;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::Boundary;
use playfair_types::{Decode, Encode};
use redb::{ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use std::ops::Range;

const FORMAT: u32 = 1;

/// A table of things that are named by a hash.
type Named = TableDefinition<'static, &'static [u8; 32], &'static [u8]>;

const META: TableDefinition<'_, (), &[u8]> = TableDefinition::new("meta");
const PROOFS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("proofs");
const KEYS: Named = TableDefinition::new("keys");
const KEY_SETS: Named = TableDefinition::new("key sets");

pub(super) struct Store {
    database: Database,
    chain_id: Fr,
}

impl Store {
    pub(super) fn open(
        medium: impl StorageBackend,
        cache_bytes: usize,
        chain_id: Fr,
    ) -> Result<(Self, Tip), ProofsError> {
        let nothing = Tip {
            proofs: 0,
            work: 0,
            boundary: None,
        };
        let (database, meta) = Database::open(medium, cache_bytes, |transaction| {
            let mut table = transaction.open_table(META)?;
            transaction.open_table(PROOFS)?;
            transaction.open_table(KEYS)?;
            transaction.open_table(KEY_SETS)?;
            let found = table.get(())?.map(|value| value.value().to_vec());
            if let Some(found) = found {
                return Ok(found);
            }
            let meta = meta(chain_id, &nothing);
            table.insert((), meta.as_slice())?;
            Ok(meta)
        })?;
        let tip = tip_of(&meta, chain_id)?;
        Ok((Self { database, chain_id }, tip))
    }

    pub(super) fn put(&self, envelope: &ProofEnvelope, mut tip: Tip) -> Result<Tip, ProofsError> {
        let inputs = &envelope.inputs;
        let first = inputs.before.tape.length;
        if inputs.chain_id != self.chain_id {
            return Err(ProofsError::Order("it is another chain's"));
        }
        if inputs.after.tape.length <= first {
            return Err(ProofsError::Order("it is about no record"));
        }
        if first < tip.frames() {
            // The proven history has one for these records.
            return Ok(tip);
        }
        self.database.write(|transaction| {
            let mut proofs = transaction.open_table(PROOFS)?;
            proofs.insert(first, envelope.encode().as_slice())?;
            loop {
                let frames = tip.frames();
                let found = proofs
                    .get(frames)?
                    .map(|bytes| ProofEnvelope::decode(bytes.value()));
                let next = match found {
                    None => break,
                    Some(Ok(next)) => next.inputs,
                    // It is made again.
                    Some(Err(_)) => {
                        proofs.remove(frames)?;
                        break;
                    }
                };
                // One that was cut elsewhere, or from another history, does not follow.
                if tip.boundary.is_some_and(|boundary| boundary != next.before) {
                    proofs.remove(frames)?;
                    break;
                }
                let overtaken = frames + 1..next.after.tape.length;
                proofs.retain_in(overtaken, |_, _| false)?;
                tip = Tip {
                    proofs: tip.proofs + 1,
                    work: tip.work.saturating_add(next.work),
                    boundary: Some(next.after),
                };
            }
            let meta = meta(self.chain_id, &tip);
            transaction.open_table(META)?.insert((), meta.as_slice())?;
            Ok(())
        })?;
        Ok(tip)
    }

    pub(super) fn bytes(&self, first_frame: u64) -> Result<Option<Vec<u8>>, ProofsError> {
        Ok(self.database.read(|database| {
            let table = database.begin_read()?.open_table(PROOFS)?;
            Ok(table.get(first_frame)?.map(|bytes| bytes.value().to_vec()))
        })?)
    }

    pub(super) fn at(&self, first_frame: u64) -> Result<Option<ProofEnvelope>, ProofsError> {
        let bytes = self.bytes(first_frame)?;
        bytes.map(|bytes| decode(first_frame, &bytes)).transpose()
    }

    pub(super) fn about(&self, frame: u64) -> Result<Option<Listed>, ProofsError> {
        let found = self.entries(|table| {
            let mut before = table.range(..=frame)?;
            Ok(before.next_back().transpose()?.map(entry).into_iter().collect())
        })?;
        let found = found.into_iter().next();
        Ok(found.filter(|listed| frame < listed.end_frame))
    }

    pub(super) fn list(&self, frames: Range<u64>, count: usize) -> Result<Vec<Listed>, ProofsError> {
        self.entries(|table| {
            let entries = table.range(frames)?.take(count);
            Ok(entries
                .map(|found| found.map(entry))
                .collect::<Result<Vec<_>, _>>()?)
        })
    }

    /// What `read` finds, decoded.
    fn entries(
        &self,
        read: impl FnOnce(&redb::ReadOnlyTable<u64, &'static [u8]>) -> Result<Vec<(u64, Vec<u8>)>, Failure>,
    ) -> Result<Vec<Listed>, ProofsError> {
        let found = self
            .database
            .read(|database| read(&database.begin_read()?.open_table(PROOFS)?))?;
        let listed = found
            .into_iter()
            .map(|(first, bytes)| Ok(Listed::of(&decode(first, &bytes)?, bytes.len())));
        listed.collect()
    }

    pub(super) fn put_key(&self, digest: Fr, key: &[u8]) -> Result<(), ProofsError> {
        self.insert(KEYS, digest, key)
    }

    pub(super) fn put_key_set(&self, root: Fr, set: &[u8]) -> Result<(), ProofsError> {
        self.insert(KEY_SETS, root, set)
    }

    fn insert(&self, table: Named, name: Fr, bytes: &[u8]) -> Result<(), ProofsError> {
        Ok(self.database.write(|transaction| {
            let mut table = transaction.open_table(table)?;
            table.insert(&fr_to_bytes(&name), bytes)?;
            Ok(())
        })?)
    }

    pub(super) fn keys(&self) -> Result<Vec<Vec<u8>>, ProofsError> {
        Ok(self.database.read(|database| {
            let table = database.begin_read()?.open_table(KEYS)?;
            let entries = table.iter()?;
            entries
                .map(|entry| Ok::<_, Failure>(entry?.1.value().to_vec()))
                .collect()
        })?)
    }

    pub(super) fn key(&self, digest: Fr) -> Result<Option<Vec<u8>>, ProofsError> {
        self.named(KEYS, digest)
    }

    pub(super) fn key_set(&self, root: Fr) -> Result<Option<Vec<u8>>, ProofsError> {
        self.named(KEY_SETS, root)
    }

    fn named(&self, table: Named, name: Fr) -> Result<Option<Vec<u8>>, ProofsError> {
        Ok(self.database.read(|database| {
            let table = database.begin_read()?.open_table(table)?;
            Ok(table
                .get(&fr_to_bytes(&name))?
                .map(|bytes| bytes.value().to_vec()))
        })?)
    }
}

fn entry(
    (first, bytes): (redb::AccessGuard<'_, u64>, redb::AccessGuard<'_, &'static [u8]>),
) -> (u64, Vec<u8>) {
    (first.value(), bytes.value().to_vec())
}

fn decode(first_frame: u64, bytes: &[u8]) -> Result<ProofEnvelope, ProofsError> {
    match ProofEnvelope::decode(bytes) {
        Ok(envelope) if envelope.inputs.before.tape.length == first_frame => Ok(envelope),
        _ => Err(ProofsError::Damaged { first_frame }),
    }
}

fn meta(chain_id: Fr, tip: &Tip) -> Vec<u8> {
    let mut out = FORMAT.to_be_bytes().to_vec();
    out.extend_from_slice(&fr_to_bytes(&chain_id));
    out.extend_from_slice(&tip.proofs.to_be_bytes());
    out.extend_from_slice(&tip.work.to_be_bytes());
    out.push(u8::from(tip.boundary.is_some()));
    if let Some(boundary) = &tip.boundary {
        boundary.encode_to(&mut out);
    }
    out
}

fn tip_of(found: &[u8], chain_id: Fr) -> Result<Tip, ProofsError> {
    let read = || {
        let (_, rest) = found.split_at_checked(36)?;
        let (proofs, rest) = rest.split_first_chunk()?;
        let (work, rest) = rest.split_first_chunk()?;
        let (some, rest) = rest.split_first()?;
        Some(Tip {
            proofs: u64::from_be_bytes(*proofs),
            work: u64::from_be_bytes(*work),
            boundary: match some {
                0 => None,
                _ => Some(Boundary::decode(rest).ok()?),
            },
        })
    };
    // Written again, it must be what it was: so format, chain and length are what they should be.
    let tip = read().filter(|tip| meta(chain_id, tip) == found);
    tip.ok_or(ProofsError::Other("it has another chain id or format"))
}
