//! `playfair chain` and `playfair module add`: making chains and saying what they shall be.

use super::{Node, chain_part, json, printable, text, told};
use crate::abi::{self, Abi};
use crate::table::{hex, left, number, table};
use anyhow::{Context, Result, bail};
use playfair_admission::admit;
use playfair_types::Encode;
use playfair_types::account::AccountId;
use playfair_types::vk::VkSet;
use serde_json::{Map, Value, json};
use std::path::Path;

/// Bytes of a module's hash.
const HASH_BYTES: usize = 31;

/// A chain that is to be made.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// What it is called.
    pub name: String,
    /// A .wasm file, which is uploaded, or the hash of a module that the node has.
    pub module: String,
    /// Arguments of the module's init, NAME=VALUE each.
    pub init: Vec<String>,
    /// Gas of each block's tick.
    pub tick_gas: u32,
    /// Further rules, as the admin API takes them.
    pub rules: Map<String, Value>,
    /// Settings, NAME=VALUE each.
    pub settings: Vec<String>,
}

/// Uploads a module; its hash.
///
/// # Errors
/// When the node does not take it.
pub fn add_module(node: &Node, bytes: &[u8]) -> Result<String> {
    let answer = match node.send("/admin/v1/modules", bytes) {
        Ok(answer) => answer.map_err(|problem| told(&problem))?,
        Err(error) => return Err(node.unreachable(&error)),
    };
    Ok(text(&answer, "hash")?.to_owned())
}

/// A set of verifying keys that a node has taken.
pub struct KeySet {
    /// Its root, hexadecimal.
    pub root: String,
    /// The chain's link, if these are the keys of its first module.
    pub link: String,
}

/// Gives a chain a set of verifying keys.
///
/// # Errors
/// When the node does not take it.
pub fn add_key_set(node: &Node, chain: &str, set: &VkSet) -> Result<KeySet> {
    let path = format!("/admin/v1/chains/{}/key-sets", chain_part(chain)?);
    let answer = match node.send(&path, &set.encode()) {
        Ok(answer) => answer.map_err(|problem| told(&problem))?,
        Err(error) => return Err(node.unreachable(&error)),
    };
    Ok(KeySet {
        root: text(&answer, "root")?.to_owned(),
        link: text(&answer, "link")?.to_owned(),
    })
}

/// A chain's rules from a JSON file.
///
/// # Errors
/// When it is none.
pub fn rules(path: &Path) -> Result<Map<String, Value>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no JSON object of rules", path.display()))
}

/// Makes a chain, and waits until it is there.
///
/// # Errors
/// When the node does not make it.
pub fn create(node: &Node, new: &New) -> Result<Value> {
    let mut rules = new.rules.clone();
    let (hash, init) = module(node, new)?;
    let mut set = |name: &str, value: Value| match rules.insert(name.to_owned(), value) {
        Some(_) => bail!("`{name}` is given twice: by a flag and by the rules"),
        None => Ok(()),
    };
    set("module", hash.into())?;
    if let Some(init) = init {
        set("init", hex(&init).into())?;
    }
    if new.tick_gas > 0 {
        set("tick_gas", new.tick_gas.into())?;
    }
    if !rules.contains_key("salt") {
        // Two chains of one module that begin in the same moment are two chains.
        let mut salt = [0; HASH_BYTES];
        getrandom::fill(&mut salt)
            .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        rules.insert("salt".to_owned(), hex(&salt).into());
    }
    let settings = values(&new.settings)?;
    node.ask(
        "/admin/v1/chains",
        &json!({ "name": new.name, "rules": rules, "settings": settings }),
    )
}

