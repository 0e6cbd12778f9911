//! The state: values with proofs, accounts, and what modules answer.

use crate::blocks::block;
use crate::chains::blocking;
use crate::evidence::{BlockEvidence, detail, name};
use crate::hex::{self, Hex};
use crate::{Api, problem, tolls};
use axum::Json;
use axum::extract::{Path, Query, State};
use http::StatusCode;
use playfair_host::Readers;
use playfair_host::chain::{ReadError, Version};
use playfair_http::{Problem, Toll};
use playfair_storage::Sealed;
use playfair_storage::history::Place;
use playfair_types::account::{AccountId, AccountRecord};
use playfair_types::bounded::Bytes;
use playfair_types::limits::STATE_PROOF_KEYS_MAX;
use playfair_types::state::{StateKey, SystemKey};
use playfair_types::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Places of an account's keys that are shown.
const KEYS_SHOWN: u8 = 16;
/// Calls of an account in one answer.
const CALLS_MAX: u32 = 256;

/// A key of the state.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Key {
    /// A key of the module: at most 64 bytes.
    Module(Hex),
    /// An account's record: its id.
    Account(Hex),
    /// A key record of an account.
    #[serde(rename = "account_key")]
    OfAccount {
        /// The account's id.
        account: Hex,
        /// The key's place.
        index: u8,
    },
    /// The chain's parameters.
    Params,
    /// The announced upgrade.
    Upgrade,
    /// A place in the tree, 31 bytes.
    Place(Hex),
}

impl Key {
    pub(crate) fn place(&self) -> Result<StateKey, Problem> {
        let account = |id: &Hex| {
            let id = <[u8; 20]>::try_from(id.0.as_slice());
            id.map(AccountId)
                .map_err(|_| Problem::bad_request("an account's id has 20 bytes"))
        };
        Ok(match self {
            Self::Module(key) => {
                let key = Bytes::new(key.0.clone());
                StateKey::of_user(
                    &key.map_err(|_| Problem::bad_request("a module's key has at most 64 bytes"))?,
                )
            }
            Self::Account(id) => StateKey::of_system(SystemKey::Account(account(id)?)),
            Self::OfAccount { account: id, index } => {
                StateKey::of_system(SystemKey::Key(account(id)?, *index))
            }
            Self::Params => StateKey::of_system(SystemKey::Params),
            Self::Upgrade => StateKey::of_system(SystemKey::Upgrade),
            Self::Place(place) => {
                let place = <[u8; 31]>::try_from(place.0.as_slice());
                StateKey(place.map_err(|_| Problem::bad_request("a place in the tree has 31 bytes"))?)
            }
        })
    }
}

/// Which values.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Their keys, 1 to 256.
    keys: Vec<Key>,
    /// After which block; the last one if not given.
    height: Option<u64>,
}

/// Keys in one question: fewer than a state proof holds, since each is read and proven.
pub(crate) const KEYS_MAX: usize = 256;
const _: () = assert!(KEYS_MAX <= STATE_PROOF_KEYS_MAX);

/// Values and their proof.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proven {
    /// The block that the state came of; its header has the root.
    block: BlockEvidence,
    /// The keys' places in the tree, as they were asked for.
    places: Vec<Hex>,
    /// Their values; none where there is none.
    values: Vec<Option<Hex>>,
    /// The proof of all of them, presence and absence (FORMATS.md section 8): for the places in ascending order, each once.
    proof: Hex,
}

/// The block of a version.
fn block_of(readers: &Readers, version: &Version) -> Result<BlockEvidence, Problem> {
    Ok(BlockEvidence::of(&*block(readers, version.header.after.height)?))
}

/// The state after a block that is sealed: what is being made must not be shown.
fn sealed(readers: &Readers, height: Option<u64>) -> Result<Version, Problem> {
    let last = readers.last();
    let height = height.unwrap_or(last);
    if height > last {
        let message = format!("there is no block {height} yet: the last one is {last}");
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown_block", message));
    }
    readers.at(height).map_err(|error| problem::read(&error))
}

