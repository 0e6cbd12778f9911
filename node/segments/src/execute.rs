//! A sealed block executed again, record by record.

use crate::error::Error;
use playfair_machine::error::Error as MachineError;
use playfair_machine::prepared::Prepared;
use playfair_machine::world::StateRead;
use playfair_machine::{Applied, Machine};
use playfair_runtime::Wasmtime;
use playfair_state::Fork;
use playfair_types::codec::Reader;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::receipt::Receipt;
use playfair_types::segment::Boundary;
use playfair_types::state::StateKey;
use playfair_types::tape::step;
use playfair_types::{Encode, inclusion};
use rayon::prelude::*;
use std::sync::Arc;

/// Signatures that one thread verifies together.
const VERIFIED_TOGETHER: usize = 64;

/// A record that was executed, with what it led to.
pub(crate) struct Executed {
    /// Its block.
    pub(crate) height: u64,
    /// Its number in its block.
    pub(crate) number: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) work: u64,
    /// The boundary after it, state root included.
    pub(crate) after: Boundary,
    /// The state after it.
    pub(crate) state: Fork,
    /// Whether it is its block's last.
    pub(crate) last: bool,
}

/// A chain's machine between two blocks.
pub(crate) struct Executor {
    engine: Wasmtime,
    chain_id: Fr,
    machine: Option<Machine<Wasmtime>>,
}

impl Executor {
    pub(crate) fn new(engine: Wasmtime, chain_id: Fr) -> Self {
        Self {
            engine,
            chain_id,
            machine: None,
        }
    }

    /// Executes the block that follows `end`; `before` is the state there. What comes of it is what the header says, or an
    /// error, after which this executor must not be used further.
    pub(crate) fn run(
        &mut self,
        end: &Boundary,
        header: &Header,
        tape: &[u8],
        before: &Fork,
    ) -> Result<Vec<Executed>, Error> {
        let height = header.after.height;
        let mut machine = self.machine(end, before)?;
        let mut records = Prepared::read_all(self.chain_id, tape).map_err(|broken| Error::Broken {
            height,
            record: readable(tape),
            broken,
        })?;
        verify(&mut machine, &mut records)?;

        let mut state = before.clone();
        let mut executed = Vec::with_capacity(records.len());
        let mut receipts = Vec::with_capacity(records.len());
        for (number, record) in (0..).zip(&records) {
            let Applied { receipt, work, .. } = machine.apply(record).map_err(|error| match error {
                MachineError::Fault(fault) => Error::Fault(fault),
                MachineError::Broken(broken) => Error::Broken {
                    height,
                    record: number,
                    broken,
                },
            })?;
            state = state.with(machine.changes())?;
            machine.settle(Arc::new(Forked(state.clone())), state.root());
            receipts.push(receipt);
            executed.push(Executed {
                height,
                number,
                bytes: record.bytes().to_vec(),
                work,
                after: *machine.boundary(),
                state: state.clone(),
                last: false,
            });
        }
        let bytes: Vec<&[u8]> = records.iter().map(Prepared::bytes).collect();
        compare(header, machine.boundary(), &bytes, &receipts)?;
        if let Some(last) = executed.last_mut() {
            last.last = true;
        }
        self.machine = Some(machine);
        Ok(executed)
    }

    fn machine(&mut self, end: &Boundary, before: &Fork) -> Result<Machine<Wasmtime>, Error> {
        let state = Arc::new(Forked(before.clone()));
        match self.machine.take() {
            // The records before have been settled: this lets go of the block before.
            Some(mut machine) => {
                machine.settle(state, before.root());
                Ok(machine)
            }
            None => Ok(Machine::open(self.engine.clone(), self.chain_id, *end, state)?),
        }
    }
}

/// How many records can be read before one that cannot.
fn readable(tape: &[u8]) -> u32 {
    let mut reader = Reader::new(tape);
    (0..).find(|_| step(&mut reader).is_err()).unwrap_or(u32::MAX)
}

/// The block's end against its header, field by field.
fn compare(header: &Header, end: &Boundary, records: &[&[u8]], receipts: &[Receipt]) -> Result<(), Error> {
    let (height, said) = (header.after.height, &header.after);
    let receipts: Vec<Vec<u8>> = receipts.iter().map(Encode::encode).collect();
    let same = [
        ("number of records", header.records as usize == records.len()),
        ("tape", said.tape == end.tape),
        ("records root", header.calls_root == inclusion::root(records)),
        ("receipts", said.receipts == end.receipts),
        (
            "receipts root",
            header.receipts_root == inclusion::root(&receipts),
        ),
        ("state root", said.state_root == end.state_root),
        ("boundary", said == end),
    ];
    match same.into_iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(Error::Differs { height, what }),
        None => Ok(()),
    }
}

/// Verifies every record's signature against the key that the state names now, on all cores.
fn verify(machine: &mut Machine<Wasmtime>, records: &mut [Prepared]) -> Result<(), Error> {
    let keys = machine.expected_keys(records)?;
    let chunks = records
        .par_chunks_mut(VERIFIED_TOGETHER)
        .zip(keys.par_chunks(VERIFIED_TOGETHER));
    chunks.for_each(|(records, keys)| Prepared::verify_batch(records, keys));
    Ok(())
}

/// A fork as a machine reads it.
struct Forked(Fork);

impl StateRead for Forked {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        self.0.get(key).map_err(|error| error.to_string())
    }
}
