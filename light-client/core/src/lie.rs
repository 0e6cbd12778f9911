//! Lies: what a node said, against what it does not hold, and the bytes that show it.

use playfair_types::DecodeError;
use playfair_types::state::proof::ProofError;
use std::fmt;

/// What a node cannot truthfully have said. Each has a name that pages and tests know it by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lie {
    /// Not what such an answer looks like.
    Form(&'static str),
    /// Bytes that are no canonical encoding of what they are said to be.
    Encoding(&'static str, DecodeError),
    /// Of another chain.
    OtherChain(&'static str),
    /// A block of another height than was asked for.
    OtherHeight {
        /// What was asked for.
        asked: u64,
        /// What came.
        found: u64,
    },
    /// A block without a certificate.
    NoCertificate(u64),
    /// A certificate that is for another block.
    OtherCertificate(u64),
    /// A certificate that the committee did not sign.
    Certificate(u64, playfair_bls::Error),
    /// A head below one that was shown before.
    RolledBack {
        /// What was shown before.
        had: u64,
        /// What came.
        found: u64,
    },
    /// Two certified blocks of one height: evidence against the committee.
    Equivocation(u64),
    /// A certified block that does not stand on the certified block before it: evidence against the committee.
    Fork(u64),
    /// Another call than was asked for.
    OtherCall,
    /// A record that is not in its block, or not there.
    RecordPlace,
    /// A receipt that is not in its block, or not there.
    ReceiptPlace,
    /// A receipt in another place than the record.
    ReceiptOfOther,
    /// An output or events that the receipt does not commit to.
    ReceiptBody,
    /// A call that was shown in a certified block, and now is denied.
    Denied,
    /// A state proof that does not lead to the root.
    State(ProofError),
    /// A value that is not the one in the state.
    OtherValue,
    /// Absent, although it is in the state.
    HiddenValue,
    /// A value for a key that has none.
    InventedValue,
    /// A proof that does not begin where the proven history ends.
    ProofGap {
        /// Where the proven history ends, in frames.
        wanted: u64,
        /// Where it begins.
        found: u64,
    },
    /// A proof that begins at the right frame, in another state of the chain.
    ProofBefore,
    /// A proof of no record.
    ProofEmpty,
    /// A set of keys with another root than the chain names.
    OtherKeySet,
    /// A proof under a key that is not in the chain's set.
    KeyNotInSet,
    /// A key with another digest than was asked for.
    OtherKey,
    /// A key for another module than the one that ran.
    KeyModule,
    /// A key that is none, or rests on a setup that is not to be believed.
    Key(playfair_proofs_verifier::Error),
    /// A proof that does not hold.
    Proof(playfair_proofs_verifier::Error),
    /// Proofs of a history that is not the certified one.
    HistoryDiffers(u64),
    /// A certified block whose records, as is proven, have another outcome: evidence against the committee.
    WrongExecution(u64),
    /// A certified block whose header says two different things of its records: evidence against the committee.
    TornBlock(u64),
    /// A genesis block on which the certified block above it does not stand.
    OtherParent(u64),
    /// Receipts that do not lead from one proven place to the next.
    Receipts,
    /// Said to be proven, and the proven history has something else in its place.
    NotProven,
}

impl Lie {
    /// The name that pages and tests know it by.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Form(_) => "form",
            Self::Encoding(..) => "encoding",
            Self::OtherChain(_) => "other-chain",
            Self::OtherHeight { .. } => "other-height",
            Self::NoCertificate(_) => "no-certificate",
            Self::OtherCertificate(_) => "other-certificate",
            Self::Certificate(..) => "certificate",
            Self::RolledBack { .. } => "rolled-back",
            Self::Equivocation(_) => "equivocation",
            Self::Fork(_) => "fork",
            Self::OtherCall => "other-call",
            Self::RecordPlace => "record-place",
            Self::ReceiptPlace => "receipt-place",
            Self::ReceiptOfOther => "receipt-of-other",
            Self::ReceiptBody => "receipt-body",
            Self::Denied => "denied",
            Self::State(_) => "state-proof",
            Self::OtherValue => "other-value",
            Self::HiddenValue => "hidden-value",
            Self::InventedValue => "invented-value",
            Self::ProofGap { .. } => "proof-gap",
            Self::ProofBefore => "proof-before",
            Self::ProofEmpty => "proof-empty",
            Self::OtherKeySet => "other-key-set",
            Self::KeyNotInSet => "key-not-in-set",
            Self::OtherKey => "other-key",
            Self::KeyModule => "key-module",
            Self::Key(_) => "key",
            Self::Proof(_) => "proof",
            Self::HistoryDiffers(_) => "history-differs",
            Self::WrongExecution(_) => "wrong-execution",
            Self::TornBlock(_) => "torn-block",
            Self::OtherParent(_) => "other-parent",
            Self::Receipts => "receipts",
            Self::NotProven => "not-proven",
        }
    }

    /// Whether it is the committee's, so that no other node can be better.
    #[must_use]
    pub const fn is_committees(&self) -> bool {
        matches!(
            self,
            Self::Equivocation(_) | Self::Fork(_) | Self::WrongExecution(_) | Self::TornBlock(_)
        )
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(what) => write!(f, "the answer has no {what} where one belongs"),
            Self::Encoding(what, error) => write!(f, "what is said to be {what} is none: {error}"),
            Self::OtherChain(what) => write!(f, "{what} is another chain's"),
            Self::OtherHeight { asked, found } => write!(f, "asked for block {asked}, got block {found}"),
            Self::NoCertificate(height) => write!(f, "block {height} comes without a certificate"),
            Self::OtherCertificate(height) => {
                write!(f, "the certificate beside block {height} is for another block")
            }
            Self::Certificate(height, error) => {
                write!(f, "the committee did not sign block {height}: {error}")
            }
            Self::RolledBack { had, found } => {
                write!(
                    f,
                    "the chain's head is said to be block {found}, but block {had} was certified before"
                )
            }
            Self::Equivocation(height) => {
                write!(f, "the committee signed two different blocks of height {height}")
            }
            Self::Fork(height) => write!(
                f,
                "block {height} is certified and does not stand on the certified block before it: the committee signed two histories"
            ),
            Self::OtherCall => f.write_str("the record is another call than the one that was asked for"),
            Self::RecordPlace => f.write_str("the call is not in its block at the place that was named"),
            Self::ReceiptPlace => f.write_str("the receipt is not in its block at the place that was named"),
            Self::ReceiptOfOther => f.write_str("the receipt is another record's"),
            Self::ReceiptBody => f.write_str("the receipt does not commit to this output and these events"),
            Self::Denied => f.write_str("the node denies a call that it has shown in a certified block"),
            Self::State(error) => error.fmt(f),
            Self::OtherValue => f.write_str("the value is not the one in the state"),
            Self::HiddenValue => f.write_str("a value that is in the state is said to be absent"),
            Self::InventedValue => f.write_str("a value is shown for a key that has none"),
            Self::ProofGap { wanted, found } => write!(
                f,
                "the next proof begins at frame {found} of the tape, but what is proven ends at frame {wanted}"
            ),
            Self::ProofBefore => {
                f.write_str("the next proof begins in another state of the chain than the one that is proven")
            }
            Self::ProofEmpty => f.write_str("the proof is about no record"),
            Self::OtherKeySet => f.write_str("the set of verifying keys is not the one that the chain names"),
            Self::KeyNotInSet => f.write_str("the proof is for a verifying key that the chain does not name"),
            Self::OtherKey => f.write_str("the verifying key is another one than was asked for"),
            Self::KeyModule => f.write_str("the verifying key is for another module than the one that ran"),
            Self::Key(error) => write!(f, "the verifying key: {error}"),
            Self::Proof(error) => write!(f, "the validity proof: {error}"),
            Self::HistoryDiffers(height) => write!(
                f,
                "the proofs are of another history than the one whose block {height} is certified"
            ),
            Self::WrongExecution(height) => write!(
                f,
                "the committee signed block {height} with an outcome that its records, as is proven, do not have"
            ),
            Self::TornBlock(height) => write!(
                f,
                "the committee signed block {height}, whose records, receipts and tape do not belong together"
            ),
            Self::OtherParent(height) => {
                write!(
                    f,
                    "the certified block above it does not stand on this block {height}"
                )
            }
            Self::Receipts => {
                f.write_str("the receipts do not lead from one proven place of the history to the next")
            }
            Self::NotProven => f.write_str(
                "the call is said to be proven, and the proven history has something else in its place",
            ),
        }
    }
}

