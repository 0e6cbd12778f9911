//! A module as a node gives it to who runs it: its instrumented bytes, and what else its hash is made of.
//!
//! ```text
//! instrumentation version u32 | SHA-256(original) 32 | instrumented module
//! ```
//!
//! Nothing is admitted here. The hash stands in verified headers and names both forms of the module: whoever vouches for it, by a link or a proven
//! upgrade, vouches for the bytes that engines run. Other bytes have another hash.

use playfair_types::module::ModuleHash;
use sha2::{Digest, Sha256};

/// The instrumentation that this machine's prices and the engine's traps belong to.
pub const INSTRUMENTATION: u32 = 2;

/// A module by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// What the bytes are the preimage of.
    pub hash: ModuleHash,
    /// What engines run.
    pub instrumented: &'a [u8],
}

impl<'a> Named<'a> {
    /// Reads what a node gives. None for what is no module, or one that is instrumented otherwise than this client knows.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk()?;
        let (original, instrumented) = rest.split_first_chunk::<32>()?;
        if u32::from_be_bytes(*version) != INSTRUMENTATION || instrumented.is_empty() {
            return None;
        }
        let mut sha = Sha256::new();
        sha.update(b"playfair/1/module");
        sha.update(version);
        sha.update(original);
        sha.update(Sha256::digest(instrumented));
        let hash: [u8; 32] = sha.finalize().into();
        let (hash, _) = hash.split_first_chunk()?;
        Some(Self {
            hash: ModuleHash(*hash),
            instrumented,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module whose entry does nothing: type, function, memory, export, code.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x01\x06\x01\x60\x02\x7f\x7f\0\x03\x02\x01\0\x05\x03\x01\0\x01\x07\x08\x01\x04call\0\0\x0a\x04\x01\x02\0\x0b";

    #[test]
    fn what_admission_gives_has_its_hash() {
        assert_eq!(INSTRUMENTATION, playfair_admission::INSTRUMENTATION_VERSION);
        let admitted = playfair_admission::admit(MODULE).expect("a module");
        let bytes = admitted.by_digest(MODULE);
        let named = Named::read(&bytes).expect("its bytes");
        assert_eq!(named.hash, admitted.hash);
        assert_eq!(named.instrumented, admitted.instrumented);
    }

    #[test]
    fn other_bytes_have_another_hash_or_none() {
        let bytes = playfair_admission::admit(MODULE)
            .expect("a module")
            .by_digest(MODULE);
        let hash = Named::read(&bytes).expect("its bytes").hash;
        for place in 0..bytes.len() {
            let mut other = bytes.clone();
            other[place] ^= 1;
            assert_ne!(
                Named::read(&other).map(|named| named.hash),
                Some(hash),
                "byte {place}"
            );
        }
        for length in 0..=36 {
            assert_eq!(Named::read(&bytes[..length]), None, "{length} bytes");
        }
    }
}
