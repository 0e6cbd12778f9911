//! Figures for Prometheus, at `/metrics` on a listener of their own.
//!
//! Most are read from the host when somebody asks. What only passes by is counted as it passes: requests by a layer
//! around the guard, so that what the guard refuses is counted too; calls by looking at each sealed block once.
//! docs/OPERATOR.md lists them all with what they mean, and a test compares the two.
//!
//! **Labels are bounded**: routes and codes are ours, chains are the operator's. A name that a client made up becomes none.

mod render;
mod text;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use playfair_host::{Chain, Host};
use playfair_http::{Counters, ProblemCode, Shutdown};
use playfair_types::crypto::field::fr_to_bytes;
use playfair_types::receipt::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use text::Histogram;

/// Time between two looks for chains that are new.
const LOOK: Duration = Duration::from_millis(500);
/// The route that calls are submitted to.
const CALLS: &str = "/v1/chains/{chain}/calls";
/// Outcomes, in the order in which they are counted.
const OUTCOMES: [&str; 5] = ["ok", "reverted", "trapped", "out_of_gas", "invalid"];

/// What is watched of a node.
pub(super) struct Watched {
    host: Arc<Host>,
    started_s: u64,
    tallies: Mutex<Tallies>,
}

#[derive(Default)]
struct Tallies {
    listeners: BTreeMap<&'static str, Counters>,
    /// By route, method and status.
    requests: BTreeMap<(String, String, u16), u64>,
    /// By chain and code.
    refused: BTreeMap<(String, String), u64>,
    /// Time from a call's arrival to its acknowledgement, by chain.
    acknowledged: BTreeMap<String, Histogram>,
    /// By chain.
    sealed: BTreeMap<String, Sealed>,
}

/// What was sealed while somebody looked.
#[derive(Clone, Debug, Default)]
struct Sealed {
    height: u64,
    blocks: u64,
    gas: u64,
    calls: [u64; OUTCOMES.len()],
}

impl Watched {
    pub(super) fn new(host: Arc<Host>) -> Arc<Self> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Arc::new(Self {
            host,
            started_s: since.map_or(0, |since| since.as_secs()),
            tallies: Mutex::default(),
        })
    }

    /// The counters of a listener.
    pub(super) fn counters(&self, listener: &'static str) -> Counters {
        self.tallies().listeners.entry(listener).or_default().clone()
    }

    fn tallies(&self) -> std::sync::MutexGuard<'_, Tallies> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what is sealed until the node stops: each chain is looked at when it has a block.
    pub(super) async fn follow(self: Arc<Self>, shutdown: Shutdown) {
        let mut ticks = tokio::time::interval(LOOK);
        let mut stop = std::pin::pin!(shutdown.wait());
        let mut followed = BTreeSet::new();
        loop {
            tokio::select! {
                () = &mut stop => return,
                _ = ticks.tick() => {}
            }
            for chain in self.host.chains() {
                if followed.insert(fr_to_bytes(&chain.id)) {
                    tokio::spawn(Arc::clone(&self).follow_chain(chain, shutdown.clone()));
                }
            }
        }
    }

    async fn follow_chain(self: Arc<Self>, chain: Arc<Chain>, shutdown: Shutdown) {
        let mut head = chain.watch_head();
        let mut stop = std::pin::pin!(shutdown.wait());
        loop {
            let (watched, looked) = (Arc::clone(&self), Arc::clone(&chain));
            // A block that is not in memory any more is read from the disk.
            let _ = tokio::task::spawn_blocking(move || watched.look(&looked)).await;
            tokio::select! {
                () = &mut stop => return,
                changed = head.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Counts the blocks since the last look.
    fn look(&self, chain: &Chain) {
        let Some(head) = chain.head().block else {
            return;
        };
        let name = chain.record().name;
        let mut tallies = self.tallies();
        let sealed = tallies.sealed.entry(name).or_insert_with(|| Sealed {
            // What was there before the node started was counted by another process.
            height: head.height(),
            ..Sealed::default()
        });
        sealed.look(chain, head.height());
    }

    fn passed(&self, request: &Passed, response: &Response, took: Duration) {
        let status = response.status();
        let mut tallies = self.tallies();
        let key = (request.route.clone(), request.method.to_string(), status.as_u16());
        *tallies.requests.entry(key).or_default() += 1;
        if request.route != CALLS || request.method != Method::POST {
            return;
        }
        let chain = request
            .chain
            .as_deref()
            .and_then(|named| self.host.chain(named).ok());
        let chain = chain.map_or_else(|| "none".to_owned(), |chain| chain.record().name);
        if status == StatusCode::OK {
            let acknowledged = tallies.acknowledged.entry(chain).or_default();
            acknowledged.add(took.as_secs_f64());
        } else if let Some(ProblemCode(code)) = response.extensions().get() {
            *tallies.refused.entry((chain, code.to_string())).or_default() += 1;
        }
    }
}

impl Sealed {
    fn look(&mut self, chain: &Chain, last: u64) {
        let Some(readers) = chain.readers() else {
            return;
        };
        while self.height < last {
            // Pruned or unreadable: others tell of it, and the count goes on behind it.
            if let Ok(Some(block)) = readers.history.block(self.height + 1) {
                self.blocks += 1;
                for done in &block.records {
                    self.gas += u64::from(done.receipt.gas_used);
                    let place = match done.receipt.outcome {
                        Outcome::Ok => 0,
                        Outcome::Reverted => 1,
                        Outcome::Trapped(_) => 2,
                        Outcome::OutOfGas => 3,
                        Outcome::Invalid(_) => 4,
                    };
                    if let Some(count) = self.calls.get_mut(place).filter(|_| done.id.is_some()) {
                        *count += 1;
                    }
                }
            }
            self.height += 1;
        }
    }
}

/// What of a request is counted.
struct Passed {
    method: Method,
    route: String,
    chain: Option<String>,
}

/// Counts what passes through a service.
pub(super) fn count(router: Router, watched: &Arc<Watched>) -> Router {
    router.layer(middleware::from_fn_with_state(Arc::clone(watched), pass))
}

async fn pass(State(watched): State<Arc<Watched>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let known = [Method::GET, Method::HEAD, Method::POST, Method::OPTIONS];
    let passed = Passed {
        route: route.map_or("none", MatchedPath::as_str).to_owned(),
        // A method can be any word.
        method: known
            .into_iter()
            .find(|method| method == request.method())
            .unwrap_or(Method::TRACE),
        chain: request.uri().path().split('/').nth(3).map(str::to_owned),
    };
    let start = Instant::now();
    let response = next.run(request).await;
    watched.passed(&passed, &response, start.elapsed());
    response
}

/// The service at `/metrics`.
pub(super) fn router(watched: Arc<Watched>) -> Router {
    Router::new()
        .route("/metrics", axum::routing::get(page))
        .with_state(watched)
}

async fn page(State(watched): State<Arc<Watched>>) -> Response {
    let made = tokio::task::spawn_blocking(move || {
        for chain in watched.host.chains() {
            watched.look(&chain);
        }
        render::page(&watched)
    });
    match made.await {
        Ok(text) => (
            [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
            text,
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
