//! Many chains on one machine.
//!
//! ```text
//! data folder/
//!   format              version of this layout, a number
//!   lock                held while a node runs here: a second start is refused
//!   modules/<hash>.wasm what studios uploaded; admitted again whenever it is loaded
//!   chains/<chain id>/  chain.json, committee.key, and what `playfair-storage` keeps
//! ```
//!
//! A chain is data: it is created, paused, resumed and archived while the node runs ([`Host`]). Each has a thread of its own
//! that owns its sequencer. Whatever happens on it (a module that makes the engine give up, a panic, a disk that
//! fails) ends that chain's sequencer and no other's; the thread tells everybody who waits, and opens the chain again.
//! Others read state and history beside it, without asking it ([`chain::Readers`]).
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod chain;
mod driver;
mod end;
mod error;
mod flusher;
mod folder;
pub mod hex;
mod host;
mod keeper;
mod kept;
mod keys;
mod lane;
mod lines;
mod modules;
mod record;
pub mod snapshot;
mod threads;

pub use chain::{Chain, Readers, Rejection, Status};
pub use error::HostError;
pub use folder::FORMAT;
pub use host::{Host, NewChain};
pub use lines::{Line, LineKind, trap_name};
pub use modules::{MODULE_BYTES_MAX, ModuleCheck, Modules};
pub use record::{ChainSettings, Record, Wish};

use std::time::{SystemTime, UNIX_EPOCH};

/// Where the time comes from.
pub trait Clock: Send + Sync + 'static {
    /// Now, ms since 1970.
    fn now_ms(&self) -> u64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}
