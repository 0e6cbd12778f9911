//! A committee of one.

use crate::{Error, SecretKey};
use playfair_types::Fr;
use playfair_types::certificate::{Certificate, Committee, Handover};

/// A committee of one: signs what a committee of a hundred would, in the same bytes.
///
/// It remembers nothing. The node is responsible for certifying one block per view and view after view (it writes
/// down what it is about to certify first), and for never running twice with one key: two certificates of one view are
/// evidence against the committee and freeze the view of whoever sees them.
#[derive(Clone, Debug)]
pub struct Signer {
    key: SecretKey,
    committee: Committee,
    ordering_id: Fr,
}

impl Signer {
    /// The committee of this key. The ordering id is the chain id when one chain is ordered.
    ///
    /// A key is for one epoch of one ordering: the next epoch has a fresh one.
    pub fn new(key: SecretKey, epoch: u64, ordering_id: Fr) -> Self {
        let committee = Committee {
            epoch,
            public_key: key.public(),
            members: 1,
            threshold: 1,
        };
        Self {
            key,
            committee,
            ordering_id,
        }
    }

    /// Who signs here, as certificates are checked against it.
    pub fn committee(&self) -> &Committee {
        &self.committee
    }

    /// Certifies a block, given by its digest ([`playfair_types::header::Header::digest`]), in the view after its
    /// parent's.
    ///
    /// The parent view is the view of the certificate of the block before, or 0 for the first block of the epoch.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if there is no view after the parent's.
    pub fn certificate(&self, parent_view: u64, payload: [u8; 32]) -> Result<Certificate, Error> {
        let mut certificate = Certificate {
            epoch: self.committee.epoch,
            view: parent_view.checked_add(1).ok_or(Error::Exhausted)?,
            parent_view,
            payload,
            signature: [0; 48],
        };
        certificate.signature = self.key.sign(&certificate.signed_bytes(self.ordering_id));
        Ok(certificate)
    }

    /// The seed signature of the block whose parent was agreed in this view; 0 for the first block of the epoch.
    ///
    /// It depends on the round alone and is needed *before* the block is closed, since the block record holds it and
    /// its hash ([`playfair_types::chain::seed_of`]). The first block after genesis has zero bytes for both instead
    /// and is the caller's to know: do not ask here for it.
    pub fn seed(&self, parent_view: u64) -> [u8; 48] {
        // The seed's bytes hold epoch and parent view and nothing else.
        let round = Certificate {
            epoch: self.committee.epoch,
            view: parent_view,
            parent_view,
            payload: [0; 32],
            signature: [0; 48],
        };
        self.key.sign(&round.seed_bytes(self.ordering_id))
    }

    /// Hands over to the next committee after the block of this height and digest.
    ///
    /// The caller certifies nothing above that height afterwards, and hands over once: a second handover with other
    /// content is evidence. Whether the new committee's key is one is for its verifiers to see.
    ///
    /// # Errors
    /// [`Error::Exhausted`] if there is no epoch after this one, [`Error::Epoch`] if the new one is not the next.
    pub fn handover(
        &self,
        last_height: u64,
        last_digest: [u8; 32],
        new: Committee,
    ) -> Result<Handover, Error> {
        let wanted = self.committee.epoch.checked_add(1).ok_or(Error::Exhausted)?;
        if new.epoch != wanted {
            let found = new.epoch;
            return Err(Error::Epoch { wanted, found });
        }
        let mut handover = Handover {
            old: self.committee,
            last_height,
            last_digest,
            new,
            signature: [0; 48],
        };
        handover.signature = self.key.sign(&handover.signed_bytes(self.ordering_id));
        Ok(handover)
    }
}
