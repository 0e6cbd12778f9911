//! What all sockets of a chain share: one task follows the chain, reads each new block once, and wakes them.
//!
//! The last blocks stay here with their texts; older ones are read from the history by who needs them. A feed
//! lives as long as a socket has it.

use super::texts::{Texts, json, load};
use super::watched::Watched;
use crate::paths::PathsKept;
use crate::{problem, reads};
use http::StatusCode;
use playfair_host::{Chain, Readers};
use playfair_http::Problem;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::state::StateKey;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Blocks that stay with their texts.
const RECENT_BLOCKS: usize = 256;
/// And their bytes, about, when all is rendered.
const RECENT_BYTES: usize = 32 << 20;
/// Old blocks that are too large for a socket to keep while it tells them part by part.
const LARGE_BLOCKS: usize = 4;
/// Old blocks that are read together, by their bytes; a larger block is read alone.
pub(crate) const BATCH_BYTES: usize = 64 << 10;
const BATCH_BLOCKS: u64 = 64;
/// Reads for subscribers at the same time, over all chains.
const READS_MAX: usize = 4;
/// After a pass over what is watched, so many times as long without one: however much is watched, it takes a fifth of a core.
const REST: u32 = 4;

/// The feeds of all chains that somebody follows.
pub(crate) struct Feeds {
    feeds: Mutex<HashMap<[u8; 32], Weak<Feed>>>,
    reads: Arc<Semaphore>,
    paths: Arc<PathsKept>,
}

impl Feeds {
    pub(crate) fn new(paths: Arc<PathsKept>) -> Self {
        Self {
            feeds: Mutex::default(),
            reads: Arc::new(Semaphore::new(READS_MAX)),
            paths,
        }
    }

    /// The feed of a chain.
    pub(crate) fn of(&self, chain: &Arc<Chain>) -> Arc<Feed> {
        let mut feeds = self.feeds.lock().unwrap_or_else(PoisonError::into_inner);
        let id = fr_to_bytes(&chain.id);
        if let Some(feed) = feeds.get(&id).and_then(Weak::upgrade) {
            return feed;
        }
        let feed = Arc::new(Feed {
            follower: OnceLock::new(),
            chain: Arc::clone(chain),
            recent: RwLock::default(),
            large: Mutex::default(),
            rested: Mutex::new(Instant::now()),
            told: watch::Sender::new(Told::default()),
            watched: Watched::default(),
            reads: Arc::clone(&self.reads),
            paths: Arc::clone(&self.paths),
        });
        let weak = Arc::downgrade(&feed);
        let task = tokio::spawn(follow(weak.clone(), Arc::clone(chain)));
        // It is empty: this is the only place that fills it.
        let _ = feed.follower.set(task.abort_handle());
        feeds.insert(id, weak);
        feed
    }
}

/// What sockets may tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Blocks up to this height; none before the chain was open.
    pub(crate) blocks: Option<u64>,
    /// Watched values of this height.
    pub(crate) values: u64,
    /// The last height at which one of them was seen to change.
    pub(crate) changed: u64,
    /// Frames of the tape that are proven.
    pub(crate) proven: u64,
}

/// One chain, for its subscribers.
pub(crate) struct Feed {
    pub(crate) chain: Arc<Chain>,
    recent: RwLock<Recent>,
    large: Mutex<VecDeque<Arc<Texts>>>,
    /// When the next pass may begin.
    rested: Mutex<Instant>,
    told: watch::Sender<Told>,
    pub(crate) watched: Watched,
    reads: Arc<Semaphore>,
    /// The ways of records to their headers, shared with all who ask for one call.
    pub(crate) paths: Arc<PathsKept>,
    follower: OnceLock<AbortHandle>,
}

/// Ascending and without gaps.
#[derive(Default)]
struct Recent {
    blocks: VecDeque<(Arc<Texts>, usize)>,
    bytes: usize,
}

impl Drop for Feed {
    fn drop(&mut self) {
        if let Some(task) = self.follower.get() {
            task.abort();
        }
    }
}

/// Follows the chain for the feed.
async fn follow(feed: Weak<Feed>, chain: Arc<Chain>) {
    let (mut head, mut proven) = (chain.watch_head(), chain.watch_proven());
    loop {
        // Before it is read: what comes meanwhile is a change after it.
        head.mark_unchanged();
        proven.mark_unchanged();
        let mut owed = None;
        if let Some(readers) = chain.readers() {
            let Some(feed) = feed.upgrade() else { return };
            let read = tokio::task::spawn_blocking(move || feed.catch_up(&readers)).await;
            match read {
                Ok(Ok(pass)) => owed = pass,
                Ok(Err(problem)) => {
                    tracing::warn!(chain = %chain.record().name, %problem, "subscribers wait for the next block")
                }
                Err(error) => tracing::error!(%error, "following a chain ended early"),
            }
        }
        let changed = tokio::select! {
            changed = head.changed() => changed,
            changed = proven.changed() => changed,
            () = tokio::time::sleep_until(owed.unwrap_or_else(Instant::now)), if owed.is_some() => Ok(()),
        };
        if changed.is_err() {
            return;
        }
    }
}

