//! Calls: submitting them, and how far up the ladder they are.

use super::Client;
use super::fetch::Asked;
use super::proofs::TAPE_BYTES_MAX;
use crate::answer;
use crate::call::{Included, ShownCall};
use crate::check::Kind;
use crate::hex::{digits, short};
use crate::ladder::Rung;
use crate::lie::{Lie, Trouble};
use crate::platform::{Body, Platform};
use crate::receipts::ProvenReceipts;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::tape::call_message;
use serde_json::Value;

/// More than a call's record, receipt and paths take.
const CALL_BYTES_MAX: usize = 1 << 19;
/// More than the receipts of the largest segment take.
const RECEIPTS_BYTES_MAX: usize = 1 << 20;
/// Segments whose receipts are kept: the moves of a game lie close together.
const SEGMENTS_KEPT: usize = 8;

/// A call that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Where it is, and how it ended.
    pub included: Included,
    /// How far it was verified.
    pub rung: Rung,
    /// The proof that covers it, by the frame at which its segment begins.
    pub proof: Option<u64>,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It is in a certified block.
    Sealed(Box<Call>),
    /// The node has it, and says no more: nothing is verified.
    Waiting,
}

impl<P: Platform> Client<P> {
    /// Submits a signed call: its record's bytes. The same call again is the same call.
    ///
    /// # Errors
    /// [`Trouble::Refused`] with the node's reason, and the other troubles.
    pub async fn submit(&mut self, record: &[u8]) -> Result<Submitted, Trouble> {
        let id = call_message(self.anchors.chain_id, record).map_err(|error| Trouble::Refused {
            status: 400,
            code: "malformed".to_owned(),
            message: error.to_string(),
        })?;
        let asked = self
            .ask(
                self.chain_path("/calls"),
                Some(Body::Bytes(record)),
                CALL_BYTES_MAX,
            )
            .await?;
        let sealed = self.sealed(&asked, &fr_to_bytes(&id));
        match sealed.map_err(|lie| self.caught(&asked, lie))? {
            Some((included, _)) if included.record != record => Err(self.caught(&asked, Lie::OtherCall)),
            Some((included, _)) => Ok(Submitted::Sealed(Box::new(Call {
                included,
                rung: Rung::Sequenced,
                proof: None,
            }))),
            None => Ok(Submitted::Waiting),
        }
    }

    /// Asks for a call by its name, and verifies it as far up as the node has evidence for.
    ///
    /// # Errors
    /// [`Trouble`]; [`Trouble::Refused`] with status 404 for a call that is in no block.
    pub async fn call(&mut self, id: &[u8; 32]) -> Result<Call, Trouble> {
        let path = self.chain_path(&format!("/calls/{}", digits(id)));
        let asked = self.ask(path, None, CALL_BYTES_MAX).await?;
        let sealed = self.sealed(&asked, id);
        let sealed = sealed.map_err(|lie| self.caught(&asked, lie))?;
        let Some((included, proof)) = sealed else {
            return Err(self.caught(&asked, Lie::Form("sealed call")));
        };
        let proof = match proof {
            Some(frame) => self.prove_call(&asked, &included, frame).await?,
            None => None,
        };
        let rung = proof.map_or(Rung::Sequenced, |_| Rung::Proven);
        Ok(Call {
            included,
            rung,
            proof,
        })
    }

    /// The same for a call that was in a certified block of this height when it was asked for before: a node that still has the block and
    /// denies the call lies. One that has let the block go only refuses.
    ///
    /// # Errors
    /// [`Trouble`], [`Lie::Denied`] among the lies.
    pub async fn again(&mut self, id: &[u8; 32], height: u64) -> Result<Call, Trouble> {
        let refused = match self.call(id).await {
            Err(refused @ Trouble::Refused { status: 404, .. }) => refused,
            other => return other,
        };
        let path = self.chain_path(&format!("/blocks/{height}/tape"));
        match self.ask(path, None, TAPE_BYTES_MAX).await {
            Ok(asked) => Err(self.caught(&asked, Lie::Denied)),
            Err(_) => Err(refused),
        }
    }

