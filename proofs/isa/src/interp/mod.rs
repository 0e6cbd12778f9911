//! The reference interpreter: the executable form of docs/CIRCUIT.md.
//!
//! It runs a linked [`Program`] from code index 4 to END as the honest prover does. Where the prover
//! chooses, an [`Oracle`] answers (hints), or the interpreter itself: it takes EXIT at a row with a TRAP entry if and only if the
//! row's gas exceeds the gas that is left or the entry's condition holds. Whatever has no satisfying row is a [`Fault`] that names
//! the row, so that an error of kernel, compiler or linker shows here and not as a proof that fails.
//!
//! It is stricter than the machine in a few points where a row exists that no compiler means to write: a register beyond the
//! frames, a stored value wider than its access, more frame slots given back than taken, a row's gas beyond what is left without
//! TRAP entry, registers and memory that no image and no frame can hold.

mod curve;
mod decode;
mod exec;
mod fault;
mod form;
mod image;
mod memory;
mod state;
mod trap;

pub use fault::{Fault, ProgramError, Reason};

use crate::asm::Space;
use crate::code::{Program, at};
use crate::trace::{Trace, Value};
use decode::Row;
use exec::Machine;
use image::Tables;
use playfair_types::crypto::field::Fr;
use state::Rounds;
use trap::Trap;

/// Answers hints.
pub trait Oracle {
    /// The answer to hint number `hint`, asked with `argument`. A 64-bit hint needs a word.
    fn hint(&mut self, hint: u32, argument: Fr, machine: &View<'_>) -> Fr;
}

/// Answers every hint with zero.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOracle;

impl Oracle for NoOracle {
    fn hint(&mut self, _hint: u32, _argument: Fr, _machine: &View<'_>) -> Fr {
        Fr::from(0u64)
    }
}

/// A program, ready to run. Making one takes time linear in the program; runs share it.
#[derive(Debug)]
pub struct Executable {
    rows: Vec<Row>,
    traps: Vec<Trap>,
    tables: Tables,
    rounds: Rounds,
}

impl Executable {
    /// Decodes a program.
    ///
    /// # Errors
    /// [`ProgramError`] if a row is malformed, a second row is missing, or tables contradict each other or the rows.
    pub fn new(program: &Program) -> Result<Self, ProgramError> {
        let tables = Tables::new(program)?;
        let traps = trap::entries(&tables)?;
        let rows = decode::rows(program, &traps)?;
        let traps = traps.into_iter().map(|(_, trap)| trap).collect();
        Ok(Self {
            rows,
            traps,
            tables,
            rounds: Rounds::new(),
        })
    }

    /// Runs without a trace. `max_steps` bounds the rows from START to END.
    ///
    /// # Errors
    /// [`Fault`] if a row has no witness.
    pub fn run(&self, public: &[Fr], oracle: &mut dyn Oracle, max_steps: u32) -> Result<End<'_>, Fault> {
        let mut machine = Machine::new(self, public);
        machine.run::<false>(oracle, max_steps)?;
        Ok(End(machine))
    }

    /// Runs and records every row.
    ///
    /// # Errors
    /// [`Fault`] if a row has no witness.
    pub fn trace(
        &self,
        public: &[Fr],
        oracle: &mut dyn Oracle,
        max_steps: u32,
    ) -> Result<(Trace, End<'_>), Fault> {
        let mut machine = Machine::new(self, public);
        machine.trace.reserve(max_steps.min(1 << 16) as usize);
        machine.run::<true>(oracle, max_steps)?;
        let steps = core::mem::take(&mut machine.trace);
        let touched = machine.memory.touched();
        Ok((Trace { steps, touched }, End(machine)))
    }
}

/// A machine that reached END.
#[derive(Debug)]
pub struct End<'p>(Machine<'p>);

impl End<'_> {
    /// What it left.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { machine: &self.0 }
    }
}

/// A machine as an oracle sees it: before the row that asks.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    machine: &'a Machine<'a>,
}

impl View<'_> {
    /// The value of a cell: its initial one if it was not touched; zero where there is no cell.
    #[must_use]
    pub fn cell(&self, address: u64) -> Value {
        self.machine.memory.peek(address).unwrap_or_default()
    }

    /// Bytes of kernel memory, or of the current run's. `None` if they are out of bounds or a word holds another field element.
    #[must_use]
    pub fn bytes(&self, space: Space, address: u32, length: u32) -> Option<Vec<u8>> {
        let end = u64::from(address) + u64::from(length);
        let base = match space {
            Space::Module if end > u64::from(self.lim()) => return None,
            Space::Module => self.machine.ctx,
            Space::Kernel => crate::code::address::KERNEL,
        };
        let mut bytes = Vec::new();
        for word in u64::from(address) / 8..end.div_ceil(8) {
            let cell = self.machine.memory.peek(base + word)?.word()?;
            bytes.extend(cell.to_le_bytes());
        }
        let skip = address as usize % 8;
        bytes.get(skip..skip + length as usize).map(<[u8]>::to_vec)
    }

    /// Register of the current frame.
    #[must_use]
    pub fn register(&self, register: u32) -> Value {
        self.cell(u64::from(self.fp()) + u64::from(register))
    }

    /// Gas that is left.
    #[must_use]
    pub const fn gas(&self) -> i64 {
        self.machine.gas
    }

    /// Base address of the run's memory.
    #[must_use]
    pub const fn ctx(&self) -> u64 {
        self.machine.ctx
    }

    /// Its size in bytes.
    #[must_use]
    pub const fn lim(&self) -> u32 {
        self.machine.lim
    }

    /// Code index.
    #[must_use]
    pub const fn pc(&self) -> u32 {
        self.machine.pc
    }

    /// Frame pointer.
    #[must_use]
    pub const fn fp(&self) -> u32 {
        self.machine.fp
    }

    /// Frame slots that are taken.
    #[must_use]
    pub const fn slots(&self) -> u32 {
        self.machine.slots
    }

    /// Rows done.
    #[must_use]
    pub const fn steps(&self) -> u32 {
        self.machine.now
    }
}

/// The lowest code index that a run may stand at, apart from END and the two EXITs.
const FIRST: u32 = at::START;
