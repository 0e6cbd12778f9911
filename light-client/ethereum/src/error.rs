//! Why something was refused: what against what.

use crate::Form;
use core::fmt;
use playfair_bls::min_pk;

/// Why bytes are no encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// They end too soon.
    Short,
    /// Something is left at the end.
    Long,
    /// An offset is not where its part begins.
    Offset,
    /// A list is longer than its limit.
    Limit,
    /// An empty branch under something that is not empty.
    Branchless,
    /// A number or a length that is not in its shortest form (RLP), or a tag that is not known.
    Form,
    /// They do not end in their own checksum: damaged in storage.
    Checksum,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "ends too soon",
            Self::Long => "has bytes left at the end",
            Self::Offset => "has an offset that is not where its part begins",
            Self::Limit => "is longer than its limit",
            Self::Branchless => "carries something without a branch to prove it",
            Self::Form => "is not in its only form",
            Self::Checksum => "is damaged",
        })
    }
}

/// Which committee or header a refusal speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The header that the committee signed.
    Attested,
    /// The header that is said to be final.
    Finalized,
    /// The header of a bootstrap.
    Bootstrap,
    /// The committee of a header's own period.
    CurrentCommittee,
    /// The committee of the period after it.
    NextCommittee,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attested => "attested header",
            Self::Finalized => "finalised header",
            Self::Bootstrap => "bootstrap's header",
            Self::CurrentCommittee => "current sync committee",
            Self::NextCommittee => "next sync committee",
        })
    }
}

/// A refusal. Nothing was changed by what was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A [`crate::Spec`] that cannot be, with what is wrong.
    Spec(&'static str),
    /// Bytes that are no encoding of what they are said to be.
    Malformed {
        /// What they are said to be.
        what: &'static str,
        /// What is wrong.
        why: Malformed,
    },
    /// A slot before the first fork that this program knows containers of.
    BeforeForks {
        /// The slot.
        slot: u64,
    },
    /// A message in the containers of another fork than that of its attested header.
    Form {
        /// That of the header's slot.
        wanted: Form,
        /// The one that it was read as.
        found: Form,
    },
    /// A bootstrap for another block than the one that was asked for.
    Checkpoint {
        /// The trusted root.
        wanted: [u8; 32],
        /// The root of the bootstrap's header.
        found: [u8; 32],
    },
    /// A checkpoint or a store too old to be trusted: its validators may have left since, and can sign anything.
    Stale {
        /// Its slot.
        slot: u64,
        /// The slot of the clock.
        current: u64,
        /// How many epochs it may be old.
        epochs_max: u64,
    },
    /// Nobody signed.
    Participants,
    /// Signed in the future of the clock.
    Future {
        /// The slot of the signature.
        signature: u64,
        /// The slot of the clock.
        current: u64,
    },
    /// Not: signature after attested header, and that not before the finalised one.
    Order {
        /// The slot of the signature.
        signature: u64,
        /// The slot of the attested header.
        attested: u64,
        /// The slot of the finalised header.
        finalized: u64,
    },
    /// Signed by the committee of a period that the store does not know.
    Period {
        /// The period of the signature.
        signature: u64,
        /// The period of the store.
        store: u64,
        /// Whether the store knows the committee of the period after its own too.
        next_known: bool,
    },
    /// Nothing that the store does not have.
    Irrelevant {
        /// The slot of the attested header.
        attested: u64,
        /// The slot of the store's finalised header.
        finalized: u64,
    },
    /// The execution data is not what the beacon block's body holds.
    Execution(Part),
    /// The branch does not lead from this part to the state root of its header.
    Branch(Part),
    /// A header of the genesis slot that is not empty, as the protocol wants it there.
    Genesis,
    /// Another next committee than the one the store knows.
    OtherNextCommittee,
    /// A committee whose sum of keys is not the one it names.
    Aggregate(Part),
    /// A committee with a key that is none, or a signature that is none or is not theirs.
    Signature(min_pk::Error),
    /// Stored bytes of another network than this one.
    OtherNetwork,
    /// The header tells only the execution block's hash: the block's own header is needed for the rest.
    NeedsBlock,
    /// An execution block's header whose hash is not the one that was proven.
    BlockHash {
        /// The one that was proven.
        wanted: [u8; 32],
        /// The one of the given header.
        found: [u8; 32],
    },
    /// A node of a proof that is not the one its parent names, from 0.
    Node {
        /// Its place in the proof.
        at: usize,
    },
    /// A proof that ends before it says what it should.
    ProofShort,
    /// A proof with nodes that are not on the way, from here.
    ProofLong {
        /// The first that is not.
        at: usize,
    },
}

