//! What the `playfair` command does, as a library: the demo, the benchmarks and the tests build and run modules by the
//! same code as studios and operators.
//!
//! - [`create`] makes a new project, [`build`] compiles it and shows that the chain admits it.
//! - [`join`] proves for a node.
//! - [`inspect`] says what a module is made of.
//! - [`lower`] says what it becomes for the prover.
//! - [`run`] replays a script of calls on a local chain, [`prove`] proves it, [`verify`] checks the proofs.
//! - [`live`] is a light client, for a running chain.
//! - [`setup`] imports what they rest on, [`keyset`] makes the set of keys that a chain's link names.
//! - [`dev`] is a whole network on one machine, for who writes modules.
//! - [`config`] is what an operator says about a node, [`server`] runs it, [`client`] talks to it.

mod abi;
pub mod build;
pub mod client;
pub mod config;
pub mod create;
pub mod dev;
pub mod inspect;
pub mod join;
pub mod keyset;
pub mod live;
pub mod lower;
pub mod prove;
pub mod run;
mod sections;
pub mod server;
pub mod setup;
pub mod shape;
mod table;
pub mod verify;
