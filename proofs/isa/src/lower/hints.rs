//! Hints that lowered code asks for. The prover's oracle answers them with [`answer`]; a wrong answer has no proof.

use ark_ff::{BigInt, PrimeField};
use playfair_types::crypto::field::Fr;

/// Hints of lowered code have this number or a greater one; the kernel's own are below.
pub const FIRST: u32 = 0xffff_ff00;
/// Leading zeros of 32 bits.
pub const CLZ32: u32 = FIRST;
/// Leading zeros of 64 bits.
pub const CLZ64: u32 = FIRST + 1;
/// Trailing zeros of 32 bits.
pub const CTZ32: u32 = FIRST + 2;
/// Trailing zeros of 64 bits.
pub const CTZ64: u32 = FIRST + 3;

/// The answer to a hint of lowered code; `None` for other hints.
#[must_use]
pub fn answer(hint: u32, argument: Fr) -> Option<Fr> {
    let BigInt([word, ..]) = argument.into_bigint();
    let count = match hint {
        CLZ32 => (word as u32).leading_zeros(),
        CLZ64 => word.leading_zeros(),
        CTZ32 => (word as u32).trailing_zeros(),
        CTZ64 => word.trailing_zeros(),
        _ => return None,
    };
    Some(Fr::from(count))
}
