//! Outbox messages: what a chain sends to L1, in frames like the tape's.
//!
//! ```text
//! limb 0   kind u8 | 1 zero | sender 20 | length u16 | 7 zero
//! limb 1   11 zero | destination 20
//! limb 2   15 zero | amount u128
//! limb 3   zero
//! then the payload in whole frames, zero-filled
//! ```
//!
//! `destination` is an L1 address; other destinations will be other kinds. A message's identity is its place: the
//! outbox accumulator's length before it. Two equal withdrawals are two messages.

use crate::account::{AccountId, L1Address};
use crate::bounded::Bytes;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::tape::frame::{FRAME_BYTES, LIMB_BYTES, frames_for};
use alloc::vec::Vec;

/// What the message does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Native asset leaves for L1.
    Withdraw {
        /// Who may claim it.
        to: L1Address,
        /// Smallest units.
        amount: u128,
    },
    /// Bytes for an L1 contract.
    ToL1 {
        /// Who may read it.
        to: L1Address,
        /// What it says.
        payload: Bytes<MESSAGE_BYTES_MAX>,
    },
}

/// An outbox message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The account that sent it: a withdrawal's owner, or the module's own id for messages that a module sends.
    pub sender: AccountId,
    /// What it does.
    pub content: Content,
}

const WITHDRAW: u8 = 1;
const TO_L1: u8 = 2;

impl Encode for Message {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let empty = Bytes::default();
        let (kind, to, amount, payload) = match &self.content {
            Content::Withdraw { to, amount } => (WITHDRAW, to, *amount, &empty),
            Content::ToL1 { to, payload } => (TO_L1, to, 0, payload),
        };
        let mut w = Writer::new(out);
        w.u8(kind)
            .zeros(1)
            .bytes(&self.sender.0)
            .u16(payload.len_u16())
            .zeros(7);
        w.zeros(11).bytes(&to.0).zeros(15).u128(amount).zeros(LIMB_BYTES);
        w.bytes(payload)
            .zeros(frames_for(payload.len()) * FRAME_BYTES - payload.len());
    }
}

impl Decode for Message {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let kind = reader.u8("message kind")?;
        reader.zeros("message", 1)?;
        let sender = AccountId(reader.array("sender")?);
        let length = usize::from(reader.u16("message length")?);
        check_limit("message length", length, MESSAGE_BYTES_MAX)?;
        reader.zeros("message", 7 + 11)?;
        let to = L1Address(reader.array("destination")?);
        reader.zeros("message", 15)?;
        let amount = reader.u128("amount")?;
        reader.zeros("message", LIMB_BYTES)?;
        let payload =
            Bytes::new(reader.bytes("message", length)?).map_err(|_| DecodeError::NonCanonical("message"))?;
        reader.zeros("message", frames_for(length) * FRAME_BYTES - length)?;
        let content = match kind {
            WITHDRAW if length != 0 => return Err(DecodeError::NonCanonical("withdrawal payload")),
            WITHDRAW => Content::Withdraw { to, amount },
            TO_L1 if amount != 0 => return Err(DecodeError::NonZeroPadding("amount")),
            TO_L1 => Content::ToL1 { to, payload },
            found => {
                return Err(DecodeError::Unknown {
                    what: "message kind",
                    found: u64::from(found),
                });
            }
        };
        Ok(Self { sender, content })
    }
}
