//! stub
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod container;
pub mod development;
mod error;
mod execution;
mod spec;
mod ssz;
mod sync;

pub use container::{
    BeaconBlockHeader, Bootstrap, Execution, ExecutionPayloadHeader, Finality, Kind, LightClientHeader,
    NextCommittee, SyncAggregate, SyncCommittee, Update,
};
pub use error::{Error, Malformed, Part};
pub use execution::{Account, ExecutionHeader, verify_account, verify_storage};
pub use spec::{Fork, Form, Preset, Spec, weak_subjectivity_epochs};
pub use ssz::Root;
pub use sync::{Forced, Progress, Staleness, Store};
