//! Opening a chain: the log is read, and what was made from it is caught up, or made again.
//!
//! ```text
//! what is found                                     what is done
//! log damaged or shorter than the history           healed from the history's copies
//! log ahead of state and history                    executed
//! state damaged, or not at a block of the history   set aside; the log is executed from genesis
//! history damaged                                   set aside, and the state with it; the same
//! no log, or a state ahead of it                    nothing: sealed blocks are lost, an operator must bring them back
//! a block comes to another digest than certified    nothing: this is another program, or the log was changed
//! ```

use crate::answer::Halt;
use crate::certify::Certify;
use crate::debt::Debt;
use crate::settings::Settings;
use crate::{Sequencer, pricing, seal};
use playfair_machine::error::Fault;
use playfair_mempool::Pool;
use playfair_runtime::Wasmtime;
use playfair_runtime::chain::{Block, Chain, ChainError};
use playfair_state::{RedbStore, State, StateError, StoreError};
use playfair_storage::history::{History, HistoryError};
use playfair_storage::log::{Body, LogError, Salt, TapeLog, repair};
use playfair_storage::{Disk, Medium, Sealed};
use playfair_types::Fr;
use playfair_types::certificate::Certificate;
use playfair_types::header::Header;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::{Decode, Encode};
use std::fmt;
use std::io;
use std::sync::Arc;

const STATE: &str = "state.redb";
const HISTORY: &str = "history.redb";
/// Blocks that are read from the log together.
const BATCH: usize = 256;
/// Blocks between two checkpoints while catching up.
const CHECKPOINT: usize = 16 * BATCH;

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
            Self::Replayed { blocks } => write!(f, "executed {blocks} blocks of the tape log"),
        }
    }
}

/// Why a chain could not be opened. Nothing was lost that was not lost before.
#[derive(Debug)]
pub enum OpenError {
    /// The log's damage has no copy, or the disk failed.
    Log(LogError),
    /// The history cannot be opened or made.
    History(HistoryError),
    /// The state cannot be opened or made.
    State(StateError),
    /// A file cannot be opened, or set aside.
    Disk {
        /// Its name.
        file: &'static str,
        /// Why.
        source: io::Error,
    },
    /// State or history have sealed blocks that the log does not have.
    Lost {
        /// The first one.
        height: u64,
    },
    /// A block comes to another digest than the one that was certified.
    Diverged {
        /// Its height.
        height: u64,
    },
    /// The log's first record is another genesis.
    OtherGenesis,
    /// Executing the log failed.
    Halt(Halt),
}

impl OpenError {
    /// Whether damage of what can be made again may be behind it, as far as the error tells.
    fn may_be_damage(&self) -> bool {
        let store = |error: &StoreError| !matches!(error, StoreError::NoSpace(_) | StoreError::Io(_));
        match self {
            Self::Diverged { .. } => true,
            Self::History(HistoryError::Store(error)) | Self::State(StateError::Store(error)) => store(error),
            Self::History(_) | Self::State(_) => true,
            Self::Halt(Halt::State(error)) => match error {
                StateError::Store(error) => store(error),
                _ => true,
            },
            // A record that the state says breaks the tape; a state that cannot be read, or does not decode.
            Self::Halt(Halt::Fault(Fault::Storage(_) | Fault::Damaged(_)) | Halt::Broken(_)) => true,
            _ => false,
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => error.fmt(f),
            Self::History(error) => error.fmt(f),
            Self::State(error) => error.fmt(f),
            Self::Disk { file, source } => write!(f, "{file}: {source}"),
            Self::Lost { height } => write!(
                f,
                "block {height} was sealed, and the tape log does not have it any more: restore the .tape files from a backup"
            ),
            Self::Diverged { height } => write!(
                f,
                "block {height} comes to another result than was certified: run the version that wrote it, or restore the .tape files"
            ),
            Self::OtherGenesis => {
                f.write_str("the tape log begins with another genesis record than this chain's")
            }
            Self::Halt(halt) => halt.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Log(source) => Some(source),
            Self::History(source) => Some(source),
            Self::State(source) => Some(source),
            Self::Disk { source, .. } => Some(source),
            Self::Halt(source) => Some(source),
            Self::Lost { .. } | Self::Diverged { .. } | Self::OtherGenesis => None,
        }
    }
}

