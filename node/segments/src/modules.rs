//! Modules, linked: what counting rows needs of them, and what keys are made from.

use playfair_admission::{Rejection, admit};
use playfair_proofs_prover::module::{Error as ProverError, Module, Shape};
use playfair_types::module::ModuleHash;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Linked modules that are kept; one is some ten megabytes.
const KEPT: usize = 8;

/// A module linked with the kernel, in one of its two lowerings.
#[derive(Debug)]
pub struct Linked {
    /// The module.
    pub module: Arc<Module>,
    /// The smallest shape that holds its program.
    pub smallest: Shape,
    /// All that hold it, smallest first, with their usable rows: asking a module takes milliseconds.
    shapes: Vec<(Shape, usize)>,
}

/// Why there is no linked module.
#[derive(Debug)]
pub enum ModuleError {
    /// Nobody has it.
    Missing(ModuleHash),
    /// The bytes are no module that a chain admits.
    Rejected(Box<Rejection>),
    /// The bytes are another module's.
    Other {
        /// The module asked for.
        wanted: ModuleHash,
        /// The module that was given.
        found: ModuleHash,
    },
    /// It cannot be lowered or linked, or no shape holds it.
    Link(Box<ProverError>),
}

impl Linked {
    /// Admits and links the bytes of a module as its studio gave it. The bytes may be anybody's: they count only if their
    /// hash is `hash`.
    ///
    /// # Errors
    /// [`ModuleError`], never [`ModuleError::Missing`].
    pub fn new(wasm: &[u8], hash: ModuleHash, careful: bool) -> Result<Self, ModuleError> {
        let admitted = admit(wasm).map_err(|rejection| ModuleError::Rejected(Box::new(rejection)))?;
        if admitted.hash != hash {
            let (wanted, found) = (hash, admitted.hash);
            return Err(ModuleError::Other { wanted, found });
        }
        let lowered = if careful { Module::careful } else { Module::new };
        let link = |error| ModuleError::Link(Box::new(error));
        let module = lowered(&admitted.instrumented, hash).map_err(link)?;
        let smallest = module.smallest().map_err(link)?;
        let shapes = module.shapes().filter(|shape| shape.k >= smallest.k);
        Ok(Self {
            shapes: shapes.map(|shape| (shape, module.usable_rows(shape))).collect(),
            smallest,
            module: Arc::new(module),
        })
    }

    /// The smallest shape for so many rows that do something.
    #[must_use]
    pub fn shape(&self, rows: usize) -> Option<Shape> {
        let holds = self.shapes.iter().find(|(_, usable)| rows < *usable);
        holds.map(|(shape, _)| *shape)
    }

    /// The rows of a shape that a segment may take, one END among them; none if the shape does not hold the module.
    #[must_use]
    pub fn usable(&self, shape: Shape) -> usize {
        let found = self.shapes.iter().find(|(found, _)| *found == shape);
        found.map_or(0, |(_, usable)| *usable)
    }

    /// The usable rows of its largest shape.
    #[must_use]
    pub fn most(&self) -> usize {
        self.shapes.last().map_or(0, |(_, usable)| *usable)
    }
}

type Source = dyn Fn(&ModuleHash) -> Option<Vec<u8>> + Send + Sync;
type Kept = Vec<((ModuleHash, bool), Arc<Linked>)>;

/// Linked modules by hash, the last few kept.
pub struct Modules {
    source: Box<Source>,
    kept: Mutex<Kept>,
}

impl fmt::Debug for Modules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Modules").finish_non_exhaustive()
    }
}

impl Modules {
    /// `source` gives the bytes of modules as studios gave them.
    pub fn new(source: impl Fn(&ModuleHash) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self {
            source: Box::new(source),
            kept: Mutex::default(),
        }
    }

    /// The bytes of a module.
    ///
    /// # Errors
    /// [`ModuleError::Missing`].
    pub fn wasm(&self, hash: &ModuleHash) -> Result<Vec<u8>, ModuleError> {
        (self.source)(hash).ok_or(ModuleError::Missing(*hash))
    }

    /// A module, linked. The first time it takes as long as linking: tenths of a second for a large module.
    ///
    /// # Errors
    /// [`ModuleError`].
    pub fn linked(&self, hash: &ModuleHash, careful: bool) -> Result<Arc<Linked>, ModuleError> {
        let name = (*hash, careful);
        // The lock is held while a module is linked: who asks for the same one waits instead of doing it again.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let linked = match kept.iter().position(|(kept, _)| *kept == name) {
            Some(place) => kept.remove(place).1,
            None => Arc::new(Linked::new(&self.wasm(hash)?, *hash, careful)?),
        };
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push((name, Arc::clone(&linked)));
        Ok(linked)
    }
}

impl fmt::Display for ModuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(hash) => write!(f, "there is no module {}: give it to the node", Hex(hash)),
            Self::Rejected(rejection) => write!(f, "the chain does not admit the module: {rejection}"),
            Self::Other { wanted, found } => write!(
                f,
                "the bytes are those of module {}, and not of {}",
                Hex(found),
                Hex(wanted)
            ),
            Self::Link(error) => write!(f, "the module cannot be proven: {error}"),
        }
    }
}

impl std::error::Error for ModuleError {}

/// A module's hash as people write it.
pub(crate) struct Hex<'a>(pub(crate) &'a ModuleHash);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
