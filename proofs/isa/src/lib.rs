//! The register machine: lowering of instrumented WebAssembly, linking, reference interpreter and trace.

pub mod asm;
pub mod code;
pub mod disasm;
pub mod interp;
pub mod link;
pub mod lower;
pub mod micro;
mod millicode;
pub mod ops;
pub mod trace;
