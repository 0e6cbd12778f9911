//! The state before a block: a version that the chain keeps, or the chain executed again in memory.

use playfair_host::Readers;
use playfair_host::chain::ReadError;
use playfair_machine::error::Fault;
use playfair_runtime::chain::{ChainError, note};
use playfair_segments::{Replica, ReplicaError};
use playfair_state::{Fork, MemoryStore};
use playfair_types::module::ModuleHash;

/// Why there is no state.
pub(crate) enum NoPast {
    /// Nobody asks any more.
    Stopped,
    /// The engine lacks a module that the chain ran once.
    Lacks(ModuleHash),
    Other(String),
}

impl From<ReplicaError> for NoPast {
    fn from(error: ReplicaError) -> Self {
        match error {
            ReplicaError::Chain(ChainError::Fault(Fault::UnknownModule(hash))) => Self::Lacks(hash),
            error => Self::Other(error.to_string()),
        }
    }
}

/// A replica from which the state after the block `last` can be reached, and the block that it executes next: from the newest base up
/// to there, or from genesis.
fn begin(readers: &Readers, last: u64) -> Result<(Replica, u64), NoPast> {
    let engine = readers.engine().clone();
    match readers.base(last).map_err(other)? {
        Some(base) => {
            let state = base.state(MemoryStore::new(), &note(&base.block().header));
            let replica = Replica::after(engine, state.map_err(other)?)?;
            Ok((replica, base.height() + 1))
        }
        None => Ok((Replica::new(engine), 0)),
    }
}

fn other(error: impl ToString) -> NoPast {
    NoPast::Other(error.to_string())
}

/// Gives the states before blocks, in ascending order.
pub(crate) struct Past {
    replica: Option<Replica>,
    /// The block that the replica executes next.
    next: u64,
}

impl Past {
    pub(crate) fn new() -> Self {
        Self {
            replica: None,
            next: 0,
        }
    }

    /// The state before the block of a height. Executing the chain again takes as long as it takes; it goes on
    /// while `wanted` says so.
    pub(crate) fn before(
        &mut self,
        readers: &Readers,
        height: u64,
        wanted: impl Fn() -> bool,
    ) -> Result<Fork, NoPast> {
        let Some(last) = height.checked_sub(1) else {
            return Ok(Fork::default());
        };
        match readers.at(last) {
            Ok(version) => {
                self.replica = None;
                self.next = 0;
                return Ok(version.view.into());
            }
            Err(ReadError::Height { .. }) => {}
            Err(error) => return Err(other(error)),
        }
        if self.next > height {
            self.replica = None;
            self.next = 0;
        }
        let replica = match &mut self.replica {
            Some(replica) => replica,
            none => {
                let (replica, next) = begin(readers, last)?;
                self.next = next;
                none.insert(replica)
            }
        };
        while self.next < height {
            if !wanted() {
                return Err(NoPast::Stopped);
            }
            let block = readers.history.block(self.next).map_err(other)?;
            let Some(block) = block else {
                self.replica = None;
                return Err(other(format!("block {} is not kept any more", self.next)));
            };
            if let Err(error) = replica.apply(&block.header, &block.tape()) {
                // After an error it is of no use.
                self.replica = None;
                self.next = 0;
                return Err(error.into());
            }
            self.next += 1;
        }
        Ok(replica.state())
    }
}
