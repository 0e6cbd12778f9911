//! Real games through the whole runtime: modules built as studios build them, admitted, and played by signed calls of
//! session keys on a local chain. The demo, the benchmark and the tests share it.

pub mod chess;
pub mod golden;
pub mod module;
