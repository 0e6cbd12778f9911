//! Figures of a whole node: the process with its web API, asked over HTTP and WebSockets by clients of this one.
//!
//! One measure a line. Run by `cargo xtask bench node`. `PLAYFAIR_SOAK_S` is how long the soak lasts, 600 s if not given.
//!
//! The node is this very program, started again with other arguments: it runs the same code as `playfair node` and
//! `playfair prover join`.

mod crash;
mod load;
mod process;
mod proving;

use process::{Node, rss_mb};
use std::time::Duration;

/// Percentile `part` of sorted times, ms.
pub(crate) fn at(sorted: &[Duration], part: usize) -> f64 {
    let place = sorted.len().saturating_sub(1) * part / 100;
    sorted
        .get(place)
        .map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [command, rest @ ..] = args.as_slice()
        && process::is_child(command)
    {
        process::child(command, rest);
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut lines = Vec::new();
    let mut measure = |name: &str, value: f64, unit: &str| lines.push(format!("{name}\t{value:.1}\t{unit}"));
    let temp = tempfile::tempdir().expect("a folder");
    runtime.block_on(async {
        let folder = temp.path().join("load");
        let node = Node::start(&folder, &[]).await;
        let table = load::Tables::open(&node).await;
        let told = table.play(&node).await;
        measure("node_calls_per_s", told.calls_per_s, "calls/s");
        measure("ack_p50_ms", told.ack_p50_ms, "ms");
        measure("ack_p99_ms", told.ack_p99_ms, "ms");
        measure("subscribe_delta_p99_ms", told.delta_p99_ms, "ms");
        let before = node.kill().await;
        let (node, took) = Node::again(&folder, &before).await;
        measure("restart_ms", took.as_secs_f64() * 1e3, "ms");
        let soak = std::env::var("PLAYFAIR_SOAK_S")
            .ok()
            .and_then(|text| text.parse().ok());
        let soak = Duration::from_secs(soak.unwrap_or(600));
        eprintln!("soak: {} s", soak.as_secs());
        let grown = load::soak(&node, soak, rss_mb).await;
        measure("rss_soak_growth_mb", grown.mb, "MiB");
        measure("soak_calls_per_s", grown.calls_per_s, "calls/s");
        node.kill().await;

        let told = crash::run(&temp.path().join("crash")).await;
        measure("crash_runs", told.runs as f64, "kills");
        measure("crash_calls", told.acknowledged as f64, "calls");
        measure("crash_losses", told.lost as f64, "calls");

        let seconds = proving::one_move(&temp.path().join("prove")).await;
        measure("submit_to_proven_s", seconds, "s");
    });
    println!("{}", lines.join("\n"));
}
