//! `playfair prover join`: a worker that proves for a node, beside it or on another machine.

use crate::config::Log;
use crate::setup::Choice;
use anyhow::{Context, Result, bail};
use playfair_pipeline::Hands;
use playfair_provers::{Invite, Worker, WorkerSettings};
use std::io::Read;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How much less than the node's a worker's claim on the processor is.
const NICE: i32 = 10;

/// How to work.
#[derive(Clone, Debug)]
pub struct Settings {
    /// An invitation, or `unix:/path` of a node on this machine.
    pub node: String,
    /// What the worker is called by a node on this machine.
    pub name: String,
    /// Log2 of the most rows of a proof.
    pub k_max: u32,
    /// What proofs rest on.
    pub setup: Choice,
    /// What it logs, and how.
    pub log: Log,
    /// Whether it ends when its standard input does.
    pub while_stdin: bool,
}

/// Works until told to stop.
///
/// # Errors
/// When the node is none, or does not know the worker.
pub fn run(settings: Settings) -> Result<()> {
    crate::server::log::start(&settings.log);
    // Best effort: proving at the node's own priority is slower for players, not wrong.
    let _ = rustix::process::nice(NICE);
    let setup = settings.setup;
    tracing::info!(setup = setup.name(), k_max = settings.k_max, "a prover begins");
    let setups = move |k| setup.params(k).map_err(|error| format!("{error:#}"));
    let hands = Arc::new(Hands::new(setups, settings.k_max));
    let how = WorkerSettings {
        name: settings.name,
        k_max: settings.k_max,
    };
    let worker = if settings.node.starts_with("unix:") {
        Worker::near(&settings.node, how, hands)
    } else {
        let invite = settings.node.parse::<Invite>();
        Worker::far(&invite.map_err(|why| anyhow::anyhow!(why))?, how, hands)
    };
    let worker = worker?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("no threads can be made")?;
    let ended = runtime.block_on(async {
        let (stop, stopping) = watch::channel(false);
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        if settings.while_stdin {
            let stop = stop.clone();
            std::thread::spawn(move || {
                // Whoever started it says nothing: this returns when they are gone.
                let _ = std::io::stdin().lock().read_to_end(&mut Vec::new());
                stop.send_replace(true);
            });
        }
        let mut running = std::pin::pin!(worker.run(stopping));
        tokio::select! {
            ended = &mut running => return Ok(ended),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.send_replace(true);
        anyhow::Ok(running.await)
    });
    // A proof that is being made is not waited for.
    runtime.shutdown_background();
    match ended? {
        Ok(()) => Ok(()),
        Err(error) => bail!("{error}"),
    }
}
