//! Generated constants: do not edit, see the tests of the parent module.

use super::super::fe::Fe;
use super::Fr;
use ark_ff::BigInt;

pub(super) mod fast3;
pub(super) mod fast6;
pub(super) mod standard3;
pub(super) mod standard6;

/// An element from the limbs of its Montgomery form.
const fn f(a: u64, b: u64, c: u64, d: u64) -> Fr {
    Fr::new_unchecked(BigInt::new([a, b, c, d]))
}

/// The same for the arithmetic with deferred reduction.
const fn e(a: u64, b: u64, c: u64, d: u64) -> Fe {
    Fe::from_montgomery([a, b, c, d])
}
