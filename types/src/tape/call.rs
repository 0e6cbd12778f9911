//! Calls: what a player signs.
//!
//! A call's first frame holds everything but a long payload; a chess move is one frame, 124 bytes, signature included.
//!
//! ```text
//! limb 0   kind u8 | R[0] | S[0] | account 20 | key index u8 | lane u8 | nonce u48
//! limb 1   R[1..32]
//! limb 2   S[1..32]
//! limb 3   valid until u48 (ms) | gas limit u32 | gas price u64 | entry u8 | payload length u16 | payload[0..10]
//! ```
//!
//! A new-key call has one more frame after it with the packed key (limb 0 = its low 31 bytes, limb 1 = its first
//! byte, limbs 2 and 3 zero). The payload continues in whole frames, zero-filled.
//!
//! The signed message is `hash(Call; chain id, limb 0 with R, S and the inbox bit cleared, limb 3, every limb of the
//! frames that follow)`. The signature itself is outside, so the message names a call whatever signs it; the inbox bit
//! is outside, so that a call which the sequencer ignores can be forced through L1 by anyone, unchanged.

use super::frame::{FRAME_BYTES, frames_for, join32, limbs};
use super::kind;
use crate::account::{AccountId, L1Address};
use crate::bounded::{Bytes, U48};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer, check_limit};
use crate::crypto::eddsa::SecretKey;
use crate::crypto::field::Fr;
use crate::hash::{Tag, hash};
use crate::limits::{NONCE_LANES, PAYLOAD_BYTES_MAX};
use alloc::vec::Vec;

/// Bytes of the payload that the first frame holds.
pub const INLINE_PAYLOAD_BYTES: usize = 10;

/// A signature as the tape carries it: any 64 bytes, `R` packed then `S`, both 32 bytes big-endian. Whether it is
/// canonical and valid is judged by executing the call, because a forced call must be consumable either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RawSignature(pub [u8; 64]);

/// Everything that a player's signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The account that calls.
    pub account: AccountId,
    /// Which of the account's keys signs. 0 in a new-key call.
    pub key_index: u8,
    /// Nonce lane, below [`NONCE_LANES`].
    pub lane: u8,
    /// Must equal the lane's next nonce.
    pub nonce: U48,
    /// Last block time at which the call may execute, ms.
    pub valid_until_ms: U48,
    /// Most gas that the call may use.
    pub gas_limit: u32,
    /// Price offered for each unit of gas, in the smallest unit of the native asset.
    pub gas_price: u64,
    /// Entry point: the module's below [`crate::limits::SYSTEM_ENTRY_MIN`], the system's from there on.
    pub entry: u8,
    /// Arguments of the entry point.
    pub payload: Bytes<PAYLOAD_BYTES_MAX>,
    /// Present in the first call of a new account: its first key, packed. Kept as bytes: an invalid key makes an
    /// invalid call, not an unreadable tape.
    pub new_key: Option<[u8; 32]>,
}

/// A call with its signature, as the tape and the RPC carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCall {
    /// What is signed.
    pub call: Call,
    /// The signature over [`Call::message`].
    pub signature: RawSignature,
    /// Whether the call came through the L1 inbox.
    pub forced: bool,
}

/// A call by an L1 address through the inbox: authenticated by L1, its gas prepaid there.
///
/// The layout is a call's with `R` zero except its last 20 bytes (the L1 sender), `S`, lane, nonce and price zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct L1Call {
    /// The account that calls.
    pub account: AccountId,
    /// Which of the account's keys names the sender; ignored only in the call that creates the sender's
    /// account.
    pub key_index: u8,
    /// `msg.sender` on L1.
    pub sender: L1Address,
    /// Last block time at which the call may execute, ms.
    pub valid_until_ms: U48,
    /// Most gas that the call may use; paid on L1.
    pub gas_limit: u32,
    /// Entry point.
    pub entry: u8,
    /// Arguments of the entry point.
    pub payload: Bytes<PAYLOAD_BYTES_MAX>,
}

/// The fields of a first frame, shared by all kinds of call.
struct Head {
    kind: u8,
    r: [u8; 32],
    s: [u8; 32],
    account: AccountId,
    key_index: u8,
    lane: u8,
    nonce: U48,
    valid_until_ms: U48,
    gas_limit: u32,
    gas_price: u64,
    entry: u8,
}

