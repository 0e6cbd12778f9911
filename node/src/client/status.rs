//! `playfair status`: what a node and its chains are doing, once or again and again.

use super::{Node, printable};
use crate::table::{number, table};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// Time between two looks.
const LOOK: Duration = Duration::from_secs(1);
/// Digits of a module's hash that are shown: people compare them, programs take all of them from `--json`.
const MODULE_DIGITS: usize = 16;

/// What a node says of itself and its chains.
///
/// # Errors
/// When it does not answer.
pub fn status(node: &Node) -> Result<Value> {
    let about = node.get("/v1/node")?;
    let chains = node.get("/v1/chains")?;
    let chains = chains
        .as_array()
        .context("the node's answer is no list of chains")?;
    let mut shown = Vec::new();
    for chain in chains {
        let id = super::chain_part(super::text(chain, "id")?)?;
        let mut chain = node.get(&format!("/v1/chains/{id}"))?;
        if let Some(fields) = chain.as_object_mut() {
            // Evidence is for light clients.
            for field in ["head", "genesis", "committee"] {
                fields.remove(field);
            }
        }
        shown.push(chain);
    }
    Ok(json!({ "node": about, "chains": shown }))
}

/// The same for people.
#[must_use]
pub fn text(status: &Value) -> String {
    let chains = status
        .get("chains")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let version = status["node"]["version"].as_str().unwrap_or("?");
    let mut lines = format!("playfair {}, {} chain(s)\n", printable(version), chains.len());
    if chains.is_empty() {
        return lines + "no chains: make one with `playfair chain create`";
    }
    let word = |value: &Value| printable(value.as_str().unwrap_or("-"));
    let count = |value: &Value| value.as_u64().map_or_else(|| "-".to_owned(), number);
    let rows: Vec<Vec<String>> = chains
        .iter()
        .map(|chain| {
            vec![
                word(&chain["name"]),
                word(&chain["status"]),
                count(&chain["height"]),
                count(&chain["queue"]["calls"]),
                count(&chain["queue"]["unproven_rows"]),
                word(&chain["module"]).chars().take(MODULE_DIGITS).collect(),
            ]
        })
        .collect();
    lines.push_str(&table(
        &["chain", "status", "height", "waiting", "unproven rows", "module"],
        &rows,
    ));
    for chain in chains {
        if let Some(reason) = chain["reason"].as_str() {
            lines.push_str(&format!(
                "\n{} is halted: {}",
                word(&chain["name"]),
                printable(reason)
            ));
        }
    }
    lines
}

/// Prints it once, or each second until somebody stops it. A node that is away is told about and waited for.
///
/// # Errors
/// When the node does not answer at the first time, or nobody reads.
pub fn run(node: &Node, watch: bool, json: bool, out: &mut dyn Write) -> Result<()> {
    let show = |found: &Value| if json { found.to_string() } else { text(found) };
    let mut shown = show(&status(node)?);
    loop {
        // A table is drawn over the last one; what is not read by people is not drawn.
        if watch && !json && std::io::stdout().is_terminal() {
            write!(out, "\x1b[2J\x1b[H").context("cannot write")?;
        }
        writeln!(out, "{shown}").context("cannot write")?;
        out.flush().context("cannot write")?;
        if !watch {
            return Ok(());
        }
        node.pause(LOOK);
        shown = match status(node) {
            Ok(found) => show(&found),
            Err(error) if json => json!({ "error": format!("{error:#}") }).to_string(),
            Err(error) => format!("{error:#}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halted_chain_says_why() {
        let status = json!({
            "node": { "version": "1.2.3" },
            "chains": [
                { "name": "a", "status": "running", "height": 1234, "queue": { "calls": 5, "unproven_rows": 6 },
                  "module": "0123456789abcdef0000" },
                { "name": "b", "status": "halted", "height": null, "queue": { "calls": 0, "unproven_rows": 0 },
                  "module": null, "reason": "the disk\u{1b} is full" },
            ],
        });
        assert_eq!(
            text(&status),
            "playfair 1.2.3, 2 chain(s)\n\
             chain  status   height  waiting  unproven rows  module\n\
             a      running  1,234         5              6  0123456789abcdef\n\
             b      halted   -             0              0  -\n\
             b is halted: the disk is full"
        );
        assert!(text(&json!({ "node": {}, "chains": [] })).contains("chain create"));
        assert!(text(&json!("nonsense")).contains("no chains"));
    }
}
