//! Outbox messages: what a chain sends to L1 or to another chain, in frames like the tape's.
//!
//! ```text
//! limb 0   kind u8 | destination[0] | sender 20 | length u16 | 7 zero
//! limb 1   destination[1..32]
//! limb 2   15 zero | amount u128
//! limb 3   zero
//! then the payload in whole frames, zero-filled
//! ```
//!
//! `destination` is an L1 address (twelve zero bytes before it) or a chain id. A message's identity is its place: the
//! outbox accumulator's length before it. Two equal withdrawals are two messages.

use crate::account::{AccountId, L1Address};
use crate::bounded::Bytes;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use crate::limits::MESSAGE_BYTES_MAX;
use crate::tape::frame::{FRAME_BYTES, LIMB_BYTES, frames_for, join32};
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
    /// Bytes for another chain.
    ToChain {
        /// Its chain id.
        to: Fr,
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
const TO_CHAIN: u8 = 3;

fn l1_address(word: &[u8; 32]) -> Result<L1Address, DecodeError> {
    L1Address::from_word(word).ok_or(DecodeError::NonZeroPadding("destination"))
}

impl Encode for Message {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let empty = Bytes::default();
        let (kind, to, amount, payload) = match &self.content {
            Content::Withdraw { to, amount } => (WITHDRAW, to.to_word(), *amount, &empty),
            Content::ToL1 { to, payload } => (TO_L1, to.to_word(), 0, payload),
            Content::ToChain { to, payload } => (TO_CHAIN, fr_to_bytes(to), 0, payload),
        };
        let [to_high, to_low @ ..] = to;
        let mut w = Writer::new(out);
        w.u8(kind)
            .u8(to_high)
            .bytes(&self.sender.0)
            .u16(payload.len_u16())
            .zeros(7);
        w.bytes(&to_low).zeros(15).u128(amount).zeros(LIMB_BYTES);
        w.bytes(payload)
            .zeros(frames_for(payload.len()) * FRAME_BYTES - payload.len());
    }
}

impl Decode for Message {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (kind, to_high) = (reader.u8("message kind")?, reader.u8("destination")?);
        let sender = AccountId(reader.array("sender")?);
        let length = usize::from(reader.u16("message length")?);
        check_limit("message length", length, MESSAGE_BYTES_MAX)?;
        reader.zeros("message", 7)?;
        let to_low = reader.array("destination")?;
        let to = join32(to_high, &to_low);
        reader.zeros("message", 15)?;
        let amount = reader.u128("amount")?;
        reader.zeros("message", LIMB_BYTES)?;
        let payload =
            Bytes::new(reader.bytes("message", length)?).map_err(|_| DecodeError::NonCanonical("message"))?;
        reader.zeros("message", frames_for(length) * FRAME_BYTES - length)?;
        let content = match kind {
            WITHDRAW if length != 0 => return Err(DecodeError::NonCanonical("withdrawal payload")),
            WITHDRAW => Content::Withdraw {
                to: l1_address(&to)?,
                amount,
            },
            TO_L1 | TO_CHAIN if amount != 0 => return Err(DecodeError::NonZeroPadding("amount")),
            TO_L1 => Content::ToL1 {
                to: l1_address(&to)?,
                payload,
            },
            TO_CHAIN => {
                let to = fr_from_bytes(&to).ok_or(DecodeError::NonCanonicalField("destination"))?;
                Content::ToChain { to, payload }
            }
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
