//! The containers that light clients exchange, as beacon nodes serialise them, and their roots.
//!
//! [`Form`](crate::Form) says which fork's containers bytes are in; the caller has it from the version that a beacon
//! node names beside them (`Eth-Consensus-Version`), and it is compared with the slot that they speak of. What the
//! protocol calls an empty value under an empty branch is an [`Option`] here, and nothing else can be under one.

mod committee;
mod header;
mod payload;
mod update;

pub use committee::{SyncAggregate, SyncCommittee};
pub use header::{BeaconBlockHeader, Execution, LightClientHeader};
pub use payload::ExecutionPayloadHeader;
pub use update::{Bootstrap, Finality, Kind, NextCommittee, Update};
