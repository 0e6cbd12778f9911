//! The chess module's keys, made once a process.

use playfair_games::module;
use playfair_proofs_prover::fast::Committer;
use playfair_proofs_prover::module::{Module, Prover, Shape};
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_types::vk::Setup;
use std::sync::{Arc, OnceLock};

/// A module's keys.
pub struct Keys {
    /// The module.
    pub module: Arc<Module>,
    /// Its prover.
    pub prover: Prover,
    /// The insecure setup, for halo2's own verifier.
    pub params: Params,
}

impl Keys {
    /// Of the smallest shape that holds a module.
    ///
    /// # Panics
    /// When they cannot be made.
    #[must_use]
    pub fn smallest(module: Arc<Module>) -> Self {
        let shape = module.smallest().expect("a shape that holds it");
        Self::of(module, shape)
    }

    /// Of a module in a shape.
    ///
    /// # Panics
    /// When they cannot be made.
    #[must_use]
    pub fn of(module: Arc<Module>, shape: Shape) -> Self {
        let params = insecure_development(shape.k, None).expect("a setup");
        let committer = Arc::new(Committer::new(&params));
        let prover = Prover::new(module.clone(), shape, committer, Setup::InsecureDevelopment).expect("keys");
        Self {
            module,
            prover,
            params,
        }
    }
}

/// The module, linked.
///
/// # Panics
/// When it does not lower.
pub fn linked() -> &'static Arc<Module> {
    static LINKED: OnceLock<Arc<Module>> = OnceLock::new();
    LINKED.get_or_init(|| {
        let admitted = &module::chess().admitted;
        Arc::new(Module::new(&admitted.instrumented, admitted.hash).expect("chess lowers"))
    })
}

/// The keys.
///
/// # Panics
/// When they cannot be made.
pub fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| Keys::smallest(linked().clone()))
}
