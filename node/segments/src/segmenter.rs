//! A chain's history, block by block, cut into segments.

use crate::error::Error;
use crate::execute::{Executed, Executor};
use crate::job::Job;
use crate::modules::Modules;
use crate::trial::{Here, Ratio, Trial};
use playfair_runtime::Wasmtime;
use playfair_state::Fork;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::module::ModuleHash;
use playfair_types::segment::Boundary;
use playfair_types::tape::kind;
use std::sync::Arc;

/// A place in a history from which it can be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The boundary after the last block that lies wholly before the cut: that block's header has it. Before genesis, if
    /// there is none.
    pub block: Boundary,
    /// Where the last segment ended: the same, or between two records of the next block.
    pub cut: Boundary,
}

impl Position {
    /// Before everything.
    #[must_use]
    pub fn genesis(chain_id: Fr, module: ModuleHash) -> Self {
        Self::after(Boundary::before_genesis(chain_id, module))
    }

    /// After a block: `boundary` is its header's.
    #[must_use]
    pub fn after(boundary: Boundary) -> Self {
        Self {
            block: boundary,
            cut: boundary,
        }
    }

    /// Where the last segment ended, as its proof says it: the boundary after it. `end` gives the boundary after the block of a
    /// height, which is in its header; nothing, if the history has no such block.
    pub fn of(cut: Boundary, end: impl Fn(u64) -> Option<Boundary>) -> Option<Self> {
        if cut.tape.length == 0 || end(cut.height)? == cut {
            return Some(Self::after(cut));
        }
        let block = end(cut.height.checked_sub(1)?)?;
        Some(Self { block, cut })
    }

    /// The height of the first block that has records after the cut, and so is the first to be fed.
    #[must_use]
    pub fn next(&self) -> u64 {
        next(&self.block)
    }
}

/// The height of the block after a block's end.
fn next(end: &Boundary) -> u64 {
    match end.tape.length {
        0 => 0,
        _ => end.height.saturating_add(1),
    }
}

/// Which chain, what it runs on, and who is paid.
#[derive(Clone)]
pub struct Settings {
    /// The chain.
    pub chain_id: Fr,
    /// Who is paid for the proofs.
    pub payout: L1Address,
    /// An engine with the chain's modules.
    pub engine: Wasmtime,
    /// The same modules, for provers.
    pub modules: Arc<Modules>,
}

/// The place of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its block.
    pub height: u64,
    /// Its number in its block, from 0.
    pub record: u32,
}

/// A segment that was cut off.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The job.
    pub job: Job,
    /// Rows that its trace takes.
    pub rows: usize,
    /// Its first record.
    pub first: Place,
    /// Its last record.
    pub last: Place,
    /// From where to go on after it. Blocks up to that of [`Position::block`] lie wholly before it.
    pub position: Position,
}

/// Cuts one chain's history, see [`crate`]. It holds the records of a block or two, and forks of the state between them.
pub struct Segmenter {
    settings: Settings,
    executor: Executor,
    /// After the last block that was fed.
    end: Boundary,
    /// Where the next segment begins, and the state there once it is known.
    position: Position,
    state: Option<Fork>,
    /// The records after that.
    pending: Vec<Executed>,
    trial: Option<Trial>,
    ratio: Ratio,
    stopped: bool,
}

impl Segmenter {
    /// Goes on from `position`.
    #[must_use]
    pub fn new(settings: Settings, position: Position) -> Self {
        Self {
            executor: Executor::new(settings.engine.clone(), settings.chain_id),
            settings,
            end: position.block,
            position,
            state: None,
            pending: Vec::new(),
            trial: None,
            ratio: Ratio::default(),
            stopped: false,
        }
    }

    /// The height of the block that comes next.
    #[must_use]
    pub fn next_block(&self) -> u64 {
        next(&self.end)
    }

