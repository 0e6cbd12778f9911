//! BLS12-381 signatures as sequencer committees make them: signatures in G1, keys in G2, hashed by
//! `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_`.
//!
//! Statement of a verified signature: *whoever holds the secret key of this committee signed these bytes.* The bytes
//! are docs/FORMATS.md's, sections 6 (seed) and 13 (certificate, handover), written by [`playfair_types::certificate`].
//! A threshold committee's signature is one of its joint key, so verification knows nothing of members; a committee of
//! one makes the same bytes with [`Signer`].
//!
//! From the inside out: strict points, hashing to G1, [`SecretKey`] and [`PublicKey`] (bytes and messages), [`Signer`]
//! and [`Verifier`] (certificates, seeds, handovers of one committee). [`min_pk`] is the same for Ethereum's suite, with the
//! groups' parts exchanged.
//!
//! # The equation
//! With `G` the generator of G2, `K = k G` the key and `H(m)` the hash of the message to G1, the signature is
//! `S = k H(m)`, and `e(S, -G) e(H(m), K) = 1` is checked: two Miller loops with prepared lines, one final
//! exponentiation. There is exactly one valid signature per key and message, which is why a seed made of one cannot be
//! chosen. Many signatures under one key are checked by one such equation over sums weighted by 128-bit numbers
//! ([`PublicKey::verify_all`]).
//!
//! # How can I attack it?
//! * **Other bytes for the same point.** A point has one encoding here: compressed, infinity refused, `x` below the
//!   modulus, sign bit of the larger `y`. A seed is the hash of a signature's *bytes*, so a second encoding would be a
//!   second seed.
//! * **Points outside of the subgroup**, where the pairing proves less: key and every signature are checked, each on
//!   its own, batches included.
//! * **The identity** as a key, under which the identity signs everything: refused, on both sides.
//! * **Another purpose, another ordering, another epoch.** Seeds, certificates and handovers start with namespaces that
//!   differ, each with the ordering id in it, each preceded by its length; the epoch is in the message and compared.
//! * **Cancelling errors in a batch.** The weights are drawn after key, messages and signatures are fixed.
//! * **Rogue keys.** Of sequencers, nothing here adds keys of different owners: a committee's joint key comes from its own
//!   setup, and the next one is named under the old one's signature. [`min_pk`] adds keys that Ethereum's deposits vouch for.
//! * **Choosing the round.** A seed is a signature over a round, so a sequencer that may name any round may choose
//!   among seeds. A committee of one is held to rounds without gaps here; that a certificate stands on the one before
//!   is [`Verifier::follows`], and which certificate that is, the caller's matter.
//! * **Signing twice.** [`Signer`] remembers nothing. Two certificates of one view are evidence against the committee:
//!   the node writes down what it is about to certify first.
//! * **Timing.** Verification takes a time that depends on its (public) inputs. Signing does too on its secret: the
//!   multiplication takes the same steps for every key, but the arithmetic of arkworks is not written to be free of
//!   timing differences. A key is overwritten when it is dropped; copies that moves and intermediate values leave on the
//!   stack are not.
//! * **Panics.** No index, no overflow; nothing is allocated beyond what the caller passed in.
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

mod committee;
mod error;
mod hash;
pub mod min_pk;
mod point;
mod public;
mod secret;
mod signer;

pub use committee::{Signed, Verifier};
pub use error::{Error, PointError};
pub use public::PublicKey;
pub use secret::SecretKey;
pub use signer::Signer;
