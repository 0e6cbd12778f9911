//! A sync committee whose keys are read once.

use crate::error::Part;
use crate::{Error, SyncCommittee};
use playfair_bls::min_pk::Keys;

/// A committee that was proven, with its keys as points once they were needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) committee: SyncCommittee,
    pub(super) keys: Option<Keys>,
}

impl Known {
    pub(super) fn new(committee: SyncCommittee) -> Self {
        let keys = None;
        Self { committee, keys }
    }

    /// The keys, read now if they were not: half a second for 512 of them in a browser, once a day.
    pub(super) fn keys(&mut self, part: Part) -> Result<&Keys, Error> {
        if self.keys.is_none() {
            self.keys = Some(Keys::decode(&self.committee.pubkeys)?);
            if let Err(error) = self.add_up(part) {
                self.keys = None;
                return Err(error);
            }
        }
        // Just put there.
        self.keys.as_ref().ok_or(Error::Aggregate(part))
    }

    /// That the keys add up to the aggregate key beside them, if they were read.
    pub(super) fn add_up(&self, part: Part) -> Result<(), Error> {
        match &self.keys {
            Some(keys) if keys.aggregate()? != self.committee.aggregate_pubkey => Err(Error::Aggregate(part)),
            _ => Ok(()),
        }
    }
}