    /// Where the last segment ended.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// How many records wait to be cut off.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Takes the next block: its header, its records' bytes one after the other, and the state before it, which is a view of
    /// the version before, or what [`crate::Replica`] makes of the blocks before. The block is executed again, and must come to
    /// what its header says. Take what [`Segmenter::cut`] gives first: blocks that wait are in memory.
    ///
    /// # Errors
    /// [`Error`]; after [`Error::Order`], [`Error::Chain`] and [`Error::View`] it can go on with another block or view, after
    /// the others it is [`Error::Stopped`].
    pub fn feed(&mut self, header: &Header, tape: &[u8], before: impl Into<Fork>) -> Result<(), Error> {
        if self.stopped {
            return Err(Error::Stopped);
        }
        let (expected, found, before) = (self.next_block(), header.after.height, before.into());
        if found != expected {
            return Err(Error::Order { expected, found });
        }
        if header.chain_id != self.settings.chain_id || header.tape_before != self.end.tape.value {
            return Err(Error::Chain { height: found });
        }
        if before.root() != self.end.state_root {
            return Err(Error::View { height: found });
        }
        self.stopped = true;
        if self.end == self.position.cut {
            // Nothing waits: the state is the same, and what the blocks before have left in memory goes.
            self.state = Some(before.clone());
        }
        let mut executed = self.executor.run(&self.end, header, tape, &before)?;
        self.end = header.after;
        if self.state.is_none() {
            self.arrive(&mut executed)?;
        }
        self.pending.append(&mut executed);
        self.stopped = false;
        Ok(())
    }

    /// Leaves out what lies before the cut from which to go on.
    fn arrive(&mut self, executed: &mut Vec<Executed>) -> Result<(), Error> {
        let cut = &self.position.cut;
        match executed.iter().position(|record| record.after == *cut) {
            Some(place) => {
                let before: Vec<Executed> = executed.drain(..=place).collect();
                self.state = before.last().map(|last| last.state.clone());
                if let Some(last) = before.last().filter(|last| last.last) {
                    self.position.block = last.after;
                }
                Ok(())
            }
            None => Err(Error::NoSuchCut {
                height: self.end.height,
            }),
        }
    }

    /// The next segment, if there is one: the longest run of records that the smallest shape holds which holds the first of them. `more`
    /// says that further blocks are coming: then a segment that they might lengthen is not cut off yet.
    ///
    /// # Errors
    /// [`Error`]; what waits is as before.
    pub fn cut(&mut self, more: bool) -> Result<Option<Cut>, Error> {
        if self.stopped {
            return Err(Error::Stopped);
        }
        // An upgrade record is the last of its segment (U2): the next one has another module, or other keys.
        let is_upgrade = |record: &Executed| record.bytes.first() == Some(&kind::UPGRADE);
        let upgrade = self.pending.iter().position(is_upgrade);
        let count = upgrade.map_or(self.pending.len(), |place| place + 1);
        let (Some(state), Some(records)) = (&self.state, self.pending.get(..count)) else {
            return Ok(None);
        };
        let Some(first) = records.first() else {
            return Ok(None);
        };
        let here = Here {
            modules: &self.settings.modules,
            chain_id: self.settings.chain_id,
            payout: self.settings.payout,
            start: &self.position.cut,
            state,
            records,
            open: more && upgrade.is_none(),
        };
        let mut trial = match self.trial.take() {
            Some(trial) => trial,
            None => Trial::new(&here)?,
        };
        let found = trial.go_on(&here, &mut self.ratio)?;
        let fit = match (found, trial.fit.take()) {
            (true, Some(fit)) => fit,
            (_, fit) => {
                trial.fit = fit;
                self.trial = Some(trial);
                return Ok(None);
            }
        };
        let segment = here.segment(fit.records);
        let job = Job::new(trial.shape, segment.inputs, segment.tape, fit.answers).map_err(Error::Job)?;
        let first = first.place();
        let taken: Vec<Executed> = self.pending.drain(..fit.records).collect();
        self.position.cut = job.inputs().after;
        if let Some(block) = taken.iter().rfind(|record| record.last) {
            self.position.block = block.after;
        }
        let last = taken.last();
        self.state = last.map(|last| last.state.clone());
        Ok(Some(Cut {
            job,
            rows: fit.rows,
            first,
            last: last.map_or(first, Executed::place),
            position: self.position,
        }))
    }
}

impl Executed {
    fn place(&self) -> Place {
        Place {
            height: self.height,
            record: self.number,
        }
    }
}
