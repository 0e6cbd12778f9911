//! The interpreter against independent statements of what every operation means.

mod arithmetic;
mod common;
mod exits;
mod flow;
mod memory;
mod microcode;
mod refusals;