/// How many frames a call of this kind with this payload length takes.
#[must_use]
pub(super) fn call_frames(new_key: bool, payload_length: usize) -> usize {
    1 + usize::from(new_key) + frames_for(payload_length.saturating_sub(INLINE_PAYLOAD_BYTES))
}

fn write_call(
    out: &mut Vec<u8>,
    head: &Head,
    new_key: Option<&[u8; 32]>,
    payload: &Bytes<PAYLOAD_BYTES_MAX>,
) {
    let start = out.len();
    let ([r_high, r_low @ ..], [s_high, s_low @ ..]) = (head.r, head.s);
    let inline = payload.len().min(INLINE_PAYLOAD_BYTES);
    let (first, rest) = payload.split_at(inline);
    let mut w = Writer::new(out);
    w.u8(head.kind)
        .u8(r_high)
        .u8(s_high)
        .bytes(&head.account.0)
        .u8(head.key_index)
        .u8(head.lane)
        .u48(head.nonce);
    w.bytes(&r_low).bytes(&s_low);
    w.u48(head.valid_until_ms)
        .u32(head.gas_limit)
        .u64(head.gas_price)
        .u8(head.entry)
        .u16(payload.len_u16());
    w.bytes(first).zeros(INLINE_PAYLOAD_BYTES - inline);
    if let Some([high, low @ ..]) = new_key {
        w.bytes(low).zeros(30).u8(*high).zeros(62);
    }
    w.bytes(rest);
    let used = out.len() - start;
    out.resize(start + frames_for(used) * FRAME_BYTES, 0);
}

type CallParts = (Head, Option<[u8; 32]>, Bytes<PAYLOAD_BYTES_MAX>);

fn read_call(reader: &mut Reader<'_>) -> Result<CallParts, DecodeError> {
    let kind = reader.u8("kind")?;
    let (r_high, s_high) = (reader.u8("R")?, reader.u8("S")?);
    let account = AccountId(reader.array("account")?);
    let (key_index, lane) = (reader.u8("key index")?, reader.u8("lane")?);
    let nonce = U48::read(reader, "nonce")?;
    let r = join32(r_high, &reader.array("R")?);
    let s = join32(s_high, &reader.array("S")?);
    let valid_until_ms = U48::read(reader, "valid until")?;
    let (gas_limit, gas_price) = (reader.u32("gas limit")?, reader.u64("gas price")?);
    let (entry, length) = (reader.u8("entry")?, usize::from(reader.u16("payload length")?));
    check_limit("payload length", length, PAYLOAD_BYTES_MAX)?;
    let inline = length.min(INLINE_PAYLOAD_BYTES);
    let mut payload = Vec::with_capacity(length.min(reader.remaining()));
    payload.extend_from_slice(reader.bytes("payload", inline)?);
    reader.zeros("payload", INLINE_PAYLOAD_BYTES - inline)?;
    let new_key = if kind & !kind::INBOX == kind::NEW_KEY_CALL {
        let low = reader.array("new key")?;
        reader.zeros("new key", 30)?;
        let key = join32(reader.u8("new key")?, &low);
        reader.zeros("new key", 62)?;
        Some(key)
    } else {
        None
    };
    let rest = length - inline;
    payload.extend_from_slice(reader.bytes("payload", rest)?);
    reader.zeros("payload", frames_for(rest) * FRAME_BYTES - rest)?;
    if usize::from(lane) >= NONCE_LANES {
        return Err(DecodeError::NonCanonical("lane"));
    }
    let payload = Bytes::new(payload).map_err(|_| DecodeError::NonCanonical("payload"))?;
    let head = Head {
        kind,
        r,
        s,
        account,
        key_index,
        lane,
        nonce,
        valid_until_ms,
        gas_limit,
        gas_price,
        entry,
    };
    Ok((head, new_key, payload))
}

impl Call {
    /// The message that the signature covers, bound to one chain.
    #[must_use]
    pub fn message(&self, chain_id: Fr) -> Fr {
        let unsigned = SignedCall {
            call: self.clone(),
            signature: RawSignature([0; 64]),
            forced: false,
        };
        // Our own encoding is whole frames.
        let record = unsigned.encode();
        let (frames, _) = record.as_chunks();
        message_of(chain_id, frames)
    }

