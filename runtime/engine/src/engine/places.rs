//! Places for runs: the pool has a fixed number of instances, and a run that finds none is a fault. So runs wait here, and
//! many queries at the same time cannot stop a chain.

use std::sync::{Condvar, Mutex, PoisonError};

/// Places that are free.
pub(super) struct Places {
    free: Mutex<u32>,
    freed: Condvar,
}

/// A taken place; given back when dropped.
pub(super) struct Place<'a>(&'a Places);

impl Places {
    pub(super) fn new(free: u32) -> Self {
        Self {
            free: Mutex::new(free),
            freed: Condvar::new(),
        }
    }

    /// Takes a place, once there is one: gas ends every run, so that is soon.
    pub(super) fn take(&self) -> Place<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Place(self)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
