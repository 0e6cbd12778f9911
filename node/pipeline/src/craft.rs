//! What a worker's hands can do: prove jobs of any module.

use playfair_proofs_prover::fast::Watch;
use playfair_provers::{Craft, Stop};
use playfair_segments::{Job, Keys, Setups, WorkError};
use playfair_types::module::ModuleHash;
use playfair_types::{Decode, Encode};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Modules whose bytes are kept.
const MODULES: usize = 16;

type Known = Vec<([u8; 31], Arc<[u8]>)>;

/// Proves jobs. Keys and modules are kept for the next ones.
pub struct Hands<S> {
    keys: Keys<S>,
    /// The one that was used last is the last.
    modules: Mutex<Known>,
}

impl<S> std::fmt::Debug for Hands<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hands")
    }
}

impl<S: Setups> Hands<S> {
    /// Hands that keep keys of 2^`k_max` rows in all, and so take circuits up to that size.
    pub fn new(setups: S, k_max: u32) -> Self {
        Self {
            keys: Keys::new(setups, 1 << k_max.min(30)),
            modules: Mutex::default(),
        }
    }

    fn modules(&self) -> MutexGuard<'_, Known> {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn module(&self, hash: &ModuleHash) -> Option<Arc<[u8]>> {
        let mut modules = self.modules();
        let place = modules.iter().position(|(known, _)| *known == hash.0)?;
        let found = modules.remove(place);
        let bytes = Arc::clone(&found.1);
        modules.push(found);
        Some(bytes)
    }
}

impl<S: Setups + 'static> Craft for Hands<S> {
    fn lacks(&self, job: &[u8]) -> Result<Vec<[u8; 31]>, String> {
        let job = Job::decode(job).map_err(|error| format!("the job does not decode: {error}"))?;
        let module = job.module();
        Ok(match self.module(&module) {
            Some(_) => Vec::new(),
            None => vec![module.0],
        })
    }

    fn learn(&self, hash: [u8; 31], module: Vec<u8>) -> Result<(), String> {
        let mut modules = self.modules();
        modules.retain(|(known, _)| *known != hash);
        if modules.len() >= MODULES {
            modules.remove(0);
        }
        // Whether it is what its hash says is looked at when its key is made.
        modules.push((hash, module.into()));
        Ok(())
    }

    fn prove(&self, job: &[u8], stop: &Stop) -> Result<Vec<u8>, String> {
        let job = Job::decode(job).map_err(|error| format!("the job does not decode: {error}"))?;
        let module = self
            .module(&job.module())
            .ok_or("the module is not there any more")?;
        let watch = Watch {
            cancel: Some(stop.flag()),
            progress: None,
        };
        let proof = self.keys.prove(&job, &module, &watch);
        if let Err(WorkError::Module(_)) = &proof {
            // Whoever gave it may give a better one.
            self.modules().retain(|(known, _)| *known != job.module().0);
        }
        proof
            .map(|proof| proof.envelope.encode())
            .map_err(|error| error.to_string())
    }
}
