//! The state before a block: a version that the chain keeps, or the chain executed again in memory.

use playfair_host::Readers;
use playfair_host::chain::ReadError;
use playfair_segments::Replica;
use playfair_state::Fork;
use std::sync::atomic::{AtomicBool, Ordering};

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

    /// The state before the block of a height. Executing the chain again takes as long as it takes; `stop` ends it.
    pub(crate) fn before(
        &mut self,
        readers: &Readers,
        height: u64,
        stop: &AtomicBool,
    ) -> Result<Fork, String> {
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
            Err(error) => return Err(error.to_string()),
        }
        if self.next > height {
            self.replica = None;
            self.next = 0;
        }
        let replica = self
            .replica
            .get_or_insert_with(|| Replica::new(readers.engine().clone()));
        while self.next < height {
            if stop.load(Ordering::Relaxed) {
                return Err("the node is stopping".to_owned());
            }
            let block = readers
                .history
                .block(self.next)
                .map_err(|error| error.to_string())?;
            let block = block.ok_or_else(|| format!("block {} is not kept any more", self.next))?;
            replica
                .apply(&block.header, &block.tape())
                .map_err(|error| error.to_string())?;
            self.next += 1;
        }
        Ok(replica.state())
    }
}
