//! What instrumentation adds to a module, and how an engine reads it.
//!
//! An engine sets [`GAS`] to the gas that a run may use and calls an entry point. When the run ends by a trap, the
//! engine reads the globals: [`GAS`] below zero means *out of gas*, else [`STACK`] below zero means the trap *call
//! depth*, else the engine's own reason holds. The module itself cannot name these globals.

/// Everything that instrumentation exports starts with this; a module that already exports such a name is refused.
pub const RESERVED_PREFIX: &str = "playfair:";

/// Exported mutable `i32` global: the gas that is left. Starts at 0.
pub const GAS: &str = "playfair:gas";

/// Exported mutable `i32` global: the frame slots that are left. Starts at the limit.
pub const STACK: &str = "playfair:stack";

/// Exported mutable `i64` global of a *measuring* build, which is never admitted: executed instructions.
pub const INSTRUCTIONS: &str = "playfair:instructions";

/// Exported mutable `i64` global of a *measuring* build: executed loads and stores, and words of bulk operations.
pub const ACCESSES: &str = "playfair:accesses";

/// The name under which an instrumented module exports its memory, if it has one.
pub const MEMORY: &str = "memory";
