//! What a call used of each lane of the circuit, counted the same way on every machine.

use playfair_abi::host::{Dynamic, Fixed};
use playfair_types::limits::GasSchedule;

/// Counts of one run. Gas prices every lane as rows at worst, so a run that gas admits fits the largest shape; these
/// counts say how the gas was spent, and tests hold them to the bounds that gas implies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// Gas of basic blocks: a proxy for register-machine rows, and for loads and stores.
    pub rows: u32,
    /// Host calls.
    pub host_calls: u32,
    /// Rows that they take beside what is counted below.
    pub host_rows: u32,
    /// Words that they moved.
    pub words: u32,
    /// `poseidon5` permutations of lengths that the module chose.
    pub permutations: u32,
    /// State paths: keys touched, accounts opened.
    pub state_keys: u32,
    /// Keys and accounts changed.
    pub state_writes: u32,
    /// Frames of the outbox.
    pub frames: u32,
}

impl Lanes {
    /// The gas of host calls.
    #[must_use]
    pub const fn host_gas(&self, schedule: &GasSchedule) -> u32 {
        let dynamic = Dynamic {
            words: self.words,
            permutations: self.permutations,
            state_keys: self.state_keys,
            state_writes: self.state_writes,
            frames: self.frames,
        };
        self.host_rows * schedule.row + dynamic.gas(schedule)
    }

    pub(super) fn add_fixed(&mut self, fixed: Fixed) {
        self.host_calls += 1;
        self.host_rows += fixed.rows;
        self.frames += fixed.frames;
    }

    pub(super) fn add(&mut self, price: Dynamic) {
        self.words += price.words;
        self.permutations += price.permutations;
        self.state_keys += price.state_keys;
        self.state_writes += price.state_writes;
        self.frames += price.frames;
    }
}
