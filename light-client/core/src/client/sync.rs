//! The head: the last certified block, and the links between it and the one before.

use super::{Client, LINKS_MAX};
use crate::answer;
use crate::certified::Shown;
use crate::check::Kind;
use crate::lie::{Lie, Trouble};
use crate::platform::Platform;
use playfair_types::header::Header;
use serde_json::Value;

/// More than a chain's description takes.
const CHAIN_BYTES_MAX: usize = 1 << 17;
/// More than 256 blocks' headers and certificates take.
const BLOCKS_BYTES_MAX: usize = 1 << 19;
/// Blocks in one answer.
const BLOCKS_MAX: u64 = 256;

impl<P: Platform> Client<P> {
    /// Asks for the chain's head. Gives its height, or none while no block is certified.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn head(&mut self) -> Result<Option<u64>, Trouble> {
        let asked = self.ask(self.chain_path(""), None, CHAIN_BYTES_MAX).await?;
        let had = self.view.head.clone();
        let before = had.as_ref().map(|head| head.header);
        let lifted = self.lift(&asked.answer, before.as_ref());
        let head = lifted.map_err(|lie| self.caught(&asked, lie))?;
        if let (Some(before), Some(head)) = (before, &head)
            && let Err(trouble) = self.follow(&before, head).await
        {
            // The next look follows from the same block.
            self.view.head = had;
            return Err(trouble);
        }
        Ok(head.map(|head| head.after.height))
    }

    /// The head that an answer shows.
    fn lift(&mut self, answer: &[u8], before: Option<&Header>) -> Result<Option<Header>, Lie> {
        let value = answer::json(answer)?;
        let shown = answer::member(&value, "head")?;
        if *shown == Value::Null {
            // The chain is not open; what was verified stays.
            return Ok(before.copied());
        }
        let shown = Shown::read(shown)?;
        shown.is_of(&self.anchors, None)?;
        let had = before.map(|before| before.after.height);
        match had {
            Some(had) if shown.height() < had => {
                return Err(Lie::RolledBack {
                    had,
                    found: shown.height(),
                });
            }
            // Genesis has no certificate, and nothing stands on it yet.
            None if shown.height() == 0 => return Ok(None),
            _ => {}
        }
        self.certify(shown, None).map(Some)
    }

    /// Whether the blocks from one head to the next are certified and name each other as parents.
    async fn follow(&mut self, before: &Header, head: &Header) -> Result<(), Trouble> {
        let (low, high) = (before.after.height, head.after.height);
        let gap = high.saturating_sub(low);
        // The next one's parent was compared when it was certified.
        if gap <= 1 || gap > LINKS_MAX {
            return Ok(());
        }
        let mut next = low.saturating_add(1);
        let mut parent = before.digest();
        while next <= high {
            let count = high.saturating_sub(next).saturating_add(1).min(BLOCKS_MAX);
            let path = self.chain_path(&format!("/blocks?from={next}&count={count}"));
            let asked = self.ask(path, None, BLOCKS_BYTES_MAX).await?;
            let linked = self.link(&asked.answer, next, count, &mut parent);
            linked.map_err(|lie| self.caught(&asked, lie))?;
            next = next.saturating_add(count);
        }
        Ok(())
    }

    /// Takes blocks `first..first + count`, each certified and each on the one before.
    fn link(&mut self, answer: &[u8], first: u64, count: u64, parent: &mut [u8; 32]) -> Result<(), Lie> {
        let value = answer::json(answer)?;
        let blocks = answer::list(&value, "list of blocks", usize::try_from(count).unwrap_or(0))?;
        if blocks.len() as u64 != count {
            return Err(Lie::Form("list of the blocks that were asked for"));
        }
        let shown: Vec<Shown> = blocks.iter().map(Shown::read).collect::<Result<_, _>>()?;
        for (block, height) in shown.iter().zip(first..) {
            block.is_of(&self.anchors, Some(height))?;
        }
        let (anchors, view) = (&self.anchors, &self.view);
        let begin = *parent;
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
                let what = format!(
                    "blocks {first} to {}",
                    first.saturating_add(count).saturating_sub(1)
                );
                (
                    what,
                    format!("certificates, and each other; the last is {}", crate::short(last)),
                )
            },
        )?;
        for block in &shown {
            self.view.meet(&block.header, block.digest, block.certificate);
        }
        *parent = last;
        Ok(())
    }
}

/// That the committee signed all of these.
fn verify_all(anchors: &crate::Anchors, blocks: &[Shown]) -> Result<(), Lie> {
    let mut signed = Vec::with_capacity(blocks.len());
    for block in blocks {
        let height = block.height();
        let certificate = block.certificate.as_ref().ok_or(Lie::NoCertificate(height))?;
        if certificate.payload != block.digest {
            return Err(Lie::OtherCertificate(height));
        }
        signed.push(playfair_bls::Signed {
            certificate,
            seed_signature: None,
        });
    }
    match (anchors.committee.all(&signed), blocks.first()) {
        (Ok(()), _) | (_, None) => Ok(()),
        (Err(error), Some(first)) => Err(Lie::Certificate(first.height(), error)),
    }
}
