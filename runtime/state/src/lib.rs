//! The chain's state: a map from keys to values, the tree over it, its past versions, and where it lies.
//!
//! The tree is the compact sparse Merkle tree of docs/FORMATS.md, section 7; `playfair_types::state` defines its root
//! and verifies its proofs. This crate makes the same root fast, batch after batch, and keeps what is needed to read and
//! prove older versions.
//!
//! ```
//! use playfair_state::{Changes, MemoryStore, State};
//! use playfair_types::state::StateKey;
//!
//! # fn main() -> Result<(), playfair_state::StateError> {
//! let state = State::open(MemoryStore::new())?;
//! let key = StateKey([7; 31]);
//! let root = state.commit(&Changes::from([(key, Some(b"value".to_vec()))]), b"block 1")?;
//! state.commit(&Changes::from([(key, None)]), b"block 2")?;
//! assert_eq!(state.get(&key)?, None);
//!
//! let before = state.at_root(root)?;
//! assert_eq!(before.get(&key)?.as_deref(), Some(&b"value"[..]));
//! assert!(before.prove(&[key])?.verify(root, &[key]).is_ok());
//!
//! state.prune(state.version())?; // Leaves version 1, which `before` reads.
//! state.flush()?;
//! # Ok(())
//! # }
//! ```
//!
//! - **Tree.** Nodes are immutable. A commit reads the subtrees that its keys enter and makes new nodes for what
//!   changed; versions share the rest. The root is a function of the map alone, so writing an equal value, or removing
//!   what is not there, makes no node.
//! - **Durability.** A commit is in memory; a flush writes all of them, and all pruning, in one atomic transaction. After
//!   a crash the state opens at a flushed version: the last one whose flush returned, or one whose flush was under way.
//!   A note that travels with each version (a block, a place on the tape) says from where to go on.
//! - **Versions** stay until they are pruned. Pins (durable) and views (while they live) keep single ones.
//! - **Forks** are versions in memory over a view: what the state would be, or was inside a block.
//! - **Damage and lies.** The file carries checksums and a format version; snapshots are checked against the root that
//!   the importer names. Neither can make this crate panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod check;
mod checksum;
mod draft;
mod error;
mod fork;
mod layer;
mod node;
mod prove;
mod prune;
mod record;
pub mod snapshot;
mod state;
pub mod store;
mod update;
mod view;

pub use error::{StateError, StoreError};
pub use fork::Fork;
pub use prune::Pruned;
pub use snapshot::SnapshotError;
pub use state::{Changes, Flush, NOTE_BYTES_MAX, State};
pub use store::{MemoryStore, RedbStore, Store};
pub use view::View;
