//! A store as bytes, for the browser's own database: 73 kB with both committees of mainnet, and their points, so that a
//! warm start reads no key twice.
//!
//! ```text
//! version 1, 1 | genesis validators root 32 | finalised header | optimistic header
//! current committee | 0, or 1 | next committee | participants_max_before 8 | participants_max 8
//! 0, or 1 | forced: slot 8 | participants 8 | was final 1 | committee 1 | SHA-256 of all before 32
//!
//! header       form 1 (0 payload, 1 hash) | length 4 | as serialised
//! committee    keys 48 each | aggregate 48 | 0, or 1 | ordinates 48 each
//! ```
//!
//! The bytes are believed as far as nothing can be proven again: whoever can write this database can write the page
//! that reads it. The checksum finds damage, not lies. What a forced step could have taken is not kept.

use super::Forced;
use super::committee::Known;
use super::store::{Staleness, Store};
use crate::error::{Malformed, Part};
use crate::ssz::{Reader, Root};
use crate::{Error, Execution, Form, LightClientHeader, Spec, SyncCommittee};
use alloc::vec::Vec;
use playfair_bls::min_pk::Keys;
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;

impl Store {
    /// The store as bytes for [`Store::from_bytes`]. They hold no secret.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::from([VERSION]);
        out.extend(self.spec.genesis_validators_root);
        put_header(&self.finalized, &mut out);
        put_header(&self.optimistic, &mut out);
        put_committee(&self.current, &mut out);
        out.push(u8::from(self.next.is_some()));
        if let Some(next) = &self.next {
            put_committee(next, &mut out);
        }
        out.extend(self.participants_max_before.to_le_bytes());
        out.extend(self.participants_max.to_le_bytes());
        out.push(u8::from(self.forced.is_some()));
        if let Some(forced) = &self.forced {
            out.extend(forced.slot.to_le_bytes());
            out.extend(forced.participants.to_le_bytes());
            out.extend([u8::from(forced.was_final), u8::from(forced.committee)]);
        }
        let digest: Root = Sha256::digest(&out).into();
        out.extend(digest);
        out
    }

    /// Reads what [`Store::to_bytes`] wrote. Time passed since: weak subjectivity holds for stored state too.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::OtherNetwork`], [`Error::Stale`], [`Error::Future`] and what a header or committee
    /// can be refused for: throw the bytes away and begin at a checkpoint.
    pub fn from_bytes(
        spec: &Spec,
        bytes: &[u8],
        current_slot: u64,
        staleness: Staleness,
    ) -> Result<Self, Error> {
        spec.check()?;
        let damaged = Error::malformed("stored chain");
        let (bytes, digest) = bytes.split_last_chunk::<32>().ok_or(damaged(Malformed::Short))?;
        let found: Root = Sha256::digest(bytes).into();
        if found != *digest {
            return Err(damaged(Malformed::Checksum));
        }
        let mut reader = Reader::new(bytes);
        let (version, network) = reader
            .u8()
            .and_then(|version| Ok((version, reader.array()?)))
            .map_err(&damaged)?;
        if version != VERSION {
            return Err(damaged(Malformed::Form));
        }
        if network != spec.genesis_validators_root {
            return Err(Error::OtherNetwork);
        }
        let mut store = read(spec, reader, staleness).map_err(damaged)?;
        let (current, slot) = (current_slot, store.finalized.beacon.slot);
        if slot > current {
            let signature = slot;
            return Err(Error::Future { signature, current });
        }
        if staleness == Staleness::Refuse {
            spec.fresh(slot, current)?;
        }
        store.finalized.check(spec, Part::Finalized)?;
        store.optimistic.check(spec, Part::Attested)?;
        store.current.add_up(Part::CurrentCommittee)?;
        if let Some(next) = &mut store.next {
            next.add_up(Part::NextCommittee)?;
        }
        Ok(store)
    }
}

fn read(spec: &Spec, mut reader: Reader<'_>, staleness: Staleness) -> Result<Store, Malformed> {
    let reader = &mut reader;
    let store = Store {
        spec: spec.clone(),
        finalized: read_header(reader)?,
        optimistic: read_header(reader)?,
        current: read_committee(spec, reader)?,
        next: match read_flag(reader)? {
            true => Some(read_committee(spec, reader)?),
            false => None,
        },
        best: None,
        participants_max_before: reader.u64()?,
        participants_max: reader.u64()?,
        staleness,
        forced: match read_flag(reader)? {
            true => Some(read_forced(spec, reader)?),
            false => None,
        },
    };
    reader.end()?;
    match store.finalized.beacon.slot <= store.optimistic.beacon.slot {
        true => Ok(store),
        false => Err(Malformed::Form),
    }
}

fn read_forced(spec: &Spec, reader: &mut Reader<'_>) -> Result<Forced, Malformed> {
    Ok(Forced {
        slot: reader.u64()?,
        participants: reader.u64()?,
        committee_size: u64::try_from(spec.preset.committee_size).unwrap_or(u64::MAX),
        was_final: read_flag(reader)?,
        committee: read_flag(reader)?,
    })
}

fn read_flag(reader: &mut Reader<'_>) -> Result<bool, Malformed> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Malformed::Form),
    }
}

fn put_header(header: &LightClientHeader, out: &mut Vec<u8>) {
    let bytes = header.encode();
    out.push(u8::from(matches!(header.execution, Execution::Hash { .. })));
    // Below a kilobyte.
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend(bytes);
}

fn read_header(reader: &mut Reader<'_>) -> Result<LightClientHeader, Malformed> {
    let form = match read_flag(reader)? {
        false => Form::Electra,
        true => Form::Gloas,
    };
    let length = reader.offset()?;
    LightClientHeader::decode(form, reader.bytes(length)?)
}

fn put_committee(known: &Known, out: &mut Vec<u8>) {
    known.committee.put(out);
    out.push(u8::from(known.keys.is_some()));
    if let Some(keys) = &known.keys {
        keys.ordinates().for_each(|ordinate| out.extend(ordinate));
    }
}

fn read_committee(spec: &Spec, reader: &mut Reader<'_>) -> Result<Known, Malformed> {
    let committee = SyncCommittee::read(&spec.preset, reader)?;
    let keys = match read_flag(reader)? {
        true => {
            let ordinates: Vec<[u8; 48]> = reader.arrays(spec.preset.committee_size)?;
            Some(Keys::restore(&committee.pubkeys, &ordinates).map_err(|_| Malformed::Form)?)
        }
        false => None,
    };
    Ok(Known { committee, keys })
}
