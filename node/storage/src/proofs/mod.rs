//! The proofs of a chain: segment by segment, with the keys that they verify under.
//!
//! What is put here was verified by the node before; this room keeps it. Proofs arrive in any order. Those that follow each other
//! from genesis without a gap are *the proven history*; its end is the [`Tip`]. What lies beyond waits for the gap to
//! close.
//!
//! A segment's place is where it begins on the tape, in frames: no two segments of the proven history share it, and it is known
//! before anything is proven. A segment that was cut differently once, and was overtaken by another one, goes
//! when the tip passes it.
//!
//! All of it can be lost: proofs can be made again, which costs time. So a damaged file is set aside, and nothing stands in
//! for a proof that is not there.
//!
//! ```text
//! meta     () -> format u32 | chain id 32 | proofs u64 | work u64 | 0, or 1 and the boundary of the tip
//! proofs   first frame -> envelope (docs/FORMATS.md section 15)
//! keys     digest 32 -> verifying key (section 15)
//! key sets root 32 -> set of keys (section 15)
//! ```

mod error;
mod store;

pub use error::ProofsError;

use playfair_types::envelope::ProofEnvelope;
use playfair_types::segment::Boundary;
use playfair_types::vk::VkSet;
use playfair_types::{Encode, Fr};
use redb::StorageBackend;
use std::sync::{Mutex, PoisonError, RwLock};
use store::Store;

/// Where the proven history ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// How many proofs lead there.
    pub proofs: u64,
    /// The work of everything proven.
    pub work: u64,
    /// The boundary after the last proof; none while nothing is proven.
    pub boundary: Option<Boundary>,
}

impl Tip {
    /// Frames of the tape that are proven.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.boundary.map_or(0, |boundary| boundary.tape.length)
    }
}

/// A proof's place in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The first frame of the tape that it is about: its name.
    pub first_frame: u64,
    /// The first that it is not about.
    pub end_frame: u64,
    /// The height of its first record; the block may have begun in the segment before.
    pub first_height: u64,
    /// The height of its last record; the block may go on in the next one.
    pub last_height: u64,
    /// The digest of the key that it verifies under.
    pub vk: Fr,
    /// Work of its records.
    pub work: u64,
    /// Bytes of its envelope.
    pub bytes: usize,
}

impl Listed {
    fn of(envelope: &ProofEnvelope, bytes: usize) -> Self {
        let inputs = &envelope.inputs;
        Self {
            first_frame: inputs.before.tape.length,
            end_frame: inputs.after.tape.length,
            first_height: inputs.before.height,
            last_height: inputs.after.height,
            vk: envelope.vk,
            work: inputs.work,
            bytes,
        }
    }
}

/// The proofs of one chain. Share it behind an `Arc`.
pub struct Proofs {
    store: Store,
    /// Held by who writes.
    writer: Mutex<()>,
    tip: RwLock<Tip>,
}

impl std::fmt::Debug for Proofs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proofs")
            .field("frames", &self.tip().frames())
            .finish_non_exhaustive()
    }
}

impl Proofs {
    /// Opens the proofs of a chain on `medium`, none if there are none.
    ///
    /// # Errors
    /// [`ProofsError::Store`], [`ProofsError::Other`] when they are another chain's.
    pub fn open(medium: impl StorageBackend, cache_bytes: usize, chain_id: Fr) -> Result<Self, ProofsError> {
        let (store, tip) = Store::open(medium, cache_bytes, chain_id)?;
        Ok(Self {
            store,
            writer: Mutex::default(),
            tip: RwLock::new(tip),
        })
    }

    /// Where the proven history ends.
    #[must_use]
    pub fn tip(&self) -> Tip {
        *self.tip.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a proof that was verified, durably, in place of another one that begins where it does; the tip moves as far as
    /// it can.
    ///
    /// # Errors
    /// [`ProofsError::Order`] when it is another chain's or does not go forward; [`ProofsError::Store`].
    pub fn put(&self, envelope: &ProofEnvelope) -> Result<Tip, ProofsError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let tip = self.store.put(envelope, self.tip())?;
        *self.tip.write().unwrap_or_else(PoisonError::into_inner) = tip;
        Ok(tip)
    }

    /// The envelope of the segment that begins at this frame, proven history or not.
    ///
    /// # Errors
    /// [`ProofsError::Store`], [`ProofsError::Damaged`].
    pub fn at(&self, first_frame: u64) -> Result<Option<ProofEnvelope>, ProofsError> {
        self.store.at(first_frame)
    }

    /// The bytes of that envelope, if it belongs to the proven history.
    ///
    /// # Errors
    /// [`ProofsError::Store`].
    pub fn bytes(&self, first_frame: u64) -> Result<Option<Vec<u8>>, ProofsError> {
        match first_frame < self.tip().frames() {
            true => self.store.bytes(first_frame),
            false => Ok(None),
        }
    }

    /// The proof of the proven history that is about this frame.
    ///
    /// # Errors
    /// [`ProofsError::Store`], [`ProofsError::Damaged`].
    pub fn about(&self, frame: u64) -> Result<Option<Listed>, ProofsError> {
        match frame < self.tip().frames() {
            true => self.store.about(frame),
            false => Ok(None),
        }
    }

    /// Proofs of the proven history from a frame on, at most `count`.
    ///
    /// # Errors
    /// [`ProofsError::Store`], [`ProofsError::Damaged`].
    pub fn list(&self, from_frame: u64, count: usize) -> Result<Vec<Listed>, ProofsError> {
        let end = self.tip().frames();
        self.store.list(from_frame..end.max(from_frame), count)
    }

    /// Keeps a verifying key.
    ///
    /// # Errors
    /// [`ProofsError::Store`].
    pub fn put_key(&self, digest: Fr, key: &[u8]) -> Result<(), ProofsError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.put_key(digest, key)
    }

    /// Keeps a set of verifying keys, which its root names.
    ///
    /// # Errors
    /// [`ProofsError::Store`].
    pub fn put_key_set(&self, set: &VkSet) -> Result<Fr, ProofsError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let root = set.root();
        self.store.put_key_set(root, &set.encode())?;
        Ok(root)
    }

    /// The bytes of the set of this root.
    ///
    /// # Errors
    /// [`ProofsError::Store`].
    pub fn key_set(&self, root: Fr) -> Result<Option<Vec<u8>>, ProofsError> {
        self.store.key_set(root)
    }

    /// All verifying keys.
    ///
    /// # Errors
    /// [`ProofsError::Store`].
    pub fn keys(&self) -> Result<Vec<Vec<u8>>, ProofsError> {
        self.store.keys()
    }

    /// The verifying key of a digest.
    ///
    /// # Errors
    /// [`ProofsError::Store`].
    pub fn key(&self, digest: Fr) -> Result<Option<Vec<u8>>, ProofsError> {
        self.store.key(digest)
    }
}

#[cfg(test)]
mod tests;
