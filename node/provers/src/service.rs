//! What workers say to the node, over HTTP under `/prover/v1`.
//!
//! ```text
//! POST lease {"k_max":18,"wait_ms":20000}   200 the job's bytes, X-Lease: its number; 204 there is none now
//! POST leases/N/heartbeat                   204 go on; 410 stop, it is not yours any more
//! POST leases/N/proof  the proof's bytes    200 it counts; 410; 422 it does not verify; 503 it could not be kept
//! POST leases/N/failed  why, as text        204
//! GET  modules/HASH                         200 the module; 404
//! ```
//! Over TLS each request says `Authorization: Bearer SECRET`; over a Unix socket the worker's name is what it says in `X-Worker`, so that
//! several near workers are told apart.

use crate::access::{Access, from_hex, is_name};
use crate::desk::{Desk, Verdict};
use crate::office::Refusal;
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderName, StatusCode, header};
use playfair_http::{Peer, Problem};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// The longest that a request for a job waits.
const WAIT_MAX: Duration = Duration::from_secs(20);
/// Of a failure's reason, bytes.
const REASON_BYTES_MAX: usize = 1_024;
pub(crate) const LEASE: HeaderName = HeaderName::from_static("x-lease");
pub(crate) const LEASE_MS: HeaderName = HeaderName::from_static("x-lease-ms");
pub(crate) const WORKER: HeaderName = HeaderName::from_static("x-worker");

#[derive(Clone)]
struct Service {
    desk: Desk,
    access: Arc<Access>,
}

/// The service. Serve it on a Unix socket, and on TLS for workers far away, behind a guard whose bodies hold a proof.
pub fn router(desk: Desk, access: Arc<Access>) -> Router {
    Router::new()
        .route("/prover/v1/lease", post(lease))
        .route("/prover/v1/leases/{lease}/heartbeat", post(heartbeat))
        .route("/prover/v1/leases/{lease}/proof", post(proof))
        .route("/prover/v1/leases/{lease}/failed", post(failed))
        .route("/prover/v1/modules/{hash}", get(module))
        .with_state(Service { desk, access })
}

/// The worker that asks.
struct Caller(String);

impl FromRequestParts<Service> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let said = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let near = parts
            .extensions
            .get::<ConnectInfo<Peer>>()
            .is_some_and(|info| info.0 == Peer::Unix);
        if near {
            let name = said(WORKER).filter(|name| is_name(name));
            let name = name.ok_or_else(|| Problem::bad_request("say the worker's name in X-Worker"))?;
            return Ok(Self(format!("local/{name}")));
        }
        let secret = said(header::AUTHORIZATION).and_then(|said| said.strip_prefix("Bearer "));
        let secret = secret.and_then(from_hex::<32>);
        let known = secret.and_then(|secret| service.access.who(&secret));
        known.map(Self).ok_or_else(|| {
            Problem::new(
                StatusCode::UNAUTHORIZED,
                "unknown_worker",
                "this node does not know the worker: ask its operator for an invitation",
            )
        })
    }
}

/// What a worker wants.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Log2 of the most rows that it has memory for.
    pub(crate) k_max: u32,
    /// How long it waits for a job, ms.
    pub(crate) wait_ms: u64,
}

async fn lease(
    State(service): State<Service>,
    Caller(worker): Caller,
    Json(wanted): Json<Wanted>,
) -> Result<Response, Problem> {
    let wait = Duration::from_millis(wanted.wait_ms).min(WAIT_MAX);
    let desk = &service.desk;
    let Some(granted) = desk.lease(&worker, wanted.k_max, wait).await else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (LEASE, granted.lease.to_string()),
        (LEASE_MS, desk.settings().lease_ms.to_string()),
    ];
    Ok((headers, Bytes::from_owner(granted.job.payload)).into_response())
}

async fn heartbeat(
    State(service): State<Service>,
    Caller(worker): Caller,
    Path(lease): Path<u64>,
) -> Result<StatusCode, Problem> {
    match service.desk.heartbeat(lease, &worker) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(gone()),
    }
}

async fn proof(
    State(service): State<Service>,
    Caller(worker): Caller,
    Path(lease): Path<u64>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    match service.desk.proof(lease, &worker, body.to_vec()).await {
        Verdict::Counts => Ok(StatusCode::OK),
        Verdict::Gone => Err(gone()),
        Verdict::Refused(Refusal::Gone) => Err(gone()),
        Verdict::Refused(Refusal::Lie(why)) => {
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no_proof", why))
        }
        Verdict::Refused(Refusal::Unkept(why)) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unkept",
            format!("the node could not keep the proof: {why}"),
        )
        .retry_after_ms(1_000)),
    }
}

async fn failed(
    State(service): State<Service>,
    Caller(worker): Caller,
    Path(lease): Path<u64>,
    body: Bytes,
) -> StatusCode {
    let why = body.get(..REASON_BYTES_MAX.min(body.len())).unwrap_or_default();
    let why: String = String::from_utf8_lossy(why)
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    service.desk.give_back(lease, &worker, &why);
    StatusCode::NO_CONTENT
}

async fn module(
    State(service): State<Service>,
    _caller: Caller,
    Path(hash): Path<String>,
) -> Result<Response, Problem> {
    let hash = from_hex::<31>(&hash)
        .ok_or_else(|| Problem::bad_request("a module's hash has 62 hexadecimal digits"))?;
    let office = Arc::clone(service.desk.office());
    let found = tokio::task::spawn_blocking(move || office.module(&hash)).await;
    match found {
        Ok(Some(bytes)) => Ok(([(header::CONTENT_TYPE, "application/wasm")], bytes).into_response()),
        Ok(None) => Err(Problem::not_found("there is no module of this hash")),
        Err(_) => Err(Problem::internal()),
    }
}

fn gone() -> Problem {
    Problem::new(
        StatusCode::GONE,
        "gone",
        "this job is not yours any more: stop and ask for another",
    )
}
