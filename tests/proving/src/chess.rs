//! The chess module's keys, made once a process.

use playfair_games::module;
use playfair_proofs_prover::fast::Committer;
use playfair_proofs_prover::module::{Module, Prover};
use playfair_proofs_prover::setup::{Params, insecure_development};
use playfair_types::vk::Setup;
use std::sync::{Arc, OnceLock};

/// Keys of the smallest shape that holds the chess module.
pub struct Keys {
    /// The module.
    pub module: Arc<Module>,
    /// Its prover.
    pub prover: Prover,
    /// The insecure setup, for halo2's own verifier.
    pub params: Params,
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
    KEYS.get_or_init(|| {
        let module = linked().clone();
        let shape = module.smallest().expect("a shape that holds chess");
        let params = insecure_development(shape.k, None).expect("a setup");
        let committer = Arc::new(Committer::new(&params));
        let prover = Prover::new(module.clone(), shape, committer, Setup::InsecureDevelopment).expect("keys");
        Keys {
            module,
            prover,
            params,
        }
    })
}
