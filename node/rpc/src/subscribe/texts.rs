//! A block as it is told, rendered once for all who hear it: the pieces are made when the first one needs them.

use crate::blocks::RecordShown;
use crate::evidence::BlockEvidence;
use crate::hex::Hex;
use playfair_http::Problem;
use playfair_storage::Sealed;
use playfair_types::Encode;
use playfair_types::account::AccountId;
use playfair_types::inclusion::{self, InclusionProof};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// Bytes of records' text in one message; a record that is longer has a message of its own.
const PART_BYTES: usize = 64 << 10;

/// A block and its texts.
pub(crate) struct Texts {
    pub(crate) sealed: Arc<Sealed>,
    header: OnceLock<String>,
    records: Vec<OnceLock<String>>,
    /// With evidence.
    proven: Vec<OnceLock<String>>,
    /// Of all records and of all receipts.
    paths: OnceLock<(Vec<InclusionProof>, Vec<InclusionProof>)>,
    /// Signed calls by their names.
    pub(crate) ids: HashMap<[u8; 32], u32>,
    /// And by who sent them, in order.
    by_account: HashMap<AccountId, Vec<u32>>,
}

/// A record's text with evidence.
#[derive(Serialize)]
struct Proven {
    #[serde(flatten)]
    shown: Numbered,
    /// From the record to the header's calls root.
    record_path: Hex,
    /// From the receipt to the header's receipts root.
    receipt_path: Hex,
}

#[derive(Serialize)]
struct Numbered {
    index: u32,
    #[serde(flatten)]
    shown: RecordShown,
}

/// Whose records are told, and how much of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) account: Option<AccountId>,
    pub(crate) evidence: bool,
}

/// A part of what a block has for a subscription.
pub(crate) struct Part {
    pub(crate) body: String,
    /// Where the next part begins; none after the last one.
    pub(crate) next: Option<usize>,
}

impl Texts {
    pub(crate) fn of(sealed: Arc<Sealed>) -> Self {
        let mut ids = HashMap::new();
        let mut by_account: HashMap<AccountId, Vec<u32>> = HashMap::new();
        for call in sealed.calls() {
            ids.insert(call.id, call.index);
            by_account.entry(call.account).or_default().push(call.index);
        }
        Self {
            header: OnceLock::new(),
            records: sealed.records.iter().map(|_| OnceLock::new()).collect(),
            proven: sealed.records.iter().map(|_| OnceLock::new()).collect(),
            paths: OnceLock::new(),
            ids,
            by_account,
            sealed,
        }
    }

    /// About how many bytes it has when all is rendered, without evidence and with it.
    pub(crate) fn weight(&self) -> usize {
        let records = self.sealed.records.iter().map(|done| {
            let events = done.body.events.iter().map(|event| event.data.len());
            4_096 + 6 * done.record.len() + 10 * (done.body.output.len() + events.sum::<usize>())
        });
        2_048 + records.sum::<usize>()
    }

    pub(crate) fn height(&self) -> u64 {
        self.sealed.height()
    }

    /// Header and certificate.
    pub(crate) fn header(&self) -> &str {
        self.header.get_or_init(|| json(&BlockEvidence::of(&self.sealed)))
    }

    /// How many records it has for a subscription.
    fn count(&self, wanted: Wanted) -> usize {
        match wanted.account {
            None => self.records.len(),
            Some(account) => self.by_account.get(&account).map_or(0, Vec::len),
        }
    }

    /// Whether nothing in it is for a subscription.
    pub(crate) fn is_silent(&self, wanted: Wanted) -> bool {
        self.count(wanted) == 0
    }

