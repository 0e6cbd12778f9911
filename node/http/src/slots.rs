//! How many connections there are, in all and per client, and what happened to the others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use crate::peer::{Network, Peer};

/// What a server counts while it serves. Clones are the same counters; several servers may share them.
#[derive(Clone, Debug, Default)]
pub struct Counters(Arc<Cells>);

#[derive(Debug, Default)]
pub(crate) struct Cells {
    pub(crate) open: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) refused_full: AtomicU64,
    pub(crate) refused_per_ip: AtomicU64,
    pub(crate) tls_failed: AtomicU64,
    pub(crate) cut_head: AtomicU64,
    pub(crate) closed_idle: AtomicU64,
    pub(crate) cut_stalled: AtomicU64,
    pub(crate) broken: AtomicU64,
    pub(crate) accept_errors: AtomicU64,
}

/// The counters at one moment. All but `open` only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections open now, WebSockets included.
    pub open: u64,
    /// Connections that came, refused ones included.
    pub accepted: u64,
    /// Requests that reached the router.
    pub requests: u64,
    /// Refused because there were too many in all.
    pub refused_full: u64,
    /// Refused because the client had too many.
    pub refused_per_ip: u64,
    /// Ended by a TLS handshake that failed or took too long.
    pub tls_failed: u64,
    /// Cut because a request's head took too long.
    pub cut_head: u64,
    /// Closed because no request came.
    pub closed_idle: u64,
    /// Cut because the client did not take what it was sent.
    pub cut_stalled: u64,
    /// Ended by an error: what came was no HTTP, or the client vanished.
    pub broken: u64,
    /// Connections that the operating system could not hand over.
    pub accept_errors: u64,
}

impl Counters {
    /// Counters at nought.
    pub fn new() -> Counters {
        Counters::default()
    }

    /// What they show now.
    pub fn read(&self) -> Counts {
        let cells = &self.0;
        Counts {
            open: cells.open.load(Relaxed),
            accepted: cells.accepted.load(Relaxed),
            requests: cells.requests.load(Relaxed),
            refused_full: cells.refused_full.load(Relaxed),
            refused_per_ip: cells.refused_per_ip.load(Relaxed),
            tls_failed: cells.tls_failed.load(Relaxed),
            cut_head: cells.cut_head.load(Relaxed),
            closed_idle: cells.closed_idle.load(Relaxed),
            cut_stalled: cells.cut_stalled.load(Relaxed),
            broken: cells.broken.load(Relaxed),
            accept_errors: cells.accept_errors.load(Relaxed),
        }
    }

    pub(crate) fn cells(&self) -> &Cells {
        &self.0
    }
}

/// Counts one more.
pub(crate) fn count(cell: &AtomicU64) {
    cell.fetch_add(1, Relaxed);
}

/// The places for connections of one server.
#[derive(Debug)]
pub(crate) struct Slots {
    taken: Mutex<Taken>,
    total_max: usize,
    per_ip_max: usize,
    /// Addresses that stand for many clients: trusted proxies.
    unlimited: Vec<IpAddr>,
    counters: Counters,
}

/// Its map holds clients with connections only, so it is as bounded as they are.
#[derive(Debug, Default)]
struct Taken {
    total: usize,
    per_client: HashMap<Network, usize>,
}

/// Why a connection has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    PerIp,
}

/// One connection's place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    client: Option<Network>,
}

impl Slots {
    pub(crate) fn new(
        total_max: usize,
        per_ip_max: usize,
        unlimited: Vec<IpAddr>,
        counters: Counters,
    ) -> Slots {
        Slots {
            taken: Mutex::default(),
            total_max,
            per_ip_max,
            unlimited: unlimited.iter().map(IpAddr::to_canonical).collect(),
            counters,
        }
    }

    pub(crate) fn take(self: &Arc<Self>, peer: Peer) -> Result<Slot, Refusal> {
        let client = peer
            .ip()
            .filter(|ip| !self.unlimited.contains(ip))
            .map(Network::from);
        let cells = self.counters.cells();
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked first, so that who has too many is told so, whoever else is here.
        if let Some(client) = client
            && taken
                .per_client
                .get(&client)
                .is_some_and(|count| *count >= self.per_ip_max)
        {
            count(&cells.refused_per_ip);
            return Err(Refusal::PerIp);
        }
        if taken.total >= self.total_max {
            count(&cells.refused_full);
            return Err(Refusal::Full);
        }
        taken.total += 1;
        if let Some(client) = client {
            *taken.per_client.entry(client).or_default() += 1;
        }
        count(&cells.open);
        Ok(Slot {
            slots: self.clone(),
            client,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total = taken.total.saturating_sub(1);
        if let Some(client) = self.client
            && let Some(left) = taken.per_client.get_mut(&client)
        {
            *left = left.saturating_sub(1);
            if *left == 0 {
                taken.per_client.remove(&client);
            }
        }
        self.slots.counters.cells().open.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Peer {
        Peer::Tcp(text.parse().unwrap())
    }

    #[test]
    fn places_are_counted_and_given_back() {
        let counters = Counters::new();
        let unlimited = vec!["10.0.0.9".parse().unwrap()];
        let slots = Arc::new(Slots::new(4, 2, unlimited, counters.clone()));
        let first = slots.take(peer("10.0.0.1:1")).unwrap();
        let second = slots.take(peer("[::ffff:10.0.0.1]:2")).unwrap();
        assert_eq!(slots.take(peer("10.0.0.1:3")).unwrap_err(), Refusal::PerIp);
        let _third = slots.take(peer("10.0.0.9:1")).unwrap();
        drop(first);
        let _fourth = slots.take(peer("10.0.0.9:2")).unwrap();
        let _fifth = slots.take(peer("10.0.0.9:3")).unwrap();
        assert_eq!(slots.take(Peer::Unix).unwrap_err(), Refusal::Full);
        drop(second);
        assert!(slots.taken.lock().unwrap().per_client.is_empty());
        let _unix = slots.take(Peer::Unix).unwrap();
        let counts = counters.read();
        assert_eq!(
            (counts.open, counts.refused_full, counts.refused_per_ip),
            (4, 1, 1)
        );
    }
}
