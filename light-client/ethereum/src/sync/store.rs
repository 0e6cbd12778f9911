//! What a light client knows, and how it learns more.

use super::Forced;
use super::committee::Known;
use crate::error::Part;
use crate::ssz::{self, Root};
use crate::{Bootstrap, Error, LightClientHeader, Spec, Update};

/// Whether something older than the weak subjectivity period may be begun from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Staleness {
    /// It is refused.
    Refuse,
    /// It is taken: whoever calls this has another reason to trust it, such as that the network is its own, or asked
    /// its user. The permission ends as soon as a finalised header is young again.
    Allow,
}

/// What one update brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many of the committee signed.
    pub participants: u64,
    /// How many there are.
    pub committee_size: u64,
    /// Whether the finalised header moved.
    pub finalized: bool,
    /// Whether the optimistic header moved.
    pub optimistic: bool,
    /// Whether a committee became known.
    pub committee: bool,
}

impl Progress {
    /// Whether two thirds signed.
    pub fn supermajority(&self) -> bool {
        supermajority(self.participants, self.committee_size)
    }
}

pub(super) fn supermajority(participants: u64, committee_size: u64) -> bool {
    participants.saturating_mul(3) >= committee_size.saturating_mul(2)
}

/// What a light client knows of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    pub(super) spec: Spec,
    pub(super) finalized: LightClientHeader,
    pub(super) optimistic: LightClientHeader,
    pub(super) current: Known,
    pub(super) next: Option<Known>,
    /// The best update that had no two thirds or no finality, for a forced step.
    pub(super) best: Option<Update>,
    pub(super) participants_max_before: u64,
    pub(super) participants_max: u64,
    pub(super) staleness: Staleness,
    pub(super) forced: Option<Forced>,
}

impl Store {
    /// Begins at a trusted block (`initialize_light_client_store`). The root comes from an anchor: the build, a chain's
    /// link, somebody the user trusts; the bootstrap may come from anybody.
    ///
    /// # Errors
    /// [`Error::Checkpoint`], [`Error::Stale`], [`Error::Future`], [`Error::Execution`], [`Error::Branch`], [`Error::Spec`].
    pub fn open(
        spec: &Spec,
        trusted_root: &Root,
        bootstrap: &Bootstrap,
        current_slot: u64,
        staleness: Staleness,
    ) -> Result<Self, Error> {
        spec.check()?;
        let (header, committee) = (&bootstrap.header, &bootstrap.committee);
        let found = header.beacon.root();
        if found != *trusted_root {
            let wanted = *trusted_root;
            return Err(Error::Checkpoint { wanted, found });
        }
        let slot = header.beacon.slot;
        if slot > current_slot {
            return Err(Error::Future {
                signature: slot,
                current: current_slot,
            });
        }
        if staleness == Staleness::Refuse {
            spec.fresh(slot, current_slot)?;
        }
        header.check(spec, Part::Bootstrap)?;
        let index = spec.fork(slot)?.form.current_committee_index();
        let root = ssz::root_of_branch(committee.root(), &bootstrap.branch, index);
        if root != Some(header.beacon.state_root) {
            return Err(Error::Branch(Part::CurrentCommittee));
        }
        Ok(Self {
            spec: spec.clone(),
            finalized: header.clone(),
            optimistic: header.clone(),
            current: Known::new(committee.clone()),
            next: None,
            best: None,
            participants_max_before: 0,
            participants_max: 0,
            staleness,
            forced: None,
        })
    }

    /// The network.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The newest header that is final: two thirds of a sync committee signed a block that has it for final, unless
    /// [`Store::forced`] says otherwise.
    pub fn finalized(&self) -> &LightClientHeader {
        &self.finalized
    }

    /// The newest header that is likely, which may still be taken back.
    pub fn optimistic(&self) -> &LightClientHeader {
        &self.optimistic
    }

    /// The period whose committee is known for certain: ask for the updates from here on.
    pub fn period(&self) -> u64 {
        self.spec.period(self.finalized.beacon.slot)
    }

    /// Whether the committee of the period after [`Store::period`] is known.
    pub fn next_known(&self) -> bool {
        self.next.is_some()
    }

    /// The forced step that what is called final here rests on, if there was one.
    pub fn forced(&self) -> Option<&Forced> {
        self.forced.as_ref()
    }

    /// Reads the keys of all known committees that were not read yet, which checking a signature would otherwise wait
    /// for. For idle moments.
    ///
    /// # Errors
    /// [`Error::Signature`], [`Error::Aggregate`]: no signature of that committee will be accepted.
    pub fn warm(&mut self) -> Result<(), Error> {
        self.current.keys(Part::CurrentCommittee)?;
        if let Some(next) = &mut self.next {
            next.keys(Part::NextCommittee)?;
        }
        Ok(())
    }

    /// Allows this store to be older than the weak subjectivity period: see [`Staleness::Allow`].
    pub fn allow_stale(&mut self) {
        self.staleness = Staleness::Allow;
    }

