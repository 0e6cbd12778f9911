//! A chain from a snapshot, in a data folder where no node runs. It is made beside the others under a name that the next start would
//! remove, opened once as a node would open it, and only then gets its place.

use super::kind;
use super::read::Reader;
use crate::error::HostError;
use crate::folder::{DataFolder, make_folder, sync_parent};
use crate::host::{DRAFT, is_name};
use crate::modules::{MODULE_BYTES_MAX, ModuleCheck, Modules};
use crate::record::{BYTES_MAX, Record};
use crate::{hex, kept, keys};
use playfair_bls::{SecretKey, Signer, Verifier};
use playfair_sequencer::{Checkpoint, OpenError, Origin, Sequencer};
use playfair_storage::log::{Body, Salt, TapeLog};
use playfair_storage::proofs::{Proofs, Tip};
use playfair_storage::{Folder, Medium, base};
use playfair_types::Decode;
use playfair_types::crypto::field::{Fr, fr_from_bytes, fr_to_bytes};
use playfair_types::envelope::ProofEnvelope;
use playfair_types::tape::call_message;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Memory for the cache of proofs, bytes.
const CACHE: usize = 4 << 20;

/// Modules that a snapshot may bring.
const MODULES_MAX: usize = 64;

/// A chain that was restored.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What it is called here.
    pub name: String,
    /// Its id, in hexadecimal digits.
    pub id: String,
    /// Its last block.
    pub height: u64,
    /// How far it is proven.
    pub tip: Tip,
}

/// Who looks at a snapshot's proofs: this room knows no proof system. What it answers with is why the snapshot is refused.
pub trait ProofCheck {
    /// A verifying key, by the digest under which it came.
    ///
    /// # Errors
    /// When it is none, or another one.
    fn key(&mut self, digest: Fr, key: &[u8]) -> Result<(), String>;

    /// The next proof of the chain, as they follow each other.
    ///
    /// # Errors
    /// When it does not hold.
    fn proof(&mut self, envelope: &ProofEnvelope) -> Result<(), String>;

    /// All have come.
    ///
    /// # Errors
    /// When one of them does not hold.
    fn end(&mut self) -> Result<(), String>;
}

/// What a snapshot has said so far.
struct Draft {
    record: Record,
    key: SecretKey,
    path: PathBuf,
    disk: Folder,
    id: Fr,
    salt: Salt,
}

/// Restores a chain in a data folder, which is made if there is none. `key` is the content of its `committee.key`, unless the snapshot has it;
/// `name` what it is to be called here, unless as before; `proofs` looks at its proofs.
///
/// # Errors
/// [`HostError::InUse`] while a node runs there, [`HostError::Exists`], [`HostError::Snapshot`] and others as they say. There is no such
/// chain then; modules may have been added.
pub fn restore(
    data: &Path,
    check: ModuleCheck,
    input: impl Read,
    key: Option<&str>,
    name: Option<String>,
    proofs: &mut dyn ProofCheck,
) -> Result<Restored, HostError> {
    let folder = DataFolder::open(data)?;
    let modules = Modules::new(folder.path().join("modules"), check)?;
    let chains = folder.path().join("chains");
    let mut input = Reader(input);
    input.begin()?;
    let mut next = input.kind()?;
    expect(next, kind::RECORD)?;
    let bytes = input.bytes(next, BYTES_MAX as usize)?;
    let mut record = Record::from_json(&bytes).map_err(|why| refused(format!("its chain.json: {why}")))?;
    record.name = name.unwrap_or(record.name);
    free(&chains, &record)?;

    next = input.kind()?;
    let mut own = None;
    if next == kind::KEY {
        own = Some(zeroize::Zeroizing::new(input.bytes(next, 128)?));
        next = input.kind()?;
    }
    let own = own.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
    let text = key.or(own).ok_or_else(|| {
        refused(
            "it comes without the key of the chain's committee, without which nobody can go on with the chain: \
             give the chain's committee.key with --key",
        )
    })?;
    let key = keys::of_text(text).ok_or_else(|| refused("the key is no committee's key"))?;
    let mut count = 0;
    while next == kind::MODULE {
        count += 1;
        if count > MODULES_MAX {
            return Err(refused("it has more modules than a chain would have had"));
        }
        modules.add(&input.bytes(next, MODULE_BYTES_MAX)?)?;
        next = input.kind()?;
    }
    expect(next, kind::BASE)?;

    let id = record.genesis.chain_id();
    let id_text = hex::encode(&fr_to_bytes(&id));
    let path = chains.join(format!("{DRAFT}{id_text}"));
    if path.exists() {
        fs::remove_dir_all(&path).map_err(HostError::io(&path))?;
    }
    make_folder(&path)?;
    let mut salt = [0; 16];
    keys::fill(&mut salt, &path)?;
    let disk = Folder::new(&path).map_err(HostError::io(&path))?;
    let draft = Draft {
        record,
        key,
        path,
        disk,
        id,
        salt,
    };
    let made = draft.make(&mut input, &modules, proofs);
    let (height, tip) = match made {
        Ok(made) => made,
        Err(error) => {
            // Best effort: the next start removes what is left.
            let _ = fs::remove_dir_all(&draft.path);
            return Err(error);
        }
    };
    let place = chains.join(&id_text);
    fs::rename(&draft.path, &place).map_err(HostError::io(&place))?;
    sync_parent(&place)?;
    Ok(Restored {
        name: draft.record.name,
        id: id_text,
        height,
        tip,
    })
}

