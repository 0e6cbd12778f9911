//! The history's tables in redb.

use super::{HistoryError, Place};
use crate::block::Sealed;
use crate::database::Database;
use playfair_types::account::AccountId;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::{Decode, Encode};
use redb::{ReadableDatabase, ReadableTable, StorageBackend, TableDefinition};
use std::sync::Arc;

const FORMAT: u32 = 1;
const META: TableDefinition<'_, (), &[u8]> = TableDefinition::new("meta");
const BLOCKS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("blocks");
const CALLS: TableDefinition<'_, &[u8; 32], (u64, u32)> = TableDefinition::new("calls");
const ACCOUNTS: TableDefinition<'_, (&[u8; 20], u64, u32), ()> = TableDefinition::new("accounts");

pub(super) struct Store {
    database: Database,
    chain_id: Fr,
}

impl Store {
    /// The store, and the first height that it holds or will hold.
    pub(super) fn open(
        medium: impl StorageBackend,
        cache_bytes: usize,
        chain_id: Fr,
        first: u64,
    ) -> Result<(Self, u64), HistoryError> {
        let (database, meta) = Database::open(medium, cache_bytes, |transaction| {
            let mut table = transaction.open_table(META)?;
            transaction.open_table(BLOCKS)?;
            transaction.open_table(CALLS)?;
            transaction.open_table(ACCOUNTS)?;
            let found = table.get(())?.map(|value| value.value().to_vec());
            if let Some(found) = found {
                return Ok(found);
            }
            let meta = meta(chain_id, first);
            table.insert((), meta.as_slice())?;
            Ok(meta)
        })?;
        let first = first_of(&meta, chain_id)?;
        Ok((Self { database, chain_id }, first))
    }

    /// The last height.
    pub(super) fn last(&self) -> Result<Option<u64>, HistoryError> {
        Ok(self.database.read(|database| {
            let table = database.begin_read()?.open_table(BLOCKS)?;
            Ok(table.last()?.map(|(height, _)| height.value()))
        })?)
    }

    pub(super) fn block(&self, height: u64) -> Result<Option<Sealed>, HistoryError> {
        let found = self.database.read(|database| {
            let table = database.begin_read()?.open_table(BLOCKS)?;
            Ok(table.get(height)?.map(|bytes| bytes.value().to_vec()))
        })?;
        let Some(bytes) = found else { return Ok(None) };
        let damaged = HistoryError::Damaged { height };
        let Some((check, block)) = bytes.split_first_chunk() else {
            return Err(damaged);
        };
        if crc32fast::hash(block) != u32::from_be_bytes(*check) {
            return Err(damaged);
        }
        match Sealed::decode(block) {
            Ok(block) if block.height() == height && block.header.chain_id == self.chain_id => {
                Ok(Some(block))
            }
            _ => Err(damaged),
        }
    }

    pub(super) fn call(&self, id: &[u8; 32]) -> Result<Option<Place>, HistoryError> {
        Ok(self.database.read(|database| {
            let table = database.begin_read()?.open_table(CALLS)?;
            Ok(table.get(id)?.map(|place| {
                let (height, index) = place.value();
                Place { height, index }
            }))
        })?)
    }

    /// The newest first.
    pub(super) fn calls_of(
        &self,
        account: AccountId,
        before: Place,
        count: usize,
    ) -> Result<Vec<Place>, HistoryError> {
        Ok(self.database.read(|database| {
            let table = database.begin_read()?.open_table(ACCOUNTS)?;
            let range = (&account.0, 0, 0)..(&account.0, before.height, before.index);
            let mut places = Vec::new();
            for entry in table.range(range)?.rev().take(count) {
                let (key, _) = entry?;
                let (_, height, index) = key.value();
                places.push(Place { height, index });
            }
            Ok(places)
        })?)
    }

    pub(super) fn write(&self, blocks: &[Arc<Sealed>]) -> Result<(), HistoryError> {
        Ok(self.database.write(|transaction| {
            let mut table = transaction.open_table(BLOCKS)?;
            let mut calls = transaction.open_table(CALLS)?;
            let mut accounts = transaction.open_table(ACCOUNTS)?;
            for block in blocks {
                let bytes = block.encode();
                let checked = [&crc32fast::hash(&bytes).to_be_bytes()[..], &bytes].concat();
                table.insert(block.height(), checked.as_slice())?;
                for call in block.calls() {
                    if calls.get(&call.id)?.is_none() {
                        calls.insert(&call.id, (block.height(), call.index))?;
                    }
                    accounts.insert((&call.account.0, block.height(), call.index), ())?;
                }
            }
            Ok(())
        })?)
    }

    /// Removes heights from `first` on, below `to`.
    pub(super) fn prune(&self, first: u64, to: u64) -> Result<(), HistoryError> {
        let mut gone = Vec::new();
        for height in first..to {
            gone.extend(self.block(height)?);
        }
        Ok(self.database.write(|transaction| {
            let mut table = transaction.open_table(BLOCKS)?;
            let mut calls = transaction.open_table(CALLS)?;
            let mut accounts = transaction.open_table(ACCOUNTS)?;
            for block in &gone {
                table.remove(block.height())?;
                for call in block.calls() {
                    let place = (block.height(), call.index);
                    if calls.get(&call.id)?.is_some_and(|found| found.value() == place) {
                        calls.remove(&call.id)?;
                    }
                    accounts.remove((&call.account.0, block.height(), call.index))?;
                }
            }
            transaction
                .open_table(META)?
                .insert((), meta(self.chain_id, to).as_slice())?;
            Ok(())
        })?)
    }
}

fn meta(chain_id: Fr, first: u64) -> Vec<u8> {
    let mut out = FORMAT.to_be_bytes().to_vec();
    out.extend_from_slice(&fr_to_bytes(&chain_id));
    out.extend_from_slice(&first.to_be_bytes());
    out
}

fn first_of(found: &[u8], chain_id: Fr) -> Result<u64, HistoryError> {
    let Some((said, first)) = found.split_last_chunk() else {
        return Err(HistoryError::Other("it says nothing about itself"));
    };
    let first = u64::from_be_bytes(*first);
    if !meta(chain_id, first).starts_with(said) {
        return Err(HistoryError::Other("it has another chain id or format"));
    }
    Ok(first)
}
