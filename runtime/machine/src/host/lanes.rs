//! What a call used of each lane of the circuit, counted the same way on every machine.

use playfair_types::limits::GasSchedule;

/// Counts of one run. Gas prices every lane as rows at worst, so a run that gas admits fits the largest shape; these
/// counts say how the gas was spent, and tests hold them to the bounds that gas implies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// Gas of basic blocks: a proxy for register-machine rows, and for loads and stores.
    pub rows: u32,
    /// Host calls.
    pub host_calls: u32,
    /// Words that host calls moved.
    pub words: u32,
    /// `poseidon5` permutations.
    pub permutations: u32,
    /// State paths: keys touched, balances, sides of transfers.
    pub state_keys: u32,
    /// Frames of the outbox.
    pub frames: u32,
}

impl Lanes {
    /// The gas of host calls.
    #[must_use]
    pub const fn host_gas(&self, schedule: &GasSchedule) -> u32 {
        self.host_calls * schedule.host_call
            + self.words * schedule.memory_access
            + self.permutations * schedule.permutation
            + self.state_keys * schedule.state_key
            + self.frames * schedule.frame
    }

    pub(super) fn add(&mut self, words: u32, permutations: u32, state_keys: u32, frames: u32) {
        self.words += words;
        self.permutations += permutations;
        self.state_keys += state_keys;
        self.frames += frames;
    }
}
