//! A node that is a table: what was asked, what it answered.

use playfair_light_client_core::{Body, Platform, Request, Response, Unreachable, digits};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The recorded chain: the link, what tests may know beside it, and both parts of the conversation.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The chain link.
    pub link: String,
    /// The secret of the committee, with which tests lie as it could.
    pub committee_secret: [u8; 32],
    /// Calls of the first part, and of the second.
    pub calls: [Vec<[u8; 32]>; 2],
    /// The last call's record, which was submitted again at the end.
    pub last_call: Vec<u8>,
    /// An account that has made calls.
    pub account: [u8; 20],
    /// Answers of the first part, and of the second.
    pub parts: [Answers; 2],
}

/// What was asked, in [`name`]'s words, and what came.
pub type Answers = BTreeMap<String, Response>;

/// A question's name: its path, with what is posted behind it.
#[must_use]
pub fn name(request: &Request<'_>) -> String {
    match request.body {
        None => request.path.to_owned(),
        Some(Body::Json(text)) => format!("{} {text}", request.path),
        Some(Body::Bytes(bytes)) => format!("{} {}", request.path, digits(bytes)),
    }
}

/// Bytes of digits.
#[must_use]
pub fn bytes(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    pairs.map(pair).collect()
}

impl Recorded {
    /// The one that is committed.
    #[must_use]
    pub fn committed() -> Self {
        Self::read(include_str!("../../fixtures/light-client/chess.json"))
    }

    /// Reads a recording.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let value: Value = serde_json::from_str(text).unwrap();
        let digits = |value: &Value| bytes(value.as_str().unwrap());
        let calls = |part: usize| -> Vec<[u8; 32]> {
            let calls = value["calls"][part].as_array().unwrap().iter();
            calls.map(|call| digits(call).try_into().unwrap()).collect()
        };
        let answers = |part: usize| -> Answers {
            let answers = value["parts"][part].as_object().unwrap().iter();
            let answer = |value: &Value| Response {
                status: u16::try_from(value["status"].as_u64().unwrap()).unwrap(),
                // JSON lies there as it came, so that a person can read it.
                body: match &value["json"] {
                    Value::Null => digits(&value["bytes"]),
                    json => json.to_string().into_bytes(),
                },
            };
            answers
                .map(|(name, value)| (name.clone(), answer(value)))
                .collect()
        };
        Self {
            link: value["link"].as_str().unwrap().to_owned(),
            committee_secret: digits(&value["committee_secret"]).try_into().unwrap(),
            calls: [calls(0), calls(1)],
            last_call: digits(&value["last_call"]),
            account: digits(&value["account"]).try_into().unwrap(),
            parts: [answers(0), answers(1)],
        }
    }

    /// Writes it, as [`Recorded::read`] reads it.
    #[must_use]
    pub fn write(&self) -> String {
        let calls = |calls: &Vec<[u8; 32]>| -> Value { calls.iter().map(|id| json!(digits(id))).collect() };
        let answer = |answer: &Response| match serde_json::from_slice::<Value>(&answer.body) {
            Ok(value) if value.is_object() || value.is_array() => {
                json!({ "status": answer.status, "json": value })
            }
            _ => json!({ "status": answer.status, "bytes": digits(&answer.body) }),
        };
        let part = |answers: &Answers| -> Value {
            let answers = answers.iter().map(|(name, told)| (name.clone(), answer(told)));
            Value::Object(answers.collect())
        };
        let value = json!({
            "link": self.link,
            "committee_secret": digits(&self.committee_secret),
            "last_call": digits(&self.last_call),
            "account": digits(&self.account),
            "calls": [calls(&self.calls[0]), calls(&self.calls[1])],
            "parts": [part(&self.parts[0]), part(&self.parts[1])],
        });
        let mut text = serde_json::to_string_pretty(&value).unwrap();
        text.push('\n');
        text
    }
}

/// What changes an answer on its way: the question's name, and what the node would have said.
pub type Change = Rc<dyn Fn(&str, Response) -> Response>;

/// A node that answers from one part of the recording, changed on the way.
#[derive(Clone)]
pub struct Table {
    parts: Rc<[Answers; 2]>,
    part: Rc<Cell<usize>>,
    change: Rc<RefCell<Option<Change>>>,
    kept: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
    asked: Rc<RefCell<Vec<String>>>,
    clock: Rc<Cell<u64>>,
}

impl Table {
    /// An honest node in the first part.
    #[must_use]
    pub fn of(recorded: &Recorded) -> Self {
        Self {
            parts: Rc::new(recorded.parts.clone()),
            part: Rc::default(),
            change: Rc::default(),
            kept: Rc::default(),
            asked: Rc::default(),
            clock: Rc::default(),
        }
    }

    /// Answers from this part from now on.
    pub fn go_to(&self, part: usize) {
        self.part.set(part);
    }

    /// Changes answers from now on, or no more.
    pub fn change(&self, change: Option<Change>) {
        *self.change.borrow_mut() = change;
    }

    /// What is kept for the next start.
    #[must_use]
    pub fn kept(&self) -> Rc<RefCell<BTreeMap<String, Vec<u8>>>> {
        Rc::clone(&self.kept)
    }

    /// What was asked since this was last called.
    #[must_use]
    pub fn take_asked(&self) -> Vec<String> {
        self.asked.take()
    }
}

impl Platform for Table {
    async fn fetch(&self, request: Request<'_>) -> Result<Response, Unreachable> {
        let name = name(&request);
        self.asked.borrow_mut().push(name.clone());
        let answers = self.parts.get(self.part.get()).unwrap();
        let found = answers.get(&name);
        let found = found
            .cloned()
            .ok_or_else(|| Unreachable(format!("never asked before: {name}")))?;
        let change = self.change.borrow().clone();
        let answer = change.map_or_else(|| found.clone(), |change| change(&name, found.clone()));
        match answer.body.len() <= request.bytes_max {
            true => Ok(answer),
            false => Err(Unreachable("longer than it may be".to_owned())),
        }
    }

    fn now_ms(&self) -> u64 {
        1_800_000_000_000
    }

    fn micros(&self) -> u64 {
        self.clock.set(self.clock.get() + 1);
        self.clock.get()
    }

    async fn load(&self, name: &str) -> Option<Vec<u8>> {
        self.kept.borrow().get(name).cloned()
    }

    async fn store(&self, name: &str, bytes: &[u8]) {
        self.kept.borrow_mut().insert(name.to_owned(), bytes.to_vec());
    }
}
