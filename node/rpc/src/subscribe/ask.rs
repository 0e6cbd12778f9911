//! What clients may say.

use crate::hex::Hex;
use crate::reads::{KEYS_MAX, Key};
use playfair_http::Problem;
use playfair_types::account::AccountId;
use playfair_types::state::StateKey;
use serde::Deserialize;

/// What a message asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    Subscribe { name: u32, what: What },
    Unsubscribe(u32),
}

/// What is subscribed to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What {
    Blocks {
        from: Option<u64>,
    },
    Receipts {
        from: Option<u64>,
        account: Option<AccountId>,
        evidence: bool,
    },
    State {
        from: Option<u64>,
        /// As they were asked for.
        keys: Vec<StateKey>,
    },
    Call {
        id: [u8; 32],
    },
    Proofs {
        /// A frame.
        from: Option<u64>,
    },
}

impl What {
    /// What it costs, in tokens: a request's one, and more where more is read or hashed for it.
    pub(crate) fn cost(&self) -> u32 {
        match self {
            Self::Blocks { .. } | Self::Call { .. } | Self::Proofs { .. } => 1,
            Self::Receipts { evidence, .. } => 1 + 3 * u32::from(*evidence),
            Self::State { keys, .. } => crate::tolls::keys(keys.len()),
        }
    }
}

/// Why a message asks for nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unasked {
    /// The subscription that it names, if it is clear.
    pub(crate) name: Option<u32>,
    pub(crate) problem: Problem,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Blocks,
    Receipts,
    State,
    Call,
    Proofs,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    subscribe: Option<Kind>,
    #[serde(rename = "as")]
    name: Option<u32>,
    from: Option<u64>,
    account: Option<Hex>,
    evidence: Option<bool>,
    keys: Option<Vec<Key>>,
    id: Option<Hex>,
    unsubscribe: Option<u32>,
}

/// Reads a message.
pub(crate) fn read(text: &str) -> Result<Ask, Unasked> {
    let message: Message = serde_json::from_str(text).map_err(|error| Unasked {
        name: None,
        problem: Problem::bad_request(format!("not a request of this protocol: {error}")),
    })?;
    let name = message.name;
    judge(message).map_err(|problem| Unasked { name, problem })
}

