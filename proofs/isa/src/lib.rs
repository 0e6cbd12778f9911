//! The register machine: lowering of instrumented WebAssembly, linking, reference interpreter and trace.

pub mod asm;
pub mod code;
pub mod interp;
pub mod micro;
pub mod ops;
pub mod trace;
pub mod disasm;
pub mod link;
pub mod lower;
mod millicode;
