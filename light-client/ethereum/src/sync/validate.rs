//! `validate_light_client_update`: everything that has to hold before an update is believed, the cheapest first.

use super::store::Store;
use crate::error::Part;
use crate::ssz::{self, ZERO};
use crate::{Error, LightClientHeader, Update};

impl Store {
    pub(super) fn validate(&mut self, update: &Update, current_slot: u64) -> Result<(), Error> {
        if update.aggregate.participants() == 0 {
            return Err(Error::Participants);
        }
        self.times(update, current_slot)?;
        update.attested.check(&self.spec, Part::Attested)?;
        self.finality(update)?;
        self.next_committee(update)?;
        self.signature(update)
    }

    /// Slots in order, a committee that is known, and something new.
    fn times(&self, update: &Update, current: u64) -> Result<(), Error> {
        let signature = update.signature_slot;
        let (attested, finalized) = (update.attested.beacon.slot, update.finalized_slot());
        if signature > current {
            return Err(Error::Future { signature, current });
        }
        if signature <= attested || attested < finalized {
            return Err(Error::Order {
                signature,
                attested,
                finalized,
            });
        }
        let (store, next_known) = (self.period(), self.next.is_some());
        let signed = self.spec.period(signature);
        let last = store.saturating_add(u64::from(next_known));
        if !(store..=last).contains(&signed) {
            return Err(Error::Period {
                signature: signed,
                store,
                next_known,
            });
        }
        let finds_committee = !next_known && update.next.is_some() && self.spec.period(attested) == store;
        let finalized = self.finalized.beacon.slot;
        match attested > finalized || finds_committee {
            true => Ok(()),
            false => Err(Error::Irrelevant { attested, finalized }),
        }
    }

    /// The finalised header is the one in the attested header's state. Genesis has an empty header and a zero root.
    fn finality(&self, update: &Update) -> Result<(), Error> {
        let Some(finality) = &update.finality else {
            return Ok(());
        };
        let leaf = match &finality.header {
            None => ZERO,
            Some(header) if header.beacon.slot == 0 => return Err(Error::Genesis),
            Some(header) => {
                header.check(&self.spec, Part::Finalized)?;
                header.beacon.root()
            }
        };
        let index = self.form(&update.attested)?.finalized_index();
        let root = ssz::root_of_branch(leaf, &finality.branch, index);
        match root == Some(update.attested.beacon.state_root) {
            true => Ok(()),
            false => Err(Error::Branch(Part::Finalized)),
        }
    }

    /// The next committee is the one in the attested header's state, and the one that is known, if one is.
    fn next_committee(&self, update: &Update) -> Result<(), Error> {
        let Some(next) = &update.next else {
            return Ok(());
        };
        if self.spec.period(update.attested.beacon.slot) == self.period()
            && self
                .next
                .as_ref()
                .is_some_and(|known| known.committee != next.committee)
        {
            return Err(Error::OtherNextCommittee);
        }
        let index = self.form(&update.attested)?.next_committee_index();
        let root = ssz::root_of_branch(next.committee.root(), &next.branch, index);
        match root == Some(update.attested.beacon.state_root) {
            true => Ok(()),
            false => Err(Error::Branch(Part::NextCommittee)),
        }
    }

    /// The committee of the signature's period signed the attested header.
    fn signature(&mut self, update: &Update) -> Result<(), Error> {
        let message = self
            .spec
            .signing_root(&update.attested.beacon.root(), update.signature_slot)?;
        let of_current = self.spec.period(update.signature_slot) == self.period();
        let keys = match &mut self.next {
            Some(next) if !of_current => next.keys(Part::NextCommittee)?,
            _ => self.current.keys(Part::CurrentCommittee)?,
        };
        let aggregate = &update.aggregate;
        Ok(keys.verify(&aggregate.marks(), &message, &aggregate.signature)?)
    }

    fn form(&self, header: &LightClientHeader) -> Result<crate::Form, Error> {
        Ok(self.spec.fork(header.beacon.slot)?.form)
    }
}
