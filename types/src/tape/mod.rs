//! The tape: the canonical record of everything that happened to a chain, and what is posted as data.
//!
//! A tape is a stream of records, each a whole number of [`frame`]s. The length of a record follows from its first
//! frame alone, so any reader finds every boundary, whatever is inside. Replaying a tape from genesis gives every
//! root, receipt and message of the chain.
//!
//! A record is either *readable*, *malformed* (a call whose inside breaks a canonical rule: it consumes its frames
//! and its receipt says `invalid(encoding)`), or it *breaks the tape* (an unknown kind, an impossible length, a
//! malformed system record): no proof exists for a tape with such a record, and its author cannot be paid for it.

pub mod call;
pub mod frame;
pub mod genesis;
pub mod system;
pub mod system_entry;

use crate::codec::{Decode, DecodeError, Encode, Reader, check_limit};
use crate::crypto::field::Fr;
use crate::hash::{Tag, absorb, hash};
use crate::limits::{GENESIS_BYTES_MAX, PAYLOAD_BYTES_MAX};
use alloc::boxed::Box;
use alloc::vec::Vec;
use call::{L1Call, SignedCall, call_frames, message_of};
use frame::{FRAME_BYTES, frames_for};
use genesis::GenesisRecord;
use system::{BlockRecord, Deposit, UpgradeRecord};

/// The first byte of a record.
pub mod kind {
    /// Set on records that came through the L1 inbox: their frames also extend the inbox accumulator.
    pub const INBOX: u8 = 0x80;
    /// A block starts, and its tick runs.
    pub const BLOCK: u8 = 0x01;
    /// A signed call.
    pub const CALL: u8 = 0x02;
    /// A signed call that creates its account.
    pub const NEW_KEY_CALL: u8 = 0x03;
    /// The first record.
    pub const GENESIS: u8 = 0x06;
    /// The module changes.
    pub const UPGRADE: u8 = 0x07;
    /// A deposit from L1.
    pub const DEPOSIT: u8 = INBOX | 0x04;
    /// A call by an L1 address.
    pub const L1_CALL: u8 = INBOX | 0x05;
}

/// A readable record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// The first record. In a box: it is by far the largest and comes once.
    Genesis(Box<GenesisRecord>),
    /// A block starts.
    Block(BlockRecord),
    /// A signed call, from the sequencer or forced through L1.
    Call(SignedCall),
    /// The module changes.
    Upgrade(UpgradeRecord),
    /// A deposit from L1.
    Deposit(Deposit),
    /// A call by an L1 address.
    L1Call(L1Call),
}

/// One step along a tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A readable record.
    Record(Record),
    /// A call that must be consumed with the outcome `invalid(encoding)`.
    Malformed(DecodeError),
}

/// How many frames the record takes that starts with this frame.
///
/// # Errors
/// [`DecodeError`] when no record starts so: the tape is broken here.
pub fn record_frames(first: &[u8; FRAME_BYTES]) -> Result<usize, DecodeError> {
    let mut reader = Reader::new(first);
    let kind = reader.u8("kind")?;
    match kind {
        kind::BLOCK | kind::UPGRADE | kind::DEPOSIT => Ok(1),
        kind::GENESIS => {
            let length = usize::from(reader.u16("genesis length")?);
            check_limit("genesis length", length, GENESIS_BYTES_MAX)?;
            Ok(1 + frames_for(length))
        }
        kind::L1_CALL => call_length(reader, false),
        _ => match kind & !kind::INBOX {
            kind::CALL => call_length(reader, false),
            kind::NEW_KEY_CALL => call_length(reader, true),
            _ => Err(DecodeError::Unknown {
                what: "record kind",
                found: u64::from(kind),
            }),
        },
    }
}

/// The payload length lies at bytes 19 and 20 of limb 3.
fn call_length(mut reader: Reader<'_>, new_key: bool) -> Result<usize, DecodeError> {
    reader.bytes("call", 3 * frame::LIMB_BYTES - 1 + 19)?;
    let length = usize::from(reader.u16("payload length")?);
    check_limit("payload length", length, PAYLOAD_BYTES_MAX)?;
    Ok(call_frames(new_key, length))
}

