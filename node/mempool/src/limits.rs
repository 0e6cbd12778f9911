//! The numbers that bound a pool.

use playfair_types::limits::CALL_GAS_MAX;

/// Whether a call's gas price says how much it is worth to its own account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pricing {
    /// It does not: nobody pays, or somebody else does (a sponsor). Accounts have quotas.
    Free,
    /// It does: the calling account pays.
    Paid,
}

/// What one lane of an account of a free chain may send. A bucket starts full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Calls that a lane which was silent may send at once. At least 1. Default 64.
    pub calls_burst: u32,
    /// Calls per second in the long run. At least 1. Default 20.
    pub calls_per_s: u32,
    /// Gas (of limits, not of use) that a lane which was silent may send at once. At least that of one call.
    /// Default 16 calls of the most gas.
    pub gas_burst: u64,
    /// Gas per second in the long run. At least 1. Default 2,000,000.
    pub gas_per_s: u64,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            calls_burst: 64,
            calls_per_s: 20,
            gas_burst: 16 * CALL_GAS_MAX as u64,
            gas_per_s: 2_000_000,
        }
    }
}

/// The bounds of a pool. Numbers that contradict each other are raised to what makes sense, see each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most calls that wait. Default 100,000.
    pub calls_max: u32,
    /// Most bytes of their records. Default 64 MiB.
    pub bytes_max: u64,
    /// Most calls of one account; beyond them, one in each lane that has no other. Default 64.
    pub account_calls_max: u32,
    /// Most bytes of one account's records; beyond them, a call in each lane that has no other. Default 128 KiB.
    pub account_bytes_max: u64,
    /// Nonces of a lane that may wait: next, next + 1, ... At least 1. Some work is proportional to it. Default 16.
    pub lane_window: u32,
    /// What must be left of a call's life when it comes, ms. Default 250.
    pub margin_ms: u64,
    /// How long a call waits for a gap before it to be filled, ms; it may be twice that. Default 15,000.
    pub gap_ms: u64,
    /// Most gas limit of a call. Default [`CALL_GAS_MAX`].
    pub call_gas_max: u32,
    /// Gas that an account may be served in one turn. At least `call_gas_max`, which is the default, so that every turn
    /// serves a call and the next one is found without searching.
    pub quantum: u64,
    /// Accounts that one block passes over because their call does not fit what is left; after as many the block counts
    /// as full. Bounds the search at a block's end. At least 1. Default 256.
    pub skips_max: u32,
    /// Quotas of each lane of an account, on free chains.
    pub quota: Quota,
    /// Most buckets that are not full, so must be remembered; an account has one for each lane. At least 1. Default 100,000.
    pub buckets_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_max: 100_000,
            bytes_max: 64 << 20,
            account_calls_max: 64,
            account_bytes_max: 128 << 10,
            lane_window: 16,
            margin_ms: 250,
            gap_ms: 15_000,
            call_gas_max: CALL_GAS_MAX,
            quantum: CALL_GAS_MAX as u64,
            skips_max: 256,
            quota: Quota::default(),
            buckets_max: 100_000,
        }
    }
}

impl Limits {
    /// These limits, with every number at least what its documentation says.
    pub(crate) fn sound(mut self) -> Self {
        let gas = u64::from(self.call_gas_max);
        self.lane_window = self.lane_window.max(1);
        self.quantum = self.quantum.max(gas).max(1);
        self.skips_max = self.skips_max.max(1);
        self.buckets_max = self.buckets_max.max(1);
        self.quota.calls_burst = self.quota.calls_burst.max(1);
        self.quota.calls_per_s = self.quota.calls_per_s.max(1);
        self.quota.gas_burst = self.quota.gas_burst.max(gas);
        self.quota.gas_per_s = self.quota.gas_per_s.max(1);
        self
    }

    /// How many slots a call of so many bytes holds: 1, or as many as its share of `bytes_max` is of `calls_max`, so that large
    /// calls count as what they keep others from.
    #[must_use]
    pub fn slots(&self, bytes: u32) -> u64 {
        let share =
            (u128::from(bytes) * u128::from(self.calls_max)).div_ceil(u128::from(self.bytes_max.max(1)));
        u64::try_from(share).unwrap_or(u64::MAX).max(1)
    }
}
