//! Does the light client do in a real browser what it does natively?
//!
//! Half of this crate is compiled to WebAssembly by `cargo xtask web`: [`bodies`](self) are the bodies of `tests/light-client`, the truths and the lies, and
//! the single checks whose time is measured. The other half, [`chromium`], starts the script that loads them and the real package into
//! Chromium's pages (`tests/peers/light-client-*.mjs`) against a node that is the recorded chain.

#[cfg(target_arch = "wasm32")]
mod bodies;
#[cfg(target_arch = "wasm32")]
mod cost;

#[cfg(not(target_arch = "wasm32"))]
pub mod chromium;
