//! The light client for browsers: the core of `playfair-light-client-core` as a class of JavaScript.
//!
//! It belongs into a Web Worker (`npm/worker.mjs`, in the package that `cargo xtask web` builds): verifying takes tens of milliseconds, which a page would feel. Questions go out by
//! `fetch`, bounded in bytes and time; what is verified is kept in an IndexedDB database of its own, which may be deleted at any time. What a
//! node says reaches JavaScript only after it was checked; what was caught comes as an error with its exhibits.
//!
//! [`told`] is what JavaScript is told, as JSON; it compiles everywhere. The rest is the shell, for wasm32 alone.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod told;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod shell;
#[cfg(target_arch = "wasm32")]
mod store;

#[cfg(target_arch = "wasm32")]
pub use shell::LightClient;
