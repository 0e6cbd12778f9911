//! The worker's side: keys of the modules that it proves, and proofs of jobs.

use crate::answers::AnswersError;
use crate::job::Job;
use crate::modules::{Linked, ModuleError};
use playfair_proofs_prover::fast::{Committer, ProveError, Watch};
use playfair_proofs_prover::module::{Error as ProverError, Proof, Prover, Shape};
use playfair_proofs_prover::setup::{Params, kind};
use playfair_types::module::ModuleHash;
use playfair_types::vk::Setup;
use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Where setups come from: files, a folder, or a derivation for development.
pub trait Setups: Send + Sync {
    /// The setup for `2^k` rows.
    ///
    /// # Errors
    /// Why there is none, and what to do.
    fn params(&self, k: u32) -> Result<Params, String>;
}

impl<F: Fn(u32) -> Result<Params, String> + Send + Sync> Setups for F {
    fn params(&self, k: u32) -> Result<Params, String> {
        self(k)
    }
}

/// Why a job was not proven.
#[derive(Debug)]
pub enum WorkError {
    /// The module that came with it is none, or another one.
    Module(ModuleError),
    /// There is no setup for `2^k` rows.
    Setup {
        /// Log2 of the rows.
        k: u32,
        /// Why.
        reason: String,
    },
    /// A key of so many rows is more than this worker keeps.
    TooLarge {
        /// The key's rows.
        rows: usize,
        /// The worker's limit.
        most: usize,
    },
    /// What the job says about the state is not about it.
    Answers(AnswersError),
    /// The segment has no trace, or does not fit the shape, or the module does not.
    Prover(Box<ProverError>),
    /// The watch said stop.
    Cancelled,
}

impl fmt::Display for WorkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(error) => error.fmt(f),
            Self::Setup { k, reason } => write!(f, "no setup for 2^{k} rows: {reason}"),
            Self::TooLarge { rows, most } => write!(
                f,
                "keys of {rows} rows are more than this worker keeps ({most}): give it more memory, or the job to another"
            ),
            Self::Answers(error) => error.fmt(f),
            Self::Prover(error) => error.fmt(f),
            Self::Cancelled => f.write_str("proving was cancelled"),
        }
    }
}

impl std::error::Error for WorkError {}

impl From<ProverError> for WorkError {
    fn from(error: ProverError) -> Self {
        match error {
            ProverError::Prove(ProveError::Cancelled) => Self::Cancelled,
            error => Self::Prover(Box::new(error)),
        }
    }
}

/// A key's name.
type Name = (ModuleHash, Shape);

#[derive(Default)]
struct Cache {
    /// The one used last comes last.
    keys: Vec<(Name, Arc<Prover>)>,
    /// Setups, prepared, as long as a key of their size is kept.
    committers: Vec<(u32, Setup, Weak<Committer>)>,
}

/// Keys of modules in shapes, made when they are first needed, and forgotten in the order of their last use when their rows
/// exceed a bound. Making one takes 0.2 s (k = 14) to some seconds (k = 19) on all cores, preparing a setup 0.6 s to 20: keep
/// both off asynchronous threads. A key takes one to four kilobytes a row and its setup 1.2, and a proof under way more than both
/// (4 GB at k = 19, docs/BENCHMARKS.md); it keeps its own key, whatever is forgotten meanwhile.
pub struct Keys<S> {
    setups: S,
    rows_most: usize,
    cache: Mutex<Cache>,
    /// Held while a key is made: two would take twice the memory and not be faster.
    making: Mutex<()>,
}

impl<S> fmt::Debug for Keys<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("rows_most", &self.rows_most)
            .finish_non_exhaustive()
    }
}

impl<S: Setups> Keys<S> {
    /// No keys yet; all together never of more than `rows_most` rows.
    pub fn new(setups: S, rows_most: usize) -> Self {
        Self {
            setups,
            rows_most,
            cache: Mutex::default(),
            making: Mutex::default(),
        }
    }

    /// What is behind the lock is whole whenever it is free.
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the key is there: [`Keys::prover`] then does not look at the module's bytes.
    #[must_use]
    pub fn has(&self, module: ModuleHash, shape: Shape) -> bool {
        self.cache().keys.iter().any(|(name, _)| *name == (module, shape))
    }

    /// Rows of all keys that are kept.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.cache().rows()
    }

    /// The prover of a module in a shape, with its verifying key. `wasm` is the module as its studio gave it; it may be anybody's.
    ///
    /// # Errors
    /// [`WorkError`].
    pub fn prover(&self, module: ModuleHash, shape: Shape, wasm: &[u8]) -> Result<Arc<Prover>, WorkError> {
        let name = (module, shape);
        if let Some(found) = self.cache().find(&name) {
            return Ok(found);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = self.cache().find(&name) {
            return Ok(found);
        }
        let (rows, most) = (1 << shape.k, self.rows_most);
        if rows > most {
            return Err(WorkError::TooLarge { rows, most });
        }
        // The other lowering or another shape of the same module may be there, but a linked module of a hash is cheap beside a key.
        let linked = Linked::new(wasm, module, shape.careful).map_err(WorkError::Module)?;
        let (committer, setup) = self.committer(shape.k)?;
        self.cache().make_room(rows, most);
        let prover = Arc::new(Prover::new(linked.module, shape, committer, setup)?);
        self.cache().keys.push((name, Arc::clone(&prover)));
        Ok(prover)
    }

    fn committer(&self, k: u32) -> Result<(Arc<Committer>, Setup), WorkError> {
        if let Some(found) = self.cache().committer(k) {
            return Ok(found);
        }
        let failed = |reason| WorkError::Setup { k, reason };
        let params = self.setups.params(k).map_err(failed)?;
        let (committer, setup) = (Arc::new(Committer::new(&params)), kind(&params));
        let mut cache = self.cache();
        cache.committers.retain(|(other, _, _)| *other != k);
        cache.committers.push((k, setup, Arc::downgrade(&committer)));
        Ok((committer, setup))
    }

    /// Proves a job. It may be anybody's: whatever it says costs at most its shape's rows, and a proof comes out only if its
    /// segment is a slice of some chain's history. That it is the chain's is not known here.
    ///
    /// # Errors
    /// [`WorkError`].
    pub fn prove(&self, job: &Job, wasm: &[u8], watch: &Watch<'_>) -> Result<Proof, WorkError> {
        let stopped = || watch.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed));
        if stopped() {
            return Err(WorkError::Cancelled);
        }
        let known = job.answers().known(job.inputs().before.state_root);
        let known = known.map_err(WorkError::Answers)?;
        let prover = self.prover(job.module(), job.shape(), wasm)?;
        if stopped() {
            return Err(WorkError::Cancelled);
        }
        Ok(prover.prove(&job.segment(), &known, watch)?)
    }
}

impl Cache {
    fn rows(&self) -> usize {
        self.keys.iter().map(|((_, shape), _)| 1 << shape.k).sum()
    }

    fn find(&mut self, name: &Name) -> Option<Arc<Prover>> {
        let place = self.keys.iter().position(|(found, _)| found == name)?;
        let found = self.keys.remove(place);
        let prover = Arc::clone(&found.1);
        self.keys.push(found);
        Some(prover)
    }

    fn committer(&self, k: u32) -> Option<(Arc<Committer>, Setup)> {
        let (_, setup, committer) = self.committers.iter().find(|(found, _, _)| *found == k)?;
        Some((committer.upgrade()?, *setup))
    }

    fn make_room(&mut self, rows: usize, most: usize) {
        while !self.keys.is_empty() && self.rows() + rows > most {
            self.keys.remove(0);
        }
    }
}
