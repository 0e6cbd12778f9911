//! Healing a damaged log: its damaged files are written anew, from what still checks in them and from copies.
//!
//! A new file takes the old one's place by one rename after it is synced, so that a repair that is cut short has changed
//! nothing. What nobody has a copy of is not invented: then nothing is written and the error names the first such block.

use super::entry::{Body, Entry};
use super::file::{self, HEADER_BYTES, Header, LogFile, entries_in};
use super::{LogError, Salt, names};
use crate::disk::{Disk, DiskFile};
use playfair_types::crypto::field::Fr;
use std::collections::BTreeMap;

/// The name of a file that is being written.
const DRAFT: &str = "repair.tmp";

/// What a repair did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Files that were written anew.
    pub files: u64,
    /// Blocks in them that came from copies.
    pub copied: u64,
}

/// Repairs the log of a chain, of which heights from `first` on are wanted: what lies below may be pruned. `copy` gives the block
/// of a height, if it has it; blocks below `next` must come to be there. `salt` is for a log of which no header is left.
///
/// # Errors
/// [`LogError::Damaged`] when a block has no copy; [`LogError::Io`], [`LogError::NoSpace`].
pub fn repair<D: Disk>(
    disk: &D,
    chain_id: Fr,
    first: u64,
    next: u64,
    salt: Salt,
    mut copy: impl FnMut(u64) -> Option<Body>,
) -> Result<Repaired, LogError> {
    let there = names(disk)?;
    let mut starts = there.clone();
    // Files that hold only what is not wanted stay as they are: whoever prunes the log removes them.
    let before = starts.partition_point(|start| *start <= first).saturating_sub(1);
    starts.drain(..before);
    if starts.first().is_none_or(|start| *start > first) {
        starts.insert(0, first);
    }
    let mut salts = Vec::new();
    for start in &there {
        match LogFile::open(disk, *start, chain_id) {
            Ok(file) => salts.insert(0, file.salt()),
            Err(LogError::NotALog { .. }) => salts.extend(file::salt_in(&bytes(disk, *start)?)),
            Err(LogError::Unfinished { .. }) => {}
            // Nothing to heal: it is somebody else's.
            Err(error) => return Err(error),
        }
    }
    salts.push(salt);
    let mut repaired = Repaired::default();
    for (place, start) in starts.iter().copied().enumerate() {
        let until = starts.get(place + 1).copied();
        if there.contains(&start) && is_whole(disk, chain_id, start, until, next) {
            continue;
        }
        let old = bytes(disk, start)?;
        // The first salt under which something checks.
        let checks = |salt: &&Salt| entries_in(&old, salt).next().is_some();
        let known = salts.iter().find(checks);
        if known.is_none()
            && until.is_none()
            && next <= start
            && old.iter().skip(HEADER_BYTES).any(|byte| *byte != 0)
        {
            return Err(LogError::NotALog { first: start });
        }
        let header = Header {
            salt: *known.or(salts.first()).unwrap_or(&salt),
            chain_id,
            // Of a file that begins before what is wanted, the rest gets a file of its own; the old one is then one of those
            // that hold only what is not wanted.
            first: start.max(first),
        };
        let copied = rewrite(disk, &header, &old, until, next, &mut copy)?;
        repaired.files += 1;
        repaired.copied += copied;
    }
    Ok(repaired)
}

/// Whether a file has all that it should have. The last one has every block below `next`.
fn is_whole<D: Disk>(disk: &D, chain_id: Fr, first: u64, until: Option<u64>, next: u64) -> bool {
    let Ok(file) = LogFile::open(disk, first, chain_id) else {
        return false;
    };
    match until {
        Some(until) => file.read::<LogError>(until, |_, _| Ok(true)).is_ok(),
        None => file.scan().is_ok_and(|scan| scan.next >= next),
    }
}

fn rewrite<D: Disk>(
    disk: &D,
    header: &Header,
    old: &[u8],
    until: Option<u64>,
    next: u64,
    copy: &mut impl FnMut(u64) -> Option<Body>,
) -> Result<u64, LogError> {
    let mut left: BTreeMap<u64, (Entry, &[u8])> = BTreeMap::new();
    for (entry, body) in entries_in(old, &header.salt) {
        left.entry(entry.height).or_insert((entry, body));
    }
    // Everything that an entry calls safe must be there again; above that, what follows without a gap.
    let safe = left.values().map(|(entry, _)| entry.durable).max().unwrap_or(0);
    let needed = until.unwrap_or(safe.max(next));
    match disk.remove(DRAFT) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LogError::io("remove a draft")(error));
        }
        _ => {}
    }
    let mut draft = LogFile::create_as(disk, DRAFT, header)?;
    let (mut copied, mut height) = (0, header.first);
    while until.is_none_or(|until| height < until) {
        let own = left.get(&height).and_then(|(_, body)| Body::decode(body));
        copied += u64::from(own.is_none());
        let Some(body) = own.or_else(|| copy(height)) else {
            copied -= 1;
            break;
        };
        draft.append(&Entry::encode(&header.salt, height, height, &body)?)?;
        height += 1;
    }
    if height < needed {
        return Err(LogError::Damaged {
            height,
            what: "and there is no copy of it",
        });
    }
    draft.sync()?;
    disk.rename(DRAFT, &file::name(header.first))
        .map_err(LogError::io("put a repaired file in place"))?;
    disk.sync().map_err(LogError::io("sync the folder"))?;
    Ok(copied)
}

/// The bytes of a file; none if it is not there.
fn bytes<D: Disk>(disk: &D, first: u64) -> Result<Vec<u8>, LogError> {
    let file = match disk.open(&file::name(first)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(LogError::io("open a file")(error)),
    };
    let length = file.len().map_err(LogError::io("read a file"))?;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    file.read(0, &mut bytes).map_err(LogError::io("read a file"))?;
    Ok(bytes)
}
