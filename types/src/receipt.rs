//! Outcomes, receipts and events.
//!
//! Every record of the tape yields exactly one receipt, in order; a block record's receipt is that of its tick. A
//! receipt is four field elements, absorbed by the receipts accumulator:
//!
//! ```text
//! 0  outcome u8 | detail u8 | gas used u32 | fee u96 | messages u8 | frames u8 | 11 zero     (one 31-byte limb)
//! 1  the tape accumulator after the record
//! 2  hash(Output; returned bytes or revert message)
//! 3  the events: e = 0, then e = hash(Events; e, hash(Event; topic, data)) for each
//! ```

use crate::bounded::Bytes;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::field::{Fr, pack24};
use crate::hash::{Tag, hash, hash_bytes24, hash_with_length, pack31};
use crate::limits::{EVENT_BYTES_MAX, EVENTS_MAX, MESSAGES_MAX, OUTPUT_BYTES_MAX};
use crate::tape::frame::{FRAME_BYTES, RECORD_FRAMES_MAX, absorb_frames};
use alloc::vec::Vec;
use ark_ff::AdditiveGroup;

macro_rules! codes {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$vmeta:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant = $code),+ }

        impl $name {
            /// Every value, in order of code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> u8 { self as u8 }

            /// The value with this code.
            ///
            /// # Errors
            /// [`DecodeError::Unknown`] for a code that version 1 does not define.
            pub fn from_code(code: u8) -> Result<Self, DecodeError> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    found => Err(DecodeError::Unknown { what: $what, found: u64::from(found) }),
                }
            }
        }
    };
}

codes! {
    /// Why a call trapped.
    Trap, "trap" {
        /// `unreachable` was executed.
        Unreachable = 1,
        /// A load, store or bulk operation left linear memory.
        MemoryOutOfBounds = 2,
        /// Integer division or remainder by zero.
        DivisionByZero = 3,
        /// Signed division of the least integer by -1.
        IntegerOverflow = 4,
        /// `call_indirect` of a function with another type.
        IndirectCallType = 5,
        /// `call_indirect` past the end of the table.
        TableOutOfBounds = 6,
        /// `call_indirect` of an empty table slot.
        NullElement = 7,
        /// Calls nested deeper than admission allows.
        CallDepth = 8,
        /// A host function was given a pointer, length or value that it refuses.
        HostArgument = 9,
        /// A call exceeded a count that is not priced: events, messages.
        HostLimit = 10,
    }
}

codes! {
    /// Why a call is invalid. The checks run in the order of the codes and the first that fails decides.
    Invalid, "invalid reason" {
        /// The record breaks a canonical rule of its format, the signature's and new key's included.
        Encoding = 1,
        /// The account has not been created, or in a new-key call the id is not the key's.
        Account = 2,
        /// A new-key call for an account that has been created.
        AccountExists = 3,
        /// The account has no key at this index, or not of the kind that this call needs.
        Key = 4,
        /// The signature does not verify, or the L1 sender is not the key's.
        Signature = 5,
        /// The key has expired, or the entry is not in its scope.
        Scope = 6,
        /// The block is later than `valid until`.
        Expired = 7,
        /// The nonce is not the lane's next.
        Nonce = 8,
        /// The gas limit is above the limit of a call, or below the base price.
        GasLimit = 9,
        /// The gas price is below the chain's least, above it where a sponsor pays, or not zero on a free chain.
        GasPrice = 10,
        /// Whoever pays cannot pay gas limit x gas price.
        Funds = 11,
    }
}

/// How a call ended. State and outputs are kept for `Ok` only; nonce and fee are consumed by all but `Invalid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It returned.
    Ok,
    /// The module reverted with a message.
    Reverted,
    /// It trapped.
    Trapped(Trap),
    /// It ran out of gas.
    OutOfGas,
    /// It could not be started. Nothing changes but the tape and the receipt.
    Invalid(Invalid),
}

impl Outcome {
    /// The two bytes on the wire: outcome and detail.
    #[must_use]
    pub const fn codes(self) -> (u8, u8) {
        match self {
            Self::Ok => (0, 0),
            Self::Reverted => (1, 0),
            Self::Trapped(trap) => (2, trap.code()),
            Self::OutOfGas => (3, 0),
            Self::Invalid(reason) => (4, reason.code()),
        }
    }