impl Error {
    pub(crate) fn malformed(what: &'static str) -> impl Fn(Malformed) -> Self {
        move |why| Self::Malformed { what, why }
    }
}

struct Hex<'a>(&'a [u8; 32]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spec(what) => write!(f, "the network's description: {what}"),
            Self::Malformed { what, why } => write!(f, "the {what} {why}"),
            Self::BeforeForks { slot } => {
                write!(f, "slot {slot} is before the first fork that is known here")
            }
            Self::Form { wanted, found } => {
                write!(
                    f,
                    "in the form of {found:?}, but its header's slot has that of {wanted:?}"
                )
            }
            Self::Checkpoint { wanted, found } => write!(
                f,
                "a bootstrap for block {}, but {} is trusted",
                Hex(found),
                Hex(wanted)
            ),
            Self::Stale {
                slot,
                current,
                epochs_max,
            } => write!(
                f,
                "slot {slot} is more than {epochs_max} epochs before slot {current}: take a newer checkpoint from a source you trust"
            ),
            Self::Participants => f.write_str("no member of the sync committee signed"),
            Self::Future { signature, current } => write!(
                f,
                "signed in slot {signature}, but the clock says slot {current}: check the clock"
            ),
            Self::Order {
                signature,
                attested,
                finalized,
            } => write!(
                f,
                "the slots of signature {signature}, attested {attested} and finalised header {finalized} are out of order"
            ),
            Self::Period {
                signature,
                store,
                next_known,
            } => {
                let last = store.saturating_add(u64::from(*next_known));
                write!(
                    f,
                    "signed by the committee of period {signature}, but those of {store} to {last} are known: ask for the update of period {last} first"
                )
            }
            Self::Irrelevant { attested, finalized } => write!(
                f,
                "attests slot {attested}, but slot {finalized} is final already and the next committee is known"
            ),
            Self::Execution(part) => write!(f, "the {part}'s execution data is not in its block"),
            Self::Branch(part) => write!(f, "the {part} is not in the state that it is said to be in"),
            Self::Genesis => f.write_str("the finalised header is of the genesis slot and not empty"),
            Self::OtherNextCommittee => f.write_str("another next sync committee than the one that is known"),
            Self::Aggregate(part) => write!(f, "the keys of the {part} do not add up to its aggregate key"),
            Self::Signature(why) => write!(f, "sync committee: {why}"),
            Self::OtherNetwork => f.write_str("stored for another network"),
            Self::NeedsBlock => f.write_str(
                "only the execution block's hash is proven: its header is needed to know its state root",
            ),
            Self::BlockHash { wanted, found } => write!(
                f,
                "the header is of execution block {}, but {} is proven",
                Hex(found),
                Hex(wanted)
            ),
            Self::Node { at } => write!(f, "node {at} of the proof is not the one that is named above it"),
            Self::ProofShort => f.write_str("the proof ends too soon"),
            Self::ProofLong { at } => write!(f, "the proof goes on with node {at} after its end"),
        }
    }
}

impl core::error::Error for Error {}

impl From<min_pk::Error> for Error {
    fn from(why: min_pk::Error) -> Self {
        Self::Signature(why)
    }
}
