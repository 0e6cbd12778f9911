//! What a module and its chain agree on.
//!
//! A module is a core WebAssembly binary with integer instructions. The chain calls its [`export`]s; it calls the
//! [`host`] functions of the import module `playfair`. Between the two stands *instrumentation*, which admission does
//! once: it adds the globals named in [`instrumented`], and the code that counts gas and call depth in them. Admission,
//! the engines (wasmtime, the register machine, a browser) and the guest SDK all follow this crate; docs/HOST.md says
//! the same in words.
#![no_std]

pub mod export;
pub mod host;
pub mod instrumented;

/// The custom section that holds a module's ABI as JSON: names and types of its entries, events, errors and state.
pub const ABI_SECTION: &str = "playfair:abi";
