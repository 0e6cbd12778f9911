//! What a committee signed: certificates, seeds, handovers.
//!
//! A certificate says: *the committee of this epoch agreed on the block of this digest, in this view, on top of what
//! it agreed on in the parent view.* Two things it does not say, and the caller sees to:
//!
//! * **Which block.** The caller computes the digest of the header that it holds and compares it with the payload.
//! * **Which round came before.** The parent view decides the seed. Certificate after certificate,
//!   [`Verifier::follows`] holds the parent view against the one before. With more than one member, not every block has
//!   a certificate of its own, and where one is missing nobody can check this (docs/STATEMENT.md, "not proven"). A
//!   committee of one has one for every block and leaves out no view; the second half is enforced here.
//!
//! The seed's rule (docs/FORMATS.md, section 6), and who sees to what:
//!
//! * the first block after genesis has zero bytes for seed and signature: the caller compares and asks for nothing here
//!   (zero bytes are no signature and would be refused);
//! * in the first block of a later epoch the parent view is 0: [`Verifier::follows`] with no certificate before;
//! * every other block's seed signature is the committee's over epoch and parent view of the block's *own* certificate:
//!   [`Verifier::seed`], or together with the certificate [`Verifier::all`];
//! * the seed in the block record is [`playfair_types::chain::seed_of`] the signature beside it: the caller compares.

use crate::{Error, PublicKey};
use alloc::vec::Vec;
use playfair_types::Fr;
use playfair_types::certificate::{Certificate, Committee, Handover};
use playfair_types::codec::{Decode, Encode};

/// A committee whose key was read and found good, ready to verify what it signed for one ordering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    committee: Committee,
    ordering_id: Fr,
    key: PublicKey,
}

/// A block's certificate, and its seed signature unless it is the first block after genesis (or unknown).
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// What the block record carries as seed signature.
    pub seed_signature: Option<&'a [u8; 48]>,
}

impl Verifier {
    /// Reads the committee's key. Who the committee is comes from where the chain is registered, or from a verified
    /// handover, never from a certificate or a node.
    ///
    /// # Errors
    /// [`Error::Committee`] if the threshold is not that of the members, [`Error::Key`] if the key is none.
    pub fn new(committee: &Committee, ordering_id: Fr) -> Result<Self, Error> {
        // The rule of thresholds stands in one place, the decoder.
        if Committee::decode(&committee.encode()) != Ok(*committee) {
            return Err(Error::Committee);
        }
        Ok(Self {
            committee: *committee,
            ordering_id,
            key: PublicKey::from_bytes(&committee.public_key)?,
        })
    }

    /// The committee.
    pub fn committee(&self) -> &Committee {
        &self.committee
    }

    /// Verifies a certificate.
    ///
    /// # Errors
    /// [`Error::Epoch`], [`Error::Round`], [`Error::Gap`] for what the committee could not have signed;
    /// [`Error::Signature`] and [`Error::Refused`] for what it did not.
    pub fn certificate(&self, certificate: &Certificate) -> Result<(), Error> {
        self.rounds(certificate)?;
        let message = certificate.signed_bytes(self.ordering_id);
        self.key.verify(&message, &certificate.signature)
    }

    /// Verifies the seed signature of the block of this certificate. It says nothing about the certificate's own
    /// signature, from which epoch and parent view come: that is to be verified too.
    ///
    /// # Errors
    /// As [`Verifier::certificate`].
    pub fn seed(&self, certificate: &Certificate, seed_signature: &[u8; 48]) -> Result<(), Error> {
        self.rounds(certificate)?;
        let message = certificate.seed_bytes(self.ordering_id);
        self.key.verify(&message, seed_signature)
    }

    /// Verifies many certificates and seeds by one equation ([`PublicKey::verify_all`]): all are good, or it refuses.
    /// They need not be in order, nor of consecutive blocks.
    ///
    /// # Errors
    /// As [`Verifier::certificate`] for one of them, and [`Error::EmptyBatch`].
    pub fn all(&self, blocks: &[Signed<'_>]) -> Result<(), Error> {
        let mut batch = Vec::with_capacity(blocks.len().saturating_mul(2));
        for block in blocks {
            self.rounds(block.certificate)?;
            let message = block.certificate.signed_bytes(self.ordering_id);
            batch.push((message, &block.certificate.signature));
            if let Some(seed_signature) = block.seed_signature {
                batch.push((block.certificate.seed_bytes(self.ordering_id), seed_signature));
            }
        }
        self.key.verify_all(&batch)
    }

    /// Whether a certificate's parent view is the view of the certificate of the block before, or 0 for the first
    /// block of the epoch (`None`). No signature is looked at.
    ///
    /// # Errors
    /// [`Error::Epoch`] if one of the two is of another epoch, [`Error::Round`], [`Error::Gap`], [`Error::Parent`].
    pub fn follows(&self, before: Option<&Certificate>, certificate: &Certificate) -> Result<(), Error> {
        self.rounds(certificate)?;
        let wanted = match before {
            Some(before) => {
                self.rounds(before)?;
                before.view
            }
            None => 0,
        };
        let found = certificate.parent_view;
        match found == wanted {
            true => Ok(()),
            false => Err(Error::Parent { wanted, found }),
        }
    }

    /// Verifies this committee's handover and gives the verifier of the next one.
    ///
    /// That the last height and digest are those of a block that this committee certified, that nothing above was, and
    /// that no second handover is around, is for the caller to see.
    ///
    /// # Errors
    /// [`Error::OtherCommittee`] if another one hands over, [`Error::Epoch`] if the next is not the next epoch's,
    /// [`Error::Committee`] and [`Error::Key`] for what is wrong with it, [`Error::Signature`] and [`Error::Refused`].
    pub fn handover(&self, handover: &Handover) -> Result<Self, Error> {
        if handover.old != self.committee {
            return Err(Error::OtherCommittee);
        }
        let wanted = self.committee.epoch.checked_add(1).ok_or(Error::Exhausted)?;
        if handover.new.epoch != wanted {
            let found = handover.new.epoch;
            return Err(Error::Epoch { wanted, found });
        }
        let message = handover.signed_bytes(self.ordering_id);
        self.key.verify(&message, &handover.signature)?;
        Self::new(&handover.new, self.ordering_id)
    }

    /// What can be said of a certificate's numbers without its signature.
    fn rounds(&self, certificate: &Certificate) -> Result<(), Error> {
        let (wanted, found) = (self.committee.epoch, certificate.epoch);
        if wanted != found {
            return Err(Error::Epoch { wanted, found });
        }
        // The decoder refuses this as well; a certificate that was never bytes has not met it.
        let Some(distance) = certificate.view.checked_sub(certificate.parent_view) else {
            return Err(Error::Round);
        };
        match (distance, self.committee.members) {
            (0, _) => Err(Error::Round),
            (1, _) => Ok(()),
            (_, 1) => Err(Error::Gap),
            _ => Ok(()),
        }
    }
}