impl Feed {
    /// Reads what is new, and wakes the sockets. If values could not be looked at yet, it says when they can.
    fn catch_up(&self, readers: &Readers) -> Result<Option<Instant>, Problem> {
        let last = readers.last();
        let known = self.told.borrow().blocks;
        let oldest = last.saturating_sub(RECENT_BLOCKS as u64 - 1);
        let from = known.map_or(last, |known| known + 1).max(oldest);
        for height in from..=last {
            let texts = Arc::new(load(readers, height)?);
            let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
            recent.push(texts);
        }
        self.told.send_if_modified(|told| {
            let proven = readers.proofs.tip().frames();
            let more = told.blocks < Some(last) || told.proven != proven;
            told.blocks = told.blocks.max(Some(last));
            // Lost proofs are made again, so it may go back.
            told.proven = proven;
            more
        });
        if self.watched.len() == 0 || self.told.borrow().values >= last {
            return Ok(None);
        }
        let mut rested = self.rested.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = Instant::now();
        if *rested > begin {
            return Ok(Some(*rested));
        }
        let version = readers.at(last).map_err(|error| problem::read(&error))?;
        let changed = self.watched.pass(&version.view, last);
        let changed = changed.map_err(|error| problem::read(&error.into()))?;
        *rested = Instant::now() + REST * begin.elapsed();
        self.told.send_if_modified(|told| {
            let more = told.changed < changed;
            told.values = told.values.max(last);
            told.changed = told.changed.max(changed);
            more
        });
        Ok(None)
    }

    /// An old block that is told part by part, to several perhaps.
    pub(crate) fn large(&self, height: u64) -> Option<Arc<Texts>> {
        let large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        large.iter().find(|texts| texts.height() == height).cloned()
    }

    /// Keeps such a block for its next part.
    pub(crate) fn keep_large(&self, texts: &Arc<Texts>) {
        let mut large = self.large.lock().unwrap_or_else(PoisonError::into_inner);
        if large.len() == LARGE_BLOCKS {
            large.pop_front();
        }
        large.push_back(Arc::clone(texts));
    }

    /// What may be told.
    pub(crate) fn told(&self) -> Told {
        *self.told.borrow()
    }

    /// Wakes when there is more of it.
    pub(crate) fn watch(&self) -> watch::Receiver<Told> {
        self.told.subscribe()
    }

    /// A block that is still here.
    pub(crate) fn recent(&self, height: u64) -> Option<Arc<Texts>> {
        let recent = self.recent.read().unwrap_or_else(PoisonError::into_inner);
        let (first, _) = recent.blocks.front()?;
        let at = height.checked_sub(first.height())?;
        let (texts, _) = recent.blocks.get(usize::try_from(at).ok()?)?;
        Some(Arc::clone(texts))
    }

    /// Runs what reads files or hashes for a while, a few at a time.
    pub(crate) async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        // It is never closed.
        let _permit = self.reads.acquire().await;
        crate::chains::blocking(work).await
    }

    /// Reads a block, and those after it that are small.
    pub(crate) async fn old(
        &self,
        readers: &Readers,
        height: u64,
        last: u64,
    ) -> Result<Vec<Arc<Texts>>, Problem> {
        let readers = readers.clone();
        let until = last.min(height.saturating_add(BATCH_BLOCKS));
        let read = move || {
            let (mut found, mut bytes) = (Vec::new(), 0);
            for height in height..=until {
                let texts = match load(&readers, height) {
                    Ok(texts) => texts,
                    Err(_) if height < readers.history.first() => return Err(not_retained(&readers, height)),
                    Err(problem) => return Err(problem),
                };
                bytes += texts.weight();
                if bytes > BATCH_BYTES && !found.is_empty() {
                    break;
                }
                found.push(Arc::new(texts));
            }
            Ok(found)
        };
        self.reading(read).await
    }

    /// Values with their proof after the block of a height, as text.
    pub(crate) async fn proven(
        &self,
        readers: &Readers,
        height: u64,
        places: &[StateKey],
    ) -> Result<Arc<str>, Problem> {
        let make = || async {
            let (readers, places) = (readers.clone(), places.to_vec());
            self.reading(move || {
                let version = readers.at(height).map_err(|error| problem::read(&error))?;
                Ok(Arc::from(json(&reads::proven(&readers, &version, &places)?)))
            })
            .await
        };
        let Some(shared) = self.watched.shared(height, places) else {
            return make().await;
        };
        let first = || async {
            let text: Arc<str> = make().await?;
            self.watched.count(height, text.len() + 31 * places.len());
            Ok(text)
        };
        shared.get_or_try_init(first).await.cloned()
    }
}

impl Recent {
    fn push(&mut self, texts: Arc<Texts>) {
        let follows = self
            .blocks
            .back()
            .is_none_or(|(last, _)| last.height() + 1 == texts.height());
        if !follows {
            *self = Self::default();
        }
        let weight = texts.weight();
        self.blocks.push_back((texts, weight));
        self.bytes += weight;
        // The newest stays, however large it is.
        while self.blocks.len() > RECENT_BLOCKS || self.bytes > RECENT_BYTES && self.blocks.len() > 1 {
            if let Some((_, weight)) = self.blocks.pop_front() {
                self.bytes -= weight;
            }
        }
    }
}

/// Whether a subscription can begin there: at a block that is kept, or the one after the last.
pub(crate) fn check_from(readers: &Readers, from: u64) -> Result<(), Problem> {
    let last = readers.last();
    if from > last.saturating_add(1) {
        let message = format!("there is no block {from} yet: the last one is {last}");
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_block", message));
    }
    if from < readers.history.first() {
        return Err(not_retained(readers, from));
    }
    Ok(())
}

pub(crate) fn not_retained(readers: &Readers, height: u64) -> Problem {
    let message = format!(
        "block {height} is not kept any more: the first one is {}",
        readers.history.first()
    );
    Problem::new(StatusCode::GONE, "not_retained", message)
}
