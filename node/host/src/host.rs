//! All chains of a node.

use crate::chain::{Chain, Status};
use crate::driver::{COMMANDS, Driver};
use crate::error::HostError;
use crate::folder::{DataFolder, make_folder, sync_parent};
use crate::modules::{ModuleCheck, Modules};
use crate::record::{ChainSettings, Record, Wish};
use crate::threads::Threads;
use crate::{Clock, SystemClock};
use crate::{hex, keys};
use playfair_bls::Signer;
use playfair_sequencer::{Origin, Sequencer};
use playfair_state::StoreError;
use playfair_storage::Folder;
use playfair_storage::proofs::{Proofs, ProofsError, Tip};
use playfair_types::crypto::field::{Fr, fr_to_bytes};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::tape::genesis::GenesisRecord;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::oneshot;

/// Chains that one node may have.
const CHAINS_MAX: usize = 1_024;
/// The name of a folder in which a chain is being made begins so.
pub(crate) const DRAFT: &str = "new-";

/// A chain that is to be made.
#[derive(Clone, Debug)]
pub struct NewChain {
    /// What operators call it.
    pub name: String,
    /// Its first record; its module must be there.
    pub genesis: GenesisRecord,
    /// How it is run.
    pub settings: ChainSettings,
}

/// The chains of one data folder.
pub struct Host {
    folder: Arc<DataFolder>,
    modules: Arc<Modules>,
    clock: Arc<dyn Clock>,
    /// By id.
    chains: RwLock<BTreeMap<[u8; 32], Arc<Chain>>>,
    /// Held by who makes a chain.
    making: Mutex<()>,
    threads: Threads,
}

impl Host {
    /// Takes a data folder, which is made if there is none, and starts its chains. A chain that cannot be opened does not
    /// keep the others from it: its status says why.
    ///
    /// # Errors
    /// [`HostError::InUse`] when another node runs there; others as they say.
    pub fn open(path: &Path, check: ModuleCheck) -> Result<Self, HostError> {
        Self::open_with(path, check, Arc::new(SystemClock))
    }

    /// With another clock than the machine's.
    ///
    /// # Errors
    /// As [`Host::open`].
    pub fn open_with(path: &Path, check: ModuleCheck, clock: Arc<dyn Clock>) -> Result<Self, HostError> {
        let folder = Arc::new(DataFolder::open(path)?);
        let modules = Arc::new(Modules::new(folder.path().join("modules"), check)?);
        let host = Self {
            folder,
            modules,
            clock,
            chains: RwLock::default(),
            making: Mutex::default(),
            threads: Threads::default(),
        };
        host.start_all()?;
        Ok(host)
    }

    fn start_all(&self) -> Result<(), HostError> {
        let folder = self.chains_folder();
        for entry in fs::read_dir(&folder).map_err(HostError::io(&folder))? {
            let path = entry.map_err(HostError::io(&folder))?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if name.starts_with(DRAFT) {
                // A chain that was never finished, so nobody was told that it is there.
                fs::remove_dir_all(&path).map_err(HostError::io(&path))?;
                continue;
            }
            match Record::load(&path) {
                Ok(record) if hex::encode(&fr_to_bytes(&record.genesis.chain_id())) == name => {
                    self.start(record, path)?;
                }
                Ok(_) => {
                    tracing::error!(path = %path.display(), "the folder is named for another chain than it holds")
                }
                Err(error) => tracing::error!(%error, "a chain was left out"),
            }
        }
        Ok(())
    }

    fn start(&self, record: Record, path: PathBuf) -> Result<Arc<Chain>, HostError> {
        let (sender, commands) = sync_channel(COMMANDS);
        let id = record.genesis.chain_id();
        let name = record.name.clone();
        let chain = Arc::new(Chain::new(id, record, sender));
        let driver = Driver {
            chain: Arc::clone(&chain),
            modules: Arc::clone(&self.modules),
            clock: Arc::clone(&self.clock),
            path: path.clone(),
            commands,
            distrust: false,
            distrust_proofs: false,
            _folder: Arc::clone(&self.folder),
        };
        let thread = std::thread::Builder::new()
            .name(format!("chain {name}"))
            .spawn(move || driver.run())
            .map_err(HostError::io(path))?;
        self.threads.add(thread);
        let mut chains = self.chains.write().unwrap_or_else(PoisonError::into_inner);
        chains.insert(fr_to_bytes(&id), Arc::clone(&chain));
        Ok(chain)
    }

