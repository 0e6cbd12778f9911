//! Bases: a sealed block with the state after it, from which a chain can be made again without what came before.
//!
//! ```text
//! file     name = height, 20 digits, ".base"
//! head     "playfair base\n\0\0" 16 | format u32 = 1 | chain id 32 | height u64 | block length u32 | block | check u32
//! state    the state's snapshot, to the end of the file (see `playfair_state::snapshot`)
//! block    see [`crate::Sealed`]
//! ```
//! Integers are big-endian. *Check* is CRC-32 (IEEE) of everything before it; the state has checks of its own, and comes to the
//! root that the block's header says, or is refused. So every byte is checked.
//!
//! **Writing.** A base is written under another name, synced, read back, and only then gets its own; that name is synced too. So
//! a file that has a base's name was whole once, and a writing that is cut short leaves a draft that the next one removes.
//!
//! **Pruning** lets everything below a base go that is no longer wanted. The order is such that at every moment a chain
//! can be made again from what is there; who does it (crate `playfair-sequencer`, `upkeep`) says which.
//!
//! **How could one cheat?** Checks find damage, not lies. Who reads a base compares its certificate with the chain's committee; its records
//! and receipts are compared with the header here.

mod error;
mod stream;

pub use error::BaseError;

use crate::block::Sealed;
use crate::disk::{Disk, DiskFile};
use playfair_state::{State, StateError, Store, View, snapshot};
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::{Decode, Encode, inclusion};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use stream::{Reading, Writing};

const FORMAT: u32 = 1;
const MAGIC: &[u8; 16] = b"playfair base\n\0\0";
/// Bytes before the block.
const HEAD_BYTES: usize = 64;
/// Where the height stands.
const HEIGHT_AT: u64 = 52;
/// Longest block of a base, bytes. Blocks are far smaller; a damaged length must not be believed.
const BLOCK_BYTES_MAX: usize = 256 << 20;
/// Bytes that are read or written at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// The name of a base that is being written.
const DRAFT: &str = "base.tmp";

/// A base that was opened: its head checks, its state has not been read.
#[derive(Debug)]
pub struct Base<F> {
    block: Sealed,
    file: F,
    /// Where the state begins.
    state: u64,
}

/// `00000000000000000042.base`
fn name(height: u64) -> String {
    format!("{height:020}.base")
}

/// The height of the base with this name, if it is one.
fn height_of(file: &str) -> Option<u64> {
    let height = file.strip_suffix(".base")?.parse().ok()?;
    (name(height) == file).then_some(height)
}

/// The heights of a disk's bases, ascending.
///
/// # Errors
/// [`BaseError::Io`].
pub fn heights<D: Disk>(disk: &D) -> Result<Vec<u64>, BaseError> {
    let names = disk.list().map_err(BaseError::io("list the folder"))?;
    let mut heights: Vec<u64> = names.iter().filter_map(|name| height_of(name)).collect();
    heights.sort_unstable();
    Ok(heights)
}

/// Writes the base of a block, with a view of the state after it. It ends early, without a base, once `goes_on` says no.
///
/// # Errors
/// [`BaseError`]; no base has changed then.
pub fn write<D: Disk>(
    disk: &D,
    block: &Sealed,
    state: &View,
    goes_on: &dyn Fn() -> bool,
) -> Result<(), BaseError> {
    let put = |out: &mut dyn Write| write_to(out, block, state);
    draft(disk, put, goes_on, block.header.chain_id, Some(block.height()))?;
    Ok(())
}

/// Makes a file under another name, reads it back, and gives it the name of its height.
fn draft<D: Disk>(
    disk: &D,
    put: impl FnOnce(&mut dyn Write) -> Result<(), BaseError>,
    goes_on: &dyn Fn() -> bool,
    chain_id: Fr,
    height: Option<u64>,
) -> Result<Base<D::File>, BaseError> {
    let make = || {
        remove_draft(disk)?;
        let file = disk.create(DRAFT).map_err(BaseError::io("make a file"))?;
        put(&mut Writing::new(&file, goes_on))?;
        file.sync().map_err(BaseError::io("sync"))?;
        let says = height.map_or_else(|| height_in(&file), Ok)?;
        drop(file);
        let made = Base::open_as(disk, DRAFT, chain_id, says)?;
        made.check()?;
        disk.rename(DRAFT, &name(says))
            .map_err(BaseError::io("put a base in place"))?;
        disk.sync().map_err(BaseError::io("sync the folder"))?;
        Ok(made)
    };
    // What is left of it takes room that others may need.
    make().inspect_err(|_| drop(remove_draft(disk)))
}

