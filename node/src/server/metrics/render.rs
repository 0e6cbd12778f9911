//! The page.

use super::text::{Kind, Page};
use super::{OUTCOMES, Watched};
use crate::server::system;
use playfair_host::Chain;
use std::sync::Arc;

/// Every status that a chain can have.
const STATUSES: [&str; 6] = ["opening", "running", "paused", "archived", "halted", "stopping"];

pub(super) fn page(watched: &Watched) -> String {
    let mut page = Page::default();
    process(&mut page, watched);
    let chains: Vec<(String, Arc<Chain>)> = watched
        .host
        .chains()
        .into_iter()
        .map(|chain| (chain.record().name, chain))
        .collect();
    standing(&mut page, &chains);
    sealed(&mut page, watched);
    requests(&mut page, watched);
    connections(&mut page, watched);
    page.into_text()
}

fn process(page: &mut Page, watched: &Watched) {
    page.family(
        "playfair_build_info",
        Kind::Gauge,
        "1, with the program's version.",
    );
    page.sample(
        "playfair_build_info",
        &[("version", env!("CARGO_PKG_VERSION"))],
        1,
    );
    page.family(
        "process_start_time_seconds",
        Kind::Gauge,
        "When the process started, seconds since 1970.",
    );
    page.sample("process_start_time_seconds", &[], watched.started_s);
    if let Some(bytes) = system::memory() {
        page.family(
            "process_resident_memory_bytes",
            Kind::Gauge,
            "Memory of the process.",
        );
        page.sample("process_resident_memory_bytes", &[], bytes);
    }
    if let Some(count) = system::descriptors() {
        page.family(
            "process_open_fds",
            Kind::Gauge,
            "Files and connections that the process has open.",
        );
        page.sample("process_open_fds", &[], count);
    }
    if let Some((free, size)) = system::disk(watched.host.path()) {
        page.family(
            "playfair_disk_free_bytes",
            Kind::Gauge,
            "Free for the node on the data folder's disk.",
        );
        page.sample("playfair_disk_free_bytes", &[], free);
        page.family(
            "playfair_disk_size_bytes",
            Kind::Gauge,
            "Size of the data folder's disk.",
        );
        page.sample("playfair_disk_size_bytes", &[], size);
    }
}

fn standing(page: &mut Page, chains: &[(String, Arc<Chain>)]) {
    page.family(
        "playfair_chain_status",
        Kind::Gauge,
        "1 for the status that the chain has, 0 for the others.",
    );
    for (name, chain) in chains {
        let status = chain.status().name();
        for one in STATUSES {
            page.sample(
                "playfair_chain_status",
                &[("chain", name), ("status", one)],
                u8::from(status == one),
            );
        }
    }
    let mut gauge = |name: &'static str, help: &str, value: &dyn Fn(&Chain) -> Option<f64>| {
        page.family(name, Kind::Gauge, help);
        for (chain_name, chain) in chains {
            if let Some(value) = value(chain) {
                page.sample(name, &[("chain", chain_name)], value);
            }
        }
    };
    gauge(
        "playfair_chain_first_height",
        "Height of the first block that is kept.",
        &|chain| Some(chain.readers()?.history.first() as f64),
    );
    gauge("playfair_chain_height", "Height of the last block.", &|chain| {
        Some(chain.head().block?.height() as f64)
    });
    gauge(
        "playfair_chain_block_time_seconds",
        "Time of the last block, seconds since 1970.",
        &|chain| Some(chain.head().block?.header.after.time_ms.get() as f64 / 1e3),
    );
    gauge(
        "playfair_chain_waiting_calls",
        "Calls that wait for a block.",
        &|chain| Some(chain.head().waiting as f64),
    );
    gauge(
        "playfair_chain_waiting_gas",
        "Gas limits of the calls that wait.",
        &|chain| Some(chain.head().waiting_gas as f64),
    );
    gauge(
        "playfair_chain_unproven_rows",
        "Rows that are executed and not proven.",
        &|chain| Some(chain.head().debt as f64),
    );
    gauge(
        "playfair_chain_unproven_rows_max",
        "Where the chain refuses calls until proofs come.",
        &|chain| {
            let record = chain.record();
            Some(
                record
                    .genesis
                    .params
                    .unproven_rows_max
                    .min(record.settings.unproven_rows_max) as f64,
            )
        },
    );
    gauge(
        "playfair_chain_proofs",
        "Proofs without a gap from genesis on.",
        &|chain| Some((*chain.watch_proven().borrow())?.proofs as f64),
    );
    gauge(
        "playfair_chain_proven_height",
        "Height up to which everything is proven.",
        &|chain| {
            let tip = (*chain.watch_proven().borrow())?;
            Some(tip.boundary.map_or(0, |boundary| boundary.height) as f64)
        },
    );
}

