//! The state from outside: against a model, across crashes, under threads, and with damaged input.

mod common;
mod crash;
mod damage;
mod disk;
mod forks;
mod model;
mod snapshots;
mod versions;
