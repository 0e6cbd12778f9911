//! The node and its chains.

use crate::evidence::{BlockEvidence, element};
use crate::hex::Hex;
use crate::proofs::ProvenHistory;
use crate::{Api, octets, problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use playfair_host::{Chain, Status};
use playfair_http::Problem;
use playfair_types::Encode;
use playfair_types::module::ModuleHash;
use serde::Serialize;
use utoipa::ToSchema;

/// The node.
#[derive(Serialize, ToSchema)]
pub(crate) struct Node {
    /// The program's version.
    version: &'static str,
    /// The node's clock, ms since 1970.
    time_ms: u64,
    /// How many chains it has.
    chains: usize,
}

/// What the node is.
#[utoipa::path(get, path = "/node", tag = "node", responses((status = 200, body = Node)))]
pub(crate) async fn node(State(api): State<Api>) -> Json<Node> {
    Json(Node {
        version: env!("CARGO_PKG_VERSION"),
        time_ms: api.host.now_ms(),
        chains: api.host.chains().len(),
    })
}

/// A chain in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct Summary {
    /// Its id.
    id: Hex,
    /// What its operator calls it.
    name: String,
    /// `opening`, `running`, `paused`, `archived`, `halted` or `stopping`.
    status: &'static str,
    /// The height of its last block, while it is open.
    height: Option<u64>,
}

impl Summary {
    fn of(chain: &Chain) -> Self {
        Self {
            id: element(&chain.id),
            name: chain.record().name,
            status: chain.status().name(),
            height: chain.head().block.map(|block| block.height()),
        }
    }
}

/// All chains of the node.
#[utoipa::path(get, path = "/chains", tag = "chains", responses((status = 200, body = Vec<Summary>)))]
pub(crate) async fn list(State(api): State<Api>) -> Json<Vec<Summary>> {
    Json(api.host.chains().iter().map(|chain| Summary::of(chain)).collect())
}

/// A chain.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    #[serde(flatten)]
    summary: Summary,
    /// Why it is halted.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Its genesis record (FORMATS.md section 5): the chain id is made of it.
    genesis: Hex,
    /// Who certifies its blocks (section 13).
    committee: Option<Hex>,
    /// The module that the next block runs.
    module: Option<Hex>,
    /// The last block.
    head: Option<BlockEvidence>,
    /// How far it is proven; nothing stands in for a proof.
    proven: Option<ProvenHistory>,
    /// What waits.
    queue: Queue,
    /// The first height whose state is kept.
    state_from: Option<u64>,
    /// The first height whose block is kept.
    blocks_from: Option<u64>,
}

/// What waits.
#[derive(Serialize, ToSchema)]
struct Queue {
    /// Calls.
    calls: usize,
    /// Their gas limits.
    gas: u64,
    /// Rows that are executed and not proven, by their price.
    unproven_rows: u64,
}

/// What a chain is, and where it stands.
#[utoipa::path(get, path = "/chains/{chain}", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, body = Shown), (status = 404, description = "no such chain")))]
pub(crate) async fn show(State(api): State<Api>, Path(chain): Path<String>) -> Result<Json<Shown>, Problem> {
    let chain = api.chain(&chain)?;
    let (head, readers) = (chain.head(), chain.readers());
    let last = head.block.as_deref();
    let reason = match chain.status() {
        Status::Halted { reason, .. } => Some(reason),
        _ => None,
    };
    let kept = readers.as_ref().and_then(|readers| readers.kept().ok());
    Ok(Json(Shown {
        summary: Summary::of(&chain),
        reason,
        genesis: Hex(chain.record().genesis.encode()),
        committee: readers.as_ref().map(|readers| Hex(readers.committee.encode())),
        module: last.map(|block| Hex::of(block.header.after.module.0)),
        head: last.map(BlockEvidence::of),
        proven: readers
            .as_ref()
            .map(|readers| ProvenHistory::of(&readers.proofs.tip())),
        queue: Queue {
            calls: head.waiting,
            gas: head.waiting_gas,
            unproven_rows: head.debt,
        },
        state_from: kept.map(|(first, _)| first),
        blocks_from: readers.as_ref().map(|readers| readers.history.first()),
    }))
}

/// The hash of the module that the next block runs.
fn module_of(api: &Api, chain: &str) -> Result<ModuleHash, Problem> {
    let chain = api.chain(chain)?;
    let head = chain.head().block;
    Ok(head.map_or(chain.record().genesis.params.module, |block| {
        block.header.after.module
    }))
}

/// The WebAssembly that the chain's module was made of. Its hash names it for ever.
#[utoipa::path(get, path = "/chains/{chain}/module", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, description = "the module", body = Vec<u8>, content_type = "application/wasm"),
              (status = 304, description = "the same as asked about"),
              (status = 404, description = "no such chain")))]
pub(crate) async fn module(
    State(api): State<Api>,
    Path(chain): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let hash = module_of(&api, &chain)?;
    let modules = api.host.modules().clone();
    let bytes = move || modules.bytes(&hash).map_err(|error| problem::host(&error));
    unless_known(&hash, &headers, "application/wasm", bytes).await
}

/// The chain's module as engines run it, with what its hash is made of besides: instrumentation version `u32`, SHA-256 of the original
/// module, instrumented module. The hash is the first 31 bytes of `SHA-256("playfair/1/module" | version | digest | SHA-256(instrumented))`.
#[utoipa::path(get, path = "/chains/{chain}/module/instrumented", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, description = "version, digest, instrumented module", body = Vec<u8>, content_type = "application/octet-stream"),
              (status = 304, description = "the same as asked about"),
              (status = 404, description = "no such chain")))]
pub(crate) async fn instrumented(
    State(api): State<Api>,
    Path(chain): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let hash = module_of(&api, &chain)?;
    let modules = api.host.modules().clone();
    let bytes = move || {
        let admitted = modules.load(&hash).map_err(|error| problem::host(&error))?;
        let original = modules.bytes(&hash).map_err(|error| problem::host(&error))?;
        Ok(admitted.by_digest(&original))
    };
    unless_known(&hash, &headers, "application/octet-stream", bytes).await
}

/// Bytes that a module's hash names, unless who asks has them.
async fn unless_known(
    hash: &ModuleHash,
    headers: &HeaderMap,
    kind: &'static str,
    bytes: impl FnOnce() -> Result<Vec<u8>, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let tag = format!("\"{}\"", Hex::of(hash.0));
    if octets::is_known(headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let bytes = blocking(bytes).await?;
    let told = [(header::CONTENT_TYPE, kind.to_owned()), (header::ETAG, tag)];
    Ok((told, bytes).into_response())
}

/// The module's own description of its entries, types and errors.
#[utoipa::path(get, path = "/chains/{chain}/abi", tag = "chains",
    params(("chain" = String, Path, description = "id or name")),
    responses((status = 200, description = "the ABI, as the module brings it", body = Vec<u8>),
              (status = 404, description = "no such chain, or its module brings none")))]
pub(crate) async fn abi(State(api): State<Api>, Path(chain): Path<String>) -> Result<Response, Problem> {
    let hash = module_of(&api, &chain)?;
    let modules = api.host.modules().clone();
    let admitted = blocking(move || modules.load(&hash).map_err(|error| problem::host(&error))).await?;
    match &admitted.info.abi {
        Some(abi) => {
            let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
            Ok((kind, abi.clone()).into_response())
        }
        None => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "no_abi",
            "the module brings no ABI",
        )),
    }
}

/// Runs what reads files or computes for a while where it keeps nobody waiting.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            tracing::error!(%error, "a request's work ended early");
            Err(Problem::internal())
        }
    }
}
