//! Which commitments SHPLONK opens at which points, in halo2's order.
//!
//! The queries come advice first, then fixed, then `H` and `R` at `x` itself. Commitments are taken by first
//! appearance, each with the set of its rotations; commitments with the same set form a group, and groups too
//! are taken by first appearance. Two columns stay two commitments even when their points are equal: halo2
//! compares addresses, not values.
//!
//! All of it depends on the program alone, so it is computed once.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use super::{Parts, Query};
use alloc::vec;
use alloc::vec::Vec;

/// What is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An advice column.
    Advice(usize),
    /// A fixed column.
    Fixed(usize),
    /// The quotient: its pieces combined.
    Quotient,
    /// The random polynomial `R`.
    Random,
}

/// One commitment of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) source: Source,
    /// Where its values lie, in the order of the group's rotations: advice evaluations, fixed evaluations,
    /// `R(x)`, `H(x)` in one list.
    pub(crate) evaluations: Vec<usize>,
}

/// Commitments opened at the same points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    /// Places in [`Plan::rotations`].
    pub(crate) rotations: Vec<usize>,
    pub(crate) members: Vec<Member>,
}

/// The openings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// All rotations, each once.
    pub(crate) rotations: Vec<i8>,
    pub(crate) groups: Vec<Group>,
}

/// A commitment and its questions: place of the rotation, place of the value.
struct Questions {
    source: Source,
    asked: Vec<(usize, usize)>,
}

impl Plan {
    pub(super) fn new(parts: &Parts) -> Self {
        let mut rotations: Vec<i8> = Vec::new();
        let mut place = |rotation: i8| {
            let found = rotations.iter().position(|known| *known == rotation);
            found.unwrap_or_else(|| {
                rotations.push(rotation);
                rotations.len().saturating_sub(1)
            })
        };
        let mut commitments: Vec<Questions> = Vec::new();
        let advice = |query: &Query| (Source::Advice(usize::from(query.column)), query.rotation);
        let fixed = |query: &Query| (Source::Fixed(usize::from(query.column)), query.rotation);
        let queries = parts.advice_queries.iter().map(advice);
        let queries = queries.chain(parts.fixed_queries.iter().map(fixed));
        // The values lie in the order of the proof, in which `R(x)` comes last; `H(x)` is computed and put
        // behind it.
        let count = parts
            .advice_queries
            .len()
            .saturating_add(parts.fixed_queries.len());
        let numbered = queries.zip(0usize..).chain([
            ((Source::Quotient, 0), count.saturating_add(1)),
            ((Source::Random, 0), count),
        ]);
        for ((source, rotation), value) in numbered {
            let question = (place(rotation), value);
            match commitments.iter_mut().find(|known| known.source == source) {
                Some(known) => known.asked.push(question),
                None => commitments.push(Questions {
                    source,
                    asked: vec![question],
                }),
            }
        }
        let mut groups: Vec<Group> = Vec::new();
        for Questions { source, mut asked } in commitments {
            // Inside a group the order of the points does not matter: sorted, equal sets are equal lists.
            asked.sort_unstable();
            let (rotations, evaluations): (Vec<usize>, Vec<usize>) = asked.into_iter().unzip();
            let member = Member { source, evaluations };
            match groups.iter_mut().find(|group| group.rotations == rotations) {
                Some(group) => group.members.push(member),
                None => groups.push(Group {
                    rotations,
                    members: vec![member],
                }),
            }
        }
        Self { rotations, groups }
    }
}
