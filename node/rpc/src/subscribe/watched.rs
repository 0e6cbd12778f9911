//! Which of the watched keys changed, found once a block for all who watch them.
//!
//! For each key that somebody watches, a pass over a version of the state compares a keyed 64-bit digest of its value with the
//! one before: equal values of a key that changed in between are no change, and nobody can make two values with one digest
//! without knowing this process's random key. A pass that takes longer than a block skips versions, never keys. It
//! reads what is watched, not what changed: when the sequencer tells what a block changed, [`Watched::pass`] is the place to look at
//! those keys alone.
//!
//! A key's `changed` is the height of the pass that saw it change. So a subscription at cursor `c` wants the keys with
//! `changed > c`. One that begins while a pass runs may be told a value again that it has; it never misses one.

use playfair_state::{StateError, View};
use playfair_types::state::StateKey;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

/// Answers that are shared.
const SHARED_MAX: usize = 1_024;
/// Their bytes, about.
const SHARED_BYTES_MAX: usize = 16 << 20;

/// What is watched of one chain.
#[derive(Default)]
pub(crate) struct Watched {
    keys: Mutex<Keys>,
    digests: RandomState,
    shared: Mutex<Shared>,
}

#[derive(Default)]
struct Keys {
    entries: HashMap<StateKey, Entry>,
    /// The greatest height at which any was seen to change.
    changed: u64,
}

struct Entry {
    users: u32,
    digest: u64,
    /// The height that the digest is of.
    at: u64,
    changed: u64,
}

/// Proven values as text, for who asks the same about the same height.
#[derive(Default)]
struct Shared {
    height: u64,
    bytes: usize,
    texts: HashMap<Vec<StateKey>, Arc<Answer>>,
}

/// One text, made by the first who needs it; if that fails, by the next.
pub(crate) type Answer = OnceCell<Arc<str>>;

impl Watched {
    /// A value as it is compared.
    pub(crate) fn digest(&self, value: Option<&[u8]>) -> u64 {
        self.digests.hash_one(value)
    }

    /// Watches keys whose values have these digests at a height.
    pub(crate) fn add(&self, keys: &[StateKey], digests: &[u64], height: u64) {
        let mut watched = self.keys();
        for (key, digest) in keys.iter().zip(digests) {
            let entry = watched.entries.entry(*key).or_insert(Entry {
                users: 0,
                digest: *digest,
                at: height,
                changed: height,
            });
            entry.users += 1;
            // Whoever watches it already hears of this after the pass over this height, which finds it known.
            if entry.see(*digest, height) {
                watched.changed = watched.changed.max(height);
            }
        }
    }

    /// And does not any more.
    pub(crate) fn remove(&self, keys: &[StateKey]) {
        let mut watched = self.keys();
        for key in keys {
            if let Some(entry) = watched.entries.get_mut(key) {
                entry.users -= 1;
                if entry.users == 0 {
                    watched.entries.remove(key);
                }
            }
        }
        // Who watched many gives the memory back.
        if watched.entries.capacity() > 4 * watched.entries.len() + 1_024 {
            watched.entries.shrink_to_fit();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.keys().entries.len()
    }

    /// Looks at the state after the block of a height. The greatest height, so far, at which any key was seen to change.
    pub(crate) fn pass(&self, view: &View, height: u64) -> Result<u64, StateError> {
        let due: Vec<StateKey> = {
            let watched = self.keys();
            let due = watched.entries.iter().filter(|(_, entry)| entry.at < height);
            due.map(|(key, _)| *key).collect()
        };
        let mut found = Vec::with_capacity(due.len());
        for key in due {
            found.push((key, self.digest(view.get(&key)?.as_deref())));
        }
        let mut watched = self.keys();
        let watched = &mut *watched;
        for (key, digest) in found {
            if let Some(entry) = watched.entries.get_mut(&key)
                && entry.see(digest, height)
            {
                watched.changed = watched.changed.max(height);
            }
        }
        Ok(watched.changed)
    }

    /// Those of the keys that changed after a height, up to another.
    pub(crate) fn changed(&self, keys: &[StateKey], after: u64, until: u64) -> Vec<StateKey> {
        let watched = self.keys();
        let changed = |key: &&StateKey| {
            let entry = watched.entries.get(*key);
            entry.is_some_and(|entry| entry.changed > after && entry.changed <= until)
        };
        keys.iter().filter(changed).copied().collect()
    }

    /// The text that all share who ask for these places at this height; none if it is not shared.
    pub(crate) fn shared(&self, height: u64, places: &[StateKey]) -> Option<Arc<Answer>> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if height > shared.height {
            *shared = Shared {
                height,
                ..Shared::default()
            };
        }
        if height < shared.height {
            return None;
        }
        if let Some(answer) = shared.texts.get(places) {
            return Some(Arc::clone(answer));
        }
        if shared.texts.len() >= SHARED_MAX || shared.bytes >= SHARED_BYTES_MAX {
            return None;
        }
        let answer = Arc::<Answer>::default();
        shared.texts.insert(places.to_vec(), Arc::clone(&answer));
        Some(answer)
    }