impl From<LogError> for OpenError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<HistoryError> for OpenError {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl From<StateError> for OpenError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl From<Halt> for OpenError {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<ChainError> for OpenError {
    fn from(error: ChainError) -> Self {
        Self::Halt(error.into())
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
            report: Vec::new(),
        };
        let (mut log, history) = match origin.is_new {
            true => files.create(origin.salt)?,
            false => files.log_and_history(origin.salt)?,
        };
        let state = files.state(&log, history.as_ref())?;
        let (mut history, state) = match (history, state) {
            (Some(history), Some(state)) => (history, state),
            (history, state) => files.anew(history, state)?,
        };
        let was_empty = state.version() == 0;
        let caught = match Caught::up(&engine, state, &mut log, &history, &origin.genesis) {
            // The state is not what it says it is, or the history is not: both can be made again.
            Err(error) if !was_empty && error.may_be_damage() => {
                let kept = match error {
                    OpenError::History(_) => {
                        files.report.push(Chapter::DamagedHistory);
                        None
                    }
                    _ => {
                        files.report.push(Chapter::DamagedState);
                        Some(history)
                    }
                };
                let (again, state) = files.anew(kept, None)?;
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
        let Caught { chain, last, .. } = caught;
        let params = &origin.genesis.params;
        let max = settings.unproven_rows_max.min(params.unproven_rows_max);
        let pool = Pool::new(pricing(params.fee_mode), settings.pool);
        let ticks = chain.ticks().map_err(Halt::Fault)?;
        let sequencer = Self {
            chain,
            log,
            history,
            certifier: origin.certifier,
            pool,
            settings,
            last,
            made_ms: None,
            ticks,
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

/// The files of a chain.
struct Files<D> {
    disk: D,
    chain_id: Fr,
    cache_bytes: usize,
    report: Vec<Chapter>,
}

impl<D: Disk> Files<D> {
    /// An empty log and an empty history, in place of everything.
    fn create(&mut self, salt: Salt) -> Result<(TapeLog<D>, Option<Arc<History>>), OpenError> {
        let failed = |source| OpenError::Disk {
            file: "the chain's folder",
            source,
        };
        // What is called new and has blocks is not.
        if let Ok(Some((log, _))) = TapeLog::open(self.disk.clone(), self.chain_id)
            && log.next() > 1
        {
            return Err(failed(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "the chain is called new, and has sealed blocks here",
            )));
        }
        for name in self.disk.list().map_err(failed)? {
            self.disk.remove(&name).map_err(failed)?;
        }
        self.disk.sync().map_err(failed)?;
        let log = TapeLog::create(self.disk.clone(), self.chain_id, 0, salt)?;
        Ok((log, self.history(true)?))
    }

    /// The log, healed if it must be and can be; and the history, if it is not damaged.
    fn log_and_history(&mut self, salt: Salt) -> Result<(TapeLog<D>, Option<Arc<History>>), OpenError> {
        // The log first: if it is another chain's, nothing here is to be touched.
        let opened = match TapeLog::open(self.disk.clone(), self.chain_id) {
            Err(error) if !error.is_damage() => return Err(error.into()),
            opened => opened,
        };
        let history = self.history(matches!(opened, Ok(Some(_))))?;
        let copies = history.as_ref().map_or(0, |history| history.next());
        let (log, found) = match opened {
            Ok(Some((log, found))) if log.next() >= copies && log.first() == 0 => (log, found),
            Ok(None) if copies == 0 => return Err(OpenError::Lost { height: 0 }),
            // Damaged, or shorter than it was.
            opened => {
                drop(opened);
                let copy = |height| body_of(history.as_ref()?, height);
                let repaired = repair(&self.disk, self.chain_id, 0, copies, salt, copy)?;
                self.report.push(Chapter::HealedLog {
                    blocks: repaired.copied,
                });
                let healed = TapeLog::open(self.disk.clone(), self.chain_id)?;
                healed.ok_or(OpenError::Lost { height: 0 })?
            }
        };
        if found.torn_bytes > 0 {
            self.report.push(Chapter::Torn {
                bytes: found.torn_bytes,
            });
        }
        Ok((log, history))
    }

    /// The history as it is; none if it is damaged. With a log that says whose folder this is, a history that says otherwise
    /// is damaged, too.
    fn history(&mut self, has_log: bool) -> Result<Option<Arc<History>>, OpenError> {
        match History::open(self.medium(HISTORY)?, self.cache_bytes, self.chain_id, 0) {
            // One that begins later would hide what is in it.
            Ok(history) if history.first() == 0 => Ok(Some(Arc::new(history))),
            Err(HistoryError::Store(error)) if !is_damage(&error) => Err(HistoryError::Store(error).into()),
            Err(HistoryError::Other(what)) if !has_log => Err(HistoryError::Other(what).into()),
            _ => {
                self.report.push(Chapter::DamagedHistory);
                Ok(None)
            }
        }
    }

    /// The state, if it stands at a block of the history or at none.
    fn state(
        &mut self,
        log: &TapeLog<D>,
        history: Option<&Arc<History>>,
    ) -> Result<Option<Arc<State>>, OpenError> {
        let store = RedbStore::open_backend(self.medium(STATE)?, self.cache_bytes);
        let state = match store.map_err(StateError::from).and_then(State::open) {
            Ok(state) => state,
            Err(StateError::Store(error)) if !is_damage(&error) => {
                return Err(StateError::Store(error).into());
            }
            Err(_) => {
                self.report.push(Chapter::DamagedState);
                return Ok(None);
            }
        };
        if state.version() == 0 {
            return Ok(Some(Arc::new(state)));
        }
        let header = Header::decode(&state.note()).map(|mut header| {
            header.after.state_root = state.root();
            header
        });
        if let Ok(header) = &header
            && header.chain_id == self.chain_id
            && header.after.height >= log.next()
        {
            return Err(OpenError::Lost { height: log.next() });
        }
        let Some(history) = history else {
            return Ok(Some(Arc::new(state)));
        };
        let known = header.ok().and_then(|header| {
            let block = history.block(header.after.height).ok()??;
            (block.header == header).then_some(())
        });
        if known.is_none() {
            self.report.push(Chapter::DamagedState);
        }
        Ok(known.map(|()| Arc::new(state)))
    }

    /// An empty state; and an empty history, if there is none. What was there is set aside.
    fn anew(
        &mut self,
        history: Option<Arc<History>>,
        state: Option<Arc<State>>,
    ) -> Result<(Arc<History>, Arc<State>), OpenError> {
        // Closed before the file goes.
        drop(state);
        self.set_aside(STATE)?;
        let history = match history {
            Some(history) => history,
            None => {
                self.set_aside(HISTORY)?;
                let medium = self.medium(HISTORY)?;
                Arc::new(History::open(medium, self.cache_bytes, self.chain_id, 0)?)
            }
        };
        let store =
            RedbStore::open_backend(self.medium(STATE)?, self.cache_bytes).map_err(StateError::from)?;
        Ok((history, Arc::new(State::open(store)?)))
    }

    fn set_aside(&self, file: &'static str) -> Result<(), OpenError> {
        let renamed = self.disk.rename(file, &format!("{file}.damaged"));
        renamed
            .and_then(|()| self.disk.sync())
            .map_err(|source| OpenError::Disk { file, source })
    }

    fn medium(&self, file: &'static str) -> Result<Medium<D::File>, OpenError> {
        Medium::open(&self.disk, file).map_err(|source| OpenError::Disk { file, source })
    }
}

/// Whether a store's error says that its content is gone, and not that the disk or somebody else stands in the way.
fn is_damage(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Damaged(_) | StoreError::NotAStore | StoreError::Format { .. }
    )
}

fn body_of(history: &History, height: u64) -> Option<Body> {
    let block = history.block(height).ok()??;
    Some(Body {
        certificate: block.certificate,
        records: block.tape(),
    })
}

/// A chain that has executed what its log has beyond its state.
struct Caught<'a> {
    chain: Chain,
    history: &'a Arc<History>,
    last: Arc<Sealed>,
    /// Blocks that were executed.
    blocks: u64,
}

impl<'a> Caught<'a> {
    fn up<D: Disk>(
        engine: &Wasmtime,
        state: Arc<State>,
        log: &mut TapeLog<D>,
        history: &'a Arc<History>,
        genesis: &GenesisRecord,
    ) -> Result<Self, OpenError> {
        let mut caught = match state.version() {
            0 => Self::create(engine, state, log, history, genesis)?,
            _ => Self::open(engine, state, history)?,
        };
        caught.catch_up(log)?;
        Ok(caught)
    }

