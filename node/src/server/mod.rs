//! `playfair node`: the server.
//!
//! **Start.** The data folder is taken first, so that of two nodes on one folder exactly one gets past this line; then
//! everything listens, and only then is anything printed: whoever reads an address can use it. Chains open meanwhile,
//! each on its own thread, and say *unavailable* until they are there.
//!
//! **Standard output** is for scripts, a word and a value a line: `data`, `sha256` (of the
//! certificate, with HTTPS), `api`, `admin`, `metrics`, and at last `ready`.
//!
//! **Stop.** The first SIGINT or SIGTERM ends it in good order: no new connections, what came is answered, chains are
//! closed with a checkpoint, exit code 0. A second one ends the process at once, which costs a longer start and no call
//! that was acknowledged.

mod failure;
pub(crate) mod log;
pub mod metrics;
mod page;
mod provers;
mod proving;
mod system;

pub use failure::{Failure, Kind};
pub use page::page;
pub(crate) use proving::setup;

use crate::config::{Config, Loaded};
use crate::shape;
use playfair_host::{Host, ModuleCheck};
use playfair_http::{
    Counters, GuardLimits, Identity, Listener, Origins, ServerLimits, Shutdown, guard, serve,
};
use playfair_page::Page;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;

/// Exit code of a process that was told to stop twice, as of one that SIGINT ended.
const CUT: i32 = 130;

/// Runs a node until it is told to stop.
///
/// # Errors
/// [`Failure`] when it cannot start.
pub fn run(loaded: &Loaded, out: &mut dyn Write) -> Result<(), Failure> {
    run_with(loaded, out, |_, _| Ok(()))
}

