//! Values of the state, with the rung that they stand on.

use super::Client;
use super::fetch::Asked;
use crate::check::Kind;
use crate::hex::{digits, short};
use crate::ladder::Rung;
use crate::lie::{Lie, Trouble};
use crate::platform::{Body, Platform};
use crate::values::ShownValues;
use crate::{answer, certified::Shown};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::segment::Boundary;
use playfair_types::state::StateKey;

/// Most keys of one question: what a node answers.
pub const KEYS_MAX: usize = 256;
/// More than a block takes, and more than a value of 4,096 bytes and its part of the proof take, as digits.
const BLOCK_BYTES_MAX: usize = 1 << 14;
const VALUE_BYTES_MAX: usize = 32 << 10;

/// Values that were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    /// After which block.
    pub height: u64,
    /// That block's time, ms since 1970.
    pub time_ms: u64,
    /// Everything after that block, with the root that the values are under.
    pub boundary: Boundary,
    /// How far the root that they are under was verified.
    pub rung: Rung,
    /// The values, in the order of the keys; none where there is none.
    pub values: Vec<Option<Vec<u8>>>,
}

impl<P: Platform> Client<P> {
    /// Values at the chain's head, certified. The head may be newer than the one before, and is then verified on the way.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn values(&mut self, keys: &[StateKey]) -> Result<Values, Trouble> {
        self.values_asked(keys).await.map(|(_, values)| values)
    }

    /// The same with the answer in which they came.
    pub(super) async fn values_asked(&mut self, keys: &[StateKey]) -> Result<(Asked, Values), Trouble> {
        if self.view.head.is_none() && self.head().await?.is_none() {
            return Err(Trouble::Refused {
                status: 404,
                code: "nothing_certified".to_owned(),
                message: "no block is certified yet".to_owned(),
            });
        }
        let had = self.view.head.as_ref().map(|head| head.height());
        self.read(keys, None, |client, shown| {
            let found = shown.height();
            match had {
                Some(had) if found < had => Err(Lie::RolledBack { had, found }),
                _ => client
                    .certify(shown, None)
                    .map(|header| (header.after, Rung::Sequenced)),
            }
        })
        .await
    }

    /// Values after the newest block whose whole boundary is proven; none while there is no such block.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn proven_values(&mut self, keys: &[StateKey]) -> Result<Option<Values>, Trouble> {
        let Some(block) = self.view.proven_block else {
            return Ok(None);
        };
        let height = block.height;
        let values = self.read(keys, Some(height), |client, shown| {
            shown.is_of(&client.anchors, Some(height))?;
            match shown.header.after == block {
                true => Ok((block, Rung::Proven)),
                false => Err(Lie::HistoryDiffers(height)),
            }
        });
        values.await.map(|(_, values)| Some(values))
    }

    async fn read(
        &mut self,
        keys: &[StateKey],
        height: Option<u64>,
        judge: impl FnOnce(&mut Self, Shown) -> Result<(Boundary, Rung), Lie>,
    ) -> Result<(Asked, Values), Trouble> {
        if keys.is_empty() || keys.len() > KEYS_MAX {
            let message = format!("ask for 1 to {KEYS_MAX} keys");
            return Err(Trouble::Refused {
                status: 400,
                code: "bad_request".to_owned(),
                message,
            });
        }
        let question = question(keys, height);
        let body = Some(Body::Json(&question));
        let most = BLOCK_BYTES_MAX + keys.len() * VALUE_BYTES_MAX;
        let asked = self.ask(self.chain_path("/state"), body, most).await?;
        let read = self.judged(&asked.answer, keys, judge);
        match read {
            Ok(values) => Ok((asked, values)),
            Err(lie) => Err(self.caught(&asked, lie)),
        }
    }

    fn judged(
        &mut self,
        answer: &[u8],
        keys: &[StateKey],
        judge: impl FnOnce(&mut Self, Shown) -> Result<(Boundary, Rung), Lie>,
    ) -> Result<Values, Lie> {
        let shown = ShownValues::read(&answer::json(answer)?, keys.len())?;
        let (after, rung) = judge(self, shown.block.clone())?;
        let values = self.checks.make(
            &self.platform,
            Kind::State,
            || shown.verify(after.state_root, keys),
            |values| {
                let there = values.iter().flatten().count();
                let what = format!(
                    "{there} value(s) and {} absence(s)",
                    values.len().saturating_sub(there)
                );
                let root = short(&fr_to_bytes(&after.state_root));
                (
                    what,
                    format!("state root {root} of block {}, {}", after.height, rung.name()),
                )
            },
        )?;
        Ok(Values {
            height: after.height,
            time_ms: after.time_ms.get(),
            boundary: after,
            rung,
            values,
        })
    }
}

/// The question: keys by their places in the tree, so that nothing of it is the node's to compute.
fn question(keys: &[StateKey], height: Option<u64>) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|key| format!(r#"{{"place":"{}"}}"#, digits(&key.0)))
        .collect();
    let keys = keys.join(",");
    match height {
        Some(height) => format!(r#"{{"keys":[{keys}],"height":{height}}}"#),
        None => format!(r#"{{"keys":[{keys}]}}"#),
    }
}