    /// Signs the call for one chain.
    #[must_use]
    pub fn sign(self, chain_id: Fr, key: &SecretKey) -> SignedCall {
        let signature = RawSignature(key.sign(self.message(chain_id)).to_bytes());
        SignedCall {
            call: self,
            signature,
            forced: false,
        }
    }
}

/// The signed message of a call's frames. Defined for any frames, so that a prover and a verifier agree on it even for
/// a call that is malformed inside.
pub(crate) fn message_of(chain_id: Fr, frames: &[[u8; FRAME_BYTES]]) -> Fr {
    let mut elements = Vec::with_capacity(2 + 4 * frames.len());
    elements.push(chain_id);
    for (index, frame) in frames.iter().enumerate() {
        if index == 0 {
            let mut masked = *frame;
            let [kind, r_high, s_high, ..] = &mut masked;
            (*kind, *r_high, *s_high) = (*kind & !kind::INBOX, 0, 0);
            let [fields, _, _, more] = limbs(&masked);
            elements.extend([fields, more]);
        } else {
            elements.extend(limbs(frame));
        }
    }
    hash(Tag::Call, &elements)
}

impl Encode for SignedCall {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let c = &self.call;
        let plain = if c.new_key.is_some() {
            kind::NEW_KEY_CALL
        } else {
            kind::CALL
        };
        let (mut r, mut s) = ([0u8; 32], [0u8; 32]);
        let (r_bytes, s_bytes) = self.signature.0.split_at(32);
        r.copy_from_slice(r_bytes);
        s.copy_from_slice(s_bytes);
        let head = Head {
            kind: if self.forced { plain | kind::INBOX } else { plain },
            r,
            s,
            account: c.account,
            key_index: c.key_index,
            lane: c.lane,
            nonce: c.nonce,
            valid_until_ms: c.valid_until_ms,
            gas_limit: c.gas_limit,
            gas_price: c.gas_price,
            entry: c.entry,
        };
        write_call(out, &head, c.new_key.as_ref(), &c.payload);
    }
}

impl Decode for SignedCall {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (head, new_key, payload) = read_call(reader)?;
        let forced = head.kind & kind::INBOX != 0;
        if !matches!(head.kind & !kind::INBOX, kind::CALL | kind::NEW_KEY_CALL) {
            return Err(DecodeError::Unknown {
                what: "call kind",
                found: u64::from(head.kind),
            });
        }
        if new_key.is_some() && head.key_index != 0 {
            return Err(DecodeError::NonCanonical("key index"));
        }
        let mut signature = [0u8; 64];
        let (r, s) = signature.split_at_mut(32);
        r.copy_from_slice(&head.r);
        s.copy_from_slice(&head.s);
        let call = Call {
            account: head.account,
            key_index: head.key_index,
            lane: head.lane,
            nonce: head.nonce,
            valid_until_ms: head.valid_until_ms,
            gas_limit: head.gas_limit,
            gas_price: head.gas_price,
            entry: head.entry,
            payload,
            new_key,
        };
        Ok(Self {
            call,
            signature: RawSignature(signature),
            forced,
        })
    }
}

impl Encode for L1Call {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let head = Head {
            kind: kind::L1_CALL,
            r: self.sender.to_word(),
            s: [0; 32],
            account: self.account,
            key_index: self.key_index,
            lane: 0,
            nonce: U48::default(),
            valid_until_ms: self.valid_until_ms,
            gas_limit: self.gas_limit,
            gas_price: 0,
            entry: self.entry,
        };
        write_call(out, &head, None, &self.payload);
    }
}

impl Decode for L1Call {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (head, _, payload) = read_call(reader)?;
        if head.kind != kind::L1_CALL {
            return Err(DecodeError::Unknown {
                what: "L1 call kind",
                found: u64::from(head.kind),
            });
        }
        let sender = L1Address::from_word(&head.r).filter(|sender| *sender != L1Address::default());
        let sender = sender.ok_or(DecodeError::NonCanonical("L1 sender"))?;
        if head.s != [0; 32] || head.lane != 0 || head.nonce.get() != 0 || head.gas_price != 0 {
            return Err(DecodeError::NonZeroPadding("L1 call"));
        }
        Ok(Self {
            account: head.account,
            key_index: head.key_index,
            sender,
            valid_until_ms: head.valid_until_ms,
            gas_limit: head.gas_limit,
            entry: head.entry,
            payload,
        })
    }
}
