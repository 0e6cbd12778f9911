//! What the tests share: chains of the native machine's own tests, over an engine that also runs on the kernel.

#[allow(dead_code)]
#[path = "../../../../../runtime/machine/tests/statement/common/chain.rs"]
mod chain;
mod engine;
#[path = "../../../../../runtime/machine/tests/statement/common/history.rs"]
mod history;
mod prove;
#[allow(dead_code)]
#[path = "../../../../../runtime/machine/tests/statement/common/random.rs"]
mod random;
pub(crate) mod wasm;

pub(crate) use chain::{Chain, LEAST, Player, START_MS, chain_of, genesis_record, module};
pub(crate) use engine::{Guest, Scripted, interpret};
pub(crate) use history::History;
pub(crate) use prove::Segment;
pub(crate) use random::Random;
