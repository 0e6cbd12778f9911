//! Limits, lanes and gas prices: the numbers that bound every format and every call.
//!
//! One unit of **gas** is the room of one trace row in the circuit. All row types share the same columns, so rows are
//! the one resource that a proof runs out of, and every other lane (memory words, hashes, state paths, bytes) is
//! priced as the rows it takes *at worst*. A call whose gas fits [`CALL_GAS_MAX`] therefore fits the largest shape.
//!
//! The numbers of a [`GasSchedule`] are calibrated against the circuit; their *format* is frozen, their values are
//! named by [`GasSchedule::version`], which is part of the module hash (through the instrumentation version) and of
//! the genesis parameters. A new set of prices is a new version, never an edit of an old one.

/// Longest user key of the state, bytes.
pub const KEY_BYTES_MAX: usize = 64;
/// Longest value of the state, bytes.
pub const VALUE_BYTES_MAX: usize = 4096;
/// Longest payload of a call, bytes.
pub const PAYLOAD_BYTES_MAX: usize = 4096;
/// Longest return value of a call, bytes.
pub const OUTPUT_BYTES_MAX: usize = 1024;
/// Longest message of a revert, bytes.
pub const REVERT_BYTES_MAX: usize = 256;
/// Longest data of one event, bytes.
pub const EVENT_BYTES_MAX: usize = 1024;
/// Most events of one call.
pub const EVENTS_MAX: usize = 64;
/// Longest payload of one outbox message, bytes.
pub const MESSAGE_BYTES_MAX: usize = 1024;
/// Most outbox messages of one call.
pub const MESSAGES_MAX: usize = 16;
/// Longest encoding of the genesis parameters, bytes.
pub const GENESIS_BYTES_MAX: usize = 16_384;
/// Most initial balances in the genesis parameters.
pub const GENESIS_BALANCES_MAX: usize = 256;
/// Nonce lanes of an account.
pub const NONCE_LANES: usize = 8;
/// Entry points that a session key's scope can name are `0..SESSION_ENTRIES`.
pub const SESSION_ENTRIES: u8 = 64;
/// Entries from here on belong to the system, not to the module.
pub const SYSTEM_ENTRY_MIN: u8 = 240;
/// Bits of a state key, and so the greatest depth of the state tree.
pub const STATE_KEY_BITS: usize = 248;
/// Most keys of one state proof.
pub const STATE_PROOF_KEYS_MAX: usize = 1024;
/// Longest encoding of a state proof, bytes.
pub const STATE_PROOF_BYTES_MAX: usize = 1 << 22;
/// Longest halo2 proof that an envelope carries, bytes.
pub const PROOF_BYTES_MAX: usize = 65_535;
/// Most gas of one call: three quarters of the rows of the largest shape (k = 19), so that framing, signature, batch
/// update overhead and blinding rows always fit beside it.
pub const CALL_GAS_MAX: u32 = 393_216;
/// Gas of the module's `init` at genesis: with [`GENESIS_BALANCES_MAX`] balances beside it, a genesis fits one segment.
pub const INIT_GAS: u32 = 196_608;
/// Depth of the state tree that prices assume. To make a pair of keys that share this many bits takes some 2^48 hashes, and a call
/// that suffers from depth needs hundreds of such pairs; what lies deeper fits what [`CALL_GAS_MAX`] leaves of the largest shape.
pub const PRICED_STATE_DEPTH: u32 = 96;

/// Prices of one schedule, in gas (rows).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GasSchedule {
    /// The number that genesis parameters and instrumentation name this schedule by.
    pub version: u16,
    /// Any call: signature, account and key records, receipt.
    pub call_base: u32,
    /// One frame of 124 bytes of the tape: read, absorbed, decoded.
    pub frame: u32,
    /// One row of the register machine. What instructions and host functions take at worst is counted in rows, in the tables of
    /// admission and of the host.
    pub row: u32,
    /// One started word of 8 bytes that a host function reads or writes, hashing included.
    pub word: u32,
    /// One started word of 8 bytes of `memory.copy` and `memory.fill`. A power of two.
    pub bulk_word: u32,
    /// One `poseidon5` permutation of a length that the module chooses: state values, events, outputs.
    pub permutation: u32,
    /// First touch of a module's state key in a run, and each account that a host function opens: its way to the root before, which
    /// has [`PRICED_STATE_DEPTH`] levels at most, and one of the root after.
    pub state_key: u32,
    /// First change of it in a run, and each account that a host function changes: the other way to the root after.
    pub state_write: u32,
    /// One system entry, beside the call's base.
    pub system_entry: u32,
    /// One frame of 124 bytes of the outbox.
    pub message_frame: u32,
}

/// Schedule 2, the first that was measured: no price is below the rows of the machine that it stands for
/// (`cargo xtask bench proofs`, docs/BENCHMARKS.md). Schedule 1 was an estimate, which no chain was ever proven under; it is gone.
pub const GAS_SCHEDULE_2: GasSchedule = GasSchedule {
    version: 2,
    call_base: 3_600,
    frame: 480,
    row: 1,
    word: 4,
    bulk_word: 8,
    permutation: 24,
    state_key: 200 + 29 * PRICED_STATE_DEPTH,
    state_write: 100 + 23 * PRICED_STATE_DEPTH,
    system_entry: 4_096,
    message_frame: 800,
};

/// The schedule of new chains.
pub const GAS_SCHEDULE: &GasSchedule = &GAS_SCHEDULE_2;

impl GasSchedule {
    /// What a record of this many frames costs before anything runs: every call's least gas limit, and the work of
    /// records that are not calls.
    #[must_use]
    pub const fn record_base(&self, frames: u32) -> u32 {
        self.call_base.saturating_add(self.frame.saturating_mul(frames))
    }
}

/// The schedule with this version, if this build knows it.
#[must_use]
pub fn gas_schedule(version: u16) -> Option<&'static GasSchedule> {
    (version == GAS_SCHEDULE.version).then_some(GAS_SCHEDULE)
}
