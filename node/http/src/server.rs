//! Serving a router on a listener until told to stop.
//!
//! What a client can hold is bounded: its share of the connections, the bytes and the number of a head's lines, the
//! time for a head, the time without a request, and the time in which it takes what it is sent. When there are too
//! many connections, the next are told so (503) and closed at once rather than left hanging, and how many are being
//! told is bounded too: beyond that they are closed without a word, as all are over TLS, where an answer would cost
//! a handshake.
//!
//! **Framing.** hyper reads HTTP/1 strictly. A request that has both a length and chunks is read by its chunks and is
//! the last one of its connection; differing lengths, unknown codings, lines folded or without a name are answered
//! 400 and end it. So bytes that one server took for a body are never run as a request by the next.
//!
//! **WebSockets** leave HTTP and its time limits. They keep their place among the connections, and one that does not
//! take what it is sent is cut; whether a silent one is still there, its handler finds out by pings.
//!
//! **The end.** At the signal nothing new is accepted, waiting connections are closed, requests that came are
//! answered, and WebSockets learn of it through [`Shutdown`] in their request's extensions. After the grace period
//! whatever is left is cut. Dropping the future that serves cuts at once.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::listener::{Accept, BoxIo, Listener};
use crate::peer::Peer;
use crate::problem::Problem;
use crate::shutdown::Shutdown;
use crate::slots::{Counters, Refusal, Slot, Slots, count};
use crate::wire::{Activity, Answer, Phase, Wire};

/// How many connections are told at the same time that there are too many.
const REFUSING_MAX: usize = 64;
/// How long telling one may take.
const REFUSING_TIME_MAX: Duration = Duration::from_secs(1);
/// What a refused client may have sent before it is closed: enough for a head, so that it reads our answer.
const REFUSED_BYTES_MAX: usize = 16 << 10;

/// What clients may hold of a server.
#[derive(Clone, Debug)]
pub struct ServerLimits {
    /// Connections in all, WebSockets included. 4096.
    pub connections_max: usize,
    /// Connections of one client: one IPv4 address or one IPv6 network of 64 bits. 64.
    pub connections_per_ip_max: usize,
    /// Addresses that stand for many clients, such as a reverse proxy: no limit per address. None.
    pub unlimited_ips: Vec<IpAddr>,
    /// Lines in a request's head. 64.
    pub headers_max: usize,
    /// Bytes of a request's head, its first line included. 16 KiB; more than 64 KiB counts as 64 KiB.
    pub head_bytes_max: usize,
    /// Time from a request's first byte, and for a connection's first request from its start, to the end of its
    /// head. 10 s.
    pub head_timeout: Duration,
    /// Time without a request before a connection is closed. 60 s.
    pub idle_timeout: Duration,
    /// Time in which the client must take something of what it is sent; WebSockets too. 20 s.
    pub stall_timeout: Duration,
    /// Time for a TLS handshake. 10 s.
    pub tls_timeout: Duration,
    /// Time for open requests and WebSockets to end after the signal to stop. 10 s.
    pub grace: Duration,
}

impl Default for ServerLimits {
    fn default() -> ServerLimits {
        ServerLimits {
            connections_max: 4096,
            connections_per_ip_max: 64,
            unlimited_ips: Vec::new(),
            headers_max: 64,
            head_bytes_max: 16 << 10,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            stall_timeout: Duration::from_secs(20),
            tls_timeout: Duration::from_secs(10),
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves `router` on `listener` until `shutdown` is given and what was open has ended or the grace period has passed.
///
/// Every request has the extensions `ConnectInfo<Peer>` and [`Shutdown`].
pub async fn serve(
    listener: Listener,
    router: Router,
    limits: ServerLimits,
    shutdown: Shutdown,
    counters: Counters,
) {
    let Listener { socket, tls, .. } = listener;
    run(socket, tls.map(|tls| tls.0), router, limits, shutdown, counters).await;
}

/// What every connection of one server shares.
struct Shared {
    router: Router,
    tls: Option<TlsAcceptor>,
    limits: ServerLimits,
    shutdown: Shutdown,
    counters: Counters,
    cut: watch::Receiver<bool>,
}

pub(crate) async fn run(
    source: impl Accept,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: ServerLimits,
    shutdown: Shutdown,
    counters: Counters,
) {
    let slots = Arc::new(Slots::new(
        limits.connections_max,
        limits.connections_per_ip_max,
        limits.unlimited_ips.clone(),
        counters.clone(),
    ));
    let refusing = Arc::new(Semaphore::new(REFUSING_MAX));
    let (cut, cut_seen) = watch::channel(false);
    let (alive, mut all_gone) = mpsc::channel::<()>(1);
    let shared = Arc::new(Shared {
        router,
        tls,
        limits,
        shutdown,
        counters,
        cut: cut_seen,
    });
    let mut tasks = JoinSet::new();
    let mut backoff = Backoff::default();
    let mut stopping = pin!(shared.shutdown.wait());
    loop {
        while let Some(ended) = tasks.try_join_next() {
            report_panic(ended);
        }
        let accepted = tokio::select! {
            biased;
            () = &mut stopping => break,
            accepted = source.accept() => accepted,
        };
        let (io, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                count(&shared.counters.cells().accept_errors);
                let Some(wait) = backoff.after(&error) else {
                    continue;
                };
                tracing::warn!(%error, wait_ms = wait.as_millis() as u64, "cannot accept connections for now");
                tokio::select! {
                    biased;
                    () = &mut stopping => break,
                    () = tokio::time::sleep(wait) => continue,
                }
            }
        };
        backoff.reset();
        count(&shared.counters.cells().accepted);
        match slots.take(peer) {
            Ok(slot) => {
                tasks.spawn(connection(shared.clone(), io, peer, (slot, alive.clone())));
            }
            Err(refusal) => {
                if shared.tls.is_none()
                    && let Ok(permit) = refusing.clone().try_acquire_owned()
                {
                    tasks.spawn(async move {
                        let _ = tokio::time::timeout(REFUSING_TIME_MAX, refuse(io, refusal)).await;
                        drop(permit);
                    });
                }
            }
        }
    }
    // New clients are refused by the operating system from here on.
    drop(source);
    drop(alive);
    let _ = tokio::time::timeout(shared.limits.grace, all_gone.recv()).await;
    cut.send_replace(true);
    tasks.shutdown().await;
}

fn report_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!("a connection ended with a panic: {error}");
    }
}

