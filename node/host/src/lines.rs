//! What an operator hears of a chain's modules: what they log, and how calls failed.
//!
//! The last lines are kept, so that who begins to listen hears what was just said; one lock holds what is kept and what is
//! sent, so that nothing is missed or heard twice between the two. None of it is part of any history.

use playfair_storage::Sealed;
use playfair_storage::history::Place;
use playfair_types::receipt::{Outcome, Trap};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use tokio::sync::broadcast;

/// Lines that wait for a reader.
const LINES: usize = 1_024;
/// Lines that are kept for who comes later.
const KEPT: usize = 200;

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// The module logged it. A module that panics logs where and why before it traps.
    Log,
    /// A call trapped; the text says how.
    Trap,
    /// A call was reverted; the text is its message.
    Reverted,
    /// A call used up its gas.
    OutOfGas,
}

impl LineKind {
    /// A word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Trap => "trap",
            Self::Reverted => "reverted",
            Self::OutOfGas => "out_of_gas",
        }
    }
}

/// What an operator hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which record it is about.
    pub place: Place,
    /// What it tells.
    pub kind: LineKind,
    /// The text.
    pub text: String,
}

/// The lines of one chain.
#[derive(Debug)]
pub(crate) struct Lines {
    kept: Mutex<VecDeque<Line>>,
    sender: broadcast::Sender<Line>,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self {
            kept: Mutex::default(),
            sender: broadcast::Sender::new(LINES),
        }
    }

    /// Tells what happened in a block: `logs` are what modules said, with the record's place, in order.
    pub(crate) fn tell(&self, block: &Sealed, logs: Vec<(u32, String)>) {
        let height = block.height();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut logs = logs.into_iter().peekable();
        for (index, done) in (0..).zip(&block.records) {
            let place = Place { height, index };
            while let Some((_, text)) = logs.next_if(|(of, _)| *of <= index) {
                self.push(&mut kept, place, LineKind::Log, text);
            }
            let (kind, text) = match done.receipt.outcome {
                Outcome::Ok | Outcome::Invalid(_) => continue,
                Outcome::Trapped(trap) => (LineKind::Trap, trap_name(trap).to_owned()),
                Outcome::OutOfGas => (LineKind::OutOfGas, format!("gas used: {}", done.receipt.gas_used)),
                Outcome::Reverted => {
                    let message = String::from_utf8_lossy(&done.body.output).into_owned();
                    (LineKind::Reverted, message)
                }
            };
            self.push(&mut kept, place, kind, text);
        }
    }

    fn push(&self, kept: &mut VecDeque<Line>, place: Place, kind: LineKind, text: String) {
        if kept.len() == KEPT {
            kept.pop_front();
        }
        let line = Line { place, kind, text };
        kept.push_back(line.clone());
        // Nobody may be listening.
        let _ = self.sender.send(line);
    }

    /// The last lines, and those that come after them.
    pub(crate) fn listen(&self) -> (Vec<Line>, broadcast::Receiver<Line>) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        (kept.iter().cloned().collect(), self.sender.subscribe())
    }
}

/// A word for a trap.
#[must_use]
pub const fn trap_name(trap: Trap) -> &'static str {
    match trap {
        Trap::Unreachable => "unreachable",
        Trap::MemoryOutOfBounds => "memory_out_of_bounds",
        Trap::DivisionByZero => "division_by_zero",
        Trap::IntegerOverflow => "integer_overflow",
        Trap::IndirectCallType => "indirect_call_type",
        Trap::TableOutOfBounds => "table_out_of_bounds",
        Trap::NullElement => "null_element",
        Trap::CallDepth => "call_depth",
        Trap::HostArgument => "host_argument",
        Trap::HostLimit => "host_limit",
    }
}
