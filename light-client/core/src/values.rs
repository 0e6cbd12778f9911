//! Values of the state: shown, or shown to be absent, by one proof against a root.

use crate::answer;
use crate::certified::Shown;
use crate::lie::Lie;
use playfair_types::Fr;
use playfair_types::state::proof::StateProof;
use playfair_types::state::{StateKey, value_hash};
use serde_json::Value;
use std::collections::BTreeMap;

/// Values as a node shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownValues {
    /// The block whose state it is.
    pub block: Shown,
    values: Vec<Option<Vec<u8>>>,
    proof: StateProof,
}

impl ShownValues {
    /// Reads the answer to a question for `count` keys.
    ///
    /// # Errors
    /// [`Lie::Form`], [`Lie::Encoding`].
    pub fn read(value: &Value, count: usize) -> Result<Self, Lie> {
        let values = answer::list(answer::member(value, "values")?, "values", count)?;
        if values.len() != count {
            return Err(Lie::Form("value for each key"));
        }
        let values = values.iter().map(|value| answer::maybe_bytes(value, "value"));
        Ok(Self {
            block: Shown::read(answer::member(value, "block")?)?,
            values: values.collect::<Result<_, _>>()?,
            proof: answer::decoded(&answer::bytes(value, "proof")?, "a state proof")?,
        })
    }

    /// Checks that under `root` exactly these values are there: the values of `keys`, in their order.
    ///
    /// # Errors
    /// [`Lie::State`], [`Lie::OtherValue`], [`Lie::HiddenValue`], [`Lie::InventedValue`].
    pub fn verify(self, root: Fr, keys: &[StateKey]) -> Result<Vec<Option<Vec<u8>>>, Lie> {
        let mut sorted = keys.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let hashes = self.proof.verify(root, &sorted).map_err(Lie::State)?;
        let hashes: BTreeMap<StateKey, Option<Fr>> = sorted.into_iter().zip(hashes).collect();
        for (key, value) in keys.iter().zip(&self.values) {
            match (hashes.get(key).copied().flatten(), value) {
                (None, None) => {}
                (Some(_), None) => return Err(Lie::HiddenValue),
                (None, Some(_)) => return Err(Lie::InventedValue),
                (Some(hash), Some(value)) if value_hash(value) == hash => {}
                (Some(_), Some(_)) => return Err(Lie::OtherValue),
            }
        }
        Ok(self.values)
    }
}