/// Writes the bytes of a base anywhere.
///
/// # Errors
/// [`BaseError::Io`], [`BaseError::State`].
pub fn write_to(out: impl Write, block: &Sealed, state: &View) -> Result<(), BaseError> {
    let mut out = BufWriter::with_capacity(CHUNK_BYTES, out);
    let head = head(block)?;
    out.write_all(&head).map_err(BaseError::io("be written"))?;
    state
        .export(&mut out)
        .map_err(BaseError::of_state(block.height()))
}

fn head(block: &Sealed) -> Result<Vec<u8>, BaseError> {
    let bytes = block.encode();
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|_| bytes.len() <= BLOCK_BYTES_MAX);
    let too_large = BaseError::Damaged {
        height: block.height(),
        what: "its block is too large",
    };
    let length = length.ok_or(too_large)?;
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&FORMAT.to_be_bytes());
    out.extend_from_slice(&fr_to_bytes(&block.header.chain_id));
    out.extend_from_slice(&block.height().to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&bytes);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    Ok(out)
}

/// Takes a base from somebody else's bytes: they are kept under their height, once they check.
///
/// # Errors
/// [`BaseError`]; there is no base then.
pub fn take<D: Disk>(disk: &D, input: &mut impl Read, chain_id: Fr) -> Result<Base<D::File>, BaseError> {
    let put = |out: &mut dyn Write| {
        io::copy(input, out).map_err(BaseError::io("be copied"))?;
        Ok(())
    };
    draft(disk, put, &|| true, chain_id, None)
}

/// The height that the head of a file says.
fn height_in(file: &impl DiskFile) -> Result<u64, BaseError> {
    let mut says = [0; 8];
    file.read(HEIGHT_AT, &mut says).map_err(BaseError::read(0))?;
    Ok(u64::from_be_bytes(says))
}

fn remove_draft<D: Disk>(disk: &D) -> Result<(), BaseError> {
    match disk.remove(DRAFT) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(BaseError::io("remove a draft")(error)),
        _ => Ok(()),
    }
}

/// Removes the base of a height, durably.
///
/// # Errors
/// [`BaseError::Io`].
pub fn remove<D: Disk>(disk: &D, height: u64) -> Result<(), BaseError> {
    disk.remove(&name(height))
        .map_err(BaseError::io("remove a base"))?;
    disk.sync().map_err(BaseError::io("sync the folder"))
}

/// Gives a base that does not check a name that nobody reads.
///
/// # Errors
/// [`BaseError::Io`].
pub fn set_aside<D: Disk>(disk: &D, height: u64) -> Result<(), BaseError> {
    let name = name(height);
    disk.rename(&name, &format!("{name}.damaged"))
        .map_err(BaseError::io("set a base aside"))?;
    disk.sync().map_err(BaseError::io("sync the folder"))
}

impl<F: DiskFile> Base<F> {
    /// Opens the base of a height; its head is checked, its state is when it is read.
    ///
    /// # Errors
    /// [`BaseError::Damaged`], [`BaseError::Format`], [`BaseError::Io`].
    pub fn open<D: Disk<File = F>>(disk: &D, chain_id: Fr, height: u64) -> Result<Self, BaseError> {
        Self::open_as(disk, &name(height), chain_id, height)
    }