/// The module's hash, and init's argument.
fn module(node: &Node, new: &New) -> Result<(String, Option<Vec<u8>>)> {
    let is_hash =
        new.module.len() == 2 * HASH_BYTES && new.module.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash && !Path::new(&new.module).exists() {
        if !new.init.is_empty() {
            bail!("arguments of init need the module's ABI: give its .wasm file instead of its hash");
        }
        return Ok((new.module.to_lowercase(), None));
    }
    let bytes = std::fs::read(&new.module).with_context(|| format!("cannot read {}", new.module))?;
    let admitted = admit(&bytes);
    let admitted =
        admitted.map_err(|rejection| anyhow::anyhow!("no chain would admit {}: {rejection}", new.module))?;
    let abi = admitted.info.abi.as_deref().map(Abi::parse).transpose()?;
    let init = match abi.as_ref().and_then(|abi| Some((abi, abi.init.as_ref()?))) {
        Some((abi, entry)) => {
            let mut unknown = None;
            let mut account = |name: &str| {
                unknown.get_or_insert(name.to_owned());
                AccountId::NONE.0
            };
            let args = super::call::arguments(&new.init)?;
            let bytes = abi::encode(abi, &entry.args, &args, &mut account)
                .context("init (give --init NAME=VALUE)")?;
            if let Some(name) = unknown {
                bail!(
                    "init: `{name}` is no account: write it as 0x and 40 digits (`playfair keys show NAME`)"
                );
            }
            Some(bytes)
        }
        None if new.init.is_empty() => None,
        None => bail!("the module has no init, but --init is given"),
    };
    Ok((add_module(node, &bytes)?, init))
}

/// What a chain shall do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Take no calls; be read.
    Pause,
    /// Take calls again.
    Resume,
    /// Be closed, with its files kept.
    Archive,
    /// Write history and state now.
    Checkpoint,
}

/// Tells a chain what to do, and waits for it.
///
/// # Errors
/// When there is no such chain, or it does not.
pub fn order(node: &Node, chain: &str, order: Order) -> Result<Value> {
    let word = match order {
        Order::Pause => "pause",
        Order::Resume => "resume",
        Order::Archive => "archive",
        Order::Checkpoint => "checkpoint",
    };
    node.order(&format!("/admin/v1/chains/{}/{word}", chain_part(chain)?))
}

/// Changes how a chain is run; NAME=VALUE each.
///
/// # Errors
/// When there is no such chain or setting.
pub fn set(node: &Node, chain: &str, settings: &[String]) -> Result<Value> {
    node.ask(
        &format!("/admin/v1/chains/{}/settings", chain_part(chain)?),
        &Value::Object(values(settings)?),
    )
}

/// Settings as JSON, from NAME=VALUE each.
fn values(settings: &[String]) -> Result<Map<String, Value>> {
    let mut values = Map::new();
    for setting in settings {
        let (name, value) = setting
            .split_once('=')
            .with_context(|| format!("{setting:?}: write NAME=VALUE"))?;
        let value: Value = value
            .parse()
            .ok()
            .with_context(|| format!("{setting:?}: a number belongs there"))?;
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// A chain, for its operator.
///
/// # Errors
/// When there is no such chain.
pub fn show(node: &Node, chain: &str) -> Result<Value> {
    json(&node.bytes(&format!("/admin/v1/chains/{}", chain_part(chain)?))?)
}

/// All chains, for their operator.
///
/// # Errors
/// When the node does not answer.
pub fn list(node: &Node) -> Result<Value> {
    node.get("/admin/v1/chains")
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        Value::Number(digits) => digits.as_u64().map_or_else(|| digits.to_string(), number),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        _ => "-".to_owned(),
    }
}

/// A chain for people: a line a field, its settings last.
#[must_use]
pub fn shown(chain: &Value) -> String {
    let fields = [
        "name",
        "id",
        "wish",
        "status",
        "reason",
        "first",
        "height",
        "checkpointed",
        "module",
        "waiting",
        "unproven_rows",
    ];
    let mut rows: Vec<Vec<String>> = fields
        .iter()
        .filter(|field| chain.get(**field).is_some())
        .map(|field| vec![(*field).to_owned(), word(&chain[*field])])
        .collect();
    let settings = chain
        .get("settings")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    rows.extend(settings.map(|(name, value)| vec![format!("settings.{}", printable(name)), word(value)]));
    left(&["chain", ""], &rows)
}

/// All chains for people.
#[must_use]
pub fn listed(chains: &Value) -> String {
    let chains = chains.as_array().map(Vec::as_slice).unwrap_or_default();
    if chains.is_empty() {
        return "no chains: make one with `playfair chain create NAME --module FILE`".to_owned();
    }
    let rows: Vec<Vec<String>> = chains
        .iter()
        .map(|chain| {
            ["name", "wish", "status", "height", "id"]
                .map(|field| word(&chain[field]))
                .to_vec()
        })
        .collect();
    table(&["chain", "wish", "status", "height", "id"], &rows)
}
