//! Verifying keys: made once from a module, kept with the chain's proofs.

use playfair_proofs_prover::module::Shape;
use playfair_proofs_verifier::Trust;
use playfair_segments::{CheckError, Checker, Keys, Modules, Setups};
use playfair_storage::proofs::Proofs;
use playfair_types::envelope::ProofEnvelope;
use playfair_types::module::ModuleHash;
use playfair_types::segment::SegmentInputs;
use playfair_types::vk::VerifyingKey;
use playfair_types::{Decode, Encode};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The keys that this node verifies with.
pub(crate) struct VerifyingKeys {
    setups: Arc<dyn Setups>,
    modules: Arc<Modules>,
    checker: RwLock<Checker>,
    /// Held while one is made: it takes seconds and memory.
    making: Mutex<()>,
}

impl VerifyingKeys {
    pub(crate) fn new(setups: Arc<dyn Setups>, trust: Trust, modules: Arc<Modules>) -> Result<Self, String> {
        Ok(Self {
            setups,
            modules,
            checker: RwLock::new(Checker::new(trust).map_err(|error| error.to_string())?),
            making: Mutex::default(),
        })
    }

    /// Makes sure that there is a key for a module in a shape, and that it is kept with the chain's proofs.
    pub(crate) fn need(&self, module: ModuleHash, shape: Shape, proofs: &Proofs) -> Result<(), String> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let vk = match self.known(module, shape) {
            Some(vk) => vk,
            None => self.make(module, shape)?,
        };
        let digest = vk.digest();
        let kept = proofs.key(digest).map_err(|error| error.to_string())?;
        if kept.is_none() {
            proofs
                .put_key(digest, &vk.encode())
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn known(&self, module: ModuleHash, shape: Shape) -> Option<VerifyingKey> {
        let checker = self.checker.read().unwrap_or_else(PoisonError::into_inner);
        checker.key(module, shape).cloned()
    }

    fn make(&self, module: ModuleHash, shape: Shape) -> Result<VerifyingKey, String> {
        let wasm = self.modules.wasm(&module).map_err(|error| error.to_string())?;
        let setups = |k| self.setups.params(k);
        // The proving key is large and goes again: this node does not prove.
        let keys = Keys::new(setups, 1 << shape.k);
        let prover = keys
            .prover(module, shape, &wasm)
            .map_err(|error| error.to_string())?;
        let vk = prover.vk.clone();
        let mut checker = self.checker.write().unwrap_or_else(PoisonError::into_inner);
        checker.insert(vk.clone()).map_err(|error| error.to_string())?;
        Ok(vk)
    }

    /// Learns the keys that an earlier start made and kept.
    pub(crate) fn learn(&self, proofs: &Proofs) {
        let kept = proofs.keys().unwrap_or_default();
        let mut checker = self.checker.write().unwrap_or_else(PoisonError::into_inner);
        for vk in kept.iter().filter_map(|bytes| VerifyingKey::decode(bytes).ok()) {
            // One for another setup is of no use any more.
            let _ = checker.insert(vk);
        }
    }

    pub(crate) fn check(
        &self,
        expected: &SegmentInputs,
        shape: Shape,
        envelope: &[u8],
    ) -> Result<ProofEnvelope, CheckError> {
        let checker = self.checker.read().unwrap_or_else(PoisonError::into_inner);
        checker.check(expected, shape, envelope)
    }
}
