//! Who certifies blocks. Here it is a committee of one; a threshold committee will stand behind the same trait.

use playfair_bls::{Error, Signer};
use playfair_types::certificate::{Certificate, Committee};

/// A committee, as a sequencer uses it. View = parent view + 1: one seed a block.
pub trait Certify {
    /// Who it is.
    fn committee(&self) -> Committee;

    /// Certifies the block of this digest, after a block that was certified in `parent_view`.
    ///
    /// # Errors
    /// [`Error`] when there is no certificate.
    fn certificate(&self, parent_view: u64, digest: [u8; 32]) -> Result<Certificate, Error>;

    /// The signature over the parent's round, from which a block's seed follows.
    ///
    /// # Errors
    /// [`Error`] when there is none.
    fn seed(&self, parent_view: u64) -> Result<[u8; 48], Error>;
}

impl Certify for Signer {
    fn committee(&self) -> Committee {
        *Self::committee(self)
    }

    fn certificate(&self, parent_view: u64, digest: [u8; 32]) -> Result<Certificate, Error> {
        Self::certificate(self, parent_view, digest)
    }

    fn seed(&self, parent_view: u64) -> Result<[u8; 48], Error> {
        Ok(Self::seed(self, parent_view))
    }
}
