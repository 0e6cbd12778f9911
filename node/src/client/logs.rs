//! `playfair logs`: what a chain's module says, and how calls fail, as it happens; the last 200 lines first.

use super::{Node, chain_part, printable, told};
use anyhow::{Result, bail};
use playfair_http::{ClientError, Message, WebSocketLimits};
use serde_json::Value;
use std::io::Write;

/// Prints lines until the node stops or nobody reads. With `count`, so many.
///
/// # Errors
/// When there is no such chain, or the connection is lost.
pub fn follow(node: &Node, chain: &str, json: bool, count: Option<u64>, out: &mut dyn Write) -> Result<()> {
    let path = format!("/admin/v1/chains/{}/logs", chain_part(chain)?);
    node.runtime.block_on(async {
        let limits = WebSocketLimits::default();
        let mut socket = match node.client.websocket(&path, Default::default(), &limits).await {
            Ok(socket) => socket,
            Err(ClientError::NoWebSocket(answer)) => match answer.success() {
                Err(problem) => return Err(told(&problem)),
                Ok(_) => bail!("this is no admin socket of a node"),
            },
            Err(error) => return Err(node.unreachable(&error)),
        };
        let mut printed = 0;
        while count.is_none_or(|count| printed < count) {
            let text = match socket.next().await {
                None | Some(Ok(Message::Close(_))) => bail!("the node has stopped"),
                Some(Err(error)) => bail!("{error}"),
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(_)) => continue,
            };
            let line = if json { text.to_string() } else { shown(&text) };
            // Lines are for whoever reads along: none waits for the next.
            writeln!(out, "{line}")?;
            out.flush()?;
            printed += 1;
        }
        socket.close().await;
        Ok(())
    })
}

/// A line for people.
fn shown(text: &str) -> String {
    let line: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    if let Some(missed) = line["missed"].as_u64() {
        return format!("({missed} lines came faster than they could be read)");
    }
    let kind = printable(line["kind"].as_str().unwrap_or("?")).replace('_', " ");
    let said = printable(line["text"].as_str().unwrap_or_default());
    let number = |field: &str| {
        line[field]
            .as_u64()
            .map_or_else(|| "?".to_owned(), |number| number.to_string())
    };
    format!(
        "{:>8} {:>3}  {kind:<10} {said}",
        number("height"),
        number("index")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_readable_whatever_a_module_says() {
        let text = r#"{"height":17,"index":3,"kind":"out_of_gas","text":"a\u001b[31mb"}"#;
        assert_eq!(shown(text), "      17   3  out of gas a[31mb");
        assert!(shown(r#"{"missed":40}"#).contains("40 lines"));
        assert_eq!(shown("nonsense"), "       ?   ?  ?          ");
    }
}
