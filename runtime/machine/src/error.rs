//! The two ways in which applying a record fails. Neither is an outcome: outcomes are receipts.

use core::fmt;
use playfair_types::DecodeError;
use playfair_types::module::ModuleHash;

/// The record breaks the tape: no proof of it exists, and a node never puts it there. The machine is unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// It is no record.
    Format(DecodeError),
    /// Genesis that is not the first record, or another record that is.
    NotGenesis,
    /// A block whose height is not the height before plus one.
    Height {
        /// The height that the block must have.
        expected: u64,
        /// The height that it has.
        found: u64,
    },
    /// A block whose time is not after the time before.
    Time,
    /// A block after the time of an announced upgrade that has not been activated, or a block too early after an
    /// upgrade record.
    UpgradeDue,
    /// Anything but a block after an upgrade record.
    NotBlock,
    /// A record of the inbox on a chain without L1.
    NoInbox,
    /// An upgrade record that does not equal the stored announcement.
    NotAnnounced,
    /// The genesis record's `init` did not end ok.
    InitFailed,
    /// The genesis record is not the one that this chain's id is made of, or the record was read for another chain.
    OtherChain,
}

/// Something around the machine failed. Nothing follows about the record; the machine refuses further records, since
/// parts of this one may have been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The state could not be read.
    Storage(String),
    /// A record that the chain itself wrote does not decode: the storage is damaged.
    Damaged(&'static str),
    /// The engine has no module of this hash.
    UnknownModule(ModuleHash),
    /// This build does not know the chain's gas schedule.
    UnknownSchedule(u16),
    /// The engine gave up for a reason that is no outcome: a safety net fired, or memory could not be had.
    Engine(String),
    /// An earlier fault left the machine without a state.
    Poisoned,
}

/// Why a record could not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The record breaks the tape; the machine is unchanged.
    Broken(Broken),
    /// The machine's surroundings failed.
    Fault(Fault),
}

impl From<Broken> for Error {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => write!(f, "no readable record: {error}"),
            Self::NotGenesis => f.write_str("a tape has one genesis record, and it is the first"),
            Self::Height { expected, found } => {
                write!(f, "the next block has height {expected}, this one says {found}")
            }
            Self::Time => f.write_str("a block's time must be after the time of the block before"),
            Self::UpgradeDue => f.write_str("the block's time and the announced upgrade's do not fit"),
            Self::NotBlock => f.write_str("after an upgrade record, only a block record may follow"),
            Self::NoInbox => f.write_str("a chain without L1 has no inbox"),
            Self::NotAnnounced => f.write_str("the upgrade is not the one that was announced"),
            Self::InitFailed => f.write_str("the module's init did not end ok"),
            Self::OtherChain => f.write_str("the record is another chain's"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => write!(f, "the state could not be read: {error}"),
            Self::Damaged(what) => write!(
                f,
                "the stored {what} does not decode: rebuild the state from the tape"
            ),
            Self::UnknownModule(hash) => {
                f.write_str("the module is not loaded: ")?;
                hash.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::UnknownSchedule(version) => {
                write!(f, "this build does not know gas schedule {version}: upgrade it")
            }
            Self::Engine(error) => write!(f, "the engine gave up: {error}"),
            Self::Poisoned => f.write_str("an earlier fault stopped this machine: open it again"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(broken) => write!(f, "the record breaks the tape: {broken}"),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl core::error::Error for Broken {}
impl core::error::Error for Fault {}
impl core::error::Error for Error {}
