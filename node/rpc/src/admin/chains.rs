//! Chains and modules, for their operator.

use super::genesis::{self, Rules};
use super::{Admin, told};
use crate::chains::blocking;
use crate::evidence::element;
use crate::hex::Hex;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playfair_host::{Chain, ChainSettings, NewChain, Status, Wish};
use playfair_http::Problem;
use playfair_types::Decode;
use playfair_types::link::{ChainLink, OrderingAnchor};
use playfair_types::vk::VkSet;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a change is waited for before it is said to be under way.
const WAIT: Duration = Duration::from_secs(20);

/// A chain, for its operator.
#[derive(Serialize, ToSchema)]
pub(crate) struct Managed {
    /// Its id.
    id: Hex,
    name: String,
    /// What it shall be: `running`, `paused` or `archived`.
    wish: &'static str,
    /// What it is: `opening`, `running`, `paused`, `archived`, `halted` or `stopping`.
    status: &'static str,
    /// Why it is halted, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// When it is opened again by itself, ms since 1970; none when it waits for its operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_ms: Option<u64>,
    /// The first block that is kept, while it is open.
    first: Option<u64>,
    /// The height of its last block, while it is open.
    height: Option<u64>,
    /// Blocks below this height are in the history's file too.
    checkpointed: Option<u64>,
    /// The module that the next block runs, while it is open.
    module: Option<Hex>,
    /// Calls that wait.
    waiting: usize,
    /// Their gas limits.
    waiting_gas: u64,
    /// Rows that are executed and not proven, by their price.
    unproven_rows: u64,
    settings: Settings,
}

impl Managed {
    fn of(chain: &Chain) -> Self {
        let (record, head, status) = (chain.record(), chain.head(), chain.status());
        let name = status.name();
        let (reason, retry_ms) = match status {
            Status::Halted { reason, retry_ms } => (Some(reason), retry_ms),
            _ => (None, None),
        };
        Self {
            id: element(&chain.id),
            name: record.name,
            wish: match record.wish {
                Wish::Running => "running",
                Wish::Paused => "paused",
                Wish::Archived => "archived",
            },
            status: name,
            reason,
            retry_ms,
            first: chain.readers().map(|readers| readers.history.first()),
            height: head.block.as_ref().map(|block| block.height()),
            checkpointed: chain.readers().map(|readers| readers.history.flushed()),
            module: head.block.map(|block| Hex::of(block.header.after.module.0)),
            waiting: head.waiting,
            waiting_gas: head.waiting_gas,
            unproven_rows: head.debt,
            settings: Settings::of(&record.settings),
        }
    }
}

/// How a chain is run. What is left out of a request stays, or is the default of a new chain.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Time between blocks, ms. Default 100.
    interval_ms: Option<u64>,
    /// Gas that the calls of a block may use, in all. Default 16,000,000.
    block_gas_max: Option<u64>,
    /// Bytes of a block's records. Default 1 MiB.
    block_bytes_max: Option<u64>,
    /// Rows that may be executed and not proven. Default: no bound.
    unproven_rows_max: Option<u64>,
    /// Blocks whose state can still be read. Default 1,024.
    retain_blocks: Option<u64>,
    /// Blocks whose state is kept because they are not proven yet, at most. Default 20,000.
    retain_unproven_blocks: Option<u64>,
    /// Blocks that are kept, at least; what is older goes, unless it is to be proven and is not yet. Default 0: everything.
    keep_blocks: Option<u64>,
    /// Whether the chain is to be proven, on a node that proves. Default: yes.
    prove: Option<bool>,
    /// Calls a second on each lane of an account on a free chain. Default 20.
    account_calls_per_s: Option<u32>,
    /// Calls that such an account may send at once on each lane. Default 64.
    account_calls_burst: Option<u32>,
    /// Gas a second on each lane of such an account. Default 2,000,000.
    account_gas_per_s: Option<u64>,
    /// Memory for the caches of state and history, MiB each. Default 32.
    cache_mb: Option<u32>,
}

impl Settings {
    fn of(settings: &ChainSettings) -> Self {
        Self {
            interval_ms: Some(settings.interval_ms),
            block_gas_max: Some(settings.block_gas_max),
            block_bytes_max: Some(settings.block_bytes_max),
            unproven_rows_max: Some(settings.unproven_rows_max),
            retain_blocks: Some(settings.retain_blocks),
            retain_unproven_blocks: Some(settings.retain_unproven_blocks),
            keep_blocks: Some(settings.keep_blocks),
            prove: Some(settings.prove),
            account_calls_per_s: Some(settings.account_calls_per_s),
            account_calls_burst: Some(settings.account_calls_burst),
            account_gas_per_s: Some(settings.account_gas_per_s),
            cache_mb: Some(settings.cache_mb),
        }
    }

