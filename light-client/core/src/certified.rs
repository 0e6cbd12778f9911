//! Certified blocks: a header of this chain under its committee's signature.

use crate::anchors::Anchors;
use crate::answer;
use crate::lie::Lie;
use playfair_types::certificate::Certificate;
use playfair_types::header::Header;
use serde_json::Value;

/// A block as a node shows it: nothing of it is checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The header.
    pub header: Header,
    /// Its digest, computed here.
    pub digest: [u8; 32],
    /// What comes with it.
    pub certificate: Option<Certificate>,
}

/// A block whose certificate holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// The header.
    pub header: Header,
    /// Its digest.
    pub digest: [u8; 32],
    /// The committee's signature over it.
    pub certificate: Certificate,
}

impl Certified {
    /// Its height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.header.after.height
    }
}

impl Shown {
    /// Reads a block's evidence, as every answer of the web API has it.
    ///
    /// # Errors
    /// [`Lie::Form`], [`Lie::Encoding`].
    pub fn read(value: &Value) -> Result<Self, Lie> {
        let header: Header = answer::decoded(&answer::bytes(value, "header")?, "a header")?;
        let certificate = answer::maybe_bytes(answer::member(value, "certificate")?, "certificate")?;
        let certificate = certificate
            .map(|bytes| answer::decoded(&bytes, "a certificate"))
            .transpose()?;
        Ok(Self {
            digest: header.digest(),
            header,
            certificate,
        })
    }

    /// Its height.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.header.after.height
    }

    /// Checks that it is this chain's, and the asked height if one was asked for.
    ///
    /// # Errors
    /// [`Lie::OtherChain`], [`Lie::OtherHeight`].
    pub fn is_of(&self, anchors: &Anchors, asked: Option<u64>) -> Result<(), Lie> {
        if self.header.chain_id != anchors.chain_id {
            return Err(Lie::OtherChain("the block"));
        }
        match asked {
            Some(asked) if asked != self.height() => Err(Lie::OtherHeight {
                asked,
                found: self.height(),
            }),
            _ => Ok(()),
        }
    }

    /// Verifies the certificate: that the anchors' committee signed this header's digest.
    ///
    /// # Errors
    /// [`Lie::NoCertificate`], [`Lie::OtherCertificate`], [`Lie::Certificate`].
    pub fn verify(self, anchors: &Anchors) -> Result<Certified, Lie> {
        let height = self.height();
        let certificate = self.certificate.ok_or(Lie::NoCertificate(height))?;
        if certificate.payload != self.digest {
            return Err(Lie::OtherCertificate(height));
        }
        let verified = anchors.committee.certificate(&certificate);
        verified.map_err(|error| Lie::Certificate(height, error))?;
        Ok(Certified {
            header: self.header,
            digest: self.digest,
            certificate,
        })
    }
}
