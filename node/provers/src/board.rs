//! Which jobs are offered, and who has which: a state machine without clock, thread or network.

use crate::name::JobName;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How long workers may take, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A lease ends when nothing is heard of its worker for this long, ms. 15,000.
    pub lease_ms: u64,
    /// And when it is this old, whatever is heard, ms. 1,200,000.
    pub lease_max_ms: u64,
    /// Leases that one worker may hold. 8.
    pub leases_per_worker: usize,
    /// Workers that are known at the same time. 1,024.
    pub workers_max: usize,
    /// The first time out for a lie, or for a job that was given back or kept too long, ms; it doubles with each until a proof
    /// counts. 1,000.
    pub penalty_ms: u64,
    /// And the longest, ms. 600,000.
    pub penalty_max_ms: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lease_ms: 15_000,
            lease_max_ms: 1_200_000,
            leases_per_worker: 8,
            workers_max: 1_024,
            penalty_ms: 1_000,
            penalty_max_ms: 600_000,
        }
    }
}

/// Leases that have ended and are remembered, for proofs that come late.
const ENDED: usize = 1_024;
/// A worker of whom nothing is heard for this long is forgotten, ms, unless it is in a time out.
const FORGET_MS: u64 = 120_000;

/// A job that waits: the highest priority first, then the oldest.
type Rank = (Reverse<u64>, u64);

#[derive(Clone, Copy, Debug)]
struct Offer {
    name: JobName,
    k: u32,
}

#[derive(Clone, Debug)]
struct Lease {
    name: JobName,
    worker: String,
    until_ms: u64,
    since_ms: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Known {
    seen_ms: u64,
    leases: usize,
    proofs: u64,
    lost: u64,
    lies: u32,
    /// Lies, and jobs without a proof, since its last proof.
    faults: u32,
    /// Gets nothing before.
    out_until_ms: u64,
    k_max: u32,
}

/// A worker, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerStatus {
    /// Its name.
    pub name: String,
    /// When it was heard of last, ms since 1970.
    pub seen_ms: u64,
    /// Jobs that it has.
    pub leases: usize,
    /// Proofs of it that counted.
    pub proofs: u64,
    /// Jobs that it had and lost.
    pub lost: u64,
    /// Proofs of it that did not verify.
    pub lies: u32,
    /// It gets nothing before this time, ms since 1970.
    pub out_until_ms: u64,
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Offered(Rank),
    Leased(u64),
}

/// The board.
#[derive(Debug)]
pub(crate) struct Board {
    settings: Settings,
    offers: BTreeMap<Rank, Offer>,
    leases: HashMap<u64, Lease>,
    jobs: HashMap<JobName, At>,
    /// Leases that ended without a proof, the oldest first.
    ended: VecDeque<(u64, JobName, String)>,
    workers: BTreeMap<String, Known>,
    next: u64,
}

/// Why a job came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Back {
    pub(crate) name: JobName,
    pub(crate) why: String,
}