    fn create<D: Disk>(
        engine: &Wasmtime,
        state: Arc<State>,
        log: &mut TapeLog<D>,
        history: &'a Arc<History>,
        genesis: &GenesisRecord,
    ) -> Result<Self, OpenError> {
        let body = Body {
            certificate: None,
            records: genesis.encode(),
        };
        let mut same = log.next() == 0;
        if !same {
            log.read(0, |_, found| {
                same = found == body;
                Ok::<_, LogError>(false)
            })?;
        }
        if !same {
            return Err(OpenError::OtherGenesis);
        }
        let (chain, block) = Chain::create(engine.clone(), state, genesis)?;
        // Only a genesis that can be executed is written down.
        if log.next() == 0 {
            log.append(&body)?;
            log.sync()?;
        }
        let (sealed, _) = seal::seal(block, None, 0);
        let last = Arc::new(sealed);
        // The first checkpoint writes the history, then the state; there may have been no time for that.
        if history.next() == 0 {
            history.push(Arc::clone(&last))?;
        }
        Ok(Self {
            chain,
            history,
            last,
            blocks: 0,
        })
    }

    fn open(engine: &Wasmtime, state: Arc<State>, history: &'a Arc<History>) -> Result<Self, OpenError> {
        let chain = Chain::open(engine.clone(), state)?;
        let height = chain.boundary().height;
        let last = history.block(height)?;
        let last = last.ok_or(OpenError::Lost { height })?;
        Ok(Self {
            chain,
            history,
            last,
            blocks: 0,
        })
    }