    /// The outcome with these codes.
    ///
    /// # Errors
    /// [`DecodeError::Unknown`] for codes that version 1 does not define.
    pub fn from_codes(outcome: u8, detail: u8) -> Result<Self, DecodeError> {
        match (outcome, detail) {
            (0, 0) => Ok(Self::Ok),
            (1, 0) => Ok(Self::Reverted),
            (2, code) => Ok(Self::Trapped(Trap::from_code(code)?)),
            (3, 0) => Ok(Self::OutOfGas),
            (4, code) => Ok(Self::Invalid(Invalid::from_code(code)?)),
            (0 | 1 | 3, found) => Err(DecodeError::Unknown {
                what: "outcome detail",
                found: u64::from(found),
            }),
            (found, _) => Err(DecodeError::Unknown {
                what: "outcome",
                found: u64::from(found),
            }),
        }
    }
}

/// An event that a module emitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Event {
    /// The event's number in the module's ABI.
    pub topic: u16,
    /// Its fields, encoded as the ABI says.
    pub data: Bytes<EVENT_BYTES_MAX>,
}

impl Event {
    /// `hash(Event; topic, 24-byte limbs of data)` with the data's length in bytes.
    #[must_use]
    pub fn hash(&self) -> Fr {
        let mut elements = Vec::with_capacity(1 + self.data.len().div_ceil(24));
        elements.push(Fr::from(self.topic));
        elements.extend(pack24(&self.data));
        hash_with_length(Tag::Event, self.data.len() as u64, &elements)
    }
}

/// The receipt of one record, as it is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// How it ended.
    pub outcome: Outcome,
    /// Gas charged. 0 for an invalid call.
    pub gas_used: u32,
    /// Fee paid, `gas used x gas price`, below 2^96.
    pub fee: u128,
    /// How many outbox messages it sent.
    pub messages: u8,
    /// How many frames the record has: with `tape`, this names the record. Without it, a record whose last frame is
    /// another record's bytes could pass for that other record.
    pub frames: u8,
    /// The tape accumulator right after the record.
    pub tape: Fr,
    /// Hash of what it returned, or of the revert's message.
    pub output: Fr,
    /// Chain of its events; 0 without any.
    pub events: Fr,
}

impl Receipt {
    /// Whether this is the receipt of the record with these bytes, which stands behind `tape_before`.
    #[must_use]
    pub fn is_of(&self, tape_before: Fr, record: &[u8]) -> bool {
        record.len() == usize::from(self.frames) * FRAME_BYTES
            && absorb_frames(tape_before, record) == Ok(self.tape)
    }

    /// The four elements that the receipts accumulator absorbs.
    #[must_use]
    pub fn elements(&self) -> [Fr; 4] {
        let mut limb = Vec::with_capacity(31);
        self.write_limb(&mut limb);
        let limb = pack31(&limb).first().copied().unwrap_or(Fr::ZERO);
        [limb, self.tape, self.output, self.events]
    }

    fn write_limb(&self, out: &mut Vec<u8>) {
        let (outcome, detail) = self.outcome.codes();
        Writer::new(out)
            .u8(outcome)
            .u8(detail)
            .u32(self.gas_used)
            .u96(self.fee)
            .u8(self.messages)
            .u8(self.frames);
    }
}

impl Encode for Receipt {
    fn encode_to(&self, out: &mut Vec<u8>) {
        self.write_limb(out);
        Writer::new(out)
            .field(&self.tape)
            .field(&self.output)
            .field(&self.events);
    }
}

impl Decode for Receipt {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let outcome = Outcome::from_codes(reader.u8("outcome")?, reader.u8("outcome detail")?)?;
        let (gas_used, fee, messages) = (
            reader.u32("gas used")?,
            reader.u96("fee")?,
            reader.u8("messages")?,
        );
        check_limit("messages", usize::from(messages), MESSAGES_MAX)?;
        let frames = reader.u8("frames")?;
        if frames == 0 {
            return Err(DecodeError::NonCanonical("frames"));
        }
        check_limit("frames", usize::from(frames), RECORD_FRAMES_MAX)?;
        if matches!(outcome, Outcome::Invalid(_)) && (gas_used != 0 || fee != 0) {
            return Err(DecodeError::NonCanonical("receipt of an invalid call"));
        }

        let (tape, output, events) = (
            reader.field("tape")?,
            reader.field("output")?,
            reader.field("events")?,
        );
        if outcome != Outcome::Ok && (messages != 0 || events != Fr::ZERO) {
            return Err(DecodeError::NonCanonical(
                "messages or events of a call that did not succeed",
            ));
        }
        let silent = !matches!(outcome, Outcome::Ok | Outcome::Reverted);
        if silent && output != hash_bytes24(Tag::Output, &[]) {
            return Err(DecodeError::NonCanonical("output of a call that did not return"));
        }
        Ok(Self {
            outcome,
            gas_used,
            fee,
            messages,
            frames,
            tape,
            output,
            events,
        })
    }
}

