//! Frames: the unit of the tape, the inbox and the outbox.
//!
//! A frame is 124 bytes = four limbs of 31 bytes; a limb is the big-endian integer of its bytes, so always below
//! 2^248. Streams are whole numbers of frames; an accumulator absorbs one frame with one Poseidon permutation, and the
//! L1 contract reads a limb with one shift of a calldata word.

use crate::codec::DecodeError;
use crate::crypto::field::{Fr, limb31_from_bytes};
use crate::hash::absorb;
use crate::limits::GENESIS_BYTES_MAX;

/// Bytes of a limb.
pub const LIMB_BYTES: usize = 31;
/// Limbs of a frame.
pub const FRAME_LIMBS: usize = 4;
/// Bytes of a frame.
pub const FRAME_BYTES: usize = LIMB_BYTES * FRAME_LIMBS;

/// The four limbs of a frame as field elements.
#[must_use]
pub fn limbs(frame: &[u8; FRAME_BYTES]) -> [Fr; FRAME_LIMBS] {
    let mut limbs = [Fr::from(0u64); FRAME_LIMBS];
    let mut rest = frame.as_slice();
    for limb in &mut limbs {
        let Some((head, tail)) = rest.split_first_chunk::<LIMB_BYTES>() else {
            break;
        };
        *limb = limb31_from_bytes(head);
        rest = tail;
    }
    limbs
}

/// Most frames of one record: a genesis of [`GENESIS_BYTES_MAX`].
pub const RECORD_FRAMES_MAX: usize = 1 + frames_for(GENESIS_BYTES_MAX);

/// A stream as frames.
///
/// # Errors
/// [`DecodeError::UnexpectedEnd`] when the length is no multiple of [`FRAME_BYTES`].
pub fn split(bytes: &[u8]) -> Result<&[[u8; FRAME_BYTES]], DecodeError> {
    match bytes.as_chunks() {
        (frames, []) => Ok(frames),
        _ => Err(DecodeError::UnexpectedEnd("frame")),
    }
}

/// Absorbs every frame of `bytes` into `acc`.
///
/// # Errors
/// [`DecodeError::UnexpectedEnd`] when the length is no multiple of [`FRAME_BYTES`].
pub fn absorb_frames(acc: Fr, bytes: &[u8]) -> Result<Fr, DecodeError> {
    Ok(split(bytes)?
        .iter()
        .fold(acc, |acc, frame| absorb(acc, &limbs(frame))))
}

/// A 32-byte word that a stream holds as its first byte in one limb and the other 31 in another.
pub(crate) fn join32(high: u8, low: &[u8; 31]) -> [u8; 32] {
    let mut word = [high; 32];
    let [_, rest @ ..] = &mut word;
    *rest = *low;
    word
}

/// How many frames hold `bytes` bytes.
#[must_use]
pub const fn frames_for(bytes: usize) -> usize {
    bytes.div_ceil(FRAME_BYTES)
}
