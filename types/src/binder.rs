//! Tape binder: ties the frames that an accumulator has absorbed to the bytes that lie on L1, without hashing the
//! bytes in a circuit.
//!
//! L1 computes `x = keccak256("playfair/1/binder" | stream u8 | L1 chain id u64 | settlement 20 | chain id 32 |
//! batch index u64 | keccak256(data) | accumulator before 32 | accumulator after 32) mod r` and evaluates the posted
//! limbs as a polynomial at `x` by Horner's rule, first limb in the highest power: `y = (...(l0 x + l1) x + ...) x + ln`.
//! The binder circuit walks the same limbs, each below 2^248, through the accumulator and evaluates the same
//! polynomial. `x` depends on both sides, so equal `y` means equal limbs, up to a chance of limbs / r; the number of
//! limbs is fixed by the frame count on both sides, so leading zeros change nothing.

use crate::account::L1Address;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::crypto::field::{Fr, fr_to_bytes};
use crate::tape::frame;
use alloc::vec::Vec;
use ark_ff::{AdditiveGroup, PrimeField};
use sha3::{Digest, Keccak256};

/// Elements of a binder proof's public inputs.
pub const BINDER_FIELDS: usize = 5;

/// Which stream is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stream {
    /// The tape.
    Tape = 1,
    /// The outbox.
    Outbox = 2,
}

/// Where a batch lies on L1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchPlace {
    /// EIP-155 id of the L1.
    pub l1_chain_id: u64,
    /// The settlement contract.
    pub settlement: L1Address,
    /// The chain.
    pub chain_id: Fr,
    /// The batch's number.
    pub index: u64,
}

/// The public inputs of a binder proof, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BinderInputs {
    /// The accumulator before the batch.
    pub before: Fr,
    /// The accumulator after it.
    pub after: Fr,
    /// How many frames lie between, at least 1.
    pub frames: u64,
    /// Where the polynomial is evaluated.
    pub x: Fr,
    /// Its value there.
    pub y: Fr,
}

/// The point at which L1 and circuit evaluate a batch's polynomial.
#[must_use]
pub fn binder_point(place: &BatchPlace, stream: Stream, data: &[u8], before: Fr, after: Fr) -> Fr {
    let mut keccak = Keccak256::new();
    keccak.update(b"playfair/1/binder");
    keccak.update([stream as u8]);
    keccak.update(place.l1_chain_id.to_be_bytes());
    keccak.update(place.settlement.0);
    keccak.update(fr_to_bytes(&place.chain_id));
    keccak.update(place.index.to_be_bytes());
    keccak.update(Keccak256::digest(data));
    keccak.update(fr_to_bytes(&before));
    keccak.update(fr_to_bytes(&after));
    Fr::from_be_bytes_mod_order(&keccak.finalize())
}

/// Evaluates the limbs of `data` at `x`, first limb in the highest power.
///
/// # Errors
/// [`DecodeError`] when `data` is empty or no whole number of frames.
pub fn binder_value(data: &[u8], x: Fr) -> Result<Fr, DecodeError> {
    if data.is_empty() {
        return Err(DecodeError::UnexpectedEnd("batch data"));
    }
    let frames = frame::split(data)?;
    Ok(frames
        .iter()
        .flat_map(frame::limbs)
        .fold(Fr::ZERO, |y, limb| y * x + limb))
}

impl BinderInputs {
    /// The inputs that bind `data`, absorbed after `before`.
    ///
    /// # Errors
    /// [`DecodeError`] when `data` is empty or no whole number of frames.
    pub fn of(place: &BatchPlace, stream: Stream, before: Fr, data: &[u8]) -> Result<Self, DecodeError> {
        let after = frame::absorb_frames(before, data)?;
        let x = binder_point(place, stream, data, before, after);
        let frames = (data.len() / frame::FRAME_BYTES) as u64;
        Ok(Self {
            before,
            after,
            frames,
            x,
            y: binder_value(data, x)?,
        })
    }

    /// The instance column, in order.
    #[must_use]
    pub fn to_fields(&self) -> [Fr; BINDER_FIELDS] {
        [self.before, self.after, Fr::from(self.frames), self.x, self.y]
    }
}

impl Encode for BinderInputs {
    fn encode_to(&self, out: &mut Vec<u8>) {
        let mut w = Writer::new(out);
        w.field(&self.before)
            .field(&self.after)
            .u64(self.frames)
            .field(&self.x)
            .field(&self.y);
    }
}

impl Decode for BinderInputs {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (before, after) = (reader.field("before")?, reader.field("after")?);
        let frames = reader.u64("frames")?;
        if frames == 0 {
            return Err(DecodeError::NonCanonical("frames"));
        }
        Ok(Self {
            before,
            after,
            frames,
            x: reader.field("x")?,
            y: reader.field("y")?,
        })
    }
}