    fn open_as<D: Disk<File = F>>(
        disk: &D,
        name: &str,
        chain_id: Fr,
        height: u64,
    ) -> Result<Self, BaseError> {
        let file = disk.open(name).map_err(BaseError::io("open a base"))?;
        let damaged = |what| BaseError::Damaged { height, what };
        let mut head = [0; HEAD_BYTES];
        file.read(0, &mut head).map_err(BaseError::read(height))?;
        let length = length_in(&head, chain_id, height)?;
        let mut rest = vec![0; length + 4];
        let end = (HEAD_BYTES + rest.len()) as u64;
        if file.len().map_err(BaseError::read(height))? < end {
            return Err(damaged("it ends too early"));
        }
        file.read(HEAD_BYTES as u64, &mut rest)
            .map_err(BaseError::read(height))?;
        let Some((block, check)) = rest.split_last_chunk() else {
            return Err(damaged("it ends too early"));
        };
        let mut crc = crc32fast::Hasher::new();
        crc.update(&head);
        crc.update(block);
        if crc.finalize() != u32::from_be_bytes(*check) {
            return Err(damaged("its head does not check"));
        }
        let block = Sealed::decode(block).map_err(|_| damaged("its block is none"))?;
        // No chain comes to the last number, which has none after it.
        let is_its = block.height() == height && block.header.chain_id == chain_id && height < u64::MAX;
        if !is_its || !is_of_header(&block) {
            return Err(damaged("its block is not what its header says"));
        }
        Ok(Self {
            block,
            file,
            state: end,
        })
    }

    /// The block.
    #[must_use]
    pub fn block(&self) -> &Sealed {
        &self.block
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.block.height()
    }

    /// Makes the state after the block in an empty store, as the version that a chain has then: one a block, genesis 1. `note`
    /// is the version's.
    ///
    /// # Errors
    /// [`BaseError::Damaged`] when the state is not the one that the header says; the store is of no use then.
    pub fn state(&self, store: impl Store, note: &[u8]) -> Result<State, BaseError> {
        let root = self.block.header.after.state_root;
        let version = self.height().saturating_add(1);
        State::import(store, &mut self.input(), root, version, note)
            .map_err(BaseError::of_state(self.height()))
    }

    /// Reads the state's bytes and their checks. That they come to the right root is seen when the state is made.
    fn check(&self) -> Result<(), BaseError> {
        let root = self.block.header.after.state_root;
        snapshot::check(&mut self.input(), root)
            .map_err(|error| BaseError::of_state(self.height())(StateError::Snapshot(error)))
    }

    fn input(&self) -> impl Read + '_ {
        BufReader::with_capacity(CHUNK_BYTES, Reading::new(&self.file, self.state))
    }
}

/// The length of the block, in a head that is this chain's and height's.
fn length_in(head: &[u8; HEAD_BYTES], chain_id: Fr, height: u64) -> Result<usize, BaseError> {
    let damaged = |what| BaseError::Damaged { height, what };
    let rest = head.strip_prefix(MAGIC).ok_or(damaged("it is no base"))?;
    let parts = rest.split_first_chunk().and_then(|(format, rest)| {
        let (chain, rest) = rest.split_first_chunk::<32>()?;
        let (at, length) = rest.split_first_chunk()?;
        Some((format, chain, at, length.first_chunk()?))
    });
    let (format, chain, at, length) = parts.ok_or(damaged("it is no base"))?;
    let format = u32::from_be_bytes(*format);
    if format != FORMAT {
        return Err(BaseError::Format { found: format });
    }
    if *chain != fr_to_bytes(&chain_id) {
        return Err(damaged("it is another chain's"));
    }
    if u64::from_be_bytes(*at) != height {
        return Err(damaged("it is of another height than its name says"));
    }
    let length = u32::from_be_bytes(*length) as usize;
    match length <= BLOCK_BYTES_MAX {
        true => Ok(length),
        false => Err(damaged("its block is too large")),
    }
}

/// Whether records, receipts and what they commit to are those of the header.
fn is_of_header(block: &Sealed) -> bool {
    let records: Vec<&[u8]> = block.records.iter().map(|done| &done.record[..]).collect();
    let receipts: Vec<Vec<u8>> = block.records.iter().map(|done| done.receipt.encode()).collect();
    records.len() == block.header.records as usize
        && block.records.iter().all(|done| done.body.matches(&done.receipt))
        && inclusion::root(&records) == block.header.calls_root
        && inclusion::root(&receipts) == block.header.receipts_root
}
