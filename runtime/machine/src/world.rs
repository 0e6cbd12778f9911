//! The state as a record sees it: three layers, read from the top.
//!
//! ```text
//! call      what the running call changed; merged into pending if it ends ok, dropped otherwise
//! pending   what records changed since the state was last committed
//! base      the committed state
//! ```

use crate::error::Fault;
use playfair_types::bounded::Bytes;
use playfair_types::limits::KEY_BYTES_MAX;
use playfair_types::state::{StateKey, SystemKey};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Changed keys with their new values; `None` where the key was removed.
pub type Changes = BTreeMap<StateKey, Option<Vec<u8>>>;

/// The committed state.
pub trait StateRead: Send + Sync {
    /// The value of a key.
    ///
    /// # Errors
    /// A message for the operator when the storage fails.
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String>;
}

/// A state without keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmptyState;

impl StateRead for EmptyState {
    fn get(&self, _key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        Ok(None)
    }
}

impl StateRead for BTreeMap<StateKey, Vec<u8>> {
    fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, String> {
        Ok(Self::get(self, key).cloned())
    }
}

/// The three layers.
pub struct World {
    base: Arc<dyn StateRead>,
    pending: Changes,
    call: Option<Changes>,
    names: Names,
}

impl Default for World {
    fn default() -> Self {
        Self::new(Arc::new(EmptyState))
    }
}

impl World {
    /// A world over a committed state.
    #[must_use]
    pub fn new(base: Arc<dyn StateRead>) -> Self {
        Self {
            base,
            pending: Changes::new(),
            call: None,
            names: Names::default(),
        }
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`Fault::Storage`].
    pub fn get(&self, key: &StateKey) -> Result<Option<Cow<'_, [u8]>>, Fault> {
        let layers = [self.call.as_ref(), Some(&self.pending)];
        if let Some(found) = layers.into_iter().flatten().find_map(|layer| layer.get(key)) {
            return Ok(found.as_deref().map(Cow::Borrowed));
        }
        let value = self.base.get(key).map_err(Fault::Storage)?;
        Ok(value.map(Cow::Owned))
    }

    /// Writes or removes a key in the topmost layer.
    pub fn set(&mut self, key: StateKey, value: Option<Vec<u8>>) {
        self.call.as_mut().unwrap_or(&mut self.pending).insert(key, value);
    }

    /// Starts a call's layer. Calls do not nest: an unfinished one is dropped.
    pub fn begin(&mut self) {
        self.call = Some(Changes::new());
    }

    /// Ends the call's layer: keeps its changes or drops them.
    pub fn end(&mut self, keep: bool) {
        if let Some(call) = self.call.take()
            && keep
        {
            self.pending.extend(call);
        }
    }

    /// What changed since the last [`World::settle`].
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.pending
    }

    /// Makes `base` the committed state; it has every pending change.
    pub fn settle(&mut self, base: Arc<dyn StateRead>) {
        self.base = base;
        self.pending.clear();
    }

    /// Drops every change since the last [`World::settle`].
    pub fn forget(&mut self) {
        self.pending.clear();
        self.call = None;
    }

    /// The place of a module's key.
    pub fn user_key(&mut self, key: &Bytes<KEY_BYTES_MAX>) -> StateKey {
        self.names.user(key)
    }

    /// The place of a system record.
    pub fn system_key(&mut self, key: SystemKey) -> StateKey {
        self.names.system(key)
    }
}

/// A cache of state keys: each costs a Poseidon permutation, and games use the same few all the time.
#[derive(Default)]
struct Names {
    user: HashMap<Vec<u8>, StateKey>,
    system: HashMap<SystemKey, StateKey>,
}

/// Entries of each cache before it starts anew: at most some 10 MB.
const NAMES_MAX: usize = 65_536;

impl Names {
    fn user(&mut self, key: &Bytes<KEY_BYTES_MAX>) -> StateKey {
        if let Some(found) = self.user.get(key.as_slice()) {
            return *found;
        }
        if self.user.len() >= NAMES_MAX {
            self.user.clear();
        }
        let place = StateKey::of_user(key);
        self.user.insert(key.to_vec(), place);
        place
    }

    fn system(&mut self, key: SystemKey) -> StateKey {
        if self.system.len() >= NAMES_MAX {
            self.system.clear();
        }
        *self.system.entry(key).or_insert_with(|| StateKey::of_system(key))
    }
}
