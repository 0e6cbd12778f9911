//! The proven history: proofs one after the other, each batch held against a certified block before it counts.
//!
//! A valid proof shows that *some* history came to where it ends: whoever has players' calls can order them in another way and prove that.
//! So the end of a batch must be the certified history's: the accumulator of the tape names everything before it.

use super::fetch::Asked;
use super::sync::CHAIN_BYTES_MAX;
use super::{Ahead, Client, PROOFS_MAX};
use crate::anchors::Anchors;
use crate::answer;
use crate::certified::Shown;
use crate::check::Kind;
use crate::hex::{digits, short};
use crate::lie::{Lie, Trouble};
use crate::platform::Platform;
use crate::segments;
use playfair_proofs_verifier::Error;
use playfair_types::Fr;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::header::Header;
use playfair_types::segment::Boundary;
use playfair_types::tape::frame::{FRAME_BYTES, absorb_frames};
use playfair_types::vk::{VerifyingKey, VkSet};

/// More than a list of [`PROOFS_MAX`] proofs takes, or one block's header and certificate.
const LIST_BYTES_MAX: usize = 1 << 16;
/// More than an envelope or a key takes.
const ENVELOPE_BYTES_MAX: usize = 1 << 17;
/// More than the records of a block take.
pub(super) const TAPE_BYTES_MAX: usize = 1 << 23;

