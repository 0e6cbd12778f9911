//! The script that `playfair run` replays.
//!
//! ```json
//! {
//!   "init": {"start": 5},
//!   "tick_gas": 0,
//!   "steps": [
//!     {"session": "alice", "calls": ["add"]},
//!     {"by": "alice", "call": "add", "args": {"step": 3}, "expect": "ok", "returns": 8},
//!     {"by": "bob", "call": "add", "args": {"step": 11}, "expect": "BadStep"},
//!     {"block": [{"by": "alice", "call": "add", "args": {"step": 1}}, {"by": "bob", "call": "add", "args": {"step": 1}}]},
//!     {"wait_ms": 60000},
//!     {"query": "total", "returns": 10}
//!   ]
//! }
//! ```
//! Players are names; their keys are made from them. Each call has a block of its own, a second after the last; `block` puts
//! several into one; `wait_ms` lets time pass before the next block. `session` gives a player a session key for some calls.
//! A call without ABI is `{"by": "alice", "entry": 0, "payload": "0x0102"}`. `expect` is an outcome (`ok`, `reverted`,
//! `trapped`, `out of gas`, `invalid`) or the name of one of the entry's errors; with `returns` it makes a script a test.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

/// A script.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    /// Arguments of init, by name.
    #[serde(default)]
    pub(crate) init: Value,
    /// Gas of each block's tick.
    #[serde(default)]
    pub(crate) tick_gas: u32,
    /// Time of genesis, ms since 1970.
    pub(crate) time_ms: Option<u64>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Step {
    Block(Block),
    Query(Query),
    Session(Session),
    Wait(Wait),
    Call(Call),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Block {
    pub(crate) block: Vec<Call>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wait {
    pub(crate) wait_ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) session: String,
    pub(crate) calls: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Query {
    pub(crate) query: String,
    #[serde(default)]
    pub(crate) args: Value,
    pub(crate) returns: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    pub(crate) by: String,
    pub(crate) call: Option<String>,
    #[serde(default)]
    pub(crate) args: Value,
    pub(crate) entry: Option<u8>,
    pub(crate) payload: Option<String>,
    pub(crate) expect: Option<String>,
    pub(crate) returns: Option<Value>,
}

impl Script {
    pub(crate) fn parse(text: &[u8]) -> Result<Self> {
        /// The steps one by one, so that a mistake is told with its place.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Outer {
            #[serde(default)]
            init: Value,
            #[serde(default)]
            tick_gas: u32,
            time_ms: Option<u64>,
            steps: Vec<Value>,
        }
        let outer: Outer = serde_json::from_slice(text).context("the script is not readable")?;
        let mut steps = Vec::with_capacity(outer.steps.len());
        for (place, step) in outer.steps.into_iter().enumerate() {
            let shown = step.to_string();
            steps.push(serde_json::from_value(step).with_context(|| {
                format!(
                    "step {} is none of call, block, query, session, wait_ms: {shown}",
                    place + 1
                )
            })?);
        }
        Ok(Self {
            init: outer.init,
            tick_gas: outer.tick_gas,
            time_ms: outer.time_ms,
            steps,
        })
    }
}
