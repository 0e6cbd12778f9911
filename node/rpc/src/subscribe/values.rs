//! How a subscription to values begins: at one height, watched from that height on.
//!
//! Between reading the values and watching their keys a block may come, and the pass over it know nothing of them. So the height is looked
//! at again once they are watched: if it is still the last one, every later pass has them.

use super::feed::Feed;
use crate::problem;
use playfair_host::Readers;
use playfair_host::chain::ReadError;
use playfair_http::Problem;
use playfair_types::state::StateKey;
use std::sync::Arc;

/// How often it begins again because a block came meanwhile.
const TRIES: u32 = 4;

/// Keys that are watched as long as this lives.
pub(crate) struct Watching {
    feed: Arc<Feed>,
    pub(crate) keys: Vec<StateKey>,
}

/// A subscription to values at its first height.
pub(crate) struct Beginning {
    pub(crate) watching: Watching,
    pub(crate) height: u64,
    /// What changed since the cursor that the client has, if that can be known.
    pub(crate) changed: Option<Vec<StateKey>>,
}

impl Beginning {
    fn at_last(
        feed: &Arc<Feed>,
        readers: &Readers,
        keys: &[StateKey],
        before: Option<u64>,
    ) -> Result<Self, Problem> {
        let failed = |error: ReadError| problem::read(&error);
        let height = readers.last();
        let version = readers.at(height).map_err(failed)?;
        let old = before.and_then(|height| readers.at(height).ok());
        let (mut digests, mut changed) = (Vec::new(), Vec::new());
        for key in keys {
            let value = version.view.get(key).map_err(|error| failed(error.into()))?;
            digests.push(feed.watched.digest(value.as_deref()));
            if let Some(old) = &old
                && old.view.get(key).map_err(|error| failed(error.into()))? != value
            {
                changed.push(*key);
            }
        }
        feed.watched.add(keys, &digests, height);
        Ok(Self {
            // From here on they are taken back however this ends.
            watching: Watching {
                feed: Arc::clone(feed),
                keys: keys.to_vec(),
            },
            height,
            changed: old.map(|_| changed),
        })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.feed.watched.remove(&self.keys);
    }
}

/// Begins at the last block. `before` is the cursor that the client has.
pub(crate) async fn begin(
    feed: &Arc<Feed>,
    readers: &Readers,
    asked: &[StateKey],
    before: Option<u64>,
) -> Result<Beginning, Problem> {
    let mut keys = asked.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let (shared, readers) = (Arc::clone(feed), readers.clone());
    let begin = move || {
        let mut tries = 0;
        loop {
            let begun = Beginning::at_last(&shared, &readers, &keys, before)?;
            tries += 1;
            // If blocks come faster than this, the next one's pass finds what this one missed.
            if readers.last() == begun.height || tries == TRIES {
                return Ok(begun);
            }
        }
    };
    feed.reading(begin).await
}
