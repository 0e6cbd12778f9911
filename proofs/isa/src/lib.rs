//! The register machine: lowering of instrumented WebAssembly, linking, reference interpreter and trace.

pub mod code;
pub mod trace;
