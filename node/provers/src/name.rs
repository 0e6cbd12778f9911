//! What jobs are called.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A job's name: a chain, where on its tape the segment begins, and which cut it is of. A history that is cut again gives its jobs new
/// names, so that nothing that was said about an old job is taken for the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobName {
    /// The chain's id.
    pub chain: [u8; 32],
    /// The segment's first frame.
    pub frame: u64,
    /// A number that no other cut of this process has.
    pub cut: u64,
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.chain.iter().take(4) {
            write!(f, "{byte:02x}")?;
        }
        write!(f, "/{}", self.frame)
    }
}
