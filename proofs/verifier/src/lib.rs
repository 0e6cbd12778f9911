//! Verification of halo2 proofs on arkworks alone, for browsers and command lines.
//!
//! Statement: *the prover knew advice columns which, beside the key's fixed columns and these instances,
//! satisfy every polynomial of the [`Program`] on every row.* What the rows mean is the circuit's matter; this
//! crate is the second of three verifiers of the same bytes (halo2's own is the first, the EVM's after
//! aggregation the third) and shares no line with the first: it knows halo2's protocol (PLONKish gates over
//! KZG on BN254, SHPLONK openings, a Poseidon transcript), not its code. Tests hold the two against each other
//! on every proof and on every kind of damage.
//!
//! # The protocol
//! With `n = 2^k` rows, `a` advice columns in up to two phases, and degree `d`, a proof is these 32-byte words:
//!
//! ```text
//! advice commitments, phase by phase | R | d - 1 pieces of H
//! | advice evaluations | fixed evaluations | R(x) | W | W'
//! ```
//!
//! The transcript starts with the key's state and the instances as scalars. After each phase's commitments
//! come that phase's challenges; then `theta`, `beta`, `gamma` (arguments that our circuits do not have; halo2
//! draws them all the same); after `R` the challenge `y`, after the pieces `x`, after the evaluations
//! SHPLONK's `y'` and `v`, after `W` its `u`. The gates give `H(x)`, their sum weighted by powers of `y`, over
//! `x^n - 1`; the openings become one equation of two pairings, `e(W', [s]) = e(right, [1])`, where `right` is
//! one multi-scalar product ([`verify`]), or one over many proofs weighted by powers of a random number
//! ([`verify_batch`]).
//!
//! # How can I attack it?
//! * **Malleable bytes.** One proof, one byte string: the length is exact, scalars are below the modulus, a
//!   point is its `x` below the base field's modulus with the parity of `y` and *no* infinity flag (halo2's
//!   reader ignores that flag when `x` is not zero; ours does not). Even so, a prover can make many proofs of
//!   one statement: never use a proof's hash as an identity.
//! * **Points off the curve.** There are none: `y` is computed from `x`, and the key's points are checked by
//!   [`Key::new`]. The curve's order is prime, so there are no small subgroups.
//! * **Points at infinity** in a proof are refused, as by every Poseidon transcript of this family: they have
//!   no coordinates to absorb.
//! * **More or fewer instances.** The program fixes their number: halo2 pads with zeros, so that `[a]` and
//!   `[a, 0]` would be two names of one statement.
//! * **Weak Fiat-Shamir.** Instances and the key's state are absorbed before the first commitment. The state
//!   is opaque here: it is halo2's hash of the constraint system and the fixed commitments. Whoever
//!   *registers* a key vouches for it; anybody can recompute it from the module. So compare [`Key::digest`]
//!   with the registered digest before you believe anything.
//! * **Coordinates mod r.** Points are absorbed as coordinates modulo the scalar field, as the aggregation
//!   circuit must. Still no two points of the curve look alike: `x' = x`, or `x' = x + r` with `x < q - r`,
//!   and `y' = y` or `y' = y +- r` leave a few equations of degree at most four, and none of their roots is in
//!   range.
//! * **Another setup.** `[s]` comes from this crate or from the ceremony that the caller pins by its digest
//!   ([`setup::Ceremony`]), never from a key, a node or a proof; the insecure one is refused unless asked for ([`Trust`]).
//! * **Cancelling errors in a batch.** The weights are drawn after everything that the equation depends on,
//!   `W'` and the key's digest included; one weight per proof.
//! * **Queries of one column at one point twice**, which would let a prover give two answers: [`Program::new`]
//!   refuses such a program.
//! * **Panics and floods.** No index, no overflow, no allocation beyond what program and length justify.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

extern crate alloc;

mod claim;
mod domain;
mod error;
mod key;
mod opening;
mod point;
pub mod program;
mod proof;
pub mod setup;
pub mod transcript;

pub use claim::{Claim, verify, verify_batch};
pub use error::Error;
pub use key::{Key, Trust};
pub use program::Program;

/// The constraints of segment proofs, one program for all shapes of limbs of 12 bits (docs/CIRCUIT.md).
///
/// # Errors
/// Never, unless this build is damaged.
pub fn segment_constraints() -> Result<Program, playfair_types::codec::DecodeError> {
    use playfair_types::Decode;
    Program::decode(include_bytes!("../segment.constraints"))
}
