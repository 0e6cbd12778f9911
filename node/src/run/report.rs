//! What a run prints: a line for each call and query, for people or as JSON.

use super::Settings;
use super::script::{Call, Query};
use crate::abi::{self, Abi, Entry};
use crate::table::{hex, number};
use anyhow::Result;
use playfair_machine::Applied;
use playfair_machine::query::Answer;
use playfair_runtime::engine::Counted;
use playfair_runtime::local::Local;
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::receipt::{Outcome, Receipt, ReceiptBody};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// Players' names by their account ids in hexadecimal: accounts are shown as scripts write them.
pub(crate) type Names = BTreeMap<String, String>;

/// A value with names in the place of known account ids.
fn named(names: &Names, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(names.get(&text).cloned().unwrap_or(text)),
        Value::Array(values) => values.into_iter().map(|value| named(names, value)).collect(),
        Value::Object(fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, named(names, value)));
            Value::Object(fields.collect())
        }
        other => other,
    }
}

/// What became of one call or query.
pub(crate) struct Line {
    by: String,
    what: String,
    ending: Ending,
    /// The error's name, or the revert's text.
    error: Option<String>,
    gas: u32,
    returns: Option<Value>,
    events: Vec<Value>,
    logs: Vec<String>,
    /// The root after its block, on the block's last line.
    pub(super) root: Option<Fr>,
    /// What the script expected instead.
    unexpected: Option<String>,
}

/// How a call or query ended.
pub(crate) struct Ending {
    /// As scripts say it: `ok`, `reverted`, `trapped`, `out of gas`, `invalid`.
    pub(crate) kind: String,
    /// The same with its detail.
    pub(crate) shown: String,
}

impl Ending {
    fn is(&self, kind: &str) -> bool {
        self.kind == kind
    }
}

impl From<Outcome> for Ending {
    fn from(outcome: Outcome) -> Self {
        Self {
            kind: kind(outcome).to_owned(),
            shown: shown(outcome),
        }
    }
}

impl Line {
    pub(super) fn call(
        abi: Option<&Abi>,
        names: &Names,
        entry: Option<&Entry>,
        by: &str,
        what: &str,
        done: &Applied,
        call: Option<&Call>,
    ) -> Self {
        let mut line = Self::sealed(abi, names, entry, by, what, (&done.receipt, &done.body));
        line.logs.clone_from(&done.logs);
        let expected = call.and_then(|call| call.expect.as_deref());
        line.check(expected, call.and_then(|call| call.returns.as_ref()));
        line
    }

    /// A call by its receipt.
    pub(crate) fn sealed(
        abi: Option<&Abi>,
        names: &Names,
        entry: Option<&Entry>,
        by: &str,
        what: &str,
        (receipt, body): (&Receipt, &ReceiptBody),
    ) -> Self {
        let mut line = Self::of(abi, names, entry, by, what, receipt.outcome.into(), &body.output);
        line.gas = receipt.gas_used;
        line.events = events(abi, names, body);
        line
    }

    /// What a node answered to a query.
    pub(crate) fn answered(
        abi: Option<&Abi>,
        names: &Names,
        entry: Option<&Entry>,
        what: &str,
        ending: Ending,
        answer: (&[u8], u32, Vec<String>),
    ) -> Self {
        let (output, gas, logs) = answer;
        let mut line = Self::of(abi, names, entry, "", what, ending, output);
        line.gas = gas;
        line.logs = logs;
        line
    }

    pub(super) fn tick(abi: Option<&Abi>, names: &Names, done: &Applied) -> Self {
        Self::call(abi, names, None, "", "tick", done, None)
    }

    pub(super) fn query(
        abi: Option<&Abi>,
        names: &Names,
        entry: &Entry,
        query: &Query,
        answer: &Answer,
    ) -> Self {
        let what = format!("query {}", entry.name);
        let answered = (&*answer.output, answer.gas_used, answer.logs.clone());
        let mut line = Self::answered(abi, names, Some(entry), &what, answer.outcome.into(), answered);
        line.check(None, query.returns.as_ref());
        line
    }

    fn of(
        abi: Option<&Abi>,
        names: &Names,
        entry: Option<&Entry>,
        by: &str,
        what: &str,
        ending: Ending,
        output: &[u8],
    ) -> Self {
        let typed = abi.zip(entry);
        let returns = match (ending.is("ok"), typed) {
            (true, Some((abi, entry))) => entry
                .returns
                .as_ref()
                .map(|ty| abi::decode(abi, ty, output).unwrap_or_else(|_| raw(output)))
                .map(|value| named(names, value)),
            (true, None) if !output.is_empty() => Some(raw(output)),
            _ => None,
        };
        let error = ending.is("reverted").then(|| revert(typed, output));
        Self {
            by: by.to_owned(),
            what: what.to_owned(),
            ending,
            error,
            gas: 0,
            returns,
            events: Vec::new(),
            logs: Vec::new(),
            root: None,
            unexpected: None,
        }
    }

