//! What JavaScript is told: plain objects, with bytes as digits.

use playfair_machine::Applied;
use playfair_machine::query::Answer;
use playfair_predict::{Foreseen, Predicted};
use playfair_types::receipt::{Event, Outcome};
use playfair_types::state::StateKey;
use serde_json::{Value, json};

/// Bytes as lowercase hexadecimal digits.
#[must_use]
pub fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

/// The bytes of digits; none when the text is not exactly that.
#[must_use]
pub fn bytes(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pairs = pairs.iter();
    let bytes = pairs.map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

/// `needs`: places whose values are not known; or what will be.
#[must_use]
pub fn predicted<T>(predicted: &Predicted<T>, will: impl FnOnce(&T) -> Value) -> Value {
    match predicted {
        Predicted::Needs(keys) => json!({ "needs": keys.iter().map(place).collect::<Vec<_>>() }),
        Predicted::Will(told) => json!({ "will": will(told) }),
    }
}

fn place(key: &StateKey) -> String {
    digits(&key.0)
}

/// What calls will do.
#[must_use]
pub fn foreseen(foreseen: &Foreseen) -> Value {
    let changes = foreseen.changes.iter().map(|(key, value)| {
        let value = value.as_ref().map(|value| digits(value));
        json!({ "place": place(key), "value": value })
    });
    json!({
        "calls": foreseen.calls.iter().map(applied).collect::<Vec<_>>(),
        "changes": changes.collect::<Vec<_>>(),
    })
}

fn applied(applied: &Applied) -> Value {
    json!({
        "outcome": outcome(applied.receipt.outcome),
        "output": digits(&applied.body.output),
        "events": applied.body.events.iter().map(event).collect::<Vec<_>>(),
        "gasUsed": applied.receipt.gas_used,
        "logs": applied.logs,
    })
}

fn event(event: &Event) -> Value {
    json!({ "topic": event.topic, "data": digits(&event.data) })
}

/// What the module answers.
#[must_use]
pub fn answer(answer: &Answer) -> Value {
    json!({ "outcome": outcome(answer.outcome), "output": digits(&answer.output) })
}

/// As the light client tells them.
fn outcome(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Ok => json!({ "name": "ok" }),
        Outcome::Reverted => json!({ "name": "reverted" }),
        Outcome::Trapped(trap) => json!({ "name": "trapped", "detail": trap.code() }),
        Outcome::OutOfGas => json!({ "name": "out-of-gas" }),
        Outcome::Invalid(reason) => json!({ "name": "invalid", "detail": reason.code() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_one_way_to_write_bytes() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&digits(&all)), Some(all));
        for none in ["0", "0g", "AB", "0x", " 00"] {
            assert_eq!(bytes(none), None, "{none}");
        }
    }
}
