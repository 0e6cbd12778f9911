//! Cutting a history into segments: consecutive blocks that one proof is about, as many as fit its rows.
//!
//! One circuit is asked for here, so that all proofs of a folder verify under the one key that lies beside them. A node cuts otherwise
//! (`playfair-segments`): between any two records, and each segment for the smallest shape that holds its first one, under as many keys.

use super::history::{Step, Version, segment};
use anyhow::{Context, Result, bail};
use playfair_proofs_prover::fast::Watch;
use playfair_proofs_prover::module::{Proof, Prover};
use playfair_proofs_prover::segment::Segment;
use playfair_proofs_prover::state::Around;
use playfair_types::account::L1Address;
use playfair_types::crypto::field::Fr;
use std::ops::Range;

/// A segment of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Its blocks, as places in the history.
    pub blocks: Range<usize>,
    /// Rows that it takes.
    pub rows: usize,
}

/// Cuts a history into segments, each as long as the prover's shape allows. Runs every block some times, which takes
/// about a hundredth of the time of proving.
///
/// # Errors
/// When a block has no proof, or does not fit by itself.
pub fn cut(prover: &Prover, steps: &[Step], chain_id: Fr) -> Result<Vec<Cut>> {
    let mut cuts = Vec::new();
    let mut start = 0;
    while start < steps.len() {
        let cut = longest(prover, steps, start, chain_id)?;
        start = cut.blocks.end;
        cuts.push(cut);
    }
    Ok(cuts)
}

/// The longest segment from `start` on.
fn longest(prover: &Prover, steps: &[Step], start: usize, chain_id: Fr) -> Result<Cut> {
    let mut found = None;
    for end in start + 1..=steps.len() {
        let blocks = start..end;
        let (segment, around) = slice(steps, &blocks, chain_id)?;
        let rows = match prover.length(&segment, around) {
            Ok(Some(rows)) => rows,
            Ok(None) => break,
            // A segment has other limits than its rows; that a block alone exceeds one is an error.
            Err(_) if found.is_some() => break,
            Err(error) if error.wants_care() => {
                bail!("block {start}: {error}; prove this history with --careful")
            }
            Err(error) => return Err(error.into()),
        };
        found = Some(Cut { blocks, rows });
    }
    found.with_context(|| {
        format!(
            "block {start} alone does not fit {} rows; take a larger k",
            1u64 << prover.shape.k
        )
    })
}

/// Blocks as a segment, with the state around them.
fn slice<'s>(
    steps: &'s [Step],
    blocks: &Range<usize>,
    chain_id: Fr,
) -> Result<(Segment, Around<&'s Version, &'s Version>)> {
    let steps = steps.get(blocks.clone()).unwrap_or_default();
    let (Some(segment), Some((first, last))) = (
        segment(steps, chain_id, L1Address::default()),
        steps.first().zip(steps.last()),
    ) else {
        bail!("an empty segment");
    };
    Ok((segment, Around::new(&first.old, &last.new)))
}

impl Cut {
    /// Proves it. `steps` is the history that it was cut from.
    ///
    /// # Errors
    /// When there is no proof, or the watch says stop.
    pub fn prove(&self, prover: &Prover, steps: &[Step], chain_id: Fr, watch: &Watch<'_>) -> Result<Proof> {
        let (segment, around) = slice(steps, &self.blocks, chain_id)?;
        Ok(prover.prove(&segment, around, watch)?)
    }
}
