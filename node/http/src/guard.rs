//! What stands before a service's handlers: who asks how often, how large and slow a request may be, what of a
//! failure is told, and which web pages may ask.
//!
//! In order: CORS; the client's address; the rate (429); the body's size (413); the time (408 if the body did not come,
//! 503 if the answer did not); a panic (500, logged); errors without our form get it; headers for browsers.
//!
//! **CORS.** By default any web page may ask with GET and POST and read the answer. That is safe for what this serves:
//! answers are public, and a request carries no authority but what is signed in its body. There are no cookies,
//! credentials are never allowed, so a page can do no more than its author could from anywhere. It holds only as long
//! as no handler trusts where a request came from: what is for the operator alone belongs on a Unix socket, where no
//! page gets. WebSockets know no CORS at all.
//!
//! **Addresses** in `X-Forwarded-For` are whatever a client writes there. They count only when the connection comes
//! from a trusted proxy, and then from the right: the first address that is not a trusted proxy's.

use std::any::Any;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequestParts, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::Limited;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::limiter::{Limiter, RateLimit};
use crate::peer::{Network, Peer};
use crate::problem::Problem;

/// Of an error's text, what becomes its message.
const MESSAGE_BYTES_MAX: usize = 4096;

/// What a service's handlers are spared.
#[derive(Clone, Debug)]
pub struct GuardLimits {
    /// Bytes of a request's body, however it is sent. 1 MiB.
    pub body_bytes_max: usize,
    /// Time from a request's head to its answer's head: the body's way here included, the answer's body not. 30 s.
    pub request_timeout: Duration,
    /// How often one client may ask; none for no limit. See [`RateLimit::default`].
    pub rate: Option<RateLimit>,
    /// Reverse proxies whose word about the client's address is taken. None.
    pub trusted_proxies: Vec<IpAddr>,
    /// Which web pages may ask. Any.
    pub origins: Origins,
}

impl Default for GuardLimits {
    fn default() -> GuardLimits {
        GuardLimits {
            body_bytes_max: 1 << 20,
            request_timeout: Duration::from_secs(30),
            rate: Some(RateLimit::default()),
            trusted_proxies: Vec::new(),
            origins: Origins::Any,
        }
    }
}

/// Which web pages may read answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// All.
    Any,
    /// Those of these origins, as `https://play.example`. An empty list is none.
    Only(Vec<HeaderValue>),
}

/// The client's address: the connection's, or the one that a trusted proxy names. None over a Unix socket.
///
/// An extension of every guarded request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub Option<IpAddr>);

/// Takes a client's tokens, for a handler whose work is dear. Every request has paid one before it arrives.
///
/// An extension of every guarded request, and an extractor that never fails.
#[derive(Clone, Debug)]
pub struct Toll(Option<(Arc<Limiter>, Network)>);

impl Toll {
    /// Takes `cost` tokens more, or says when to come back. Over a Unix socket, and without a limit, all is free.
    pub fn charge(&self, cost: u32) -> Result<(), Problem> {
        self.take(|limiter, client| limiter.take_more(client, cost))
    }

    /// Takes the token that every request costs.
    fn enter(&self) -> Result<(), Problem> {
        self.take(|limiter, client| limiter.take(client, 1))
    }

    fn take(&self, take: impl FnOnce(&Limiter, Network) -> Result<(), u64>) -> Result<(), Problem> {
        let Some((limiter, client)) = &self.0 else {
            return Ok(());
        };
        take(limiter, *client).map_err(|wait_ms| {
            let message = "too many requests from this address; wait before the next";
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message).retry_after_ms(wait_ms)
        })
    }
}

impl<S: Sync> FromRequestParts<S> for Toll {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Toll, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or(Toll(None)))
    }
}

/// Puts a service behind the guard. It has to be served by [`crate::serve`], which tells where requests come from.
pub fn guard(router: Router, limits: &GuardLimits) -> Router {
    let guard = Guard {
        limiter: limits.rate.as_ref().map(|rate| Arc::new(Limiter::new(rate))),
        limits: limits.clone(),
    };
    router
        // axum's own limit for some extractors; ours holds for all.
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(Arc::new(guard), pass))
        .layer(cors(&limits.origins))
}

fn cors(origins: &Origins) -> CorsLayer {
    let origins = match origins {
        Origins::Any => AllowOrigin::any(),
        Origins::Only(list) => AllowOrigin::list(list.clone()),
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_secs(3600))
}

#[derive(Debug)]
struct Guard {
    limits: GuardLimits,
    limiter: Option<Arc<Limiter>>,
}