fn refused(why: impl Into<String>) -> HostError {
    HostError::Snapshot(why.into())
}

fn failed(error: impl std::error::Error) -> HostError {
    refused(error.to_string())
}

fn expect(found: u8, wanted: u8) -> Result<(), HostError> {
    match found == wanted {
        true => Ok(()),
        false => Err(refused("its parts are not in order: the file is damaged")),
    }
}

/// Whether there is a place for the chain here.
fn free(chains: &Path, record: &Record) -> Result<(), HostError> {
    if !is_name(&record.name) {
        return Err(HostError::Name(record.name.chars().take(64).collect()));
    }
    let id = hex::encode(&fr_to_bytes(&record.genesis.chain_id()));
    if chains.join(&id).exists() {
        return Err(HostError::Exists(id));
    }
    for entry in fs::read_dir(chains).map_err(HostError::io(chains))? {
        let path = entry.map_err(HostError::io(chains))?.path();
        if Record::load(&path).is_ok_and(|other| other.name == record.name) {
            return Err(HostError::Exists(record.name.clone()));
        }
    }
    Ok(())
}

impl Draft {
    /// Fills the folder with what the rest of the snapshot says; the chain's height, and how far it is proven.
    fn make<R: Read>(
        &self,
        input: &mut Reader<R>,
        modules: &Modules,
        proofs: &mut dyn ProofCheck,
    ) -> Result<(u64, Tip), HostError> {
        let base = base::take(&self.disk, &mut input.part(kind::BASE), self.id).map_err(failed)?;
        // The history answers for calls by these names.
        let named = base.block().records.iter().all(|done| {
            let message = || call_message(self.id, &done.record);
            done.id
                .is_none_or(|id| message().is_ok_and(|message| fr_to_bytes(&message) == id))
        });
        if !named {
            return Err(refused("a call of its base has another's name"));
        }
        let height = self.blocks(input, base.height())?;
        drop(base);
        self.proofs(input, proofs)?;
        expect(input.kind()?, kind::END)?;
        input.end()?;
        let tip = self.open(modules, height)?;
        for name in fs::read_dir(&self.path).map_err(HostError::io(&self.path))? {
            // Files that were empty before there was a base in them.
            let path = name.map_err(HostError::io(&self.path))?.path();
            if path.extension().is_some_and(|end| end == "damaged") {
                fs::remove_file(&path).map_err(HostError::io(&path))?;
            }
        }
        keys::save(&self.path, &self.key)?;
        self.record.save(&self.path)?;
        Ok((height, tip))
    }

