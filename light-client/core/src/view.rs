//! What a client holds to be true of its chain.

use crate::anchors::Anchors;
use crate::certified::Certified;
use crate::lie::{Caught, Lie};
use crate::marks::{Mark, Marks};
use playfair_types::Fr;
use playfair_types::header::Header;
use playfair_types::segment::Boundary;
use std::collections::BTreeMap;

/// Blocks whose digests are remembered, to find a second one of the same height.
const MET_MAX: usize = 1024;

/// Everything verified about one chain. What a node says changes it only after all of it was checked.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) chain_id: Fr,
    /// The highest certified block.
    pub(crate) head: Option<Certified>,
    /// The highest one up to which blocks were seen to stand on each other.
    pub(crate) linked: Option<Header>,
    /// Certified blocks, by height.
    pub(crate) met: BTreeMap<u64, Certified>,
    /// Where the proven history ends; it is the certified history up to there.
    pub(crate) tip: Boundary,
    pub(crate) proofs: u64,
    pub(crate) marks: Marks,
    /// The boundary after the newest block that is known to end exactly where a proof ends.
    pub(crate) proven_block: Option<Boundary>,
    pub(crate) frozen: Option<Box<Caught>>,
}

impl View {
    /// Nothing but the anchors.
    #[must_use]
    pub fn new(anchors: &Anchors) -> Self {
        let tip = Boundary::before_genesis(anchors.chain_id, anchors.module);
        let mut marks = Marks::default();
        marks.push(&tip);
        Self {
            chain_id: anchors.chain_id,
            head: None,
            linked: None,
            met: BTreeMap::new(),
            tip,
            proofs: 0,
            marks,
            proven_block: None,
            frozen: None,
        }
    }

    /// The last certified block.
    #[must_use]
    pub fn head(&self) -> Option<&Certified> {
        self.head.as_ref()
    }

    /// Where the proven history ends.
    #[must_use]
    pub fn tip(&self) -> &Boundary {
        &self.tip
    }

    /// How many proofs were verified to get there.
    #[must_use]
    pub fn proofs(&self) -> u64 {
        self.proofs
    }

    /// The boundary after the newest block that is proven as a whole: values against its state root are proven values.
    #[must_use]
    pub fn proven_block(&self) -> Option<&Boundary> {
        self.proven_block.as_ref()
    }

    /// Why nothing is accepted any more.
    #[must_use]
    pub fn frozen(&self) -> Option<&Caught> {
        self.frozen.as_deref()
    }

    /// How old the last certified block is at a time, ms; below 0 for one that is dated later.
    #[must_use]
    pub fn age_ms(&self, now_ms: u64) -> Option<i64> {
        let time_ms = self.head.as_ref()?.header.after.time_ms.get();
        let age = i128::from(now_ms) - i128::from(time_ms);
        Some(i64::try_from(age).unwrap_or(i64::MAX))
    }

    /// The block of this height, if it is known to be certified with this digest.
    pub(crate) fn known(&self, height: u64, digest: &[u8; 32]) -> Option<&Certified> {
        self.met.get(&height).filter(|met| met.digest == *digest)
    }

    /// Holds a certified block against everything known.
    ///
    /// # Errors
    /// [`Lie::Equivocation`], [`Lie::Fork`], [`Lie::WrongExecution`]: all of them the committee's.
    pub(crate) fn is_consistent(&self, header: &Header, digest: &[u8; 32]) -> Result<(), Lie> {
        let height = header.after.height;
        if self.met.get(&height).is_some_and(|met| met.digest != *digest) {
            return Err(Lie::Equivocation(height));
        }
        let below = height.checked_sub(1).and_then(|below| self.met.get(&below));
        let above = height.checked_add(1).and_then(|above| self.met.get(&above));
        if below.is_some_and(|below| below.digest != header.parent)
            || above.is_some_and(|above| above.header.parent != *digest)
        {
            return Err(Lie::Fork(height));
        }
        match self.marks.at(&header.after) {
            Some(mark) => agrees(mark, header),
            None => Ok(()),
        }
    }

    /// Holds boundaries at which verified proofs end against the certified blocks that are known.
    ///
    /// # Errors
    /// [`Lie::WrongExecution`], [`Lie::Fork`].
    pub(crate) fn are_consistent(&self, ends: &[Boundary]) -> Result<(), Lie> {
        for block in self.met.values() {
            let frames = block.header.after.tape.length;
            if let Ok(place) = ends.binary_search_by_key(&frames, |end| end.tape.length)
                && let Some(end) = ends.get(place)
            {
                agrees(&Mark::of(end), &block.header)?;
            }
        }
        Ok(())
    }

    /// Remembers a certified block that is consistent, and takes it as the head if it is above the one before.
    pub(crate) fn meet(&mut self, block: Certified) {
        let height = block.height();
        if self.marks.knows(&block.header.after) == Some(true) {
            self.reach(&block.header.after);
        }
        if self.head.as_ref().is_none_or(|head| head.height() < height) {
            self.head = Some(block.clone());
        }
        self.met.entry(height).or_insert(block);
        while self.met.len() > MET_MAX {
            self.met.pop_first();
        }
    }

    /// Takes the boundary after a block that is where a verified proof ends, if it is newer than the one before.
    pub(crate) fn reach(&mut self, after: &Boundary) {
        if self.proven_block.is_none_or(|block| block.height < after.height) {
            self.proven_block = Some(*after);
        }
    }

    /// Whether it holds at least what another view of the chain holds, and more; a committee that was caught is more than anything.
    pub(crate) fn is_further_than(&self, other: &Self) -> bool {
        if self.frozen.is_some() || other.frozen.is_some() {
            return other.frozen.is_none();
        }
        let place = |view: &Self| (view.head.as_ref().map(Certified::height), view.tip.tape.length);
        let ((head, tip), (other_head, other_tip)) = (place(self), place(other));
        head >= other_head && tip >= other_tip && (head, tip) != (other_head, other_tip)
    }

    /// Forgets where proofs ended, because others that lead as far take their place.
    pub(crate) fn forget_proofs(&mut self, anchors: &Anchors) {
        let new = Self::new(anchors);
        (self.tip, self.proofs, self.marks) = (new.tip, new.proofs, new.marks);
    }

    /// Takes boundaries at which verified proofs end, in order; the last one was held against the certified history. `proofs` is how many
    /// there were, also of those whose ends are not remembered.
    pub(crate) fn prove(&mut self, ends: &[Boundary], proofs: u64) {
        for end in ends {
            self.marks.push(end);
            self.tip = *end;
        }
        self.proofs = self.proofs.saturating_add(proofs);
        let met = self.met.values().rev().map(|block| block.header.after);
        let reached = met
            .into_iter()
            .find(|after| self.marks.knows(after) == Some(true));
        if let Some(after) = reached {
            self.reach(&after);
        }
    }
}

/// Whether a certified block is what the proven history has in its place.
fn agrees(mark: &Mark, header: &Header) -> Result<(), Lie> {
    let of_block = Mark::of(&header.after);
    match (*mark == of_block, mark.tape == of_block.tape) {
        (true, _) => Ok(()),
        (false, true) => Err(Lie::WrongExecution(header.after.height)),
        // Everything up to a mark is certified.
        (false, false) => Err(Lie::Fork(header.after.height)),
    }
}
