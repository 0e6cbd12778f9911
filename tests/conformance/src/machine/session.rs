//! What instances of a module were asked and answered.

use super::{Loaded, OUT_OF_GAS};
use crate::engine::Trap;
use std::sync::{Arc, Mutex, PoisonError};

/// A call of an export, by its number.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) export: u64,
    pub(super) gas: u64,
    pub(super) arguments: Vec<u64>,
}

/// A call and what it came to.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(super) call: Call,
    pub(super) result: Result<Vec<u64>, Trap>,
    /// Gas that was left.
    pub(super) gas: u64,
    /// Rows that it took, the kernel's included.
    pub(super) rows: u32,
}

impl Entry {
    /// How it ended, if it did not return.
    #[must_use]
    pub fn trap(&self) -> Option<Trap> {
        self.result.as_ref().err().copied()
    }

    /// What it returned, as words, or how it ended.
    pub fn result(&self) -> &Result<Vec<u64>, Trap> {
        &self.result
    }

    /// Gas that was left.
    #[must_use]
    pub fn gas(&self) -> u64 {
        self.gas
    }

    /// What the kernel absorbs for it.
    pub(super) fn absorbed(&self) -> Vec<u64> {
        let Call {
            export,
            gas,
            arguments,
        } = &self.call;
        let mut numbers = vec![*export, *gas];
        numbers.extend(arguments);
        match &self.result {
            Ok(results) => {
                numbers.extend([0, self.gas]);
                numbers.extend(results);
            }
            Err(Trap::OutOfGas) => numbers.push(OUT_OF_GAS),
            Err(trap) => numbers.extend([detail(*trap), self.gas]),
        }
        numbers
    }
}

/// A trap as the kernel names it.
fn detail(trap: Trap) -> u64 {
    match trap {
        Trap::Unreachable => 1,
        Trap::MemoryOutOfBounds => 2,
        Trap::DivisionByZero => 3,
        Trap::IntegerOverflow => 4,
        Trap::IndirectCallType => 5,
        Trap::TableOutOfBounds => 6,
        Trap::NullElement => 7,
        Trap::CallDepth => 8,
        Trap::OutOfGas => OUT_OF_GAS,
    }
}

/// Instances of one module, one after the other.
pub struct Session {
    pub(super) module: Arc<Loaded>,
    pub(super) instances: Vec<Vec<Entry>>,
}

impl Session {
    /// The module's code, and every number that was asked, given and found: sessions that agree in this have the same witnesses, if
    /// modules are lowered alike.
    #[must_use]
    pub fn key(&self) -> (Vec<u8>, Vec<u64>) {
        let mut numbers = Vec::new();
        for instance in &self.instances {
            numbers.push(instance.len() as u64);
            numbers.extend(instance.iter().flat_map(Entry::absorbed));
        }
        (self.module.wasm.clone(), numbers)
    }

    /// The module's code.
    #[must_use]
    pub fn wasm(&self) -> &[u8] {
        &self.module.wasm
    }

    /// Exports that were called, each with how it ended.
    pub fn calls(&self) -> impl Iterator<Item = (&str, Option<Trap>)> {
        let name = |number: u64| {
            let mut exports = self.module.functions.iter();
            exports
                .find(move |(_, (of, _))| *of == number)
                .map(|(name, _)| name.as_str())
        };
        self.entries()
            .filter_map(move |entry| Some((name(entry.call.export)?, entry.trap())))
    }

    /// All calls.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.instances.iter().flatten()
    }
}

/// Where sessions are kept.
pub(super) type Record = Arc<Mutex<Vec<Session>>>;

/// Keeps what an instance did.
pub(super) fn keep(record: &Record, module: &Arc<Loaded>, history: Vec<Entry>) {
    // Nobody panics with the lock in hand.
    let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
    match record.last_mut() {
        Some(last) if Arc::ptr_eq(&last.module, module) => last.instances.push(history),
        _ => record.push(Session {
            module: module.clone(),
            instances: vec![history],
        }),
    }
}
