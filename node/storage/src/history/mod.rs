//! The history: sealed blocks by height, and where calls lie, by their names and by their accounts.
//!
//! It is an index that is made from the tape log, and the log's copy: it can be lost and made again by executing the log,
//! and what it holds heals a log that was damaged. New blocks are in memory until [`History::flush`] writes them; both are
//! read alike.
//!
//! ```text
//! meta       "format" -> u32 | chain id 32 | first height u64
//! blocks     height -> checksum u32 | block (see [`crate::Sealed`])
//! calls      id 32 -> height u64, index u32
//! accounts   account 20, height u64, index u32 -> ()
//! ```

mod error;
mod store;

pub use error::HistoryError;

use crate::block::Sealed;
use playfair_types::account::AccountId;
use playfair_types::crypto::field::Fr;
use redb::StorageBackend;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use store::Store;

/// Blocks that stay in memory after they were flushed: what subscribers ask for.
const RECENT_BLOCKS: usize = 1_024;
/// And their bytes, about.
const RECENT_BYTES: usize = 32 << 20;

/// Where a call lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The block's height.
    pub height: u64,
    /// The record's place in it.
    pub index: u32,
}

/// The history of one chain. Share it behind an [`Arc`]: one thread pushes, one flushes, many read.
pub struct History {
    store: Store,
    /// Held by who flushes or prunes.
    writer: Mutex<()>,
    recent: RwLock<Recent>,
}

/// What is in memory.
struct Recent {
    /// Ascending and without gaps; the last one is `next - 1`.
    blocks: VecDeque<(Arc<Sealed>, usize)>,
    bytes: usize,
    calls: HashMap<[u8; 32], Place>,
    next: u64,
    /// Heights below this are in the store.
    flushed: u64,
    /// Heights below this are not there any more.
    first: u64,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History")
            .field("next", &self.next())
            .finish_non_exhaustive()
    }
}

impl History {
    /// Opens the history of a chain on `medium`; makes an empty one that begins with height `first` if there is none.
    ///
    /// # Errors
    /// [`HistoryError::Store`], [`HistoryError::Other`] when it is another chain's.
    pub fn open(
        medium: impl StorageBackend,
        cache_bytes: usize,
        chain_id: Fr,
        first: u64,
    ) -> Result<Self, HistoryError> {
        let (store, first) = Store::open(medium, cache_bytes, chain_id, first)?;
        let next = store.last()?.map_or(first, |last| last + 1);
        Ok(Self {
            store,
            writer: Mutex::default(),
            recent: RwLock::new(Recent {
                blocks: VecDeque::new(),
                bytes: 0,
                calls: HashMap::new(),
                next,
                flushed: next,
                first,
            }),
        })
    }

