//! The modules that a node knows, by their hashes, and the engine that runs them.

use crate::error::HostError;
use crate::folder::{read_bounded, write_durably};
use crate::hex;
use playfair_admission::{Admitted, admit, limits};
use playfair_runtime::Wasmtime;
use playfair_types::module::ModuleHash;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a module: what admission lets in.
pub const MODULE_BYTES_MAX: usize = limits::MODULE_BYTES as usize;

/// What a module must pass beside admission: that it can be proven, where the node proves. The error is for the studio.
pub type ModuleCheck = Arc<dyn Fn(&Admitted) -> Result<(), String> + Send + Sync>;

/// The modules of a node.
pub struct Modules {
    folder: PathBuf,
    engine: Wasmtime,
    check: ModuleCheck,
    /// Those that are compiled.
    loaded: Mutex<BTreeMap<ModuleHash, Arc<Admitted>>>,
}

impl Modules {
    pub(crate) fn new(folder: PathBuf, check: ModuleCheck) -> Result<Self, HostError> {
        let engine = Wasmtime::new().map_err(|fault| HostError::Module(fault.to_string()))?;
        Ok(Self {
            folder,
            engine,
            check,
            loaded: Mutex::default(),
        })
    }

    /// The engine with all modules that were loaded.
    #[must_use]
    pub fn engine(&self) -> &Wasmtime {
        &self.engine
    }

    /// Admits a module and keeps it. The same bytes again change nothing.
    ///
    /// # Errors
    /// [`HostError::Module`] says why a chain would not admit it or could not prove it.
    pub fn add(&self, bytes: &[u8]) -> Result<Arc<Admitted>, HostError> {
        let admitted = admit(bytes).map_err(|rejection| HostError::Module(rejection.to_string()))?;
        (self.check)(&admitted).map_err(HostError::Module)?;
        let path = self.path(&admitted.hash);
        if !path.exists() {
            write_durably(&path, bytes, 0o644)?;
        }
        self.compile(admitted)
    }

    /// The bytes that a module was made of.
    ///
    /// # Errors
    /// [`HostError::UnknownModule`], [`HostError::Io`].
    pub fn bytes(&self, hash: &ModuleHash) -> Result<Vec<u8>, HostError> {
        let path = self.path(hash);
        if !path.exists() {
            return Err(HostError::UnknownModule(hex::encode(&hash.0)));
        }
        read_bounded(&path, limits::MODULE_BYTES as u64)
    }

    /// Makes sure that the engine has a module.
    ///
    /// # Errors
    /// [`HostError::UnknownModule`], [`HostError::Damaged`] when its file is not it any more.
    pub fn load(&self, hash: &ModuleHash) -> Result<Arc<Admitted>, HostError> {
        if let Some(admitted) = self.loaded().get(hash) {
            return Ok(Arc::clone(admitted));
        }
        let bytes = self.bytes(hash)?;
        let admitted = admit(&bytes).ok().filter(|admitted| admitted.hash == *hash);
        let Some(admitted) = admitted else {
            return Err(HostError::Damaged {
                path: self.path(hash),
                what: "it is not the module of its name".to_owned(),
            });
        };
        self.compile(admitted)
    }

    /// Every module that is kept, by its hash.
    ///
    /// # Errors
    /// [`HostError::Io`].
    pub fn list(&self) -> Result<Vec<String>, HostError> {
        let entries = std::fs::read_dir(&self.folder).map_err(HostError::io(&self.folder))?;
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".wasm").map(str::to_owned))
            .collect();
        names.sort();
        Ok(names)
    }

    fn compile(&self, admitted: Admitted) -> Result<Arc<Admitted>, HostError> {
        let admitted = Arc::new(admitted);
        let mut loaded = self.loaded();
        if let Some(known) = loaded.get(&admitted.hash) {
            return Ok(Arc::clone(known));
        }
        self.engine
            .load(&admitted)
            .map_err(|fault| HostError::Module(fault.to_string()))?;
        loaded.insert(admitted.hash, Arc::clone(&admitted));
        Ok(admitted)
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, BTreeMap<ModuleHash, Arc<Admitted>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, hash: &ModuleHash) -> PathBuf {
        self.folder.join(format!("{}.wasm", hex::encode(&hash.0)))
    }
}