/// Values of the state, with one proof for all of them against the root of a block's header.
#[utoipa::path(post, path = "/chains/{chain}/state", tag = "state",
    params(("chain" = String, Path, description = "id or name")),
    request_body = Asked,
    responses((status = 200, body = Proven),
              (status = 400, description = "no keys, or too many"),
              (status = 404, description = "no such chain"),
              (status = 410, description = "the state of that height is not kept"),
              (status = 429, description = "this address asks too much")))]
pub(crate) async fn state(
    State(api): State<Api>,
    Path(chain): Path<String>,
    toll: Toll,
    Json(asked): Json<Asked>,
) -> Result<Json<Proven>, Problem> {
    let (_, readers) = api.open(&chain)?;
    if asked.keys.is_empty() || asked.keys.len() > KEYS_MAX {
        return Err(Problem::bad_request(format!("ask for 1 to {KEYS_MAX} keys")));
    }
    toll.charge(tolls::keys(asked.keys.len()))?;
    let proven = blocking(move || {
        let places = asked.keys.iter().map(Key::place).collect::<Result<Vec<_>, _>>()?;
        let version = sealed(&readers, asked.height)?;
        proven(&readers, &version, &places)
    });
    Ok(Json(proven.await?))
}

pub(crate) fn proven(readers: &Readers, version: &Version, places: &[StateKey]) -> Result<Proven, Problem> {
    let failed = |error| problem::read(&ReadError::State(error));
    let mut sorted = places.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let proof = version.view.prove(&sorted).map_err(failed)?;
    let values = places.iter().map(|place| version.view.get(place).map_err(failed));
    Ok(Proven {
        block: block_of(readers, version)?,
        values: values
            .map(|value| Ok(value?.map(Hex)))
            .collect::<Result<_, Problem>>()?,
        places: places.iter().map(|place| Hex::of(place.0)).collect(),
        proof: Hex(proof.encode()),
    })
}

/// An account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Account {
    /// Whether it has made a call of its own.
    created: bool,
    /// Its balance, in smallest units: a decimal number.
    balance: String,
    /// The next nonce of each lane.
    next_nonces: Vec<u64>,
    /// The record, and those of its first 16 keys, with their proof.
    evidence: Proven,
}

/// An account: balance, nonces, keys.
#[utoipa::path(get, path = "/chains/{chain}/accounts/{account}", tag = "state",
    params(("chain" = String, Path, description = "id or name"), ("account" = String, Path, description = "the account's id")),
    responses((status = 200, body = Account), (status = 404, description = "no such chain")))]
pub(crate) async fn account(
    State(api): State<Api>,
    Path((chain, id)): Path<(String, String)>,
    toll: Toll,
) -> Result<Json<Account>, Problem> {
    let (_, readers) = api.open(&chain)?;
    toll.charge(tolls::keys(usize::from(KEYS_SHOWN)))?;
    let id = AccountId(hex::array("an account's id", &id)?);
    let account = blocking(move || {
        let version = sealed(&readers, None)?;
        let keys = (0..KEYS_SHOWN).map(|index| SystemKey::Key(id, index));
        let places: Vec<_> = std::iter::once(SystemKey::Account(id))
            .chain(keys)
            .map(StateKey::of_system)
            .collect();
        let evidence = proven(&readers, &version, &places)?;
        let record = evidence.values.first().and_then(Option::as_ref);
        let record = record
            .and_then(|bytes| AccountRecord::decode(&bytes.0).ok())
            .unwrap_or_default();
        Ok(Account {
            created: record.created,
            balance: record.balance.to_string(),
            next_nonces: record.next_nonces.iter().map(|nonce| nonce.get()).collect(),
            evidence,
        })
    });
    Ok(Json(account.await?))
}

/// Which of an account's calls.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Before {
    /// Calls of blocks below this height; without it, the last ones.
    before: Option<u64>,
    /// How many, at most 256. Default 20.
    count: Option<u32>,
}

/// Where a call lies.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallPlace {
    height: u64,
    index: u32,
    /// The call's name; none when its block has just been let go.
    id: Option<Hex>,
}

/// Where an account's calls lie, the newest first, with their names.
#[utoipa::path(get, path = "/chains/{chain}/accounts/{account}/calls", tag = "state",
    params(("chain" = String, Path, description = "id or name"), ("account" = String, Path, description = "the account's id"), Before),
    responses((status = 200, body = Vec<CallPlace>), (status = 404, description = "no such chain"),
              (status = 429, description = "this address asks too much")))]
