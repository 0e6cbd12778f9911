//! A small seeded generator (SplitMix64, Steele, Lea and Flood 2014), so that every run can be repeated.

/// A deterministic stream of random values.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        match bound {
            0 => 0,
            _ => self.next() % bound,
        }
    }

    /// True once in `times`.
    pub const fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A number of up to 64 bits that is often small, often an edge.
    pub fn number(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(4),
            1 => u64::MAX - self.below(2),
            _ => self.next() >> self.below(64),
        }
    }

    /// `N` random bytes.
    pub fn array<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.next() as u8)
    }

    /// Up to `max` bytes, often none, sometimes exactly `max`.
    pub fn bytes(&mut self, max: usize) -> Vec<u8> {
        let length = match self.below(6) {
            0 => 0,
            1 => max as u64,
            2 => self.below(max as u64 + 1),
            _ => self.below(40.min(max as u64) + 1),
        };
        (0..length).map(|_| self.next() as u8).collect()
    }
}
