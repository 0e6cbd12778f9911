//! What a node knows of a chain beside its history: `chain.json`.

use crate::error::HostError;
use crate::folder::{read_bounded, write_durably};
use crate::hex;
use playfair_sequencer::Settings;
use playfair_types::tape::genesis::GenesisRecord;
use playfair_types::{Decode, Encode};
use serde::{Deserialize, Serialize};
use std::path::Path;

const FILE: &str = "chain.json";
/// A genesis record is at most 16 KiB, in hexadecimal digits.
pub(crate) const BYTES_MAX: u64 = 64 << 10;

/// What the operator wants of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// It takes calls and makes blocks.
    Running,
    /// It can be read, and that is all.
    Paused,
    /// Its files are kept, and nobody opens them.
    Archived,
}

/// How an operator runs a chain. None of it is part of the chain's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChainSettings {
    /// Time between blocks, ms. Default 100.
    pub interval_ms: u64,
    /// Gas that the calls of a block may use, in all. Default 16,000,000.
    pub block_gas_max: u64,
    /// Bytes of a block's records. Default 1 MiB.
    pub block_bytes_max: u64,
    /// Rows that may be executed and not proven; the least of this and what genesis says counts. Default: no bound.
    pub unproven_rows_max: u64,
    /// Blocks whose state can still be read and proven against. Default 1,024.
    pub retain_blocks: u64,
    /// Blocks whose state is kept because they are not proven yet, at most; beyond it, proving first executes the chain again.
    /// Default 20,000.
    pub retain_unproven_blocks: u64,
    /// Blocks that are kept, at least; what is older goes, unless it is to be proven and is not yet. Default 0: everything.
    pub keep_blocks: u64,
    /// Whether the chain is to be proven, on a node that proves. Default: yes.
    pub prove: bool,
    /// Calls a second on each lane of an account on a free chain, in the long run. Default 20.
    pub account_calls_per_s: u32,
    /// Calls that an account on a free chain may send at once on each lane. Default 64.
    pub account_calls_burst: u32,
    /// Gas a second on each lane of an account on a free chain, by the limits of its calls. Default 2,000,000.
    pub account_gas_per_s: u64,
    /// Memory for the caches of state and history, MiB each. Default 32.
    pub cache_mb: u32,
}

impl Default for ChainSettings {
    fn default() -> Self {
        let settings = Settings::default();
        Self {
            interval_ms: settings.interval_ms,
            block_gas_max: settings.block_gas_max,
            block_bytes_max: settings.block_bytes_max,
            unproven_rows_max: settings.unproven_rows_max,
            retain_blocks: 1_024,
            retain_unproven_blocks: 20_000,
            keep_blocks: 0,
            prove: true,
            account_calls_per_s: settings.pool.quota.calls_per_s,
            account_calls_burst: settings.pool.quota.calls_burst,
            account_gas_per_s: settings.pool.quota.gas_per_s,
            cache_mb: 32,
        }
    }
}

impl ChainSettings {
    pub(crate) fn sequencer(&self) -> Settings {
        let mut settings = Settings {
            interval_ms: self.interval_ms.clamp(1, 60_000),
            block_gas_max: self.block_gas_max,
            block_bytes_max: self.block_bytes_max.min(8 << 20),
            unproven_rows_max: self.unproven_rows_max,
            cache_bytes: (self.cache_mb.clamp(1, 65_536) as usize) << 20,
            ..Settings::default()
        };
        let quota = &mut settings.pool.quota;
        quota.calls_per_s = self.account_calls_per_s;
        quota.calls_burst = self.account_calls_burst;
        quota.gas_per_s = self.account_gas_per_s;
        quota.gas_burst = quota.gas_burst.max(self.account_gas_per_s);
        settings
    }
}

/// A chain, as its file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What operators call it.
    pub name: String,
    /// Its first record.
    pub genesis: GenesisRecord,
    /// What it shall be.
    pub wish: Wish,
    /// How it is run.
    pub settings: ChainSettings,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    genesis: String,
    wish: Wish,
    settings: ChainSettings,
}

impl Record {
    pub(crate) fn load(folder: &Path) -> Result<Self, HostError> {
        let path = folder.join(FILE);
        let bytes = read_bounded(&path, BYTES_MAX)?;
        Self::from_json(&bytes).map_err(|what| HostError::Damaged { path, what })
    }

    /// The chain of a file's bytes; or what is wrong with them.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let file: File = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let genesis = hex::decode(&file.genesis).and_then(|bytes| GenesisRecord::decode(&bytes).ok());
        Ok(Self {
            name: file.name,
            genesis: genesis.ok_or("its genesis is no genesis record")?,
            wish: file.wish,
            settings: file.settings,
        })
    }

    /// The file's text.
    pub(crate) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&File {
            name: self.name.clone(),
            genesis: hex::encode(&self.genesis.encode()),
            wish: self.wish,
            settings: self.settings,
        })
    }

    pub(crate) fn save(&self, folder: &Path) -> Result<(), HostError> {
        let path = folder.join(FILE);
        let text = self.to_json().map_err(|error| HostError::Damaged {
            path: path.clone(),
            what: error.to_string(),
        })?;
        write_durably(&path, text.as_bytes(), 0o644)
    }
}
