//! A step without finality, which nobody takes by accident.

use super::store::{Staleness, Store};
use crate::{Error, Finality};

/// What a forced step gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forced {
    /// The slot of the header that is now called final.
    pub slot: u64,
    /// How many of the committee signed what it was taken from.
    pub participants: u64,
    /// How many there are.
    pub committee_size: u64,
    /// Whether that header was final in the state that they signed. If not, they merely signed it.
    pub was_final: bool,
    /// Whether a committee was learned too, now or in an earlier forced step: then everything later rests on this step, and [`Store::forced`] says so for
    /// as long as the store lives. Otherwise the next normal step ends it.
    pub committee: bool,
}

impl Store {
    /// `process_light_client_store_force_update`: after a whole period without finality, takes the best update that was
    /// seen for final although it was not, so that the store can go on. `None` if there is nothing to take, or the
    /// time is not over.
    ///
    /// **This gives up what finality means.** Fewer than two thirds of the committee may have signed what is taken,
    /// down to one member, or the header may never have become final. Call it only when somebody who knows that asked
    /// for it, and show [`Store::forced`] from then on. A new checkpoint is the better way out.
    ///
    /// # Errors
    /// [`Error::Stale`] as [`Store::process`].
    pub fn force_update(&mut self, current_slot: u64) -> Result<Option<Forced>, Error> {
        let finalized_slot = self.finalized.beacon.slot;
        if self.staleness == Staleness::Refuse {
            self.spec.fresh(finalized_slot, current_slot)?;
        }
        let timeout = finalized_slot.saturating_add(self.spec.timeout_slots());
        let Some(best) = self.best.as_ref().filter(|_| current_slot > timeout) else {
            return Ok(None);
        };
        let mut update = best.clone();
        let was_final = update.finalized_slot() > finalized_slot;
        if !was_final {
            // The branch was checked when the update came, and is not looked at again.
            update.finality = Some(Finality {
                header: Some(update.attested.clone()),
                branch: alloc::vec::Vec::new(),
            });
        }
        // Only updates of the store's own period are ever the best while the next committee is not known.
        let learned = self.apply(&update);
        self.best = None;
        let earlier = self.forced.is_some_and(|forced| forced.committee);
        let forced = Forced {
            slot: self.finalized.beacon.slot,
            participants: update.aggregate.participants(),
            committee_size: u64::try_from(self.spec.preset.committee_size).unwrap_or(u64::MAX),
            was_final,
            committee: learned || earlier,
        };
        self.forced = Some(forced);
        Ok(Some(forced))
    }
}
