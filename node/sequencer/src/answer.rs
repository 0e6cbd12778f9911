//! What callers and operators are told.

use playfair_bls::Error as CertifyError;
use playfair_machine::error::{Broken, Fault};
use playfair_mempool::{Refused, Why};
use playfair_runtime::chain::ChainError;
use playfair_state::{StateError, StoreError};
use playfair_storage::base::BaseError;
use playfair_storage::history::{HistoryError, Place};
use playfair_storage::log::LogError;
use playfair_types::DecodeError;
use playfair_types::receipt::Invalid;
use std::fmt;

/// Stands for one who waits for a call. The sequencer's owner gives them out and gets each back once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is in a block, which is durable. Its receipt lies there.
    Sealed(Place),
    /// It is in no block, and will be in none unless it is sent again.
    Refused(Refusal),
}

/// Why a call is in no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are no record.
    Malformed(DecodeError),
    /// The record is none that a player sends.
    NotACall,
    /// It would be invalid (STATEMENT.md, C1 to C9).
    Invalid(Invalid),
    /// The pool does not take it.
    Pool(Refused),
    /// It waited and had to leave.
    Left(Why),
    /// Too many wait for this one call already.
    Crowded,
    /// The chain has as much proving debt as it may have.
    Debt,
}

impl Refusal {
    /// A short name for programs and metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::NotACall => "not_a_call",
            Self::Invalid(reason) => match reason {
                Invalid::Encoding => "invalid_encoding",
                Invalid::Account => "invalid_account",
                Invalid::AccountExists => "invalid_account_exists",
                Invalid::Key => "invalid_key",
                Invalid::Signature => "invalid_signature",
                Invalid::Scope => "invalid_scope",
                Invalid::Expired => "invalid_expired",
                Invalid::Nonce => "invalid_nonce",
                Invalid::GasLimit => "invalid_gas_limit",
                Invalid::GasPrice => "invalid_gas_price",
                Invalid::Funds => "invalid_funds",
            },
            Self::Pool(refused) => refused.name(),
            Self::Left(why) => match why {
                Why::Replaced => "replaced",
                Why::Evicted => "evicted",
                Why::Expired => "expired",
                Why::Stranded => "stranded",
                Why::Passed => "passed",
                Why::Withdrawn => "withdrawn",
            },
            Self::Crowded => "crowded",
            Self::Debt => "proving_debt",
        }
    }

    /// Whether the same bytes may be taken later, and the chain's load is what stood in the way.
    #[must_use]
    pub const fn is_load(&self) -> bool {
        matches!(
            self,
            Self::Debt
                | Self::Crowded
                | Self::Left(Why::Evicted)
                | Self::Pool(
                    Refused::Full { .. }
                        | Refused::Quota { .. }
                        | Refused::AccountCalls { .. }
                        | Refused::AccountBytes { .. }
                )
        )
    }

    /// How long to wait before sending it again, ms, where that is known.
    #[must_use]
    pub const fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::Pool(Refused::Quota { retry_after_ms }) => Some(*retry_after_ms),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => write!(f, "no readable call: {error}"),
            Self::NotACall => f.write_str("only signed calls can be submitted (record kinds 0x02 and 0x03)"),
            Self::Invalid(reason) => write!(f, "the call would be invalid: {}", hint(*reason)),
            Self::Pool(refused) => refused.fmt(f),
            Self::Left(why) => why.fmt(f),
            Self::Crowded => f.write_str("too many wait for this call already: ask for its receipt instead"),
            Self::Debt => f.write_str(
                "the chain has executed as much as it may before it is proven: try again when proofs have caught up",
            ),
        }
    }
}

