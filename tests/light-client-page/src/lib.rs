//! Does the light client do in a real browser what it does natively?
//!
//! Half of this crate is compiled to WebAssembly by `cargo xtask web`: `bodies` are those of `tests/light-client`, the truths and the lies, and `cost`
//! has single checks whose time is measured. The other half, [`chromium`], starts the script that loads them and the real package into
//! Chromium's pages (`tests/peers/light-client-*.mjs`) against a node that is the recorded chain.

#[cfg(target_arch = "wasm32")]
pub mod bodies;
#[cfg(target_arch = "wasm32")]
pub mod cost;

#[cfg(not(target_arch = "wasm32"))]
pub mod chromium;