    fn check(&mut self, expected: Option<&str>, returns: Option<&Value>) {
        if let Some(expected) = expected {
            let is = self.ending.is(expected) || self.error.as_deref() == Some(expected);
            if !is {
                self.unexpected = Some(format!("expected {expected}"));
            }
        }
        if let Some(expected) = returns
            && self.returns.as_ref() != Some(expected)
        {
            self.unexpected = Some(format!("expected to return {expected}"));
        }
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{:<10} {:<24} {}", self.by, self.what, self.ending.shown);
        if let Some(error) = &self.error {
            text.push_str(&format!(": {error}"));
        }
        text.push_str(&format!("  gas {}", number(u64::from(self.gas))));
        if let Some(returns) = &self.returns {
            text.push_str(&format!("  returns {returns}"));
        }
        for event in &self.events {
            text.push_str(&format!("  event {event}"));
        }
        if let Some(root) = &self.root {
            text.push_str(&format!("  root {}", &hex(&fr_to_bytes(root))[..16]));
        }
        for log in &self.logs {
            text.push_str(&format!("\n           log: {log}"));
        }
        if let Some(unexpected) = &self.unexpected {
            text.push_str(&format!("\n           UNEXPECTED: {unexpected}"));
        }
        text
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "by": self.by,
            "what": self.what,
            "outcome": self.ending.kind,
            "detail": self.ending.shown,
            "error": self.error,
            "gas": self.gas,
            "returns": self.returns,
            "events": self.events,
            "logs": self.logs,
            "root": self.root.map(|root| hex(&fr_to_bytes(&root))),
            "unexpected": self.unexpected,
        })
    }
}

/// The outcome's name in scripts.
fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Reverted => "reverted",
        Outcome::Trapped(_) => "trapped",
        Outcome::OutOfGas => "out of gas",
        Outcome::Invalid(_) => "invalid",
    }
}

/// The outcome with its detail.
fn shown(outcome: Outcome) -> String {
    match outcome {
        Outcome::Trapped(trap) => format!("trapped ({trap:?})"),
        Outcome::Invalid(reason) => format!("invalid ({reason:?})"),
        _ => kind(outcome).to_owned(),
    }
}

/// A revert's error by name, else its text.
fn revert(typed: Option<(&Abi, &Entry)>, message: &[u8]) -> String {
    let Some((code, text)) = message.split_first_chunk::<2>() else {
        return String::from_utf8_lossy(message).into_owned();
    };
    let known = typed.and_then(|(abi, entry)| abi.error_name(entry, u16::from_le_bytes(*code)));
    match (known, typed) {
        (Some(name), _) => name.to_owned(),
        (None, Some(_)) => String::from_utf8_lossy(text).into_owned(),
        (None, None) => String::from_utf8_lossy(message).into_owned(),
    }
}

fn events(abi: Option<&Abi>, names: &Names, body: &ReceiptBody) -> Vec<Value> {
    let decoded = body.events.iter().map(|event| {
        let known = abi.and_then(|abi| {
            let ty = &abi.events.iter().find(|known| known.topic == event.topic)?.ty;
            let name = match ty {
                abi::Type::Name(name) => name.clone(),
                abi::Type::Of(_) => event.topic.to_string(),
            };
            Some(json!({ name: named(names, abi::decode(abi, ty, &event.data).ok()?) }))
        });
        known.unwrap_or_else(|| json!({ event.topic.to_string(): raw(&event.data) }))
    });
    decoded.collect()
}

fn raw(bytes: &[u8]) -> Value {
    Value::String(format!("0x{}", hex(bytes)))
}

/// The printing of a run.
pub(super) struct Report<'a> {
    settings: Settings,
    out: &'a mut dyn Write,
    lines: usize,
    gas: u64,
    unexpected: usize,
}

impl<'a> Report<'a> {
    pub(super) fn new(settings: Settings, out: &'a mut dyn Write) -> Self {
        Self {
            settings,
            out,
            lines: 0,
            gas: 0,
            unexpected: 0,
        }
    }

    pub(super) fn start(&mut self, local: &Local) -> Result<()> {
        let chain = hex(&fr_to_bytes(&local.chain.machine().chain_id()));
        let module = hex(&local.chain.boundary().module.0);
        if self.settings.json {
            writeln!(self.out, "{}", json!({ "chain": chain, "module": module }))?;
        } else {
            writeln!(self.out, "chain {chain}\nmodule {module}\n")?;
        }
        Ok(())
    }

    pub(super) fn line(&mut self, line: &Line) -> Result<()> {
        self.lines += 1;
        self.gas += u64::from(line.gas);
        self.unexpected += usize::from(line.unexpected.is_some());
        if self.settings.json {
            writeln!(self.out, "{}", line.json())?;
        } else {
            writeln!(self.out, "{}", line.text())?;
        }
        Ok(())
    }

    pub(super) fn counted(&mut self, counted: Counted) -> Result<()> {
        if self.settings.json {
            let counted = json!({ "instructions": counted.instructions, "accesses": counted.accesses });
            writeln!(self.out, "{counted}")?;
        } else {
            writeln!(
                self.out,
                "\n{} instructions, {} loads and stores",
                number(counted.instructions),
                number(counted.accesses)
            )?;
        }
        Ok(())
    }

    pub(super) fn end(self, local: &Local) -> Result<usize> {
        let boundary = local.chain.boundary();
        let root = hex(&fr_to_bytes(&boundary.state_root));
        let digest = hex(&local.chain.digest());
        if self.settings.json {
            let end = json!({
                "height": boundary.height,
                "state_root": root,
                "block": digest,
                "gas": self.gas,
                "unexpected": self.unexpected,
            });
            writeln!(self.out, "{end}")?;
        } else {
            writeln!(
                self.out,
                "\n{} lines, gas {}, height {}\nstate root {root}\nblock {digest}",
                self.lines,
                number(self.gas),
                boundary.height
            )?;
            if self.unexpected > 0 {
                writeln!(self.out, "{} NOT AS EXPECTED", self.unexpected)?;
            }
        }
        Ok(self.unexpected)
    }
}