    /// Verifies an update and takes what it proves (`process_light_client_update`; finality and optimistic updates are
    /// updates too). The current slot is that of a local clock.
    ///
    /// # Errors
    /// Whatever is wrong with it; then nothing changed.
    pub fn process(&mut self, update: Update, current_slot: u64) -> Result<Progress, Error> {
        if self.staleness == Staleness::Refuse {
            self.spec.fresh(self.finalized.beacon.slot, current_slot)?;
        }
        self.validate(&update, current_slot)?;
        let participants = update.aggregate.participants();
        let optimistic_slot = self.optimistic.beacon.slot;
        let mut progress = Progress {
            participants,
            committee_size: u64::try_from(self.spec.preset.committee_size).unwrap_or(u64::MAX),
            finalized: false,
            optimistic: false,
            committee: false,
        };
        self.participants_max = self.participants_max.max(participants);
        let threshold = self.participants_max.max(self.participants_max_before) / 2;
        let attested_slot = update.attested.beacon.slot;
        if participants > threshold && attested_slot > self.optimistic.beacon.slot {
            self.optimistic = update.attested.clone();
        }
        if progress.supermajority() && self.finalizes(&update) {
            let finalized = self.finalized.beacon.slot;
            progress.committee = self.apply(&update);
            progress.finalized = self.finalized.beacon.slot > finalized;
            self.best = None;
            self.trust_anew(progress, current_slot);
        } else if self
            .best
            .as_ref()
            .is_none_or(|best| self.is_better(&update, best))
        {
            self.best = Some(update);
        }
        progress.optimistic = self.optimistic.beacon.slot > optimistic_slot;
        Ok(progress)
    }

    /// Whether the update moves the finalised header, or proves the next committee in a period that is final.
    fn finalizes(&self, update: &Update) -> bool {
        let same_period =
            || self.spec.period(update.finalized_slot()) == self.spec.period(update.attested.beacon.slot);
        let finds_committee =
            || self.next.is_none() && update.next.is_some() && update.finality.is_some() && same_period();
        update.finalized_slot() > self.finalized.beacon.slot || finds_committee()
    }

    /// `apply_light_client_update`, for an update whose finalised header is of this store's period or, if the next
    /// committee is known, of the one after. Whether a committee became known.
    pub(super) fn apply(&mut self, update: &Update) -> bool {
        let next = || {
            update
                .next
                .as_ref()
                .map(|next| Known::new(next.committee.clone()))
        };
        let period = self.spec.period(update.finalized_slot());
        let mut learned = false;
        match self.next.take() {
            None => {
                self.next = next();
                learned = self.next.is_some();
            }
            Some(known) if period == self.period().saturating_add(1) => {
                self.current = known;
                self.next = next();
                learned = self.next.is_some();
                self.participants_max_before = self.participants_max;
                self.participants_max = 0;
            }
            Some(known) => self.next = Some(known),
        }
        match update.finalized() {
            Some(header) if header.beacon.slot > self.finalized.beacon.slot => {
                self.finalized = header.clone()
            }
            _ => {}
        }
        if self.finalized.beacon.slot > self.optimistic.beacon.slot {
            self.optimistic = self.finalized.clone();
        }
        learned
    }

    /// A finalised header that is young needs no permission to be old, and one that a committee finalised which was
    /// not forced into the store rests on no forced step.
    fn trust_anew(&mut self, progress: Progress, current_slot: u64) {
        if self.spec.fresh(self.finalized.beacon.slot, current_slot).is_ok() {
            self.staleness = Staleness::Refuse;
        }
        if progress.finalized && self.forced.is_some_and(|forced| !forced.committee) {
            self.forced = None;
        }
    }

    /// `is_better_update`: what a forced step would rather take.
    pub(super) fn is_better(&self, new: &Update, old: &Update) -> bool {
        let size = u64::try_from(self.spec.preset.committee_size).unwrap_or(u64::MAX);
        let period = |slot| self.spec.period(slot);
        let relevant = |update: &Update| {
            update.next.is_some() && period(update.attested.beacon.slot) == period(update.signature_slot)
        };
        let final_period = |update: &Update| {
            update.finality.is_some()
                && period(update.finalized_slot()) == period(update.attested.beacon.slot)
        };
        let participants = |update: &Update| update.aggregate.participants();
        let (many, many_before) = (participants(new), participants(old));
        let (super_new, super_old) = (supermajority(many, size), supermajority(many_before, size));
        if super_new != super_old {
            return super_new;
        }
        if !super_new && many != many_before {
            return many > many_before;
        }
        // What is true of one and not of the other decides, the first that differs.
        let properties = [
            (relevant(new), relevant(old)),
            (new.finality.is_some(), old.finality.is_some()),
            (final_period(new), final_period(old)),
        ];
        if let Some((new, _)) = properties.into_iter().find(|(new, old)| new != old) {
            return new;
        }
        if many != many_before {
            return many > many_before;
        }
        let slots = |update: &Update| (update.attested.beacon.slot, update.signature_slot);
        slots(new) < slots(old)
    }

    /// The same store with its headers in the containers of Gloas (`upgrade_lc_store_to_gloas`): of their execution
    /// blocks, only the hashes stay.
    #[must_use]
    pub fn to_gloas(mut self) -> Self {
        self.finalized = self.finalized.to_gloas();
        self.optimistic = self.optimistic.to_gloas();
        if let Some(best) = &mut self.best {
            best.attested = best.attested.to_gloas();
            let finality = best.finality.as_mut();
            if let Some(header) = finality.and_then(|finality| finality.header.as_mut()) {
                *header = header.to_gloas();
            }
        }
        self
    }
}

#[cfg(test)]
mod tests;
