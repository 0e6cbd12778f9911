//! Real games proven: from signed calls to proofs that two verifiers accept.

pub mod chess;
pub mod history;
