//! A store that ends with the process: for tests, tools and queries over a snapshot.

use super::{Batch, Counts, Store, StoreView};
use crate::error::StoreError;
use playfair_types::state::StateKey;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Records in memory. Clones share them, so a state can be opened again over what another one flushed.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    tables: Arc<RwLock<Tables>>,
}

#[derive(Debug, Default)]
struct Tables {
    meta: Option<Vec<u8>>,
    nodes: HashMap<u64, Box<[u8]>>,
    index: HashMap<StateKey, u64>,
    versions: BTreeMap<u64, Vec<u8>>,
    garbage: BTreeMap<(u64, u32), Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> RwLockReadGuard<'_, Tables> {
        // Nothing under the lock panics but an allocation, which aborts.
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }
}

fn put<K: Ord + Copy>(table: &mut BTreeMap<K, Vec<u8>>, changes: &[(K, Option<Vec<u8>>)]) {
    for (key, record) in changes {
        match record {
            Some(record) => table.insert(*key, record.clone()),
            None => table.remove(key),
        };
    }
}

impl Store for MemoryStore {
    fn read(&self) -> Result<Arc<dyn StoreView>, StoreError> {
        Ok(Arc::new(self.clone()))
    }

    fn write(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.meta = Some(batch.meta.clone());
        tables.nodes.reserve(batch.nodes.len());
        let nodes = batch.nodes.iter();
        tables
            .nodes
            .extend(nodes.map(|(id, record)| (*id, record.as_slice().into())));
        for id in &batch.removed {
            tables.nodes.remove(id);
        }
        for (key, id) in &batch.index {
            match id {
                Some(id) => tables.index.insert(*key, *id),
                None => tables.index.remove(key),
            };
        }
        put(&mut tables.versions, &batch.versions);
        put(&mut tables.garbage, &batch.garbage);
        Ok(())
    }
}

impl StoreView for MemoryStore {
    fn meta(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables().meta.clone())
    }

    fn node(&self, id: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tables().nodes.get(&id).map(|record| record.to_vec()))
    }

    fn leaf(&self, key: &StateKey) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        let tables = self.tables();
        let Some(id) = tables.index.get(key) else {
            return Ok(None);
        };
        let record = tables.nodes.get(id);
        let record = record.ok_or_else(|| StoreError::Damaged("an indexed leaf is missing".to_owned()))?;
        Ok(Some((*id, record.to_vec())))
    }

    fn versions(&self) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let versions = &self.tables().versions;
        Ok(versions
            .iter()
            .map(|(version, record)| (*version, record.clone()))
            .collect())
    }

    fn garbage(&self, version: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let tables = self.tables();
        let lists = tables.garbage.range((version, 0)..=(version, u32::MAX));
        Ok(lists.map(|(_, record)| record.clone()).collect())
    }

    fn counts(&self) -> Result<Counts, StoreError> {
        let tables = self.tables();
        Ok(Counts {
            nodes: tables.nodes.len() as u64,
            keys: tables.index.len() as u64,
        })
    }
}