impl Encode for Record {
    fn encode_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Genesis(record) => record.encode_to(out),
            Self::Block(record) => record.encode_to(out),
            Self::Call(record) => record.encode_to(out),
            Self::Upgrade(record) => record.encode_to(out),
            Self::Deposit(record) => record.encode_to(out),
            Self::L1Call(record) => record.encode_to(out),
        }
    }
}

impl Decode for Record {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.clone().u8("kind")?;
        Ok(match kind {
            kind::GENESIS => Self::Genesis(Box::new(GenesisRecord::read(reader)?)),
            kind::BLOCK => Self::Block(BlockRecord::read(reader)?),
            kind::UPGRADE => Self::Upgrade(UpgradeRecord::read(reader)?),
            kind::DEPOSIT => Self::Deposit(Deposit::read(reader)?),
            kind::L1_CALL => Self::L1Call(L1Call::read(reader)?),
            _ => Self::Call(SignedCall::read(reader)?),
        })
    }
}

/// Takes the next record off a tape.
///
/// Returns the step and the record's own bytes.
///
/// # Errors
/// [`DecodeError`] when the tape is broken here: see the module's documentation for the difference to
/// [`Step::Malformed`].
pub fn step<'a>(reader: &mut Reader<'a>) -> Result<(Step, &'a [u8]), DecodeError> {
    let first = reader.clone().array("frame")?;
    let length = record_frames(&first)?.saturating_mul(FRAME_BYTES);
    let bytes = reader.bytes("record", length)?;
    let [kind, ..] = first;
    let step = match Record::decode(bytes) {
        Ok(record) => Step::Record(record),
        Err(error) if is_call(kind) => Step::Malformed(error),
        Err(error) => return Err(error),
    };
    Ok((step, bytes))
}

/// Whether a record of this kind is a call, which can be malformed without breaking the tape.
fn is_call(kind: u8) -> bool {
    kind == kind::L1_CALL || matches!(kind & !kind::INBOX, kind::CALL | kind::NEW_KEY_CALL)
}

/// The signed message of a call record's bytes, also of a malformed one: the name that its signer knows it by.
///
/// # Errors
/// [`DecodeError`] when the bytes are no whole number of frames, or none.
pub fn call_message(chain_id: Fr, record: &[u8]) -> Result<Fr, DecodeError> {
    match frame::split(record)? {
        [] => Err(DecodeError::UnexpectedEnd("call")),
        frames => Ok(message_of(chain_id, frames)),
    }
}

/// A stream's accumulator: its value and how many frames (or receipts) it has absorbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accumulator {
    /// The Poseidon chain.
    pub value: Fr,
    /// How many blocks of four elements it has absorbed.
    pub length: u64,
}

impl Accumulator {
    /// The start of a stream: `hash(tag; chain id)`, length 0. Streams are [`Tag::Tape`], [`Tag::Inbox`],
    /// [`Tag::Outbox`] and [`Tag::Receipts`].
    #[must_use]
    pub fn start(tag: Tag, chain_id: Fr) -> Self {
        Self {
            value: hash(tag, &[chain_id]),
            length: 0,
        }
    }

    /// Absorbs one frame or one receipt.
    pub fn absorb(&mut self, block: &[Fr; 4]) {
        self.value = absorb(self.value, block);
        // 2^64 frames are 2 zettabytes: out of reach, and no reason to wrap.
        self.length = self.length.saturating_add(1);
    }

    /// Absorbs whole frames.
    ///
    /// # Errors
    /// [`DecodeError::UnexpectedEnd`] when the bytes are no whole number of frames; the accumulator is then unchanged.
    pub fn absorb_frames(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        for frame in frame::split(bytes)? {
            self.absorb(&frame::limbs(frame));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
