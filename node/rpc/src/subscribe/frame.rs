//! The text of what is told. Bodies are JSON already; only numbers and words of ours stand around them.

use playfair_host::Status;
use playfair_http::Problem;
use serde_json::json;

/// A height, or that there is none.
fn height(cursor: Option<u64>) -> String {
    cursor.map_or_else(|| "null".to_owned(), |cursor| cursor.to_string())
}

pub(crate) fn snapshot(name: u32, cursor: Option<u64>, body: &str) -> String {
    let cursor = height(cursor);
    format!(r#"{{"as":{name},"cursor":{cursor},"snapshot":{body}}}"#)
}

pub(crate) fn delta(name: u32, after: Option<u64>, cursor: Option<u64>, body: &str) -> String {
    let (after, cursor) = (height(after), height(cursor));
    format!(r#"{{"as":{name},"after":{after},"cursor":{cursor},"delta":{body}}}"#)
}

/// A part of a block: the cursor stays until its last one.
pub(crate) fn part(name: u32, after: Option<u64>, body: &str) -> String {
    let after = height(after);
    format!(r#"{{"as":{name},"after":{after},"cursor":{after},"delta":{body},"more":true}}"#)
}

pub(crate) fn nothing(name: u32, after: Option<u64>, cursor: Option<u64>) -> String {
    let (after, cursor) = (height(after), height(cursor));
    format!(r#"{{"as":{name},"after":{after},"cursor":{cursor}}}"#)
}

pub(crate) fn end(name: u32, why: &str) -> String {
    format!(r#"{{"as":{name},"end":"{why}"}}"#)
}

pub(crate) fn head(head: u64) -> String {
    format!(r#"{{"head":{head}}}"#)
}

/// A problem, of one subscription if it has one.
pub(crate) fn error(name: Option<u32>, problem: &Problem) -> String {
    // It is an object with `error` in it.
    let text = problem.to_json();
    match (name, text.strip_prefix('{')) {
        (Some(name), Some(rest)) => format!(r#"{{"as":{name},{rest}"#),
        _ => text,
    }
}

pub(crate) fn status(status: &Status) -> String {
    match status {
        Status::Halted { reason, retry_ms } => {
            json!({ "status": status.name(), "reason": reason, "retry_ms": retry_ms }).to_string()
        }
        status => json!({ "status": status.name() }).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_json() {
        let problem = Problem::not_found("a \"thing\"").retry_after_ms(3);
        for (text, expected) in [
            (
                snapshot(1, None, "{}"),
                json!({"as": 1, "cursor": null, "snapshot": {}}),
            ),
            (
                delta(1, None, Some(0), "[]"),
                json!({"as": 1, "after": null, "cursor": 0, "delta": []}),
            ),
            (
                part(1, Some(4), "[]"),
                json!({"as": 1, "after": 4, "cursor": 4, "delta": [], "more": true}),
            ),
            (
                nothing(9, Some(1), Some(2)),
                json!({"as": 9, "after": 1, "cursor": 2}),
            ),
            (end(9, "unsubscribed"), json!({"as": 9, "end": "unsubscribed"})),
            (head(7), json!({"head": 7})),
            (
                error(Some(5), &problem),
                json!({"as": 5, "error": {"code": "not_found", "message": "a \"thing\"", "retry_after_ms": 3}}),
            ),
            (
                error(None, &Problem::bad_request("x")),
                json!({"error": {"code": "bad_request", "message": "x"}}),
            ),
            (status(&Status::Paused), json!({"status": "paused"})),
            (
                status(&Status::Halted {
                    reason: "a \"disk\"".to_owned(),
                    retry_ms: Some(5),
                }),
                json!({"status": "halted", "reason": "a \"disk\"", "retry_ms": 5}),
            ),
        ] {
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&text).unwrap(),
                expected
            );
        }
    }
}
