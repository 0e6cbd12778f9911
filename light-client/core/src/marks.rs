//! Where proofs ended: boundaries of the proven history, remembered by their digests.

use playfair_types::Encode;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::segment::Boundary;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// Boundaries that are remembered: 72 kB.
pub(crate) const MARKS_MAX: usize = 1024;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Frames of the tape before it.
    pub(crate) frames: u64,
    /// The tape's accumulator: which history it is.
    pub(crate) tape: [u8; 32],
    /// The digest of the whole boundary.
    pub(crate) digest: [u8; 32],
}

impl Mark {
    pub(crate) fn of(boundary: &Boundary) -> Self {
        Self {
            frames: boundary.tape.length,
            tape: fr_to_bytes(&boundary.tape.value),
            digest: Sha256::digest(boundary.encode()).into(),
        }
    }
}

/// The last boundaries at which a verified proof began or ended, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks(pub(crate) VecDeque<Mark>);

impl Marks {
    pub(crate) fn push(&mut self, boundary: &Boundary) {
        if self.0.len() >= MARKS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Mark::of(boundary));
    }

    /// Where the segment begins in which this place of the tape lies, when it does not begin there.
    pub(crate) fn before(&self, frames: u64) -> Option<u64> {
        let place = self.0.partition_point(|mark| mark.frames < frames);
        self.0.get(place.checked_sub(1)?).map(|mark| mark.frames)
    }

    /// What is remembered of the place of this boundary.
    pub(crate) fn at(&self, boundary: &Boundary) -> Option<&Mark> {
        let place = self
            .0
            .binary_search_by_key(&boundary.tape.length, |mark| mark.frames);
        self.0.get(place.ok()?)
    }

    /// Whether the boundary at this place is this one; none when nothing is remembered of it.
    pub(crate) fn knows(&self, boundary: &Boundary) -> Option<bool> {
        Some(*self.at(boundary)? == Mark::of(boundary))
    }
}