impl<P: Platform> Client<P> {
    /// Fetches and verifies the next proofs, [`PROOFS_MAX`] at most. Gives how many were verified: none when there are no more.
    ///
    /// The tip moves as soon as their end was held against a certified block. A node that has let old blocks go has none for the first
    /// proofs; they wait for those that follow. One whose proofs are cut elsewhere than at the tip (it made them again, or is another
    /// one) is followed from genesis again, and the tip stays until that is as far.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn prove(&mut self) -> Result<usize, Trouble> {
        let (mut asked, mut frames) = self.list().await?;
        if let Err(Lie::ProofGap { .. }) = frames
            && !self.ahead.again
            && self.view.proofs > 0
        {
            self.ahead = Ahead {
                again: true,
                ..Ahead::default()
            };
            (asked, frames) = self.list().await?;
        }
        let frames = frames.map_err(|lie| self.caught(&asked, lie))?;
        let mut tip = self.verified_end();
        let (mut envelopes, mut asks) = (Vec::new(), Vec::new());
        for frame in frames {
            let (envelope, asked) = self.envelope(frame).await?;
            let follows = segments::follows(&self.anchors, &tip, &envelope);
            follows.map_err(|lie| self.caught(&asked, lie))?;
            self.key_for(&envelope, &asked).await?;
            tip = envelope.inputs.after;
            envelopes.push(envelope);
            asks.push(asked);
        }
        let Some(last) = asks.last() else { return Ok(0) };
        self.verify(&envelopes, &asks)?;
        let held = self.hold(&tip).await;
        // Nothing of what waited counts when that fails: it may have been of a history that is not the chain's.
        let mut ahead = std::mem::take(&mut self.ahead);
        ahead.add(envelopes.iter().map(|envelope| envelope.inputs.after));
        match held {
            Ok(()) if ahead.again && tip.tape.length < self.view.tip.tape.length => self.ahead = ahead,
            Ok(()) => {
                let consistent = self.view.are_consistent(&ahead.ends);
                consistent.map_err(|lie| self.caught(last, lie))?;
                if ahead.again {
                    self.view.forget_proofs(&self.anchors);
                }
                self.view.prove(&ahead.ends, ahead.proofs);
                if self.is_block_end(&tip) {
                    self.view.reach(&tip);
                }
            }
            Err(Trouble::Refused {
                status: 404 | 410, ..
            }) => self.ahead = ahead,
            Err(trouble) => return Err(trouble),
        }
        Ok(envelopes.len())
    }

    /// Where what is verified ends, held against a certified block or not.
    fn verified_end(&self) -> Boundary {
        let begin = match self.ahead.again {
            true => Boundary::before_genesis(self.anchors.chain_id, self.anchors.module),
            false => self.view.tip,
        };
        self.ahead.ends.last().copied().unwrap_or(begin)
    }

    /// Where the next proofs begin, as the node lists them.
    async fn list(&mut self) -> Result<(Asked, Result<Vec<u64>, Lie>), Trouble> {
        let from = self.verified_end().tape.length;
        let path = self.chain_path(&format!("/proofs?from={from}&count={PROOFS_MAX}"));
        let asked = self.ask(path, None, LIST_BYTES_MAX).await?;
        let frames = listed(&asked.answer, from);
        Ok((asked, frames))
    }

    /// Whether a boundary is where a known block ends. Genesis is a block of its own.
    fn is_block_end(&self, end: &Boundary) -> bool {
        let block = self.view.met.get(&end.height);
        end.height == 0 || block.is_some_and(|block| block.header.after == *end)
    }

    /// The envelope that begins at a frame, as it came.
    pub(super) async fn envelope(&mut self, frame: u64) -> Result<(ProofEnvelope, Asked), Trouble> {
        let path = self.chain_path(&format!("/proofs/{frame}"));
        let asked = self.ask(path, None, ENVELOPE_BYTES_MAX).await?;
        let envelope = answer::decoded(&asked.answer, "a proof's envelope");
        match envelope {
            Ok(envelope) => Ok((envelope, asked)),
            Err(lie) => Err(self.caught(&asked, lie)),
        }
    }

    fn verify(&mut self, envelopes: &[ProofEnvelope], asks: &[Asked]) -> Result<(), Trouble> {
        let keys = &self.keys;
        let verified = self.checks.make(
            &self.platform,
            Kind::Proof,
            || segments::prove(keys, envelopes),
            |()| {
                let place = |envelope: Option<&ProofEnvelope>, end: fn(&ProofEnvelope) -> u64| {
                    envelope.map_or(0, end)
                };
                let first = place(envelopes.first(), |envelope| envelope.inputs.before.tape.length);
                let last = place(envelopes.last(), |envelope| envelope.inputs.after.tape.length);
                let key = envelopes.last().map(|envelope| short(&fr_to_bytes(&envelope.vk)));
                (
                    format!(
                        "{} proof(s), frames {first} to {last} of the tape",
                        envelopes.len()
                    ),
                    format!("verifying key {}", key.unwrap_or_default()),
                )
            },
        );
        match (verified, asks.first()) {
            (Ok(()), _) | (_, None) => Ok(()),
            (Err((place, lie)), Some(first)) => Err(self.caught(asks.get(place).unwrap_or(first), lie)),
        }
    }

    /// Sees to the key of an envelope: it is there, named by the chain, and for the module that ran.
    async fn key_for(&mut self, envelope: &ProofEnvelope, asked: &Asked) -> Result<(), Trouble> {
        let root = segments::key_set_at(&self.anchors, &envelope.inputs.before);
        if self.keys.set(root).is_none() {
            self.fetch_set(root).await?;
        }
        // A key that the set does not have is not asked for.
        let named = self
            .keys
            .set(root)
            .is_some_and(|set| set.digests.contains(&Some(envelope.vk)));
        if !named {
            return Err(self.caught(asked, Lie::KeyNotInSet));
        }
        if self.keys.key(envelope.vk).is_none() {
            self.fetch_key(envelope.vk).await?;
        }
        segments::key_is_named(&self.anchors, &self.keys, envelope).map_err(|lie| self.caught(asked, lie))
    }

    async fn fetch_set(&mut self, root: Fr) -> Result<(), Trouble> {
        let path = self.chain_path(&format!("/key-sets/{}", digits(&fr_to_bytes(&root))));
        let asked = self.ask(path, None, ENVELOPE_BYTES_MAX).await?;
        let keys = &mut self.keys;
        let added =
            answer::decoded::<VkSet>(&asked.answer, "a set of keys").and_then(|set| keys.add_set(root, set));
        added.map_err(|lie| self.caught(&asked, lie))
    }

    async fn fetch_key(&mut self, digest: Fr) -> Result<(), Trouble> {
        let path = self.chain_path(&format!("/keys/{}", digits(&fr_to_bytes(&digest))));
        let asked = self.ask(path, None, ENVELOPE_BYTES_MAX).await?;
        let (keys, trust) = (&mut self.keys, self.anchors.trust);
        let added = self.checks.make(
            &self.platform,
            Kind::Key,
            || {
                let key: VerifyingKey = answer::decoded(&asked.answer, "a verifying key")?;
                keys.add_key(digest, &key, trust)?;
                Ok(key)
            },
            |key| {
                (
                    format!("key {} of shape {}", short(&fr_to_bytes(&digest)), key.shape),
                    format!("the set that the chain names, module {}", short(&key.module.0)),
                )
            },
        );
        match added {
            Ok(_) => Ok(()),
            // The chain names this key: what it rests on is between the chain and its user.
            Err(Lie::Key(error @ (Error::InsecureSetup | Error::UnknownSetup))) => {
                Err(Trouble::Setup(error.to_string()))
            }
            Err(lie) => Err(self.caught(&asked, lie)),
        }
    }

    /// Holds the end of a batch against the certified block in which it lies.
    async fn hold(&mut self, end: &Boundary) -> Result<(), Trouble> {
        if end.height == 0 {
            return self.hold_genesis(end).await;
        }
        let path = self.chain_path(&format!("/blocks?from={}&count=1", end.height));
        let asked = self.ask(path, None, LIST_BYTES_MAX).await?;
        let header = self.block_of(&asked.answer, end);
        let header = header.map_err(|lie| self.caught(&asked, lie))?;
        let tape = match header.after.tape.length > end.tape.length {
            true => {
                let path = self.chain_path(&format!("/blocks/{}/tape", end.height));
                self.ask(path, None, TAPE_BYTES_MAX).await?.answer
            }
            false => Vec::new(),
        };
        let held = self.checks.make(
            &self.platform,
            Kind::Agreement,
            || agrees(end, &header, &tape),
            |()| {
                (
                    format!("the proofs' end at height {}", end.height),
                    format!(
                        "block {}, frame {}",
                        header.after.height, header.after.tape.length
                    ),
                )
            },
        );
        held.map_err(|lie| self.caught(&asked, lie))
    }

    fn block_of(&mut self, answer: &[u8], end: &Boundary) -> Result<Header, Lie> {
        let value = answer::json(answer)?;
        let blocks = answer::list(&value, "list of blocks", 1)?;
        let shown = Shown::read(blocks.first().ok_or(Lie::Form("block"))?)?;
        self.certify(shown, Some(end.height))
    }

    /// Height 0 has no certificate and needs none: the chain's id is made of its genesis record. That record, and no other, must be all that
    /// stands on the tape there; calls behind it would be ordered by nobody.
    async fn hold_genesis(&mut self, end: &Boundary) -> Result<(), Trouble> {
        let asked = self.ask(self.chain_path(""), None, CHAIN_BYTES_MAX).await?;
        let (anchors, platform) = (&self.anchors, &self.platform);
        let held = self.checks.make(
            platform,
            Kind::Agreement,
            || is_genesis(anchors, end, &asked.answer),
            |()| {
                (
                    "the proofs' end at height 0".to_owned(),
                    "the genesis record of the chain's id".to_owned(),
                )
            },
        );
        held.map_err(|lie| self.caught(&asked, lie))
    }
}