    /// A sealed call with what the node says of its proof; none while it waits.
    fn sealed(&mut self, asked: &Asked, id: &[u8; 32]) -> Result<Option<(Included, Option<u64>)>, Lie> {
        let value = answer::json(&asked.answer)?;
        let evidence = match value.get("evidence") {
            None | Some(Value::Null) => return Ok(None),
            Some(evidence) => evidence,
        };
        let proof = value.get("proof").and_then(Value::as_u64);
        let shown = ShownCall::read(evidence)?;
        let header = self.certify(shown.block.clone(), None)?;
        let included = self.checks.make(
            &self.platform,
            Kind::Inclusion,
            || shown.verify(&header, id),
            |included| {
                let what = format!("call {} with its receipt", short(id));
                let against = format!(
                    "record {} of {} in block {}",
                    included.index, header.records, included.height
                );
                (what, against)
            },
        )?;
        Ok(Some((included, proof)))
    }

    /// Holds a call against the proven history. `frame` is where the node says that its segment begins. Gives that frame when the call is
    /// there; none when the proven history is not known to go that far, or so far back, or the node has no receipts from there any more.
    async fn prove_call(
        &mut self,
        asked: &Asked,
        included: &Included,
        frame: u64,
    ) -> Result<Option<u64>, Trouble> {
        if frame >= self.view.tip.tape.length {
            return Ok(None);
        }
        if !self.have_receipts(frame).await? {
            return Ok(None);
        }
        let found = self
            .receipts
            .iter()
            .find(|receipts| receipts.first_frame() == frame);
        let Some(receipts) = found else { return Ok(None) };
        let held = self.checks.make(
            &self.platform,
            Kind::Receipt,
            || receipts.has(&included.receipt, &included.record, included.height),
            |()| {
                (
                    format!("call {} with its outcome", short(&included.id)),
                    format!("the {} proven receipts from frame {frame} on", receipts.records()),
                )
            },
        );
        match held {
            Ok(()) => Ok(Some(frame)),
            Err(lie) => Err(self.caught(asked, lie)),
        }
    }

    /// Sees to the receipts of the segment that begins at this frame; false when they cannot be had.
    pub(super) async fn have_receipts(&mut self, frame: u64) -> Result<bool, Trouble> {
        let mut kept = self.receipts.iter();
        if kept.any(|receipts| receipts.first_frame() == frame) {
            return Ok(true);
        }
        match self.fetch_receipts(frame).await {
            Err(Trouble::Refused { .. }) => Ok(false),
            fetched => fetched,
        }
    }

    /// The receipts of the segment that begins at this frame; false when its proof is not remembered.
    async fn fetch_receipts(&mut self, frame: u64) -> Result<bool, Trouble> {
        let (envelope, asked) = self.envelope(frame).await?;
        let inputs = envelope.inputs;
        let (before, after) = (
            self.view.marks.knows(&inputs.before),
            self.view.marks.knows(&inputs.after),
        );
        match (before, after) {
            (Some(true), Some(true)) if inputs.before.tape.length == frame => {}
            (None, _) | (_, None) => return Ok(false),
            _ => return Err(self.caught(&asked, Lie::ProofBefore)),
        }
        let path = self.chain_path(&format!("/proofs/{frame}/receipts"));
        let asked = self.ask(path, None, RECEIPTS_BYTES_MAX).await?;
        let receipts = self.checks.make(
            &self.platform,
            Kind::Receipts,
            || ProvenReceipts::verify(inputs, &asked.answer),
            |receipts| {
                (
                    format!("{} receipts", receipts.records()),
                    format!("the proof of frames {frame} to {}", inputs.after.tape.length),
                )
            },
        );
        let receipts = receipts.map_err(|lie| self.caught(&asked, lie))?;
        if self.receipts.len() >= SEGMENTS_KEPT {
            self.receipts.remove(0);
        }
        self.receipts.push(receipts);
        Ok(true)
    }
}
