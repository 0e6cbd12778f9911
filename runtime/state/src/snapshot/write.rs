//! Writing a version's snapshot.

use super::{BLOCK_BYTES, Header, PAYLOAD_BYTES_MAX, SnapshotError};
use crate::checksum::crc32;
use crate::error::StateError;
use crate::node::{Child, Kind, Leaf, Load};
use crate::state::State;
use crate::view::View;
use playfair_types::limits::STATE_KEY_BITS;
use std::io::Write;

impl State {
    /// Writes the snapshot of a retained version ([`crate::snapshot`] has the format) and flushes `out`. Commits go on
    /// meanwhile. In memory is one block and one path of the tree.
    ///
    /// # Errors
    /// [`StateError::UnknownVersion`], [`StateError::Store`], [`StateError::Damaged`], [`StateError::Snapshot`] when
    /// `out` fails; what has been written to `out` is then of no use.
    pub fn export(&self, version: u64, out: &mut impl Write) -> Result<(), StateError> {
        self.at(version)?.export(out)
    }
}

impl View {
    /// Writes the snapshot of this version, as [`State::export`].
    ///
    /// # Errors
    /// As there, but for [`StateError::UnknownVersion`].
    pub fn export(&self, out: &mut impl Write) -> Result<(), StateError> {
        let header = Header {
            root: self.root(),
            keys: self.len(),
        };
        put(out, &header.encode())?;
        let mut blocks = Blocks {
            out,
            payload: Vec::with_capacity(PAYLOAD_BYTES_MAX),
            number: 0,
        };
        // The halves still to come, the next one last.
        let mut rest: Vec<Child> = vec![self.root];
        while let Some(child) = rest.pop() {
            match child.kind() {
                Kind::Empty => {}
                Kind::Leaf => blocks.entry(&*self.shared.leaf(child.id)?)?,
                Kind::Inner => {
                    if rest.len() > STATE_KEY_BITS {
                        return Err(StateError::Damaged("a tree deeper than its keys"));
                    }
                    let (left, right) = self.shared.inner(child.id)?;
                    rest.push(right);
                    rest.push(left);
                }
            }
        }
        blocks.end()
    }
}

fn put(out: &mut impl Write, bytes: &[u8]) -> Result<(), StateError> {
    out.write_all(bytes)
        .map_err(|error| SnapshotError::Io(error).into())
}

struct Blocks<'a, W> {
    out: &'a mut W,
    payload: Vec<u8>,
    number: u64,
}

impl<W: Write> Blocks<'_, W> {
    fn entry(&mut self, leaf: &Leaf) -> Result<(), StateError> {
        let length =
            u16::try_from(leaf.value.len()).map_err(|_| StateError::Damaged("a value is too long"))?;
        self.payload.extend_from_slice(&leaf.key.0);
        self.payload.extend_from_slice(&length.to_be_bytes());
        self.payload.extend_from_slice(&leaf.value);
        if self.payload.len() >= BLOCK_BYTES {
            self.block()?;
        }
        Ok(())
    }

    fn block(&mut self) -> Result<(), StateError> {
        self.number += 1;
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        put(self.out, &length.to_be_bytes())?;
        put(self.out, &self.payload)?;
        put(self.out, &crc32(self.number, &self.payload).to_be_bytes())?;
        self.payload.clear();
        Ok(())
    }

    fn end(mut self) -> Result<(), StateError> {
        if !self.payload.is_empty() {
            self.block()?;
        }
        self.block()?;
        self.out.flush().map_err(|error| SnapshotError::Io(error).into())
    }
}
