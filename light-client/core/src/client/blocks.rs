//! Blocks: one with all that it has, and lists of them.

use super::Client;
use super::fetch::Asked;
use super::proofs::TAPE_BYTES_MAX;
use super::sync::BLOCKS_BYTES_MAX;
use crate::answer;
use crate::block::{ShownBlock, WholeBlock};
use crate::certified::Shown;
use crate::check::Kind;
use crate::hex::short;
use crate::ladder::Rung;
use crate::lie::{Lie, Trouble};
use crate::platform::Platform;
use playfair_types::header::Header;

/// More than a block with its receipts takes: records, receipts and bodies as digits.
const WHOLE_BYTES_MAX: usize = 4 * TAPE_BYTES_MAX;
/// Blocks of one list.
pub const BLOCKS_MAX: u64 = 64;

/// A block that was checked as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Header and records.
    pub whole: WholeBlock,
    /// Proven: its records and receipts are the proven history's. Of its state root that says nothing beyond the certificate.
    pub rung: Rung,
}

/// A block of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHead {
    /// The header.
    pub header: Header,
    /// Its digest.
    pub digest: [u8; 32],
    /// Proven: it stands, parent by parent, under a block up to which everything is proven.
    pub rung: Rung,
}

impl<P: Platform> Client<P> {
    /// The block of a height, with all of its records and receipts.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn block(&mut self, height: u64) -> Result<Block, Trouble> {
        let path = self.chain_path(&format!("/blocks/{height}"));
        let asked = self.ask(path, None, WHOLE_BYTES_MAX).await?;
        let shown = answer::json(&asked.answer).and_then(|value| ShownBlock::read(&value));
        let shown = shown.map_err(|lie| self.caught(&asked, lie))?;
        let header = match height {
            0 => self.genesis_header(&asked, &shown.block).await?,
            _ => {
                let certified = self.certify(shown.block.clone(), Some(height));
                certified.map_err(|lie| self.caught(&asked, lie))?
            }
        };
        let whole = self.checks.make(
            &self.platform,
            Kind::Inclusion,
            || shown.verify(&header),
            |whole| {
                (
                    format!(
                        "all {} records of block {height}, with their receipts",
                        whole.records.len()
                    ),
                    format!("roots and tape of its header, digest {}", short(&whole.digest)),
                )
            },
        );
        let whole = whole.map_err(|lie| self.caught(&asked, lie))?;
        if height == 0 {
            // Its header is believed because a committee built on it; what its record is, the chain's id says.
            let genesis = whole.records.first().map_or(&[][..], |first| &first.record);
            let made = self.anchors.made(genesis);
            made.map_err(|lie| self.caught(&asked, lie))?;
        }
        let rung = self.rung_of(&asked, &header).await?;
        Ok(Block { whole, rung })
    }

    /// Nobody signs genesis: its header is believed when the first certified block names it as its parent.
    async fn genesis_header(&mut self, asked: &Asked, shown: &Shown) -> Result<Header, Trouble> {
        let is_ours = shown.is_of(&self.anchors, Some(0));
        is_ours.map_err(|lie| self.caught(asked, lie))?;
        let parent = match self.view.met.get(&1) {
            Some(first) => first.header.parent,
            None => {
                let path = self.chain_path("/blocks?from=1&count=1");
                let first = self.ask(path, None, BLOCKS_BYTES_MAX).await?;
                let header = self.only_block(&first.answer, 1);
                header.map_err(|lie| self.caught(&first, lie))?.parent
            }
        };
        match parent == shown.digest {
            true => Ok(shown.header),
            false => Err(self.caught(asked, Lie::OtherParent(0))),
        }
    }

    fn only_block(&mut self, answer: &[u8], height: u64) -> Result<Header, Lie> {
        let value = answer::json(answer)?;
        let blocks = answer::list(&value, "list of blocks", 1)?;
        let shown = Shown::read(blocks.first().ok_or(Lie::Form("block"))?)?;
        self.certify(shown, Some(height))
    }

    /// Headers of blocks, in ascending order, each certified and each on the one before: [`BLOCKS_MAX`] at most.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn blocks(&mut self, from: u64, count: u64) -> Result<Vec<BlockHead>, Trouble> {
        if count == 0 || count > BLOCKS_MAX {
            return Err(Trouble::Refused {
                status: 400,
                code: "bad_request".to_owned(),
                message: format!("ask for 1 to {BLOCKS_MAX} blocks"),
            });
        }
        let path = self.chain_path(&format!("/blocks?from={from}&count={count}"));
        let asked = self.ask(path, None, BLOCKS_BYTES_MAX).await?;
        let heads = self.listed(&asked.answer, from, count);
        let mut heads = heads.map_err(|lie| self.caught(&asked, lie))?;
        let tip = self.view.tip.tape.length;
        let inside = heads
            .iter()
            .rposition(|head| head.header.after.tape.length <= tip);
        if let Some(place) = inside
            && let Some(header) = heads.get(place).map(|head| head.header)
            && self.rung_of(&asked, &header).await? == Rung::Proven
        {
            for head in heads.iter_mut().take(place.saturating_add(1)) {
                head.rung = Rung::Proven;
            }
        }
        Ok(heads)
    }

    /// The blocks of an answer. Genesis, which nobody signs, may be the first one when the next one stands on it.
    fn listed(&mut self, answer: &[u8], from: u64, count: u64) -> Result<Vec<BlockHead>, Lie> {
        let value = answer::json(answer)?;
        let blocks = answer::list(&value, "list of blocks", usize::try_from(count).unwrap_or(0))?;
        let mut shown: Vec<Shown> = blocks.iter().map(Shown::read).collect::<Result<_, _>>()?;
        for (block, height) in shown.iter().zip(from..) {
            block.is_of(&self.anchors, Some(height))?;
        }
        let genesis = match from {
            0 if shown.len() < 2 => return Ok(Vec::new()),
            0 => Some(shown.remove(0)),
            _ => None,
        };
        let Some(first) = shown.first() else {
            return Ok(Vec::new());
        };
        let begin = first.header.parent;
        if genesis.as_ref().is_some_and(|genesis| genesis.digest != begin) {
            return Err(Lie::OtherParent(0));
        }
        let all: Vec<Shown> = genesis.into_iter().chain(shown.iter().cloned()).collect();
        self.link(shown, begin)?;
        let heads = all.into_iter().map(|block| BlockHead {
            header: block.header,
            digest: block.digest,
            rung: Rung::Sequenced,
        });
        Ok(heads.collect())
    }

    /// Whether the history that is proven passes through the end of a certified block: the same tape, and the same receipts.
    async fn rung_of(&mut self, asked: &Asked, header: &Header) -> Result<Rung, Trouble> {
        let after = &header.after;
        if self.view.marks.knows(after) == Some(true) {
            return Ok(Rung::Proven);
        }
        let Some(frame) = self.view.marks.before(after.tape.length) else {
            return Ok(Rung::Sequenced);
        };
        if after.tape.length > self.view.tip.tape.length || !self.have_receipts(frame).await? {
            return Ok(Rung::Sequenced);
        }
        let found = self
            .receipts
            .iter()
            .find(|receipts| receipts.first_frame() == frame);
        let found = found.filter(|receipts| receipts.reach(after.tape.length));
        let Some(receipts) = found else {
            return Ok(Rung::Sequenced);
        };
        let held = self.checks.make(
            &self.platform,
            Kind::Agreement,
            || receipts.pass(after),
            |()| {
                (
                    format!("the end of block {}", after.height),
                    format!("the {} proven receipts from frame {frame} on", receipts.records()),
                )
            },
        );
        match held {
            Ok(()) => Ok(Rung::Proven),
            Err(lie) => Err(self.caught(asked, lie)),
        }
    }
}
