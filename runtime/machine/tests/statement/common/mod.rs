//! What the tests share: a scripted engine, a chain that checks what holds of every record, players, random numbers.

mod chain;
mod engine;
mod history;
mod random;

pub(crate) use chain::{
    Chain, GAS, LEAST, Player, START_MS, account_key, chain_of, genesis_record, module, sum,
};
pub(crate) use engine::{Guest, Scripted, fault};
pub(crate) use history::History;
pub(crate) use random::Random;