    /// The height of the next block.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.recent().next
    }

    /// The first height that is there, if any is.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.recent().first
    }

    /// Heights below this survive a crash.
    #[must_use]
    pub fn flushed(&self) -> u64 {
        self.recent().flushed
    }

    /// Adds the next block. It is in memory until the next flush.
    ///
    /// # Errors
    /// [`HistoryError::Gap`] when it is another one.
    pub fn push(&self, block: Arc<Sealed>) -> Result<(), HistoryError> {
        let height = block.height();
        let size = size_of(&block);
        let calls: Vec<_> = block.calls().collect();
        let mut recent = self.recent_mut();
        if height != recent.next {
            return Err(HistoryError::Gap {
                expected: recent.next,
                found: height,
            });
        }
        for call in calls {
            let place = Place {
                height,
                index: call.index,
            };
            recent.calls.entry(call.id).or_insert(place);
        }
        recent.blocks.push_back((block, size));
        recent.bytes += size;
        recent.next = height + 1;
        recent.shrink();
        Ok(())
    }

    /// The block of a height; `None` for one that is not there yet, or was pruned.
    ///
    /// # Errors
    /// [`HistoryError::Store`], [`HistoryError::Damaged`].
    pub fn block(&self, height: u64) -> Result<Option<Arc<Sealed>>, HistoryError> {
        {
            let recent = self.recent();
            if height >= recent.next || height < recent.first {
                return Ok(None);
            }
            if let Some(block) = recent.block(height) {
                return Ok(Some(block));
            }
        }
        Ok(self.store.block(height)?.map(Arc::new))
    }

    /// Where the call of this name lies.
    ///
    /// # Errors
    /// [`HistoryError::Store`].
    pub fn call(&self, id: &[u8; 32]) -> Result<Option<Place>, HistoryError> {
        let (known, first) = {
            let recent = self.recent();
            (recent.calls.get(id).copied(), recent.first)
        };
        let found = match known {
            Some(place) => Some(place),
            None => self.store.call(id)?,
        };
        Ok(found.filter(|place| place.height >= first))
    }

    /// An account's calls below `before`, the newest first, at most `count`.
    ///
    /// # Errors
    /// [`HistoryError::Store`].
    pub fn calls_of(
        &self,
        account: AccountId,
        before: Place,
        count: usize,
    ) -> Result<Vec<Place>, HistoryError> {
        let mut places = Vec::new();
        let (flushed, first) = {
            let recent = self.recent();
            let blocks = recent.blocks.iter().rev().map(|(block, _)| block);
            for block in blocks.take_while(|block| block.height() >= recent.flushed) {
                let height = block.height();
                let calls: Vec<_> = block.calls().filter(|call| call.account == account).collect();
                places.extend(calls.iter().rev().map(|call| Place {
                    height,
                    index: call.index,
                }));
            }
            (recent.flushed, recent.first)
        };
        places.retain(|place| *place < before);
        places.truncate(count);
        let before = before.min(Place {
            height: flushed,
            index: 0,
        });
        let left = count - places.len();
        places.extend(self.store.calls_of(account, before, left)?);
        places.retain(|place| place.height >= first);
        Ok(places)
    }

    /// Makes everything pushed so far durable.
    ///
    /// # Errors
    /// [`HistoryError::Store`]: what was flushed before is safe, and the rest stays in memory.
    pub fn flush(&self) -> Result<(), HistoryError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<Arc<Sealed>> = {
            let recent = self.recent();
            let blocks = recent.blocks.iter().map(|(block, _)| block);
            blocks
                .filter(|block| block.height() >= recent.flushed)
                .cloned()
                .collect()
        };
        let Some(last) = new.last() else { return Ok(()) };
        self.store.write(&new)?;
        let mut recent = self.recent_mut();
        recent.flushed = last.height() + 1;
        recent.shrink();
        Ok(())
    }

    /// Removes blocks below `height`, at most `count` of them, and what points to them. Tells how many are left to remove.
    ///
    /// # Errors
    /// [`HistoryError::Store`].
    pub fn prune(&self, height: u64, count: u64) -> Result<u64, HistoryError> {
        let _writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, flushed) = {
            let recent = self.recent();
            (recent.first, recent.flushed)
        };
        let until = height.min(flushed);
        let to = until.min(first.saturating_add(count));
        if to <= first {
            return Ok(0);
        }
        // First, so that nobody who finds a block gone is told that it is still there.
        self.recent_mut().first = to;
        if let Err(error) = self.store.prune(first, to) {
            self.recent_mut().first = first;
            return Err(error);
        }
        Ok(until - to)
    }

    fn recent(&self) -> RwLockReadGuard<'_, Recent> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent_mut(&self) -> RwLockWriteGuard<'_, Recent> {
        self.recent.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    fn block(&self, height: u64) -> Option<Arc<Sealed>> {
        let (first, _) = self.blocks.front()?;
        let at = height.checked_sub(first.height())?;
        let (block, _) = self.blocks.get(usize::try_from(at).ok()?)?;
        Some(Arc::clone(block))
    }

    /// Forgets the oldest blocks that are in the store, beyond what stays in memory.
    fn shrink(&mut self) {
        while self.blocks.len() > RECENT_BLOCKS || self.bytes > RECENT_BYTES {
            match self.blocks.front() {
                Some((block, _)) if block.height() < self.flushed => {}
                _ => break,
            }
            if let Some((block, size)) = self.blocks.pop_front() {
                self.bytes -= size;
                for call in block.calls() {
                    // A name that was used again (an invalid call first) points to its first place only.
                    if self
                        .calls
                        .get(&call.id)
                        .is_some_and(|place| place.height == block.height())
                    {
                        self.calls.remove(&call.id);
                    }
                }
            }
        }
    }
}

/// About the memory that a block takes.
fn size_of(block: &Sealed) -> usize {
    let records = block.records.iter();
    let variable: usize = records
        .map(|done| {
            done.record.len()
                + done.body.output.len()
                + 512 * (1 + done.messages.len() + done.body.events.len())
        })
        .sum();
    1_024 + variable
}