impl Board {
    /// `next` is where the numbers of leases begin: nobody shall take one of an earlier start for one of now.
    pub(crate) fn new(settings: Settings, next: u64) -> Self {
        Self {
            settings,
            offers: BTreeMap::new(),
            leases: HashMap::new(),
            jobs: HashMap::new(),
            ended: VecDeque::new(),
            workers: BTreeMap::new(),
            next,
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    /// Offers a job. One that is there already stays where it is.
    pub(crate) fn offer(&mut self, name: JobName, priority: u64, k: u32) {
        if self.jobs.contains_key(&name) {
            return;
        }
        let rank = (Reverse(priority), self.number());
        self.offers.insert(rank, Offer { name, k });
        self.jobs.insert(name, At::Offered(rank));
    }

    /// Takes a job away, whoever has it: it is proven, or not needed any more. Whether it was there.
    pub(crate) fn remove(&mut self, name: &JobName) -> bool {
        self.ended.retain(|(_, ended, _)| ended != name);
        match self.jobs.remove(name) {
            None => return false,
            Some(At::Offered(rank)) => {
                self.offers.remove(&rank);
            }
            Some(At::Leased(lease)) => {
                self.end(lease);
            }
        }
        true
    }

    /// Whether a job is open.
    pub(crate) fn has(&self, name: &JobName) -> bool {
        self.jobs.contains_key(name)
    }

    /// Hears of a worker. Whether there is room for it.
    fn hear(&mut self, worker: &str, now_ms: u64) -> Option<&mut Known> {
        if !self.workers.contains_key(worker) {
            if self.workers.len() >= self.settings.workers_max {
                return None;
            }
            self.workers.insert(worker.to_owned(), Known::default());
        }
        let known = self.workers.get_mut(worker)?;
        known.seen_ms = known.seen_ms.max(now_ms);
        Some(known)
    }

    /// The best job for a worker whose memory holds circuits of 2^`k_max` rows.
    pub(crate) fn take(&mut self, worker: &str, k_max: u32, now_ms: u64) -> Option<(u64, JobName)> {
        let most = self.settings.leases_per_worker;
        let known = self.hear(worker, now_ms)?;
        known.k_max = k_max;
        if known.leases >= most || now_ms < known.out_until_ms {
            return None;
        }
        let (rank, offer) = self
            .offers
            .iter()
            .find(|(_, offer)| offer.k <= k_max)
            .map(|(rank, offer)| (*rank, *offer))?;
        self.offers.remove(&rank);
        let lease = self.number();
        self.jobs.insert(offer.name, At::Leased(lease));
        self.leases.insert(
            lease,
            Lease {
                name: offer.name,
                worker: worker.to_owned(),
                until_ms: now_ms.saturating_add(self.settings.lease_ms),
                since_ms: now_ms,
            },
        );
        if let Some(known) = self.workers.get_mut(worker) {
            known.leases += 1;
        }
        Some((lease, offer.name))
    }

    /// A worker is still at it. Whether it still has the lease.
    pub(crate) fn heartbeat(&mut self, lease: u64, worker: &str, now_ms: u64) -> bool {
        self.hear(worker, now_ms);
        let lease_ms = self.settings.lease_ms;
        match self.leases.get_mut(&lease) {
            Some(lease) if lease.worker == worker => {
                lease.until_ms = lease.until_ms.max(now_ms.saturating_add(lease_ms));
                true
            }
            _ => false,
        }
    }

    /// The job that a worker's lease is or was about, if the job is still open.
    pub(crate) fn job_of(&self, lease: u64, worker: &str) -> Option<JobName> {
        let now = self.leases.get(&lease);
        if let Some(held) = now.filter(|held| held.worker == worker) {
            return Some(held.name);
        }
        let mut ended = self.ended.iter();
        let (_, name, _) = ended.find(|(number, _, by)| *number == lease && by == worker)?;
        self.jobs.contains_key(name).then_some(*name)
    }

    /// A worker's proof counted: its job is gone.
    pub(crate) fn proven(&mut self, name: &JobName, worker: &str) {
        self.remove(name);
        if let Some(known) = self.workers.get_mut(worker) {
            known.proofs += 1;
            known.faults = 0;
        }
    }

    /// A worker's proof was a lie. Its job, if it still had it, comes back.
    pub(crate) fn lied(&mut self, lease: u64, worker: &str, now_ms: u64) -> Option<JobName> {
        if let Some(known) = self.workers.get_mut(worker) {
            known.lies = known.lies.saturating_add(1);
        }
        // A lease that has ended gets no second chance.
        self.ended.retain(|(number, _, _)| *number != lease);
        self.fault(worker, now_ms);
        self.give_back(lease, worker)
    }

    /// A worker could not prove its job. Whoever is always free because it always fails would get every job.
    pub(crate) fn failed(&mut self, lease: u64, worker: &str, now_ms: u64) -> Option<JobName> {
        let back = self.give_back(lease, worker)?;
        self.fault(worker, now_ms);
        Some(back)
    }

    fn fault(&mut self, worker: &str, now_ms: u64) {
        let (first, most) = (self.settings.penalty_ms, self.settings.penalty_max_ms);
        if let Some(known) = self.workers.get_mut(worker) {
            let out = first.saturating_mul(1 << known.faults.min(30)).min(most);
            known.faults = known.faults.saturating_add(1);
            known.out_until_ms = now_ms.saturating_add(out);
        }
    }

    /// A worker gives its job back.
    pub(crate) fn give_back(&mut self, lease: u64, worker: &str) -> Option<JobName> {
        self.leases.get(&lease).filter(|held| held.worker == worker)?;
        let lease = self.end(lease)?;
        self.jobs.remove(&lease.name);
        Some(lease.name)
    }

    /// Ends leases that have run out, and forgets workers. The jobs come back.
    pub(crate) fn sweep(&mut self, now_ms: u64) -> Vec<Back> {
        let max = self.settings.lease_max_ms;
        let late = |lease: &Lease| match () {
            () if lease.until_ms <= now_ms => {
                Some(format!("nothing was heard of {} for a while", lease.worker))
            }
            () if lease.since_ms.saturating_add(max) <= now_ms => {
                Some(format!("{} took too long", lease.worker))
            }
            () => None,
        };
        let mut out: Vec<_> = self
            .leases
            .iter()
            .filter_map(|(number, lease)| Some((*number, late(lease)?)))
            .collect();
        out.sort_unstable();
        let mut back = Vec::new();
        for (number, why) in out {
            let Some(lease) = self.end(number) else { continue };
            if let Some(known) = self.workers.get_mut(&lease.worker) {
                known.lost += 1;
            }
            if lease.until_ms > now_ms {
                // It was heard of, and proved nothing.
                self.fault(&lease.worker, now_ms);
            }
            self.jobs.remove(&lease.name);
            self.ended.push_back((number, lease.name, lease.worker));
            if self.ended.len() > ENDED {
                self.ended.pop_front();
            }
            back.push(Back {
                name: lease.name,
                why,
            });
        }
        self.workers.retain(|_, known| {
            known.leases > 0
                || known.out_until_ms > now_ms
                || known.seen_ms.saturating_add(FORGET_MS) > now_ms
        });
        back
    }

    fn end(&mut self, lease: u64) -> Option<Lease> {
        let lease = self.leases.remove(&lease)?;
        if let Some(known) = self.workers.get_mut(&lease.worker) {
            known.leases = known.leases.saturating_sub(1);
        }
        Some(lease)
    }

    /// Jobs that wait, and jobs that are being proven.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.offers.len(), self.leases.len())
    }

    /// Jobs that wait and that somebody here could take; all of them while nobody is here.
    pub(crate) fn takeable(&self) -> usize {
        match self.workers.values().map(|known| known.k_max).max() {
            None => self.offers.len(),
            Some(k_max) => self.offers.values().filter(|offer| offer.k <= k_max).count(),
        }
    }

    /// Log2 of the rows of the largest circuit that waits: if it waits long, workers with more memory are needed.
    pub(crate) fn largest_offered(&self) -> Option<u32> {
        self.offers.values().map(|offer| offer.k).max()
    }

    /// Everybody who was heard of lately.
    pub(crate) fn workers(&self) -> Vec<WorkerStatus> {
        let workers = self.workers.iter();
        workers
            .map(|(name, known)| WorkerStatus {
                name: name.clone(),
                seen_ms: known.seen_ms,
                leases: known.leases,
                proofs: known.proofs,
                lost: known.lost,
                lies: known.lies,
                out_until_ms: known.out_until_ms,
            })
            .collect()
    }

    /// Whether every part says the same, for tests.
    #[cfg(test)]
    fn check(&self) {
        assert_eq!(self.jobs.len(), self.offers.len() + self.leases.len());
        for (name, at) in &self.jobs {
            match at {
                At::Offered(rank) => assert_eq!(self.offers[rank].name, *name),
                At::Leased(lease) => assert_eq!(self.leases[lease].name, *name),
            }
        }
        for (worker, known) in &self.workers {
            let held = self
                .leases
                .values()
                .filter(|lease| lease.worker == *worker)
                .count();
            assert_eq!(known.leases, held, "{worker}");
            assert!(held <= self.settings.leases_per_worker);
        }
    }
}

#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
