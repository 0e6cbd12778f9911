//! What jobs are called.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A job's name: a chain, and where on its tape the segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobName {
    /// The chain's id.
    pub chain: [u8; 32],
    /// The segment's first frame.
    pub frame: u64,
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.chain.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        write!(f, "/{}", self.frame)
    }
}
