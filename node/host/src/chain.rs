//! A chain as everybody but its own thread sees it.

use crate::driver::Command;
use crate::error::HostError;
use crate::lane::{Asked, Lane};
use crate::lines::{Line, Lines};
use crate::record::{Record, Wish};
use playfair_machine::error::Fault;
use playfair_machine::query::{Answer, query};
use playfair_machine::world::StateRead;
use playfair_runtime::Wasmtime;
use playfair_sequencer::Refusal;
use playfair_state::{State, StateError, View};
use playfair_storage::base::{self, Base, BaseError};
use playfair_storage::history::{History, Place};
use playfair_storage::proofs::{Proofs, Tip};
use playfair_storage::{Folder, Sealed};
use playfair_types::certificate::Committee;
use playfair_types::crypto::field::Fr;
use playfair_types::header::Header;
use playfair_types::state::StateKey;
use playfair_types::{Decode, DecodeError};
use std::fmt;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::{broadcast, oneshot, watch};

/// What a chain does right now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is being opened.
    Opening,
    /// It takes calls.
    Running,
    /// It can be read.
    Paused,
    /// Its files are kept.
    Archived,
    /// Something stopped it.
    Halted {
        /// What, and what to do.
        reason: String,
        /// When it is opened again by itself, ms since 1970; never if an operator must look first.
        retry_ms: Option<u64>,
    },
    /// The node is stopping.
    Stopping,
}

impl Status {
    /// A word for it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Archived => "archived",
            Self::Halted { .. } => "halted",
            Self::Stopping => "stopping",
        }
    }
}

/// Where a chain stands. Whoever watches it learns of every change, perhaps of several at once.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The last block; none while the chain is not open.
    pub block: Option<Arc<Sealed>>,
    /// Calls that wait.
    pub waiting: usize,
    /// Their gas limits.
    pub waiting_gas: u64,
    /// Rows that are executed and not proven, by their price.
    pub debt: u64,
}

/// Why a call is in no block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// The sequencer says why.
    Refused(Refusal),
    /// The chain takes no calls now.
    Unavailable {
        /// What stands in the way.
        reason: String,
        /// How long to wait, ms, where that is known.
        retry_after_ms: Option<u64>,
    },
    /// More calls come in than the chain can look at.
    Overloaded,
}

impl Rejection {
    pub(crate) fn unavailable(reason: &str, retry_after_ms: Option<u64>) -> Self {
        Self::Unavailable {
            reason: reason.to_owned(),
            retry_after_ms,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unavailable { reason, .. } => write!(f, "the chain takes no calls now: {reason}"),
            Self::Overloaded => {
                f.write_str("more calls come in than the chain can look at: try again in a second")
            }
        }
    }
}

impl std::error::Error for Rejection {}

/// What is told to who submitted a call.
pub type Reply = Result<Place, Rejection>;