    fn over(&self, old: ChainSettings) -> ChainSettings {
        ChainSettings {
            interval_ms: self.interval_ms.unwrap_or(old.interval_ms),
            block_gas_max: self.block_gas_max.unwrap_or(old.block_gas_max),
            block_bytes_max: self.block_bytes_max.unwrap_or(old.block_bytes_max),
            unproven_rows_max: self.unproven_rows_max.unwrap_or(old.unproven_rows_max),
            retain_blocks: self.retain_blocks.unwrap_or(old.retain_blocks),
            retain_unproven_blocks: self.retain_unproven_blocks.unwrap_or(old.retain_unproven_blocks),
            keep_blocks: self.keep_blocks.unwrap_or(old.keep_blocks),
            prove: self.prove.unwrap_or(old.prove),
            account_calls_per_s: self.account_calls_per_s.unwrap_or(old.account_calls_per_s),
            account_calls_burst: self.account_calls_burst.unwrap_or(old.account_calls_burst),
            account_gas_per_s: self.account_gas_per_s.unwrap_or(old.account_gas_per_s),
            cache_mb: self.cache_mb.unwrap_or(old.cache_mb),
        }
    }
}

/// All chains.
#[utoipa::path(get, path = "/chains", tag = "chains", responses((status = 200, body = Vec<Managed>)))]
pub(crate) async fn list(State(admin): State<Admin>) -> Json<Vec<Managed>> {
    Json(
        admin
            .host
            .chains()
            .iter()
            .map(|chain| Managed::of(chain))
            .collect(),
    )
}

/// A chain.
#[utoipa::path(get, path = "/chains/{chain}", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, body = Managed), (status = 404, description = "no such chain")))]
pub(crate) async fn show(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
) -> Result<Json<Managed>, Problem> {
    Ok(Json(Managed::of(&*admin.chain(&chain)?)))
}

/// A chain that is to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct New {
    /// 1 to 32 of a to z, 0 to 9 and -, beginning with a letter.
    name: String,
    /// Its genesis record's bytes (FORMATS.md section 5); or else `rules`.
    genesis: Option<Hex>,
    /// Its rules by their names; or else `genesis`.
    rules: Option<Rules>,
    #[serde(default)]
    settings: Settings,
}

/// Makes a chain and starts it. When the answer comes, it is durable.
#[utoipa::path(post, path = "/chains", tag = "chains", request_body = New,
    responses((status = 201, body = Managed),
              (status = 400, description = "no name, or no genesis"),
              (status = 404, description = "its module was not uploaded"),
              (status = 409, description = "it exists, or there are too many"),
              (status = 422, description = "its genesis cannot be executed")))]
pub(crate) async fn create(
    State(admin): State<Admin>,
    Json(new): Json<New>,
) -> Result<(StatusCode, Json<Managed>), Problem> {
    let genesis = match (&new.genesis, &new.rules) {
        (Some(bytes), None) => genesis::of_bytes(bytes)?,
        (None, Some(rules)) => rules.record(admin.host.now_ms())?,
        _ => return Err(Problem::bad_request("say either \"genesis\" or \"rules\"")),
    };
    let new = NewChain {
        name: new.name,
        genesis,
        settings: new.settings.over(admin.defaults),
    };
    let host = Arc::clone(&admin.host);
    let chain = blocking(move || host.create(new).map_err(|error| told(&error))).await?;
    // It is made, and opens within a moment.
    let _ = tokio::time::timeout(WAIT, chain.settled()).await;
    Ok((StatusCode::CREATED, Json(Managed::of(&chain))))
}

async fn wish(admin: &Admin, named: &str, wish: Wish) -> Result<Response, Problem> {
    let chain = admin.chain(named)?;
    let (host, of) = (Arc::clone(&admin.host), Arc::clone(&chain));
    let done = blocking(move || host.set_wish(&of, wish).map_err(|error| told(&error))).await?;
    let settled = async {
        let _ = done.await;
        let mut status = chain.watch_status();
        let there = |status: &Status| match wish {
            Wish::Archived => matches!(status, Status::Archived | Status::Stopping),
            Wish::Running | Wish::Paused => !matches!(status, Status::Archived | Status::Opening),
        };
        let _ = status.wait_for(there).await;
    };
    let status = match tokio::time::timeout(WAIT, settled).await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::ACCEPTED,
    };
    Ok((status, Json(Managed::of(&chain))).into_response())
}

/// The chain takes no calls any more; it can be read. Also a chain with too much to do hears this at once.
#[utoipa::path(post, path = "/chains/{chain}/pause", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, body = Managed), (status = 202, description = "under way", body = Managed),
              (status = 404, description = "no such chain")))]
pub(crate) async fn pause(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
) -> Result<Response, Problem> {
    wish(&admin, &chain, Wish::Paused).await
}

/// The chain takes calls again; one that is halted is tried at once.
#[utoipa::path(post, path = "/chains/{chain}/resume", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, body = Managed), (status = 202, description = "under way", body = Managed),
              (status = 404, description = "no such chain")))]
pub(crate) async fn resume(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
) -> Result<Response, Problem> {
    wish(&admin, &chain, Wish::Running).await
}