    /// The modules that the node knows.
    #[must_use]
    pub fn modules(&self) -> &Arc<Modules> {
        &self.modules
    }

    /// The data folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The time, as chains see it.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// All chains, by their ids.
    #[must_use]
    pub fn chains(&self) -> Vec<Arc<Chain>> {
        let chains = self.chains.read().unwrap_or_else(PoisonError::into_inner);
        chains.values().cloned().collect()
    }

    /// The chain of an id (64 hexadecimal digits) or a name.
    ///
    /// # Errors
    /// [`HostError::UnknownChain`].
    pub fn chain(&self, named: &str) -> Result<Arc<Chain>, HostError> {
        let chains = self.chains.read().unwrap_or_else(PoisonError::into_inner);
        let by_id = hex::decode(named)
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
            .and_then(|id| chains.get(&id));
        let found = by_id.or_else(|| chains.values().find(|chain| chain.record().name == named));
        found
            .cloned()
            .ok_or_else(|| HostError::UnknownChain(named.chars().take(64).collect()))
    }

    /// Makes a chain, and starts it. When this returns, it is durable.
    ///
    /// # Errors
    /// [`HostError::Name`], [`HostError::Exists`], [`HostError::UnknownModule`], [`HostError::Open`] when its genesis cannot be
    /// executed; nothing is left of it then.
    pub fn create(&self, new: NewChain) -> Result<Arc<Chain>, HostError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_name(&new.name) {
            return Err(HostError::Name(new.name.chars().take(64).collect()));
        }
        if self.chains().len() >= CHAINS_MAX {
            return Err(HostError::Full(CHAINS_MAX));
        }
        let id = new.genesis.chain_id();
        let id_text = hex::encode(&fr_to_bytes(&id));
        if self.chain(&new.name).is_ok() || self.chain(&id_text).is_ok() {
            return Err(HostError::Exists(new.name));
        }
        self.modules.load(&new.genesis.params.module)?;
        let draft = self.chains_folder().join(format!("{DRAFT}{id_text}"));
        if draft.exists() {
            fs::remove_dir_all(&draft).map_err(HostError::io(&draft))?;
        }
        let path = self.chains_folder().join(&id_text);
        let record = Record {
            name: new.name,
            genesis: new.genesis,
            wish: Wish::Running,
            settings: new.settings,
        };
        if let Err(error) = self.make(&draft, &record, id) {
            // Best effort: the next start removes what is left.
            let _ = fs::remove_dir_all(&draft);
            return Err(error);
        }
        fs::rename(&draft, &path).map_err(HostError::io(&path))?;
        sync_parent(&path)?;
        self.start(record, path)
    }

    fn make(&self, draft: &Path, record: &Record, id: Fr) -> Result<(), HostError> {
        make_folder(draft)?;
        let mut salt = [0; 16];
        keys::fill(&mut salt, draft)?;
        let disk = Folder::new(draft).map_err(HostError::io(draft))?;
        // Opening a new chain begins with an empty folder, so its key comes after. Genesis has no certificate.
        let origin = Origin {
            genesis: record.genesis.clone(),
            certifier: Signer::new(keys::throwaway(draft)?, 0, id),
            salt,
            is_new: true,
            distrust: false,
        };
        let engine = self.modules.engine().clone();
        let opened =
            Sequencer::open(engine, disk, origin, record.settings.sequencer()).map_err(HostError::Open)?;
        let (_, checkpoint) = opened.sequencer.close();
        let written = checkpoint.and_then(playfair_sequencer::Checkpoint::write);
        written.map_err(|halt| HostError::Open(halt.into()))?;
        keys::create(draft)?;
        record.save(draft)
    }

    /// Says what a chain shall be, durably. The receiver is told when it is so. It writes a file, so it belongs on a thread
    /// that may wait; for the chain itself it never does.
    ///
    /// # Errors
    /// [`HostError::Io`] when it could not be written down, [`HostError::Status`] when the node is stopping.
    pub fn set_wish(&self, chain: &Chain, wish: Wish) -> Result<oneshot::Receiver<()>, HostError> {
        self.change(chain, |record| record.wish = wish)?;
        let (done, told) = oneshot::channel();
        chain.ask(|asked| asked.changed.push(done))?;
        Ok(told)
    }

    /// Says how a chain is run, durably. An open chain is closed and opened again for it: who waits for a call then is told
    /// that the chain is unavailable. It writes a file, as [`Host::set_wish`].
    ///
    /// # Errors
    /// As [`Host::set_wish`].
    pub fn set_settings(&self, chain: &Chain, settings: ChainSettings) -> Result<(), HostError> {
        self.change(chain, |record| record.settings = settings)?;
        chain.ask(|asked| asked.reopen = true)
    }

    /// Changes what the operator says about a chain, on the disk first.
    fn change(&self, chain: &Chain, change: impl FnOnce(&mut Record)) -> Result<(), HostError> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let mut record = chain.record();
        change(&mut record);
        record.save(&self.chain_folder(chain))?;
        *chain.record.write().unwrap_or_else(PoisonError::into_inner) = record;
        Ok(())
    }

    /// Writes history and state of a chain now. The receiver is told when it is done. Never waits.
    ///
    /// # Errors
    /// [`HostError::Status`] when the node is stopping.
    pub fn checkpoint(&self, chain: &Chain) -> Result<oneshot::Receiver<Result<(), String>>, HostError> {
        let (done, told) = oneshot::channel();
        chain.ask(|asked| asked.checkpoints.push(done))?;
        Ok(told)
    }

    /// Keeps a proof that was verified; blocks until it is durable. When it closes a gap, the chain's debt shrinks. Proofs that
    /// can no longer be kept halt the chain for a moment: it is opened again, without what is damaged.
    ///
    /// # Errors
    /// [`ProofsError`]; the chain is told.
    pub fn keep_proof(
        &self,
        chain: &Chain,
        proofs: &Proofs,
        envelope: &ProofEnvelope,
    ) -> Result<Tip, ProofsError> {
        match proofs.put(envelope) {
            Ok(tip) => {
                chain.proven.send_if_modified(|known| {
                    let further = known.is_some_and(|known| known.proofs < tip.proofs);
                    if further {
                        *known = Some(tip);
                    }
                    further
                });
                // A chain whose thread has ended learns of it when it is opened.
                let _ = chain.ask(|asked| asked.proven = true);
                Ok(tip)
            }
            // The store is as it was: there may be room later.
            Err(error @ (ProofsError::Order(_) | ProofsError::Store(StoreError::NoSpace(_)))) => Err(error),
            Err(error) => {
                self.proofs_failed(chain, error.is_damage(), error.to_string());
                Err(error)
            }
        }
    }

    /// Opens a chain again because its proofs cannot be read or written; damaged ones are set aside then.
    pub fn proofs_failed(&self, chain: &Chain, damage: bool, why: String) {
        let _ = chain.ask(|asked| asked.proofs_failed = Some((damage, why)));
    }

    /// Stops all chains in good order, and waits for it.
    pub fn stop(&self) {
        for chain in self.chains() {
            // A chain with a full queue stops too: who waits in it learns of it by its sender's end.
            let _ = chain.ask(|asked| asked.stop = true);
        }
        self.threads.join();
    }

    /// Where a chain's files lie.
    pub(crate) fn chain_folder(&self, chain: &Chain) -> PathBuf {
        self.chains_folder().join(hex::encode(&fr_to_bytes(&chain.id)))
    }

    fn chains_folder(&self) -> PathBuf {
        self.folder.path().join("chains")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Chain {
    /// Waits until the chain is open, or something stands in the way of it.
    pub async fn settled(&self) -> Status {
        let mut status = self.watch_status();
        match status.wait_for(|status| *status != Status::Opening).await {
            Ok(status) => status.clone(),
            Err(_) => Status::Stopping,
        }
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&name.len())
        && name.bytes().all(allowed)
        && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
}