/// What a receipt commits to, in full: returned bytes (or revert message) and events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceiptBody {
    /// Returned bytes, or a revert's message.
    pub output: Bytes<OUTPUT_BYTES_MAX>,
    /// Events in order, at most [`EVENTS_MAX`].
    pub events: Vec<Event>,
}

impl ReceiptBody {
    /// The receipt's `output` and `events` elements.
    #[must_use]
    pub fn hashes(&self) -> (Fr, Fr) {
        let events = self
            .events
            .iter()
            .fold(Fr::ZERO, |acc, event| hash(Tag::Events, &[acc, event.hash()]));
        (hash_bytes24(Tag::Output, &self.output), events)
    }

    /// Whether `receipt` commits to exactly this body.
    #[must_use]
    pub fn matches(&self, receipt: &Receipt) -> bool {
        self.hashes() == (receipt.output, receipt.events)
    }
}

impl Encode for ReceiptBody {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.bytes16(&self.output)
            .u8(u8::try_from(self.events.len()).unwrap_or(u8::MAX));
        for event in &self.events {
            w.u16(event.topic).bytes16(&event.data);
        }
    }
}

impl Decode for ReceiptBody {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let output = Bytes::read16(reader, "output")?;
        let count = usize::from(reader.u8("events")?);
        check_limit("events", count, EVENTS_MAX)?;
        let mut events = Vec::with_capacity(count);
        for _ in 0..count {
            events.push(Event {
                topic: reader.u16("topic")?,
                data: Bytes::read16(reader, "event data")?,
            });
        }
        Ok(Self { output, events })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn receipt(frames: u8, tape: Fr) -> Receipt {
        let (output, events) = ReceiptBody::default().hashes();
        Receipt {
            outcome: Outcome::Ok,
            gas_used: 1,
            fee: 0,
            messages: 0,
            frames,
            tape,
            output,
            events,
        }
    }

    #[test]
    fn a_record_whose_last_frame_is_another_record_is_not_that_record() {
        let mine = vec![2u8; FRAME_BYTES];
        let theirs = [vec![3u8; FRAME_BYTES], mine.clone()].concat();
        let before = Fr::from(1u64);
        let middle = absorb_frames(before, &theirs[..FRAME_BYTES]).expect("a frame");
        let after = absorb_frames(before, &theirs).expect("two frames");
        assert!(receipt(2, after).is_of(before, &theirs));
        assert!(
            !receipt(2, after).is_of(middle, &mine),
            "their receipt is not mine"
        );
        assert!(!receipt(1, after).is_of(before, &mine));
    }

    #[test]
    fn what_only_success_has_is_refused_elsewhere() {
        let ok = receipt(1, Fr::ZERO);
        for outcome in [
            Outcome::Reverted,
            Outcome::OutOfGas,
            Outcome::Trapped(Trap::HostLimit),
        ] {
            assert!(Receipt::decode(&Receipt { outcome, ..ok }.encode()).is_ok());
            assert!(
                Receipt::decode(
                    &Receipt {
                        outcome,
                        messages: 1,
                        ..ok
                    }
                    .encode()
                )
                .is_err()
            );
            assert!(
                Receipt::decode(
                    &Receipt {
                        outcome,
                        events: Fr::from(1u64),
                        ..ok
                    }
                    .encode()
                )
                .is_err()
            );
        }
        let spoke = Receipt {
            output: Fr::from(1u64),
            ..ok
        };
        assert!(
            Receipt::decode(
                &Receipt {
                    outcome: Outcome::Reverted,
                    ..spoke
                }
                .encode()
            )
            .is_ok()
        );
        assert!(
            Receipt::decode(
                &Receipt {
                    outcome: Outcome::OutOfGas,
                    ..spoke
                }
                .encode()
            )
            .is_err()
        );
        let invalid = Receipt {
            outcome: Outcome::Invalid(Invalid::Nonce),
            ..ok
        };
        assert!(
            Receipt::decode(&invalid.encode()).is_err(),
            "an invalid call costs nothing"
        );
        assert!(
            Receipt::decode(
                &Receipt {
                    gas_used: 0,
                    ..invalid
                }
                .encode()
            )
            .is_ok()
        );
        for frames in [0, 135] {
            assert!(Receipt::decode(&Receipt { frames, ..ok }.encode()).is_err());
        }
    }
}
