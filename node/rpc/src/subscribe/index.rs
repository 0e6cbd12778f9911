//! Going through a long history for one account: the history's index of calls says which block is the next that has something, so
//! that the others are not read.

use super::feed::not_retained;
use super::texts::load;
use crate::problem;
use playfair_host::Readers;
use playfair_http::Problem;
use playfair_storage::history::Place;
use playfair_types::account::AccountId;

/// The first block of `height..=last` in which an account has a call; the height after `last` if it has none there.
pub(crate) fn next_call(
    readers: &Readers,
    account: AccountId,
    height: u64,
    last: u64,
) -> Result<u64, Problem> {
    let newest = |below: u64| {
        let below = Place {
            height: below,
            index: 0,
        };
        let calls = readers.history.calls_of(account, below, 1);
        let calls = calls.map_err(|error| problem::history(&error))?;
        Ok(calls.first().map(|place| place.height))
    };
    let found = first(height, last.saturating_add(1), newest)?;
    // Blocks leave the history from its beginning on, and the index with them. While this one is there, nothing was missing above it.
    match load(readers, height) {
        Ok(_) => Ok(found),
        Err(_) if height < readers.history.first() => Err(not_retained(readers, height)),
        Err(problem) => Err(problem),
    }
}

/// The least height of `from..until` that has a call; `until` if none has. `newest` gives the greatest one below a height, since an
/// account's calls are listed from the newest on.
fn first<E>(from: u64, until: u64, newest: impl Fn(u64) -> Result<Option<u64>, E>) -> Result<u64, E> {
    // Below `low` there is none; `high` has one, or is the end.
    let (mut low, mut high, mut below) = (from, until, until);
    while low < high {
        match newest(below)?.filter(|height| *height >= low) {
            Some(height) => high = height,
            None => low = below,
        }
        below = low + (high - low).div_ceil(2);
    }
    Ok(high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::convert::Infallible;

    /// The answer, and how often the index was asked.
    fn ask(calls: &BTreeSet<u64>, from: u64, until: u64) -> (u64, u32) {
        let asked = Cell::new(0);
        let newest = |below: u64| {
            asked.set(asked.get() + 1);
            Ok::<_, Infallible>(calls.range(..below).next_back().copied())
        };
        let Ok(found) = first(from, until, newest);
        (found, asked.get())
    }

    #[test]
    fn it_finds_what_going_through_all_finds() {
        // Every set of calls in seven blocks, and every part of them.
        for set in 0u32..1 << 7 {
            let calls: BTreeSet<u64> = (0..7).filter(|height| set >> height & 1 == 1).collect();
            for from in 0..=7 {
                for until in from..=7 {
                    let found = calls.range(from..until).next().copied();
                    assert_eq!(
                        ask(&calls, from, until).0,
                        found.unwrap_or(until),
                        "{calls:?} {from} {until}"
                    );
                }
            }
        }
    }

    #[test]
    fn it_asks_seldom() {
        let last = 1 << 40;
        assert_eq!(ask(&BTreeSet::new(), 17, last), (last, 1));
        for calls in [BTreeSet::from([18, last - 1]), (1_000..2_000).collect()] {
            let (found, asked) = ask(&calls, 17, last);
            assert!(
                calls.first() == Some(&found) && asked < 50,
                "{found} after {asked}"
            );
        }
    }
}
