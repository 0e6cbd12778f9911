//! Answers to the *pure* hints: functions of the argument alone.

use crate::hint;
use ark_ff::{Field, PrimeField};
use playfair_types::crypto::field::Fr;

/// The word that answers a pure hint; `None` for other kinds.
#[must_use]
pub fn word(kind: u32, arg: &Fr) -> Option<u64> {
    let integer = arg.into_bigint();
    let [w0, w1, w2, w3] = integer.0;
    Some(match kind {
        hint::WORD0 => w0,
        hint::WORD1 => w1,
        hint::WORD2 => w2,
        hint::WORD3 => w3,
        hint::SMALL => u64::from(w2 == 0 && w3 == 0),
        hint::HIGH => u64::from(integer > Fr::MODULUS_MINUS_ONE_DIV_TWO),
        _ => return None,
    })
}

/// The element that answers a pure hint; `None` for other kinds.
#[must_use]
pub fn element(kind: u32, arg: &Fr) -> Option<Fr> {
    match kind {
        hint::INVERSE => Some(arg.inverse().unwrap_or_default()),
        hint::ROOT => arg.sqrt().or_else(|| (*arg * Fr::from(5u64)).sqrt()),
        _ => None,
    }
}
