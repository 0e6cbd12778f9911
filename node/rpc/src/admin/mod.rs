//! What only the operator may do, under `/admin/v1`: another service than `/v1`, on a Unix socket.
//!
//! **The file system decides who gets here**: there is no password, and a request that did not come over a Unix socket is refused
//! (403), wherever this router is put by mistake. Errors tell the operator what the node's log says, paths included.
//!
//! The guard in front must let modules through: [`ADMIN_BODY_BYTES_MAX`].

mod chains;
mod genesis;
mod logs;
mod snapshots;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playfair_host::{Chain, ChainSettings, Host, HostError, MODULE_BYTES_MAX};
use playfair_http::{Peer, Problem};
use std::sync::Arc;
use std::time::Duration;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes of a request's body that the operator's service takes.
pub const ADMIN_BODY_BYTES_MAX: usize = MODULE_BYTES_MAX;

#[derive(OpenApi)]
#[openapi(
    components(schemas(crate::problem::Failure)),
    info(
        title = "Playfair node, operator's service",
        description = "Served on a Unix socket only. Bytes are hexadecimal digits of the encodings in docs/FORMATS.md."
    ),
    tags(
        (name = "chains", description = "Making chains and saying what they shall be"),
        (name = "modules", description = "What chains run"),
        (name = "logs", description = "What modules say, and how calls fail")
    )
)]
struct Document;

/// What handlers share.
#[derive(Clone)]
struct Admin {
    host: Arc<Host>,
    /// What a new chain gets that says nothing else.
    defaults: ChainSettings,
    /// Time between two pings of a WebSocket.
    ping: Duration,
}

impl Admin {
    fn chain(&self, named: &str) -> Result<Arc<Chain>, Problem> {
        self.host.chain(named).map_err(|error| told(&error))
    }
}

fn routes() -> OpenApiRouter<Admin> {
    OpenApiRouter::new()
        .routes(routes!(chains::list, chains::create))
        .routes(routes!(chains::show))
        .routes(routes!(chains::pause))
        .routes(routes!(chains::resume))
        .routes(routes!(chains::archive))
        .routes(routes!(chains::checkpoint))
        .routes(routes!(chains::settings))
        .routes(routes!(chains::key_set))
        .routes(routes!(snapshots::snapshot))
        .routes(routes!(chains::modules, chains::upload))
        .routes(routes!(logs::follow))
}

/// The service under its prefix, with its description.
fn described<S: Clone + Send + Sync + 'static>(
    v1: OpenApiRouter<S>,
) -> (Router<S>, utoipa::openapi::OpenApi) {
    let all = OpenApiRouter::with_openapi(Document::openapi()).nest("/admin/v1", v1);
    let (router, mut document) = all.split_for_parts();
    crate::problem::describe(&mut document);
    (router, document)
}

/// The operator's service. It wants a guard in front, and a Unix socket.
pub fn admin(host: Arc<Host>) -> Router {
    admin_with(host, ChainSettings::default(), OpenApiRouter::new())
}

/// The same, with what a new chain gets that is made without settings of its own, and with what the operator may do beside
/// chains (`more`), described like the rest.
pub fn admin_with(host: Arc<Host>, defaults: ChainSettings, more: OpenApiRouter) -> Router {
    let admin = Admin {
        host,
        defaults,
        ping: Duration::from_secs(15),
    };
    let (router, document) = described(routes().with_state(admin).merge(more));
    router
        .route("/admin/v1/openapi.json", crate::document(&document))
        .merge(crate::docs::routes("/admin/v1", &document))
        .layer(DefaultBodyLimit::max(ADMIN_BODY_BYTES_MAX))
        .layer(middleware::from_fn(local_only))
}

/// The description of the operator's service.
#[must_use]
pub fn admin_openapi() -> utoipa::openapi::OpenApi {
    described(routes()).1
}

async fn local_only(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<Peer>>();
    if peer.is_some_and(|peer| peer.0 == Peer::Unix) {
        return next.run(request).await;
    }
    let message = "the operator's service answers on its Unix socket only";
    Problem::new(StatusCode::FORBIDDEN, "forbidden", message).into_response()
}

/// What the operator is told.
fn told(error: &HostError) -> Problem {
    let (status, code) = match error {
        HostError::UnknownChain(_) => (StatusCode::NOT_FOUND, "unknown_chain"),
        HostError::UnknownModule(_) => (StatusCode::NOT_FOUND, "unknown_module"),
        HostError::Name(_) => (StatusCode::BAD_REQUEST, "bad_name"),
        HostError::Exists(_) => (StatusCode::CONFLICT, "exists"),
        HostError::Full(_) => (StatusCode::CONFLICT, "too_many_chains"),
        HostError::Module(_) => (StatusCode::UNPROCESSABLE_ENTITY, "module_refused"),
        HostError::Open(_) => (StatusCode::UNPROCESSABLE_ENTITY, "genesis_refused"),
        HostError::Status(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        _ => {
            tracing::error!(%error, "an operator's request failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    };
    Problem::new(status, code, error.to_string())
}
