//! Segments, hints, keys, setup and halo2 proofs.

pub mod export;
pub mod fast;
pub mod halo2;
pub mod module;
pub mod segment;
pub mod setup;
pub mod state;
pub mod transcript;
