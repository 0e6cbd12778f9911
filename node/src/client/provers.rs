//! `playfair prover invite`, `revoke` and `list`: who proves a node's chains.

use super::{Node, printable, text};
use crate::table::{number, table};
use anyhow::{Result, bail};
use serde_json::Value;

/// Workers, jobs and chains, as the node tells.
///
/// # Errors
/// When it does not prove.
pub fn status(node: &Node) -> Result<Value> {
    node.get("/admin/v1/provers")
}

/// Invites a worker; what it joins with.
///
/// # Errors
/// When the node does not.
pub fn invite(node: &Node, name: &str) -> Result<String> {
    let told = node.order(&format!("/admin/v1/provers/{}/invite", worker(name)?))?;
    Ok(text(&told, "invite")?.to_owned())
}

/// Takes an invitation back.
///
/// # Errors
/// When there is none.
pub fn revoke(node: &Node, name: &str) -> Result<()> {
    node.order(&format!("/admin/v1/provers/{}/revoke", worker(name)?))?;
    Ok(())
}

/// A worker's name, as a part of a path.
fn worker(name: &str) -> Result<&str> {
    let is_part = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_part {
        bail!("{name:?} is no name for a worker: use a to z, 0 to 9 and -");
    }
    Ok(name)
}

/// The status as text.
#[must_use]
pub fn shown(status: &Value) -> String {
    let count = |value: &Value| number(value.as_u64().unwrap_or_default());
    let all = |field: &str| status[field].as_array().map(Vec::as_slice).unwrap_or_default();
    let word = |value: &Value| printable(value.as_str().unwrap_or_default());
    let mut parts = vec![format!(
        "{} jobs wait, {} are being proven",
        count(&status["waiting"]),
        count(&status["proving"])
    )];
    let workers: Vec<Vec<String>> = all("workers")
        .iter()
        .map(|worker| {
            let counts = ["jobs", "proofs", "lost", "lies"].map(|field| count(&worker[field]));
            [vec![word(&worker["name"])], counts.to_vec()].concat()
        })
        .collect();
    parts.push(match workers.is_empty() {
        true => {
            "no workers: set prover.workers, or invite some with `playfair prover invite NAME`".to_owned()
        }
        false => table(&["worker", "jobs", "proofs", "lost", "lies"], &workers),
    });
    let chains: Vec<Vec<String>> = all("chains")
        .iter()
        .map(|chain| {
            let open = count(&chain["open"]);
            vec![word(&chain["chain"]), open, word(&chain["error"])]
        })
        .collect();
    if !chains.is_empty() {
        parts.push(table(&["chain", "open jobs", "trouble"], &chains));
    }
    let invited: Vec<String> = all("invited").iter().map(word).collect();
    if !invited.is_empty() {
        parts.push(format!("invited: {}", invited.join(", ")));
    }
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_status_is_read_by_people() {
        let text = shown(&json!({
            "waiting": 3, "proving": 1, "invited": ["rig"],
            "workers": [{"name": "local/local-1", "jobs": 1, "proofs": 1200, "lost": 0, "lies": 0}],
            "chains": [{"chain": "chess", "open": 4, "error": "the disk\u{1b}[2J is full"}],
        }));
        assert!(text.contains("3 jobs wait, 1 are being proven"), "{text}");
        assert!(text.contains("local/local-1     1   1,200     0     0"), "{text}");
        assert!(
            text.contains("the disk[2J is full") && text.ends_with("invited: rig"),
            "{text}"
        );
        assert!(shown(&json!({})).contains("no workers"));
    }

    #[test]
    fn a_worker_is_no_path() {
        assert!(worker("rig-1").is_ok());
        for bad in ["", "../x", "a b", "a/b"] {
            assert!(worker(bad).is_err(), "{bad}");
        }
    }
}
