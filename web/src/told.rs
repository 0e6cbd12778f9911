//! What the package tells the page, as it comes: `client.d.ts`, `predict.d.ts` and `wallet.d.ts` of the npm package say what each means.

use serde::{Deserialize, Serialize};

/// How far something was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// The chain's module ran here, on verified values.
    Predicted,
    /// In a block with the committee's certificate.
    Sequenced,
    /// Covered by a validity proof.
    Proven,
}

impl Rung {
    /// From the lowest up.
    pub const ALL: [Self; 3] = [Self::Predicted, Self::Sequenced, Self::Proven];

    /// Its name on the page.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Predicted => "predicted",
            Self::Sequenced => "sequenced",
            Self::Proven => "proven",
        }
    }
}

/// What is verified of the chain.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    pub head: Option<Head>,
    pub proven: Option<Proven>,
    pub proven_block: Option<u64>,
    pub frozen: Option<Lie>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    pub height: u64,
    pub time_ms: u64,
    pub digest: String,
    pub module: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Proven {
    pub height: u64,
    pub frames: u64,
    pub proofs: u64,
}

/// What came of following.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct News {
    pub view: Option<View>,
    pub checks: Vec<Check>,
    pub trouble: Option<Trouble>,
    /// Whether checks and trouble are what another tab says; the view is never.
    #[serde(rename = "isHeard")]
    pub is_heard: bool,
    pub role: Role,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Leader,
    #[default]
    Alone,
    Follower,
}

/// Why something was not answered with something verified.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Trouble {
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub message: String,
    pub code: Option<String>,
    pub lie: Option<Box<Lie>>,
}

impl Trouble {
    /// One of the page's own.
    #[must_use]
    pub fn of(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
            code: None,
            lie: None,
        }
    }
}

/// What cannot truthfully have been said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Lie {
    pub name: String,
    pub message: String,
    pub committees: bool,
    pub asked: String,
    pub exhibits: Vec<Exhibit>,
    pub micros: u64,
    /// Whether this page asked for it.
    #[serde(default)]
    pub made: bool,
    /// Whether another tab says so.
    #[serde(skip)]
    pub is_heard: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Exhibit {
    pub what: String,
    pub bytes: String,
}

/// A check that held.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Check {
    pub kind: String,
    pub what: String,
    pub against: String,
    pub micros: u64,
    /// Whether another tab made it.
    #[serde(skip)]
    pub is_heard: bool,
}

/// A rung in words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RungWords {
    pub name: Rung,
    pub checked: String,
    pub cheats: String,
    pub holds: String,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Outcome {
    pub name: String,
    pub detail: Option<u32>,
}

impl Outcome {
    /// Whether it did what it was to do.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.name == "ok"
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    pub topic: u32,
    pub data: String,
}

/// What a player signed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Signed {
    pub account: String,
    pub lane: u8,
    pub nonce: u64,
    pub entry: u8,
    pub payload: String,
}

/// A call in a certified block.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    pub id: String,
    pub height: u64,
    pub index: u64,
    pub time_ms: u64,
    pub rung: Rung,
    pub outcome: Outcome,
    pub gas_used: u64,
    pub output: String,
    pub events: Vec<Event>,
    pub signed: Option<Signed>,
}

/// Where the node says that a call is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CallPlace {
    pub height: u64,
    pub index: u64,
    pub id: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    pub id: String,
    pub height: u64,
    pub exists: bool,
    pub balance: String,
    pub nonces: Vec<u64>,
    /// Those of its first 16 places.
    pub keys: Vec<AccountKey>,
}

/// A key of an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountKey {
    pub place: u8,
    pub role: KeyRole,
    /// None for an owner on L1.
    pub public_key: Option<String>,
    /// None for owners.
    pub session: Option<SessionLimits>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum KeyRole {
    #[serde(rename = "owner")]
    Owner,
    #[serde(rename = "session")]
    Session,
    #[serde(rename = "l1-owner")]
    L1Owner,
}

/// What a session's key may do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionLimits {
    pub entries: Vec<u8>,
    pub lanes: Vec<u8>,
    pub gas_price_max: String,
    pub expires_ms: u64,
}

/// A record of a block with what it did.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub index: u64,
    pub kind: String,
    pub id: Option<String>,
    pub signed: Option<Signed>,
    pub outcome: Outcome,
    pub gas_used: u64,
    pub output: String,
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    pub height: u64,
    pub time_ms: u64,
    pub digest: String,
    pub parent: String,
    pub state_root: String,
    pub rung: Rung,
    pub records: Vec<Record>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockHead {
    pub height: u64,
    pub time_ms: u64,
    pub digest: String,
    pub records: u64,
    pub rung: Rung,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Values {
    pub height: u64,
    pub time_ms: u64,
    pub rung: Rung,
    pub values: Vec<Option<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Anchors {
    pub chain_id: String,
    pub module: String,
    pub key_set_root: String,
    pub committee: Committee,
    pub insecure: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Committee {
    pub epoch: u64,
    pub members: u64,
    pub threshold: u64,
    pub key: String,
}

/// A lie that the page can be told to make.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MadeLie {
    pub name: String,
    pub title: String,
    pub what: String,
}

/// What a call will do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Foreseen {
    pub height: u64,
    pub ms: f64,
    pub calls: Vec<ForeseenCall>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ForeseenCall {
    pub outcome: Outcome,
    pub output: String,
    pub events: Vec<Event>,
    pub gas_used: u64,
}

/// What the module answers about verified values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Answered {
    pub height: u64,
    pub ms: f64,
    pub outcome: Outcome,
    pub output: String,
}

/// A key of the wallet.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    pub chain: String,
    pub name: String,
    pub account: String,
    pub created_ms: f64,
    pub is_backed_up: bool,
}

impl Key {
    /// Whether this is the same key under the same name, whatever became of it since.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let what = |key: &Self| (key.chain.clone(), key.name.clone(), key.account.clone());
        what(self) == what(other)
    }
}
