//! What a client holds to be true of its chain.

use crate::anchors::Anchors;
use crate::certified::Certified;
use crate::lie::{Caught, Lie};
use crate::marks::Marks;
use playfair_types::Fr;
use playfair_types::certificate::Certificate;
use playfair_types::header::Header;
use playfair_types::segment::Boundary;
use std::collections::BTreeMap;

/// Blocks whose digests are remembered, to find a second one of the same height.
const MET_MAX: usize = 1024;

/// A block that was certified, or that a certified one stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Met {
    pub(crate) digest: [u8; 32],
    pub(crate) parent: [u8; 32],
    /// None for one that is known as an ancestor.
    pub(crate) certificate: Option<Certificate>,
}

/// Everything verified about one chain. What a node says changes it only after all of it was checked.
#[derive(Clone, Debug)]
pub struct View {
    pub(crate) chain_id: Fr,
    pub(crate) head: Option<Certified>,
    pub(crate) met: BTreeMap<u64, Met>,
    /// Where the proven history ends; it is the certified history up to there.
    pub(crate) tip: Boundary,
    pub(crate) proofs: u64,
    pub(crate) marks: Marks,
    /// The newest header that is exactly where a proof ends.
    pub(crate) proven_block: Option<Header>,
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

    /// The newest block whose whole boundary is proven: values against its state root are proven values.
    #[must_use]
    pub fn proven_block(&self) -> Option<&Header> {
        self.proven_block.as_ref()
    }

    /// Why nothing is accepted any more.
    #[must_use]
    pub fn frozen(&self) -> Option<&Caught> {
        self.frozen.as_deref()
    }

    /// How old the last certified block is at a time, ms; 0 if it is later.
    #[must_use]
    pub fn age_ms(&self, now_ms: u64) -> Option<u64> {
        let head = self.head.as_ref()?;
        Some(now_ms.saturating_sub(head.header.after.time_ms.get()))
    }

    /// Whether this block is known to be certified, or an ancestor of one that is.
    pub(crate) fn has_met(&self, header: &Header, digest: &[u8; 32]) -> bool {
        let met = self.met.get(&header.after.height);
        met.is_some_and(|met| met.digest == *digest)
    }

    /// Holds a certified block against everything known.
    ///
    /// # Errors
    /// [`Lie::Equivocation`], [`Lie::Fork`], [`Lie::WrongExecution`]: all of them the committee's.
    pub(crate) fn is_consistent(&self, header: &Header, digest: &[u8; 32]) -> Result<(), Lie> {
        let height = header.after.height;
        if let Some(met) = self.met.get(&height)
            && met.digest != *digest
        {
            return Err(match met.certificate {
                Some(_) => Lie::Equivocation(height),
                None => Lie::Fork(height),
            });
        }
        let below = height.checked_sub(1).and_then(|below| self.met.get(&below));
        let above = height.checked_add(1).and_then(|above| self.met.get(&above));
        if below.is_some_and(|below| below.digest != header.parent)
            || above.is_some_and(|above| above.parent != *digest)
        {
            return Err(Lie::Fork(height));
        }
        match self.marks.knows(&header.after) {
            Some(false) if self.tip.tape == header.after.tape => Err(Lie::WrongExecution(height)),
            // Everything up to the tip is the certified history.
            Some(false) => Err(Lie::Fork(height)),
            _ => Ok(()),
        }
    }

    /// Remembers a block that is consistent.
    pub(crate) fn meet(&mut self, header: &Header, digest: [u8; 32], certificate: Option<Certificate>) {
        let new = Met {
            digest,
            parent: header.parent,
            certificate,
        };
        let met = self.met.entry(header.after.height).or_insert(new);
        met.certificate = met.certificate.or(certificate);
        while self.met.len() > MET_MAX {
            self.met.pop_first();
        }
        if self.marks.knows(&header.after) == Some(true) {
            self.reach(header);
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

    /// Takes a header whose boundary is where a verified proof ends, if it is newer than the one before.
    pub(crate) fn reach(&mut self, header: &Header) {
        let newer = |block: Header| block.after.height < header.after.height;
        if self.proven_block.is_none_or(newer) {
            self.proven_block = Some(*header);
        }
    }

    /// Takes a certified block as the head, if it is above the one before.
    pub(crate) fn lift(&mut self, certified: Certified) {
        if self
            .head
            .as_ref()
            .is_none_or(|head| head.height() < certified.height())
        {
            self.head = Some(certified);
        }
    }

    /// Takes boundaries at which verified proofs end, in order. The last one was held against a certified block.
    pub(crate) fn prove(&mut self, ends: &[Boundary]) {
        for end in ends {
            self.marks.push(end);
            self.tip = *end;
            self.proofs = self.proofs.saturating_add(1);
        }
    }
}
