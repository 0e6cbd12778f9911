//! What operators ask and say about proving, under `/admin/v1/provers`: on a node that proves nothing, what is missing.

use super::proving::Proving;
use axum::Json;
use axum::extract::{Path, State};
use http::StatusCode;
use playfair_http::Problem;
use playfair_provers::{AccessError, Invite};
use serde::Serialize;
use std::sync::Arc;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The service; `None` is a node that proves nothing.
pub(super) fn routes(proving: Option<Proving>) -> OpenApiRouter {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(status))
        .routes(routes!(invite))
        .routes(routes!(revoke))
        .with_state(proving)
}

#[derive(OpenApi)]
#[openapi(tags((name = "provers", description = "Who proves, on a node that does")))]
struct Document;

/// How proving goes.
#[derive(Serialize, ToSchema)]
struct Provers {
    /// Jobs that wait for a worker.
    waiting: usize,
    /// Jobs that are being proven.
    proving: usize,
    /// Log2 of the rows of the largest circuit that waits.
    k_waiting: Option<u32>,
    /// Those that were heard of lately.
    workers: Vec<Worker>,
    chains: Vec<Line>,
    /// Names of those from elsewhere who may come.
    invited: Vec<String>,
}

#[derive(Serialize, ToSchema)]
struct Worker {
    name: String,
    /// When it was heard of last, ms since 1970.
    seen_ms: u64,
    /// Jobs that it has.
    jobs: usize,
    /// Proofs of it that counted.
    proofs: u64,
    /// Jobs that it had and lost.
    lost: u64,
    /// Proofs of it that did not verify.
    lies: u32,
    /// It gets nothing before this time, ms since 1970.
    out_until_ms: u64,
}

/// How the proving of a chain goes.
#[derive(Serialize, ToSchema)]
struct Line {
    /// Its name.
    chain: String,
    /// Frames of its tape that were cut into jobs.
    cut_frames: u64,
    /// Jobs that are open.
    open: usize,
    /// Why it does not go on; it is tried again unless that is final.
    error: Option<String>,
    /// A record of the chain has no proof: proofs end before it.
    is_final: bool,
}

/// What a worker joins with: a secret.
#[derive(Serialize, ToSchema)]
struct Invited {
    invite: String,
}

#[derive(Serialize, ToSchema)]
struct Revoked {}

fn proves(proving: Option<Proving>) -> Result<Proving, Problem> {
    let message = "this node proves nothing: set prover.setup, and start it again";
    proving.ok_or_else(|| Problem::new(StatusCode::CONFLICT, "not_proving", message))
}

/// Jobs, workers, and how far chains are cut.
#[utoipa::path(get, path = "/provers", tag = "provers",
    responses((status = 200, description = "how proving goes", body = Provers),
              (status = 409, description = "the node proves nothing")))]
async fn status(State(proving): State<Option<Proving>>) -> Result<Json<Provers>, Problem> {
    let proving = proves(proving)?;
    let status = proving.pipeline.desk().status();
    let workers = status.workers.into_iter().map(|worker| Worker {
        name: worker.name,
        seen_ms: worker.seen_ms,
        jobs: worker.leases,
        proofs: worker.proofs,
        lost: worker.lost,
        lies: worker.lies,
        out_until_ms: worker.out_until_ms,
    });
    let chains = proving.pipeline.lines().into_iter().map(|(chain, line)| Line {
        chain,
        cut_frames: line.cut_frames,
        open: line.open,
        error: line.error,
        is_final: line.is_final,
    });
    Ok(Json(Provers {
        waiting: status.offered,
        proving: status.leased,
        k_waiting: status.k_offered,
        workers: workers.collect(),
        chains: chains.collect(),
        invited: proving.access.names(),
    }))
}

/// Invites a worker from elsewhere. What it joins with is told once.
#[utoipa::path(post, path = "/provers/{name}/invite", tag = "provers",
    params(("name" = String, Path, description = "what the worker is called: letters of ASCII, digits and -")),
    responses((status = 200, description = "what it joins with", body = Invited),
              (status = 400, description = "no name for a worker"),
              (status = 409, description = "it is invited already, there are too many, or nobody from elsewhere can come")))]
async fn invite(
    State(proving): State<Option<Proving>>,
    Path(name): Path<String>,
) -> Result<Json<Invited>, Problem> {
    let proving = proves(proving)?;
    let Some(far) = proving.far else {
        let message = "the node listens nowhere for workers from elsewhere: set prover.listen";
        return Err(Problem::new(StatusCode::CONFLICT, "not_listening", message));
    };
    let access = Arc::clone(&proving.access);
    let secret = on_disk(move || access.invite(&name)).await?;
    let invite = Invite {
        address: far.address,
        fingerprint: far.fingerprint,
        secret,
    };
    Ok(Json(Invited {
        invite: invite.to_string(),
    }))
}

/// Takes an invitation back: what the worker has proven counts, and it gets no more.
#[utoipa::path(post, path = "/provers/{name}/revoke", tag = "provers",
    params(("name" = String, Path, description = "the worker's")),
    responses((status = 200, description = "it is invited no more", body = Revoked),
              (status = 404, description = "nobody of this name is invited"),
              (status = 409, description = "the node proves nothing")))]
async fn revoke(
    State(proving): State<Option<Proving>>,
    Path(name): Path<String>,
) -> Result<Json<Revoked>, Problem> {
    let access = proves(proving)?.access;
    on_disk(move || access.revoke(&name)).await?;
    Ok(Json(Revoked {}))
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AccessError> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Problem::internal())?;
    done.map_err(|error| {
        let status = match &error {
            AccessError::Name(_) => StatusCode::BAD_REQUEST,
            AccessError::Unknown(_) => StatusCode::NOT_FOUND,
            AccessError::Exists(_) | AccessError::Full => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Problem::new(status, "provers", error.to_string())
    })
}