    fn catch_up<D: Disk>(&mut self, log: &TapeLog<D>) -> Result<(), OpenError> {
        let mut batch: Vec<(u64, Body)> = Vec::with_capacity(BATCH);
        let from = self.chain.boundary().height + 1;
        if from < log.next() {
            log.read(from, |height, body| {
                batch.push((height, body));
                if batch.len() == BATCH {
                    self.execute(std::mem::take(&mut batch))?;
                }
                Ok::<_, OpenError>(true)
            })?;
        }
        self.execute(batch)
    }

    fn execute(&mut self, batch: Vec<(u64, Body)>) -> Result<(), OpenError> {
        let mut done: Vec<Block> = Vec::with_capacity(batch.len());
        let (heights, bodies): (Vec<u64>, Vec<Body>) = batch.into_iter().unzip();
        let certificates: Vec<Option<Certificate>> = bodies.iter().map(|body| body.certificate).collect();
        let tapes = bodies.into_iter().map(|body| body.records);
        self.chain.replay(tapes, |block| done.push(block))?;
        for ((height, certificate), block) in heights.into_iter().zip(certificates).zip(done) {
            let certified =
                certificate.is_some_and(|certificate| certificate.payload == block.header.digest());
            if !certified || block.header.after.height != height {
                return Err(OpenError::Diverged { height });
            }
            let (sealed, _) = seal::seal(block, certificate, self.last.work);
            self.last = Arc::new(sealed);
            self.blocks += 1;
            // The history may have it: it is written before the state.
            if height >= self.history.next() {
                self.history.push(Arc::clone(&self.last))?;
            }
            if self.blocks.is_multiple_of(CHECKPOINT as u64) {
                self.history.flush()?;
                self.chain.state().flush()?;
            }
        }
        Ok(())
    }
}