fn sealed(page: &mut Page, watched: &Watched) {
    let all = watched.sealed();
    page.family(
        "playfair_chain_blocks_total",
        Kind::Counter,
        "Blocks sealed since the node started.",
    );
    for (chain, sealed) in all.iter() {
        page.sample("playfair_chain_blocks_total", &[("chain", chain)], sealed.blocks);
    }
    page.family(
        "playfair_chain_gas_total",
        Kind::Counter,
        "Gas used since the node started.",
    );
    for (chain, sealed) in all.iter() {
        page.sample("playfair_chain_gas_total", &[("chain", chain)], sealed.gas);
    }
    page.family(
        "playfair_chain_calls_total",
        Kind::Counter,
        "Calls sealed since the node started, by outcome.",
    );
    for (chain, sealed) in all.iter() {
        for (outcome, count) in OUTCOMES.iter().zip(sealed.calls) {
            page.sample(
                "playfair_chain_calls_total",
                &[("chain", chain), ("outcome", outcome)],
                count,
            );
        }
    }
}

fn requests(page: &mut Page, watched: &Watched) {
    let tallies = watched.tallies();
    page.family(
        "playfair_calls_refused_total",
        Kind::Counter,
        "Submissions that were refused, by the error's code.",
    );
    for ((chain, code), count) in &tallies.refused {
        page.sample(
            "playfair_calls_refused_total",
            &[("chain", chain), ("code", code)],
            count,
        );
    }
    page.family(
        "playfair_call_seconds",
        Kind::Histogram,
        "Time from a call's arrival to its acknowledgement, which is durable.",
    );
    for (chain, acknowledged) in &tallies.acknowledged {
        acknowledged.write(page, "playfair_call_seconds", ("chain", chain));
    }
    page.family(
        "playfair_http_requests_total",
        Kind::Counter,
        "Requests answered, by route, method and status.",
    );
    for ((route, method, status), count) in &tallies.requests {
        let labels = [
            ("route", route.as_str()),
            ("method", method),
            ("status", &status.to_string()),
        ];
        page.sample("playfair_http_requests_total", &labels, count);
    }
}

fn connections(page: &mut Page, watched: &Watched) {
    let tallies = watched.tallies();
    let counts: Vec<_> = tallies
        .listeners
        .iter()
        .map(|(listener, counters)| (*listener, counters.read()))
        .collect();
    page.family(
        "playfair_http_connections",
        Kind::Gauge,
        "Connections that are open, WebSockets included.",
    );
    for (listener, counts) in &counts {
        page.sample(
            "playfair_http_connections",
            &[("listener", listener)],
            counts.open,
        );
    }
    page.family(
        "playfair_http_received_total",
        Kind::Counter,
        "Requests that came, answered or not yet.",
    );
    for (listener, counts) in &counts {
        page.sample(
            "playfair_http_received_total",
            &[("listener", listener)],
            counts.requests,
        );
    }
    page.family(
        "playfair_http_accepted_total",
        Kind::Counter,
        "Connections that came, refused ones included.",
    );
    for (listener, counts) in &counts {
        page.sample(
            "playfair_http_accepted_total",
            &[("listener", listener)],
            counts.accepted,
        );
    }
    page.family(
        "playfair_http_ended_total",
        Kind::Counter,
        "Connections that were refused or cut, by reason.",
    );
    for (listener, counts) in &counts {
        for (reason, count) in [
            ("full", counts.refused_full),
            ("per_ip", counts.refused_per_ip),
            ("tls", counts.tls_failed),
            ("head", counts.cut_head),
            ("idle", counts.closed_idle),
            ("stalled", counts.cut_stalled),
            ("broken", counts.broken),
            ("accept", counts.accept_errors),
        ] {
            page.sample(
                "playfair_http_ended_total",
                &[("listener", listener), ("reason", reason)],
                count,
            );
        }
    }
}
