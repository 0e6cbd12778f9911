//! The node's chains on simulated disks, clocks and networks, driven by a seed: the same seed gives the same history,
//! bit by bit, and a failure is replayed by its seed.
//!
//! - [`disk`]: a folder that forgets what was not synced, tears writes, fills up, fails, and is damaged on request.
//! - [`world`]: a small module that ends calls in every way, a chain of it, and players who sign.
//! - [`scene`]: what tests of one chain begin with.
//! - [`run`]: players, a network that loses, repeats, delays and mangles, a node that crashes, and the books that are kept
//!   of what was acknowledged.

pub mod disk;
pub mod random;
pub mod run;
pub mod scene;
pub mod world;
