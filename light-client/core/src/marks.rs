//! Where proofs ended: boundaries of the proven history, remembered by their digests.

use playfair_types::Encode;
use playfair_types::segment::Boundary;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;

/// Boundaries that are remembered: 40 kB.
pub(crate) const MARKS_MAX: usize = 1024;

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Frames of the tape before it.
    pub(crate) frames: u64,
    /// What it is the boundary of.
    pub(crate) digest: [u8; 32],
}

impl Mark {
    pub(crate) fn of(boundary: &Boundary) -> Self {
        Self {
            frames: boundary.tape.length,
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

    /// What is remembered of this place: `None` when nothing, else whether it is this boundary.
    pub(crate) fn knows(&self, boundary: &Boundary) -> Option<bool> {
        let place = self
            .0
            .binary_search_by_key(&boundary.tape.length, |mark| mark.frames);
        let mark = self.0.get(place.ok()?)?;
        Some(*mark == Mark::of(boundary))
    }
}
