//! Module hash: the name of an admitted module.
//!
//! `SHA-256("playfair/1/module" | instrumentation version u32 | SHA-256(original) | SHA-256(instrumented))`, first 31
//! bytes. SHA-256 because no circuit computes it and every browser and shell can; 31 bytes because that is one limb.

use crate::crypto::field::{Fr, limb31_from_bytes};
use sha2::{Digest, Sha256};

/// A module hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleHash(pub [u8; 31]);

impl ModuleHash {
    /// The hash of an original module, its instrumented form and the version of the instrumentation between them.
    #[must_use]
    pub fn of(original: &[u8], instrumented: &[u8], instrumentation_version: u32) -> Self {
        let mut sha = Sha256::new();
        sha.update(b"playfair/1/module");
        sha.update(instrumentation_version.to_be_bytes());
        sha.update(Sha256::digest(original));
        sha.update(Sha256::digest(instrumented));
        Self(first31(&sha.finalize().into()))
    }

    /// The hash as the limb that public inputs and the tape carry.
    #[must_use]
    pub fn to_field(self) -> Fr {
        limb31_from_bytes(&self.0)
    }
}

/// The first 31 bytes of a digest.
pub(crate) fn first31(digest: &[u8; 32]) -> [u8; 31] {
    let [head @ .., _] = *digest;
    head
}
