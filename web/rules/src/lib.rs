//! The rules of the chess module, for pages: the very files that the module is made of.
//!
//! As a dependency the module would bring its exports, its allocator and its chain's imports into a page. Leaving these out by a feature of its crate
//! would change the module's bytes, and with them its hash and every chain that runs it. So its files are compiled a second time, here.
//!
//! Nothing is decided by them: they show where a piece may go and how a move is written. What a move does is what the module itself
//! does, when it is predicted and when it is ordered.

#[path = "../../../contracts-wasm/chess/src/fen.rs"]
pub mod fen;
#[path = "../../../contracts-wasm/chess/src/game/mod.rs"]
pub mod game;
#[path = "../../../contracts-wasm/chess/src/rules/mod.rs"]
pub mod rules;

pub mod house;
pub mod san;
