//! From a node's sealed blocks to kept proofs.
//!
//! ```text
//! host: blocks ──► Line (a thread a chain): Segmenter ──► jobs ──► provers: queue, desk, workers
//!   ▲                                                                          │
//!   └── kept, the tip moves, the debt shrinks ◄── verified ◄── Office::take ◄──┘
//! ```
//!
//! # What holds
//!
//! - **A proof counts when this node has verified it** against inputs that it computed itself from the blocks that it executed again,
//!   under a key that it made itself. Then it is kept durably, and only then is anybody told.
//! - **Nothing here can lose anything.** Jobs lie in memory and are made again from the last kept proof. A line that fails (the disk, a bug,
//!   a module that is gone) says so in its status and begins again after a pause that doubles up to a minute.
//! - **A chain whose proofs cannot go on says why**: a record without a proof ends them, and nothing stands in for one.
//! - **How segments are cut follows the load**: while jobs wait for a worker, blocks gather until a circuit is well filled; when none
//!   waits, what is there is proven at once.
//! - **Memory is bounded** by [`JOBS_MAX`] and [`JOB_BYTES_MAX`] for each chain: a line that has so many open jobs waits.
//!
//! The state before a block is read from the versions that the chain keeps for provers; where they are gone, the chain is executed again
//! from genesis in memory.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod craft;
mod kept;
mod keys;
mod line;
mod office;
mod past;

pub use craft::Hands;
pub use kept::{KeptProofs, Trusted};
pub use line::LineStatus;
pub use office::{JOB_BYTES_MAX, JOBS_MAX, Pipeline, Settings};
