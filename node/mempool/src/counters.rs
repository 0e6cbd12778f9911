//! What happened so far, for metrics.

use crate::answer::Why;
use std::collections::BTreeMap;

/// What happened since the pool was made. Calls that wait now = `inserted` - `taken` - all of `gone` - `drained`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Entries that came in, those that replaced another included.
    pub inserted: u64,
    /// Entries that waited already.
    pub known: u64,
    /// Entries that were taken to be played.
    pub taken: u64,
    /// Entries that were drained.
    pub drained: u64,
    /// Entries that left otherwise, by reason.
    pub gone: BTreeMap<Why, u64>,
    /// Entries that were refused, by [`crate::Refused::name`].
    pub refused: BTreeMap<&'static str, u64>,
    /// Buckets of quotas that were forgotten before they were full, because there were too many.
    pub buckets_forgotten: u64,
}

impl Counters {
    pub(crate) fn left(&mut self, why: Why) {
        add(self.gone.entry(why).or_default());
    }

    pub(crate) fn refuse(&mut self, name: &'static str) {
        add(self.refused.entry(name).or_default());
    }
}

pub(crate) fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}
