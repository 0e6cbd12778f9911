//! Lies: each changes one thing of what an honest node says.
//!
//! A lie is told from the beginning of the second part on, to a client that has followed the first part, and to one that comes new. [`all`]
//! names what the client must call it.

mod blocks;
mod calls;
mod proofs;
mod values;
mod whole;

use crate::table::{Change, Recorded, bytes};
use playfair_bls::{SecretKey, Signer};
use playfair_light_client_core::{Response, digits};
use playfair_types::certificate::Certificate;
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::header::Header;
use playfair_types::link::ChainLink;
use playfair_types::{Decode, Encode};
use serde_json::{Value, json};
use std::rc::Rc;

/// To whom a lie is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// Who knows nothing, and who has followed the first part.
    Everybody,
    /// Who has followed the first part: others cannot know.
    Followers,
    /// Who knows nothing: followers do not ask this any more.
    Newcomers,
}

/// One lie.
#[derive(Clone)]
pub struct Told {
    /// What the node does.
    pub name: &'static str,
    /// What the client calls it: [`playfair_light_client_core::Lie::name`].
    pub caught: &'static str,
    /// To whom.
    pub to: To,
    /// Whether the committee signs it.
    pub is_signed: bool,
    /// How answers change on their way.
    pub change: Change,
}

/// All of them.
#[must_use]
pub fn all(recorded: &Recorded) -> Vec<Told> {
    let scene = Scene::of(recorded);
    let mut all = blocks::all(&scene);
    all.extend(calls::all(&scene));
    all.extend(values::all(&scene));
    all.extend(proofs::all(&scene));
    all.extend(whole::all(&scene));
    all
}

/// What liars know.
pub(crate) struct Scene {
    pub(crate) recorded: Recorded,
    /// The committee itself.
    pub(crate) signer: Rc<Signer>,
    /// The path of the chain.
    pub(crate) chain: String,
}

impl Scene {
    pub(crate) fn of(recorded: &Recorded) -> Self {
        let link = ChainLink::from_text(&recorded.link).unwrap();
        let ordering = link.committee.unwrap();
        let secret = SecretKey::from_bytes(&recorded.committee_secret).unwrap();
        let signer = Signer::new(secret, ordering.committee.epoch, ordering.ordering_id);
        assert_eq!(
            *signer.committee(),
            ordering.committee,
            "the recorded secret is the committee's"
        );
        Self {
            recorded: recorded.clone(),
            signer: Rc::new(signer),
            chain: format!("/v1/chains/{}", digits(&fr_to_bytes(&link.chain_id))),
        }
    }

    /// An answer of a part, as JSON, to the question whose path ends like this.
    pub(crate) fn said(&self, part: usize, path: &str) -> Value {
        let name = format!("{}{path}", self.chain);
        let answer = self.recorded.parts[part].get(&name);
        let answer = answer.unwrap_or_else(|| panic!("{name} was not asked"));
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The evidence of the second part's head.
    pub(crate) fn head(&self) -> Value {
        self.said(1, "")["head"].clone()
    }

    /// A block that the committee signs, made of a true one.
    pub(crate) fn forged(&self, block: &Value, change: impl FnOnce(&mut Header)) -> Value {
        let mut header = header_of(block);
        change(&mut header);
        let mut forged = block.clone();
        forged["header"] = json!(digits(&header.encode()));
        forged["height"] = json!(header.after.height);
        let certificate = self
            .signer
            .certificate(header.after.height - 1, header.digest())
            .unwrap();
        forged["certificate"] = json!(digits(&certificate.encode()));
        forged
    }
}

pub(crate) fn header_of(block: &Value) -> Header {
    Header::decode(&bytes(block["header"].as_str().unwrap())).unwrap()
}

pub(crate) fn certificate_of(block: &Value) -> Certificate {
    Certificate::decode(&bytes(block["certificate"].as_str().unwrap())).unwrap()
}

/// Turns the low bit of a byte, counted from the end for negative places.
pub(crate) fn flipped(digits_of: &Value, place: isize) -> Value {
    let mut bytes = bytes(digits_of.as_str().unwrap());
    let at = if place < 0 {
        bytes.len() as isize + place
    } else {
        place
    };
    bytes[at as usize] ^= 1;
    json!(digits(&bytes))
}

/// A lie in the JSON of answers to questions like these.
pub(crate) fn in_json(
    name: &'static str,
    caught: &'static str,
    to: To,
    asked: impl Fn(&str) -> bool + 'static,
    change: impl Fn(&mut Value) + 'static,
) -> Told {
    let change = move |question: &str, mut answer: Response| {
        if asked(question) && answer.status == 200 {
            let mut value = serde_json::from_slice(&answer.body).unwrap();
            change(&mut value);
            answer.body = value.to_string().into_bytes();
        }
        answer
    };
    Told {
        name,
        caught,
        to,
        is_signed: false,
        change: Rc::new(change),
    }
}

/// A lie in the bytes of answers to questions like these.
pub(crate) fn in_bytes(
    name: &'static str,
    caught: &'static str,
    to: To,
    asked: impl Fn(&str) -> bool + 'static,
    change: impl Fn(&mut Vec<u8>) + 'static,
) -> Told {
    let change = move |question: &str, mut answer: Response| {
        if asked(question) && answer.status == 200 {
            change(&mut answer.body);
        }
        answer
    };
    Told {
        name,
        caught,
        to,
        is_signed: false,
        change: Rc::new(change),
    }
}

/// A block that the committee signed, shown wherever the block of its height is shown.
pub(crate) fn everywhere(name: &'static str, caught: &'static str, to: To, block: Value) -> Told {
    let change = move |_: &str, mut answer: Response| {
        if let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body)
            && (value.is_object() || value.is_array())
        {
            replace(&mut value, &block);
            answer.body = value.to_string().into_bytes();
        }
        answer
    };
    Told {
        name,
        caught,
        to,
        is_signed: true,
        change: Rc::new(change),
    }
}

fn replace(value: &mut Value, block: &Value) {
    match value {
        Value::Object(map) if map.contains_key("header") && map.get("height") == block.get("height") => {
            for (name, said) in block.as_object().unwrap() {
                map.insert(name.clone(), said.clone());
            }
        }
        Value::Object(map) => map.values_mut().for_each(|value| replace(value, block)),
        Value::Array(list) => list.iter_mut().for_each(|value| replace(value, block)),
        _ => {}
    }
}