    /// Counts what a shared text takes.
    pub(crate) fn count(&self, height: u64, bytes: usize) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.height == height {
            shared.bytes += bytes;
        }
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// Takes note of a value. Whether it is another one.
    fn see(&mut self, digest: u64, height: u64) -> bool {
        if height <= self.at {
            return false;
        }
        self.at = height;
        let other = self.digest != digest;
        if other {
            self.digest = digest;
            self.changed = height;
        }
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_state::{Changes, MemoryStore, State};

    #[test]
    fn what_changed_is_found_and_nothing_else() {
        let state = State::open(MemoryStore::new()).unwrap();
        let key = |n: u8| StateKey([n; 31]);
        let commit = |changes: &[(u8, Option<&[u8]>)]| {
            let changes = changes
                .iter()
                .map(|(n, value)| (key(*n), value.map(<[u8]>::to_vec)));
            state.commit(&changes.collect::<Changes>(), b"").unwrap();
            state.newest()
        };
        let watched = Watched::default();
        let keys = [key(1), key(2), key(3)];
        let digests = |view: &View| keys.map(|key| watched.digest(view.get(&key).unwrap().as_deref()));
        let first = commit(&[(1, Some(b"a")), (2, Some(b""))]);
        watched.add(&keys, &digests(&first), 1);
        assert!(watched.changed(&keys, 1, 9).is_empty());
        // An empty value is not none; an equal one is no change; a key that nobody watches does not count.
        let second = commit(&[(2, None), (1, Some(b"a")), (9, Some(b"x"))]);
        assert_eq!(watched.pass(&second, 2).unwrap(), 2);
        assert_eq!(watched.changed(&keys, 1, 2), [key(2)]);
        assert!(watched.changed(&keys, 2, 9).is_empty());
        // An older version says nothing new.
        assert_eq!(watched.pass(&first, 1).unwrap(), 2);
        // Who comes later, at an older version, hears what changed since.
        watched.add(&keys[..1], &digests(&first)[..1], 1);
        let third = commit(&[(1, Some(b"b"))]);
        assert_eq!(watched.pass(&third, 3).unwrap(), 3);
        assert_eq!(watched.changed(&keys, 2, 3), [key(1)]);
        // One leaves, the other stays.
        watched.remove(&keys[..1]);
        assert_eq!(watched.changed(&keys, 2, 3), [key(1)]);
        // Who comes before the pass has seen a height finds the change; those who were there hear of it after the pass.
        let fourth = commit(&[(3, Some(b"c"))]);
        watched.add(&keys, &digests(&fourth), 4);
        assert!(watched.changed(&keys, 3, 3).is_empty());
        assert_eq!(watched.pass(&fourth, 4).unwrap(), 4);
        assert_eq!(watched.changed(&keys, 3, 4), [key(3)]);
        watched.remove(&keys);
        watched.remove(&keys);
        assert_eq!(watched.len(), 0);
    }
}
