//! Guest SDK: write a game's rules as a Playfair module.
//!
//! ```
//! #![cfg_attr(target_arch = "wasm32", no_std)]
//! use playfair::prelude::*;
//!
//! #[playfair::storage]
//! pub struct Counter {
//!     total: Item<u64>,
//!     best: Map<AccountId, u64>,
//! }
//!
//! /// Somebody counted.
//! #[playfair::event]
//! pub struct Counted {
//!     pub by: AccountId,
//!     pub total: u64,
//! }
//!
//! #[playfair::error]
//! pub enum CounterError {
//!     #[error("the step must be between 1 and 10")]
//!     BadStep,
//! }
//!
//! #[playfair::module(events(Counted))]
//! impl Counter {
//!     #[init]
//!     fn init(&mut self, start: u64) {
//!         self.total.set(&start);
//!     }
//!
//!     #[call(0)]
//!     pub fn add(&mut self, ctx: &mut Context, step: u8) -> Result<u64, CounterError> {
//!         ensure!((1..=10).contains(&step), CounterError::BadStep);
//!         let total = self.total.update(|total| {
//!             *total += u64::from(step);
//!             *total
//!         });
//!         ctx.emit(Counted { by: ctx.caller(), total });
//!         Ok(total)
//!     }
//!
//!     #[query(0)]
//!     pub fn total(&self) -> u64 {
//!         self.total.get_or_default()
//!     }
//! }
//!
//! # fn main() {
//! use playfair::testing::{Chain, Failure};
//! let mut chain = Chain::<Counter>::new();
//! chain.genesis().init(10).unwrap();
//! let alice = chain.account("alice");
//! assert_eq!(chain.by(alice).add(3), Ok(13));
//! assert_eq!(chain.by(alice).add(11), Err(Failure::Reverted(CounterError::BadStep)));
//! assert_eq!(chain.view().total(), 13);
//! # }
//! ```
//!
//! **Entries.** `#[call(n)]` with `n < 240`; a session key's scope can name 0 to 63. `#[query(n)]` counts for itself. An
//! entry takes `&mut self` (a query `&self`), then the context if it wants it (a query `&Context`: what changes the chain
//! needs `&mut Context`), then arguments of any type with a [`codec::Codec`]. It returns such a value or a `Result`.
//!
//! **Outcomes.** `Err` reverts ([`errors`]), and so does a payload that does not decode. A panic traps; its place and
//! message are logged. Either way nothing that the call wrote is kept.
//!
//! **Every instruction is proven.** A call is a fresh instance, memory is never freed, and storage is read when it is
//! asked for. State keys are what costs most: each one that a call touches costs as much as 384 instructions.
//!
//! **Tests** run natively over the chain's own host functions: [`testing`].
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;
// So that the macros' paths work in this crate too.
extern crate self as playfair;

pub mod abi;
pub mod codec;
pub mod commit;
mod context;
pub mod errors;
pub mod fixed;
pub mod module;
pub mod schedule;
pub mod store;
mod sys;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod values;

pub use codec::{Bytes, Codec, List, Text, TooLong};
pub use context::{Context, PayError};
pub use errors::revert;
pub use fixed::Fixed;
pub use module::Module;
pub use playfair_macros::{Codec, error, event, module, storage};
pub use values::{AccountId, Field, L1Address};

/// What a module's file starts with: `use playfair::prelude::*;`.
pub mod prelude {
    pub use crate::codec::{Bytes, List, Text};
    pub use crate::context::Context;
    pub use crate::fixed::Fixed;
    pub use crate::schedule::Schedule;
    pub use crate::store::{Item, Map, Table, Vector};
    pub use crate::values::{AccountId, Field, L1Address};
    pub use crate::{Codec, ensure};
}

/// Returns `Err` unless a condition holds: `ensure!(step > 0, CounterError::BadStep)`.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $error:expr $(,)?) => {
        if !$condition {
            return Err($error.into());
        }
    };
}

/// Logs formatted text. Formatting costs thousands of instructions: for debugging.
#[macro_export]
macro_rules! log {
    ($ctx:expr, $($format:tt)+) => {
        $ctx.log(&$crate::__private::format!($($format)+))
    };
}

/// What the macros' code needs.
#[doc(hidden)]
pub mod __private {
    pub use crate::module::{arguments, longest, no_entry, reply};
    #[cfg(target_arch = "wasm32")]
    pub use crate::sys::{Heap, panicked};
    pub use crate::sys::{Static, StaticBytes};
    pub use alloc::format;
}
