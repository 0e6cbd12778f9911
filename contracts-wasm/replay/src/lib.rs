//! A line of chess moves, from the initial position, read and played in one call: a module for measuring proofs.
//!
//! Every move is judged by the Laws in full: whose piece it is, how it moves, what is in between, promotion, en passant,
//! castling and its rights, and that its own king is not left in check. What ends a game (mate needs no rule: nothing is
//! legal any more) or may be claimed is not asked: draws, clocks and players are the chess module's.
//!
//! The chess module keeps a position in four words, since it stores one with every move. Here a position never leaves the
//! call, so it lies in memory, square by square, with what the last move found out about checks: a move then touches a
//! few squares instead of all, and takes a fraction of the instructions. Both judge alike; tests hold one against the other.
#![cfg_attr(target_arch = "wasm32", no_std)]

pub mod board;
mod geometry;
pub mod line;
mod module;
pub mod play;

pub use module::{Replay, ReplayError};
