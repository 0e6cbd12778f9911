//! The numbers that bound a chain's blocks.

use playfair_mempool::Limits;
use playfair_storage::log::{BODY_BYTES_MAX, FILE_BYTES};
use playfair_types::limits::CALL_GAS_MAX;

/// How a chain is sequenced. None of it is part of the chain's rules: another sequencer may choose otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Time between blocks, ms. Default 100.
    pub interval_ms: u64,
    /// Gas that the calls of a block may use, in all. At least that of one call. Default 16,000,000: on one core some tens of
    /// milliseconds.
    pub block_gas_max: u64,
    /// Bytes of a block's calls. At least those of one call, at most half of what the tape log takes. Default 1 MiB.
    pub block_bytes_max: u64,
    /// Rows that may be executed and not proven. The least of this and what genesis says counts. Default: no bound.
    pub unproven_rows_max: u64,
    /// The part of it, in hundredths, above which blocks become smaller. Default 75.
    pub slow_percent: u8,
    /// What may wait.
    pub pool: Limits,
    /// A file of the tape log takes no further block when it is this long, bytes. Default 64 MiB.
    pub log_file_bytes: u64,
    /// Memory for the caches of state and history, bytes each. Default 32 MiB.
    pub cache_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval_ms: 100,
            block_gas_max: 16_000_000,
            block_bytes_max: 1 << 20,
            unproven_rows_max: u64::MAX,
            slow_percent: 75,
            pool: Limits::default(),
            log_file_bytes: FILE_BYTES,
            cache_bytes: 32 << 20,
        }
    }
}

impl Settings {
    /// These settings, with every number at least what its documentation says.
    #[must_use]
    pub(crate) fn sound(mut self) -> Self {
        self.block_gas_max = self.block_gas_max.max(CALL_GAS_MAX.into());
        self.block_bytes_max = self.block_bytes_max.clamp(64 << 10, BODY_BYTES_MAX as u64 / 2);
        self.slow_percent = self.slow_percent.min(100);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_settings_make_blocks_that_the_log_does_not_take() {
        let most = Settings {
            block_bytes_max: u64::MAX,
            ..Settings::default()
        };
        assert!(most.sound().block_bytes_max < BODY_BYTES_MAX as u64);
        let least = Settings {
            block_bytes_max: 0,
            block_gas_max: 0,
            ..Settings::default()
        };
        assert!(least.sound().block_gas_max >= u64::from(CALL_GAS_MAX));
        assert_eq!(least.sound().block_bytes_max, 64 << 10);
    }
}
