//! Values that are known, and keys that were asked for and are not.

use playfair_machine::world::StateRead;
use playfair_types::state::StateKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Inner {
    values: BTreeMap<StateKey, Option<Vec<u8>>>,
    missing: BTreeSet<StateKey>,
}

/// Shared with the machine that runs on it.
#[derive(Default)]
pub(crate) struct Known(Mutex<Inner>);

impl Known {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, key: StateKey, value: Option<Vec<u8>>) {
        self.inner().values.insert(key, value);
    }

    pub(crate) fn has(&self, key: &StateKey) -> bool {
        self.inner().values.contains_key(key)
    }

    /// Whether something was asked for that is not known.
    pub(crate) fn lacks(&self) -> bool {
        !self.inner().missing.is_empty()
    }

    /// What was asked for and is not known.
    pub(crate) fn take(&self) -> Vec<StateKey> {
        std::mem::take(&mut self.inner().missing).into_iter().collect()
    }
}

impl StateRead for Known {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        let mut inner = self.inner();
        match inner.values.get(key) {
            Some(value) => Ok(value.clone()),
            None => {
                inner.missing.insert(*key);
                Err("its value is not known".to_owned())
            }
        }
    }
}
