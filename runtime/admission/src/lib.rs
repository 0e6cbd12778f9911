//! Admission of modules: validation, instrumentation, module hash.
//!
//! **Statement.** [`admit`] takes the bytes of a WebAssembly module. Either it refuses them, with the function, the byte
//! offset, the reason and a hint; or it returns the *instrumented* module, which is the only form that anything executes:
//! wasmtime, the register machine, the prover and the browser. Because the instrumented module counts gas and call depth
//! itself, all of them agree on both by construction. The same bytes give the same instrumented bytes everywhere, and
//! [`ModuleHash`] names the two together with [`INSTRUMENTATION_VERSION`].
//!
//! The input is hostile. Everything here takes time and memory at most linear in its size (which [`limits`] bounds), never
//! recurses on it and never panics on it: our own limits are checked before a section or an instruction reaches wasmparser's
//! validator, whose limits are those of a browser.
//!
//! What instrumentation adds, exactly, since the prover's lowering recognises these shapes and folds them away:
//! - two exported globals, gas and frame slots ([`playfair_abi::instrumented`]), after all others;
//! - the *charge* of `c` to a global `G`, only ever in this form:
//!   `global.get G; i32.const c; i32.sub; global.set G; global.get G; i32.const 0; i32.lt_s; if; unreachable; end`;
//! - each function becomes: charge of its frame weight to the frame slots; charge of its first block to the gas; `block` of
//!   the function's results, around the body, with `return` as `br` to it; `end`; and
//!   `global.get S; i32.const weight; i32.add; global.set S`;
//! - each other *metered block* that costs anything is charged at its start: after `loop`, `if`, `else`, `br_if`, and after an
//!   `end` that joins an `if`, that a branch targets, or that is reached by no fall-through;
//! - before `memory.copy` and `memory.fill`, one call of the *bulk helper* (the last function, only if needed), which takes
//!   the length, charges its started words, and returns it.
//!
//! Code that no path reaches because it follows `br`, `br_table`, `return` or `unreachable` is left out, as are all custom
//! sections, and every export but the entry points and the memory.

mod body;
mod emit;
mod imports;
mod info;
pub mod limits;
mod meter;
mod names;
mod operator;
pub mod price;
mod read;
mod reason;
mod rejection;
mod sections;
mod write;

pub use info::{FunctionInfo, ModuleInfo, Pages, Segment};
pub use reason::{Feature, Reason};
pub use rejection::{Location, Rejection};

use core::fmt;
use playfair_types::module::ModuleHash;
use sha2::{Digest, Sha256};

/// The version of the instrumentation: it names the rules of this crate, the prices (gas schedule 2) and the table of host
/// functions, and is part of every module hash. Whatever changes the instrumented bytes of any module changes it.
pub const INSTRUMENTATION_VERSION: u32 = 2;

/// An admitted module.
#[derive(Clone)]
pub struct Admitted {
    /// The instrumented module: what every engine runs.
    pub instrumented: Vec<u8>,
    /// The hash of original, instrumented module and [`INSTRUMENTATION_VERSION`].
    pub hash: ModuleHash,
    /// What the module consists of, for people and tools.
    pub info: ModuleInfo,
}

impl Admitted {
    /// The module as it is given to who runs it and need not admit it: what its hash is made of, with the original by its digest alone.
    ///
    /// ```text
    /// instrumentation version u32 | SHA-256(original) 32 | instrumented module
    /// ```
    ///
    /// Who believes the hash believes these bytes: it names both forms, and the instrumented one is what engines run and proofs are about.
    #[must_use]
    pub fn by_digest(&self, original: &[u8]) -> Vec<u8> {
        let mut bytes = INSTRUMENTATION_VERSION.to_be_bytes().to_vec();
        bytes.extend(Sha256::digest(original));
        bytes.extend(&self.instrumented);
        bytes
    }
}

impl fmt::Debug for Admitted {
    /// Without the bytes, of which there are up to megabytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitted")
            .field("instrumented", &format_args!("{} bytes", self.instrumented.len()))
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// What a build is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mode {
    /// Demand `call`, take imports from `playfair` only and export only what an engine needs.
    pub(crate) entry_points: bool,
    /// Count executed instructions and accesses.
    pub(crate) measuring: bool,
}

/// Admits a module.
///
/// # Errors
///
/// Says what the module has that no chain runs, where, and what to do about it.
pub fn admit(original: &[u8]) -> Result<Admitted, Rejection> {
    let (instrumented, info) = read::build(
        original,
        Mode {
            entry_points: true,
            measuring: false,
        },
    )?;
    Ok(Admitted {
        hash: ModuleHash::of(original, &instrumented, INSTRUMENTATION_VERSION),
        instrumented,
        info,
    })
}

/// The *measuring* build of a module: it behaves as the admitted one, gas included, and also counts executed instructions
/// and accesses in the exported globals [`INSTRUCTIONS`](playfair_abi::instrumented::INSTRUCTIONS) and
/// [`ACCESSES`](playfair_abi::instrumented::ACCESSES). It has no module hash and no chain runs it.
///
/// Instructions are the original's, without `end` and `else`, and without code that no path reaches. They are counted
/// where gas is: at the start of a metered block, so a block that a trap ends counts whole. Accesses are loads, stores and
/// started words of bulk operations.
///
/// # Errors
///
/// Those of [`admit`].
pub fn measure(original: &[u8]) -> Result<Vec<u8>, Rejection> {
    let mode = Mode {
        entry_points: true,
        measuring: true,
    };
    read::build(original, mode).map(|(module, _)| module)
}

/// Instruments a module that is no contract, for conformance tests: the rules are those of [`admit`], except that no entry
/// point is demanded, all exports stay, functions, globals, memories and tables may be imported from anywhere, and the
/// memory's maximum stays as declared.
///
/// # Errors
///
/// Those of [`admit`], without the ones about entry points and host functions.
pub fn bare(original: &[u8], measuring: bool) -> Result<Vec<u8>, Rejection> {
    let mode = Mode {
        entry_points: false,
        measuring,
    };
    read::build(original, mode).map(|(module, _)| module)
}