    /// Writes the blocks after the base into a log, and tells the height of the last one.
    fn blocks<R: Read>(&self, input: &mut Reader<R>, base: u64) -> Result<u64, HostError> {
        expect(input.kind()?, kind::BLOCKS)?;
        let signer = self.signer();
        let verifier = Verifier::new(signer.committee(), self.id);
        let verifier = verifier.map_err(|_| refused("the key is no committee's key"))?;
        let log = TapeLog::create(self.disk.clone(), self.id, base + 1, self.salt);
        let mut log = log.map_err(failed)?;
        let mut part = input.part(kind::BLOCKS);
        while let Some(chunk) = part.chunk()? {
            let height = log.next();
            let body = Body::decode(&chunk);
            let certified = body.filter(|body| {
                let certificate = body.certificate.as_ref();
                certificate.is_some_and(|certificate| verifier.certificate(certificate).is_ok())
            });
            let body = certified.ok_or_else(|| {
                refused(format!(
                    "block {height} has no certificate of the committee with this key: is it this chain's committee.key?"
                ))
            })?;
            log.append(&body).map_err(failed)?;
        }
        log.sync().map_err(failed)?;
        Ok(log.next() - 1)
    }

    fn proofs<R: Read>(&self, input: &mut Reader<R>, check: &mut dyn ProofCheck) -> Result<(), HostError> {
        let medium = Medium::open(&self.disk, kept::FILE).map_err(HostError::io(&self.path))?;
        let proofs = Proofs::open(medium, CACHE, self.id).map_err(failed)?;
        expect(input.kind()?, kind::KEYS)?;
        let mut part = input.part(kind::KEYS);
        while let Some(chunk) = part.chunk()? {
            let split = chunk.split_first_chunk();
            let read = split.and_then(|(digest, key)| Some((fr_from_bytes(digest)?, key)));
            let (digest, key) = read.ok_or_else(|| refused("a verifying key has no digest"))?;
            check.key(digest, key).map_err(refused)?;
            proofs.put_key(digest, key).map_err(failed)?;
        }
        expect(input.kind()?, kind::PROOFS)?;
        let mut part = input.part(kind::PROOFS);
        while let Some(chunk) = part.chunk()? {
            let envelope = ProofEnvelope::decode(&chunk).map_err(failed)?;
            check.proof(&envelope).map_err(refused)?;
            proofs.put(&envelope).map_err(failed)?;
        }
        check.end().map_err(refused)
    }

    /// Opens the chain as a node would: base, state and all blocks are checked. Then stops it, with everything written.
    fn open(&self, modules: &Modules, height: u64) -> Result<Tip, HostError> {
        modules.load(&self.record.genesis.params.module)?;
        let origin = Origin {
            genesis: self.record.genesis.clone(),
            certifier: self.signer(),
            salt: self.salt,
            is_new: false,
            distrust: false,
        };
        let engine = modules.engine().clone();
        let settings = self.record.settings.sequencer();
        let opened = Sequencer::open(engine, self.disk.clone(), origin, settings);
        let sequencer = opened.map_err(|error| match error {
            OpenError::Uncertified { height } => refused(format!(
                "block {height} is not certified by the committee with this key: is it this chain's committee.key?"
            )),
            error => failed(error),
        })?;
        let sequencer = sequencer.sequencer;
        if sequencer.last().height() != height {
            return Err(refused(format!("its blocks do not lead to {height}")));
        }
        let medium = Medium::open(&self.disk, kept::FILE).map_err(HostError::io(&self.path))?;
        let tip = Proofs::open(medium, CACHE, self.id).map_err(failed)?.tip();
        if !kept::fits(sequencer.history(), &tip) {
            return Err(refused("its proofs are of other blocks"));
        }
        let (_, checkpoint) = sequencer.close();
        checkpoint.and_then(Checkpoint::write).map_err(failed)?;
        Ok(tip)
    }

    fn signer(&self) -> Signer {
        Signer::new(self.key.clone(), 0, self.id)
    }
}
