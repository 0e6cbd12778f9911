//! Modules of this repository, built and admitted once a process.

use playfair_admission::Admitted;
use playfair_node::build::{Built, build};
use playfair_runtime::Wasmtime;
use playfair_runtime::local::{Local, Start};
use playfair_state::{MemoryStore, State};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// The folder of a module of contracts-wasm.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../contracts-wasm")
        .join(name)
}

/// The chess module.
///
/// # Panics
/// When it does not build.
pub fn chess() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build(&folder("chess")).unwrap_or_else(|error| panic!("{error:#}")))
}

/// An engine with this module.
///
/// # Panics
/// When there is none to be had.
#[must_use]
pub fn engine(admitted: &Admitted) -> Wasmtime {
    let engine = Wasmtime::new().expect("an engine");
    engine.load(admitted).expect("an admitted module compiles");
    engine
}

/// A local chain of this module, with its state in memory.
///
/// # Panics
/// When it does not start.
#[must_use]
pub fn local(engine: Wasmtime, admitted: &Admitted) -> Local {
    let (local, _) = Local::start(engine, memory(), &Start::of(admitted.hash)).expect("a chain");
    local
}

/// An empty state in memory.
///
/// # Panics
/// Never: there is nothing to read.
#[must_use]
pub fn memory() -> Arc<State> {
    Arc::new(State::open(MemoryStore::new()).expect("an empty state"))
}