impl std::error::Error for Lie {}

/// Bytes that show a lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exhibit {
    /// What they are.
    pub what: &'static str,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Exhibit {
    /// The whole answer.
    pub const ANSWER: &'static str = "answer";
    /// A header that the committee had certified before.
    pub const HEADER: &'static str = "header";
    /// Its certificate.
    pub const CERTIFICATE: &'static str = "certificate";
}

/// A lie with what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The lie.
    pub lie: Lie,
    /// What was asked: a path of the web API.
    pub asked: String,
    /// The bytes that show it: the whole answer, or both certificates of an equivocation.
    pub exhibits: Vec<Exhibit>,
    /// How long it took to find it, microseconds.
    pub micros: u64,
}

/// Why the client has no verified answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The node does not answer.
    Unreachable(String),
    /// The node refuses, and says why. Nothing of that is verified.
    Refused {
        /// The status of HTTP.
        status: u16,
        /// Its name for it.
        code: String,
        /// What it says to people.
        message: String,
    },
    /// The chain's proofs rest on a setup that this client was not told to believe in.
    Setup(String),
    /// The node lied. The view is as it was.
    Lie(Box<Caught>),
    /// The committee lied before; nothing it signs is accepted any more.
    Frozen(Box<Caught>),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the node does not answer: {why}"),
            Self::Refused {
                status,
                code,
                message,
            } => write!(f, "the node refuses ({status} {code}): {message}"),
            Self::Setup(why) => write!(f, "this chain's proofs cannot be believed here: {why}"),
            Self::Lie(caught) => write!(f, "{} (asked: {})", caught.lie, caught.asked),
            Self::Frozen(caught) => write!(f, "this chain's history is not to be trusted: {}", caught.lie),
        }
    }
}

impl std::error::Error for Trouble {}
