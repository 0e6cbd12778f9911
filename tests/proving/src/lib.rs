//! Real games proven: from signed calls to proofs that two verifiers accept; what it takes is measured here too.

pub mod caller;
pub mod chess;
pub mod columns;
pub mod constraints;
pub mod cost;
pub mod game;
pub mod history;
pub mod host_calls;
pub mod javascript;
pub mod meter;
pub mod process;
pub mod replay;
