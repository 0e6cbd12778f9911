//! The node's web API, under `/v1`.
//!
//! **Nothing here has to be believed.** What a light client relies on comes with its evidence: a block with its certificate,
//! a call with its record, receipt and their paths into the block's header, a value with a state proof and the header whose root
//! it is for. Bytes are canonical encodings (docs/FORMATS.md) in hexadecimal digits; the decoded fields beside them are for
//! people and programs that trust the node.
//!
//! **Everything asked is bounded**: lists by `count`, keys by what a state proof holds, bodies by the guard in front
//! (`playfair-http`). Errors have one form, [`playfair_http::Problem`].
#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]
// utoipa's macros write names out.
#![allow(unused_qualifications)]

mod admin;
mod blocks;
mod calls;
mod chains;
mod docs;
mod evidence;
mod hex;
mod octets;
mod paths;
mod problem;
mod proofs;
mod reads;
mod subscribe;
mod tolls;

pub use admin::{ADMIN_BODY_BYTES_MAX, admin, admin_openapi, admin_with};

use axum::Router;
use axum::routing::MethodRouter;
use paths::PathsKept;
use playfair_host::{Chain, Host, Readers};
use playfair_http::Problem;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    components(schemas(problem::Failure)),
    info(
        title = "Playfair node",
        description = "Chains of WebAssembly modules. Bytes are hexadecimal digits of the encodings in docs/FORMATS.md."
    ),
    tags(
        (name = "node", description = "The node itself"),
        (name = "chains", description = "Which chains there are, and what they are"),
        (name = "calls", description = "Submitting calls and following them"),
        (name = "blocks", description = "What was ordered"),
        (name = "proofs", description = "What is proven"),
        (name = "state", description = "What holds now, or held after a block"),
        (name = "subscriptions", description = "What happens, as it happens")
    )
)]
struct Document;

/// What the service may be asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// WebSockets in all. 2,048.
    pub sockets_max: usize,
    /// WebSockets of one client: one IPv4 address or one IPv6 network of 64 bits. 16.
    pub sockets_per_address_max: usize,
    /// Queries that are answered at once; they share the engine's 64 places with the chains. 8.
    pub queries_max: usize,
    /// Time between two pings of a WebSocket. 15 s.
    pub ping: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sockets_max: 2_048,
            sockets_per_address_max: 16,
            queries_max: 8,
            ping: Duration::from_secs(15),
        }
    }
}

/// What handlers share.
#[derive(Clone)]
struct Api {
    host: Arc<Host>,
    limits: Limits,
    queries: Arc<Semaphore>,
    places: Arc<subscribe::Places>,
    paths: Arc<PathsKept>,
    feeds: Arc<subscribe::Feeds>,
}

impl Api {
    fn new(host: Arc<Host>, limits: Limits) -> Self {
        let paths = Arc::new(PathsKept::default());
        Self {
            host,
            queries: Arc::new(Semaphore::new(limits.queries_max.min(Semaphore::MAX_PERMITS))),
            places: subscribe::Places::new(limits.sockets_max, limits.sockets_per_address_max),
            feeds: Arc::new(subscribe::Feeds::new(Arc::clone(&paths))),
            paths,
            limits,
        }
    }

    fn chain(&self, named: &str) -> Result<Arc<Chain>, Problem> {
        self.host.chain(named).map_err(|error| problem::host(&error))
    }

    /// The chain and what can be read of it.
    fn open(&self, named: &str) -> Result<(Arc<Chain>, Readers), Problem> {
        let chain = self.chain(named)?;
        match chain.readers() {
            Some(readers) => Ok((chain, readers)),
            None => Err(problem::closed(&chain)),
        }
    }
}

fn routes() -> OpenApiRouter<Api> {
    let v1 = OpenApiRouter::new()
        .routes(routes!(chains::node))
        .routes(routes!(chains::list))
        .routes(routes!(chains::show))
        .routes(routes!(chains::module))
        .routes(routes!(chains::instrumented))
        .routes(routes!(chains::abi))
        .routes(routes!(calls::submit))
        .routes(routes!(calls::show))
        .routes(routes!(blocks::list))
        .routes(routes!(blocks::show))
        .routes(routes!(blocks::tape))
        .routes(routes!(proofs::list))
        .routes(routes!(proofs::show))
        .routes(routes!(proofs::receipts))
        .routes(routes!(proofs::key))
        .routes(routes!(proofs::key_set))
        .routes(routes!(reads::state))
        .routes(routes!(reads::account))
        .routes(routes!(reads::account_calls))
        .routes(routes!(reads::query))
        .routes(routes!(subscribe::open));
    OpenApiRouter::with_openapi(Document::openapi()).nest("/v1", v1)
}

/// The service, with limits for an ordinary node. It wants a guard in front.
pub fn router(host: Arc<Host>) -> Router {
    router_with(host, Limits::default())
}

/// The service. It wants a guard in front.
pub fn router_with(host: Arc<Host>, limits: Limits) -> Router {
    let (router, mut document) = routes().split_for_parts();
    problem::describe(&mut document);
    router
        .route("/v1/openapi.json", crate::document(&document))
        .merge(docs::routes("/v1", &document))
        .with_state(Api::new(host, limits))
}

/// A description, as it is given out.
fn document<S: Clone + Send + Sync + 'static>(document: &utoipa::openapi::OpenApi) -> MethodRouter<S> {
    let text: Arc<str> = document.to_json().unwrap_or_default().into();
    axum::routing::get(async move || {
        (
            [(http::header::CONTENT_TYPE, "application/json")],
            text.to_string(),
        )
    })
}

/// The description of the service, as `/v1/openapi.json` gives it.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = routes().into_openapi();
    problem::describe(&mut document);
    document
}