/// One connection, from its first byte to its last or to its upgrade.
async fn connection(shared: Arc<Shared>, io: BoxIo, peer: Peer, held: (Slot, mpsc::Sender<()>)) {
    let cells = shared.counters.cells();
    let limits = &shared.limits;
    let io: BoxIo = match &shared.tls {
        None => io,
        Some(tls) => {
            let handshake = tokio::time::timeout(limits.tls_timeout, tls.accept(io));
            let done = tokio::select! {
                biased;
                () = shared.shutdown.wait() => return,
                done = handshake => done,
            };
            match done {
                Ok(Ok(io)) => Box::new(io),
                _ => return count(&cells.tls_failed),
            }
        }
    };
    let activity = Arc::new(Activity::new());
    let wire = Wire::new(
        io,
        activity.clone(),
        shared.cut.clone(),
        limits.stall_timeout,
        shared.counters.clone(),
        held,
    );
    let service = hyper::service::service_fn(|request| answer(&shared, &activity, peer, request));
    let mut http = hyper::server::conn::http1::Builder::new();
    // Time is limited below, for hyper has one limit for two things. Its buffer must have room for a head.
    http.header_read_timeout(None)
        .max_headers(limits.headers_max)
        .max_header_size(limits.head_bytes_max)
        .max_buf_size(64 << 10);
    let mut connection = pin!(http.serve_connection(TokioIo::new(wire), service).with_upgrades());
    let mut stopping = pin!(shared.shutdown.wait());
    let mut stopped = false;
    let mut alarm = pin!(tokio::time::sleep(limits.head_timeout));
    std::future::poll_fn(|cx| {
        if !stopped && stopping.as_mut().poll(cx).is_ready() {
            stopped = true;
            if activity.phase() == Phase::Fresh {
                return Poll::Ready(());
            }
            connection.as_mut().graceful_shutdown();
        }
        if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
            if ended.is_err() {
                count(&cells.broken);
            }
            return Poll::Ready(());
        }
        if let Some(deadline) = activity.deadline(limits.head_timeout, limits.idle_timeout) {
            if alarm.deadline() != deadline {
                alarm.as_mut().reset(deadline);
            }
            std::task::ready!(alarm.as_mut().poll(cx));
            let idle = activity.phase() == Phase::Idle;
            count(if idle { &cells.closed_idle } else { &cells.cut_head });
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}

/// Hands one request to the router.
fn answer(
    shared: &Shared,
    activity: &Arc<Activity>,
    peer: Peer,
    mut request: http::Request<Incoming>,
) -> impl Future<Output = Result<http::Response<Answer<axum::body::Body>>, Infallible>> + Send + use<> {
    activity.begin();
    count(&shared.counters.cells().requests);
    request.extensions_mut().insert(ConnectInfo(peer));
    request.extensions_mut().insert(shared.shutdown.clone());
    let answer = TowerToHyperService::new(shared.router.clone()).call(request);
    let activity = activity.clone();
    async move { Ok(answer.await?.map(|body| Answer::new(body, activity))) }
}

/// Tells a client that there is no place for it.
async fn refuse(mut io: BoxIo, refusal: Refusal) {
    let message = match refusal {
        Refusal::Full => "the server has all the connections it can serve",
        Refusal::PerIp => "this address has all the connections that one may have; close some",
    };
    let status = http::StatusCode::SERVICE_UNAVAILABLE;
    let problem = Problem::new(status, "too_many_connections", message).retry_after_ms(1000);
    let body = problem.to_json();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         retry-after: 1\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    if io.write_all(answer.as_bytes()).await.is_err() || io.shutdown().await.is_err() {
        return;
    }
    // Closing with bytes unread would reset the connection, and the answer with it.
    let (mut read, mut buffer) = (0, [0; 1024]);
    while read < REFUSED_BYTES_MAX {
        match io.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(more) => read += more,
        }
    }
}

/// How long to wait after the operating system could not hand over a connection.
#[derive(Debug, Default)]
struct Backoff {
    failures: u32,
}

impl Backoff {
    /// None if the error is of that one connection alone. Otherwise (no descriptors or memory left) 10 ms, doubled
    /// each time, up to about a second.
    fn after(&mut self, error: &io::Error) -> Option<Duration> {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
        ) {
            return None;
        }
        let wait = Duration::from_millis(10 << self.failures.min(7));
        self.failures = self.failures.saturating_add(1);
        Some(wait)
    }

    fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests;
