//! The lowest rung: what a call will do, before anybody has ordered it.
//!
//! [`Predictor`] is the chain's own machine (`playfair-machine`) after a verified block, over values that a light client verified, with any
//! engine. It runs a call, or several one after the other, as the next block would. A run that reads a key whose value is not known ends with
//! the keys that it needs: whoever predicts verifies their values and asks again. Nothing is guessed.
//!
//! # What a prediction is worth
//!
//! It is right if the next block begins with exactly these calls, at about this time. It is another one's if somebody else's call comes
//! first, and a guess for a module that reads the block's randomness, which nobody knows yet: the machine is given none of value
//! ([`NO_SEED`]). Gas, outputs and events are the chain's own, since the module, the machine and the prices are.
//!
//! # Invariants
//!
//! - Only what was handed in with [`Predictor::know`] is read; an absent value is a value.
//! - A prediction changes nothing: each begins at the verified block.
//! - Rounds are bounded by the gas of the calls: each run learns of at least one key more.
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod known;

use known::Known;
use playfair_machine::query::{Answer, query};
use playfair_machine::{Applied, Engine, Error, Fault, Machine, Prepared};
use playfair_types::Encode;
use playfair_types::bounded::U48;
use playfair_types::crypto::field::Fr;
use playfair_types::segment::Boundary;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::tape::system::BlockRecord;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The seed that predicted blocks have: none.
pub const NO_SEED: [u8; 31] = [0; 31];

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicted<T> {
    /// It reads these keys, whose values are not known: verify them, [`Predictor::know`] them, ask again.
    Needs(Vec<StateKey>),
    /// What will be.
    Will(T),
}

/// What calls will do.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// For each call, its receipt and body, and what the module logs.
    pub calls: Vec<Applied>,
    /// What changes: a key's new value, or that it is gone.
    pub changes: BTreeMap<StateKey, Option<Vec<u8>>>,
}

/// Why there is no prediction.
#[derive(Debug)]
pub enum Unpredictable {
    /// A record is no call that may stand in a block.
    Record(String),
    /// The engine or the values failed: the values of two blocks were mixed, or the module is another one.
    Fault(Fault),
}

impl fmt::Display for Unpredictable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(why) => write!(f, "this is no call: {why}"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for Unpredictable {}

/// A chain after a verified block.
pub struct Predictor<E> {
    engine: E,
    chain_id: Fr,
    boundary: Boundary,
    known: Arc<Known>,
}

impl<E: fmt::Debug> fmt::Debug for Predictor<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Predictor")
            .field("height", &self.boundary.height)
            .finish_non_exhaustive()
    }
}

impl<E: Engine + Clone> Predictor<E> {
    /// After the block of this boundary, with nothing known of the state.
    pub fn new(engine: E, chain_id: Fr, boundary: Boundary) -> Self {
        Self {
            engine,
            chain_id,
            boundary,
            known: Arc::default(),
        }
    }

    /// A value under the boundary's state root that was verified; none for a key that has none.
    pub fn know(&mut self, key: StateKey, value: Option<Vec<u8>>) {
        self.known.add(key, value);
    }

    /// What these calls, records' bytes in their order, will do in a block at `time_ms`.
    ///
    /// # Errors
    /// [`Unpredictable`].
    pub fn calls(&self, records: &[Vec<u8>], time_ms: u64) -> Result<Predicted<Foreseen>, Unpredictable> {
        match self.run(records, time_ms) {
            Err(Unpredictable::Fault(_)) if self.known.lacks() => Ok(Predicted::Needs(self.known.take())),
            Err(error) => Err(error),
            Ok(foreseen) => Ok(Predicted::Will(foreseen)),
        }
    }

    fn run(&self, records: &[Vec<u8>], time_ms: u64) -> Result<Foreseen, Unpredictable> {
        let known: Arc<Known> = Arc::clone(&self.known);
        let opened = Machine::open(self.engine.clone(), self.chain_id, self.boundary, known);
        let mut machine = opened.map_err(Unpredictable::Fault)?;
        let block = self.block(time_ms);
        self.apply(&mut machine, &block)?;
        let mut calls = Vec::with_capacity(records.len());
        for record in records {
            calls.push(self.apply(&mut machine, record)?);
        }
        let changes = machine.changes().clone();
        Ok(Foreseen { calls, changes })
    }

    fn apply(&self, machine: &mut Machine<E>, record: &[u8]) -> Result<Applied, Unpredictable> {
        let prepared = Prepared::read(self.chain_id, record);
        let prepared = prepared.map_err(|broken| Unpredictable::Record(broken.to_string()))?;
        machine.apply(&prepared).map_err(|error| match error {
            Error::Broken(broken) => Unpredictable::Record(broken.to_string()),
            Error::Fault(fault) => Unpredictable::Fault(fault),
        })
    }

    /// The record of the next block.
    fn block(&self, time_ms: u64) -> Vec<u8> {
        let earliest = self.boundary.time_ms.get().saturating_add(1);
        let time_ms = U48::new(time_ms.max(earliest)).unwrap_or(self.boundary.time_ms);
        let block = BlockRecord {
            height: self.boundary.height.saturating_add(1),
            time_ms,
            seed: NO_SEED,
            seed_signature: [0; 48],
        };
        block.encode()
    }

    /// What the module answers about the verified block.
    ///
    /// # Errors
    /// [`Unpredictable::Fault`].
    pub fn query(&self, entry: u8, payload: &[u8]) -> Result<Predicted<Answer>, Unpredictable> {
        let known: Arc<Known> = Arc::clone(&self.known);
        let params = StateKey::of_system(SystemKey::Params);
        if !self.known.has(&params) {
            return Ok(Predicted::Needs(vec![params]));
        }
        match query(&self.engine, self.chain_id, &self.boundary, known, entry, payload) {
            Err(_) if self.known.lacks() => Ok(Predicted::Needs(self.known.take())),
            Err(fault) => Err(Unpredictable::Fault(fault)),
            Ok(answer) => Ok(Predicted::Will(answer)),
        }
    }
}
