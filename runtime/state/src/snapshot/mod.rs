//! One version as a file: all keys and values in order, from which the tree and its root are made again.
//!
//! ```text
//! header   "playfair snap\n\0\0" 16 | format u32 | root 32 | keys u64 | checksum u32
//! block    payload length u32 | payload | checksum u32
//! ...
//! end      0 u32 | checksum u32
//! payload  entries, whole ones
//! entry    key 31 | value length u16 | value
//! ```
//! Numbers are big-endian. Checksums are CRC-32 of the block's number (the header is 0, the first block 1, little-endian
//! u64) and its payload (of the header: all before the checksum). A block ends with the entry that brings its payload to
//! 65,536 bytes or more; only the last one may be shorter, and none is empty. Keys are strictly increasing. So one map
//! has one snapshot. Nothing follows the end.
//!
//! A snapshot holds nothing that the root does not prove: neither the version's number nor its note. Who imports names
//! the root, from a certificate or a proof, and gives the note that belongs to it.
//!
//! How could one cheat? By other keys or values (another root), a tree that is costly to build (keys are hashes; a
//! made-up key costs at most 248 node hashes, and bytes), lengths that are never delivered (at most one block, 70 KB, is
//! held), an endless stream (the header names the number of keys, and its root is compared first), or by being cut short.

mod build;
mod read;
mod write;

pub use read::check;

use crate::checksum::crc32;
use playfair_types::Fr;
use playfair_types::crypto::field::{fr_from_bytes, fr_to_bytes};
use playfair_types::limits::VALUE_BYTES_MAX;
use std::fmt;
use std::io;

/// The version of this format.
pub const FORMAT: u32 = 1;
const MAGIC: &[u8; 16] = b"playfair snap\n\0\0";
const HEADER_BYTES: usize = 64;
/// A block's payload ends with the entry that reaches this.
const BLOCK_BYTES: usize = 1 << 16;
const ENTRY_HEAD_BYTES: usize = 33;
/// Longest payload of a block.
const PAYLOAD_BYTES_MAX: usize = BLOCK_BYTES - 1 + ENTRY_HEAD_BYTES + VALUE_BYTES_MAX;

/// Why a snapshot could not be written, or is not acceptable. Get it again from another place; what has been imported
/// of it must be deleted.
#[derive(Debug)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Reading or writing it failed.
    Io(io::Error),
    /// It is another kind of file.
    NotASnapshot,
    /// Its format is unknown to this program.
    Format(u32),
    /// It ends too early.
    Truncated,
    /// A block is damaged; 0 is the header.
    Checksum {
        /// The block's number.
        block: u64,
    },
    /// A block is longer or shorter than blocks are, or not made of whole entries.
    Block {
        /// The block's number.
        block: u64,
    },
    /// Keys are not strictly increasing.
    Order,
    /// It has another number of keys than it says.
    Count,
    /// It says, or has, another root than was asked for.
    Root,
    /// Something follows its end.
    Trailing,
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the snapshot cannot be read or written ({error})"),
            Self::NotASnapshot => f.write_str("the file is not a state snapshot"),
            Self::Format(found) => write!(
                f,
                "the snapshot has format {found}, this program knows {FORMAT}: get one in that format"
            ),
            Self::Truncated => f.write_str("the snapshot ends too early: get it again"),
            Self::Checksum { block } => write!(f, "block {block} of the snapshot is damaged: get it again"),
            Self::Block { block } => write!(
                f,
                "block {block} of the snapshot is not well-formed: get it elsewhere"
            ),
            Self::Order => f.write_str("the snapshot's keys are not in order: get it elsewhere"),
            Self::Count => {
                f.write_str("the snapshot has another number of keys than it says: get it elsewhere")
            }
            Self::Root => {
                f.write_str("the snapshot is of another state root than was asked for: get the right one")
            }
            Self::Trailing => f.write_str("something follows the end of the snapshot: get it elsewhere"),
        }
    }
}

impl std::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for SnapshotError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Io(error),
        }
    }
}

/// What a snapshot says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    root: Fr,
    keys: u64,
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&FORMAT.to_be_bytes());
        out.extend_from_slice(&fr_to_bytes(&self.root));
        out.extend_from_slice(&self.keys.to_be_bytes());
        let crc = crc32(0, &out);
        out.extend_from_slice(&crc.to_be_bytes());
        out
    }

    fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, SnapshotError> {
        let (format, rest) = bytes
            .strip_prefix(MAGIC)
            .and_then(|rest| rest.split_first_chunk())
            .ok_or(SnapshotError::NotASnapshot)?;
        let format = u32::from_be_bytes(*format);
        if format != FORMAT {
            return Err(SnapshotError::Format(format));
        }
        let damaged = SnapshotError::Checksum { block: 0 };
        let Some((body, crc)) = bytes.split_last_chunk() else {
            return Err(damaged);
        };
        if crc32(0, body) != u32::from_be_bytes(*crc) {
            return Err(damaged);
        }
        let parts = rest
            .split_first_chunk()
            .and_then(|(root, rest)| Some((root, rest.first_chunk()?)));
        match parts.and_then(|(root, keys)| Some((fr_from_bytes(root)?, keys))) {
            Some((root, keys)) => Ok(Self {
                root,
                keys: u64::from_be_bytes(*keys),
            }),
            None => Err(damaged),
        }
    }
}
