//! Histories of a small chain: cut, carried, proven, checked; and lies about each of them.

mod cuts;
mod damage;
mod jobs;
mod proofs;
mod scene;
mod upgrades;
