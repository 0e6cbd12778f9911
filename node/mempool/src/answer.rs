//! What goes into the pool, and what comes out and why.

use playfair_types::account::AccountId;
use playfair_types::limits::NONCE_LANES;
use std::fmt;

/// One signed call that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<T> {
    /// Whose call it is.
    pub account: AccountId,
    /// Its nonce lane, below 8.
    pub lane: u8,
    /// Its place in the lane.
    pub nonce: u64,
    /// The last block time at which it may be played, ms.
    pub valid_until_ms: u64,
    /// The most gas it may use.
    pub gas_limit: u32,
    /// What it offers for a unit of gas.
    pub gas_price: u64,
    /// Length of its record, bytes.
    pub bytes: u32,
    /// Its signed message.
    pub id: [u8; 32],
    /// The caller's: the prepared record, and who waits for the answer.
    pub item: T,
}

/// What became of an insertion.
#[derive(Debug)]
#[must_use = "entries that had to leave are handed back in here, and somebody may wait for them"]
pub struct Inserted<T> {
    /// What became of the newcomer.
    pub answer: Answer<T>,
    /// Who had to leave: passed by the state, replaced, or pushed out. Also after a refusal.
    pub gone: Vec<Gone<T>>,
}

/// What became of the newcomer.
#[derive(Debug)]
pub enum Answer<T> {
    /// It waits.
    Added,
    /// It waits, in the place of the call that is in [`Inserted::gone`].
    Replaced,
    /// The same call waits already; nothing has changed. Add another waiter with [`crate::Pool::item_mut`].
    Known(Entry<T>),
    /// It does not wait.
    Refused(Refused, Entry<T>),
}

/// An entry that left the pool without being taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone<T> {
    /// The entry.
    pub entry: Entry<T>,
    /// Why it left.
    pub why: Why,
}

/// Why an entry left the pool without being taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// Another call with its account, lane and nonce took its place.
    Replaced,
    /// The pool was full, and another call had the better claim.
    Evicted,
    /// The time passed its *valid until*.
    Expired,
    /// The gap before it was not filled in time.
    Stranded,
    /// The state has passed its nonce.
    Passed,
    /// Its lane was dropped, see [`crate::Pool::drop_lane`].
    Withdrawn,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Replaced => "another call with the same nonce took its place",
            Self::Evicted => "the queue is full and other calls had the better claim; send it again later",
            Self::Expired => "it was not played before its valid-until time; sign it again with a later one",
            Self::Stranded => "the call with the nonce before it did not arrive in time; send that one first",
            Self::Passed => "its nonce has been used",
            Self::Withdrawn => "a call before it in its lane failed; sign it again",
        })
    }
}

/// What [`crate::Pool::take`] found.
#[derive(Debug)]
#[must_use = "the call is out of the pool"]
pub struct Taken<T> {
    /// The next call to play. None: nothing that is ready fits this block.
    pub call: Option<Entry<T>>,
    /// Entries whose time was over.
    pub gone: Vec<Gone<T>>,
}

/// Why a call may not wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such lane.
    Lane,
    /// The gas limit is above that of any call.
    GasLimit {
        /// The most gas of a call.
        most: u32,
    },
    /// The time is over, or nearly.
    TooLate {
        /// The least *valid until* that would do now, ms.
        least_ms: u64,
    },
    /// The nonce has been used.
    Stale {
        /// The lane's next nonce.
        next: u64,
    },
    /// A call with this nonce is being played right now; ask for its receipt.
    InPlay,
    /// The nonce is too far ahead of the lane's.
    TooFarAhead {
        /// The lane's next nonce.
        next: u64,
        /// The first nonce that is too far ahead.
        end: u64,
    },
    /// A call with this nonce waits, and this one does not offer enough to take its place.
    Underpriced {
        /// The least gas price that would do; if the waiting call offers the highest there is, nothing does.
        least: u64,
    },
    /// The account has as many calls waiting as one account may have, and this one's lane has one.
    AccountCalls {
        /// How many that is.
        most: u32,
    },
    /// The account's waiting calls would have more bytes than one account's may have, and this one's lane has one.
    AccountBytes {
        /// How many that is.
        most: u64,
    },
    /// The account's lane has used up its quota of a free chain.
    Quota {
        /// When it will have enough for this call, if it sends no other, ms from now.
        retry_after_ms: u64,
    },
    /// The pool is full, and nobody in it has less of a claim.
    Full {
        /// Where the price counts: a call is taken if it and all before it in its lane offer more than this, and there
        /// is no gap among them.
        offer_above: Option<u64>,
    },
}

impl Refused {
    /// A short name for metrics.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Lane => "lane",
            Self::GasLimit { .. } => "gas_limit",
            Self::TooLate { .. } => "too_late",
            Self::Stale { .. } => "stale",
            Self::InPlay => "in_play",
            Self::TooFarAhead { .. } => "too_far_ahead",
            Self::Underpriced { .. } => "underpriced",
            Self::AccountCalls { .. } => "account_calls",
            Self::AccountBytes { .. } => "account_bytes",
            Self::Quota { .. } => "quota",
            Self::Full { .. } => "full",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lane => write!(
                f,
                "there are {NONCE_LANES} nonce lanes, counted from 0; use one of them"
            ),
            Self::GasLimit { most } => write!(f, "a call may use {most} gas at most; lower its gas limit"),
            Self::TooLate { least_ms } => {
                write!(
                    f,
                    "valid until is over or too near; sign it with {least_ms} ms or later"
                )
            }
            Self::Stale { next } => write!(f, "the nonce has been used; the lane's next one is {next}"),
            Self::InPlay => {
                f.write_str("a call with this nonce is being played right now; ask for its receipt")
            }
            Self::TooFarAhead { next, end } => {
                write!(
                    f,
                    "the nonce is too far ahead; the lane's next one is {next}, use one below {end}"
                )
            }
            Self::Underpriced { least } => {
                write!(
                    f,
                    "a call with this nonce waits; to take its place offer a gas price of {least}"
                )
            }
            Self::AccountCalls { most } => {
                write!(
                    f,
                    "{most} calls of this account wait already, and one of this lane; wait for a receipt"
                )
            }
            Self::AccountBytes { most } => {
                write!(
                    f,
                    "calls of one account that wait may have {most} bytes in all, and one of this lane waits; wait for a receipt"
                )
            }
            Self::Quota { retry_after_ms } => {
                write!(f, "the lane's quota is used up; try again in {retry_after_ms} ms")
            }
            Self::Full {
                offer_above: Some(price),
            } => {
                write!(
                    f,
                    "the queue is full; offer a gas price above {price} or try again later"
                )
            }
            Self::Full { offer_above: None } => f.write_str("the queue is full; try again later"),
        }
    }
}

impl std::error::Error for Refused {}