/// The chain is closed and its files are kept.
#[utoipa::path(post, path = "/chains/{chain}/archive", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, body = Managed), (status = 202, description = "under way", body = Managed),
              (status = 404, description = "no such chain")))]
pub(crate) async fn archive(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
) -> Result<Response, Problem> {
    wish(&admin, &chain, Wish::Archived).await
}

/// Writes history and state now, and waits for it.
#[utoipa::path(post, path = "/chains/{chain}/checkpoint", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, body = Managed), (status = 404, description = "no such chain"),
              (status = 503, description = "it could not be written, or the chain is not open")))]
pub(crate) async fn checkpoint(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
) -> Result<Json<Managed>, Problem> {
    let chain = admin.chain(&chain)?;
    let unavailable = |why: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why);
    let written = admin.host.checkpoint(&chain).map_err(|error| told(&error))?;
    match written.await {
        Ok(Ok(())) => Ok(Json(Managed::of(&chain))),
        Ok(Err(why)) => Err(unavailable(why)),
        Err(_) => Err(unavailable("the chain has ended meanwhile".to_owned())),
    }
}

/// A set of verifying keys that the node has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Given {
    /// Its root: what chain links and upgrades name it by.
    root: Hex,
    /// The chain's link, if these are the keys of its first module: what light clients start from. Players put it behind the `#` of the
    /// node's address.
    link: String,
}

/// Takes a set of verifying keys (FORMATS.md section 15), which light clients ask for by its root. The node does not look at
/// what is in it: whoever asks compares the root.
#[utoipa::path(post, path = "/chains/{chain}/key-sets", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the set"),
    responses((status = 200, body = Given), (status = 400, description = "no set of keys"),
              (status = 404, description = "no such chain"),
              (status = 503, description = "the chain is not open, or the set could not be written")))]
pub(crate) async fn key_set(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
    body: Bytes,
) -> Result<Json<Given>, Problem> {
    let chain = admin.chain(&chain)?;
    let set = VkSet::decode(&body);
    let set = set.map_err(|error| Problem::bad_request(format!("the body is no set of keys: {error}")))?;
    let unavailable = |why: String| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why);
    let readers = chain.readers();
    let readers = readers.ok_or_else(|| unavailable("the chain is not open".to_owned()))?;
    let committee = readers.committee;
    let root = blocking(move || {
        let kept = readers.proofs.put_key_set(&set);
        kept.map_err(|error| unavailable(error.to_string()))
    });
    let root = root.await?;
    let link = ChainLink {
        chain_id: chain.id,
        module: chain.record().genesis.params.module,
        vk_set_root: root,
        l1: None,
        committee: Some(OrderingAnchor {
            ordering_id: chain.id,
            committee,
        }),
    };
    Ok(Json(Given {
        root: element(&root),
        link: link.to_text(),
    }))
}

/// Changes how a chain is run. An open chain is closed and opened again for it.
#[utoipa::path(post, path = "/chains/{chain}/settings", tag = "chains",
    params(("chain" = String, Path, description = "id or name")), request_body = Settings,
    responses((status = 200, body = Managed), (status = 404, description = "no such chain")))]
pub(crate) async fn settings(
    State(admin): State<Admin>,
    Path(chain): Path<String>,
    Json(settings): Json<Settings>,
) -> Result<Json<Managed>, Problem> {
    let chain = admin.chain(&chain)?;
    let (host, of) = (Arc::clone(&admin.host), Arc::clone(&chain));
    let change = move || {
        let settings = settings.over(of.record().settings);
        host.set_settings(&of, settings).map_err(|error| told(&error))
    };
    blocking(change).await?;
    Ok(Json(Managed::of(&chain)))
}

/// The hashes of all modules that the node has.
#[utoipa::path(get, path = "/modules", tag = "modules", responses((status = 200, body = Vec<String>)))]
pub(crate) async fn modules(State(admin): State<Admin>) -> Result<Json<Vec<String>>, Problem> {
    let host = Arc::clone(&admin.host);
    let hashes = blocking(move || host.modules().list().map_err(|error| told(&error)));
    Ok(Json(hashes.await?))
}

/// A module that the node has.
#[derive(Serialize, ToSchema)]
pub(crate) struct Uploaded {
    /// Its hash: what chains name it by.
    hash: Hex,
}

/// Takes a module: its WebAssembly. The same bytes again change nothing.
#[utoipa::path(post, path = "/modules", tag = "modules",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "the module, at most 1 MiB"),
    responses((status = 200, body = Uploaded), (status = 413, description = "too large"),
              (status = 422, description = "no chain would admit it, or it cannot be proven")))]
pub(crate) async fn upload(State(admin): State<Admin>, body: Bytes) -> Result<Json<Uploaded>, Problem> {
    let host = Arc::clone(&admin.host);
    let added = blocking(move || host.modules().add(&body).map_err(|error| told(&error))).await?;
    Ok(Json(Uploaded {
        hash: Hex::of(added.hash.0),
    }))
}