/// With something to be done when everything listens and `ready` is not said yet. It is told what serves where.
///
/// # Errors
/// As [`run`], and what `begin` says.
pub fn run_with(
    loaded: &Loaded,
    out: &mut dyn Write,
    begin: impl FnOnce(&[(&'static str, String)], &mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    log::start(&loaded.config.log);
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .thread_name("web")
        .build();
    let runtime =
        runtime.map_err(|error| Failure::new(Kind::Other, format!("no threads can be made: {error}")))?;
    let ended = run_on(&runtime, loaded, out, begin);
    // What still reads for somebody who has gone away is not waited for.
    runtime.shutdown_background();
    ended
}

fn run_on(
    runtime: &Runtime,
    loaded: &Loaded,
    out: &mut dyn Write,
    begin: impl FnOnce(&[(&'static str, String)], &mut dyn Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let config = &loaded.config;
    match &loaded.file {
        Some(file) => {
            tracing::info!(version = env!("CARGO_PKG_VERSION"), config = %file.display(), "starting")
        }
        None => tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            "starting without a configuration file"
        ),
    }
    system::check_descriptors(config.server_limits().connections_max);
    let page = page(config)?;
    let host = Arc::new(Host::open(&config.data, module_check())?);
    let started = runtime.block_on(Services::start(config, &host, page));
    let services = match started {
        Ok(services) => services,
        Err(failure) => {
            host.stop();
            return Err(failure);
        }
    };
    // Whoever reads this may be gone: a node does not end because nobody listens to it.
    let _ = services.announce(&host, out);
    if let Err(failure) = begin(&services.bound, out) {
        runtime.block_on(services.close(&host));
        host.stop();
        return Err(failure);
    }
    let _ = writeln!(out, "ready").and_then(|()| out.flush());
    tracing::info!(chains = host.chains().len(), "ready");
    runtime.block_on(services.end(&host));
    host.stop();
    tracing::info!("stopped");
    Ok(())
}

/// A module that no proof could hold would stop its chain later, so it is refused when it comes.
#[must_use]
pub fn module_check() -> ModuleCheck {
    Arc::new(|admitted| match shape::smallest(admitted) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("{error:#}")),
    })
}

/// What the operator's own requests may be: as large as modules, as long as a chain takes to be made, and none from web pages.
fn operators_limits() -> GuardLimits {
    GuardLimits {
        body_bytes_max: playfair_rpc::ADMIN_BODY_BYTES_MAX,
        request_timeout: Duration::from_secs(120),
        rate: None,
        origins: Origins::Only(Vec::new()),
        ..GuardLimits::default()
    }
}

/// What serves.
struct Services {
    /// What it is called, and where it is reached.
    bound: Vec<(&'static str, String)>,
    serving: JoinSet<()>,
    shutdown: Shutdown,
    signals: Signals,
    /// For open requests to end.
    grace: Duration,
    proving: Option<proving::Proving>,
}

impl Services {
    async fn start(config: &Config, host: &Arc<Host>, page: Option<Page>) -> Result<Self, Failure> {
        let shutdown = Shutdown::new();
        let mut services = Self {
            bound: Vec::new(),
            serving: JoinSet::new(),
            shutdown: shutdown.clone(),
            // Before anything is printed: whoever sees an address may stop the node.
            signals: Signals::new()?,
            grace: config.server_limits().grace,
            proving: None,
        };
        let watched = metrics::Watched::new(Arc::clone(host));
        let api = match &config.tls {
            (Some(certificate), Some(key)) => {
                let identity = identity(certificate, key)?;
                services
                    .bound
                    .push(("sha256", identity.fingerprint().to_string()));
                Listener::tls(config.listen, &identity).await?
            }
            _ => Listener::tcp(config.listen).await?,
        };
        let public = playfair_rpc::router_with(Arc::clone(host), config.api);
        let public = guard(public, &config.guard_limits());
        // Each behind a guard of its own. What is on no path is the web API's to answer: its fallback is the one that stays.
        let public = guard(page::routes(page), &config.page_limits()).merge(public);
        // Around the guard, so that what it refuses is counted too.
        let public = metrics::count(public, &watched);
        let metrics = match config.metrics {
            Some(address) => Some(Listener::tcp(address).await?),
            None => None,
        };
        let admin = Listener::unix(absolute(&config.admin_path())).await?;
        let proving = proving::Proving::start(config, host, &shutdown).await?;
        services.serve(
            "api",
            api,
            public,
            config.server_limits(),
            watched.counters("api"),
            "",
        );
        let more = provers::routes(proving.as_ref().map(|(proving, _)| proving.clone()));
        let router = playfair_rpc::admin_with(Arc::clone(host), config.chain, more);
        let router = guard(router, &operators_limits());
        services.serve(
            "admin",
            admin,
            router,
            ServerLimits::default(),
            watched.counters("admin"),
            "",
        );
        if let Some(listener) = metrics {
            // Prometheus asks seldom; who floods this gets no further than anybody else.
            let router = guard(metrics::router(Arc::clone(&watched)), &GuardLimits::default());
            let limits = ServerLimits::default();
            services.serve(
                "metrics",
                listener,
                router,
                limits,
                watched.counters("metrics"),
                "/metrics",
            );
        }
        if let Some((proving, served)) = proving {
            for (name, listener, router) in served {
                let counters = watched.counters(name);
                services.serve(name, listener, router, ServerLimits::default(), counters, "");
            }
            services.proving = Some(proving);
        }
        let followed = watched.follow(shutdown.clone());
        services.serving.spawn(followed);
        Ok(services)
    }

    fn serve(
        &mut self,
        name: &'static str,
        listener: Listener,
        router: axum::Router,
        limits: ServerLimits,
        counters: Counters,
        path: &str,
    ) {
        self.bound.push((name, format!("{}{path}", listener.bound())));
        // One time for all to end in.
        let limits = ServerLimits {
            grace: self.grace,
            ..limits
        };
        self.serving
            .spawn(serve(listener, router, limits, self.shutdown.clone(), counters));
    }

    fn announce(&self, host: &Host, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "data     {}", absolute(host.path()).display())?;
        for (name, place) in &self.bound {
            writeln!(out, "{name:<8} {place}")?;
        }
        out.flush()
    }

    /// Waits for the signal, then until everything has been answered. Calls that come to their turn in time are sealed;
    /// after half of the grace period chains are stopped, which tells who still waits, so that nobody is cut without a word.
    async fn end(mut self, host: &Arc<Host>) {
        let name = self.signals.next().await;
        tracing::info!(
            signal = name,
            "stopping: what came is answered, chains are closed; again stops at once"
        );
        self.close(host).await;
    }

    /// Ends everything in good order.
    async fn close(mut self, host: &Arc<Host>) {
        self.shutdown.stop();
        let proving = self.proving.take();
        tokio::spawn(async move {
            self.signals.next().await;
            tracing::warn!("stopped at once: the next start takes longer");
            std::process::exit(CUT);
        });
        if let Some(proving) = proving {
            proving.pipeline.stop().await;
        }
        let mut serving = self.serving;
        let all = async { while serving.join_next().await.is_some() {} };
        if tokio::time::timeout(self.grace / 2, all).await.is_err() {
            let host = Arc::clone(host);
            let _ = tokio::task::spawn_blocking(move || host.stop()).await;
            while serving.join_next().await.is_some() {}
        }
    }
}

/// A path that means the same to who reads it elsewhere.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The certificate and its key; made if neither is there.
fn identity(certificate: &Path, key: &Path) -> Result<Identity, Failure> {
    if !certificate.exists() && !key.exists() {
        let identity = Identity::generate()?;
        identity.save(certificate, key)?;
        tracing::info!(certificate = %certificate.display(), sha256 = %identity.fingerprint(), "made a certificate");
        return Ok(identity);
    }
    Ok(Identity::load(certificate, key)?)
}

/// The signals that stop a node.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        let failed = |error| Failure::new(Kind::Other, format!("signals cannot be had: {error}"));
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}
