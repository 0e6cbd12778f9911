//! The proven history: proofs one after the other, each batch held against a certified block before it counts.
//!
//! A valid proof shows that *some* history came to where it ends: whoever has players' calls can order them in another way and prove that.
//! So the end of a batch must be the certified history's: the accumulator of the tape names everything before it.

use super::fetch::Asked;
use super::{Client, PROOFS_MAX};
use crate::answer;
use crate::certified::Shown;
use crate::check::Kind;
use crate::hex::{digits, short};
use crate::lie::{Lie, Trouble};
use crate::platform::Platform;
use crate::segments;
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
const TAPE_BYTES_MAX: usize = 1 << 23;

impl<P: Platform> Client<P> {
    /// Fetches and verifies the next proofs, [`PROOFS_MAX`] at most. Gives how many were accepted: none when there are no more.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn prove(&mut self) -> Result<usize, Trouble> {
        let from = self.view.tip.tape.length;
        let path = self.chain_path(&format!("/proofs?from={from}&count={PROOFS_MAX}"));
        let asked = self.ask(path, None, LIST_BYTES_MAX).await?;
        let frames = listed(&asked.answer, from).map_err(|lie| self.caught(&asked, lie))?;
        let mut tip = self.view.tip;
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
        if envelopes.is_empty() {
            return Ok(0);
        }
        self.verify(&envelopes, &asks)?;
        let end = self.hold(&tip).await?;
        let ends: Vec<Boundary> = envelopes.iter().map(|envelope| envelope.inputs.after).collect();
        self.view.prove(&ends);
        if end.after == tip {
            self.view.reach(&end);
        }
        Ok(envelopes.len())
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
        added.map(drop).map_err(|lie| self.caught(&asked, lie))
    }

    /// Holds the end of a batch against the certified block in which it lies. Gives that block's header.
    async fn hold(&mut self, end: &Boundary) -> Result<Header, Trouble> {
        let path = self.chain_path(&format!("/blocks?from={}&count=1", end.height));
        let asked = self.ask(path, None, LIST_BYTES_MAX).await?;
        let header = self
            .block_of(&asked.answer, end)
            .map_err(|lie| self.caught(&asked, lie))?;
        let beyond = header.after.tape.length.checked_sub(end.tape.length);
        let frames = match beyond {
            Some(0) => Vec::new(),
            Some(_) => {
                let path = self.chain_path(&format!("/blocks/{}/tape", end.height));
                self.ask(path, None, TAPE_BYTES_MAX).await?.answer
            }
            None => return Err(self.caught(&asked, Lie::HistoryDiffers(end.height))),
        };
        let held = self.checks.make(
            &self.platform,
            Kind::Agreement,
            || agrees(end, &header, &frames),
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
        held.map_err(|lie| self.caught(&asked, lie))?;
        Ok(header)
    }

    fn block_of(&mut self, answer: &[u8], end: &Boundary) -> Result<Header, Lie> {
        let value = answer::json(answer)?;
        let blocks = answer::list(&value, "list of blocks", 1)?;
        let shown = Shown::read(blocks.first().ok_or(Lie::Form("block"))?)?;
        if end.height > 0 {
            return self.certify(shown, Some(end.height));
        }
        // Genesis is named by the chain's id, which the proof is for: nobody signs it, and there is no other.
        shown.is_of(&self.anchors, Some(0))?;
        Ok(shown.header)
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
