//! Execution in wasmtime: admitted modules, a fresh instance for every run, and a chain's machine together with its
//! state.
//!
//! - [`engine::Wasmtime`] compiles instrumented modules and runs their entry points. It decides nothing: prices and
//!   call depth are in the instrumented code, host functions are `playfair_machine`'s.
//! - [`chain::Chain`] applies tapes to a machine and a state tree, with signatures verified on all cores.

pub mod chain;
pub mod engine;
pub mod local;

pub use chain::Chain;
pub use engine::Wasmtime;
