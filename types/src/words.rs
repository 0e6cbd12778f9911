//! System records: twelve 64-bit words, little-endian as guest memory is. 96 bytes are four 24-byte limbs, so one
//! Poseidon permutation hashes a whole record.

use crate::codec::{DecodeError, Reader};
use crate::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use alloc::vec::Vec;

/// The version that every system record carries.
pub(crate) const VERSION: u64 = 1;

/// Refuses a record of another version.
pub(crate) fn expect_version(what: &'static str, found: u64) -> Result<(), DecodeError> {
    match found {
        VERSION => Ok(()),
        found => Err(DecodeError::Unknown { what, found }),
    }
}

/// The 20 bytes of an address or account id in a word, `None` when the twelve above are not zero.
pub(crate) fn low20(word: &[u8; 32]) -> Option<[u8; 20]> {
    let (zeros, low) = word.split_first_chunk::<12>()?;
    (*zeros == [0; 12]).then_some(low.try_into().ok()?)
}

/// Appends a record's words.
pub(crate) fn push_words(out: &mut Vec<u8>, words: &[u64; 12]) {
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// Reads a record's words.
pub(crate) fn read_words(reader: &mut Reader<'_>, what: &'static str) -> Result<[u64; 12], DecodeError> {
    let mut words = [0u64; 12];
    for word in &mut words {
        *word = u64::from_le_bytes(reader.array(what)?);
    }
    Ok(words)
}

/// A canonical element as four little-endian words.
pub(crate) fn field_words(value: &Fr) -> [u64; 4] {
    let mut bytes = fr_to_bytes(value);
    bytes.reverse();
    words_of(&bytes)
}

fn words_of(little_endian: &[u8; 32]) -> [u64; 4] {
    let mut words = [0u64; 4];
    let (chunks, _) = little_endian.as_chunks::<8>();
    for (word, chunk) in words.iter_mut().zip(chunks) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// The number that four words hold, as 32 big-endian bytes.
pub(crate) fn words_to_be(words: [u64; 4]) -> [u8; 32] {
    let mut bytes = [0u8; 32];
    let (chunks, _) = bytes.as_chunks_mut::<8>();
    for (chunk, word) in chunks.iter_mut().zip(words.iter().rev()) {
        *chunk = word.to_be_bytes();
    }
    bytes
}

/// The canonical element that four words hold.
pub(crate) fn field_of(words: [u64; 4], what: &'static str) -> Result<Fr, DecodeError> {
    fr_from_bytes(&words_to_be(words)).ok_or(DecodeError::NonCanonicalField(what))
}
