//! Who is told which lie, and whether the client took it well.

use crate::lies::{To, Told};
use crate::now;
use crate::scenario::{Verified, tell};
use crate::table::Recorded;

/// Each lie by its place, to a newcomer and to a follower, where they can know better.
#[must_use]
pub fn cases(lies: &[Told]) -> Vec<(usize, bool)> {
    let mut cases = Vec::new();
    for (place, lie) in lies.iter().enumerate() {
        if lie.to != To::Followers {
            cases.push((place, false));
        }
        if lie.to != To::Newcomers {
            cases.push((place, true));
        }
    }
    cases
}

/// Tells a lie, and says what is wrong with how the client took it. `honest` is what it verifies otherwise.
#[must_use]
pub fn wrong(recorded: &Recorded, honest: &Verified, lie: &Told, follows: bool) -> Option<String> {
    let taken = now(tell(recorded, honest, lie, follows));
    let is_well = taken.caught == lie.caught && taken.holds_truth && taken.goes_on;
    (!is_well).then(|| {
        format!(
            "{} (follows: {follows}), should be {}: {taken:?}",
            lie.name, lie.caught
        )
    })
}