async fn pass(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let mut response = match guard.admit(request) {
        Err(problem) => problem.into_response(),
        Ok((request, body_came)) => {
            let what = (request.method().clone(), request.uri().path().to_owned());
            let answer =
                AssertUnwindSafe(async { in_our_form(next.run(request).await).await }).catch_unwind();
            match tokio::time::timeout(guard.limits.request_timeout, answer).await {
                Ok(Ok(response)) => response,
                Ok(Err(panic)) => {
                    tracing::error!(method = %what.0, path = what.1, "a handler panicked: {}", text_of(&*panic));
                    Problem::internal().into_response()
                }
                Err(_) => late(body_came.load(Relaxed)).into_response(),
            }
        }
    };
    for (name, value) in BROWSER_HEADERS {
        // A handler that serves pages knows better what they need.
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

/// Answers are data: no browser shall take them for a page, a script or a frame.
const BROWSER_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    ),
];

impl Guard {
    /// Lets a request in, or says why not. The flag tells whether its body has come.
    fn admit(&self, mut request: Request) -> Result<(Request, Arc<AtomicBool>), Problem> {
        let peer = request
            .extensions()
            .get::<ConnectInfo<Peer>>()
            .and_then(|info| info.0.ip());
        let ip = peer.map(|peer| client_of(peer, request.headers(), &self.limits.trusted_proxies));
        let toll = Toll(
            self.limiter
                .as_ref()
                .zip(ip)
                .map(|(limiter, ip)| (limiter.clone(), Network::from(ip))),
        );
        toll.enter()?;
        request.extensions_mut().insert(ClientIp(ip));
        request.extensions_mut().insert(toll);

        let bytes_max = self.limits.body_bytes_max;
        if request.body().size_hint().lower() > bytes_max as u64 {
            let message = format!("a request's body may have {bytes_max} bytes");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message));
        }
        let came = Arc::new(AtomicBool::new(request.body().is_end_stream()));
        let request = request.map(|body| {
            Body::new(Watched {
                body: Limited::new(body, bytes_max),
                came: came.clone(),
            })
        });
        Ok((request, came))
    }
}

/// Whom a request comes from.
fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == *ip);
    let mut client = peer.to_canonical();
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        for said in value.as_bytes().rsplit(|byte| *byte == b',') {
            if !is_trusted(&client) {
                return client;
            }
            // Nonsense comes from whoever is last known to us.
            let Some(said) = std::str::from_utf8(said)
                .ok()
                .and_then(|text| address(text.trim()))
            else {
                return client;
            };
            client = said;
        }
    }
    client
}

/// An address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let ip = text.parse::<IpAddr>().ok();
    let ip = ip.or_else(|| text.parse::<SocketAddr>().ok().map(|addr| addr.ip()));
    ip.map(|ip| ip.to_canonical())
}

fn late(body_came: bool) -> Problem {
    if body_came {
        let message = "the service took too long to answer";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", message).retry_after_ms(1000)
    } else {
        let message = "the request's body took too long to arrive";
        Problem::new(StatusCode::REQUEST_TIMEOUT, "timeout", message)
    }
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text")
}

/// Gives an error of the framework (no such route, wrong method, a body that does not decode) the form of ours.
async fn in_our_form(response: Response) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    match response.headers().get(header::CONTENT_TYPE) {
        None => {}
        Some(kind) if kind.as_bytes().starts_with(b"text/plain") => {}
        Some(_) => return response,
    }
    let (mut parts, body) = response.into_parts();
    let text = axum::body::to_bytes(body, MESSAGE_BYTES_MAX)
        .await
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let message = match (status, &*text) {
        (StatusCode::INTERNAL_SERVER_ERROR, _) => Problem::internal().message,
        (StatusCode::NOT_FOUND, "") => "there is nothing at this path".to_owned(),
        (StatusCode::METHOD_NOT_ALLOWED, "") => {
            "this path does not take this method; `Allow` names those it takes".to_owned()
        }
        (_, "") => status.canonical_reason().unwrap_or("no reason given").to_owned(),
        (_, text) => text.to_owned(),
    };
    let problem = Problem::new(status, Problem::code_of(status), message).into_response();
    // `Allow` and its like stay; what told of the old body goes.
    parts.headers.remove(header::CONTENT_LENGTH);
    for (name, value) in problem.headers() {
        parts.headers.insert(name, value.clone());
    }
    parts.extensions.extend(problem.extensions().clone());
    Response::from_parts(parts, problem.into_body())
}

/// A request's body within its limit, and whether its end has come.
struct Watched {
    body: Limited<Body>,
    came: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.came.store(true, Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
