//! A block as it is told, rendered once for all who hear it: the pieces are made when the first one needs them.

use crate::blocks::RecordShown;
use crate::evidence::BlockEvidence;
use crate::hex::Hex;
use crate::paths::Paths;
use playfair_http::Problem;
use playfair_storage::Sealed;
use playfair_types::account::AccountId;
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
    paths: OnceLock<Paths>,
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
        let paths = self.paths.get_or_init(|| Paths::of(&self.sealed));
        let (record_path, receipt_path) = paths.at(index)?;
        let text = self.proven.get(index)?.get_or_init(|| {
            json(&Proven {
                shown: shown(),
                record_path,
                receipt_path,
            })
        });
        Some(text)
    }
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
