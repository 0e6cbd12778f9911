//! Reading one version, whatever happens to the state meanwhile.

use crate::error::StateError;
use crate::fork::get;
use crate::layer::Live;
use crate::node::Child;
use crate::prove::prove;
use crate::record::Version;
use crate::state::Shared;
use playfair_types::Fr;
use playfair_types::state::StateKey;
use playfair_types::state::proof::StateProof;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// One version of the state, for reading, on any thread. Pruning leaves its version until the view is dropped; it
/// outlives the [`crate::State`] that gave it.
pub struct View {
    pub(crate) shared: Arc<Shared>,
    number: u64,
    pub(crate) root: Child,
    keys: u64,
    note: Arc<[u8]>,
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View")
            .field("version", &self.number)
            .field("root", &self.root.hash)
            .finish_non_exhaustive()
    }
}

impl View {
    pub(crate) fn open(shared: &Arc<Shared>, version: u64) -> Result<Self, StateError> {
        Self::open_with(shared, |live| match live.version(version) {
            Some(record) => Ok((version, record)),
            None => Err(StateError::UnknownVersion {
                version,
                newest: live.newest.0,
            }),
        })
    }

    pub(crate) fn open_root(shared: &Arc<Shared>, root: Fr) -> Result<Self, StateError> {
        Self::open_with(shared, |live| {
            let (newest, record) = &live.newest;
            if record.root.hash == root {
                return Ok((*newest, record));
            }
            let mut older = live.older.iter().rev();
            let found = older.find(|(_, version)| version.root.hash == root);
            found
                .map(|(number, version)| (*number, version))
                .ok_or(StateError::UnknownRoot)
        })
    }

    fn open_with(
        shared: &Arc<Shared>,
        choose: impl FnOnce(&Live) -> Result<(u64, &Version), StateError>,
    ) -> Result<Self, StateError> {
        // Pruning looks at the views and takes versions away under the same lock.
        let mut views = shared.views();
        let live = shared.live();
        let (number, version) = choose(&live)?;
        Ok(Self::new(shared, &mut views, number, version))
    }

    pub(crate) fn open_newest(shared: &Arc<Shared>) -> Self {
        let mut views = shared.views();
        let live = shared.live();
        let (number, version) = &live.newest;
        Self::new(shared, &mut views, *number, version)
    }

    fn new(shared: &Arc<Shared>, views: &mut BTreeMap<u64, usize>, number: u64, version: &Version) -> Self {
        *views.entry(number).or_default() += 1;
        Self {
            shared: shared.clone(),
            number,
            root: version.root,
            keys: version.keys,
            note: version.note.clone(),
        }
    }

    /// The version's number.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.number
    }

    /// Its root; 0 without keys.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.root.hash
    }

    /// How many keys it has.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.keys
    }

    /// Whether it has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys == 0
    }

    /// Its note.
    #[must_use]
    pub fn note(&self) -> &[u8] {
        &self.note
    }

    /// Its value of `key`, found along the tree: some twenty reads in a tree of a million keys.
    ///
    /// # Errors
    /// [`StateError::Store`], [`StateError::Damaged`].
    pub fn get(&self, key: &StateKey) -> Result<Option<Vec<u8>>, StateError> {
        get(&*self.shared, self.root, key)
    }

    /// The proof of what this version has, or has not, for each of `keys`: 1 to 1,024 of them in any order. It verifies
    /// under [`Self::root`] for the same keys in ascending order, each once.
    ///
    /// # Errors
    /// [`StateError::ProofKeys`], [`StateError::ProofTooLong`] (many keys that share very long prefixes),
    /// [`StateError::Store`], [`StateError::Damaged`].
    pub fn prove(&self, keys: &[StateKey]) -> Result<StateProof, StateError> {
        prove(&*self.shared, self.root, keys)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let mut views = self.shared.views();
        if let Some(count) = views.get_mut(&self.number) {
            *count -= 1;
            if *count == 0 {
                views.remove(&self.number);
            }
        }
    }
}
