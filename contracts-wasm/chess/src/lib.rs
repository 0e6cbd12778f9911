//! Chess by the FIDE Laws, as a Playfair module.
//!
//! [`rules`] knows positions and moves, [`game`] knows players, clocks, offers and claims, and how a game is stored. Both
//! are plain integer code without allocation, tables or panics, since every executed instruction is proven. [`module`]
//! puts them on a chain.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(not(target_arch = "wasm32"))]
pub mod fen;
pub mod game;
pub mod module;
#[cfg(not(target_arch = "wasm32"))]
pub mod pgn;
pub mod rules;