    /// Records from the `start`th one on that is wanted, as many as fit into a message.
    pub(crate) fn part(&self, wanted: Wanted, start: usize) -> Part {
        let count = self.count(wanted);
        let mut body = format!(r#"{{"height":{},"#, self.height());
        if wanted.evidence {
            body.push_str(r#""block":"#);
            body.push_str(self.header());
            body.push(',');
        }
        body.push_str(r#""records":["#);
        let empty = body.len();
        let mut at = start;
        while at < count {
            let Some(text) = self.record(wanted, at) else {
                break;
            };
            if body.len() > empty {
                if body.len() + text.len() > PART_BYTES {
                    break;
                }
                body.push(',');
            }
            body.push_str(text);
            at += 1;
        }
        body.push_str("]}");
        let next = (at < count && at > start).then_some(at);
        Part { body, next }
    }

    fn record(&self, wanted: Wanted, at: usize) -> Option<&str> {
        let index = match wanted.account {
            None => at,
            Some(account) => *self.by_account.get(&account)?.get(at)? as usize,
        };
        let done = self.sealed.records.get(index)?;
        let shown = || Numbered {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            shown: RecordShown::of(done),
        };
        if !wanted.evidence {
            return Some(self.records.get(index)?.get_or_init(|| json(&shown())));
        }
        let (records, receipts) = self.paths.get_or_init(|| all_paths(&self.sealed));
        let (record_path, receipt_path) = (records.get(index)?, receipts.get(index)?);
        let text = self.proven.get(index)?.get_or_init(|| {
            json(&Proven {
                shown: shown(),
                record_path: Hex(record_path.encode()),
                receipt_path: Hex(receipt_path.encode()),
            })
        });
        Some(text)
    }
}

/// The ways from all records and receipts to the header.
fn all_paths(sealed: &Sealed) -> (Vec<InclusionProof>, Vec<InclusionProof>) {
    let records: Vec<&[u8]> = sealed.records.iter().map(|done| done.record.as_slice()).collect();
    let receipts: Vec<Vec<u8>> = sealed.records.iter().map(|done| done.receipt.encode()).collect();
    (paths(&records), paths(&receipts))
}

/// The inclusion proofs of all items: what [`InclusionProof::new`] makes of each, without hashing the list for each.
fn paths<T: AsRef<[u8]>>(items: &[T]) -> Vec<InclusionProof> {
    fn descend<T: AsRef<[u8]>>(items: &[T], above: &mut Vec<[u8; 32]>, out: &mut Vec<Vec<[u8; 32]>>) {
        if items.len() < 2 {
            out.extend(
                items
                    .iter()
                    .map(|_| above.iter().rev().copied().collect::<Vec<_>>()),
            );
            return;
        }
        let (left, right) = items.split_at(items.len().next_power_of_two() / 2);
        above.push(inclusion::root(right));
        descend(left, above, out);
        above.pop();
        above.push(inclusion::root(left));
        descend(right, above, out);
        above.pop();
    }
    let mut found = Vec::with_capacity(items.len());
    descend(items, &mut Vec::new(), &mut found);
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let numbered = (0..).zip(found);
    numbered
        .map(|(index, path)| InclusionProof { index, count, path })
        .collect()
}

/// What is made of our own types is JSON.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written");
        "null".to_owned()
    })
}

/// The block of a height with empty texts.
pub(crate) fn load(readers: &playfair_host::Readers, height: u64) -> Result<Texts, Problem> {
    Ok(Texts::of(crate::blocks::block(readers, height)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use playfair_types::Decode;

    #[test]
    fn paths_made_together_are_those_made_alone() {
        for count in [0usize, 1, 2, 3, 5, 8, 13, 64, 100] {
            let items: Vec<Vec<u8>> = (0..count).map(|n| vec![n as u8; n % 7]).collect();
            let together = paths(&items);
            assert_eq!(together.len(), count);
            for (index, path) in together.iter().enumerate() {
                assert_eq!(Some(path.clone()), InclusionProof::new(&items, index as u32));
                assert_eq!(InclusionProof::decode(&path.encode()).as_ref(), Ok(path));
            }
        }
    }
}