fn judge(message: Message) -> Result<Ask, Problem> {
    let no = |why: &str| Err(Problem::bad_request(why));
    let Message {
        subscribe,
        name,
        from,
        account,
        evidence,
        keys,
        id,
        unsubscribe,
    } = message;
    let has = (
        from.is_some(),
        account.is_some() || evidence.is_some(),
        keys.is_some(),
        id.is_some(),
    );
    let (kind, name) = match (subscribe, unsubscribe, name) {
        (Some(kind), None, Some(name)) => (kind, name),
        (Some(_), None, None) => return no("give the subscription a number: \"as\""),
        (None, Some(name), None) if has == (false, false, false, false) => {
            return Ok(Ask::Unsubscribe(name));
        }
        _ => return no("say \"subscribe\" with \"as\" and what belongs to it, or \"unsubscribe\" alone"),
    };
    let what = match (kind, has) {
        (Kind::Blocks, (_, false, false, false)) => What::Blocks { from },
        (Kind::Proofs, (_, false, false, false)) => What::Proofs { from },
        (Kind::Receipts, (_, _, false, false)) => {
            let account = account.map(|id| <[u8; 20]>::try_from(id.0).map(AccountId));
            let Ok(account) = account.transpose() else {
                return no("an account's id has 20 bytes");
            };
            What::Receipts {
                from,
                account,
                evidence: evidence.unwrap_or(false),
            }
        }
        (Kind::State, (_, false, true, false)) => {
            let keys = keys.unwrap_or_default();
            if keys.is_empty() || keys.len() > KEYS_MAX {
                return Err(Problem::bad_request(format!("ask for 1 to {KEYS_MAX} keys")));
            }
            let keys = keys.iter().map(Key::place).collect::<Result<_, _>>()?;
            What::State { from, keys }
        }
        (Kind::Call, (false, false, false, true)) => {
            let Ok(id) = <[u8; 32]>::try_from(id.unwrap_or_default().0) else {
                return no("a call's name has 32 bytes");
            };
            What::Call { id }
        }
        _ => {
            return no(
                "blocks and proofs take from; receipts from, account, evidence; state from, keys; call id",
            );
        }
    };
    Ok(Ask::Subscribe { name, what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_read() {
        let zeros = "00".repeat(32);
        for (text, expected) in [
            (r#"{"unsubscribe":7}"#.to_owned(), Ask::Unsubscribe(7)),
            (
                r#"{"subscribe":"blocks","as":1,"from":0}"#.to_owned(),
                Ask::Subscribe {
                    name: 1,
                    what: What::Blocks { from: Some(0) },
                },
            ),
            (
                r#"{"as":4294967295,"subscribe":"receipts","evidence":true}"#.to_owned(),
                Ask::Subscribe {
                    name: u32::MAX,
                    what: What::Receipts {
                        from: None,
                        account: None,
                        evidence: true,
                    },
                },
            ),
            (
                format!(r#"{{"subscribe":"call","as":0,"id":"{zeros}"}}"#),
                Ask::Subscribe {
                    name: 0,
                    what: What::Call { id: [0; 32] },
                },
            ),
        ] {
            assert_eq!(read(&text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_means_nothing_is_told_why() {
        for (text, name) in [
            ("", None),
            ("7", None),
            ("[]", None),
            ("{}", None),
            (r#"{"subscribe":"blocks"}"#, None),
            (r#"{"subscribe":"nothing","as":1}"#, None),
            (r#"{"subscribe":"blocks","as":-1}"#, None),
            (r#"{"subscribe":"blocks","as":1.5}"#, None),
            (r#"{"subscribe":"blocks","as":1,"as":1}"#, None),
            (r#"{"subscribe":"blocks","as":1,"more":1}"#, None),
            (r#"{"subscribe":"blocks","as":4294967296}"#, None),
            (
                r#"{"subscribe":"blocks","as":1,"from":18446744073709551616}"#,
                None,
            ),
            (r#"{"subscribe":"blocks","as":1,"unsubscribe":1}"#, Some(1)),
            (r#"{"subscribe":"blocks","as":1,"keys":["params"]}"#, Some(1)),
            (r#"{"subscribe":"receipts","as":2,"account":"00"}"#, Some(2)),
            (r#"{"subscribe":"receipts","as":2,"account":"0"}"#, None),
            (r#"{"subscribe":"state","as":3}"#, Some(3)),
            (r#"{"subscribe":"state","as":3,"keys":[]}"#, Some(3)),
            (r#"{"subscribe":"state","as":3,"keys":[{"place":"00"}]}"#, Some(3)),
            (r#"{"subscribe":"call","as":4,"id":"00"}"#, Some(4)),
            (r#"{"subscribe":"call","as":4}"#, Some(4)),
            (r#"{"unsubscribe":1,"from":3}"#, None),
            (r#"{"unsubscribe":1,"as":3}"#, Some(3)),
        ] {
            let unasked = read(text).unwrap_err();
            assert_eq!(unasked.name, name, "{text}");
            assert_eq!(&*unasked.problem.code, "bad_request", "{text}");
        }
        let many = format!(
            r#"{{"subscribe":"state","as":3,"keys":[{}"params"]}}"#,
            r#""params","#.repeat(KEYS_MAX)
        );
        assert!(read(&many).unwrap_err().problem.message.contains("256"));
    }

    #[test]
    fn whatever_comes_is_read_or_refused() {
        let zeros = "00".repeat(32);
        let good = [
            r#"{"subscribe":"blocks","as":1,"from":17}"#.to_owned(),
            format!(r#"{{"subscribe":"receipts","as":2,"account":"{}","evidence":true}}"#, "00".repeat(20)),
            r#"{"subscribe":"state","as":3,"keys":[{"module":"6e"},"params",{"account_key":{"account":"00","index":7}}]}"#.to_owned(),
            format!(r#"{{"subscribe":"call","as":4,"id":"{zeros}"}}"#),
            r#"{"unsubscribe":1}"#.to_owned(),
        ];
        let pieces = [
            "\"",
            "{",
            "}",
            "[",
            ",",
            ":",
            "-",
            "1e999",
            "null",
            "\\u0000",
            "9999999999",
            "as",
            "\u{e9}",
        ];
        let mut seed = 6u64;
        let mut below = |end: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % end
        };
        let mut asked = 0;
        for _ in 0..50_000 {
            let mut text: Vec<char> = good[below(good.len())].chars().collect();
            for _ in 0..below(4) {
                let (at, end) = (below(text.len() + 1), below(text.len() + 1));
                match below(3) {
                    0 => drop(text.drain(at.min(end)..at.max(end))),
                    1 => drop(text.splice(at..at, pieces[below(pieces.len())].chars())),
                    _ => text.truncate(at),
                }
            }
            match read(&text.iter().collect::<String>()) {
                Ok(_) => asked += 1,
                Err(unasked) => assert_eq!(unasked.problem.status.as_u16(), 400),
            }
        }
        assert!((10_000..45_000).contains(&asked), "{asked}");
    }
}
