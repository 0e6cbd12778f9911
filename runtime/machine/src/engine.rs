//! What the machine asks of a WebAssembly engine: run one entry point of one instrumented module, once, in a fresh
//! instance.

use crate::error::Fault;
use crate::host::{Ended, Host};
use playfair_abi::export::Export;
use playfair_types::module::ModuleHash;
use playfair_types::receipt::Trap;

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The entry point.
    pub export: Export,
    /// Its arguments, as many as [`Export::params`] says.
    pub arguments: [u32; 2],
    /// Gas that the run may use, below 2^31.
    pub gas: u32,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The entry point returned.
    Returned,
    /// A host function ended it: it passes on what [`Host::invoke`] said.
    Host(Ended),
    /// The module trapped; call depth included.
    Trapped(Trap),
    /// Instrumentation ended it.
    OutOfGas,
}

/// What came of a run.
pub struct Finished {
    /// How it ended.
    pub end: End,
    /// Gas that is left; of no meaning after [`End::OutOfGas`].
    pub gas_left: u32,
    /// The host, with all that the run did to it.
    pub host: Host,
}

/// A WebAssembly engine with modules.
///
/// An engine decides nothing: instructions behave as WebAssembly says, host calls are passed to [`Host::invoke`], and
/// how a run ended is read as [`playfair_abi::instrumented`] says. What is neither (no memory for an instance, a safety
/// net that fired) is a fault, never an outcome.
pub trait Engine {
    /// Whether the module exports this entry point.
    ///
    /// # Errors
    /// [`Fault::UnknownModule`].
    fn has(&self, module: &ModuleHash, export: Export) -> Result<bool, Fault>;

    /// Runs an entry point that the module has.
    ///
    /// # Errors
    /// [`Fault`] when the engine failed; the host is lost then.
    fn run(&self, module: &ModuleHash, run: Run, host: Host) -> Result<Finished, Fault>;
}
