//! Where a chain's history lies, and how it survives what happens to machines.
//!
//! ```text
//! data folder/
//!   format                  the version of this layout
//!   lock                    held while a node runs here
//!   chains/<chain id>/
//!     *.base                a block with the state after it, from which the chain can be made again
//!     *.tape                the tape log: each block's records and certificate, in order
//!     state.redb            the state tree (crate `playfair-state`)
//!     history.redb          blocks by height, calls by id, with their receipts
//!     proofs.redb           proofs of segments, and the keys that they verify under
//! ```
//!
//! **The log is the truth.** A block is *sealed* when it lies in the log and the disk has confirmed it; only then does
//! anybody hear of it. State and history are made from the log, written behind it, and made again when they are lost
//! or damaged. The history keeps a copy of every block, so that a damaged log is healed from it.
//!
//! **Order of writing**: log, then history, then state. So after any crash the log has every block that the history
//! has, and the history every block that the state has; who finds it otherwise has found damage.
//!
//! **Bases** are blocks with the states after them. With one, what came before it is not needed: the history lets it go first, then
//! the log, then older bases.
//!
//! **Disks** lie behind [`Disk`] and [`DiskFile`]: a real folder, or a simulated one that tears writes, loses what was
//! not synced, fills up and fails.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod base;
mod block;
mod database;
mod disk;
mod folder;
pub mod history;
pub mod log;
mod medium;
pub mod proofs;

pub use block::{Done, Sealed, SealedCall};
pub use disk::{Disk, DiskFile};
pub use folder::Folder;
pub use medium::Medium;