/// Whether exactly the chain's genesis record leads to this end.
fn is_genesis(anchors: &Anchors, end: &Boundary, answer: &[u8]) -> Result<(), Lie> {
    let bytes = answer::bytes(&answer::json(answer)?, "genesis")?;
    anchors.made(&bytes)?;
    let mut tape = Boundary::before_genesis(anchors.chain_id, anchors.module).tape;
    let absorbed = tape.absorb_frames(&bytes);
    absorbed.map_err(|error| Lie::Encoding("a genesis record", error))?;
    match tape == end.tape {
        true => Ok(()),
        false => Err(Lie::HistoryDiffers(0)),
    }
}

/// Whether the history that ends at `end` is the one in which the certified `header` stands. `tape` is the block's records, when the block
/// goes on beyond the end.
fn agrees(end: &Boundary, header: &Header, tape: &[u8]) -> Result<(), Lie> {
    let (after, differs) = (&header.after, Lie::HistoryDiffers(header.after.height));
    let Some(beyond) = after.tape.length.checked_sub(end.tape.length) else {
        return Err(differs);
    };
    if beyond == 0 {
        return match (end == after, end.tape == after.tape) {
            (true, _) => Ok(()),
            (false, true) => Err(Lie::WrongExecution(header.after.height)),
            (false, false) => Err(differs),
        };
    }
    let bytes = usize::try_from(beyond)
        .ok()
        .and_then(|frames| frames.checked_mul(FRAME_BYTES));
    let rest = bytes.and_then(|bytes| tape.len().checked_sub(bytes));
    let rest = rest
        .and_then(|from| tape.get(from..))
        .ok_or(Lie::Form("the block's records"))?;
    match absorb_frames(end.tape.value, rest) == Ok(after.tape.value) {
        true => Ok(()),
        false => Err(differs),
    }
}

/// The frames at which the listed proofs begin. The first must be where the proven history ends; what follows is looked at later.
fn listed(answer: &[u8], from: u64) -> Result<Vec<u64>, Lie> {
    let value = answer::json(answer)?;
    let proofs = answer::list(answer::member(&value, "proofs")?, "list of proofs", PROOFS_MAX)?;
    let frames = proofs.iter().map(|proof| answer::number(proof, "first_frame"));
    let frames: Vec<u64> = frames.collect::<Result<_, _>>()?;
    match frames.first() {
        Some(first) if *first != from => Err(Lie::ProofGap {
            wanted: from,
            found: *first,
        }),
        _ => Ok(frames),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_proofs_verifier::Trust;
    use playfair_types::link::ChainLink;
    use serde_json::Value;

    #[test]
    fn nothing_but_the_genesis_record_stands_before_the_first_block() {
        let recorded = include_str!("../../../../tests/fixtures/light-client/chess.json");
        let recorded: Value = serde_json::from_str(recorded).unwrap();
        let link = ChainLink::from_text(recorded["link"].as_str().unwrap()).unwrap();
        let anchors = Anchors::of(&link, Trust::InsecureDevelopmentToo).unwrap();
        let chain = format!("/v1/chains/{}", digits(&fr_to_bytes(&anchors.chain_id)));
        let answer = recorded["parts"][0][chain]["json"].to_string().into_bytes();
        let genesis = answer::bytes(&answer::json(&answer).unwrap(), "genesis").unwrap();
        let mut end = Boundary::before_genesis(anchors.chain_id, anchors.module);
        assert_eq!(is_genesis(&anchors, &end, &answer), Err(Lie::HistoryDiffers(0)));
        end.tape.absorb_frames(&genesis).unwrap();
        assert_eq!(is_genesis(&anchors, &end, &answer), Ok(()));
        // A call that nobody ordered: whoever has it could prove it.
        end.tape.absorb_frames(&[2; FRAME_BYTES]).unwrap();
        assert_eq!(is_genesis(&anchors, &end, &answer), Err(Lie::HistoryDiffers(0)));
    }
}
