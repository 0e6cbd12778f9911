//! The head: the last certified block, and the links between it and the one before.

use super::{Client, LINKS_MAX};
use crate::anchors::Anchors;
use crate::answer;
use crate::certified::{Certified, Shown};
use crate::check::Kind;
use crate::lie::{Lie, Trouble};
use crate::platform::Platform;
use playfair_types::certificate::Certificate;
use playfair_types::header::Header;
use serde_json::Value;

/// More than a chain's description takes.
pub(super) const CHAIN_BYTES_MAX: usize = 1 << 17;
/// More than 256 blocks' headers and certificates take.
pub(super) const BLOCKS_BYTES_MAX: usize = 1 << 19;
/// Blocks in one answer.
const BLOCKS_MAX: u64 = 256;

impl<P: Platform> Client<P> {
    /// Asks for the chain's head. Gives its height, or none while no block is certified.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn head(&mut self) -> Result<Option<u64>, Trouble> {
        let mut asked = self.ask(self.chain_path(""), None, CHAIN_BYTES_MAX).await?;
        let mut lifted = self.lift(&asked.answer);
        if let Err(Lie::RolledBack { .. }) = lifted {
            // What is sealed is told a moment before the head moves.
            asked = self.ask(self.chain_path(""), None, CHAIN_BYTES_MAX).await?;
            lifted = self.lift(&asked.answer);
        }
        lifted.map_err(|lie| self.caught(&asked, lie))?;
        let head = self.view.head.as_ref().map(|head| head.header);
        let Some(head) = head else { return Ok(None) };
        if let Some(linked) = self.view.linked {
            self.follow(&linked, &head).await?;
        }
        self.view.linked = Some(head);
        Ok(Some(head.after.height))
    }

    /// The head that an answer shows.
    fn lift(&mut self, answer: &[u8]) -> Result<(), Lie> {
        let value = answer::json(answer)?;
        let shown = answer::member(&value, "head")?;
        if *shown == Value::Null {
            // The chain is not open; what was verified stays.
            return Ok(());
        }
        let shown = Shown::read(shown)?;
        shown.is_of(&self.anchors, None)?;
        let found = shown.height();
        match self.view.head.as_ref().map(|head| head.height()) {
            Some(had) if found < had => return Err(Lie::RolledBack { had, found }),
            // Genesis has no certificate, and nothing stands on it yet.
            None if found == 0 => return Ok(()),
            _ => {}
        }
        self.certify(shown, None).map(drop)
    }

    /// Whether the blocks from one head to the next are certified and name each other as parents.
    async fn follow(&mut self, linked: &Header, head: &Header) -> Result<(), Trouble> {
        let (low, high) = (linked.after.height, head.after.height);
        let gap = high.saturating_sub(low);
        // The next one's parent was compared when it was certified.
        if gap <= 1 {
            return Ok(());
        }
        // Beyond that, it is seen at least that the node has the same block where we were.
        let mut next = match gap > LINKS_MAX {
            true => low,
            false => low.saturating_add(1),
        };
        let mut parent = match gap > LINKS_MAX {
            true => linked.parent,
            false => linked.digest(),
        };
        let end = match gap > LINKS_MAX {
            true => low,
            false => high,
        };
        while next <= end {
            let count = end.saturating_sub(next).saturating_add(1).min(BLOCKS_MAX);
            let path = self.chain_path(&format!("/blocks?from={next}&count={count}"));
            let asked = match self.ask(path, None, BLOCKS_BYTES_MAX).await {
                Ok(asked) => asked,
                // They are not kept any more: the proven history will tell.
                Err(Trouble::Refused { status: 410, .. }) => return Ok(()),
                Err(trouble) => return Err(trouble),
            };
            let linked = self.linked(&asked.answer, next, count, parent);
            parent = linked.map_err(|lie| self.caught(&asked, lie))?;
            next = next.saturating_add(count);
        }
        Ok(())
    }

    /// Takes the blocks `first..first + count` of an answer, the first one on `parent`. Gives the digest of the last.
    fn linked(&mut self, answer: &[u8], first: u64, count: u64, parent: [u8; 32]) -> Result<[u8; 32], Lie> {
        let value = answer::json(answer)?;
        let blocks = answer::list(&value, "list of blocks", usize::try_from(count).unwrap_or(0))?;
        if blocks.len() as u64 != count {
            return Err(Lie::Form("list of the blocks that were asked for"));
        }
        let shown: Vec<Shown> = blocks.iter().map(Shown::read).collect::<Result<_, _>>()?;
        for (block, height) in shown.iter().zip(first..) {
            block.is_of(&self.anchors, Some(height))?;
        }
        self.link(shown, parent)
    }

    /// Takes blocks, each certified and each on the one before, the first one on `begin`. Gives the digest of the last.
    pub(super) fn link(&mut self, shown: Vec<Shown>, begin: [u8; 32]) -> Result<[u8; 32], Lie> {
        let (anchors, view) = (&self.anchors, &self.view);
        let height = |shown: Option<&Shown>| shown.map_or(0, Shown::height);
        let (first, end) = (height(shown.first()), height(shown.last()));
        let last = self.checks.make(
            &self.platform,
            Kind::Links,
            || {
                // One equation for all signatures.
                verify_all(anchors, &shown)?;
                let mut parent = begin;
                for block in &shown {
                    if block.header.parent != parent {
                        return Err(Lie::Fork(block.height()));
                    }
                    view.is_consistent(&block.header, &block.digest)?;
                    parent = block.digest;
                }
                Ok(parent)
            },
            |last| {
                (
                    format!("blocks {first} to {end}"),
                    format!("certificates, and each other; the last is {}", crate::short(last)),
                )
            },
        )?;
        for block in shown {
            if let Some(certificate) = block.certificate {
                self.view.meet(Certified {
                    header: block.header,
                    digest: block.digest,
                    certificate,
                });
            }
        }
        Ok(last)
    }
}

/// That the committee signed all of these, round after round.
fn verify_all(anchors: &Anchors, blocks: &[Shown]) -> Result<(), Lie> {
    let mut signed = Vec::with_capacity(blocks.len());
    let mut before: Option<&Certificate> = None;
    for block in blocks {
        let height = block.height();
        let certificate = block.certificate.as_ref().ok_or(Lie::NoCertificate(height))?;
        if certificate.payload != block.digest {
            return Err(Lie::OtherCertificate(height));
        }
        if let Some(before) = before {
            let follows = anchors.committee.follows(Some(before), certificate);
            follows.map_err(|error| Lie::Certificate(height, error))?;
        }
        before = Some(certificate);
        signed.push(playfair_bls::Signed {
            certificate,
            seed_signature: None,
        });
    }
    if anchors.committee.all(&signed).is_ok() {
        return Ok(());
    }
    for block in blocks {
        block.clone().verify(anchors)?;
    }
    Err(Lie::Form("list of blocks"))
}