/// A chain of a node. Cheap to share; all methods can be called from anywhere.
pub struct Chain {
    /// Its id.
    pub id: Fr,
    pub(crate) commands: SyncSender<Command>,
    pub(crate) record: RwLock<Record>,
    pub(crate) readers: RwLock<Option<Readers>>,
    pub(crate) status: watch::Sender<Status>,
    pub(crate) head: watch::Sender<Head>,
    pub(crate) proven: watch::Sender<Option<Tip>>,
    /// The state is kept from this height on, whatever the settings let go: who proves needs it.
    pub(crate) keep_from: AtomicU64,
    pub(crate) lines: Lines,
    pub(crate) lane: Lane,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("id", &self.id)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl Chain {
    pub(crate) fn new(id: Fr, record: Record, commands: SyncSender<Command>) -> Self {
        Self {
            id,
            commands,
            record: RwLock::new(record),
            readers: RwLock::default(),
            status: watch::Sender::new(Status::Opening),
            head: watch::Sender::new(Head::default()),
            proven: watch::Sender::new(None),
            keep_from: AtomicU64::new(u64::MAX),
            lines: Lines::new(),
            lane: Lane::new(),
        }
    }

    /// What the operator says about it.
    #[must_use]
    pub fn record(&self) -> Record {
        self.record.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What it shall be.
    #[must_use]
    pub fn wish(&self) -> Wish {
        self.record.read().unwrap_or_else(PoisonError::into_inner).wish
    }

    /// What it does now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Follows what it does.
    #[must_use]
    pub fn watch_status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Follows its blocks.
    #[must_use]
    pub fn watch_head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    /// Follows how far it is proven; none while it is not open.
    #[must_use]
    pub fn watch_proven(&self) -> watch::Receiver<Option<Tip>> {
        self.proven.subscribe()
    }

    /// Keeps the state after the block of this height, and after all later ones, as long as the settings allow for provers.
    pub fn keep_from(&self, height: u64) {
        self.keep_from.store(height, Ordering::Relaxed);
    }

    /// Where it stands.
    #[must_use]
    pub fn head(&self) -> Head {
        self.head.borrow().clone()
    }

    /// Follows what its operator hears of its module; a reader that is too slow misses lines and is told how many.
    #[must_use]
    pub fn watch_lines(&self) -> broadcast::Receiver<Line> {
        self.lines.listen().1
    }

    /// The last 200 lines that its operator could hear, and those after them.
    #[must_use]
    pub fn lines(&self) -> (Vec<Line>, broadcast::Receiver<Line>) {
        self.lines.listen()
    }

    /// State and history, while the chain is open.
    #[must_use]
    pub fn readers(&self) -> Option<Readers> {
        self.readers
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Submits a signed call. The reply comes when the call is sealed, or refused; if the sender is dropped without one, the
    /// node is stopping.
    ///
    /// # Errors
    /// [`Rejection::Overloaded`] at once; [`Rejection::Unavailable`] when the chain's thread is gone.
    pub fn submit(&self, call: Vec<u8>) -> Result<oneshot::Receiver<Reply>, Rejection> {
        let (reply, receiver) = oneshot::channel();
        match self.commands.try_send(Command::Submit { call, reply }) {
            Ok(()) => Ok(receiver),
            Err(TrySendError::Full(_)) => Err(Rejection::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(Rejection::Unavailable {
                reason: "the node is stopping".to_owned(),
                retry_after_ms: None,
            }),
        }
    }

    /// Leaves something for the chain's thread, and wakes it. Never waits.
    pub(crate) fn ask(&self, ask: impl FnOnce(&mut Asked)) -> Result<(), HostError> {
        self.lane.ask(ask).map_err(HostError::Status)?;
        // If the channel is full the thread has calls to look at, and looks at what was left before the next one.
        let _ = self.commands.try_send(Command::Wake);
        Ok(())
    }

    pub(crate) fn set_readers(&self, readers: Option<Readers>) {
        *self.readers.write().unwrap_or_else(PoisonError::into_inner) = readers;
    }

    pub(crate) fn set_status(&self, status: Status) {
        tracing::info!(chain = %self.record().name, status = status.name(), "chain");
        self.status.send_replace(status);
    }
}

/// What can be read of an open chain, beside its thread.
#[derive(Clone)]
pub struct Readers {
    pub(crate) state: Arc<State>,
    /// The blocks.
    pub history: Arc<History>,
    /// Their proofs.
    pub proofs: Arc<Proofs>,
    /// Who certifies them.
    pub committee: Committee,
    pub(crate) folder: Folder,
    pub(crate) chain_id: Fr,
    pub(crate) engine: Wasmtime,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers")
            .field("history", &self.history)
            .finish_non_exhaustive()
    }
}

/// A version of the state with the block that it came of.
pub struct Version {
    /// The header of the block.
    pub header: Header,
    /// The state after it.
    pub view: View,
}

/// Why something could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// The state could not be read, or does not have the version.
    State(StateError),
    /// The version's note is not a header: the state is damaged.
    Note(DecodeError),
    /// The state of this height is not retained.
    Height {
        /// The first height that is.
        first: u64,
        /// The last height that is.
        last: u64,
    },
    /// The engine or the state gave up.
    Fault(Fault),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(error) => error.fmt(f),
            Self::Note(error) => write!(f, "the state's note is damaged: {error}"),
            Self::Height { first, last } => {
                write!(
                    f,
                    "the state is kept for the blocks {first} to {last}: ask for one of them"
                )
            }
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<StateError> for ReadError {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

impl Readers {
    /// What runs the chain's modules.
    #[must_use]
    pub fn engine(&self) -> &Wasmtime {
        &self.engine
    }

    /// The height of the last sealed block. The state may be a block ahead of it, which nobody may hear of yet.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.history.next().saturating_sub(1)
    }

    /// The state after the last sealed block.
    ///
    /// # Errors
    /// As [`Readers::at`].
    pub fn newest(&self) -> Result<Version, ReadError> {
        self.at(self.last())
    }

    /// The heights whose state is kept: the first and the last.
    ///
    /// # Errors
    /// [`ReadError::Note`].
    pub fn kept(&self) -> Result<(u64, u64), ReadError> {
        let newest = version(self.state.newest())?;
        let oldest = self.state.versions().first().copied().unwrap_or_default();
        let span = newest.view.version().saturating_sub(oldest);
        Ok((newest.header.after.height.saturating_sub(span), self.last()))
    }

    /// The state after the sealed block of a height.
    ///
    /// # Errors
    /// [`ReadError::Height`] when it is not kept.
    pub fn at(&self, height: u64) -> Result<Version, ReadError> {
        let newest = version(self.state.newest())?;
        // Versions are made one a block, without gaps; the oldest ones are pruned.
        let back = newest.header.after.height.checked_sub(height);
        let number = back.and_then(|back| newest.view.version().checked_sub(back));
        let found = number
            .filter(|_| height <= self.last())
            .and_then(|number| self.state.at(number).ok());
        let found = found.map(version).transpose()?;
        match found.filter(|found| found.header.after.height == height) {
            Some(found) => Ok(found),
            None => {
                let (first, last) = self.kept()?;
                Err(ReadError::Height { first, last })
            }
        }
    }

    /// The newest base at or below a height, if there is one; its certificate was checked when the chain was opened, or it was
    /// written since.
    ///
    /// # Errors
    /// [`BaseError`]; also when it was removed in the meantime.
    pub fn base(&self, height: u64) -> Result<Option<Base<File>>, BaseError> {
        let heights = base::heights(&self.folder)?;
        let found = heights.into_iter().rfind(|at| *at <= height);
        found
            .map(|height| Base::open(&self.folder, self.chain_id, height))
            .transpose()
    }

    /// Asks the module's `query` about a version of the state.
    ///
    /// # Errors
    /// [`ReadError::Fault`].
    pub fn query(&self, version: Version, entry: u8, payload: &[u8]) -> Result<Answer, ReadError> {
        let Version { header, view } = version;
        query(
            &self.engine,
            header.chain_id,
            &header.after,
            Arc::new(Snapshot(view)),
            entry,
            payload,
        )
        .map_err(ReadError::Fault)
    }
}

fn version(view: View) -> Result<Version, ReadError> {
    let mut header = Header::decode(view.note()).map_err(ReadError::Note)?;
    header.after.state_root = view.root();
    Ok(Version { header, view })
}

struct Snapshot(View);

impl StateRead for Snapshot {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        self.0.get(key).map_err(|error| error.to_string())
    }
}
