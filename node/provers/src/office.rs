//! Where jobs come from and proofs go to.

use crate::name::JobName;
use std::sync::Arc;

/// A job as a worker gets it.
#[derive(Clone, Debug)]
pub struct Job {
    /// What is to be proven: self-contained.
    pub payload: Arc<[u8]>,
    /// Log2 of the rows of its circuit: what a worker must have the memory for.
    pub k: u32,
}

/// Why a proof was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody needs it any more, or somebody else's was kept.
    Gone,
    /// It proves nothing, or something else: the worker lies, or is broken.
    Lie(String),
    /// It may be as good as it can be; the node could not keep it. Somebody must make it again.
    Unkept(String),
}

/// Who has jobs. All of it may block.
pub trait Office: Send + Sync + 'static {
    /// The job of a name; none when nobody needs it any more.
    fn job(&self, name: &JobName) -> Option<Job>;

    /// Verifies a proof and keeps it, durably.
    ///
    /// # Errors
    /// [`Refusal`].
    fn take(&self, name: &JobName, proof: &[u8]) -> Result<(), Refusal>;

    /// A module that jobs name, by its hash.
    fn module(&self, hash: &[u8; 31]) -> Option<Vec<u8>>;
}
