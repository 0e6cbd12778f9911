//! `playfair call` and `playfair query`: one call or query, by the names that the module's ABI gives.
//!
//! A call goes: what the chain is (its id, its module's ABI) and the account's next nonce from the node; arguments to
//! bytes by the ABI; the signature; the submission, which is answered when the call is sealed or refused. A call whose answer
//! does not come may be sealed all the same: its name is told, and how to ask for it.

use super::keys::{Key, Keys};
use super::{Node, chain_part, hex, text, told};
use crate::abi::{self, Abi, Entry};
use crate::run::report::{Ending, Line, Names};
use crate::table;
use anyhow::{Context, Result, bail};
use playfair_types::account::AccountId;
use playfair_types::bounded::{Bytes, U48};
use playfair_types::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use playfair_types::limits::{CALL_GAS_MAX, NONCE_LANES};
use playfair_types::receipt::{Receipt, ReceiptBody};
use playfair_types::tape::call::Call;
use playfair_types::{Decode, Encode};
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a call may wait for its turn. A signed call is as good as sent for so long, whoever has it.
const VALID: Duration = Duration::from_secs(600);

/// What is called or asked.
#[derive(Clone, Debug)]
pub struct What {
    /// The chain's name or id.
    pub chain: String,
    /// The entry's name in the ABI, or its number with `payload`.
    pub entry: String,
    /// Arguments as NAME=VALUE; a value is JSON, else text as it stands.
    pub args: Vec<String>,
    /// The argument's bytes in hexadecimal digits, for modules without an ABI.
    pub payload: Option<String>,
}

/// How a call is signed.
#[derive(Clone, Debug)]
pub struct How {
    /// Whose key signs.
    pub key: String,
    /// The nonce lane.
    pub lane: u8,
    /// Gas that it may use.
    pub gas_limit: u32,
    /// What is paid for a unit of it, on chains that want payment.
    pub gas_price: u64,
}

impl How {
    /// By this key, on the first lane, with as much gas as a call may have.
    #[must_use]
    pub fn by(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            lane: 0,
            gas_limit: CALL_GAS_MAX,
            gas_price: 0,
        }
    }
}

/// What the chain makes of a name: its ABI, the entry, the bytes.
struct Meant {
    abi: Option<Abi>,
    entry: Option<Entry>,
    number: u8,
    payload: Vec<u8>,
}

/// Signs and submits a call, and waits until it is sealed. What is printed, and whether the call did what it should.
///
/// # Errors
/// When it was refused, or its answer did not come.
pub fn call(node: &Node, keys: &Keys, what: &What, how: &How, json: bool) -> Result<(String, bool)> {
    let key = keys.load(&how.key)?;
    if usize::from(how.lane) >= NONCE_LANES {
        bail!("--lane {}: lanes are 0 to {}", how.lane, NONCE_LANES - 1);
    }
    let (names, meant) = (names(keys)?, meant(node, keys, what, Abi::call)?);
    let path = format!("/v1/chains/{}", chain_part(&what.chain)?);
    let chain_id = chain_id(&node.get(&path)?)?;
    let account = node.get(&format!("{path}/accounts/{}", table::hex(&key.account().0)))?;
    let record = signed(&meant, how, &key, chain_id, &account)?;
    let id = table::hex(&fr_to_bytes(&playfair_types::tape::call_message(
        chain_id, &record,
    )?));
    let ask = || format!("ask for {path}/calls/{id}");
    let sealed = match node.send(&format!("{path}/calls"), &record) {
        Ok(Ok(answer)) => answer,
        Ok(Err(problem)) => return Err(told(&problem)),
        Err(error) if error.maybe_done() => {
            bail!("{error}: the call may be sealed or not; {}", ask())
        }
        Err(error) => return Err(node.unreachable(&error)),
    };
    if text(&sealed, "status")? != "sealed" {
        bail!(
            "the chain has the call, and has not made a block of it yet; {}",
            ask()
        );
    }
    let evidence = sealed
        .get("evidence")
        .context("the node's answer has no evidence")?;
    let receipt = Receipt::decode(&hex(evidence, "receipt")?).context("the node's receipt is none")?;
    let body = ReceiptBody::decode(&hex(evidence, "receipt_body")?).context("the node's receipt is none")?;
    if !body.matches(&receipt) {
        bail!("the node's receipt is not of its own body: do not trust this node");
    }
    let line = Line::sealed(
        meant.abi.as_ref(),
        &names,
        meant.entry.as_ref(),
        &how.key,
        &what.entry,
        (&receipt, &body),
    );
    let place = (&evidence["block"]["height"], &evidence["index"]);
    let text = if json {
        let mut shown = line.json();
        if let Some(fields) = shown.as_object_mut() {
            fields.retain(|name, _| !["root", "unexpected", "logs"].contains(&name.as_str()));
            fields.insert("id".to_owned(), id.into());
            fields.insert("height".to_owned(), place.0.clone());
            fields.insert("index".to_owned(), place.1.clone());
        }
        shown.to_string()
    } else {
        format!("{}\nblock {}, place {}, call {id}", line.text(), place.0, place.1)
    };
    Ok((text, text_is_ok(&sealed)))
}

