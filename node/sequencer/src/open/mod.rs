//! Opening a chain: the log is read, and what was made from it is caught up, or made again.
//!
//! ```text
//! what is found                                     what is done
//! log damaged or shorter than the history           healed from the history's copies
//! log ahead of state and history                    executed
//! state damaged, or not at a block of the history   set aside; the log is executed from the first base, or from genesis
//! history damaged                                   set aside, and the state with it; the same
//! a base damaged                                    set aside; the next one serves
//! no log, or a state ahead of it                    nothing: sealed blocks are lost, an operator must bring them back
//! a block comes to another digest than certified    nothing: this is another program, or the log was changed
//! ```

mod caught;
mod error;
mod files;

pub use error::OpenError;

use crate::answer::Halt;
use crate::certify::Certify;
use crate::debt::Debt;
use crate::make::before_upgrade;
use crate::settings::Settings;
use crate::{Sequencer, pricing};
use caught::Caught;
use files::Files;
use playfair_mempool::Pool;
use playfair_runtime::Wasmtime;
use playfair_storage::Disk;
use playfair_storage::base::Base;
use playfair_storage::log::Salt;
use playfair_types::tape::genesis::GenesisRecord;
use std::fmt;

/// What a chain is, beside what its disk holds.
pub struct Origin<C> {
    /// Its first record.
    pub genesis: GenesisRecord,
    /// Who certifies its blocks.
    pub certifier: C,
    /// Random bytes for a log that is new.
    pub salt: Salt,
    /// The chain has never been opened: what its disk holds is left of an attempt that was cut short, and goes.
    pub is_new: bool,
    /// State and history have failed while the chain ran: they are made again, whatever they look like now.
    pub distrust: bool,
}

/// What opening did beside opening, for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// A write that nobody had heard of was cut off.
    Torn {
        /// How many bytes.
        bytes: u64,
    },
    /// The log was healed from the history.
    HealedLog {
        /// Blocks that came from the history.
        blocks: u64,
    },
    /// The history was set aside.
    DamagedHistory,
    /// The state was set aside.
    DamagedState,
    /// A base was set aside.
    DamagedBase {
        /// Its height.
        height: u64,
    },
    /// The state was made again from a base.
    FromBase {
        /// Its height.
        height: u64,
    },
    /// Blocks were executed again.
    Replayed {
        /// How many.
        blocks: u64,
    },
}

impl fmt::Display for Chapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn { bytes } => write!(f, "cut off {bytes} bytes of an unfinished write"),
            Self::HealedLog { blocks } => {
                write!(f, "healed the tape log with {blocks} blocks of the history")
            }
            Self::DamagedHistory => f.write_str("set a damaged history aside, to be made again"),
            Self::DamagedState => f.write_str("set a damaged state aside, to be made again"),
            Self::DamagedBase { height } => write!(f, "set the damaged base of block {height} aside"),
            Self::FromBase { height } => write!(f, "began with the base of block {height}"),
            Self::Replayed { blocks } => write!(f, "executed {blocks} blocks of the tape log"),
        }
    }
}

/// A chain that was opened.
pub struct Opened<D: Disk, C> {
    /// The chain.
    pub sequencer: Sequencer<D, C>,
    /// What was done beside.
    pub report: Vec<Chapter>,
}

impl<D: Disk, C: Certify> Sequencer<D, C> {
    /// Opens the chain on `disk`, and makes it there if the disk has none. The engine has its modules.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(
        engine: Wasmtime,
        disk: D,
        origin: Origin<C>,
        settings: Settings,
    ) -> Result<Opened<D, C>, OpenError> {
        let settings = settings.sound();
        let chain_id = origin.genesis.chain_id();
        let mut files = Files {
            disk,
            chain_id,
            cache_bytes: settings.cache_bytes,
            salt: origin.salt,
            bases: Vec::new(),
            report: Vec::new(),
        };
        let (mut log, history) = match origin.is_new {
            true => files.create()?,
            false => files.log_and_history(&origin.certifier.committee())?,
        };
        let state = files.state(&log, history.as_ref())?;
        let (mut history, state, is_made) = match (history, state) {
            (Some(history), Some(state)) if !origin.distrust => {
                let is_made = state.version() == 0;
                (history, state, is_made)
            }
            (history, state) => {
                let (history, state) = files.anew(&mut log, history, state, !origin.distrust)?;
                (history, state, true)
            }
        };
        let caught = match Caught::up(&engine, state, &mut log, &history, &origin.genesis) {
            // The state is not what it says it is, or the history is not: both can be made again.
            Err(error) if !is_made && error.may_be_damage() => {
                let keep = !matches!(error, OpenError::History(_));
                files.report.push(match keep {
                    true => Chapter::DamagedState,
                    false => Chapter::DamagedHistory,
                });
                let (again, state) = files.anew(&mut log, Some(history), None, keep)?;
                history = again;
                Caught::up(&engine, state, &mut log, &history, &origin.genesis)?
            }
            caught => caught?,
        };
        if caught.blocks > 0 {
            files.report.push(Chapter::Replayed {
                blocks: caught.blocks,
            });
        }
        let Caught { mut chain, last, .. } = caught;
        let params = &origin.genesis.params;
        let max = settings.unproven_rows_max.min(params.unproven_rows_max);
        let pool = Pool::new(pricing(params.fee_mode), settings.pool);
        let ticks = chain.ticks().map_err(Halt::Fault)?;
        let announced = chain.announced().map_err(Halt::Fault)?;
        let sequencer = Self {
            chain,
            disk: files.disk,
            bases: files.bases.iter().map(Base::height).collect(),
            log: log.with_file_bytes(settings.log_file_bytes),
            history,
            certifier: origin.certifier,
            pool,
            settings,
            last,
            made_ms: None,
            ticks,
            upgrade_ms: announced.as_ref().map(before_upgrade),
            debt: Debt::new(max, settings.slow_percent),
            in_flight: Vec::new(),
            halted: false,
        };
        Ok(Opened {
            sequencer,
            report: files.report,
        })
    }
}
