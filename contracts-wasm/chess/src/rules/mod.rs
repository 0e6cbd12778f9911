//! The rules of chess that need nothing but a position: how pieces move, check, mate, stalemate and dead positions
//! (FIDE Laws of Chess, articles 1 to 5 and 6.9).

pub mod attacks;
mod board;
mod legal;
mod material;
mod moves;
mod position;

pub use board::{Board, Kind, Side};
pub use material::{can_mate, is_dead};
pub use moves::{Illegal, Move};
pub use position::{Position, Rights};
