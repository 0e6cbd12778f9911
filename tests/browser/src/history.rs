//! A chain that wasmtime runs, and what came of each block.

use playfair_admission::Admitted;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::{Block, Chain};
use playfair_runtime::local::{Local, Players, Start};
use playfair_state::{MemoryStore, State};
use playfair_types::Encode;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::receipt::{Outcome, Trap};
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::tape::system::BlockRecord;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// A chain and everything that happened on it.
pub struct History {
    /// What it is called in messages.
    pub name: &'static str,
    /// The chain and its players.
    pub local: Local,
    instrumented: Vec<u8>,
    blocks: Vec<Noted>,
}

/// A block, and what came of it.
struct Noted {
    bytes: Vec<u8>,
    block: Block,
    queries: Vec<Value>,
    answers: Vec<Value>,
}

impl History {
    /// Starts a chain of this module with no init argument, tick or balances.
    ///
    /// # Panics
    /// As [`History::of`].
    #[must_use]
    pub fn start(name: &'static str, module: &Admitted) -> Self {
        Self::of(name, module, &Start::of(module.hash).genesis())
    }

    /// Starts a chain.
    ///
    /// # Panics
    /// If the genesis record does not make a chain.
    #[must_use]
    pub fn of(name: &'static str, module: &Admitted, genesis: &GenesisRecord) -> Self {
        let engine = Wasmtime::new().expect("an engine");
        engine.load(module).expect("an admitted module compiles");
        let state = Arc::new(State::open(MemoryStore::new()).expect("a state"));
        let (chain, block) = Chain::create(engine, state, genesis).expect("a chain");
        let local = Local {
            players: Players::of(genesis.chain_id()),
            chain,
            blocks: Vec::new(),
        };
        let mut history = Self {
            name,
            local,
            instrumented: module.instrumented.clone(),
            blocks: Vec::new(),
        };
        history.note(genesis.encode(), block);
        history
    }

    fn note(&mut self, bytes: Vec<u8>, block: Block) {
        self.blocks.push(Noted {
            bytes,
            block,
            queries: Vec::new(),
            answers: Vec::new(),
        });
    }

    /// A signed call of a player.
    ///
    /// # Panics
    /// If the payload is longer than a call's.
    pub fn call(&mut self, player: &str, entry: u8, payload: &[u8]) -> Vec<u8> {
        let players = &mut self.local.players;
        players
            .call(player, entry, payload)
            .expect("a payload within the limit")
    }

    /// Makes a block of these calls, and returns the outcomes of the calls.
    ///
    /// # Panics
    /// As [`History::block`].
    pub fn play(&mut self, calls: &[(&str, u8, Vec<u8>)]) -> Vec<Outcome> {
        let signed = |(player, entry, payload): &(&str, u8, Vec<u8>)| self.call(player, *entry, payload);
        let records: Vec<_> = calls.iter().map(signed).collect();
        self.block(&records)
    }

    /// Makes a block of these records, and returns their outcomes.
    ///
    /// # Panics
    /// If one of them breaks the tape.
    pub fn block(&mut self, records: &[Vec<u8>]) -> Vec<Outcome> {
        let boundary = self.local.chain.boundary();
        let height = boundary.height + 1;
        let record = BlockRecord {
            height,
            time_ms: U48::new(boundary.time_ms.get() + 100 * height).unwrap_or(U48::MAX),
            // Any seed will do, as long as it is not always the same.
            seed: [height as u8; 31],
            seed_signature: [7; 48],
        };
        let mut bytes = record.encode();
        bytes.extend(records.iter().flatten());
        let block = self.local.chain.apply(&bytes).expect("a block");
        let outcomes = block.applied.iter().skip(1);
        let outcomes = outcomes.map(|done| done.receipt.outcome).collect();
        self.note(bytes, block);
        outcomes
    }

    /// Asks the module after the last block, and returns outcome and output.
    ///
    /// # Panics
    /// If the chain fails.
    pub fn query(&mut self, entry: u8, payload: &[u8]) -> (Outcome, Vec<u8>) {
        let answer = self.local.chain.query(entry, payload).expect("an answer");
        let last = self.blocks.last_mut().expect("a history begins with genesis");
        last.queries.push(json!({
            "entry": entry,
            "payload": hex(payload),
            "told": told(answer.outcome),
        }));
        last.answers.push(json!({
            "outcome": codes(answer.outcome),
            "gas": answer.gas_used,
            "output": hex(&answer.output),
        }));
        (answer.outcome, answer.output)
    }