/// What a reason means to who signed the call.
const fn hint(reason: Invalid) -> &'static str {
    match reason {
        Invalid::Encoding => "it is not canonical, or its signature or new key is no point that may be one",
        Invalid::Account => "there is no such account; its first call must bring its key",
        Invalid::AccountExists => "the account exists already; do not send the key again",
        Invalid::Key => "the account has no key at this index",
        Invalid::Signature => "the signature is not this key's for this call on this chain",
        Invalid::Scope => "the key has expired, or may not call this entry on this lane at this price",
        Invalid::Expired => "its valid-until time is over",
        Invalid::Nonce => "its nonce is not the lane's next",
        Invalid::GasLimit => "its gas limit is below what its bytes cost, or above what a call may use",
        Invalid::GasPrice => "its gas price is not one that the chain takes",
        Invalid::Funds => "who pays has less than gas limit times gas price",
    }
}

impl std::error::Error for Refusal {}

/// Why a sequencer ended. Blocks that were sealed are safe; what waited is lost and nobody was told otherwise.
#[derive(Debug)]
pub enum Halt {
    /// The engine gave up, or the state could not be read. Should never happen: an operator must look.
    Fault(Fault),
    /// A record of the node's own making breaks the tape. Should never happen.
    Broken(Broken),
    /// The tape log failed.
    Log(LogError),
    /// The history failed.
    History(HistoryError),
    /// The state failed.
    State(StateError),
    /// A base could not be written, or what is below it not be removed.
    Base(BaseError),
    /// A block could not be certified.
    Certify(CertifyError),
    /// The clock, or the chain's time, is past what 48 bits hold.
    Clock,
    /// An announced upgrade leaves no time for a block before it.
    Upgrade,
}

impl Halt {
    /// Whether state or history are not what was written, as far as the error tells: they can be made again.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::State(error) => state_may_be_damaged(error),
            Self::History(error) => history_may_be_damaged(error),
            // A state that cannot be read or does not decode, or says that a block of the node's own breaks the tape.
            Self::Fault(Fault::Storage(_) | Fault::Damaged(_)) | Self::Broken(_) => true,
            Self::Fault(_)
            | Self::Log(_)
            | Self::Base(_)
            | Self::Certify(_)
            | Self::Clock
            | Self::Upgrade => false,
        }
    }
}

/// Whether an open state's error may come of damage.
pub(crate) fn state_may_be_damaged(error: &StateError) -> bool {
    match error {
        StateError::Store(error) => store_may_be_damaged(error),
        _ => true,
    }
}

/// Whether an open history's error may come of damage.
pub(crate) fn history_may_be_damaged(error: &HistoryError) -> bool {
    match error {
        HistoryError::Store(error) => store_may_be_damaged(error),
        _ => true,
    }
}

fn store_may_be_damaged(error: &StoreError) -> bool {
    !matches!(error, StoreError::NoSpace(_) | StoreError::Io(_))
}

impl From<ChainError> for Halt {
    fn from(error: ChainError) -> Self {
        match error {
            ChainError::Fault(fault) => Self::Fault(fault),
            ChainError::Broken { broken, .. } => Self::Broken(broken),
            ChainError::State(error) => Self::State(error),
            ChainError::Note(_) => Self::Fault(Fault::Damaged("note")),
            ChainError::NotEmpty | ChainError::Empty => Self::Fault(Fault::Damaged("state")),
        }
    }
}

impl From<BaseError> for Halt {
    fn from(error: BaseError) -> Self {
        match error {
            BaseError::State(error) => Self::State(error),
            error => Self::Base(error),
        }
    }
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Broken(broken) => write!(f, "a block of the node's own breaks the tape: {broken}"),
            Self::Log(error) => error.fmt(f),
            Self::History(error) => error.fmt(f),
            Self::State(error) => error.fmt(f),
            Self::Base(error) => error.fmt(f),
            Self::Certify(error) => write!(f, "a block could not be certified: {error}"),
            Self::Clock => f.write_str("the clock is past the year 10889: set it right"),
            Self::Upgrade => f.write_str("an announced upgrade leaves no time for a block before it"),
        }
    }
}

impl std::error::Error for Halt {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Fault(source) => Some(source),
            Self::Broken(source) => Some(source),
            Self::Log(source) => Some(source),
            Self::History(source) => Some(source),
            Self::State(source) => Some(source),
            Self::Base(source) => Some(source),
            Self::Certify(source) => Some(source),
            Self::Clock | Self::Upgrade => None,
        }
    }
}