pub(crate) async fn account_calls(
    State(api): State<Api>,
    Path((chain, id)): Path<(String, String)>,
    Query(before): Query<Before>,
    toll: Toll,
) -> Result<Json<Vec<CallPlace>>, Problem> {
    let (_, readers) = api.open(&chain)?;
    let id = AccountId(hex::array("an account's id", &id)?);
    let count = before.count.unwrap_or(20).min(CALLS_MAX);
    // Each may lie in a block of its own, which is read for the call's name.
    toll.charge(tolls::blocks(u64::from(count)))?;
    let before = Place {
        height: before.before.unwrap_or(u64::MAX),
        index: 0,
    };
    let places = blocking(move || {
        let found = readers.history.calls_of(id, before, count as usize);
        named(&readers, found.map_err(|error| problem::history(&error))?)
    });
    Ok(Json(places.await?))
}

/// Places with the names of their calls. Several of one block, which come one after the other, read it once.
fn named(readers: &Readers, places: Vec<Place>) -> Result<Vec<CallPlace>, Problem> {
    let mut last: Option<Arc<Sealed>> = None;
    let mut named = Vec::with_capacity(places.len());
    for Place { height, index } in places {
        if last.as_ref().is_none_or(|block| block.height() != height) {
            let found = readers.history.block(height);
            last = found.map_err(|error| problem::history(&error))?;
        }
        let record = last.as_ref().and_then(|block| block.records.get(index as usize));
        named.push(CallPlace {
            height,
            index,
            id: record.and_then(|record| record.id).map(Hex::of),
        });
    }
    Ok(named)
}

/// What a module is asked.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// The query's number.
    entry: u8,
    /// Its arguments.
    #[serde(default)]
    payload: Hex,
    /// About the state after which block; the last one if not given.
    height: Option<u64>,
}

/// What it answers. Nothing proves it: who does not trust the node runs the module on proven values.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answered {
    /// After which block.
    height: u64,
    /// `ok`, `reverted`, `trapped` or `out_of_gas`.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    output: Hex,
    gas_used: u32,
    /// What it said to its operator.
    logs: Vec<String>,
}

/// Asks the chain's module about the state. It may use as much gas as a call; the answer says `out_of_gas` beyond that.
#[utoipa::path(post, path = "/chains/{chain}/query", tag = "state",
    params(("chain" = String, Path, description = "id or name")),
    request_body = Question,
    responses((status = 200, body = Answered),
              (status = 404, description = "no such chain"),
              (status = 410, description = "the state of that height is not kept"),
              (status = 429, description = "this address asks too much"),
              (status = 503, description = "as many queries are answered as may be at once")))]
pub(crate) async fn query(
    State(api): State<Api>,
    Path(chain): Path<String>,
    toll: Toll,
    Json(question): Json<Question>,
) -> Result<Json<Answered>, Problem> {
    let (_, readers) = api.open(&chain)?;
    if question.payload.0.len() > playfair_types::limits::PAYLOAD_BYTES_MAX {
        return Err(Problem::bad_request("a payload has at most 4,096 bytes"));
    }
    toll.charge(tolls::QUERY)?;
    // Queries share the engine's places with the chains, which must always find one.
    let Ok(place) = Arc::clone(&api.queries).try_acquire_owned() else {
        let message = "the node answers as many queries as it can: try again in a moment";
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_queries", message);
        return Err(problem.retry_after_ms(250));
    };
    let answered = blocking(move || {
        // Held until the module has answered, also when nobody waits for it any more.
        let _place = place;
        let version = sealed(&readers, question.height)?;
        let height = version.header.after.height;
        let answer = readers
            .query(version, question.entry, &question.payload.0)
            .map_err(|error| problem::read(&error))?;
        Ok(Answered {
            height,
            outcome: name(answer.outcome),
            detail: detail(answer.outcome),
            output: Hex(answer.output),
            gas_used: answer.gas_used,
            logs: answer.logs,
        })
    });
    Ok(Json(answered.await?))
}