/// Asks the chain's module. What is printed, and whether it answered.
///
/// # Errors
/// When the node does not answer, or the question is none.
pub fn query(node: &Node, keys: &Keys, what: &What, json: bool) -> Result<(String, bool)> {
    let (names, meant) = (names(keys)?, meant(node, keys, what, Abi::query)?);
    let path = format!("/v1/chains/{}/query", chain_part(&what.chain)?);
    let question = json!({ "entry": meant.number, "payload": table::hex(&meant.payload) });
    let answer = node.ask(&path, &question)?;
    let kind = text(&answer, "outcome")?.replace('_', " ");
    let ending = Ending {
        shown: match answer.get("detail").and_then(Value::as_str) {
            Some(detail) => format!("{kind} ({})", super::printable(detail)),
            None => kind.clone(),
        },
        kind,
    };
    let logs = answer
        .get("logs")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let logs = logs
        .iter()
        .filter_map(Value::as_str)
        .map(super::printable)
        .collect();
    let gas = answer
        .get("gas_used")
        .and_then(Value::as_u64)
        .and_then(|gas| gas.try_into().ok());
    let output = hex(&answer, "output")?;
    let line = Line::answered(
        meant.abi.as_ref(),
        &names,
        meant.entry.as_ref(),
        &what.entry,
        ending,
        (&output, gas.unwrap_or_default(), logs),
    );
    let height = &answer["height"];
    let text = if json {
        let mut shown = line.json();
        if let Some(fields) = shown.as_object_mut() {
            fields.retain(|name, _| !["root", "unexpected", "events", "by"].contains(&name.as_str()));
            fields.insert("height".to_owned(), height.clone());
        }
        shown.to_string()
    } else {
        format!("{}  after block {height}", line.text().trim_start())
    };
    Ok((text, text_is_ok(&answer)))
}

fn text_is_ok(answer: &Value) -> bool {
    answer.get("outcome").and_then(Value::as_str) == Some("ok")
}

/// The id of a chain.
fn chain_id(shown: &Value) -> Result<Fr> {
    let bytes: Option<[u8; 32]> = hex(shown, "id")?.try_into().ok();
    let id = bytes.and_then(|bytes| fr_from_bytes(&bytes));
    id.context("the node's chain id is no field element")
}

/// Accounts by the names of the keys that are here.
fn names(keys: &Keys) -> Result<Names> {
    let known = keys.list()?.into_iter().flatten();
    Ok(known
        .map(|key| (format!("0x{}", table::hex(&key.account().0)), key.name))
        .collect())
}

fn meant(
    node: &Node,
    keys: &Keys,
    what: &What,
    find: for<'a> fn(&'a Abi, &str) -> Result<&'a Entry>,
) -> Result<Meant> {
    let chain = chain_part(&what.chain)?;
    if let Some(payload) = &what.payload {
        let number = what.entry.parse();
        return Ok(Meant {
            abi: None,
            entry: None,
            number: number
                .ok()
                .context("with --payload, the entry is a number from 0 to 255")?,
            payload: abi::hex(payload)?,
        });
    }
    let section = node.bytes(&format!("/v1/chains/{chain}/abi"));
    let section = section.context("no ABI: give the entry's number and --payload HEX")?;
    let abi = Abi::parse(&section)?;
    let entry = find(&abi, &what.entry)?.clone();
    let mut unknown = None;
    let mut account = |name: &str| match keys.load(name) {
        Ok(key) => key.account().0,
        Err(error) => {
            unknown.get_or_insert(error);
            AccountId::NONE.0
        }
    };
    let payload = abi::encode(&abi, &entry.args, &arguments(&what.args)?, &mut account)?;
    match unknown {
        Some(error) => Err(error.context("an account is 0x and 40 hexadecimal digits, or the name of a key")),
        None => Ok(Meant {
            number: entry.number,
            abi: Some(abi),
            entry: Some(entry),
            payload,
        }),
    }
}

/// NAME=VALUE each, as an object.
pub(super) fn arguments(args: &[String]) -> Result<Value> {
    let mut object = Map::new();
    for arg in args {
        let Some((name, value)) = arg.split_once('=') else {
            bail!("{arg:?}: arguments are NAME=VALUE, as step=3; `playfair module inspect` shows the names");
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        if object.insert(name.to_owned(), value).is_some() {
            bail!("`{name}` is given twice");
        }
    }
    Ok(Value::Object(object))
}

/// The call's record.
fn signed(meant: &Meant, how: &How, key: &Key, chain_id: Fr, account: &Value) -> Result<Vec<u8>> {
    let created = account.get("created").and_then(Value::as_bool);
    let created = created.context("the node's answer has no `created`: is it of another version?")?;
    let nonces = account.get("next_nonces").and_then(Value::as_array);
    let nonce = nonces.and_then(|nonces| nonces.get(usize::from(how.lane))?.as_u64());
    let nonce = nonce.context("the node's answer has no nonce for this lane")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let until = u64::try_from((now + VALID).as_millis()).ok().and_then(U48::new);
    let call = Call {
        account: key.account(),
        key_index: 0,
        lane: how.lane,
        nonce: U48::new(nonce).context("the account has used all nonces of this lane")?,
        valid_until_ms: until.context("this machine's clock is wrong: set it")?,
        gas_limit: how.gas_limit,
        gas_price: how.gas_price,
        entry: meant.number,
        payload: Bytes::new(meant.payload.clone())
            .context("the arguments are longer than a call may carry")?,
        new_key: (!created).then(|| key.secret.public_key().to_bytes()),
    };
    Ok(call.sign(chain_id, &key.secret).encode())
}