    /// Changes the module that other engines get, for showing that they are found out.
    pub fn pretend(&mut self, change: impl FnOnce(&mut [u8])) {
        change(&mut self.instrumented);
    }

    /// The last block.
    ///
    /// # Panics
    /// Never: a history begins with genesis.
    #[must_use]
    pub fn last(&self) -> &Block {
        &self.blocks.last().expect("a history begins with genesis").block
    }

    /// What another implementation gets: the instrumented module, the tape, the queries; and, of what came of it here,
    /// only the traps that an older V8 (node's) does not tell apart.
    #[must_use]
    pub fn job(&self) -> Value {
        let block = |noted: &Noted| {
            let outcomes = noted.block.applied.iter().map(|done| done.receipt.outcome);
            json!({
                "bytes": hex(&noted.bytes),
                "told": outcomes.map(told).collect::<Vec<_>>(),
                "queries": noted.queries,
            })
        };
        json!({
            "module": hex(&self.instrumented),
            "blocks": self.blocks.iter().map(block).collect::<Vec<_>>(),
        })
    }

    /// What it must make of that, block by block.
    #[must_use]
    pub fn expected(&self) -> Vec<Value> {
        let block = |noted: &Noted| {
            let after = &noted.block.header.after;
            let record = |done: &playfair_machine::Applied| {
                let events = done.body.events.iter();
                json!({
                    "outcome": codes(done.receipt.outcome),
                    "gas": done.receipt.gas_used,
                    "output": hex(&done.body.output),
                    "events": events.map(|event| json!([event.topic, hex(&event.data)])).collect::<Vec<_>>(),
                    "messages": done.messages.len(),
                })
            };
            json!({
                "records": noted.block.applied.iter().map(record).collect::<Vec<_>>(),
                "root": element(&after.state_root),
                "tape": element(&after.tape.value),
                "receipts": element(&after.receipts),
                "outbox": element(&after.outbox.value),
                "answers": noted.answers,
            })
        };
        self.blocks.iter().map(block).collect()
    }

    /// The outcomes of all records so far.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcome> {
        let blocks = self.blocks.iter().flat_map(|noted| &noted.block.applied);
        blocks.map(|done| done.receipt.outcome).collect()
    }

    /// Every difference between what an engine made of this history and what wasmtime did, one a line.
    #[must_use]
    pub fn differences(&self, found: &Value) -> Vec<String> {
        let mut differences = Vec::new();
        let expected = Value::Array(self.expected());
        compare(self.name, &expected, found, &mut differences);
        differences
    }
}

/// Names each place where two JSON values differ.
fn compare(place: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{place}[{index}]"), left, right, differences);
            }
        }
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
            for (name, left) in left {
                let right = right.get(name).unwrap_or(&Value::Null);
                compare(&format!("{place}.{name}"), left, right, differences);
            }
        }
        _ if expected == found => {}
        _ => differences.push(format!("{place}: wasmtime {expected}, the other engine {found}")),
    }
}

fn codes(outcome: Outcome) -> Value {
    let (outcome, detail) = outcome.codes();
    json!([outcome, detail])
}

/// The detail of a trap that an older V8 reports with the same words as another one.
fn told(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Trapped(trap @ (Trap::IndirectCallType | Trap::NullElement)) => json!(trap.code()),
        _ => Value::Null,
    }
}

fn element(element: &Fr) -> String {
    hex(&fr_to_bytes(element))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_by_its_place() {
        let mut differences = Vec::new();
        let expected = json!([{"records": [{"gas": 1}, {"gas": 2}], "root": "aa"}]);
        let found = json!([{"records": [{"gas": 1}, {"gas": 3}], "root": "ab"}]);
        compare("sink", &expected, &found, &mut differences);
        assert_eq!(
            differences,
            [
                "sink[0].records[1].gas: wasmtime 2, the other engine 3",
                "sink[0].root: wasmtime \"aa\", the other engine \"ab\""
            ]
        );
        differences.clear();
        compare("sink", &json!([1, 2]), &json!([1]), &mut differences);
        assert_eq!(differences.len(), 1);
    }
}
