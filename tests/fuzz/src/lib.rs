//! Fuzzing of every decoder that reads bytes from outside.
//!
//! A [`targets::Target`] is a name, a generator of valid encodings and a check over arbitrary bytes. The check is
//! always the same claim (see [`playfair_types::codec`]): decoding does not panic, and bytes that decode are exactly
//! the bytes that the value encodes to. The seeded run in this crate's tests mutates valid encodings; the binary
//! runs one target for as long as asked. Everything follows from a printed seed.

#[cfg(not(target_arch = "wasm32"))]
mod circuit;
pub mod cross_target;
#[cfg(not(target_arch = "wasm32"))]
mod ethereum;
#[cfg(not(target_arch = "wasm32"))]
mod files;
#[cfg(not(target_arch = "wasm32"))]
mod jobs;
mod modules;
pub mod mutate;
#[cfg(not(target_arch = "wasm32"))]
mod node;
#[cfg(not(target_arch = "wasm32"))]
mod owners;
#[cfg(not(target_arch = "wasm32"))]
mod predictor;
#[cfg(not(target_arch = "wasm32"))]
mod proofs;
pub mod random;
pub mod samples;
#[cfg(not(target_arch = "wasm32"))]
mod setup;
#[cfg(not(target_arch = "wasm32"))]
mod snapshots;
pub mod targets;
#[cfg(not(target_arch = "wasm32"))]
mod wallet;
