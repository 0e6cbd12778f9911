//! A sum of multiples of many points.
//!
//! The bucket method of N. Pippenger ("On the evaluation of powers and related problems", 1976)
//! with signed digits: for every window of `c` bits the points are sorted into `2^(c-1)` buckets
//! by their digit, and the buckets are summed with their weights by two running sums.

use super::super::babyjubjub::curve::{Extended, Prepared};
use alloc::vec;
use alloc::vec::Vec;

/// Bits of a scalar: all are below `l < 2^251`.
const BITS: usize = 251;

/// Points and their scalars, the latter least significant limb first and below `2^251`.
pub(super) struct Terms {
    points: Vec<Prepared>,
    scalars: Vec<[u64; 4]>,
}

impl Terms {
    pub(super) fn with_capacity(n: usize) -> Self {
        Self {
            points: Vec::with_capacity(n),
            scalars: Vec::with_capacity(n),
        }
    }

    pub(super) fn push(&mut self, point: Prepared, scalar: [u64; 4]) {
        self.points.push(point);
        self.scalars.push(scalar);
    }

    /// The sum of all multiples.
    pub(super) fn sum(&self) -> Extended {
        let c = window_bits(self.points.len());
        // One bit more than the scalars have, for the carry out of the highest digit.
        let windows = BITS / c + 1;
        let digits = self.digits(c, windows);
        let mut buckets = vec![Extended::IDENTITY; 1 << (c - 1)];
        let mut total = Extended::IDENTITY;
        for row in digits.chunks_exact(self.points.len().max(1)).rev() {
            total = total.double_times(c as u32);
            buckets.fill(Extended::IDENTITY);
            for (digit, point) in row.iter().zip(&self.points) {
                let index = usize::from(digit.unsigned_abs()).wrapping_sub(1);
                // The digit zero has no bucket.
                if let Some(bucket) = buckets.get_mut(index) {
                    *bucket = if *digit < 0 {
                        bucket.add_prepared(&point.negated())
                    } else {
                        bucket.add_prepared(point)
                    };
                }
            }
            let mut running = Extended::IDENTITY;
            for bucket in buckets.iter().rev() {
                running = running.add(bucket);
                total = total.add(&running);
            }
        }
        total
    }

    /// Digits from `-2^(c-1)` to `2^(c-1)`, window by window from the lowest.
    fn digits(&self, c: usize, windows: usize) -> Vec<i16> {
        let mut digits = Vec::with_capacity(windows * self.scalars.len());
        let mut carries = vec![0u64; self.scalars.len()];
        let (mask, half) = ((1u64 << c) - 1, 1u64 << (c - 1));
        for window in 0..windows {
            let bit = window * c;
            for (scalar, carry) in self.scalars.iter().zip(&mut carries) {
                let word = |i: usize| scalar.get(i).copied().unwrap_or(0);
                let pair = u128::from(word(bit / 64)) | u128::from(word(bit / 64 + 1)) << 64;
                let digit = ((pair >> (bit % 64)) as u64 & mask) + *carry;
                *carry = u64::from(digit > half);
                digits.push(if digit > half {
                    digit as i16 - (1 << c)
                } else {
                    digit as i16
                });
            }
        }
        digits
    }
}

/// The window that measurements favour for `n` points.
fn window_bits(n: usize) -> usize {
    match n {
        0..=24 => 4,
        25..=120 => 5,
        121..=400 => 6,
        401..=1200 => 7,
        1201..=4000 => 8,
        4001..=12_000 => 9,
        _ => 10,
    }
}
